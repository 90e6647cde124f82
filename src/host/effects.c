/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The journal of what a start does to the machine outside of its bundle. */
#include "host/effects.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "host/record.h"

#define EFFECTS_FILE "effects"

static const char *const names[_EFFECT_KIND_COUNT] = {
        [EFFECT_RUNTIME] = "runtime",
        [EFFECT_SCOPE] = "scope",
        [EFFECT_PROGRAM] = "program",
        [EFFECT_TREE] = "tree",
        [EFFECT_CHECKPOINT] = "checkpoint",
        [EFFECT_IDS] = "ids",
        [EFFECT_LEVEL] = "level",
        [EFFECT_LEASE] = "lease",
        [EFFECT_NAMES] = "names",
        [EFFECT_PORTS] = "ports",
};

int effects_append(const Bundle *bundle, EffectKind kind, const char *first, const char *second) {
        _cleanup_close_ int fd = -EBADF;
        _cleanup_text_ Text line = {};

        record_append(&line, names[kind], first, second, NULL);
        if (line.failed)
                return -ENOMEM;
        fd = openat(bundle->fd, EFFECTS_FILE, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (fd < 0)
                return -errno;
        return write(fd, line.data, line.length) == (ssize_t) line.length ? 0 : -EIO;
}

static int find_runtime(const StringList *words, void *userdata) {
        char **program = userdata, *copy;

        if (!streq(words->items[0], names[EFFECT_RUNTIME]) || words->count < 2)
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

typedef struct Reading {
        EffectHandler handle;
        void *userdata;
} Reading;

static int read_line(const StringList *words, void *userdata) {
        const Reading *reading = userdata;
        int kind = -1;

        for (size_t i = 0; i < ARRAY_SIZE(names); i++)
                if (streq(words->items[0], names[i]) && words->count >= 2)
                        kind = (int) i;
        if (kind < 0)
                return reading->handle(_EFFECT_KIND_COUNT, NULL, NULL, reading->userdata);
        return reading->handle((EffectKind) kind, words->items[1], words->count > 2 ? words->items[2] : NULL,
                               reading->userdata);
}

int effects_read_backwards(const Bundle *bundle, EffectHandler handle, void *userdata) {
        Reading reading = { .handle = handle, .userdata = userdata };

        return record_read(bundle->fd, EFFECTS_FILE, true, read_line, &reading);
}
