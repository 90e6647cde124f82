/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit/connection-units.h"

#include <errno.h>

#include "basic/words.h"
#include "kind/container/container-socket.h"
#include "source/unit-name.h"

static void append_unit(Text *text, const UnitDropIn *drop_in, const char *what, const char *description) {
        const char *path = drop_in->context->path;

        unit_output_append_header(text, path, what);
        text_appendf(text, "[Unit]\nDescription=%s\nDocumentation=man:berth.container(5)\n", description);
        unit_output_append_source(text, path);
}

static int add_late(UnitDropIn *drop_in, const char *name, Text *text) {
        char *content;
        int r = text_take(text, &content);

        return r < 0 ? r : unit_outputs_add_late_file(drop_in->outputs, drop_in->context->path, strdup(name), content);
}

/* Named as what it starts. */
static int add_socket(UnitDropIn *drop_in, const char *name, const char *stem) {
        _cleanup_free_ char *description = text_format("Sockets of a container for each connection, %s", stem);
        _cleanup_text_ Text text = {};
        int r;

        if (!description)
                return -ENOMEM;
        append_unit(&text, drop_in, "its sockets", description);
        text_append(&text, "\n[Socket]\n");
        r = unit_drop_in_append_own_lines(drop_in, "Socket", &text);
        return r < 0 ? r : add_late(drop_in, name, &text);
}

/* `command`, which is followed by a name that depends on the connection. */
static void append_command(Text *text, const char *command, const char *name) {
        text_append(text, command);
        text_append_char(text, ' ');
        word_append_quoted(text, name, false, true);
        text_append_char(text, '\n');
}

/* It is up while the container is: so systemd counts connections, for MaxConnections=. The
 * container is the connection's, and nothing of it stays when that is over, not even its
 * failure. */
static int add_service(UnitDropIn *drop_in, const char *name, const char *stem) {
        _cleanup_free_ char *description = text_format("Connection to %s%%i", stem),
                            *instance = text_format("%s%%i", stem),
                            *unit = text_format("container@%s%%i.service", stem);
        _cleanup_text_ Text text = {};

        if (!description || !instance || !unit)
                return -ENOMEM;
        append_unit(&text, drop_in, "a connection", description);
        text_append(&text, "CollectMode=inactive-or-failed\n\n"
                           "[Service]\nType=notify\nNotifyAccess=main\n");
        append_command(&text, "ExecStart=" LIBEXECDIR "/berth-helper hand-over", instance);
        append_command(&text, "ExecStop=-systemctl stop", unit);
        append_command(&text, "ExecStopPost=-" LIBEXECDIR "/berth-helper hand-over-end", instance);
        text_append(&text, "TimeoutSec=infinity\nLogLevelMax=notice\n");
        return add_late(drop_in, name, &text);
}

static int add_links(UnitDropIn *drop_in, const char *socket, const StringList *targets, const char *kind) {
        int r = 0;

        for (size_t i = 0; r >= 0 && i < targets->count; i++)
                r = unit_outputs_add_link(drop_in->outputs, drop_in->context->path,
                                          text_format("%s.%s/%s", targets->items[i], kind, socket),
                                          text_format("../%s", socket));
        return r;
}

int connection_units_add(UnitDropIn *drop_in) {
        const Section *section = drop_in->section;
        _cleanup_free_ char *stem = NULL, *service = NULL, *socket = NULL;
        int r;

        if (section->file_type != FILE_CONTAINER || !stem_is_template(section->stem) || section->service_name ||
            drop_in->context->scope != SCOPE_SYSTEM || !socket_accepts(section))
                return 0;
        stem = stem_escape(section->stem);
        service = stem ? text_format("%s.service", stem) : NULL;
        socket = stem ? text_format("%.*s.socket", (int) strlen(stem) - 1, stem) : NULL;
        if (!service || !socket)
                return -ENOMEM;
        r = add_socket(drop_in, socket, stem);
        if (r >= 0)
                r = add_service(drop_in, service, stem);
        if (r >= 0)
                r = add_links(drop_in, socket, &drop_in->install.wanted_by, "wants");
        return r < 0 ? r : add_links(drop_in, socket, &drop_in->install.required_by, "requires");
}
