/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* berth images save: images into an archive. */
#pragma once

#include "image/save/image-archive.h"

/* Reads "oci-archive" or "docker-archive"; NULL is the first. Returns 0 or -EINVAL. */
int archive_format_parse(const char *text, ArchiveFormat *ret);

/* Writes an archive of the images in the store that the arguments, up to a NULL, mean, each by its
 * names among them, to the file, or with NULL to standard output. Says what is wrong. Returns 0 or
 * -errno. */
int image_save(char **arguments, ArchiveFormat format, const char *file);
