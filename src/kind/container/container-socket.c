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

static void check_entry(const Entry *entry, Diagnostics *diagnostics) {
        bool on;

        if (streq(entry->key, "Service"))
                diagnose_error(diagnostics, &entry->where, "\"Service\" in [Socket] is set by berth");
        else if (streq(entry->key, "Accept") && text_to_bool(entry->value, &on) >= 0 && on)
                diagnose_error(diagnostics, &entry->where,
                               "Accept=yes in [Socket] is not supported: systemd would start a service for each "
                               "connection that has no file");
        else
                check_systemd_section(entry, "Container", diagnostics);
}

/* What starts the container at boot, so that its socket never has to. */
static void check_install(const Container *container, Diagnostics *diagnostics) {
        for (size_t i = 0; i < container->unit.count; i++) {
                const Entry *entry = &container->unit.entries[i];

                if (streq(entry->section, "Install") && endswith(entry->key, "By") && *entry->value &&
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
        check_install(container, diagnostics);
}
