/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A drop-in while it is put together, for a file of any kind. What berth makes of the file's own
 * keys comes first and the [Unit] and [Service] lines that the user wrote come last, so that theirs
 * win. */
#pragma once

#include "config/section.h"
#include "unit/install-links.h"

/* Whoever makes one sets the borrowed members; the rest is zero. */
typedef struct UnitDropIn {
        const Section *section;
        const SpecifierContext *context; /* its path is borrowed by the outputs, too */
        const StringList *search_path;
        StringList *instances; /* "web@a.container": those that are referred to are added */
        Diagnostics *diagnostics;
        UnitOutputs *outputs;

        StringList bound, required, wanted; /* units to wait for: the dependency is BindsTo=, Requires=, Wants= */
        StringList paths;                   /* of the host, that must be mounted */
        Text unit, service;                 /* further lines of [Unit] and [Service] */
        Text service_end;                   /* of [Service], behind the user's own */
        UnitInstall install;
} UnitDropIn;

/* Adds what a kind of file has of its own, of which `object` is one. Returns 0 or -ENOMEM. */
typedef int (*UnitDropInFiller)(const void *object, UnitDropIn *drop_in);

/* Reads [Install], has `fill` add its lines, and adds the whole drop-in, with the links and further
 * units of [Install], to the outputs. A template gets nothing but its default instance, which is
 * added to `drop_in->instances`. Returns 0, also with diagnostics, or -ENOMEM. */
int unit_drop_in_make(UnitDropIn *drop_in, UnitDropInFiller fill, const void *object);

/* Adds a unit to one of the lists, once. Returns 0 or -ENOMEM. */
int unit_drop_in_add_unit(StringList *list, const char *unit);

/* The same for the unit of a file ("data.volume"); NULL, another container and what is no file's
 * name are left out. */
int unit_drop_in_add_file(UnitDropIn *drop_in, StringList *list, const char *reference);

/* Adds a path of the host; NULL, "/" and what is no path are left out. Returns 0 or -ENOMEM. */
int unit_drop_in_add_path(UnitDropIn *drop_in, const char *path, const Location *where);

/* Appends the lines of a section as the user wrote them. Returns 0 or -ENOMEM. */
int unit_drop_in_append_own_lines(const UnitDropIn *drop_in, const char *section, Text *text);

/* Has the file be the only one for a thing that is no unit: a "volume", "network" or "interface" of
 * that name, which is given at `where`, or by the file's name. Another file's is an error in the
 * diagnostics. Returns 0 or -ENOMEM. */
int unit_drop_in_claim(UnitDropIn *drop_in, const char *what, const char *name, const Location *where);

void unit_drop_in_done(UnitDropIn *drop_in);
#define _cleanup_unit_drop_in_ _cleanup_(unit_drop_in_done)
