/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where systemd looks for units, by systemd.unit(5), "Unit File Load Path". */
#pragma once

#include "basic/string-list.h"
#include "source/specifiers.h"

typedef enum UnitDirectories {
        UNITS_OF_ADMINISTRATOR, /* where systemctl makes links */
        UNITS_ALL,              /* those of packages, too, but nothing that generators make */
} UnitDirectories;

/* Appends the directories; SYSTEMD_UNIT_PATH replaces them, as for systemd. Returns 0 or
 * -ENOMEM. */
int unit_directories_get(Scope scope, UnitDirectories which, StringList *directories);

/* Finds out whether a unit's file, or the link that masks it, is in one of them all; they are read
 * when that is asked first. Returns 1, with that directory (`ret_directory` may be NULL; the caller
 * frees), 0, or -ENOMEM. */
int unit_is_installed(const char *name, Scope scope, char **ret_directory);

/* Appends the directories among them that have a file or directory of that name, which are read as
 * above. Returns 0 or -ENOMEM. */
int unit_directories_with(const char *name, Scope scope, StringList *directories);
