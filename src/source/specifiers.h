/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* "%" specifiers of systemd.unit(5) in the values of berth's own sections. */
#pragma once

#include "basic/alloc.h"
#include "basic/diagnostics.h"
#include "source/places.h"

/* Gives the value of a specifier that is a fact of the machine (%a %b %m %H %l %q %v %A %B %M %o %w
 * %W %u %U %g %G %h %s, and for a user's manager the directories %t %S %C %L %E %T %V). Returns 0
 * with `ret` freed by the caller, -EINVAL when it knows no such specifier, -ENXIO when the machine
 * has no value for it, or another -errno. */
typedef int (*SpecifierLookup)(void *userdata, char specifier, char **ret);

/* What the specifiers of one file stand for. They speak of the file as if it were a unit of its own
 * name, so that a Quadlet file means here what it meant there: in web@a.container %p is "web", %i
 * "a", %N "web@a"; %n alone is the real unit, and %d its credentials directory. */
typedef struct SpecifierContext {
        const char *stem;      /* file name without its ending, "web" or "web@a"; borrowed */
        const char *unit_name; /* "container@web.service"; borrowed */
        const char *path;      /* of the main file; borrowed */
        Scope scope;
        /* The service's environment, for "${NAME}"; NULL: what [Service] says of it. Borrowed. */
        const struct StringList *environment;
        bool starting;          /* what that does not have is unset, rather than not known yet */
        SpecifierLookup lookup; /* NULL: specifiers_lookup_machine, with the scope */
        void *userdata;
} SpecifierContext;

/* The lookup that asks this machine: os-release(5), machine-id, boot-id, uname(2), passwd.
 * `userdata` is a Scope pointer, or NULL for SCOPE_SYSTEM. */
int specifiers_lookup_machine(void *userdata, char specifier, char **ret);

/* Expands every specifier in `text`. Returns 0, -EINVAL for an unknown specifier or a "%" at the
 * end, -ENXIO when there is no value for it here, another -errno of the lookup, or -ENOMEM. On
 * failure `ret_offset` (may be NULL) says where in `text`. Caller frees `ret`. */
int specifiers_expand(const SpecifierContext *context, const char *text, char **ret, size_t *ret_offset);

/* Replaces only what names the unit by its file (%i %I %j %J %p %P %N), doubling "%" in what is put
 * in and leaving every other specifier for systemd: for the sections that are handed on. Returns 0
 * or -ENOMEM. */
int specifiers_expand_names(const SpecifierContext *context, const char *text, char **ret);
