/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An image that a file asks for, in the store. */
#pragma once

#include "config/types.h"
#include "image/image-use.h"

/* Finds an image in the store: a reference, or the name of a .image file, whose policy counts in
 * place of `policy`. What is wrong is an error at `where`, also that it is not there, with what to
 * do about it. Returns 0, -EREPORTED or another -errno. */
int image_open(const char *image, PullPolicy policy, const Location *where, Diagnostics *diagnostics, ImageUse *ret);
