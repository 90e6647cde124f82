/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Bridges in firewalld's trusted zone, by its interface on the system's bus. */
#include "network/firewalld.h"

#include <errno.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#include "basic/dynamic.h"
#include "host/manager.h"

#define BUS_SOCKET "/run/dbus/system_bus_socket"
#define NAME "org.fedoraproject.FirewallD1"
#define PATH "/org/fedoraproject/FirewallD1"
#define ERROR NAME ".Exception"

DYNAMIC_FUNCTION(sd_bus_open_system);
DYNAMIC_FUNCTION(sd_bus_call_method);
DYNAMIC_FUNCTION(sd_bus_message_read);
DYNAMIC_FUNCTION(sd_bus_message_unref);
DYNAMIC_FUNCTION(sd_bus_error_has_name);
DYNAMIC_FUNCTION(sd_bus_error_free);

static int load(void) {
        static const DynamicSymbol symbols[] = {
                DYNAMIC_SYMBOL(sd_bus_open_system),   DYNAMIC_SYMBOL(sd_bus_call_method),
                DYNAMIC_SYMBOL(sd_bus_message_read),  DYNAMIC_SYMBOL(sd_bus_message_unref),
                DYNAMIC_SYMBOL(sd_bus_error_has_name), DYNAMIC_SYMBOL(sd_bus_error_free),
        };
        return dynamic_load(SYSTEMD_LIBRARY, symbols, ARRAY_SIZE(symbols), NULL);
}

/* Asked first: a call would start it, where somebody has stopped it on purpose. */
static int is_running(sd_bus *bus) {
        sd_bus_message *reply = NULL;
        int r, has_owner = 0;

        r = sym_sd_bus_call_method(bus, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
                                   "NameHasOwner", NULL, &reply, "s", NAME);
        if (r >= 0)
                r = sym_sd_bus_message_read(reply, "b", &has_owner);
        sym_sd_bus_message_unref(reply);
        return r < 0 ? r : has_owner != 0;
}

/* All of its errors have one name, and begin their message with another. */
static bool is_in_a_zone(const sd_bus_error *error) {
        static const char *const words[] = { "ZONE_ALREADY_SET", "ZONE_CONFLICT", "ALREADY_ENABLED" };

        for (size_t i = 0; error->message && i < ARRAY_SIZE(words); i++)
                if (startswith(error->message, words[i]))
                        return sym_sd_bus_error_has_name(error, ERROR);
        return false;
}

static int add_interface(sd_bus *bus, const char *interface) {
        sd_bus_error error = SD_BUS_ERROR_NULL;
        int r = sym_sd_bus_call_method(bus, NAME, PATH, NAME ".zone", "addInterface", &error, NULL, "ss", "trusted",
                                       interface);

        if (r < 0 && is_in_a_zone(&error))
                r = 0;
        sym_sd_bus_error_free(&error);
        return r < 0 ? r : 1;
}

int firewalld_trust(const char *interface) {
        _cleanup_manager_ sd_bus *bus = NULL;
        int r;

        if (access(BUS_SOCKET, F_OK) < 0)
                return 0;
        r = load();
        if (r >= 0)
                r = manager_load();
        if (r >= 0)
                r = sym_sd_bus_open_system(&bus);
        if (r >= 0)
                r = is_running(bus);
        return r <= 0 ? r : add_interface(bus, interface);
}
