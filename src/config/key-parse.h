/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The sections of a file, read by the vocabulary. */
#pragma once

#include "config/keys.h"

/* Fills the struct at `object` (the section's) from all entries of `section`, in order. An empty
 * value resets its key to the zero value. Unknown keys are errors with "did you mean" or the
 * section that they belong in; deprecated and ignored ones warnings. Returns 0 (also with
 * diagnostics) or -ENOMEM. */
int keys_parse_section(const UnitFile *unit, const char *section, const ValueContext *context, void *object,
                       KeysSet *set);

/* An error, at the later of the two, when both keys are set. */
void keys_exclude(const KeysSet *set, KeyId one, KeyId other, Diagnostics *diagnostics);

/* An error at `key` when it is set and `needed` is not. */
void keys_need(const KeysSet *set, KeyId key, KeyId needed, Diagnostics *diagnostics);

/* The main file as a whole, for what is wrong with no line in particular. */
Location file_place(const UnitFile *unit);

/* Errors for the sections that a file whose own section is `own` cannot have, or when that one is
 * missing. */
void sections_check(const UnitFile *unit, const char *own, Diagnostics *diagnostics);
