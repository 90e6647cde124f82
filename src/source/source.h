/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One unit's files. */
#pragma once

#include "basic/string-list.h"
#include "source/unit-name.h"

/* What a file is to say before it does: its text is read in place of what is there. */
typedef struct Draft {
        const char *path; /* of the file, as in the Source; borrowed */
        const char *text; /* borrowed */
        size_t size;
} Draft;

typedef struct Source {
        FileType type;
        char *stem;          /* "web", "web@a", "web@"; owned */
        char *path;          /* the main file; of an instance without a file of its own, the template's; owned */
        StringList drop_ins; /* in the order in which they are read; none when masked */
        bool masked;         /* an empty file or a link to /dev/null */
        const Draft *draft;  /* of one of these files; borrowed; NULL: all are read as they are */
        bool named;          /* by whoever runs this, and not found: trusted, whoever can write to it */
} Source;

void source_done(Source *source);
#define _cleanup_source_ _cleanup_(source_done)
