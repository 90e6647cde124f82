/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The copy that an editor works on: in a directory that nobody else can enter, and kept until what
 * was typed is where it belongs. */
#pragma once

#include "basic/alloc.h"

typedef struct EditCopy {
        char *directory;
        char *path;
} EditCopy;

/* Makes a copy of the name `name` with this text. From then on a signal that ends this process says
 * where it is. Returns 0, or -errno with what is wrong logged. */
int edit_copy_make(const char *name, const char *text, size_t size, EditCopy *ret);

/* Runs the editor on it, and waits for its end. Returns 0, or -errno with what is wrong logged. */
int edit_copy_open(const EditCopy *copy);

/* Reads it. As above; caller frees `ret`. */
int edit_copy_read(const EditCopy *copy, char **ret, size_t *ret_size);

/* Says where it is, or where the editor may have left something in place of it. */
void edit_copy_keep(const EditCopy *copy);

/* Removes it. */
void edit_copy_remove(const EditCopy *copy);

void edit_copy_done(EditCopy *copy);
#define _cleanup_edit_copy_ _cleanup_(edit_copy_done)
