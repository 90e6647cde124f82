/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An image made of an archive of a root file system: a layout with one layer, for a pull. */
#pragma once

#include "image/staging.h"
#include "image/store.h"

/* Makes it in the staging directory out of what is left to read in `fd`: tar, also compressed by
 * gzip or zstd. `ret_source` is skopeo's name of it, the caller frees it. Returns 0, -EBADMSG when
 * it is no such archive, -EFBIG when it is too large, -ENOPKG, or another -errno. */
int tree_import(const Staging *staging, int fd, char **ret_source);
