/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The journal of what a start does to the machine outside of its bundle. An effect is written down before it is done, so that it can be
 * undone after a SIGKILL at any point, twice, or when only half of it is there. */
#pragma once

#include "host/bundle.h"

typedef enum EffectKind {
        EFFECT_RUNTIME, /* a container that a runtime knows: PROGRAM ID */
        EFFECT_SCOPE,   /* a unit beside the container's own: NAME */
        EFFECT_TREE,    /* a directory tree outside of the bundle: PATH */
        EFFECT_IDS,     /* a range of IDs: FIRST-COUNT ID */
        EFFECT_LEVEL,   /* a level of SELinux that a container holds: LEVEL ID */
        _EFFECT_KIND_COUNT,
} EffectKind;

/* Appends an effect to the bundle's file "effects"; `second` is NULL where the kind takes one argument. To be called before the
 * effect is brought about. Returns 0 or -errno. */
int effects_append(const Bundle *bundle, EffectKind kind, const char *first, const char *second);

/* The program of the runtime that has the container, as it was recorded. Returns 0, -ENOENT when none was, or -errno. Caller frees. */
int effects_get_runtime(const Bundle *bundle, char **ret_program);

/* Undoes all effects of the bundle backwards and removes it. Nothing there is fine. Goes on after a failure; the bundle then stays, so that it can be
 * tried again, and the first failure is returned. */
int effects_undo(Bundle *bundle);
