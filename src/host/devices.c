/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Device nodes of this machine. */
#include "host/devices.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "basic/directory.h"
#include "basic/path.h"
#include "basic/safe-path.h"
#include "basic/text.h"

enum { DEEPEST = 16 };

static int add_device(FactDeviceList *devices, const char *destination, const struct stat *st, const char *access) {
        FactDevice device = {
                .path = strdup(destination),
                .type = S_ISBLK(st->st_mode) ? 'b' : 'c',
                .major = major(st->st_rdev),
                .minor = minor(st->st_rdev),
                .mode = st->st_mode & 07777,
                .uid = st->st_uid,
                .gid = st->st_gid,
        };
        int r;

        if (!device.path)
                return -ENOMEM;
        strncpy(device.access, access, sizeof(device.access) - 1);
        r = ARRAY_RESERVE(devices->items, devices->allocated, devices->count + 1);
        if (r < 0) {
                free(device.path);
                return r;
        }
        devices->items[devices->count++] = device;
        return 0;
}

typedef struct Walk {
        FactDeviceList *devices;
        const char *access;
        const char *const *skip; /* names at the top that are not entered, NULL-terminated; or NULL */
} Walk;

static bool is_skipped(const Walk *walk, const char *name, unsigned depth) {
        if (depth == 0 && walk->skip)
                for (size_t i = 0; walk->skip[i]; i++)
                        if (streq(walk->skip[i], name))
                                return true;
        return false;
}

static int add_tree(const Walk *walk, int parent_fd, const char *name, const char *destination, unsigned depth);

static int add_entry(const Walk *walk, int directory_fd, const char *name, const char *destination, unsigned depth) {
        struct stat st;

        /* Symlinks are not followed: their targets are met where they are. */
        if (fstatat(directory_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
                return errno == ENOENT ? 0 : -errno;
        if (S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode))
                return add_device(walk->devices, destination, &st, walk->access);
        if (S_ISDIR(st.st_mode) && depth < DEEPEST)
                return add_tree(walk, directory_fd, name, destination, depth + 1);
        return 0;
}

static int add_tree(const Walk *walk, int parent_fd, const char *name, const char *destination, unsigned depth) {
        _cleanup_closedir_ DIR *directory = NULL;
        const struct dirent *entry;
        int r;

        r = directory_open_at(parent_fd, name, 0, &directory);
        if (r < 0)
                return r == -ENOENT ? 0 : r;
        while ((r = directory_next(directory, &entry)) > 0) {
                _cleanup_free_ char *path = NULL;

                if (is_skipped(walk, entry->d_name, depth))
                        continue;
                path = path_join(destination, entry->d_name);
                if (!path)
                        return -ENOMEM;
                r = add_entry(walk, dirfd(directory), entry->d_name, path, depth);
                if (r < 0)
                        return r;
        }
        return r;
}

static int compare_paths(const void *a, const void *b) {
        return strcmp(((const FactDevice *) a)->path, ((const FactDevice *) b)->path);
}

/* A directory is read in no particular order; the same machine shall give the same bytes. */
static void sort_from(FactDeviceList *devices, size_t first) {
        if (devices->count - first > 1)
                qsort(devices->items + first, devices->count - first, sizeof(*devices->items), compare_paths);
}

/* Where the devices from `first` on are on the machine, which is not where they will be in the
 * container. */
static int add_sources(const Device *wanted, FactDeviceList *devices, size_t first) {
        for (size_t i = first; i < devices->count && !streq(wanted->source, wanted->destination); i++) {
                FactDevice *device = &devices->items[i];

                device->source = text_format("%s%s", wanted->source, device->path + strlen(wanted->destination));
                if (!device->source)
                        return -ENOMEM;
        }
        return 0;
}

/* A user's symlink is no way to a device that is not the user's. */
static int open_source(const Device *wanted, SafePath *ret, struct stat *ret_st, Diagnostics *diagnostics) {
        _cleanup_free_ char *link = NULL;
        int r = safe_path_open(wanted->source, ret, &link);

        if (r >= 0 && fstat(ret->fd, ret_st) < 0)
                r = -errno;
        if (r == -ENOLINK)
                return diagnose_error(diagnostics, &wanted->where,
                                      "device \"%s\": the symbolic link \"%s\" is a user's, and leads to what that "
                                      "user does not own",
                                      wanted->source, link ?: wanted->source);
        if (r >= 0 || r == -ENOMEM || (wanted->optional && (r == -ENOENT || r == -ENOTDIR)))
                return r;
        return diagnose_error(diagnostics, &wanted->where, "device \"%s\": %s", wanted->source, strerror(-r));
}

static int gather_one(const Device *wanted, FactDeviceList *devices, Diagnostics *diagnostics) {
        _cleanup_safe_path_ SafePath source = SAFE_PATH_INIT;
        size_t first = devices->count;
        struct stat st;
        int r;

        r = open_source(wanted, &source, &st, diagnostics);
        if (r < 0)
                return r == -ENOENT || r == -ENOTDIR ? 0 : r;
        if (S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode))
                r = add_device(devices, wanted->destination, &st, wanted->access);
        else if (S_ISDIR(st.st_mode))
                r = add_tree(&(Walk) { .devices = devices, .access = wanted->access }, source.fd, ".",
                             wanted->destination, 0);
        else
                return diagnose_error(diagnostics, &wanted->where,
                                      "\"%s\" is neither a device nor a directory of devices", wanted->source);
        if (r < 0)
                return r;
        sort_from(devices, first);
        if (devices->count == first && !wanted->optional)
                return diagnose_error(diagnostics, &wanted->where, "no devices below \"%s\"", wanted->source);
        return add_sources(wanted, devices, first);
}

int devices_gather(const DeviceList *wanted, FactDeviceList *devices, Diagnostics *diagnostics) {
        int result = 0;

        for (size_t i = 0; i < wanted->count; i++) {
                int r = wanted->items[i].is_cdi ? 0 : gather_one(&wanted->items[i], devices, diagnostics);

                if (r < 0 && r != -EREPORTED)
                        return r;
                if (r < 0)
                        result = r;
        }
        return result;
}

int devices_gather_all(FactDeviceList *devices) {
        /* The container has its own of these, made by the runtime. */
        static const char *const own[] = {
                "console", "fd",     "full",  "mqueue", "null", "ptmx",    "pts",  "random",
                "shm",     "stderr", "stdin", "stdout", "tty",  "urandom", "zero", NULL,
        };
        size_t first = devices->count;
        int r;

        r = add_tree(&(Walk) { .devices = devices, .access = "rwm", .skip = own }, AT_FDCWD, "/dev", "/dev", 0);
        if (r < 0)
                return r;
        sort_from(devices, first);
        return 0;
}
