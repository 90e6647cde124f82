/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which file is edited, and how what was typed takes its place. */
#pragma once

#include "basic/text.h"
#include "source/sources.h"

/* Initialise with the first members; the rest is zero. */
typedef struct EditFile {
        Scope scope;
        const char *argument; /* "web", "lan.network" …; borrowed */
        const char *drop_in;  /* the name of the drop-in, "override.conf"; NULL: the file itself; borrowed */
        FileType type;
        char *stem;
        StringList search_path;
        StringList shown; /* the files that there are, in the order in which they are read */
        char *path;       /* what is edited, there or not: in the first directory of the search path */
        char *text;       /* what it has now, or begins with; not NULL once it was found */
        size_t size;
        bool exists;
        char *old; /* what is there, by which it is seen that somebody else has changed it */
        size_t old_size;
} EditFile;

/* Scans the search path for what is in `file`, as it is now. An instance that has no file of its
 * own is in `ret`, too. Returns its place there, or -errno, with what is wrong logged. */
ssize_t edit_file_scan(const EditFile *file, Sources *ret);

/* Finds out all about it. Returns 0, or -errno with what is wrong logged. */
int edit_file_find(EditFile *file);

/* Makes the source what it is once the file is there. Returns 0 or -ENOMEM. */
int edit_file_apply(const EditFile *file, Source *source);

/* Returns whether what is there is not what it was, or cannot be read any more. */
bool edit_file_has_changed(const EditFile *file);

/* Puts the text in its place, as a whole and for good. Returns 0, or -errno with what is wrong
 * logged. */
int edit_file_put(const EditFile *file, const char *text, size_t size);

void edit_file_done(EditFile *file);
#define _cleanup_edit_file_ _cleanup_(edit_file_done)
