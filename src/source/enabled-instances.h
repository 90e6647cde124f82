/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What `systemctl enable` has enabled. An instance of a template may be known from there alone. */
#pragma once

#include "basic/string-list.h"
#include "source/specifiers.h"

/* Adds all instances ("web@a.container") that links in TARGET.wants, .requires or .upholds name,
 * below the directories where systemctl makes such links; SYSTEMD_UNIT_PATH replaces these, as for
 * systemd. What cannot be read is passed over. Returns 0 or -ENOMEM. */
int enabled_instances_get(Scope scope, StringList *instances);

/* Whether there is such a link to that unit. Returns 1, 0, also for what cannot be read, or
 * -ENOMEM. */
int unit_is_enabled(const char *unit_name, Scope scope);
