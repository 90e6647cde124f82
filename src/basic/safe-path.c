/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Paths of this machine that lead through what users can change. Each step is pinned by O_PATH
 * before it is looked at, and the next one made from there. */
#include "basic/safe-path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "basic/files.h"
#include "basic/path.h"
#include "basic/text.h"

typedef struct Walk {
        int fd;         /* of where it is */
        struct stat st; /* and what that is */
        char *rest;     /* of the path */
        unsigned links;
        bool by_user;   /* a user's symlink was followed */
        uid_t user;     /* whose */
        char *link;     /* which */
        char *loose;    /* the first directory that is not for those alone who are trusted */
        bool may_be_chosen;
} Walk;

static void walk_done(Walk *walk) {
        fd_close(walk->fd);
        free(walk->rest);
        free(walk->link);
        free(walk->loose);
}

/* In a user namespace: what the machine's root looks like, and whether the group 0 has other
 * members than its user 0. */
static uid_t machine_root = 0;
static bool group_is_shared;

void safe_path_enter_user_namespace(bool shares_group) {
        enum { OVERFLOW_ID = 65534 }; /* of proc_sys_fs(5), unless somebody has changed it */

        machine_root = OVERFLOW_ID;
        group_is_shared = shares_group;
}

static bool is_trusted(uid_t uid) {
        return uid == 0 || uid == geteuid() || uid == machine_root;
}

static int go_to(Walk *walk, int fd) {
        if (fd < 0)
                return -errno;
        fd_close(walk->fd);
        walk->fd = fd;
        return fstat(fd, &walk->st) < 0 ? -errno : 0;
}

static int go_to_root(Walk *walk) {
        return go_to(walk, open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
}

/* Cuts the next component off the rest; NULL at the end. */
static char *next_name(Walk *walk) {
        size_t before = strspn(walk->rest, "/"), n = strcspn(walk->rest + before, "/");
        char *name = n > 0 ? strndup(walk->rest + before, n) : NULL;

        memmove(walk->rest, walk->rest + before + n, strlen(walk->rest + before + n) + 1);
        return name;
}

static int read_descriptor(int fd, char **ret) {
        char path[PATH_MAX];
        ssize_t n = readlink(fd_path(fd).text, path, sizeof(path));

        if (n < 0)
                return -errno;
        if ((size_t) n == sizeof(path))
                return -ENAMETOOLONG;
        *ret = strndup(path, (size_t) n);
        return *ret ? 0 : -ENOMEM;
}

/* A user's symlink binds all that follows: what is reached in the end must be that user's. */
static int note_owner(Walk *walk, int link_fd, uid_t owner) {
        if (is_trusted(owner))
                return 0;
        if (walk->by_user)
                return walk->user == owner ? 0 : -ENOLINK;
        walk->by_user = true;
        walk->user = owner;
        return read_descriptor(link_fd, &walk->link);
}

static int follow(Walk *walk, int link_fd, uid_t owner) {
        enum { MOST_LINKS = 40 };
        char target[PATH_MAX], *longer;
        ssize_t n;
        int r;

        if (++walk->links > MOST_LINKS)
                return -ELOOP;
        r = note_owner(walk, link_fd, owner);
        if (r < 0)
                return r;
        n = readlinkat(link_fd, "", target, sizeof(target) - 1);
        if (n < 0)
                return -errno;
        target[n] = '\0';
        longer = text_format("%s/%s", target, walk->rest);
        if (!longer)
                return -ENOMEM;
        free(walk->rest);
        walk->rest = longer;
        return target[0] == '/' ? go_to_root(walk) : 0;
}

bool safe_path_owner_is_trusted(const struct stat *st) {
        return is_trusted(st->st_uid);
}

/* An access control list shows in the mode of the group. */
bool safe_path_is_for_trusted_alone(const struct stat *st) {
        bool is_own = st->st_gid == getegid() && getegid() == geteuid();
        bool group_is_user = ((st->st_gid == 0 || is_own) && !group_is_shared) || st->st_gid == machine_root;

        return is_trusted(st->st_uid) && !(st->st_mode & S_IWOTH) && (group_is_user || !(st->st_mode & S_IWGRP));
}

/* What others may write to is theirs, whoever owns it; but in /tmp and the like nobody exchanges
 * what is another's. */
static int note_directory(Walk *walk, const struct stat *child) {
        bool protects = is_trusted(walk->st.st_uid) && (walk->st.st_mode & S_ISVTX) && is_trusted(child->st_uid);

        if (protects || safe_path_is_for_trusted_alone(&walk->st))
                return 0;
        walk->may_be_chosen |= is_trusted(child->st_uid);
        return walk->loose ? 0 : read_descriptor(walk->fd, &walk->loose);
}

/* Opening the trigger of an automount by O_PATH does not mount; going through it does. */
static int open_child(int fd, const char *name, const struct stat *parent, struct stat *ret_st) {
        _cleanup_close_ int child = openat(fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
        _cleanup_free_ char *through = NULL;
        struct statfs fs;

        if (child < 0 || fstat(child, ret_st) < 0)
                return -errno;
        if (ret_st->st_dev == parent->st_dev || !S_ISDIR(ret_st->st_mode) || fstatfs(child, &fs) < 0 ||
            fs.f_type != AUTOFS_SUPER_MAGIC)
                return TAKE_FD(child);
        through = text_format("%s/.", name);
        if (!through)
                return -ENOMEM;
        fd_close(child);
        child = openat(fd, through, O_PATH | O_DIRECTORY | O_CLOEXEC);
        return child < 0 || fstat(child, ret_st) < 0 ? -errno : TAKE_FD(child);
}

static int step(Walk *walk, const char *name) {
        _cleanup_close_ int child = -EBADF;
        struct stat st;
        int r;

        if (streq(name, "."))
                return S_ISDIR(walk->st.st_mode) ? 0 : -ENOTDIR;
        child = open_child(walk->fd, name, &walk->st, &st);
        if (child < 0)
                return child;
        r = note_directory(walk, &st);
        if (r < 0)
                return r;
        if (S_ISLNK(st.st_mode))
                return follow(walk, child, st.st_uid);
        return go_to(walk, TAKE_FD(child));
}

static int walk_path(Walk *walk) {
        int r = go_to_root(walk);

        while (r >= 0) {
                _cleanup_free_ char *name = next_name(walk);

                if (!name)
                        break;
                r = step(walk, name);
        }
        if (r >= 0 && walk->by_user && walk->st.st_uid != walk->user)
                r = -ENOLINK;
        return r;
}

int safe_path_open(const char *path, SafePath *ret, char **ret_link) {
        _cleanup_(walk_done) Walk walk = { .fd = -EBADF, .rest = strdup(path) };
        _cleanup_free_ char *real = NULL;
        int r;

        if (!walk.rest)
                return -ENOMEM;
        r = walk_path(&walk);
        if (r == -ENOLINK)
                *ret_link = TAKE_PTR(walk.link);
        if (r >= 0)
                r = read_descriptor(walk.fd, &real);
        if (r < 0)
                return r;
        *ret = (SafePath) {
                .fd = TAKE_FD(walk.fd),
                .path = TAKE_PTR(real),
                .fixed = !walk.loose,
                .loose = TAKE_PTR(walk.loose),
                .may_be_chosen = walk.may_be_chosen,
        };
        return 0;
}

void safe_path_done(SafePath *path) {
        path->fd = fd_close(path->fd);
        path->path = x_free(path->path);
        path->loose = x_free(path->loose);
}
