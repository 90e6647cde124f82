/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Time zones of this machine. */
#pragma once

#include "basic/alloc.h"

/* Reads the tzfile(5) of `zone` ("Europe/Berlin"), or the machine's own for "local". Returns 0,
 * -ENOENT when there is none, -EBADMSG when the file is something else, or another -errno. Caller
 * frees `ret`. */
int time_zone_read(const char *zone, char **ret, size_t *ret_size);
