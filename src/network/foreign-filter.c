/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Other tables of the packet filter than ours. */
#include "network/foreign-filter.h"

#include <errno.h>

#include "basic/string-list.h"
#include "basic/text.h"
#include "network/tables.h"

#define DOCKER_CHAIN "DOCKER-USER"

static const char *const docker_families[] = { "ip", "ip6" };

/* Where a reader of what nft(8) lists is. */
typedef struct Place {
        char table[128]; /* "inet filter" */
        char chain[128];
} Place;

/* Notes the name between `keyword` and " {", if the line has both. */
static bool note_name(const char *line, const char *keyword, char *name, size_t size) {
        const char *rest = startswith(line + strspn(line, "\t "), keyword), *end = rest ? strstr(rest, " {") : NULL;

        if (!end)
                return false;
        snprintf(name, size, "%.*s", (int) (end - rest), rest);
        return true;
}

/* Docker's own table drops, and has a chain for those who want something to pass. */
static bool has_docker_chain(const StringList *lines, const char *table) {
        Place place = {};

        for (size_t i = 0; i < lines->count; i++)
                if (!note_name(lines->items[i], "table ", place.table, sizeof(place.table)) &&
                    note_name(lines->items[i], "chain ", place.chain, sizeof(place.chain)) &&
                    streq(place.table, table) && streq(place.chain, DOCKER_CHAIN))
                        return true;
        return false;
}

static int find_dropping(const StringList *lines, char **ret) {
        Place place = {};

        for (size_t i = 0; i < lines->count; i++) {
                const char *line = lines->items[i];

                if (note_name(line, "table ", place.table, sizeof(place.table)) ||
                    note_name(line, "chain ", place.chain, sizeof(place.chain)) || !strstr(line, "hook forward") ||
                    !strstr(line, "policy drop") || has_docker_chain(lines, place.table))
                        continue;
                *ret = text_format("chain \"%s\" of the table \"%s\"", place.chain, place.table);
                return *ret ? 0 : -ENOMEM;
        }
        return 0;
}

/* The chain of docker's with its rules, a line each. -EPROTO when there is none. */
static int list_docker_chain(const char *family, StringList *ret) {
        _cleanup_free_ char *command = text_format("list chain %s filter " DOCKER_CHAIN, family), *output = NULL;
        int r = command ? tables_query(command, &output) : -ENOMEM;

        return r < 0 ? r : string_list_add_split(ret, output, strlen(output), "\n");
}

static bool is_of(const char *line, const char *owner) {
        const char *comment = strstr(line, "comment \""), *name = comment ? comment + strlen("comment \"") : NULL,
                   *rest = name ? startswith(name, owner) : NULL;

        return rest && *rest == '"';
}

static int open_docker_chain(const char *family, const char *interface, const char *owner) {
        _cleanup_string_list_ StringList lines = {};
        _cleanup_free_ char *commands = NULL;
        int r = list_docker_chain(family, &lines);

        for (size_t i = 0; r >= 0 && i < lines.count; i++)
                if (is_of(lines.items[i], owner))
                        return 0;
        if (r < 0)
                return r;
        commands = text_format("insert rule %s filter " DOCKER_CHAIN " iifname \"%s\" counter accept comment \"%s\"\n"
                               "insert rule %s filter " DOCKER_CHAIN " oifname \"%s\" counter accept comment \"%s\"\n",
                               family, interface, owner, family, interface, owner);
        return commands ? tables_run(commands, NULL) : -ENOMEM;
}

int foreign_filter_open(const char *interface, const char *owner, char **ret_dropping) {
        _cleanup_free_ char *output = NULL, *dropping = NULL;
        _cleanup_string_list_ StringList lines = {};
        int r = tables_query("list chains", &output);

        if (r >= 0)
                r = string_list_add_split(&lines, output, strlen(output), "\n");
        for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(docker_families); i++) {
                _cleanup_free_ char *table = text_format("%s filter", docker_families[i]);

                if (!table)
                        return -ENOMEM;
                if (has_docker_chain(&lines, table))
                        r = open_docker_chain(docker_families[i], interface, owner);
        }
        if (r >= 0)
                r = find_dropping(&lines, &dropping);
        if (r >= 0)
                *ret_dropping = TAKE_PTR(dropping);
        return r;
}

static int close_docker_chain(const char *family, const char *owner) {
        static const char handle[] = "# handle ";
        _cleanup_string_list_ StringList lines = {};
        _cleanup_text_ Text commands = {};
        int r = list_docker_chain(family, &lines);

        for (size_t i = 0; r >= 0 && i < lines.count; i++) {
                const char *number = is_of(lines.items[i], owner) ? strstr(lines.items[i], handle) : NULL;

                if (number)
                        text_appendf(&commands, "delete rule %s filter " DOCKER_CHAIN " handle %s\n", family,
                                     number + strlen(handle));
        }
        if (r < 0)
                return r == -EPROTO ? 0 : r;
        if (commands.failed)
                return -ENOMEM;
        return commands.data ? tables_run(commands.data, NULL) : 0;
}

int foreign_filter_close(const char *owner) {
        int r = 0;

        for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(docker_families); i++)
                r = close_docker_chain(docker_families[i], owner);
        return r;
}
