/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The native protocol of the journal (systemd's JOURNAL_NATIVE_PROTOCOL document): log.h's lines
 * have no fields of their own. */
#include "health/health-journal.h"

#include <endian.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "basic/text.h"
#include "source/places.h"

enum { PRIORITY_WARNING = 4, PRIORITY_NOTICE = 5 };

/* With its length in front, so that a value may hold any byte, and so no further field can be made
 * by one. */
static void append_field(Text *text, const char *name, const char *value) {
        uint64_t length = htole64(strlen(value));

        text_appendf(text, "%s\n", name);
        text_append_n(text, (const char *) &length, sizeof(length));
        text_appendf(text, "%s\n", value);
}

int health_journal_send(const char *stem, const char *unit_name, HealthStatus status, const char *message) {
        static const struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "/run/systemd/journal/socket" };
        _cleanup_close_ int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        _cleanup_text_ Text text = {};

        if (fd < 0)
                return -errno;
        text_appendf(&text, "PRIORITY=%d\n", status == HEALTH_UNHEALTHY ? PRIORITY_WARNING : PRIORITY_NOTICE);
        append_field(&text, "MESSAGE", message);
        append_field(&text, "SYSLOG_IDENTIFIER", "berth-helper");
        append_field(&text, "CONTAINER_NAME", stem);
        append_field(&text, "HEALTH_STATUS", health_status_name(status));
        /* Shows it by "journalctl -u" of that unit, as it comes from root, or by "journalctl --user
         * -u", as it comes from that user. */
        append_field(&text, places_scope() == SCOPE_USER ? "USER_UNIT" : "OBJECT_SYSTEMD_UNIT", unit_name);
        if (text.failed)
                return -ENOMEM;
        return sendto(fd, text.data, text.length, MSG_NOSIGNAL, (const struct sockaddr *) &address, sizeof(address)) < 0
                       ? -errno
                       : 0;
}
