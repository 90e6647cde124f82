/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A .container file made of what was typed behind berth run. */
#pragma once

#include "basic/text.h"
#include "berth/command/verb.h"

/* Appends the file's text: it means what the options mean, with nothing in them taken for more than
 * a value. `ret_image` is what the image is called, or with --rootfs the directory's absolute path.
 * Returns 0, or a negative errno with what is wrong logged. Caller frees. */
int run_describe(const Call *call, char **ret_image, Text *text);

/* Reads and checks the text as that of the file `path` of the container `stem`. As above. */
int run_check(const char *path, const char *stem, const Text *text);
