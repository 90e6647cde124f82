/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What differs from Quadlet of a key that is taken as it is. */
#pragma once

#include "config/section.h"

/* Appends a line for each such key that the file has. Returns 0 or -ENOMEM. */
int migrate_notes_add(const Section *section, StringList *notes);
