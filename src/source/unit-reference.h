/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* References to berth's files in the sections that are handed on to systemd: "web.container"
 * becomes "container@web.service". */
#pragma once

#include "basic/string-list.h"
#include "source/unit-name.h"

/* Whether `key` of [Unit] takes names of units. */
bool key_takes_units(const char *key);

/* Adds the file name of an instance, "web@a.container", to a list, once. What is no instance of a
 * template is left out. Returns 0 or -ENOMEM. */
int instances_add(StringList *instances, FileType type, const char *stem);
int instances_add_reference(StringList *instances, const char *reference);

/* The names in `value`, a list as systemd splits it, with those of our files translated and quotes
 * removed. Escapes are kept: in these lists they are part of a unit's name ("my\x20app.service").
 * The instances ("web@a.container") that are referred to are added to `instances`. Returns how many
 * names were translated, or -errno. */
int unit_references_split(const char *value, StringList *names, StringList *instances);

/* The same for a whole value: `value` itself when nothing in it is ours. Returns 0 or -errno.
 * Caller frees `ret`. */
int unit_references_translate(const char *value, char **ret, StringList *instances);
