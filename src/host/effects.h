/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The journal of what a start does to the machine outside of its bundle. An effect is written down
 * before it is done, so that it can be undone after a SIGKILL at any point, twice, or when only
 * half of it is there. */
#pragma once

#include "host/bundle.h"

typedef enum EffectKind {
        EFFECT_RUNTIME, /* a container that a runtime knows: PROGRAM ID */
        EFFECT_SCOPE,   /* a unit beside the container's own: NAME */
        EFFECT_PROGRAM, /* a service of the program that is a pod's network: NAME */
        EFFECT_TREE,    /* a directory tree outside of the bundle: PATH */
        EFFECT_CHECKPOINT, /* that a start is to use up, or what one to come begins with: ID */
        EFFECT_IDS,     /* a range of IDs: FIRST-COUNT ID */
        EFFECT_LEVEL,   /* a level of SELinux that a container holds: LEVEL ID */
        EFFECT_LEASE,   /* an address on a network: STEM/ADDRESS ID */
        EFFECT_NAMES,   /* names on a network: NETWORK ID */
        EFFECT_PORTS,   /* elements of the packet filter, and sockets in the store: PORTS NUMBER */
        _EFFECT_KIND_COUNT,
} EffectKind;

/* Appends an effect to the bundle's file "effects"; `second` is NULL where the kind takes one
 * argument. To be called before the effect is brought about. Returns 0 or -errno. */
int effects_append(const Bundle *bundle, EffectKind kind, const char *first, const char *second);

/* The program of the runtime that has the container, as it was recorded. Returns 0, -ENOENT when
 * none was, or -errno. Caller frees. */
int effects_get_runtime(const Bundle *bundle, char **ret_program);

/* Gets an effect and its arguments; _EFFECT_KIND_COUNT for a line that is none. */
typedef int (*EffectHandler)(EffectKind kind, const char *first, const char *second, void *userdata);

/* Hands all effects of the bundle to `handle`, the last one first, until that returns a negative
 * errno. Returns 0, -ENOENT when none was recorded, or -errno. */
int effects_read_backwards(const Bundle *bundle, EffectHandler handle, void *userdata);
