/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One unit's files. */
#include "source/source.h"

void source_done(Source *source) {
        source->stem = x_free(source->stem);
        source->path = x_free(source->path);
        string_list_done(&source->drop_ins);
}
