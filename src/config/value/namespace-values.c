/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Value parsers: namespaces and the mappings of user namespaces. */
#include "basic/numbers.h"
#include "config/value/value-internal.h"

#include <errno.h>

void done_namespace(void *field) {
        Namespace *ns = field;

        free(ns->value);
        *ns = (Namespace) {};
}

void done_user_namespace(void *field) {
        UserNamespace *ns = field;

        free(ns->value);
        string_list_done(&ns->options);
        *ns = (UserNamespace) {};
}

int value_joined_namespace(const ValueContext *context, const Location *where, const char *text,
                           NamespaceKind *ret_kind, char **ret) {
        const char *value;
        int r;

        value = startswith(text, "ns:");
        if (value) {
                r = value_path(context, where, "a namespace", value, ret);
                *ret_kind = NAMESPACE_PATH;
                return r < 0 ? r : 1;
        }
        *ret_kind = NAMESPACE_CONTAINER;
        value = startswith(text, "container:");
        if (!value)
                return value_reference(context, where, text, ".container", ret);
        if (!*value || strchr(value, '/'))
                return diagnose_error(context->diagnostics, where, "\"container:\" needs the name of a container");
        *ret = strdup(value);
        return *ret ? 1 : -ENOMEM;
}

int parse_namespace(const ValueContext *context, const Key *key, const Entry *entry, void *field) {
        _cleanup_(done_namespace) Namespace ns = { .where = entry_location(entry, 0) };
        _cleanup_free_ char *text = NULL;
        int r;

        r = value_text(context, entry, &text);
        if (r < 0)
                return r;
        if (streq(text, "host"))
                ns.kind = NAMESPACE_HOST;
        else if (key == &keys[KEY_Container_IpcNS] && streq(text, "none"))
                ns.without_shm = true;
        /* What is private can be joined by others anyway. */
        else if (!streq(text, "private") && !(key == &keys[KEY_Container_IpcNS] && streq(text, "shareable"))) {
                r = value_joined_namespace(context, &ns.where, text, &ns.kind, &ns.value);
                if (r == 0)
                        return value_refuse(context, key, &ns.where,
                                            "private, host, ns:PATH, container:NAME or NAME.container", text);
                if (r < 0)
                        return r;
        }
        done_namespace(field);
        *(Namespace *) field = ns;
        ns = (Namespace) {};
        return 0;
}

/* "N:N:N", where the third number is at least 1 and may be left out with `two_suffice`. The second
 * may be marked with "@". */
static bool mapping_is_valid(const char *text, bool two_suffice) {
        _cleanup_string_list_ StringList parts = {};
        uint64_t ids[3] = { 0, 0, 1 };

        if (value_split(text, ':', SIZE_MAX, &parts) < 0 || parts.count > 3 || parts.count < (two_suffice ? 2 : 3))
                return false;
        for (size_t i = 0; i < parts.count; i++) {
                const char *number = parts.items[i] + (i == 1 && parts.items[i][0] == '@');
                if (text_to_unsigned(number, UINT32_MAX, &ids[i]) < 0)
                        return false;
        }
        return ids[2] > 0 && ids[0] + ids[2] <= UINT32_MAX && ids[1] + ids[2] <= UINT32_MAX;
}

/* Podman takes several with commas between, too. */
static int add_id_maps(const ValueContext *context, const Key *key, const char *word, const Location *where,
                       void *list) {
        _cleanup_string_list_ StringList maps = {};
        int r;

        r = value_split(word, ',', SIZE_MAX, &maps);
        for (size_t i = 0; i < maps.count && r >= 0; i++) {
                const char *map = maps.items[i];

                if (!mapping_is_valid(map + strspn(map, "+ug"), true))
                        return value_refuse(context, key, where, "mappings CONTAINER:HOST:SIZE", map);
                r = string_list_add(list, map);
        }
        return r;
}

int parse_id_maps(const ValueContext *context, const Key *key, const Entry *entry, void *field) {
        return value_each_word(context, key, entry, add_id_maps, field);
}

/* The options of UserNS=auto and keep-id. */
static bool option_is_valid(UserNamespaceKind kind, const char *option) {
        uint64_t number;
        const char *value;

        if ((value = startswith(option, "size=")))
                return text_to_unsigned(value, UINT32_MAX - 1, &number) >= 0 && number > 0;
        if (kind == USERNS_AUTO &&
            ((value = startswith(option, "uidmapping=")) || (value = startswith(option, "gidmapping="))))
                return mapping_is_valid(value, false);
        if (kind == USERNS_KEEP_ID && ((value = startswith(option, "uid=")) || (value = startswith(option, "gid="))))
                return text_to_unsigned(value, UINT32_MAX - 1, &number) >= 0;
        return false;
}

static int user_namespace_options(const ValueContext *context, const char *text, UserNamespace *ns) {
        int r;

        r = value_split(text, ',', SIZE_MAX, &ns->options);
        for (size_t i = 0; i < ns->options.count && r >= 0; i++)
                if (!option_is_valid(ns->kind, ns->options.items[i]))
                        return diagnose_error(context->diagnostics, &ns->where, "\"%s\" is no option of \"%s\": %s are",
                                              ns->options.items[i], ns->kind == USERNS_AUTO ? "auto" : "keep-id",
                                              ns->kind == USERNS_AUTO ? "size=, uidmapping= and gidmapping="
                                                                      : "uid=, gid= and size=");
        return r;
}

static int user_namespace_mode(const ValueContext *context, const Key *key, const char *text, UserNamespace *ns) {
        NamespaceKind joined;
        const char *options;
        int r;

        if (streq(text, "host"))
                return 0;
        if (streq(text, "nomap")) {
                ns->kind = USERNS_NOMAP;
                return 0;
        }
        if ((options = startswith(text, "auto")) && (!*options || *options == ':'))
                ns->kind = USERNS_AUTO;
        else if ((options = startswith(text, "keep-id")) && (!*options || *options == ':'))
                ns->kind = USERNS_KEEP_ID;
        else {
                r = value_joined_namespace(context, &ns->where, text, &joined, &ns->value);
                if (r == 0)
                        return value_refuse(context, key, &ns->where,
                                        "host, auto, keep-id, nomap, ns:PATH, container:NAME or NAME.container", text);
                ns->kind = joined == NAMESPACE_PATH ? USERNS_PATH : USERNS_CONTAINER;
                return r;
        }
        return *options ? user_namespace_options(context, options + 1, ns) : 0;
}

int parse_user_namespace(const ValueContext *context, const Key *key, const Entry *entry, void *field) {
        _cleanup_(done_user_namespace) UserNamespace ns = { .where = entry_location(entry, 0) };
        _cleanup_free_ char *text = NULL;
        int r;

        r = value_text(context, entry, &text);
        if (r < 0)
                return r;
        r = user_namespace_mode(context, key, text, &ns);
        if (r < 0)
                return r;
        done_user_namespace(field);
        *(UserNamespace *) field = ns;
        ns = (UserNamespace) {};
        return 0;
}
