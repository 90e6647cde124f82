/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The options of berth run: a few of its own, and those of podman run that a key stands for, from
 * podman-options.def. */
#pragma once

#include "berth/command/verb.h"

enum {
        RUN_DETACH,
        RUN_INTERACTIVE,
        RUN_TTY,
        RUN_RM,
        RUN_PRINT,
        RUN_ROOTFS,
        RUN_NO_HEALTHCHECK,
        _RUN_OWN_COUNT,
};

/* Up to one without a name. From _RUN_OWN_COUNT on they are podman's. */
extern const Option run_options[];

/* Returns the place of the option of that name ("name"), which is one. */
size_t run_option_find(const char *name);

/* Returns what to do instead of an option that is podman's and none of ours, or NULL. Static. */
const char *run_option_instead(const Option *option);
