/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a .volume file has mounted on its volume. */
#include "volume/volume-mount.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "basic/files.h"
#include "basic/path.h"
#include "host/mounts.h"
#include "host/record.h"
#include "source/places.h"
#include "source/unit-name.h"
#include "volume/host-sources.h"
#include "volume/volume-origin.h"

static int write_record(const char *stem, const char *path, const SafePath *source) {
        _cleanup_free_ char *name = container_id_for(stem);
        _cleanup_close_ int fd = -EBADF;
        _cleanup_text_ Text text = {};
        int r;

        r = name ? make_directories_at(AT_FDCWD, place_path(PLACE_VOLUME_RECORDS), 0700) : -ENOMEM;
        if (r < 0)
                return r;
        fd = open(place_path(PLACE_VOLUME_RECORDS), O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        volume_origin_append(&text, path, source);
        return text.failed ? -ENOMEM : write_file_atomic_at(fd, name, text.data, text.length, 0600);
}

static bool is_memory(const char *type) {
        return type && (streq(type, "tmpfs") || streq(type, "ramfs"));
}

int volume_mount(const Volume *volume, const LockedVolume *locked, Diagnostics *diagnostics) {
        Location where = section_where(&volume->section, KEY_Volume_Device);
        _cleanup_safe_path_ SafePath found = SAFE_PATH_INIT;
        _cleanup_free_ char *message = NULL;
        const char *device = volume->device;
        FdPath path;
        int r;

        r = volume_is_mounted(locked);
        if (r > 0)
                return diagnose_error(diagnostics, &where, "something else is mounted on %s already",
                                      locked->data_path);
        if (r >= 0 && volume->device[0] == '/' && !is_memory(volume->type)) {
                r = host_source_open(volume->device, &where, &found, diagnostics);
                if (r < 0)
                        return r;
                /* What a user could exchange is mounted as it was found. */
                if (!found.fixed)
                        device = (path = fd_path(found.fd)).text;
        }
        if (r >= 0 && is_memory(volume->type))
                r = volume_forget(locked);
        if (r >= 0)
                r = write_record(volume->stem, locked->data_path, &found);
        if (r < 0)
                return r;
        r = mounts_device(device, locked->data_path, volume->type, volume->options, &message);
        if (r == -ENOMEM)
                return r;
        return r < 0 ? diagnose_error(diagnostics, &where, "cannot mount \"%s\": %s", volume->device,
                                      message ?: strerror(-r))
                     : 0;
}

static int unmount(const StringList *words, void *userdata _unused_) {
        const char *path = words->items[0];

        /* The record is ours alone, but a damaged one shall not unmount something else. */
        if (!path_is_below(path, place_path(PLACE_VOLUMES)) || strstr(path, "/.."))
                return -EBADMSG;
        /* Once: whatever else is there was there before. */
        if (umount2(path, UMOUNT_NOFOLLOW) >= 0 || errno == EINVAL || errno == ENOENT)
                return 0;
        if (errno != EBUSY)
                return -errno;
        return umount2(path, UMOUNT_NOFOLLOW | MNT_DETACH) < 0 ? -errno : 0;
}

int volume_unmount(const char *stem) {
        _cleanup_close_ int fd = open(place_path(PLACE_VOLUME_RECORDS), O_PATH | O_DIRECTORY | O_CLOEXEC);
        _cleanup_free_ char *name = container_id_for(stem);
        int r;

        if (fd < 0)
                return errno == ENOENT ? 0 : -errno;
        if (!name)
                return -ENOMEM;
        r = record_read(fd, name, false, unmount, NULL);
        if (r < 0)
                return r == -ENOENT ? 0 : r;
        return unlinkat(fd, name, 0) < 0 && errno != ENOENT ? -errno : 0;
}
