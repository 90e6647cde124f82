/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* berth network: which networks there are, and who is on them. */
#include <errno.h>
#include <stdio.h>

#include "basic/log.h"
#include "basic/text.h"
#include "berth/berth-verbs.h"
#include "berth/command/output.h"
#include "berth/command/unit-argument.h"
#include "network/network-list.h"
#include "network/network-users.h"

enum { NETWORK, DRIVER, UP, SUBNETS, GATEWAYS, INTERFACE, INTERNAL, FILE_PATH, UNIT, CONTAINERS };

static const Column columns[] = {
        [NETWORK] = { "NETWORK", "name", COLUMN_WRAPS },
        [DRIVER] = { "DRIVER", "driver", 0 },
        [UP] = { "STATE", "up", 0 },
        [SUBNETS] = { "SUBNETS", "subnets", COLUMN_WRAPS },
        [GATEWAYS] = { "GATEWAYS", "gateways", COLUMN_WRAPS | COLUMN_SPARE },
        [INTERFACE] = { "INTERFACE", "interface", 0 },
        [INTERNAL] = { NULL, "internal", 0 },
        [FILE_PATH] = { NULL, "file", 0 },
        [UNIT] = { NULL, "unit", 0 },
        [CONTAINERS] = { "CONTAINERS", "containers", COLUMN_RIGHT },
};

enum { USER, USER_INTERFACE, ADDRESSES, MAC, ALIASES, PORTS };

static const Column user_columns[] = {
        [USER] = { "CONTAINER", "name", COLUMN_WRAPS },
        [USER_INTERFACE] = { "INTERFACE", "interface", 0 },
        [ADDRESSES] = { "ADDRESSES", "addresses", COLUMN_WRAPS },
        [MAC] = { "MAC", "mac", COLUMN_SPARE },
        [ALIASES] = { "ALIASES", "aliases", COLUMN_WRAPS },
        [PORTS] = { "PORTS", "ports", COLUMN_WRAPS },
};

static void add_user(Table *table, const NetworkUser *user, const Attachment *attachment) {
        _cleanup_string_list_ StringList addresses = {}, ports = {};
        char address[IP_PREFIX_TEXT], mac[MAC_TEXT];

        for (size_t i = 0; i < attachment->address_count; i++)
                table->failed |= string_list_add(&addresses, ip_prefix_format(&attachment->addresses[i], address)) < 0;
        table->failed |= network_user_list_ports(user, attachment, &ports) < 0;
        table_begin_row(table);
        table_set_text(table, USER, user->id);
        table_set_text(table, USER_INTERFACE, attachment->interface);
        table_set_list(table, ADDRESSES, &addresses);
        table_set_text(table, MAC, mac_format(attachment->mac, mac));
        table_set_list(table, ALIASES, &attachment->aliases);
        table_set_list(table, PORTS, &ports);
}

static void add_users(Table *table, const NetworkUsers *users, const char *stem) {
        for (size_t i = 0; i < users->count; i++) {
                const Attachment *attachment = network_user_find(&users->items[i], stem);

                if (attachment)
                        add_user(table, &users->items[i], attachment);
        }
}

/* How many for people, who they are for programs. */
static void set_containers(Table *table, const NetworkUsers *users, const char *stem) {
        _cleanup_table_ Table on_it = TABLE_INIT(user_columns);
        char count[sizeof("18446744073709551615")];

        add_users(&on_it, users, stem);
        snprintf(count, sizeof(count), "%zu", on_it.row_count);
        table->failed |= on_it.failed;
        table_set(table, CONTAINERS, count, table_to_json(&on_it));
}

static void add_network(Table *table, const NetworkEntry *entry, const NetworkUsers *users) {
        table_begin_row(table);
        table_set_text(table, NETWORK, entry->name);
        table_set_text(table, DRIVER, entry->driver);
        table_set(table, UP, entry->up ? "up" : "down", json_object_new_boolean(entry->up));
        table_set_colour(table, UP, entry->up ? COLOUR_GOOD : COLOUR_FAINT);
        table_set_list(table, SUBNETS, &entry->subnets);
        table_set_list(table, GATEWAYS, &entry->gateways);
        table_set_text(table, INTERFACE, entry->interface);
        table_set_bool(table, INTERNAL, entry->internal);
        table_set_text(table, FILE_PATH, entry->path);
        table_set_text(table, UNIT, entry->unit_name);
        set_containers(table, users, entry->stem);
}

static bool is_asked_for(const NetworkEntry *entry, const char *name) {
        return !name || streq(entry->name, name) || streq(entry->stem, name) ||
               argument_matches(name, FILE_NETWORK, entry->stem, entry->unit_name);
}

/* All, or those of a name. Returns how many, or -errno. */
static int add_networks(Table *table, const NetworkEntries *entries, const NetworkUsers *users, const char *name) {
        int count = 0;

        for (size_t i = 0; i < entries->count; i++)
                if (is_asked_for(&entries->items[i], name)) {
                        add_network(table, &entries->items[i], users);
                        count++;
                }
        return count;
}

static int print_users(const Call *call, const NetworkEntries *entries, const NetworkUsers *users) {
        _cleanup_table_ Table table = TABLE_INIT(user_columns);

        for (char **name = call->arguments + 1; *name; name++)
                for (size_t i = 0; i < entries->count; i++)
                        if (is_asked_for(&entries->items[i], *name))
                                add_users(&table, users, entries->items[i].stem);
        if (table.row_count == 0 || call->values[TABLE_JSON])
                return 0;
        putchar('\n');
        return table_print(&table, call);
}

static int show(const Call *call, const NetworkEntries *entries, const NetworkUsers *users, bool *missing) {
        _cleanup_table_ Table table = TABLE_INIT(columns);
        int r = 0;

        if (call->argument_count == 0)
                (void) add_networks(&table, entries, users, NULL);
        for (size_t i = 1; i < call->argument_count; i++)
                if (add_networks(&table, entries, users, call->arguments[i]) == 0) {
                        log_error("There is no network \"%s\"", call->arguments[i]);
                        *missing = true;
                }
        if (table.row_count > 0 || !*missing)
                r = table_print(&table, call);
        return r < 0 || call->argument_count == 0 ? r : print_users(call, entries, users);
}

static int run(const Call *call) {
        _cleanup_network_entries_ NetworkEntries entries = {};
        _cleanup_network_users_ NetworkUsers users = {};
        bool missing = false;
        int r;

        r = network_entries_get(&entries);
        if (r >= 0)
                r = network_users_get(&users);
        if (r >= 0)
                r = show(call, &entries, &users, &missing);
        if (r == -EACCES)
                log_error_errno(r, "Failed to list the networks: %m; berth network needs root where there are any");
        else if (r < 0)
                log_error_errno(r, "Failed to list the networks: %m");
        return r < 0 || missing ? EXIT_FAILURE : EXIT_SUCCESS;
}

static const Subcommand subcommands[] = {
        { "", "", 0, 0, 1 << TABLE_JSON | 1 << TABLE_NO_HEADINGS, run },
        { "inspect", "NETWORK…", 1, ANY_NUMBER, 1 << TABLE_JSON | 1 << TABLE_NO_HEADINGS, run },
        {},
};

const Verb verb_network = {
        .name = "network",
        .synopsis = "[OPTION…] [inspect NETWORK…]",
        .summary = "List networks, and show who is on them",
        .help = "List the networks that there are files for, or that are up, or show of some which containers are on "
                "them, with their addresses and published ports.",
        .options = (const Option[]) { TABLE_OPTIONS, {} },
        .pages = true,
        .subcommands = subcommands,
        .for_users = FOR_USERS,
};
