/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Walking a directory tree. Everything is opened once, by O_PATH, and that descriptor is what is
 * looked at, visited and read: who exchanges a name meanwhile exchanges nothing of that.
 *
 * A tree may be deeper than there are descriptors. The directories of the first levels stay open;
 * of the others only the one that is being read, and of those above it, their numbers and how far
 * they were read. The way back is "..", which is another directory when somebody has moved what was
 * walked. That one has another number, and is not gone to: the walk goes on where a directory is
 * still open. One that has got the number of a directory which was removed is new, and of somebody
 * who could have put all that is in there into the tree as well. */
#include "basic/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "basic/directory.h"

enum { HELD = 128 }; /* levels that stay open */

/* A directory that is closed until what is below it has been visited. */
typedef struct Closed {
        dev_t device;
        ino_t inode;
        off_t position; /* behind the entry that is being visited */
} Closed;

typedef struct Walker {
        DIR *held[HELD]; /* the first of `depth` levels */
        DIR *deepest;    /* the last one, below those */
        size_t depth;
        Closed *closed; /* those between */
        size_t allocated;
} Walker;

static int open_as(int directory_fd, const char *name, uint64_t flags, uint64_t resolve) {
        const struct open_how how = {
                .flags = flags | O_NOFOLLOW | O_CLOEXEC,
                .resolve = resolve | RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS,
        };
        int fd = (int) syscall(SYS_openat2, directory_fd, name, &how, sizeof(how));

        return fd < 0 ? -errno : fd;
}

int tree_pin(int directory_fd, const char *name) {
        return open_as(directory_fd, name, O_PATH, RESOLVE_BENEATH);
}

static DIR *current(const Walker *walker) {
        return walker->depth > HELD ? walker->deepest : walker->held[walker->depth - 1];
}

static void close_current(Walker *walker) {
        (void) closedir(current(walker));
        walker->depth--;
}

static void walker_done(Walker *walker) {
        if (walker->depth > HELD)
                close_current(walker);
        walker->depth = walker->depth > HELD ? HELD : walker->depth;
        while (walker->depth > 0)
                close_current(walker);
        free(walker->closed);
}

/* Closes the current directory, to come back to it. */
static int put_aside(Walker *walker, off_t position) {
        size_t number = walker->depth - HELD - 1;
        struct stat st;
        int r;

        if (fstat(dirfd(walker->deepest), &st) < 0)
                return -errno;
        r = ARRAY_RESERVE(walker->closed, walker->allocated, number + 1);
        if (r < 0)
                return r;
        walker->closed[number] = (Closed) { .device = st.st_dev, .inode = st.st_ino, .position = position };
        return 0;
}

/* Goes into a directory, from the entry of the current one that ends at `position`. */
static int enter(Walker *walker, int fd, off_t position) {
        DIR *directory;
        int r;

        r = walker->depth > HELD ? put_aside(walker, position) : 0;
        if (r >= 0)
                r = directory_open_at(fd, ".", 0, &directory);
        if (r < 0)
                return r;
        if (walker->depth > HELD)
                (void) closedir(walker->deepest);
        if (walker->depth < HELD)
                walker->held[walker->depth] = directory;
        else
                walker->deepest = directory;
        walker->depth++;
        return 0;
}

/* Opens the directory that the current one was in, if it still is. Returns 1, 0 when it is not, or
 * -errno. */
static int reopen_parent(const Walker *walker, DIR **ret) {
        const Closed *parent = &walker->closed[walker->depth - HELD - 2];
        _cleanup_close_ int fd = open_as(dirfd(walker->deepest), "..", O_RDONLY | O_DIRECTORY, 0);
        struct stat st;
        int r;

        if (fd == -ENOENT || fd == -EXDEV || fd == -EACCES)
                return 0;
        if (fd < 0)
                return fd;
        if (fstat(fd, &st) < 0)
                return -errno;
        if (st.st_dev != parent->device || st.st_ino != parent->inode)
                return 0;
        if (lseek(fd, parent->position, SEEK_SET) < 0)
                return -errno;
        r = directory_take(TAKE_FD(fd), ret);
        return r < 0 ? r : 1;
}

static int leave(Walker *walker) {
        DIR *parent = NULL;
        int r = walker->depth > HELD + 1 ? reopen_parent(walker, &parent) : 0;

        if (r < 0)
                return r;
        close_current(walker);
        if (r > 0)
                walker->deepest = parent;
        else if (walker->depth > HELD)
                walker->depth = HELD;
        return 0;
}

/* Returns 1 for a directory that is to be entered, 0 or -errno. */
static int visit(int fd, const TreeWalk *walk) {
        struct stat st;
        int r;

        if (fstat(fd, &st) < 0)
                return -errno;
        r = walk->visit(fd, &st, walk->userdata);
        return r < 0 ? r : r == 0 && S_ISDIR(st.st_mode);
}

static int visit_next(Walker *walker, const TreeWalk *walk) {
        _cleanup_close_ int child = -EBADF;
        const struct dirent *entry;
        int r = directory_next(current(walker), &entry);

        if (r == 0 || r == -ENOENT) /* the directory has been removed */
                return leave(walker);
        if (r < 0)
                return r;
        child = tree_pin(dirfd(current(walker)), entry->d_name);
        if (child == -ENOENT || child == -EXDEV)
                return 0;
        r = child < 0 ? child : visit(child, walk);
        return r > 0 ? enter(walker, child, entry->d_off) : r;
}

int tree_walk(int fd, const TreeWalk *walk) {
        _cleanup_(walker_done) Walker walker = {};
        int r = visit(fd, walk);

        if (r > 0)
                r = enter(&walker, fd, 0);
        while (r >= 0 && walker.depth > 0)
                r = visit_next(&walker, walk);
        return r;
}
