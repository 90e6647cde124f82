/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is not done, and why. */
#pragma once

#include "source/unit-name.h"

/* Says which settings of systemd's the unit of a container has that hinder a start, where it has
 * any: they come from elsewhere than its file. Nothing is said when systemd does not answer. */
void log_hindrances(const char *instance);

/* Refuses, for a verb of a unit's end, what only systemd is to run: by hand, with the unit up, it
 * would take from what runs what that has. When the unit is down there is nothing to say against
 * it. Returns 0, or a negative errno, with what is wrong logged. */
int refuse_by_hand(FileType type, const char *instance);
