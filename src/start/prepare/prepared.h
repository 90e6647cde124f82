/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the first half of a start hands to the second, which is another process: the bundle, what is
 * written down in it, and a mount namespace in the unit's descriptor store. */
#pragma once

#include "host/bundle.h"
#include "host/fd-store.h"
#include "start/checkpoint/checkpoint-store.h"

typedef struct Prepared {
        Bundle bundle;
        bool alone;    /* see prepare() */
        char *runtime; /* program */
        char *unit_name, *unit_group;
        char *control_group; /* that the container's is below: the unit's, or that of the scope */
        char *scope, *slice; /* CgroupsMode=enabled: a scope and where it is to be; else NULL */
        bool no_cgroup;      /* CgroupsMode=disabled */
        uid_t root_uid;      /* who the container's root is on the machine */
        gid_t root_gid;
        uint32_t health_timer_msec; /* the interval of a timer that the start makes; 0: none */
        bool oneshot;        /* Type=oneshot: the unit is up when the payload has ended */
        bool wakes;          /* a checkpoint is restored: checkpoint-wake.h */
        bool anew;           /* one that there is, is not: it has been found that it cannot be */
        bool notifies;       /* Notify=yes: or when it says so */
        /* For the pipes of payload-output.h: the identifier of the lines in the journal, NULL when
         * there are to be none; the journal's namespace, "" for the ordinary one; and further
         * fields, a line each, or NULL. */
        char *log_identifier, *log_namespace, *log_fields;
        uint32_t log_priority;
        bool log_level_prefix, log_console_stdout, log_console_stderr;
} Prepared;

#define PREPARED_INIT { .bundle = BUNDLE_INIT }

/* Writes down what is prepared, for this invocation of the unit alone, and puts this process's
 * mount namespace into the unit's descriptor store. Returns 0 or -errno. */
int prepared_hand_on(const Prepared *prepared);

/* Finds what was handed on in this invocation of the unit, and enters its mount namespace. Returns
 * 1; 0 when there is nothing, or not all of it; or -errno. */
int prepared_take(const char *instance, const PassedFds *passed, Prepared *ret);

void prepared_done(Prepared *prepared);
#define _cleanup_prepared_ _cleanup_(prepared_done)
