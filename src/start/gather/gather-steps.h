/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The parts of gathering. Private to this folder. Each is a step: it fills its members of `facts`,
 * says what is wrong with the file in `diagnostics`, and returns 0, -EREPORTED then, or another
 * -errno. */
#pragma once

#include <errno.h>

#include "start/gather/gather-input.h"

/* Returns the worse of the results of two steps: what the machine refused outweighs what is wrong
 * with the file (-EREPORTED, in the diagnostics). */
static inline int worse(int a, int b) {
        if (a < 0 && a != -EREPORTED)
                return a;
        return b < 0 ? b : a;
}

/* Moves `value` into a field, freeing what was there. Returns 0, or -ENOMEM when it is NULL. */
static inline int set_string(char **field, char *value) {
        if (!value)
                return -ENOMEM;
        free(*field);
        *field = value;
        return 0;
}

/* Gathers what is the machine's own: kernel, limits, names, the unit's control group. */
int gather_machine(const Container *container, const GatherInput *input, Facts *facts, Diagnostics *diagnostics);

/* Checks that /dev, /proc and /sys of the root are directories, or can be made. */
int check_kernel_places(const Container *container, const GatherInput *input, Facts *facts,
                        Diagnostics *diagnostics);

/* Finds where mounts go in the root, free of symlinks. */
int gather_destinations(const Container *container, const GatherInput *input, Facts *facts,
                        Diagnostics *diagnostics);

/* Checks that the working directory that the file names is there. */
int check_working_dir(const Container *container, const GatherInput *input, Facts *facts, Diagnostics *diagnostics);

/* Gathers what the container's networks bring along: addresses, gateway, name servers. */
int gather_networks(const Container *container, const GatherInput *input, Facts *facts, Diagnostics *diagnostics);

/* Reads default_sysctls of containers.conf(5), or has podman's own. */
int gather_default_sysctls(const Container *container, const GatherInput *input, Facts *facts,
                           Diagnostics *diagnostics);

/* Asks systemd which calls its sets have, where SystemCallFilter= in [Service] needs them. */
int gather_system_call_sets(const Container *container, const GatherInput *input, Facts *facts,
                            Diagnostics *diagnostics);
