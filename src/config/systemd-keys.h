/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which keys are systemd's own: to tell a key in the wrong section, and settings of [Service] that
 * do not do what a reader would think. */
#pragma once

#include "source/ini-file.h"

/* The section of a .service unit that has `key`: "Unit", "Service", "Install", or NULL. Static. */
const char *systemd_section_of(const char *key);

/* Returns whether the key of [Install] names units that want the file's: WantedBy=, RequiredBy=,
 * UpheldBy=. */
bool install_key_takes_targets(const char *key);

/* Says that a key in [Install] has no effect, with the one that may have been meant. */
void warn_install_key(const Entry *entry, Diagnostics *diagnostics);

/* Says what is wrong with a key in [Unit] or [Service] that belongs elsewhere, where systemd would
 * only log that it does not know it: in another of these, or in the file's `own` section. */
void check_systemd_section(const Entry *entry, const char *own, Diagnostics *diagnostics);
