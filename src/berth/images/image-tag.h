/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* berth images tag: another name for an image. */
#pragma once

/* Makes the reference `name` lead to the image in the store that `source` leads to, and what it led
 * to before loses that name. Nothing is fetched or copied. Says what is wrong. Returns 0 or
 * -errno. */
int image_tag(const char *source, const char *name);
