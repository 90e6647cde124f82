/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is to be said of a text that is to go into a file: what is wrong, by what berth check goes
 * by, and what it changes. */
#pragma once

#include "berth/edit/edit-file.h"

/* Zero-initialise with {}. */
typedef struct EditVerdict {
        Diagnostics diagnostics;
        bool changes_units;   /* systemd has to read its units again */
        bool changes_service; /* what runs does not have it */
} EditVerdict;

/* Judges it. `text` has the lines that `diagnostics` are to tell of. Returns 0, or -errno with what
 * is wrong logged. */
int edit_judge(const EditFile *file, const char *text, size_t size, EditVerdict *ret);

void edit_verdict_done(EditVerdict *verdict);
#define _cleanup_edit_verdict_ _cleanup_(edit_verdict_done)
