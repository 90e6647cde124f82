/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* References to images on the command line. */
#pragma once

/* Makes a reference canonical, also a short name ("redis:7"), whose meaning is logged. Returns 0,
 * or -errno with what is wrong logged. Caller frees `ret`. */
int image_argument_resolve(const char *argument, char **ret);
