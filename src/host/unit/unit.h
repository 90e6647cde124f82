/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What systemd knows about a unit. */
#pragma once

#include <sys/types.h>

#include "basic/string-list.h"

/* Where the output goes, and as what; systemd.exec(5) has the keys. */
typedef struct UnitOutput {
        char *standard_output, *standard_error; /* "journal", "journal+console", "inherit", "null" … */
        char *identifier, *journal_namespace;   /* SyslogIdentifier=, LogNamespace= */
        int32_t priority;                       /* SyslogFacility= | SyslogLevel= */
        int level_prefix;                       /* SyslogLevelPrefix= */
} UnitOutput;

typedef struct UnitProperties {
        char *control_group; /* "/system.slice/…/container@web.service"; "" when the unit has none now */
        char *slice;         /* "system-container.slice" */
        char *type;          /* "notify", "oneshot" … */
        bool delegate;
        int kill_signal;   /* KillSignal= */
        bool stop_command; /* there is an ExecStop= */
        UnitOutput output;
        StringList drop_ins; /* paths; asked for of a template's instance alone, see instance-limits.h */
} UnitProperties;

/* Asks the service manager, by unit_bus_ask(), for properties of org.freedesktop.systemd1.Service
 * and .Unit, and does not wait. Returns an fd or -errno, both of which unit_properties_take()
 * takes. */
int unit_properties_ask(const char *unit_name);

/* Takes the answers to that. Closes the fd. Returns 0, -ENOENT when systemd does not know the unit,
 * or the error of the bus. */
int unit_properties_take(int asked_fd, const char *unit_name, UnitProperties *ret);

/* The main process of a service, 0 when it has none now, and its control group ("" when it has
 * none; NULL: not asked for). As above. */
int unit_get_main_process(const char *unit_name, pid_t *ret_pid, char **ret_control_group);

/* The main process of a service while its start waits for that one. Returns 1, 0 when it is not
 * being started, or an error as above. */
int unit_get_starting_process(const char *unit_name, pid_t *ret_pid);

/* Finds out whether systemd has sent a service the stop signal and waits for its end, and which
 * signal that was (KillSignal=). Returns 1 when it has, 0, or an error as above. */
int unit_get_stop_signal(const char *unit_name, int *ret);

/* TimeoutStopSec= of a service, in microseconds; UINT64_MAX is infinity. As above. */
int unit_get_stop_timeout(const char *unit_name, uint64_t *ret);

/* What systemd is about to do, or doing, with a unit: "stop", "restart" …; caller frees.
 * `ret_waits`, which may be NULL, is whether it is yet to begin. Returns 1, 0 for nothing, -ENOPKG
 * without libsystemd, or an error as above. */
int unit_get_job(const char *unit_name, char **ret, bool *ret_waits);

/* The units that are bound to a unit: BoundBy=. As above. */
int unit_get_bound(const char *unit_name, StringList *ret);

/* Has systemd start a unit, and does not wait for it: what is in the way of it stays as it is, and
 * is an error. Returns 0, or an error as above. */
int unit_start(const char *unit_name);

/* How a service's last run ended: "success", "exit-code" …; "success" also when there was none.
 * Caller frees. As above. */
int unit_get_result(const char *unit_name, char **ret);

/* The manager's environment and the unit's Environment=, as assignments. What only a start adds is
 * not in it. As above. */
int unit_get_environment(const char *unit_name, StringList *ret);

/* Which of systemd's settings that confine a service it has, of those that a runtime cannot work
 * under: "ProtectSystem". As above. */
int unit_get_sandboxing(const char *unit_name, StringList *ret);

void unit_properties_done(UnitProperties *properties);
#define _cleanup_unit_properties_ _cleanup_(unit_properties_done)
