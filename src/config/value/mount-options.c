/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The value parser of Mount=: comma-separated options whose set depends on the type, as
 * podman-run(1) has them. */
#include "config/value/value-internal.h"

#include <errno.h>
#include <inttypes.h>

#include "basic/numbers.h"
#include "basic/text.h"
#include "config/mount-mapping.h"

enum {
        BIND = 1 << 0,
        VOLUME = 1 << 1,
        TMPFS = 1 << 2,
        RAMFS = 1 << 3,
        IMAGE = 1 << 4,
        DEVPTS = 1 << 5,
        GLOB = 1 << 6,
        ARTIFACT = 1 << 7,
        HOST = BIND | GLOB,
        STORED = BIND | GLOB | VOLUME,
        MEMORY = TMPFS | RAMFS,
        COMMON = STORED | MEMORY,
        OWNED = STORED | TMPFS,
        NEEDS_SOURCE = BIND | GLOB | IMAGE | ARTIFACT,
};

static const ValueName mount_types[] = {
        { "bind", BIND },     { "volume", VOLUME }, { "tmpfs", TMPFS }, { "image", IMAGE },
        { "devpts", DEVPTS }, { "glob", GLOB },     { "ramfs", RAMFS }, { "artifact", ARTIFACT }, {},
};

typedef enum OptionValue {
        NO_VALUE,
        MAY_BE_BOOLEAN, /* "ro", "ro=true" */
        ANY_VALUE,      /* "idmap", "idmap=…" */
        NEEDS_VALUE,
        NUMBER,
        MODE,
        SIZE,
} OptionValue;

static const struct MountOption {
        const char *name;
        int types;
        OptionValue value;
} mount_options[] = {
        { "ro", COMMON, MAY_BE_BOOLEAN },
        { "readonly", COMMON, MAY_BE_BOOLEAN },
        { "rw", COMMON | IMAGE, MAY_BE_BOOLEAN },
        { "readwrite", IMAGE, MAY_BE_BOOLEAN },
        { "dev", COMMON, NO_VALUE },
        { "nodev", COMMON, NO_VALUE },
        { "exec", COMMON, NO_VALUE },
        { "noexec", COMMON, NO_VALUE },
        { "suid", COMMON, NO_VALUE },
        { "nosuid", COMMON, NO_VALUE },
        { "U", OWNED, MAY_BE_BOOLEAN },
        { "chown", OWNED, MAY_BE_BOOLEAN },
        { "idmap", STORED, ANY_VALUE },
        { "z", STORED, NO_VALUE },
        { "Z", STORED, NO_VALUE },
        { "relabel", STORED, NEEDS_VALUE },
        { "private", COMMON, NO_VALUE },
        { "rprivate", COMMON, NO_VALUE },
        { "shared", COMMON, NO_VALUE },
        { "rshared", COMMON, NO_VALUE },
        { "slave", COMMON, NO_VALUE },
        { "rslave", COMMON, NO_VALUE },
        { "unbindable", COMMON, NO_VALUE },
        { "runbindable", COMMON, NO_VALUE },
        { "bind-propagation", HOST, NEEDS_VALUE },
        { "bind-nonrecursive", HOST, MAY_BE_BOOLEAN },
        { "no-dereference", HOST, NO_VALUE },
        { "consistency", ~0, ANY_VALUE },
        { "subpath", VOLUME | IMAGE, NEEDS_VALUE },
        { "volume-subpath", VOLUME, NEEDS_VALUE },
        { "volume-opt", VOLUME, NEEDS_VALUE },
        { "nocreate", VOLUME, NO_VALUE },
        { "tmpfs-size", TMPFS, SIZE },
        { "tmpfs-mode", MEMORY, MODE },
        { "tmpcopyup", TMPFS, NO_VALUE },
        { "notmpcopyup", TMPFS, NO_VALUE },
        { "noatime", MEMORY, NO_VALUE },
        { "noswap", TMPFS, NO_VALUE },
        { "uid", DEVPTS, NUMBER },
        { "gid", DEVPTS, NUMBER },
        { "mode", DEVPTS, MODE },
        { "ptmxmode", DEVPTS, MODE },
        { "newinstance", DEVPTS, NO_VALUE },
        { "max", DEVPTS, NUMBER },
        { "digest", ARTIFACT, NEEDS_VALUE },
        { "title", ARTIFACT, NEEDS_VALUE },
        { "name", ARTIFACT, NEEDS_VALUE },
};

void mount_done(Mount *mount) {
        free(mount->type);
        free(mount->source);
        free(mount->destination);
        string_list_done(&mount->options);
}

DEFINE_LIST_DONE(mounts, mount_done)

/* Takes one field of comma-separated values (RFC 4180) from `*rest`; a quoted one may hold commas,
 * and `""` for a quote. Returns 1, 0 at the end, -EINVAL for an unclosed quote or -ENOMEM. */
static int csv_next(const char **rest, char **ret) {
        _cleanup_text_ Text field = {};
        const char *p = *rest;
        int r;

        if (!p)
                return 0;
        if (*p == '"') {
                for (p++; *p && (*p != '"' || p[1] == '"'); p++) {
                        p += *p == '"';
                        text_append_char(&field, *p);
                }
                if (*p++ != '"' || (*p && *p != ','))
                        return -EINVAL;
        } else {
                size_t n = strcspn(p, ",");
                text_append_n(&field, p, n);
                p += n;
        }
        r = text_take(&field, ret);
        if (r < 0)
                return r;
        *rest = *p ? p + 1 : NULL;
        return 1;
}

static int split_csv(const ValueContext *context, const Location *where, const char *text, StringList *ret) {
        for (;;) {
                char *field;
                int r = csv_next(&text, &field);

                if (r == -EINVAL)
                        return diagnose_error(context->diagnostics, where,
                                              "unclosed quote among the options of a mount");
                if (r <= 0)
                        return r;
                r = string_list_take(ret, field);
                if (r < 0)
                        return r;
        }
}

static bool is_propagation(const char *option) {
        static const char *const propagations[] = {
                "private", "rprivate", "shared", "rshared", "slave", "rslave", "unbindable", "runbindable",
        };

        for (size_t i = 0; i < ARRAY_SIZE(propagations); i++)
                if (streq(option, propagations[i]))
                        return true;
        return false;
}

static bool value_suits(const struct MountOption *option, const char *value) {
        uint64_t number;
        mode_t mode;
        bool yes;

        if (!value)
                return option->value == NO_VALUE || option->value == MAY_BE_BOOLEAN || option->value == ANY_VALUE;
        if (streq(option->name, "relabel"))
                return streq(value, "shared") || streq(value, "private");
        if (streq(option->name, "bind-propagation"))
                return is_propagation(value);
        if (streq(option->name, "idmap"))
                return mount_mapping_is_valid(value);
        switch (option->value) {
        case NO_VALUE:
                return false;
        case MAY_BE_BOOLEAN:
                return text_to_bool(value, &yes) >= 0;
        case NUMBER:
                return text_to_unsigned(value, UINT32_MAX, &number) >= 0;
        case MODE:
                return text_to_mode(value, &mode) >= 0;
        case SIZE:
                return text_to_size(value, &number) >= 0;
        default:
                return *value;
        }
}

/* A sound option in the words of Volume= and Tmpfs=; "" for one that only says what is so anyway.
 * NULL when memory is short. */
static char *translate(const struct MountOption *option, const char *text, const char *value) {
        static const struct {
                const char *name, *yes, *no;
        } switches[] = {
                { "ro", "ro", "rw" },
                { "readonly", "ro", "rw" },
                { "rw", "rw", "ro" },
                { "readwrite", "rw", "ro" },
                { "U", "U", "" },
                { "chown", "U", "" },
                { "bind-nonrecursive", "bind", "rbind" },
        };
        bool yes = true;
        uint64_t size;

        for (size_t i = 0; i < ARRAY_SIZE(switches); i++)
                if (streq(option->name, switches[i].name)) {
                        if (value)
                                (void) text_to_bool(value, &yes);
                        return strdup(yes ? switches[i].yes : switches[i].no);
                }
        if (streq(option->name, "relabel"))
                return strdup(streq(value, "shared") ? "z" : "Z");
        if (streq(option->name, "bind-propagation"))
                return strdup(value);
        if (streq(option->name, "tmpfs-size"))
                return text_to_size(value, &size) < 0 ? NULL : text_format("size=%" PRIu64, size);
        if (streq(option->name, "tmpfs-mode"))
                return text_format("mode=%s", value);
        if (streq(option->name, "volume-subpath"))
                return text_format("subpath=%s", value);
        return strdup(streq(option->name, "consistency") ? "" : text); /* of file sharing with other systems */
}

static bool conflicts(const Mount *mount, const char *option) {
        if (startswith(option, "volume-opt="))
                return false;
        if (streq(option, "z") || streq(option, "Z"))
                return string_list_contains(&mount->options, "z") || string_list_contains(&mount->options, "Z");
        for (size_t i = 0; is_propagation(option) && i < mount->options.count; i++)
                if (is_propagation(mount->options.items[i]))
                        return true;
        return value_option_conflicts(&mount->options, option);
}

/* For messages. */
static const char *article(const Mount *mount) {
        return strchr("ai", mount->type[0]) ? "an" : "a";
}

static int add_sound_option(const ValueContext *context, const struct MountOption *option, const char *text,
                            const char *value, Mount *mount) {
        _cleanup_free_ char *translated = translate(option, text, value);

        if (!translated)
                return -ENOMEM;
        if (!*translated)
                return 0;
        if (conflicts(mount, translated))
                return diagnose_error(context->diagnostics, &mount->where,
                                      "mount option \"%s\" contradicts an earlier one", text);
        return string_list_take(&mount->options, TAKE_PTR(translated));
}

static int add_option(const ValueContext *context, const char *text, int type, Mount *mount) {
        const char *equals = strchr(text, '=');
        size_t n = equals ? (size_t) (equals - text) : strlen(text);
        _cleanup_free_ char *name = strndup(text, n);
        Nearest nearest = { .wanted = name };

        if (!name)
                return -ENOMEM;
        for (size_t i = 0; i < ARRAY_SIZE(mount_options); i++) {
                const struct MountOption *option = &mount_options[i];

                if (!(option->types & type))
                        continue;
                if (!streq(option->name, name)) {
                        nearest_consider(&nearest, option->name);
                        continue;
                }
                if (!value_suits(option, equals ? equals + 1 : NULL))
                        return diagnose_error(context->diagnostics, &mount->where,
                                              "\"%s\" is not valid as an option of a mount", text);
                return add_sound_option(context, option, text, equals ? equals + 1 : NULL, mount);
        }
        if (nearest.name)
                return diagnose_error(context->diagnostics, &mount->where,
                                      "unknown option \"%s\" of %s %s mount; did you mean \"%s\"?", name,
                                      article(mount), mount->type, nearest.name);
        return diagnose_error(context->diagnostics, &mount->where, "unknown option \"%s\" of %s %s mount", name,
                              article(mount), mount->type);
}

static int set_source(const ValueContext *context, const char *text, int type, Mount *mount) {
        _cleanup_free_ char *stem = NULL;
        int r;

        if (mount->source)
                return diagnose_error(context->diagnostics, &mount->where, "the source of a mount is given twice");
        if (type & (MEMORY | DEVPTS))
                return diagnose_error(context->diagnostics, &mount->where, "a %s mount has no source", mount->type);
        if (!*text)
                return diagnose_error(context->diagnostics, &mount->where, "the source of a mount is empty");
        if ((type & HOST) && text[0] == '.')
                return value_relative_path(context, &mount->where, "the source of a mount", text, &mount->source);
        if (type & HOST)
                return value_path(context, &mount->where, "the source of a mount", text, &mount->source);
        if (type == VOLUME) {
                r = value_reference(context, &mount->where, text, ".volume", &stem);
                if (r < 0)
                        return r;
                if (r == 0 && !value_name_is_valid(text))
                        return diagnose_error(context->diagnostics, &mount->where, "\"%s\" is no volume's name", text);
        }
        if (type == IMAGE)
                return value_image(context, &mount->where, text, &mount->source);
        return value_replace(&mount->source, text);
}

static int set_destination(const ValueContext *context, const char *text, Mount *mount) {
        if (mount->destination)
                return diagnose_error(context->diagnostics, &mount->where, "the destination of a mount is given twice");
        return value_path(context, &mount->where, "the destination of a mount", text, &mount->destination);
}

static int add_field(const ValueContext *context, const char *text, int type, Mount *mount) {
        const char *value;

        if (startswith(text, "type="))
                return 0;
        if ((value = startswith(text, "source=")) || (value = startswith(text, "src=")))
                return set_source(context, value, type, mount);
        if ((value = startswith(text, "destination=")) || (value = startswith(text, "dst=")) ||
            (value = startswith(text, "dest=")) || (value = startswith(text, "target=")))
                return set_destination(context, value, mount);
        return add_option(context, text, type, mount);
}

/* The type may stand anywhere; podman's default is a volume. */
static int find_type(const ValueContext *context, const Location *where, const StringList *fields, int *ret) {
        const char *given = string_list_value(fields, "type");
        Nearest nearest = { .wanted = given ? given : "volume" };

        for (const ValueName *type = mount_types; type->name; type++) {
                if (streq(type->name, nearest.wanted)) {
                        *ret = type->value;
                        return 0;
                }
                nearest_consider(&nearest, type->name);
        }
        return value_unknown(context, where, "type of a mount", nearest.wanted, nearest.name);
}

static int add_mount(const ValueContext *context, _unused_ const Key *key, const char *word, const Location *where,
                     void *field) {
        _cleanup_(mount_done) Mount mount = { .where = *where };
        _cleanup_string_list_ StringList fields = {};
        MountList *list = field;
        const char *name;
        int type = 0, r;

        r = split_csv(context, where, word, &fields);
        if (r < 0)
                return r;
        r = find_type(context, where, &fields, &type);
        if (r < 0)
                return r;
        name = string_list_value(&fields, "type");
        r = value_replace(&mount.type, name ? name : "volume");
        for (size_t i = 0; i < fields.count && r >= 0; i++)
                r = add_field(context, fields.items[i], type, &mount);
        if (r < 0)
                return r;
        if ((type & NEEDS_SOURCE) && !mount.source)
                return diagnose_error(context->diagnostics, where, "%s %s mount needs a source", article(&mount),
                                      mount.type);
        if (type != GLOB && !mount.destination)
                return diagnose_error(context->diagnostics, where, "%s %s mount needs a destination", article(&mount),
                                      mount.type);
        return LIST_TAKE(list, mount);
}

int parse_mounts(const ValueContext *context, const Key *key, const Entry *entry, void *field) {
        return value_each_word(context, key, entry, add_mount, field);
}
