/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What "berth volumes" does to one volume at a time. */
#include "berth/volumes/volume-commands.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <stdio.h>
#include <unistd.h>

#include "basic/log.h"
#include "berth/command/new-file.h"
#include "config/value/values.h"
#include "source/places.h"
#include "start/copy/tree-archive.h"
#include "volume/volume-file.h"
#include "volume/volume-import.h"
#include "volume/volume-list.h"
#include "volume/volume-uses.h"

/* Of one that is there. Returns -EREPORTED when there is none. */
static int lock(const char *name, LockedVolume *ret) {
        int r = volume_lock(place_path(PLACE_VOLUMES), name, false, ret);

        if (r != -ENOENT && r != -EINVAL)
                return r;
        log_error("There is no volume \"%s\"", name);
        return -EREPORTED;
}

/* Making */

static const Volume *find_file(const VolumeEntries *entries, const char *name) {
        for (size_t i = 0; i < entries->count; i++)
                if (streq(entries->items[i].name, name))
                        return entries->items[i].volume;
        return NULL;
}

static int make(const char *name, const Volume *file, LockedVolume *locked) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        int r;

        if (!value_name_is_valid(name)) {
                log_error("\"%s\" is no volume's name", name);
                return -EREPORTED;
        }
        /* What its service mounts there is not in the directory that is made here. */
        if (file && (file->device || volume_is_image(file))) {
                log_error("The content of the volume \"%s\" comes from elsewhere: systemctl %sstart %s", name,
                          places_manager_option(), file->unit_name);
                return -EREPORTED;
        }
        r = volume_lock(place_path(PLACE_VOLUMES), name, true, locked);
        if (r >= 0)
                r = volume_file_make(file, locked, &diagnostics);
        log_diagnostics(&diagnostics);
        return r;
}

int volume_command_create(const char *name) {
        _cleanup_locked_volume_ LockedVolume locked = LOCKED_VOLUME_INIT;
        _cleanup_volume_entries_ VolumeEntries entries = {};
        int r = volume_entries_get(false, &entries);

        if (r >= 0)
                r = make(name, find_file(&entries, name), &locked);
        if (r == 0) {
                log_error("The volume \"%s\" is there already", name);
                return -EEXIST;
        }
        return r < 0 ? log_failure_errno(r, "Failed to make the volume \"%s\": %m", name) : 0;
}

/* Removing */

int volume_command_remove(const char *name) {
        _cleanup_locked_volume_ LockedVolume locked = LOCKED_VOLUME_INIT;
        _cleanup_string_list_ StringList users = {};
        int r;

        r = lock(name, &locked);
        if (r == -EREPORTED)
                return r;
        if (r >= 0)
                r = volume_find_users(name, &users);
        if (r >= 0 && users.count > 0) {
                log_error("The volume \"%s\" is not removed: the container %s has it", name, users.items[0]);
                return -EBUSY;
        }
        if (r >= 0 && volume_is_mounted(&locked) > 0) {
                log_error("The volume \"%s\" is not removed: something is mounted on it; stop its service first", name);
                return -EBUSY;
        }
        if (r >= 0)
                r = volume_remove(place_path(PLACE_VOLUMES), name, &locked);
        return r < 0 ? log_error_errno(r, "Failed to remove the volume \"%s\": %m", name) : 0;
}

/* Archives */

/* What is in a volume that somebody has changes meanwhile. */
static int warn_of_users(const char *name) {
        _cleanup_string_list_ StringList users = {};
        int r = volume_find_users(name, &users);

        for (size_t i = 0; i < users.count; i++)
                log_warning("The container %s has the volume \"%s\": what it writes meanwhile may be in the archive in "
                            "part", users.items[i], name);
        return r;
}

/* The lock is let go: a start need not wait for as long as this takes. */
static int open_content(const char *name) {
        _cleanup_locked_volume_ LockedVolume locked = LOCKED_VOLUME_INIT;
        int r = lock(name, &locked);

        if (r >= 0)
                r = warn_of_users(name);
        return r < 0 ? r : volume_open_data(&locked);
}

int volume_command_export(const char *name, const char *path) {
        _cleanup_close_ int fd = open_content(name);
        _cleanup_new_file_ NewFile file = {};
        int r = fd < 0 ? fd : new_file_open(path, &file);

        if (r < 0 && fd >= 0)
                return log_error_errno(r, "Failed to write %s: %m", path);
        if (r >= 0)
                r = tree_archive_write(fd, ".", TREE_ARCHIVE_WHOLE, file.fd);
        if (r >= 0)
                r = new_file_finish(&file, path);
        if (r == -ELOOP)
                log_error("The volume \"%s\" is not exported: its directories are nested too deep", name);
        else if (r < 0)
                log_failure_errno(r, "Failed to export the volume \"%s\": %m", name);
        return r;
}

/* Whether it may be replaced. */
static int check_target(const char *name, const LockedVolume *locked, bool replace) {
        _cleanup_string_list_ StringList users = {};
        int r = volume_find_users(name, &users);

        if (r < 0)
                return r;
        if (users.count > 0) {
                log_error("Nothing is imported to the volume \"%s\": the container %s has it; stop that first", name,
                          users.items[0]);
                return -EREPORTED;
        }
        if (volume_is_mounted(locked) > 0) {
                log_error("Nothing is imported to the volume \"%s\": something is mounted on it", name);
                return -EREPORTED;
        }
        r = replace ? 1 : volume_is_empty(locked);
        if (r != 0)
                return r < 0 && r != -ENOENT ? r : 0;
        log_error("Nothing is imported to the volume \"%s\": it is not empty; use --replace to have the archive's "
                  "content in place of its own", name);
        return -EREPORTED;
}

static int lock_target(const char *name, LockedVolume *ret) {
        _cleanup_locked_volume_ LockedVolume fresh = LOCKED_VOLUME_INIT;
        _cleanup_volume_entries_ VolumeEntries entries = {};
        int r = volume_lock(place_path(PLACE_VOLUMES), name, false, ret);

        if (r != -ENOENT && r != -EINVAL)
                return r;
        r = volume_entries_get(false, &entries);
        if (r >= 0)
                r = make(name, find_file(&entries, name), &fresh);
        if (r < 0)
                return r;
        *ret = fresh;
        fresh = (LockedVolume) LOCKED_VOLUME_INIT;
        return 0;
}

static int import_from(const char *name, const char *shown, int in_fd, bool replace) {
        _cleanup_locked_volume_ LockedVolume locked = LOCKED_VOLUME_INIT;
        _cleanup_free_ char *message = NULL;
        int r = lock_target(name, &locked);

        if (r >= 0)
                r = check_target(name, &locked, replace);
        if (r < 0)
                return log_failure_errno(r, "Failed to import to the volume \"%s\": %m", name);
        r = volume_import(&locked, in_fd, &message);
        if (r == -EBADMSG)
                log_error("%s: this is no archive of tar, or one that is damaged or names what is outside%s%s; the "
                          "volume \"%s\" is as it was", shown, message ? ": " : "", message ?: "", name);
        else if (r < 0)
                log_error_errno(r, "Failed to import %s to the volume \"%s\", which is as it was%s%s: %m", shown, name,
                                message ? ": " : "", message ?: "");
        return r;
}

int volume_command_import(const char *name, const char *path, bool replace) {
        _cleanup_close_ int opened = path ? open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY) : -EBADF;

        if (path && opened < 0)
                return log_error_errno(-errno, "Failed to open %s: %m", path);
        return import_from(name, path ?: "standard input", path ? opened : STDIN_FILENO, replace);
}
