/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kind/container/container-socket.h"

#include "basic/numbers.h"
#include "basic/text.h"
#include "config/systemd-keys.h"

static const Entry *find_first(const Container *container, const char *section, const char *prefix) {
        for (size_t i = 0; i < container->unit.count; i++) {
                const Entry *entry = &container->unit.entries[i];

                if (streq(entry->section, section) && startswith(entry->key, prefix) && *entry->value)
                        return entry;
        }
        return NULL;
}

bool container_has_socket(const Container *container) {
        return find_first(container, "Socket", "") != NULL;
}

const Entry *container_find_socket(const Container *container) {
        return find_first(container, "Socket", "ListenStream") ?:
               find_first(container, "Socket", "ListenDatagram") ?:
               find_first(container, "Socket", "ListenSequentialPacket");
}

bool socket_accepts(const Section *section) {
        bool accept = false;

        for (size_t i = 0; i < section->unit.count; i++) {
                const Entry *entry = &section->unit.entries[i];

                if (streq(entry->section, "Socket") && streq(entry->key, "Accept") &&
                    (!*entry->value || text_to_bool(entry->value, &accept) < 0))
                        accept = false;
        }
        return accept;
}

static void check_entry(const Entry *entry, Diagnostics *diagnostics) {
        if (streq(entry->key, "Service"))
                diagnose_error(diagnostics, &entry->where, "\"Service\" in [Socket] is set by berth");
        else
                check_systemd_section(entry, "Container", diagnostics);
}

/* Each connection has an instance of its own, by a unit that has the template's plain name. */
static void check_accept(const Container *container, Diagnostics *diagnostics) {
        const Entry *accept = find_first(container, "Socket", "Accept"), *entry;

        if (!accept || !socket_accepts(&container->section))
                return;
        /* A user's manager takes no process for a service's that is not below it, as the
         * container's would be for the connection's. */
        if (container->of_user)
                diagnose_error(diagnostics, &accept->where,
                               "Accept=yes is for the system's service manager, as a user's lets no connection end "
                               "with another service; without it, one container gets the socket and accepts by "
                               "itself");
        if (!strchr(container->stem, '@'))
                diagnose_error(diagnostics, &accept->where,
                               "Accept=yes starts an instance for each connection, which only a template has: the "
                               "file's name would be \"%s@.container\"",
                               container->stem);
        entry = find_first(container, "Socket", "ListenDatagram") ?: find_first(container, "Socket", "ListenFIFO");
        if (entry)
                diagnose_error(diagnostics, &entry->where, "%s= has no connections that Accept=yes could accept",
                               entry->key);
        entry = find_first(container, "Install", "DefaultInstance");
        if (entry)
                diagnose_error(diagnostics, &entry->where,
                               "Accept=yes in [Socket] has a connection make each instance; DefaultInstance= has no "
                               "place there");
        if (container->service_name)
                diagnose_error(diagnostics, &accept->where,
                               "Accept=yes needs the names that the file's own gives; ServiceName= has no place there");
}

/* What starts the container at boot, so that its socket never has to. */
static void check_install(const Container *container, Diagnostics *diagnostics) {
        for (size_t i = 0; i < container->unit.count; i++) {
                const Entry *entry = &container->unit.entries[i];

                if (streq(entry->section, "Install") && install_key_takes_targets(entry->key) && *entry->value &&
                    !streq(entry->value, "sockets.target"))
                        diagnose_warning(diagnostics, &entry->where,
                                         "%s=%s starts the container itself, which its socket would do when it is "
                                         "needed; WantedBy=sockets.target starts only the socket",
                                         entry->key, entry->value);
        }
}

void container_check_socket(const Container *container, Diagnostics *diagnostics) {
        const Entry *first = find_first(container, "Socket", "");

        if (!first)
                return;
        for (size_t i = 0; i < container->unit.count; i++)
                if (streq(container->unit.entries[i].section, "Socket") && *container->unit.entries[i].value)
                        check_entry(&container->unit.entries[i], diagnostics);
        if (!find_first(container, "Socket", "Listen"))
                diagnose_error(diagnostics, &first->where, "[Socket] says nothing to listen on: it needs ListenStream= "
                                                           "or another Listen key");
        check_accept(container, diagnostics);
        if (!socket_accepts(&container->section))
                check_install(container, diagnostics);
}
