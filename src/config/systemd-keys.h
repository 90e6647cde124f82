/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which keys are systemd's own: to tell a key in the wrong section, and settings of [Service] that do not do what a reader would think. */
#pragma once

/* The section of a .service unit that has `key`: "Unit", "Service", "Install", or NULL. Static. */
const char *systemd_section_of(const char *key);
