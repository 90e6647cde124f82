/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One value out of JSON. */
#include "berth/command/value-path.h"

#include <errno.h>

#include "basic/numbers.h"
#include "basic/text.h"

typedef struct Walk {
        const char *path;
        const char *rest; /* of it */
        const char *name_start;
        char **message;
} Walk;

/* Takes the message over. */
static int fail(const Walk *walk, int error, char *what) {
        _cleanup_free_ char *text = what;

        *walk->message = text ? text_format("column %td: %s", walk->name_start - walk->path + 1, text) : NULL;
        return *walk->message ? error : -ENOMEM;
}

/* "unit" of "unit.stat", or nothing at the beginning. */
static char *where(const Walk *walk) {
        ptrdiff_t length = walk->name_start - walk->path;

        return length > 0 ? text_format(" in \"%.*s\"", (int) length - 1, walk->path) : strdup("");
}

/* The next name, without its backslashes. */
static int take_name(Walk *walk, char **ret) {
        _cleanup_text_ Text text = {};

        walk->name_start = walk->rest;
        for (; *walk->rest && *walk->rest != '.'; walk->rest++) {
                if (walk->rest[0] == '\\' && walk->rest[1])
                        walk->rest++;
                text_append_char(&text, *walk->rest);
        }
        if (text.length == 0 && !text.failed)
                return fail(walk, -EINVAL, strdup("a name is missing"));
        return text_take(&text, ret);
}

static int no_member(const Walk *walk, json_object *object, const char *name) {
        _cleanup_free_ char *in = where(walk);
        Nearest nearest = { .wanted = name };

        json_object_object_foreach(object, key, unused) {
                (void) unused;
                nearest_consider(&nearest, key);
        }
        if (!in)
                return -ENOMEM;
        if (nearest.name)
                return fail(walk, -ENOENT, text_format("there is no \"%s\"%s; did you mean \"%s\"?", name, in,
                                                       nearest.name));
        return fail(walk, -ENOENT, text_format("there is no \"%s\"%s", name, in));
}

static int take_element(const Walk *walk, json_object *array, const char *name, json_object **ret) {
        size_t count = json_object_array_length(array);
        uint64_t i;

        if (text_to_unsigned(name, SIZE_MAX, &i) < 0)
                return fail(walk, -ENOENT, text_format("\"%.*s\" is a list: a number from 0 on, not \"%s\"",
                                                       (int) (walk->name_start - walk->path) - 1, walk->path, name));
        if (i >= count)
                return fail(walk, -ENOENT, text_format("there is no %s in \"%.*s\", which has %zu", name,
                                                       (int) (walk->name_start - walk->path) - 1, walk->path, count));
        *ret = json_object_array_get_idx(array, (size_t) i);
        return 0;
}

static int step(const Walk *walk, json_object *value, const char *name, json_object **ret) {
        switch (json_object_get_type(value)) {
        case json_type_object:
                return json_object_object_get_ex(value, name, ret) ? 0 : no_member(walk, value, name);
        case json_type_array:
                return take_element(walk, value, name, ret);
        case json_type_null:
                *ret = NULL;
                return 0;
        default:
                return fail(walk, -ENOENT, text_format("there is no \"%s\" in \"%.*s\", which is a single value", name,
                                                       (int) (walk->name_start - walk->path) - 1, walk->path));
        }
}

int value_path_find(json_object *value, const char *path, json_object **ret, char **ret_message) {
        Walk walk = { .path = path, .rest = path, .name_start = path, .message = ret_message };

        if (startswith(path, "{"))
                return fail(&walk, -EINVAL, strdup("a path of names is wanted, such as unit.state, and no template"));
        for (;;) {
                _cleanup_free_ char *name = NULL;
                int r = take_name(&walk, &name);

                if (r >= 0)
                        r = step(&walk, value, name, &value);
                if (r < 0)
                        return r;
                if (!*walk.rest)
                        break;
                walk.rest++;
        }
        *ret = value;
        return 0;
}
