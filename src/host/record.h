/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Small files of lines of words in the bundle: what one verb leaves for the next. Written and read
 * by us alone, and still checked. */
#pragma once

#include "basic/string-list.h"
#include "basic/text.h"

/* Appends one line of the words up to a NULL, quoted so that any byte survives. */
void record_append(Text *text, const char *word, ...) __attribute__((sentinel));

/* Calls `handle` with the words of each line (at least one), in order, or backwards. A line that
 * was not written to its end is skipped. Stops at the first negative result and returns it. Returns
 * 0, -EBADMSG for a line that is no list of words, or -errno. */
int record_read(int directory_fd, const char *name, bool backwards,
                int (*handle)(const StringList *words, void *userdata), void *userdata);
