/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Levels of SELinux. A level that is held is a symlink with the level's name, whose target is the
 * holder: made in one step, by one alone, and with its owner. */
#include "host/label-levels.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "basic/directory.h"
#include "basic/files.h"
#include "basic/path.h"
#include "basic/text.h"
#include "host/effects.h"
#include "host/user/user-root.h"
#include "source/places.h"

/* The last two categories are for containers that are not kept apart; see oci/oci-labels.c. */
enum { CATEGORIES = 1022, PAIRS = CATEGORIES * (CATEGORIES - 1) / 2 };

/* The pair with this number: (0,1), (0,2), …, (1,2), … */
static char *level_of(unsigned number) {
        unsigned first = 0;

        for (unsigned row = CATEGORIES - 1; number >= row; row--) {
                number -= row;
                first++;
        }
        return text_format("s0:c%u,c%u", first, first + 1 + number);
}

/* FNV-1a */
static uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t size) {
        for (const unsigned char *p = bytes, *end = p + size; p < end; p++) {
                hash ^= *p;
                hash *= 0x100000001b3;
        }
        return hash;
}

/* Nobody knows which levels another user's containers hold. With the user's number in it, what has
 * the same name does not have the same level. */
static unsigned preferred_number(const char *id) {
        uint64_t hash = hash_bytes(0xcbf29ce484222325, id, strlen(id));
        uint32_t uid, gid;

        if (places_scope() == SCOPE_USER) {
                user_root_own_ids(&uid, &gid);
                hash = hash_bytes(hash, &uid, sizeof(uid));
        }
        return (unsigned) ((hash ^ hash >> 32) % PAIRS);
}

char *label_level_preferred(const char *id) {
        return level_of(preferred_number(id));
}

/* Returns 1 when it is ours now, 0 when it is another's, or -errno. */
static int hold(const Bundle *bundle, const char *level) {
        _cleanup_free_ char *path = path_join(place_path(PLACE_LEVELS), level);
        int r;

        if (!path)
                return -ENOMEM;
        r = effects_append(bundle, EFFECT_LEVEL, level, bundle->id);
        if (r < 0)
                return r;
        if (symlink(bundle->id, path) >= 0)
                return 1;
        if (errno != ENOENT)
                return errno == EEXIST ? 0 : -errno;
        r = make_directories_at(AT_FDCWD, place_path(PLACE_LEVELS), 0700);
        if (r < 0)
                return r;
        if (symlink(bundle->id, path) >= 0)
                return 1;
        return errno == EEXIST ? 0 : -errno;
}

int label_level_take(const Bundle *bundle, char **ret) {
        enum { MOST_TRIES = 10000 };
        unsigned number = preferred_number(bundle->id);

        for (unsigned i = 0; i < MOST_TRIES; i++) {
                _cleanup_free_ char *level = level_of((number + i) % PAIRS);
                int r = level ? hold(bundle, level) : -ENOMEM;

                if (r < 0)
                        return r;
                if (r > 0) {
                        *ret = TAKE_PTR(level);
                        return 0;
                }
        }
        return -ENOSPC;
}

int label_level_note(const Bundle *bundle, const char *level) {
        int r = hold(bundle, level);
        return r < 0 ? r : 0;
}

static bool is_held_by(const char *path, const char *id) {
        char holder[NAME_MAX + 1];
        ssize_t n = readlink(path, holder, sizeof(holder));

        return n >= 0 && (size_t) n == strlen(id) && strncmp(holder, id, (size_t) n) == 0;
}

int label_level_find(const char *id, char **ret) {
        _cleanup_closedir_ DIR *directory = NULL;
        const struct dirent *entry;
        int r;

        r = directory_open(place_path(PLACE_LEVELS), &directory);
        if (r < 0)
                return r == -ENOENT ? 0 : r;
        while ((r = directory_next(directory, &entry)) > 0) {
                _cleanup_free_ char *path = path_join(place_path(PLACE_LEVELS), entry->d_name);

                if (!path)
                        return -ENOMEM;
                if (!is_held_by(path, id))
                        continue;
                *ret = strdup(entry->d_name);
                return *ret ? 1 : -ENOMEM;
        }
        return r;
}

int label_level_release(const char *level, const char *id) {
        _cleanup_free_ char *path = NULL;

        if (!startswith(level, "s") || strchr(level, '/'))
                return -EBADMSG;
        path = path_join(place_path(PLACE_LEVELS), level);
        if (!path)
                return -ENOMEM;
        if (!is_held_by(path, id))
                return 0;
        return unlink(path) < 0 && errno != ENOENT ? -errno : 0;
}
