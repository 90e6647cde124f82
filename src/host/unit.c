/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What systemd knows about a unit. */
#include "host/unit.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "basic/dynamic.h"
#include "basic/text.h"
#include "host/manager.h"

DYNAMIC_FUNCTION(sd_bus_path_encode);
DYNAMIC_FUNCTION(sd_bus_get_property_string);
DYNAMIC_FUNCTION(sd_bus_get_property_strv);
DYNAMIC_FUNCTION(sd_bus_get_property_trivial);
DYNAMIC_FUNCTION(sd_pid_notify);
DYNAMIC_FUNCTION(sd_notify_barrier);

static int load_bus(void) {
        static const DynamicSymbol symbols[] = {
                DYNAMIC_SYMBOL(sd_bus_path_encode),
                DYNAMIC_SYMBOL(sd_bus_get_property_string),
                DYNAMIC_SYMBOL(sd_bus_get_property_strv),
                DYNAMIC_SYMBOL(sd_bus_get_property_trivial),
        };
        return dynamic_load(SYSTEMD_LIBRARY, symbols, ARRAY_SIZE(symbols), NULL);
}

static int load_daemon(void) {
        static const DynamicSymbol symbols[] = {
                DYNAMIC_SYMBOL(sd_pid_notify),
                DYNAMIC_SYMBOL(sd_notify_barrier),
        };
        return dynamic_load(SYSTEMD_LIBRARY, symbols, ARRAY_SIZE(symbols), NULL);
}

static int open_manager(sd_bus **ret) {
        int r = manager_open(ret);

        return r < 0 ? r : load_bus();
}

static int get_delegation(sd_bus *bus, const char *path, UnitProperties *properties) {
        int delegate = 0, r;

        r = sym_sd_bus_get_property_trivial(bus, SYSTEMD_SERVICE, path, SYSTEMD_SERVICE ".Service", "Delegate", NULL,
                                            'b', &delegate);
        if (r < 0)
                return r;
        properties->delegate = delegate;
        r = sym_sd_bus_get_property_strv(bus, SYSTEMD_SERVICE, path, SYSTEMD_SERVICE ".Service", "DelegateControllers",
                                         NULL, &properties->delegate_controllers.items);
        if (r < 0)
                return r;
        while (properties->delegate_controllers.items &&
               properties->delegate_controllers.items[properties->delegate_controllers.count])
                properties->delegate_controllers.count++;
        return 0;
}

int unit_properties_get(const char *unit_name, UnitProperties *ret) {
        _cleanup_unit_properties_ UnitProperties properties = {};
        const struct {
                const char *name;
                char **field;
        } strings[] = {
                { "ControlGroup", &properties.control_group },
                { "Slice", &properties.slice },
                { "Type", &properties.type },
        };
        _cleanup_manager_ sd_bus *bus = NULL;
        _cleanup_free_ char *path = NULL;
        int r;

        r = open_manager(&bus);
        if (r < 0)
                return r;
        r = sym_sd_bus_path_encode(SYSTEMD_PATH "/unit", unit_name, &path);
        if (r < 0)
                return r;
        for (size_t i = 0; i < ARRAY_SIZE(strings); i++) {
                r = sym_sd_bus_get_property_string(bus, SYSTEMD_SERVICE, path, SYSTEMD_SERVICE ".Service",
                                                   strings[i].name, NULL, strings[i].field);
                if (r < 0)
                        return r;
        }
        r = get_delegation(bus, path, &properties);
        if (r < 0)
                return r;
        *ret = properties;
        properties = (UnitProperties) {};
        return 0;
}

int unit_get_main_process(const char *unit_name, pid_t *ret_pid, char **ret_control_group) {
        _cleanup_free_ char *path = NULL, *control_group = NULL;
        _cleanup_manager_ sd_bus *bus = NULL;
        uint32_t pid = 0;
        int r;

        r = open_manager(&bus);
        if (r < 0)
                return r;
        r = sym_sd_bus_path_encode(SYSTEMD_PATH "/unit", unit_name, &path);
        if (r >= 0)
                r = sym_sd_bus_get_property_trivial(bus, SYSTEMD_SERVICE, path, SYSTEMD_SERVICE ".Service", "MainPID",
                                                    NULL, 'u', &pid);
        if (r >= 0 && ret_control_group)
                r = sym_sd_bus_get_property_string(bus, SYSTEMD_SERVICE, path, SYSTEMD_SERVICE ".Service",
                                                   "ControlGroup", NULL, &control_group);
        if (r < 0)
                return r;
        *ret_pid = (pid_t) pid;
        if (ret_control_group)
                *ret_control_group = TAKE_PTR(control_group);
        return 0;
}

int unit_get_stop_timeout(const char *unit_name, uint64_t *ret) {
        _cleanup_manager_ sd_bus *bus = NULL;
        _cleanup_free_ char *path = NULL;
        int r;

        r = open_manager(&bus);
        if (r >= 0)
                r = sym_sd_bus_path_encode(SYSTEMD_PATH "/unit", unit_name, &path);
        if (r >= 0)
                r = sym_sd_bus_get_property_trivial(bus, SYSTEMD_SERVICE, path, SYSTEMD_SERVICE ".Service",
                                                    "TimeoutStopUSec", NULL, 't', ret);
        return r < 0 ? r : 0;
}

int unit_get_result(const char *unit_name, char **ret) {
        _cleanup_manager_ sd_bus *bus = NULL;
        _cleanup_free_ char *path = NULL;
        int r;

        r = open_manager(&bus);
        if (r >= 0)
                r = sym_sd_bus_path_encode(SYSTEMD_PATH "/unit", unit_name, &path);
        if (r >= 0)
                r = sym_sd_bus_get_property_string(bus, SYSTEMD_SERVICE, path, SYSTEMD_SERVICE ".Service", "Result",
                                                   NULL, ret);
        return r < 0 ? r : 0;
}

int unit_notify_status(const char *status) {
        _cleanup_free_ char *message = text_format("STATUS=%s", status);
        int r;

        if (!message)
                return -ENOMEM;
        r = load_daemon();
        if (r >= 0)
                r = sym_sd_pid_notify(0, 0, message);
        if (r == 0)
                return -ENOTCONN;
        return r < 0 ? r : 0;
}

int unit_hand_over(pid_t pid, bool ready) {
        enum { BARRIER_USEC = 5 * 1000 * 1000 };
        _cleanup_free_ char *message = text_format("MAINPID=%d%s", (int) pid, ready ? "\nREADY=1" : "");
        int r;

        if (!message)
                return -ENOMEM;
        r = load_daemon();
        if (r < 0)
                return r;
        r = sym_sd_pid_notify(0, 0, message);
        if (r <= 0)
                return r < 0 ? r : -ENOTCONN;
        r = sym_sd_notify_barrier(0, BARRIER_USEC);
        return r < 0 ? r : 0;
}

/* The protocol itself, which is a datagram: libsystemd takes longer to load than what the time is
 * mostly asked for. */
int unit_extend_timeout(uint64_t usec) {
        const char *path = getenv("NOTIFY_SOCKET");
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        _cleanup_free_ char *message = NULL;
        _cleanup_close_ int fd = -EBADF;
        size_t n = path ? strlen(path) : 0;

        if (n == 0)
                return -ENOTCONN;
        if ((path[0] != '/' && path[0] != '@') || n >= sizeof(address.sun_path))
                return -EINVAL;
        memcpy(address.sun_path, path, n);
        if (path[0] == '@')
                address.sun_path[0] = '\0';
        message = text_format("EXTEND_TIMEOUT_USEC=%" PRIu64, usec);
        if (!message)
                return -ENOMEM;
        fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        if (fd < 0)
                return -errno;
        if (sendto(fd, message, strlen(message), MSG_NOSIGNAL, (struct sockaddr *) &address,
                   (socklen_t) (offsetof(struct sockaddr_un, sun_path) + n)) < 0)
                return -errno;
        return 0;
}

void unit_properties_done(UnitProperties *properties) {
        properties->control_group = x_free(properties->control_group);
        properties->slice = x_free(properties->slice);
        properties->type = x_free(properties->type);
        string_list_done(&properties->delegate_controllers);
}
