/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Files of systemd.nspawn(5). */
#pragma once

#include "basic/diagnostics.h"
#include "start/import/imported.h"

/* Makes a file of the text, for the machine `stem` of /var/lib/machines, as systemd-nspawn@.service
 * starts it: booted, with a network of its own. A key that has no equivalent is a warning at its
 * place, what cannot be meant is an error. Returns 0, also with errors, or -errno. */
int import_nspawn(const char *text, size_t size, const char *file, const char *stem, Diagnostics *diagnostics,
                  Imported *ret);
