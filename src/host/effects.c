/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The journal of what a start does to the machine outside of its bundle. */
#include "host/effects.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "basic/files.h"
#include "basic/path.h"
#include "host/id-ranges.h"
#include "host/label-levels.h"
#include "host/record.h"
#include "host/runtime.h"
#include "host/scope.h"

#define EFFECTS_FILE "effects"

static int undo_runtime(const char *program, const char *id) {
        return id ? runtime_delete(program, id) : -EBADMSG;
}

static int undo_scope(const char *name, const char *unused _unused_) {
        return scope_kill(name);
}

static int undo_tree(const char *path, const char *unused _unused_) {
        /* The journal is ours alone (the bundle is 0700), but a damaged line shall not remove the wrong tree. */
        if (!path_is_below(path, CONTAINERS_DIRECTORY) || streq(path, CONTAINERS_DIRECTORY) || strstr(path, "/.."))
                return -EBADMSG;
        return remove_tree_at(AT_FDCWD, path);
}

static int undo_ids(const char *range, const char *id) {
        return id ? id_ranges_give_back(range, id) : -EBADMSG;
}

static int undo_level(const char *level, const char *id) {
        return id ? label_level_release(level, id) : -EBADMSG;
}

static const struct {
        const char *name;
        int (*undo)(const char *first, const char *second);
} kinds[_EFFECT_KIND_COUNT] = {
        [EFFECT_RUNTIME] = { "runtime", undo_runtime },
        [EFFECT_SCOPE] = { "scope", undo_scope },
        [EFFECT_TREE] = { "tree", undo_tree },
        [EFFECT_IDS] = { "ids", undo_ids },
        [EFFECT_LEVEL] = { "level", undo_level },
};

int effects_append(const Bundle *bundle, EffectKind kind, const char *first, const char *second) {
        _cleanup_close_ int fd = -EBADF;
        _cleanup_text_ Text line = {};

        record_append(&line, kinds[kind].name, first, second, NULL);
        if (line.failed)
                return -ENOMEM;
        fd = openat(bundle->fd, EFFECTS_FILE, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (fd < 0)
                return -errno;
        return write(fd, line.data, line.length) == (ssize_t) line.length ? 0 : -EIO;
}

static int find_runtime(const StringList *words, void *userdata) {
        char **program = userdata, *copy;

        if (!streq(words->items[0], kinds[EFFECT_RUNTIME].name) || words->count < 2)
                return 0;
        copy = strdup(words->items[1]);
        if (!copy)
                return -ENOMEM;
        free(*program);
        *program = copy;
        return 0;
}

int effects_get_runtime(const Bundle *bundle, char **ret_program) {
        _cleanup_free_ char *program = NULL;
        int r;

        if (bundle->fd < 0)
                return -ENOENT;
        r = record_read(bundle->fd, EFFECTS_FILE, false, find_runtime, &program);
        if (r < 0)
                return r;
        if (!program)
                return -ENOENT;
        *ret_program = TAKE_PTR(program);
        return 0;
}

static int undo_line(const StringList *words, void *userdata) {
        int *first_error = userdata, r = -EBADMSG;

        for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
                if (streq(words->items[0], kinds[i].name) && words->count >= 2)
                        r = kinds[i].undo(words->items[1], words->count > 2 ? words->items[2] : NULL);
        if (r < 0 && *first_error == 0)
                *first_error = r;
        return 0;
}

int effects_undo(Bundle *bundle) {
        int first_error = 0, r;

        if (bundle->fd < 0)
                return 0;
        r = record_read(bundle->fd, EFFECTS_FILE, true, undo_line, &first_error);
        if (r < 0 && r != -ENOENT)
                return r;
        if (first_error < 0)
                return first_error;
        return bundle_remove(bundle);
}
