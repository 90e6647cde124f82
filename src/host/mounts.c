/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Mounting. */
#include "host/mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <libmount.h>
#include <linux/openat2.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "basic/dynamic.h"
#include "basic/files.h"
#include "basic/path.h"
#include "basic/text.h"
#include "host/user/user-root.h"

DYNAMIC_NOTE(mount, "libmount.so.1", "mount", "recommended", "Mounting file systems with options and helpers");
DYNAMIC_FUNCTION(mnt_new_context);
DYNAMIC_FUNCTION(mnt_free_context);
DYNAMIC_FUNCTION(mnt_context_disable_mtab);
DYNAMIC_FUNCTION(mnt_context_disable_helpers);
DYNAMIC_FUNCTION(mnt_context_disable_canonicalize);
DYNAMIC_FUNCTION(mnt_context_set_fstype);
DYNAMIC_FUNCTION(mnt_context_set_source);
DYNAMIC_FUNCTION(mnt_context_set_target);
DYNAMIC_FUNCTION(mnt_context_set_options);
DYNAMIC_FUNCTION(mnt_context_mount);
DYNAMIC_FUNCTION(mnt_context_get_excode);
DYNAMIC_FUNCTION(mnt_context_get_syscall_errno);
DYNAMIC_FUNCTION(mnt_context_syscall_called);

static int load(void) {
        static const DynamicSymbol symbols[] = {
                DYNAMIC_SYMBOL(mnt_new_context),
                DYNAMIC_SYMBOL(mnt_free_context),
                DYNAMIC_SYMBOL(mnt_context_disable_mtab),
                DYNAMIC_SYMBOL(mnt_context_disable_helpers),
                DYNAMIC_SYMBOL(mnt_context_disable_canonicalize),
                DYNAMIC_SYMBOL(mnt_context_set_fstype),
                DYNAMIC_SYMBOL(mnt_context_set_source),
                DYNAMIC_SYMBOL(mnt_context_set_target),
                DYNAMIC_SYMBOL(mnt_context_set_options),
                DYNAMIC_SYMBOL(mnt_context_mount),
                DYNAMIC_SYMBOL(mnt_context_get_excode),
                DYNAMIC_SYMBOL(mnt_context_get_syscall_errno),
                DYNAMIC_SYMBOL(mnt_context_syscall_called),
        };
        return dynamic_load("libmount.so.1", symbols, ARRAY_SIZE(symbols), NULL);
}

/* The mount point that `directory` is on. */
static int find_mount_point(const char *directory, char **ret) {
        _cleanup_free_ char *path = strdup(directory);

        if (!path)
                return -ENOMEM;
        for (;;) {
                struct statx stx;
                char *parent;

                if (statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, 0, &stx) < 0)
                        return -errno;
                if (stx.stx_attributes & STATX_ATTR_MOUNT_ROOT || streq(path, "/"))
                        break;
                parent = path_dirname(path);
                if (!parent)
                        return -ENOMEM;
                free(path);
                path = parent;
        }
        *ret = TAKE_PTR(path);
        return 0;
}

static bool unshared; /* a process has one mount namespace */

int mounts_unshare(const char *directory) {
        _cleanup_free_ char *mount_point = NULL;
        int r;

        if (unshared)
                return 0;
        r = find_mount_point(directory, &mount_point);
        if (r < 0)
                return r;
        if (unshare(CLONE_NEWNS) < 0)
                return -errno;
        if (mount(NULL, mount_point, NULL, MS_SLAVE, NULL) < 0)
                return -errno;
        unshared = true;
        return 0;
}

int mounts_leave_shared(void) {
        return unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ? -errno : 0;
}

int mounts_open_namespace(void) {
        int fd = unshared ? open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC) : -ENOENT;

        return fd == -1 ? -errno : fd;
}

int mounts_enter_namespace(int fd) {
        if (setns(fd, CLONE_NEWNS) < 0)
                return -errno;
        unshared = true;
        return 0;
}

int mounts_detach_below(const char *directory) {
        _cleanup_free_ char *table = NULL;
        int r = read_virtual_file("/proc/self/mountinfo", &table);

        if (r < 0)
                return r;
        /* "36 35 98:0 /mnt1 /mnt2 rw …": the fifth is where it is. */
        for (char *rest = table, *line; (line = strsep(&rest, "\n"));) {
                char *word = NULL;

                for (int i = 0; i < 5; i++)
                        word = strsep(&line, " ");
                if (word && path_is_below(word, directory) && !streq(word, directory) &&
                    umount2(word, MNT_DETACH | UMOUNT_NOFOLLOW) < 0 && errno != EINVAL && errno != ENOENT)
                        return -errno;
        }
        return 0;
}

int mounts_go_back(int fd) {
        if (setns(fd, CLONE_NEWNS) < 0)
                return -errno;
        unshared = false;
        return 0;
}

int mounts_visit(int namespace_fd, int (*visit)(void *userdata), void *userdata) {
        _cleanup_close_ int own_fd = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
        int r;

        if (own_fd < 0 || setns(namespace_fd, CLONE_NEWNS) < 0)
                return -errno;
        r = visit(userdata);
        /* Whatever came next would be done to the wrong files. */
        if (setns(own_fd, CLONE_NEWNS) < 0)
                abort();
        return r;
}

static int clone_here(int namespace_fd, const char *path) {
        struct open_how how = { .flags = O_PATH | O_DIRECTORY | O_CLOEXEC, .resolve = RESOLVE_NO_SYMLINKS };
        int fd, tree;

        if (setns(namespace_fd, CLONE_NEWNS) < 0)
                return -errno;
        fd = (int) syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));
        if (fd < 0)
                return -errno;
        tree = open_tree(fd, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);
        return tree < 0 ? -errno : tree;
}

int mounts_clone_from(int process_fd, const char *path) {
        _cleanup_close_ int namespace_fd = openat(process_fd, "ns/mnt", O_RDONLY | O_CLOEXEC);
        int result = -EIO, answer[2];
        pid_t pid;

        if (namespace_fd < 0 || pipe2(answer, O_CLOEXEC) < 0)
                return -errno;
        /* Only what is in a process's own mount namespace can be copied, so another process goes
         * there. It shares our descriptors: what it opens is ours. */
        pid = (pid_t) syscall(SYS_clone, CLONE_FILES | SIGCHLD, NULL, NULL, NULL, NULL);
        if (pid == 0) {
                result = clone_here(namespace_fd, path);
                _exit(write(answer[1], &result, sizeof(result)) == sizeof(result) ? EXIT_SUCCESS : EXIT_FAILURE);
        }
        if (pid < 0)
                result = -errno;
        else {
                while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
                        ;
                fd_close(answer[1]);
                if (read(answer[0], &result, sizeof(result)) != sizeof(result))
                        result = -EIO;
                answer[1] = -EBADF;
        }
        fd_close(answer[0]);
        fd_close(answer[1]);
        return result;
}

static void free_contextp(struct libmnt_context **context) {
        if (*context)
                sym_mnt_free_context(*context);
}

static int mount_with_libmount(const char *source, const char *target, const char *type, const char *options,
                               bool helpers, char **ret_message) {
        _cleanup_(free_contextp) struct libmnt_context *context = NULL;
        char message[1024] = "";
        int r;

        r = load();
        if (r < 0)
                return r;
        context = sym_mnt_new_context();
        if (!context)
                return -ENOMEM;
        r = sym_mnt_context_disable_mtab(context, 1);
        if (r >= 0)
                r = sym_mnt_context_disable_helpers(context, !helpers);
        /* The kernel's name of a descriptor is to stay that: as text it leads elsewhere. */
        if (r >= 0 && startswith(source, "/proc/self/fd/"))
                r = sym_mnt_context_disable_canonicalize(context, 1);
        if (r >= 0 && type)
                r = sym_mnt_context_set_fstype(context, type);
        if (r >= 0)
                r = sym_mnt_context_set_source(context, source);
        if (r >= 0)
                r = sym_mnt_context_set_target(context, target);
        if (r >= 0)
                r = sym_mnt_context_set_options(context, options);
        if (r < 0)
                return r;
        r = sym_mnt_context_mount(context);
        if (r == 0)
                return 0;
        if (ret_message && sym_mnt_context_get_excode(context, r, message, sizeof(message)) != 0 && *message)
                *ret_message = strdup(message);
        if (r > 0 && sym_mnt_context_syscall_called(context))
                r = -sym_mnt_context_get_syscall_errno(context);
        /* libmount's own errors, of a loop device and the like, are no errno; the message tells. */
        return r <= -MNT_ERR_NOFSTAB ? -EINVAL : r < 0 ? r : -EIO;
}

/* In quotes, for there are commas in it. */
static void append_context(Text *options, const char *label) {
        if (label)
                text_appendf(options, ",context=\"%s\"", label);
}

int mounts_overlay(const OverlayMount *overlay) {
        _cleanup_text_ Text options = {};

        /* By descriptor: a path with a comma or colon could not be told from the next option, what
         * was looked at is what is mounted, and it is short. */
        text_append(&options, "lowerdir=");
        for (size_t i = 0; i < overlay->lower_count; i++)
                text_appendf(&options, "%s/proc/self/fd/%d", i > 0 ? ":" : "", overlay->lower_fds[i]);
        if (overlay->upper)
                text_appendf(&options, ",upperdir=%s,workdir=%s%s", overlay->upper, overlay->work,
                             overlay->keep ? "" : ",volatile");
        append_context(&options, overlay->label);
        /* What an overlay notes on files is "trusted." otherwise, and the machine's root's. */
        if (user_root_is_entered())
                text_append(&options, ",userxattr");
        if (options.failed)
                return -ENOMEM;
        /* The kernel takes one page. libmount would hand on 255 bytes at most where it uses
         * fsconfig(2), and "lowerdir+" is too new. */
        if (options.length >= (size_t) sysconf(_SC_PAGESIZE))
                return -E2BIG;
        return mount("overlay", overlay->target, "overlay", overlay->flags, options.data) < 0 ? -errno : 0;
}

char *mounts_overlay_reason(int error, const char *upper) {
        if (error != -EINVAL && error != -EOPNOTSUPP)
                return strdup(strerror(-error));
        return text_format("%s; an overlay's upper directory, %s, cannot be on NFS, on another overlay, or where there "
                           "are no extended attributes: mount ext4, XFS, Btrfs or a tmpfs there",
                           strerror(-error), upper);
}

int mounts_image(const char *image, const char *target, bool read_only, const char *label, char **ret_message) {
        _cleanup_text_ Text options = {};

        text_append(&options, read_only ? "loop,ro" : "loop,rw");
        append_context(&options, label);
        if (options.failed)
                return -ENOMEM;
        return mount_with_libmount(image, target, NULL, options.data, false, ret_message);
}

int mounts_device(const char *device, const char *target, const char *type, const char *options, char **ret_message) {
        /* For mount(8) it is an option, for podman a type as well. */
        bool bind = type && streq(type, "bind");
        _cleanup_free_ char *all = text_format("%s%s%s", bind ? "bind" : "", bind && options ? "," : "",
                                               options ? options : "");

        if (!all)
                return -ENOMEM;
        return mount_with_libmount(device, target, bind ? NULL : type, *all ? all : "rw", true, ret_message);
}

int mounts_attach(int fd, const char *target, bool recursive) {
        unsigned recurse = recursive ? AT_RECURSIVE : 0;
        _cleanup_close_ int tree = open_tree(fd, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | recurse);

        return tree < 0 || move_mount(tree, "", AT_FDCWD, target, MOVE_MOUNT_F_EMPTY_PATH) < 0 ? -errno : 0;
}
