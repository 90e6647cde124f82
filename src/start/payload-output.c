/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The payload's standard output and error. */
#include "start/payload-output.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "basic/log.h"
#include "basic/text.h"
#include "source/places.h"
#include "source/unit-name.h"

#define CONSOLE_SUFFIX "+console"

static bool wants_pipes(const Container *container) {
        return !container->log_driver ||
               (!startswith(container->log_driver, "passthrough") && !streq(container->log_driver, "none"));
}

static void append_field(Text *text, const char *name, const char *value) {
        if (value && !strchr(value, '\n'))
                text_appendf(text, "%s=%s\n", name, value);
}

/* The system's come by LogExtraFields= of the unit, which systemd has for its own units alone. */
static int name_fields(const Container *container, char **ret) {
        _cleanup_free_ char *id = container_id_for(container->stem);
        _cleanup_text_ Text text = {};

        if (!id)
                return -ENOMEM;
        append_field(&text, "CONTAINER_NAME", container->stem);
        append_field(&text, "CONTAINER_ID", id);
        append_field(&text, "IMAGE_NAME", container->image);
        append_field(&text, "CONTAINER_TAG", string_list_value(&container->log_options, "tag"));
        return text_take(&text, ret);
}

int payload_output_prepare(const Container *container, UnitOutput *output, Prepared *prepared) {
        bool inherits = streq(output->standard_error, "inherit");

        if (!wants_pipes(container))
                return 0;
        prepared->log_identifier = *output->identifier ? TAKE_PTR(output->identifier) : strdup(container->stem);
        prepared->log_namespace = TAKE_PTR(output->journal_namespace);
        prepared->log_priority = (uint32_t) output->priority;
        prepared->log_level_prefix = output->level_prefix;
        prepared->log_console_stdout = endswith(output->standard_output, CONSOLE_SUFFIX);
        prepared->log_console_stderr =
                endswith(inherits ? output->standard_output : output->standard_error, CONSOLE_SUFFIX);
        if (!prepared->log_identifier)
                return -ENOMEM;
        return places_scope() == SCOPE_USER ? name_fields(container, &prepared->log_fields) : 0;
}

/* systemd has connected it. */
static bool is_journal(int fd) {
        struct sockaddr_un peer = {};
        socklen_t size = sizeof(peer);

        return getpeername(fd, (struct sockaddr *) &peer, &size) >= 0 && peer.sun_family == AF_UNIX &&
               size > offsetof(struct sockaddr_un, sun_path) && startswith(peer.sun_path, "/run/systemd/journal") &&
               endswith(peer.sun_path, "/stdout");
}

void payload_output_open(const Prepared *prepared, LogPipes *ret) {
        LogSettings settings = {
                .unit_name = prepared->unit_name,
                .identifier = prepared->log_identifier,
                .journal_namespace = prepared->log_namespace,
                .fields = prepared->log_fields,
                .priority = (int) prepared->log_priority,
                .level_prefix = prepared->log_level_prefix,
                .console = { prepared->log_console_stdout, prepared->log_console_stderr },
        };
        int r;

        if (!prepared->log_identifier)
                return;
        settings.used[LOG_STDOUT] = is_journal(STDOUT_FILENO);
        settings.used[LOG_STDERR] = is_journal(STDERR_FILENO);
        if (!settings.used[LOG_STDOUT] && !settings.used[LOG_STDERR])
                return;
        r = log_relay_open(&settings, prepared->root_uid, prepared->root_gid, ret);
        if (r < 0)
                log_warning_errno(r, "Failed to reach berth-log.socket; %s cannot open /dev/stdout: %m",
                                  prepared->bundle.stem);
}

void payload_output_set_main(const LogPipes *pipes, pid_t pid) {
        int r;

        if (pipes->fds[LOG_STDOUT] < 0 && pipes->fds[LOG_STDERR] < 0)
                return;
        r = log_relay_set_main(pipes, pid);
        if (r < 0)
                log_warning_errno(r, "Failed to tell berth-log.service the main process: %m");
}
