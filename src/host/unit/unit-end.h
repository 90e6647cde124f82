/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Waiting for the end of services. */
#pragma once

#include "basic/alloc.h"

typedef struct UnitEnd {
        const char *unit_name; /* borrowed */
        bool down, failed;     /* it is not active; and that by a failure, as systemd judges it */
        uint32_t job;          /* what systemd has to do with it yet; 0: nothing */
        bool over;             /* it has been asked as well whether it is down and without a job */
        int32_t code, status;  /* of the last main process, as waitid(2) has them; 0 without one */
} UnitEnd;

/* Waits until none of the services is active, or about to be: between two tries of Restart= one is
 * down, and has a job. How each has ended comes with the message about its
 * end: a unit that nothing keeps loaded is forgotten just after. A service that systemd has not
 * loaded is not waited for. Returns 0, -ENOPKG without libsystemd, or the error of the bus. */
int unit_ends_wait(UnitEnd *ends, size_t count);

/* Has systemd start a service, and waits for its end in the same way, from before the start on: so
 * the end is not missed, however soon it comes. Where there was no main process `code` is 0: it has
 * not come to that, for whatever reason. Returns 0 or as above; also when systemd will not start
 * it. */
int unit_start_and_wait(UnitEnd *end);

/* Returns the exit status that a shell would show: 128 and the signal's number when a signal has
 * ended it; `otherwise` when the service has failed without a main process. */
int unit_end_status(const UnitEnd *end, int otherwise);
