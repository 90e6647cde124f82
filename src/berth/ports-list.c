/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* berth port: which ports of the machine lead to containers. */
#include <errno.h>

#include "basic/log.h"
#include "basic/text.h"
#include "berth/berth-verbs.h"
#include "berth/command/container-argument.h"
#include "berth/command/output.h"
#include "network/network-users.h"
#include "source/unit-name.h"

enum { CONTAINER, PORT, PROTOCOL, HOST, HOST_ADDRESS, HOST_PORT, CONTAINER_PORT, COUNT };

static const Column columns[] = {
        [CONTAINER] = { "CONTAINER", "container", COLUMN_WRAPS },
        [PORT] = { "PORT", NULL, 0 },
        [PROTOCOL] = { NULL, "protocol", 0 },
        [HOST] = { "ON THE MACHINE", NULL, 0 },
        [HOST_ADDRESS] = { NULL, "hostAddress", 0 },
        [HOST_PORT] = { NULL, "hostPort", 0 },
        [CONTAINER_PORT] = { NULL, "containerPort", 0 },
        [COUNT] = { NULL, "count", 0 },
};

/* "8080", or "9000-9009". */
static void append_range(Text *text, uint16_t first, uint16_t count) {
        text_appendf(text, "%u", first);
        if (count > 1)
                text_appendf(text, "-%u", first + count - 1U);
}

static void add_port(Table *table, const NetworkUser *user, const TablePort *port) {
        _cleanup_text_ Text inside = {}, outside = {};
        char address[IP_ADDRESS_TEXT];

        ip_address_format(&port->host, address);
        append_range(&inside, port->container_port, port->count);
        text_appendf(&inside, "/%s", port->protocol);
        text_appendf(&outside, port->host.family == AF_INET6 ? "[%s]:" : "%s:", address);
        append_range(&outside, port->host_port, port->count);
        table->failed |= inside.failed || outside.failed;
        table_begin_row(table);
        table_set_text(table, CONTAINER, user->id);
        table_set_text(table, PORT, inside.data);
        table_set_text(table, PROTOCOL, port->protocol);
        table_set_text(table, HOST, outside.data);
        table_set_text(table, HOST_ADDRESS, address);
        table_set_number(table, HOST_PORT, port->host_port);
        table_set_number(table, CONTAINER_PORT, port->container_port);
        table_set_number(table, COUNT, port->count);
}

static void add_user(Table *table, const NetworkUser *user) {
        for (size_t i = 0; i < user->ports.count; i++)
                add_port(table, user, &user->ports.items[i]);
}

static int add_named(Table *table, const NetworkUsers *users, const char *argument) {
        _cleanup_free_ char *stem = NULL, *id = NULL;
        int r = container_argument_parse(argument, &stem);

        if (r < 0)
                return r;
        id = container_id_for(stem);
        if (!id)
                return log_oom();
        for (size_t i = 0; i < users->count; i++)
                if (streq(users->items[i].id, id)) {
                        add_user(table, &users->items[i]);
                        return 0;
                }
        log_error("The container \"%s\" does not run, or is on no network of berth's", argument);
        return -ENOENT;
}

static int run(const Call *call) {
        _cleanup_network_users_ NetworkUsers users = {};
        _cleanup_table_ Table table = TABLE_INIT(columns);
        int status = EXIT_SUCCESS, r;

        r = network_users_get(&users);
        for (char **name = call->arguments; r >= 0 && *name; name++)
                if (add_named(&table, &users, *name) < 0)
                        status = EXIT_FAILURE;
        for (size_t i = 0; r >= 0 && call->argument_count == 0 && i < users.count; i++)
                add_user(&table, &users.items[i]);
        if (r >= 0 && (table.row_count > 0 || status == EXIT_SUCCESS))
                r = table_print(&table, call);
        if (r < 0)
                log_error_errno(r, "Failed to list the ports: %m");
        return r < 0 ? EXIT_FAILURE : status;
}

const Verb verb_port = {
        .name = "port",
        .synopsis = "[OPTION…] [NAME]…",
        .summary = "Show which ports of the machine lead to containers",
        .help = "Show the ports that running containers have published, also those that were chosen for them, or only "
                "those of the containers that are named.",
        .options = (const Option[]) { TABLE_OPTIONS, {} },
        .most = ANY_NUMBER,
        .for_users = FOR_USERS,
        .needs_root = true,
        .pages = true,
        .run = run,
};
