/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Values that systemd would ignore: it says so in the journal, and goes on as if the line were not
 * there. */
#pragma once

#include "basic/diagnostics.h"
#include "source/ini-file.h"

/* Warns of a value in [Unit] or [Service] that is no time span, no size or no share, where the key
 * takes one, by systemd.time(7), systemd.exec(5) and systemd.resource-control(5). What has a
 * specifier is left to systemd. */
void check_systemd_value(const Entry *entry, Diagnostics *diagnostics);
