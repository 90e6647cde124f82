/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Checkpoints as archives, for another machine. */
#pragma once

#include <stdbool.h>

/* Says whether an archive can be written there, before anything else is done. "-" is standard
 * output. Returns 0, or -errno with what is wrong logged. */
int checkpoint_export_check(const char *file);

/* Writes the container's checkpoint, packed as the file's name says. As above. */
int checkpoint_export(const char *stem, const char *file, bool volumes);

/* Has the container sleep with what the archive has, when that fits to the machine and to the
 * container's file, whose image is pulled if it is not there. "-" is standard input. As above. */
int checkpoint_import(const char *stem, const char *file, bool ignore_volumes);
