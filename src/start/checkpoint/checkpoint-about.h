/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is known of a checkpoint besides what it restores: of what, and on which machine it was
 * taken, for another one to say whether it can go on there. */
#pragma once

#include "basic/diagnostics.h"
#include "basic/string-list.h"

#define CHECKPOINT_ABOUT "about.json" /* in a checkpoint's directory, and the first thing in an archive */

enum { CHECKPOINT_ABOUT_LARGEST = 1024 * 1024 };

typedef struct CheckpointAbout {
        char *container;             /* its stem */
        char *architecture, *kernel; /* "x86_64", "6.12.1", as uname(2) says them */
        StringList cpu;              /* what programs may use of it, by the names of /proc/cpuinfo */
        char *criu;                  /* "4.1.1" */
        char *runtime;               /* "crun" */
        char *image, *manifest;      /* of its root: canonical reference and digest; NULL: it has no image */
        char *configuration;         /* in place of the latter in podman's: the digest of its configuration */
        StringList volumes;          /* those whose content is in the archive */
        bool tcp_established, tcp_close, file_locks; /* tcp_close: connections are closed when it wakes up */
} CheckpointAbout;

/* Fills in what this machine is; `runtime` is a program. Returns 0, the errors of
 * criu_version(), or another -errno. `ret` is to be released. */
int checkpoint_about_machine(const char *runtime, CheckpointAbout *ret);

/* Returns 0 or -ENOMEM. Caller frees `ret`. */
int checkpoint_about_text(const CheckpointAbout *about, char **ret);

/* Reads such a text, which may be hostile; `name` is its name in diagnostics. Returns 0,
 * -EREPORTED with what is wrong, or -ENOMEM. `ret` is to be released. */
int checkpoint_about_parse(const char *text, size_t size, const char *name, Diagnostics *diagnostics,
                           CheckpointAbout *ret);

/* Says what of this machine does not fit, each as an error. Returns 0, -EREPORTED or -ENOMEM. */
int checkpoint_about_check(const CheckpointAbout *about, const CheckpointAbout *here, Diagnostics *diagnostics);

void checkpoint_about_done(CheckpointAbout *about);
#define _cleanup_checkpoint_about_ _cleanup_(checkpoint_about_done)
