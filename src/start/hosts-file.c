/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The text of a container's /etc/hosts. */
#include "start/hosts-file.h"

#include <errno.h>

#include "basic/text.h"

#define BLANKS " \t\r\f\v"

static void append_entry(Text *text, const char *address, const StringList *names) {
        text_append(text, address);
        for (size_t i = 0; i < names->count; i++) {
                text_append_char(text, i == 0 ? '\t' : ' ');
                text_append(text, names->items[i]);
        }
        text_append_char(text, '\n');
}

static int append_added(Text *text, const HostsRequest *request, const char *item, StringList *known) {
        const char *colon = strchr(item, ':'), *address = colon + 1;
        _cleanup_string_list_ StringList names = {};
        int r;

        r = string_list_add_split(&names, item, (size_t) (colon - item), ";");
        if (r < 0)
                return r;
        append_entry(text, streq(address, "host-gateway") ? request->gateway : address, &names);
        return string_list_extend(known, &names);
}

/* A line of the machine's file, without the names that are `taken`. */
static int append_line(Text *text, const char *line, size_t n, const StringList *taken, StringList *known) {
        _cleanup_string_list_ StringList words = {}, names = {};
        const char *comment = memchr(line, '#', n);
        int r;

        r = string_list_add_split(&words, line, comment ? (size_t) (comment - line) : n, BLANKS);
        if (r < 0)
                return r;
        for (size_t i = 1; i < words.count; i++) {
                if (string_list_contains(taken, words.items[i]))
                        continue;
                r = string_list_add(&names, words.items[i]);
                if (r < 0)
                        return r;
        }
        if (names.count > 0)
                append_entry(text, words.items[0], &names);
        return string_list_extend(known, &names);
}

static int append_base(Text *text, const char *base, StringList *known) {
        _cleanup_string_list_ StringList taken = {};
        int r;

        r = string_list_extend(&taken, known);
        for (const char *line = base; *line && r == 0;) {
                size_t n = strcspn(line, "\n");

                r = append_line(text, line, n, &taken, known);
                line += n + (line[n] == '\n');
        }
        return r;
}

/* Names that podman gives the machine. */
static int append_machine(Text *text, const HostsRequest *request, const StringList *known) {
        static const char *const machine[] = { "host.containers.internal", "host.docker.internal" };
        _cleanup_string_list_ StringList names = {};
        int r = 0;

        for (size_t i = 0; request->host_names && r >= 0 && i < ARRAY_SIZE(machine); i++)
                if (!string_list_contains(known, machine[i]))
                        r = string_list_add(&names, machine[i]);
        if (r >= 0 && names.count > 0)
                append_entry(text, request->gateway, &names);
        return r;
}

static int append_own(Text *text, const HostsRequest *request, const StringList *known) {
        _cleanup_string_list_ StringList names = {};

        if (!string_list_contains(known, "localhost"))
                text_append(text, "127.0.0.1\tlocalhost\n::1\tlocalhost\n");
        for (size_t i = 0; i < request->own_names.count; i++) {
                const char *name = request->own_names.items[i];
                int r = string_list_contains(known, name) || string_list_contains(&names, name)
                                        ? 0
                                        : string_list_add(&names, name);

                if (r < 0)
                        return r;
        }
        for (size_t i = 0; names.count > 0 && i < request->own_addresses->count; i++)
                append_entry(text, request->own_addresses->items[i], &names);
        if (names.count > 0 && request->own_addresses->count == 0)
                append_entry(text, "127.0.0.1", &names);
        return 0;
}

static int append_neighbours(Text *text, const HostsRequest *request, const StringList *known) {
        for (size_t i = 0; i < request->neighbours->count; i++) {
                const char *line = request->neighbours->items[i];
                size_t n = strcspn(line, " ");
                _cleanup_string_list_ StringList words = {}, names = {};
                _cleanup_free_ char *address = strndup(line, n);
                int r = address ? string_list_add_split(&words, line + n, strlen(line + n), " ") : -ENOMEM;

                for (size_t j = 0; r >= 0 && j < words.count; j++)
                        if (!string_list_contains(known, words.items[j]) &&
                            !string_list_contains(&request->own_names, words.items[j]))
                                r = string_list_add(&names, words.items[j]);
                if (r < 0)
                        return r;
                if (names.count > 0)
                        append_entry(text, address, &names);
        }
        return 0;
}

int hosts_file_text(const HostsRequest *request, char **ret) {
        _cleanup_string_list_ StringList known = {};
        _cleanup_text_ Text text = {};
        int r = 0;

        for (size_t i = 0; i < request->added->count && r == 0; i++)
                r = append_added(&text, request, request->added->items[i], &known);
        if (r < 0 || (r = append_base(&text, request->base, &known)) < 0 ||
            (r = append_machine(&text, request, &known)) < 0 || (r = append_own(&text, request, &known)) < 0 ||
            (r = append_neighbours(&text, request, &known)) < 0)
                return r;
        return text_take(&text, ret);
}

/* The address of the first line that has the name; NULL when none has. Caller frees. */
static int find_address(const char *base, const char *name, char **ret) {
        for (const char *line = base; *line;) {
                _cleanup_string_list_ StringList words = {};
                size_t n = strcspn(line, "\n");
                int r = string_list_add_split(&words, line, n, BLANKS);

                if (r < 0)
                        return r;
                for (size_t i = 1; i < words.count; i++)
                        if (streq(words.items[i], name)) {
                                *ret = strdup(words.items[0]);
                                return *ret ? 0 : -ENOMEM;
                        }
                line += n + (line[n] == '\n');
        }
        return -ENOKEY;
}

static bool has_line(const char *base, const char *wanted, size_t size) {
        for (const char *line = base; *line;) {
                size_t n = strcspn(line, "\n");

                if (n == size && memcmp(line, wanted, n) == 0)
                        return true;
                line += n + (line[n] == '\n');
        }
        return false;
}

/* Of the text, whole lines, those that are not there. */
static int drop_known_lines(const Text *text, const char *base, char **ret) {
        /* The file is in the other container's hands, which need not have ended its last line. */
        bool open_end = *base && base[strlen(base) - 1] != '\n';
        _cleanup_text_ Text kept = {};

        for (size_t i = 0; i < text->length;) {
                const char *line = text->data + i;
                size_t n = strcspn(line, "\n");

                if (!has_line(base, line, n))
                        text_appendf(&kept, "%s%.*s\n", kept.length == 0 && open_end ? "\n" : "", (int) n, line);
                i += n + 1;
        }
        return text->failed ? -ENOMEM : text_take(&kept, ret);
}

/* Own names that the file does not have: one may be the other's own. */
static int find_new_names(const HostsRequest *request, StringList *ret) {
        int r = 0;

        for (size_t i = 0; r >= 0 && i < request->own_names.count; i++) {
                _cleanup_free_ char *address = NULL;

                r = find_address(request->base, request->own_names.items[i], &address);
                if (r == -ENOKEY)
                        r = string_list_add(ret, request->own_names.items[i]);
        }
        return r;
}

int hosts_file_joined(const HostsRequest *request, char **ret) {
        HostsRequest complete = *request;
        _cleanup_string_list_ StringList known = {}, own = {};
        _cleanup_free_ char *gateway = NULL;
        _cleanup_text_ Text text = {};
        int r = 0;

        if (!complete.gateway) {
                r = find_address(request->base, "host.containers.internal", &gateway);
                complete.gateway = gateway;
        }
        for (size_t i = 0; i < request->added->count && (r >= 0 || r == -ENOKEY); i++) {
                if (r == -ENOKEY && endswith(request->added->items[i], ":host-gateway"))
                        return r;
                r = append_added(&text, &complete, request->added->items[i], &known) < 0 ? -ENOMEM : r;
        }
        if (r < 0 && r != -ENOKEY)
                return r;
        r = find_new_names(request, &own);
        if (r < 0)
                return r;
        if (own.count > 0)
                append_entry(&text, "127.0.0.1", &own);
        return drop_known_lines(&text, request->base, ret);
}
