/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the generator is about to make: first planned as a list, then printed or written. */
#pragma once

#include "basic/alloc.h"
#include "basic/text.h"
#include "config/types.h"

/* A file or a symlink below the generator's directory. */
typedef struct UnitOutput {
        char *path;         /* "container@web.service.d/10-berth.conf"; owned */
        char *content;      /* the file's text, or where the link leads; owned */
        bool link;
        bool late;          /* in the directory that any other unit of the same name goes before */
        const char *source; /* the file it is made for; borrowed */
} UnitOutput;

/* What containers say of how their image is pulled, put together; see pull-units.h. */
typedef struct UnitPull {
        char *unit_name;    /* owned */
        char *path;         /* where the image is, on this machine; owned, or NULL */
        char *short_name;   /* canonical, of one that several registries may have; owned, or NULL */
        const char *source; /* of the first container; borrowed */
        PullPolicy policy;
        bool has_retry, has_retry_delay;
        uint64_t retry, retry_delay_usec;
} UnitPull;

/* Zero-initialise with {}. */
typedef struct UnitOutputs {
        UnitOutput *items;
        size_t count;
        size_t allocated;
        void *claims; /* a tsearch(3) tree of the names that were claimed */
        UnitPull *pulls;
        size_t pull_count, pulls_allocated;
} UnitOutputs;

/* Both own `path` and the second string from then on, also on failure; either may be NULL: memory
 * was short. Return 0 or -ENOMEM. */
int unit_outputs_add_file(UnitOutputs *outputs, const char *source, char *path, char *text);
int unit_outputs_add_link(UnitOutputs *outputs, const char *source, char *path, char *target);

/* The same for the directory of lowest precedence. */
int unit_outputs_add_late_file(UnitOutputs *outputs, const char *source, char *path, char *text);
int unit_outputs_add_late_link(UnitOutputs *outputs, const char *source, char *path, char *target);

/* Claims a unit's name that a user chose, and so another file may have chosen too. `source` is
 * borrowed. Returns 1, 0 when another one has it (`ret_owner` is its source), or -ENOMEM. */
int unit_outputs_claim(UnitOutputs *outputs, const char *name, const char *source, const char **ret_owner);

/* Sorts by path. */
void unit_outputs_sort(UnitOutputs *outputs);

/* Whether a line of a unit file can hold `text`: a file's name may have any byte, and no escape
 * helps against a newline there. */
bool unit_line_fits(const char *text);

/* Appends the first lines of a generated file: who wrote it, from which file, and what it is (may
 * be NULL). */
void unit_output_append_header(Text *text, const char *source, const char *what);

/* Appends "SourcePath=", so that systemd says when a daemon-reload is due. */
void unit_output_append_source(Text *text, const char *source);

void unit_outputs_done(UnitOutputs *outputs);
#define _cleanup_unit_outputs_ _cleanup_(unit_outputs_done)
