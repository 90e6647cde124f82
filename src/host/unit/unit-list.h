/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The state of many units, asked for together. */
#pragma once

#include "basic/alloc.h"

typedef struct UnitState {
        char *name;            /* "container@web.service" */
        char *active;          /* "active", "inactive", "failed" … */
        char *sub;             /* "running", "exited", "start" … */
        uint64_t since_usec;   /* of the realtime clock, when that state began; 0: it has had no other */
        uint64_t memory_bytes; /* UINT64_MAX: not known, or none */
        uint64_t cpu_nsec;     /* the same */
        uint64_t restarts;     /* by Restart= */
        uint64_t main_pid;     /* 0: none */
        char *control_group;   /* "/system.slice/…"; NULL: not known, "" when it has none */
} UnitState;

/* Zero-initialise with {}. */
typedef struct UnitStates {
        UnitState *items; /* by name */
        size_t count, allocated;
} UnitStates;

/* What is asked about units that are not inactive. */
typedef enum UnitDetails {
        UNIT_SINCE = 1 << 0,     /* since_usec */
        UNIT_USAGE = 1 << 1,     /* memory_bytes, cpu_nsec */
        UNIT_RESTARTS = 1 << 2,  /* restarts */
        UNIT_PROCESSES = 1 << 3, /* main_pid, control_group */
        UNIT_NUMBERS = UNIT_SINCE | UNIT_USAGE | UNIT_RESTARTS,
} UnitDetails;

/* Asks the manager which units it has loaded whose name matches `pattern`, and for the details:
 * with one connection, and without waiting for an answer before the next question. What units use
 * is read from their control groups where those are found; a unit that has accounting turned off
 * may have numbers there all the same. A unit that goes meanwhile keeps what was known of it.
 * Returns 0, -ENOPKG without libsystemd, or the error of the bus. */
int unit_states_get(const char *pattern, UnitDetails details, UnitStates *ret);

/* Returns the unit of that name, or NULL when it was not loaded. Borrowed. */
const UnitState *unit_states_find(const UnitStates *states, const char *name);

void unit_states_done(UnitStates *states);
#define _cleanup_unit_states_ _cleanup_(unit_states_done)
