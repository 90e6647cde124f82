/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The text that an editor gets for a drop-in, and what comes of it. */
#pragma once

#include "basic/text.h"

/* Appends what the drop-in `path` has now (`text`, which may be empty) between two lines that say
 * so. What follows, by edit_text_show(), is not kept. */
void edit_text_begin(Text *copy, const char *path, const char *text, size_t size);

/* Appends a file's text as comments. */
void edit_text_show(Text *copy, const char *path, const char *text, size_t size);

/* Appends what is to be kept of such a text: what is between the two lines, or to the end where the
 * second is gone. Each line that is left out before it becomes an empty one: the lines have the
 * numbers that the editor shows. */
void edit_text_cut(Text *ret, const char *copy, size_t size);

/* Appends the same as it goes into the file: without empty lines around it, with a newline at its
 * end; nothing of a text without anything in it. */
void edit_text_trim(Text *ret, const char *text, size_t size);
