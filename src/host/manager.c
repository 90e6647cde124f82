/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/manager.h"

#include <errno.h>
#include <time.h>
#include <unistd.h>

#include "basic/dynamic.h"
#include "basic/text.h"
#include "source/places.h"

DYNAMIC_NOTE(systemd, SYSTEMD_LIBRARY, "systemd", "required", "Asking the service manager");
DYNAMIC_FUNCTION(sd_bus_new);
DYNAMIC_FUNCTION(sd_bus_open_system);
DYNAMIC_FUNCTION(sd_bus_set_address);
DYNAMIC_FUNCTION(sd_bus_start);
DYNAMIC_FUNCTION(sd_bus_flush_close_unref);

int manager_load(void) {
        static const DynamicSymbol symbols[] = {
                DYNAMIC_SYMBOL(sd_bus_new),
                DYNAMIC_SYMBOL(sd_bus_open_system),
                DYNAMIC_SYMBOL(sd_bus_set_address),
                DYNAMIC_SYMBOL(sd_bus_start),
                DYNAMIC_SYMBOL(sd_bus_flush_close_unref),
        };
        return dynamic_load(SYSTEMD_LIBRARY, symbols, ARRAY_SIZE(symbols), NULL);
}

void manager_closep(sd_bus **bus) {
        if (*bus)
                sym_sd_bus_flush_close_unref(*bus);
}

int manager_open(sd_bus **ret) {
        _cleanup_free_ char *address = text_format("unix:path=%s", place_path(PLACE_MANAGER_SOCKET));
        _cleanup_manager_ sd_bus *bus = NULL;
        int r;

        r = address ? manager_load() : -ENOMEM;
        if (r < 0)
                return r;
        if (places_scope() == SCOPE_SYSTEM && geteuid() != 0)
                return sym_sd_bus_open_system(ret);
        r = sym_sd_bus_new(&bus);
        if (r < 0)
                return r;
        r = sym_sd_bus_set_address(bus, address);
        if (r < 0)
                return r;
        r = sym_sd_bus_start(bus);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(bus);
        return 0;
}

/* What a manager that executes itself anew does to a connection, and to one that is being made. */
static bool is_gone(int error) {
        return error == -ECONNRESET || error == -ENOTCONN || error == -EPIPE || error == -ECONNREFUSED ||
               error == -ECONNABORTED;
}

int manager_retry(int (*attempt)(void *userdata), void *userdata) {
        enum { PAUSE_MSEC = 20, PATIENCE_MSEC = 10 * 1000 };
        const struct timespec pause = { .tv_nsec = PAUSE_MSEC * 1000 * 1000 };

        for (unsigned waited = 0;; waited += PAUSE_MSEC) {
                int r = attempt(userdata);

                if (!is_gone(r) || waited >= PATIENCE_MSEC)
                        return r;
                (void) nanosleep(&pause, NULL);
        }
}

typedef struct Asking {
        ManagerQuestion ask;
        void *userdata;
} Asking;

static int connect_and_ask(void *userdata) {
        const Asking *asking = userdata;
        _cleanup_manager_ sd_bus *bus = NULL;
        int r = manager_open(&bus);

        return r < 0 ? r : asking->ask(bus, asking->userdata);
}

int manager_ask(ManagerQuestion ask, void *userdata) {
        return manager_retry(connect_and_ask, &(Asking) { .ask = ask, .userdata = userdata });
}
