/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Mounting. */
#include "host/mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <libmount.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "basic/dynamic.h"
#include "basic/path.h"
#include "basic/text.h"

DYNAMIC_FUNCTION(mnt_new_context);
DYNAMIC_FUNCTION(mnt_free_context);
DYNAMIC_FUNCTION(mnt_context_disable_mtab);
DYNAMIC_FUNCTION(mnt_context_disable_helpers);
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

int mounts_unshare(const char *directory) {
        _cleanup_free_ char *mount_point = NULL;
        int r;

        r = find_mount_point(directory, &mount_point);
        if (r < 0)
                return r;
        if (unshare(CLONE_NEWNS) < 0)
                return -errno;
        return mount(NULL, mount_point, NULL, MS_SLAVE, NULL) < 0 ? -errno : 0;
}

static void free_contextp(struct libmnt_context **context) {
        if (*context)
                sym_mnt_free_context(*context);
}

static int mount_with_libmount(const char *source, const char *target, const char *type, const char *options, char **ret_message) {
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
                r = sym_mnt_context_disable_helpers(context, 1);
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
        return r < 0 ? r : -EIO;
}

int mounts_overlay(int lower_fd, const char *upper, const char *work, const char *target, char **ret_message) {
        /* By descriptor: a path with a comma or colon could not be told from the next option, and what was looked at is what is mounted. */
        _cleanup_free_ char *options = text_format("lowerdir=/proc/self/fd/%d,upperdir=%s,workdir=%s,volatile", lower_fd, upper, work);

        if (!options)
                return -ENOMEM;
        return mount_with_libmount("overlay", target, "overlay", options, ret_message);
}

int mounts_image(const char *image, const char *target, bool read_only, char **ret_message) {
        return mount_with_libmount(image, target, NULL, read_only ? "loop,ro" : "loop,rw", ret_message);
}
