/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* berth images load: images out of an archive. */
#pragma once

/* Puts the images of the archive into the store, by the names that it has for them, or the only one
 * by `name` (NULL: the archive's). Says what is wrong. Returns 0 or -errno. */
int archive_load(const char *file, const char *name);

/* Puts what skopeo calls `source` into the store by the name, maybe a short one. As above. */
int image_take(const char *source, const char *name);
