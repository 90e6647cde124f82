/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ExecStop= of a companion, such as web.service of container@web.service. systemd stops it before
 * its unit, whose own stop waits in the queue; whoever stops the companion is to wait for that one,
 * too. So it is let go now, out of its order. A unit that is restarted, or goes on, is left
 * alone; of one that has come to its end, it is seen whether it has failed. */
#include <errno.h>

#include "basic/log.h"
#include "basic/process.h"
#include "basic/string-list.h"
#include "helper/verbs.h"
#include "host/unit/unit.h"
#include "source/places.h"

/* What is bound to the unit, such as the containers of a pod, is being stopped, too, and that comes
 * first: the unit is not to be let go before. Other companions, whose own stops wait for the unit,
 * have plain names. */
static int await_bound(const char *unit_name) {
        _cleanup_string_list_ StringList bound = {}, command = {};
        int r;

        r = unit_get_bound(unit_name, &bound);
        if (r >= 0)
                r = string_list_add(&command, "systemctl");
        if (r >= 0)
                r = string_list_add(&command, places_scope() == SCOPE_USER ? "--user" : "--system");
        if (r >= 0)
                r = string_list_add(&command, "stop");
        if (r >= 0)
                r = string_list_add(&command, "--");
        for (size_t i = 0; r >= 0 && i < bound.count; i++)
                if (startswith(bound.items[i], "container@"))
                        r = string_list_add(&command, bound.items[i]);
        if (r < 0 || !startswith(command.items[command.count - 1], "container@"))
                return r;
        return process_run((const char *const *) command.items, NULL, 0);
}

/* A companion goes down with its unit, and has failed when that has. */
static int check_result(const char *unit_name) {
        _cleanup_free_ char *result = NULL;
        int r = unit_get_result(unit_name, &result);

        if (r < 0)
                return log_error_errno(r, "Failed to ask systemd about %s: %m", unit_name);
        if (streq(result, "success"))
                return 0;
        log_error("%s has failed (%s)", unit_name, result);
        return -ECANCELED;
}

static int stop(const char *unit_name) {
        const char *const argv[] = {
                "systemctl", places_scope() == SCOPE_USER ? "--user" : "--system", "stop",
                "--job-mode=ignore-dependencies", "--", unit_name, NULL,
        };
        int status = process_run(argv, NULL, 0);

        if (status < 0)
                return log_error_errno(status, "Failed to run systemctl: %m");
        return status > 0 ? -ECANCELED : 0; /* which it has said */
}

int verb_companion_stop(const char *unit_name) {
        _cleanup_free_ char *job = NULL;
        int r = unit_get_job(unit_name, &job, NULL);

        if (r < 0)
                return log_error_errno(r, "Failed to ask systemd about %s: %m", unit_name);
        if (r > 0 && !streq(job, "stop"))
                return 0;
        if (r > 0) {
                r = await_bound(unit_name);
                if (r < 0)
                        return log_error_errno(r, "Failed to wait for what is bound to %s: %m", unit_name);
                r = stop(unit_name);
                if (r < 0)
                        return r;
        }
        return check_result(unit_name);
}
