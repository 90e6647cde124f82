/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copies a directory tree. Each thing is pinned by an O_PATH descriptor before it is looked at, and
 * opened through that: what was looked at is what is copied.
 *
 * The target may be hostile, too: a volume that another container has mounted, whose root can reach
 * what is being made there and exchange it. So no attribute is set by name. What was made is pinned
 * first, and must be of the kind that was made; no symlink leads elsewhere, and no mount. */
#include "basic/copy-tree.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <search.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "basic/directory.h"
#include "basic/files.h"
#include "basic/text.h"
#include "basic/tree.h"

enum {
        DEEPEST = 128,
        BUFFER_SIZE = 128 * 1024,
};

/* A file with several names, the copy of it, and one name that the copy has. */
typedef struct Link {
        dev_t device;
        ino_t inode;
        dev_t copy_device;
        ino_t copy_inode;
        char path[]; /* below the target */
} Link;

typedef struct Copy {
        int target_fd;
        const CopyOwners *owners;
        Text path;   /* of the directory that is being copied, with a slash at its end; "" at the top */
        void *links; /* a tsearch(3) tree */
        char *buffer;
} Copy;

static int compare_links(const void *x, const void *y) {
        const Link *a = x, *b = y;

        if (a->device != b->device)
                return a->device < b->device ? -1 : 1;
        return (a->inode > b->inode) - (a->inode < b->inode);
}

static void copy_done(Copy *copy) {
        tdestroy(copy->links, free);
        text_done(&copy->path);
        free(copy->buffer);
}

/* Attributes */

/* As fstat(2), with the owner that the copy shall have. */
static int stat_as_copied(const Copy *copy, int fd, struct stat *ret) {
        if (fstat(fd, ret) < 0)
                return -1;
        if (copy->owners)
                copy->owners->translate(copy->owners->userdata, &ret->st_uid, &ret->st_gid);
        return 0;
}

/* Those of overlayfs describe its layers, and a label is for the policy to give. */
static bool is_copied(const char *name) {
        return !streq(name, "security.selinux") && !startswith(name, "trusted.overlay.") &&
               !startswith(name, "user.overlay.");
}

static int copy_attribute(int source_fd, int target_fd, const char *name) {
        ssize_t size = fgetxattr(source_fd, name, NULL, 0);
        _cleanup_free_ char *value = NULL;

        if (size >= 0) {
                value = malloc((size_t) size + 1);
                if (!value)
                        return -ENOMEM;
                size = fgetxattr(source_fd, name, value, (size_t) size);
        }
        if (size < 0)
                return errno == ENODATA ? 0 : -errno;
        if (fsetxattr(target_fd, name, value, (size_t) size, 0) >= 0)
                return 0;
        /* Not every file system has users' attributes. Without the others a file would allow
         * something else. */
        return errno == EOPNOTSUPP && startswith(name, "user.") ? 0 : -errno;
}

static int copy_extended_attributes(int source_fd, int target_fd) {
        ssize_t size = flistxattr(source_fd, NULL, 0);
        _cleanup_free_ char *names = NULL;

        if (size > 0) {
                names = calloc(1, (size_t) size + 1);
                if (!names)
                        return -ENOMEM;
                size = flistxattr(source_fd, names, (size_t) size);
        }
        if (size < 0)
                return errno == EOPNOTSUPP ? 0 : -errno;
        for (const char *name = names; name && name < names + size; name += strlen(name) + 1) {
                int r = is_copied(name) ? copy_attribute(source_fd, target_fd, name) : 0;
                if (r < 0)
                        return r;
        }
        return 0;
}

/* In this order: a new owner takes capabilities and set-user-ID away, and an access control list
 * changes the mode. */
static int copy_attributes_of(const struct stat *st, int source_fd, int target_fd) {
        const struct timespec times[] = { st->st_atim, st->st_mtim };
        int r;

        if (fchown(target_fd, st->st_uid, st->st_gid) < 0)
                return -errno;
        r = copy_extended_attributes(source_fd, target_fd);
        if (r < 0)
                return r;
        if (fchmod(target_fd, st->st_mode & 07777) < 0 || futimens(target_fd, times) < 0)
                return -errno;
        return 0;
}

int copy_attributes(int source_fd, int target_fd) {
        struct stat st;

        return fstat(source_fd, &st) < 0 ? -errno : copy_attributes_of(&st, source_fd, target_fd);
}

/* Hard links */

/* Makes `name` another name of a copy that is there already. Returns 1; 0 when there is none, or
 * somebody has put something else in its place; or -errno. */
static int link_again(const Copy *copy, const struct stat *st, int target_fd, const char *name) {
        const Link wanted = { .device = st->st_dev, .inode = st->st_ino };
        Link *const *found = st->st_nlink > 1 ? tfind(&wanted, &copy->links, compare_links) : NULL;
        _cleanup_close_ int fd = found ? tree_pin(copy->target_fd, (*found)->path) : -EBADF;
        struct stat there;

        if (fd < 0)
                return 0;
        if (fstat(fd, &there) < 0)
                return -errno;
        if (there.st_dev != (*found)->copy_device || there.st_ino != (*found)->copy_inode)
                return 0;
        return linkat(AT_FDCWD, fd_path(fd).text, target_fd, name, AT_SYMLINK_FOLLOW) < 0 ? -errno : 1;
}

/* A path that is too long to be used is not kept: a further name becomes a copy of its own. */
static int remember_link(Copy *copy, const struct stat *st, int fd, const char *name) {
        size_t n = copy->path.length, m = strlen(name);
        Link *link, **known;
        struct stat made;

        if (st->st_nlink < 2 || n + m + 1 > PATH_MAX)
                return 0;
        if (fstat(fd, &made) < 0)
                return -errno;
        link = calloc(1, sizeof(*link) + n + m + 1);
        if (!link)
                return -ENOMEM;
        link->device = st->st_dev;
        link->inode = st->st_ino;
        link->copy_device = made.st_dev;
        link->copy_inode = made.st_ino;
        if (n > 0)
                memcpy(link->path, copy->path.data, n);
        memcpy(link->path + n, name, m + 1);
        known = tsearch(link, &copy->links, compare_links);
        if (!known) {
                free(link);
                return -ENOMEM;
        }
        /* The copy that was known is no more where it was made. */
        if (*known != link) {
                free(*known);
                *known = link;
        }
        return 0;
}

/* Files */

static int copy_bytes(const Copy *copy, int source_fd, int target_fd, off_t start, off_t end) {
        while (start < end) {
                size_t wanted = end - start < BUFFER_SIZE ? (size_t) (end - start) : BUFFER_SIZE;
                ssize_t n = pread(source_fd, copy->buffer, wanted, start);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                if (n == 0)
                        return 0; /* it became shorter */
                for (ssize_t written = 0; written < n;) {
                        ssize_t m = pwrite(target_fd, copy->buffer + written, (size_t) (n - written), start + written);

                        if (m < 0 && errno != EINTR)
                                return -errno;
                        written += m > 0 ? m : 0;
                }
                start += n;
        }
        return 0;
}

/* Up to the size that it had when it was looked at. Holes stay holes. */
static int copy_content(const Copy *copy, int source_fd, int target_fd, off_t size) {
        off_t data = 0, hole;
        int r;

        while (data < size) {
                data = lseek(source_fd, data, SEEK_DATA);
                if (data < 0 && errno == ENXIO)
                        break; /* the rest is a hole */
                if (data < 0)
                        return -errno;
                hole = lseek(source_fd, data, SEEK_HOLE);
                if (hole < 0 || hole > size)
                        hole = size;
                r = copy_bytes(copy, source_fd, target_fd, data, hole);
                if (r < 0)
                        return r;
                data = hole;
        }
        return ftruncate(target_fd, size) < 0 ? -errno : 0;
}

static int copy_file(Copy *copy, int pinned_fd, const struct stat *st, int target_fd, const char *name) {
        _cleanup_close_ int source = -EBADF, target = -EBADF;
        int r;

        r = link_again(copy, st, target_fd, name);
        if (r != 0)
                return r < 0 ? r : 0;
        source = open(fd_path(pinned_fd).text, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        if (source < 0)
                return -errno;
        target = openat(target_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (target < 0)
                return -errno;
        r = copy_content(copy, source, target, st->st_size);
        if (r >= 0)
                r = copy_attributes_of(st, source, target);
        return r < 0 ? r : remember_link(copy, st, target, name);
}

/* Pins what was just made, if that is still what the name stands for. */
static int pin_made(int target_fd, const char *name, mode_t type) {
        _cleanup_close_ int fd = tree_pin(target_fd, name);
        struct stat st;

        if (fd < 0)
                return fd;
        if (fstat(fd, &st) < 0)
                return -errno;
        return (st.st_mode & S_IFMT) == type ? TAKE_FD(fd) : -ESTALE;
}

static int make_symlink(int pinned_fd, int target_fd, const char *name) {
        char target[PATH_MAX];
        ssize_t n = readlinkat(pinned_fd, "", target, sizeof(target) - 1);

        if (n < 0)
                return -errno;
        target[n] = '\0';
        return symlinkat(target, target_fd, name) < 0 ? -errno : 0;
}

/* A symlink or FIFO, which has no content to be opened for. The kernel's own name for a descriptor
 * leads to the very same thing, a symlink included. */
static int copy_other(Copy *copy, int pinned_fd, const struct stat *st, int target_fd, const char *name) {
        const struct timespec times[] = { st->st_atim, st->st_mtim };
        _cleanup_close_ int fd = -EBADF;
        int r;

        r = link_again(copy, st, target_fd, name);
        if (r != 0)
                return r < 0 ? r : 0;
        if (S_ISLNK(st->st_mode))
                r = make_symlink(pinned_fd, target_fd, name);
        else if (mkfifoat(target_fd, name, 0600) < 0)
                r = -errno;
        if (r < 0)
                return r;
        fd = pin_made(target_fd, name, st->st_mode & S_IFMT);
        if (fd < 0)
                return fd;
        if (fchownat(fd, "", st->st_uid, st->st_gid, AT_EMPTY_PATH) < 0 ||
            (S_ISFIFO(st->st_mode) && chmod(fd_path(fd).text, st->st_mode & 07777) < 0) ||
            utimensat(AT_FDCWD, fd_path(fd).text, times, 0) < 0)
                return -errno;
        return remember_link(copy, st, fd, name);
}

/* Directories */

static int copy_entries(Copy *copy, int source_fd, int target_fd, unsigned depth);

static int make_directory(int target_fd, const char *name) {
        int fd;

        if (mkdirat(target_fd, name, 0700) < 0)
                return -errno;
        fd = openat(target_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        return fd < 0 ? -errno : fd;
}

static int copy_directory(Copy *copy, int pinned_fd, const struct stat *st, int target_fd, const char *name,
                          unsigned depth) {
        size_t length = copy->path.length;
        _cleanup_close_ int source = -EBADF, target = -EBADF;
        int r;

        if (depth >= DEEPEST)
                return -ELOOP;
        source = openat(pinned_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (source < 0)
                return -errno;
        target = make_directory(target_fd, name);
        if (target < 0)
                return target;
        text_appendf(&copy->path, "%s/", name);
        if (copy->path.failed)
                return -ENOMEM;
        r = copy_entries(copy, source, target, depth + 1);
        copy->path.length = length;
        copy->path.data[length] = '\0';
        return r < 0 ? r : copy_attributes_of(st, source, target);
}

/* Whatever is mounted there is none of the tree's. */
static int copy_mount_point(int source_fd, int target_fd, const char *name) {
        struct stat st;

        if (fstatat(source_fd, name, &st, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) < 0)
                return -errno;
        return S_ISDIR(st.st_mode) && mkdirat(target_fd, name, 0755) < 0 ? -errno : 0;
}

static int copy_entry(Copy *copy, int source_fd, int target_fd, const char *name, unsigned depth) {
        _cleanup_close_ int pinned = tree_pin(source_fd, name);
        struct stat st;

        if (pinned == -ENOENT)
                return 0; /* gone meanwhile */
        if (pinned == -EXDEV)
                return copy_mount_point(source_fd, target_fd, name);
        if (pinned < 0)
                return pinned;
        if (stat_as_copied(copy, pinned, &st) < 0)
                return -errno;
        switch (st.st_mode & S_IFMT) {
        case S_IFDIR:
                return copy_directory(copy, pinned, &st, target_fd, name, depth);
        case S_IFREG:
                return copy_file(copy, pinned, &st, target_fd, name);
        case S_IFLNK:
        case S_IFIFO:
                return copy_other(copy, pinned, &st, target_fd, name);
        default:
                return 0;
        }
}

static int copy_entries(Copy *copy, int source_fd, int target_fd, unsigned depth) {
        _cleanup_closedir_ DIR *directory = NULL;
        const struct dirent *entry;
        int r;

        r = directory_open_at(source_fd, ".", 0, &directory);
        if (r < 0)
                return r;
        while ((r = directory_next(directory, &entry)) > 0) {
                r = copy_entry(copy, source_fd, target_fd, entry->d_name, depth);
                if (r < 0)
                        return r;
        }
        return r;
}

int copy_tree(int source_fd, int target_fd, const CopyOwners *owners) {
        _cleanup_(copy_done) Copy copy = { .target_fd = target_fd, .owners = owners, .buffer = malloc(BUFFER_SIZE) };
        struct stat st;
        int r;

        text_append(&copy.path, "");
        if (!copy.buffer || copy.path.failed)
                return -ENOMEM;
        r = copy_entries(&copy, source_fd, target_fd, 0);
        if (r < 0)
                return r;
        if (stat_as_copied(&copy, source_fd, &st) < 0)
                return -errno;
        return copy_attributes_of(&st, source_fd, target_fd);
}
