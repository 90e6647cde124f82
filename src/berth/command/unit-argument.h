/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Names on the command line: of a container as people say it, of its file, or of its unit. */
#pragma once

#include "source/unit-name.h"

/* Says which file "web", "web@a", "web.container", "data.volume", "/etc/berth/web.container",
 * "container@web.service" and Quadlet's "web.service" all mean. Returns 0, -EINVAL when it can be
 * no name, or -ENOMEM. Caller frees `ret_stem`. */
int argument_parse(const char *argument, FileType *ret_type, char **ret_stem);

/* Says whether the argument means a file of that kind and stem: as argument_parse() has it, or as
 * a pattern that the stem or the unit's name (NULL: there is none) matches. */
bool argument_matches(const char *argument, FileType type, const char *stem, const char *unit_name);

/* Says which unit. What is a pattern ("web*") is one of containers' units; what is a unit of
 * another kind ("web.slice") stays what it is. Returns 0, -EINVAL when it can be no name, or
 * -ENOMEM. Caller frees `ret`. */
int argument_to_unit(const char *argument, char **ret);
