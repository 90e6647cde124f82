/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How a container's health is found out: settled at its start, with the variables of its service,
 * and kept in the bundle for the checks, which then need to read no file of the user's. */
#pragma once

#include "host/bundle.h"
#include "kind/container/container.h"

/* Zero-initialise with {}. */
typedef struct HealthCheck {
        StringList command, startup_command; /* argument lists; the second is empty without such a check */
        uint64_t interval_usec, timeout_usec, retries, start_period_usec;
        uint64_t startup_timeout_usec, startup_interval_usec, startup_retries, startup_success;
        uint64_t on_failure;          /* a HealthAction */
        uint64_t log_count, log_size; /* results that are kept, and bytes of each */
        char *log_directory;          /* where results are kept beside the bundle, or NULL */
        uint64_t to_journal;          /* each result goes to the journal, too */
        uint64_t started_usec;        /* when the container was, by CLOCK_MONOTONIC */
} HealthCheck;

/* Makes one of what the file says, with podman's defaults. Returns 1, 0 when there is none, or
 * -ENOMEM. */
int health_check_make(const Container *container, uint64_t started_usec, HealthCheck *ret);

/* Writes it into the bundle. Returns 0 or -errno. */
int health_check_write(const Bundle *bundle, const HealthCheck *check);

/* Reads it. Returns 0, -ENOENT when the container has none, -EBADMSG, or another -errno. */
int health_check_read(const Bundle *bundle, HealthCheck *ret);

void health_check_done(HealthCheck *check);
#define _cleanup_health_check_ _cleanup_(health_check_done)
