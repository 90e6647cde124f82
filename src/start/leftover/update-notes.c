/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Notes about updates of images that have failed. */
#include "start/leftover/update-notes.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "basic/directory.h"
#include "basic/files.h"
#include "basic/path.h"
#include "image/digest.h"
#include "source/places.h"

static char *path_of(const char *name) {
        return path_join(place_path(PLACE_UPDATE_NOTES), name);
}

int update_notes_list(StringList *ret_names) {
        return directory_list(place_path(PLACE_UPDATE_NOTES), ret_names);
}

int update_note_write(const char *name, const char *digest) {
        _cleanup_free_ char *path = path_of(name);
        int r = path ? make_directories_at(AT_FDCWD, place_path(PLACE_UPDATE_NOTES), 0755) : -ENOMEM;

        if (r >= 0)
                r = sweep_temporary_files(place_path(PLACE_UPDATE_NOTES));
        return r < 0 ? r : write_file_atomic_at(AT_FDCWD, path, digest, strlen(digest), 0644);
}

bool update_note_is_about(const char *name, const char *digest) {
        _cleanup_free_ char *path = path_of(name), *noted = NULL;

        return path && read_file_at(AT_FDCWD, path, DIGEST_TEXT_SIZE, &noted, NULL) >= 0 && streq(noted, digest);
}

int update_note_remove(const char *name) {
        _cleanup_free_ char *path = path_of(name);

        if (!path)
                return -ENOMEM;
        return unlink(path) < 0 && errno != ENOENT ? -errno : 0;
}
