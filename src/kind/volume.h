/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A .volume file as a value. */
#pragma once

#include "config/section.h"

typedef struct Volume {
        char *volume_name;
        char *driver;
        char *device;
        char *type;
        char *options;
        TriState copy;
        char *image;
        char *user;
        char *group;
        uint64_t uid;
        uint64_t gid;
        StringList labels;
        bool of_user; /* the file is for a user's service manager */

        SECTION;
} Volume;

/* As container_load(). */
int volume_load(UnitFile *unit, const SpecifierContext *context, Diagnostics *diagnostics, Volume **ret);

/* As container_check(). */
void volume_check(const Volume *volume, Diagnostics *diagnostics);

/* What the volume is called: the directory it is kept in. Borrowed. */
const char *volume_name(const Volume *volume);

/* Whether Driver= says that the volume shows an image. */
bool volume_is_image(const Volume *volume);

/* Whether it says who owns the volume. */
bool volume_has_owner(const Volume *volume);

void volume_free(Volume *volume);
static inline void volume_freep(Volume **volume) { volume_free(*volume); }
#define _cleanup_volume_ _cleanup_(volume_freep)
