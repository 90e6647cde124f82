/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Entries of a layer become files of a directory. */
#include "image/layer-tree.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "basic/files.h"
#include "basic/path.h"
#include "basic/root.h"
#include "basic/string-list.h"
#include "basic/text.h"
#include "host/user/user-root.h"
#include "image/tree-list.h"

#define WHITEOUT_PREFIX ".wh."
#define OPAQUE_NAME ".wh..wh..opq"
#define DEFAULT_ACL_XATTR "system.posix_acl_default"

/* Paths */

/* Remembers `size` bytes more. A small blob can have very many directories with very long names. */
static int account(LayerTree *tree, size_t size) {
        if (size > LAYER_NOTES_MAX - tree->note_bytes)
                return -EFBIG;
        tree->note_bytes += size;
        return 0;
}

static int note_time(LayerTree *tree, const char *path, const struct timespec *mtime) {
        _cleanup_free_ char *copy = NULL;
        int r = account(tree, sizeof(DirectoryTime) + strlen(path) + 1);

        if (r < 0)
                return r;
        copy = strdup(path);
        if (!copy || ARRAY_RESERVE(tree->times, tree->times_allocated, tree->time_count + 1) < 0)
                return -ENOMEM;
        tree->times[tree->time_count++] = (DirectoryTime) { .path = TAKE_PTR(copy), .mtime = *mtime };
        return 0;
}

int layer_tree_begin(LayerTree *tree) {
        return note_time(tree, "/", &(struct timespec) {});
}

/* How many directories are between the root and the directory of `fd`: by what the kernel calls
 * it, as the entry's name may lead through symlinks of the layer. */
static int depth_of(const LayerTree *tree, int fd) {
        char root[PATH_MAX], path[PATH_MAX], link[sizeof("/proc/self/fd/-2147483648")];
        ssize_t n, m;
        int depth = 0;

        snprintf(link, sizeof(link), "/proc/self/fd/%d", tree->root_fd);
        n = readlink(link, root, sizeof(root));
        snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
        m = n < 0 ? -1 : readlink(link, path, sizeof(path));
        if (m < 0)
                return errno == ENAMETOOLONG ? LAYER_DEPTH_MAX : -errno;
        for (ssize_t i = n; i < m; i++)
                depth += path[i] == '/';
        return depth;
}

/* The kernel lets only the machine's root set the first one, and an overlay of a user heeds the
 * second. */
static int make_opaque(int fd) {
        const char *name = user_root_is_entered() ? "user.overlay.opaque" : "trusted.overlay.opaque";

        return fsetxattr(fd, name, "y", 1, 0) < 0 ? -errno : 0;
}

/* Removes it if it is one. Returns 1 or 0, or -errno. */
static int remove_whiteout(int directory_fd, const char *name) {
        struct stat st;

        if (fstatat(directory_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
                return errno == ENOENT ? 0 : -errno;
        if (!S_ISCHR(st.st_mode) || st.st_rdev != makedev(0, 0))
                return 0;
        return unlinkat(directory_fd, name, 0) < 0 ? -errno : 1;
}

/* Opens the directory, after making it when it is missing or was removed from lower layers. `path`
 * is all the way to it. */
static int make_parent(LayerTree *tree, int fd, const char *name, const char *path) {
        const struct timespec long_ago = {};
        int whiteout = remove_whiteout(fd, name), child, r = 0;

        if (whiteout < 0)
                return whiteout;
        if (mkdirat(fd, name, 0755) >= 0) {
                tree->made++;
                r = note_time(tree, path, &long_ago);
        } else if (errno != EEXIST)
                return -errno;
        if (r < 0)
                return r;
        child = openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (child < 0)
                return -errno;
        r = whiteout > 0 ? make_opaque(child) : 0;
        return r < 0 ? (fd_close(child), r) : child;
}

/* Makes the directories of a path without symlinks that are missing. Archives leave out those that
 * they think are there. */
static int make_parents(LayerTree *tree, const char *path) {
        _cleanup_close_ int fd = openat(tree->root_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        _cleanup_string_list_ StringList names = {};
        _cleanup_text_ Text so_far = {};

        if (fd < 0)
                return -errno;
        if (string_list_add_split(&names, path, strlen(path), "/") < 0)
                return -ENOMEM;
        if (names.count >= LAYER_DEPTH_MAX)
                return -EFBIG;
        for (size_t i = 0; i < names.count; i++) {
                int child;

                text_appendf(&so_far, "/%s", names.items[i]);
                child = so_far.failed ? -ENOMEM : make_parent(tree, fd, names.items[i], so_far.data);
                if (child < 0)
                        return child;
                fd_close(fd);
                fd = child;
        }
        return 0;
}

/* No archive that somebody has packed goes through a symlink of its own. */
static int check_no_symlink(const LayerTree *tree, const char *path) {
        _cleanup_free_ char *resolved = NULL;
        int r = root_resolve(tree->root_fd, path, &resolved);

        return r < 0 ? r == -ENOTDIR || r == -ELOOP ? -EBADMSG : r : streq(resolved, path) ? 0 : -EBADMSG;
}

/* Opens the directory, made if need be. Symlinks on the way are followed inside of the layer, as in
 * a container. */
static int open_parent(LayerTree *tree, const char *path) {
        _cleanup_free_ char *resolved = NULL;
        int fd, r = tree->plain ? check_no_symlink(tree, path) : 0;

        if (r < 0)
                return r;
        fd = root_open(tree->root_fd, path, O_RDONLY | O_DIRECTORY);
        if (fd == -ENOENT || fd == -ENOTDIR) {
                r = root_resolve(tree->root_fd, path, &resolved);
                if (r >= 0)
                        r = make_parents(tree, resolved);
                if (r < 0)
                        return r == -ENOTDIR || r == -ELOOP ? -EBADMSG : r;
                fd = root_open(tree->root_fd, resolved, O_RDONLY | O_DIRECTORY);
        }
        return fd == -ENOTDIR || fd == -ELOOP ? -EBADMSG : fd;
}

static void forget_parent(LayerTree *tree) {
        tree->parent_path = x_free(tree->parent_path);
        tree->parent_fd = fd_close(tree->parent_fd);
}

/* Entries of one directory mostly come one after another. */
static int enter_parent(LayerTree *tree, const char *path) {
        char *copy;
        int fd, depth;

        if (streq_null(tree->parent_path, path))
                return 0;
        forget_parent(tree);
        fd = open_parent(tree, path);
        if (fd < 0)
                return fd;
        depth = depth_of(tree, fd);
        copy = depth >= 0 && depth < LAYER_DEPTH_MAX ? strdup(path) : NULL;
        if (!copy) {
                fd_close(fd);
                return depth < 0 ? depth : depth >= LAYER_DEPTH_MAX ? -EFBIG : -ENOMEM;
        }
        tree->parent_path = copy;
        tree->parent_fd = fd;
        return 0;
}

/* Attributes */

/* A default ACL is not for now: see note_default_acl(). */
static bool xattr_is_wanted(const char *name) {
        return tree_attribute_is_kept(name) && !streq(name, DEFAULT_ACL_XATTR);
}

/* Where the file system or the kind of file cannot have a user's attribute, the file does
 * without. */
static int check_xattr(const char *name, int result) {
        if (result >= 0 || (startswith(name, "user.") && (errno == EOPNOTSUPP || errno == EPERM)))
                return 0;
        return -errno;
}

static int set_xattrs(const LayerEntry *entry, int fd) {
        for (size_t i = 0; i < entry->xattr_count; i++) {
                const LayerXattr *xattr = &entry->xattrs[i];
                int r;

                if (!xattr_is_wanted(xattr->name))
                        continue;
                r = check_xattr(xattr->name, fsetxattr(fd, xattr->name, xattr->value, xattr->size, 0));
                if (r < 0)
                        return r;
        }
        return 0;
}

/* The owner first: a change of it takes setuid bits and capabilities away. */
static int set_attributes(const LayerEntry *entry, int fd) {
        if (fchown(fd, entry->uid, entry->gid) < 0 || fchmod(fd, entry->mode & 07777) < 0)
                return -errno;
        return set_xattrs(entry, fd);
}

/* The same for what cannot be opened: a symlink, or a device. */
static int set_attributes_at(const LayerEntry *entry, int directory_fd, const char *name) {
        const struct timespec times[] = { { .tv_nsec = UTIME_OMIT }, entry->mtime };
        _cleanup_free_ char *path = text_format("/proc/self/fd/%d/%s", directory_fd, name);

        if (!path)
                return -ENOMEM;
        if (fchownat(directory_fd, name, entry->uid, entry->gid, AT_SYMLINK_NOFOLLOW) < 0)
                return -errno;
        if (!S_ISLNK(entry->mode) && fchmodat(directory_fd, name, entry->mode & 07777, 0) < 0)
                return -errno;
        for (size_t i = 0; i < entry->xattr_count; i++) {
                const LayerXattr *xattr = &entry->xattrs[i];
                int r;

                if (!xattr_is_wanted(xattr->name))
                        continue;
                r = check_xattr(xattr->name, lsetxattr(path, xattr->name, xattr->value, xattr->size, 0));
                if (r < 0)
                        return r;
        }
        return utimensat(directory_fd, name, times, AT_SYMLINK_NOFOLLOW) < 0 ? -errno : 0;
}

/* What is there already */

typedef enum Place {
        PLACE_FREE,
        PLACE_WHITEOUT, /* was one of ours, and is free now */
        PLACE_DIRECTORY,
} Place;

/* A later entry replaces an earlier one of its name, save that a directory stays one. */
static int clear_place(LayerTree *tree, const char *name, bool for_directory) {
        struct stat st;
        int r = remove_whiteout(tree->parent_fd, name);

        if (r != 0)
                return r < 0 ? r : PLACE_WHITEOUT;
        if (fstatat(tree->parent_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
                return errno == ENOENT ? PLACE_FREE : -errno;
        if (S_ISDIR(st.st_mode)) {
                if (for_directory)
                        return PLACE_DIRECTORY;
                return remove_tree_at(tree->parent_fd, name);
        }
        return unlinkat(tree->parent_fd, name, 0) < 0 ? -errno : PLACE_FREE;
}

/* The kinds of entries */

/* A default ACL would become the ACL of what is made in the directory, so it comes last, too. */
static int note_default_acl(LayerTree *tree, const LayerEntry *entry) {
        for (size_t i = 0; i < entry->xattr_count; i++) {
                const LayerXattr *xattr = &entry->xattrs[i];
                DirectoryTime *last = &tree->times[tree->time_count - 1];

                if (!streq(xattr->name, DEFAULT_ACL_XATTR) || last->default_acl || xattr->size == 0)
                        continue;
                if (account(tree, xattr->size) < 0)
                        return -EFBIG;
                last->default_acl = malloc(xattr->size);
                if (!last->default_acl)
                        return -ENOMEM;
                memcpy(last->default_acl, xattr->value, xattr->size);
                last->default_acl_size = xattr->size;
        }
        return 0;
}

static int add_directory(LayerTree *tree, const LayerEntry *entry, const char *name) {
        _cleanup_close_ int fd = -EBADF;
        int place = PLACE_DIRECTORY, r;

        if (*name) {
                place = clear_place(tree, name, true);
                if (place < 0)
                        return place;
                if (place != PLACE_DIRECTORY && mkdirat(tree->parent_fd, name, 0700) < 0)
                        return -errno;
        }
        fd = openat(*name ? tree->parent_fd : tree->root_fd, *name ? name : ".",
                    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        r = set_attributes(entry, fd);
        if (r >= 0 && place == PLACE_WHITEOUT)
                r = make_opaque(fd); /* the lower one was removed, and this is another */
        if (r >= 0)
                r = note_time(tree, entry->path, &entry->mtime);
        return r < 0 ? r : note_default_acl(tree, entry);
}

static int add_file(LayerTree *tree, const char *name, int *ret_fd) {
        int fd = openat(tree->parent_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

        if (fd < 0)
                return -errno;
        *ret_fd = fd;
        return 0;
}

static int add_hard_link(LayerTree *tree, const LayerEntry *entry, const char *name) {
        _cleanup_free_ char *parent = NULL, *target = NULL;
        _cleanup_close_ int fd = -EBADF;
        struct stat st;
        int r;

        r = path_split_entry(entry->hard_link, &parent, &target);
        if (r < 0)
                return r;
        fd = root_open(tree->root_fd, parent, O_PATH | O_DIRECTORY);
        if (fd < 0 || fstatat(fd, target, &st, AT_SYMLINK_NOFOLLOW) < 0 || S_ISDIR(st.st_mode))
                return -EBADMSG; /* it comes after its target, or leads nowhere */
        r = clear_place(tree, name, false);
        if (r < 0)
                return r;
        if (linkat(fd, target, tree->parent_fd, name, 0) < 0)
                return errno == ENOENT ? -EBADMSG : -errno; /* a link to itself */
        return 0;
}

static int add_symlink(LayerTree *tree, const LayerEntry *entry, const char *name) {
        if (!entry->symlink || !*entry->symlink)
                return -EBADMSG;
        if (symlinkat(entry->symlink, tree->parent_fd, name) < 0)
                return -errno;
        return set_attributes_at(entry, tree->parent_fd, name);
}

/* A device of an image can never be used: the container's /dev is made anew, and the rest is
 * mounted nodev. So where making one is not allowed, in a container, an empty file stands for it,
 * which can have further names. */
static int add_node(LayerTree *tree, const LayerEntry *entry, const char *name) {
        mode_t type = entry->mode & S_IFMT;
        int r = mknodat(tree->parent_fd, name, type | 0600, type == S_IFIFO ? 0 : entry->device);

        if (r < 0 && errno == EPERM && type != S_IFIFO)
                r = mknodat(tree->parent_fd, name, S_IFREG | 0600, 0);
        return r < 0 ? -errno : set_attributes_at(entry, tree->parent_fd, name);
}

/* Returns 1 when the name was one, 0 when it is an ordinary one, or -errno. What the same layer has
 * of the name stays: a whiteout is about lower layers only. */
static int add_whiteout(LayerTree *tree, const char *name) {
        const struct timespec long_ago[2] = {};
        const char *hidden = startswith(name, WHITEOUT_PREFIX);
        _cleanup_close_ int fd = -EBADF;

        if (!hidden || tree->plain)
                return 0;
        if (streq(name, OPAQUE_NAME))
                return make_opaque(tree->parent_fd) < 0 ? -errno : 1;
        if (startswith(hidden, WHITEOUT_PREFIX)) /* what aufs had of its own */
                return 1;
        if (!file_name_is_valid(hidden))
                return -EBADMSG;
        if (mknodat(tree->parent_fd, hidden, S_IFCHR, makedev(0, 0)) >= 0)
                return utimensat(tree->parent_fd, hidden, long_ago, AT_SYMLINK_NOFOLLOW) < 0 ? -errno : 1;
        if (errno != EEXIST)
                return -errno;
        fd = openat(tree->parent_fd, hidden, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0)
                return errno == ENOTDIR || errno == ELOOP ? 1 : -errno;
        return make_opaque(fd) < 0 ? -errno : 1;
}

static int add(LayerTree *tree, const LayerEntry *entry, const char *name, int *ret_fd) {
        int r;

        if (entry->hard_link)
                return add_hard_link(tree, entry, name);
        if (S_ISDIR(entry->mode))
                return add_directory(tree, entry, name);
        r = clear_place(tree, name, false);
        if (r < 0)
                return r;
        switch (entry->mode & S_IFMT) {
        case S_IFREG:
                return add_file(tree, name, ret_fd);
        case S_IFLNK:
                return add_symlink(tree, entry, name);
        case S_IFCHR:
        case S_IFBLK:
        case S_IFIFO:
                return add_node(tree, entry, name);
        case S_IFSOCK: /* of no use to anybody but the process that made it */
                return 0;
        default:
                return -EBADMSG;
        }
}

int layer_tree_add(LayerTree *tree, const LayerEntry *entry, int *ret_fd) {
        _cleanup_free_ char *parent = NULL, *name = NULL;
        int r;

        *ret_fd = -EBADF;
        r = path_split_entry(entry->path, &parent, &name);
        if (r < 0)
                return r;
        if (!*name && (entry->hard_link || !S_ISDIR(entry->mode)))
                return -EBADMSG;
        r = enter_parent(tree, parent);
        if (r < 0)
                return r;
        r = add_whiteout(tree, name);
        if (r == 0)
                r = add(tree, entry, name, ret_fd);
        return r < 0 ? r : 0;
}

int layer_tree_end_file(const LayerEntry *entry, int fd) {
        const struct timespec times[] = { { .tv_nsec = UTIME_OMIT }, entry->mtime };
        int r;

        if (ftruncate(fd, (off_t) entry->size_bytes) < 0)
                return -errno;
        r = set_attributes(entry, fd);
        if (r < 0)
                return r;
        return futimens(fd, times) < 0 ? -errno : 0;
}

static int finish_directory(LayerTree *tree, const DirectoryTime *directory) {
        const struct timespec times[] = { { .tv_nsec = UTIME_OMIT }, directory->mtime };
        _cleanup_close_ int fd = root_open(tree->root_fd, directory->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);

        /* A later entry may have replaced it. */
        if (fd < 0)
                return fd == -ENOENT || fd == -ENOTDIR || fd == -ELOOP ? 0 : fd;
        if (directory->default_acl &&
            fsetxattr(fd, DEFAULT_ACL_XATTR, directory->default_acl, directory->default_acl_size, 0) < 0)
                return -errno;
        return futimens(fd, times) < 0 ? -errno : 0;
}

int layer_tree_finish(LayerTree *tree) {
        for (size_t i = 0; i < tree->time_count; i++) {
                int r = finish_directory(tree, &tree->times[i]);

                if (r < 0)
                        return r;
        }
        return 0;
}

static void directory_time_done(DirectoryTime *time) {
        free(time->path);
        free(time->default_acl);
}

void layer_tree_done(LayerTree *tree) {
        forget_parent(tree);
        for (size_t i = 0; i < tree->time_count; i++)
                directory_time_done(&tree->times[i]);
        tree->times = x_free(tree->times);
        tree->time_count = tree->times_allocated = 0;
}
