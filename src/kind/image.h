/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A .image file as a value. */
#pragma once

#include "config/section.h"

typedef struct Image {
        char *image;
        char *image_tag;
        bool all_tags;
        char *arch;
        char *os;
        char *variant;
        char *auth_file;
        char *certificate_directory;
        char *credentials;
        char *decryption_key;
        TriState tls_verify;
        PullPolicy policy;
        uint64_t retry;
        uint64_t retry_delay_usec;

        SECTION;
} Image;

/* As container_load(). */
int image_load(UnitFile *unit, const SpecifierContext *context, Diagnostics *diagnostics, Image **ret);

/* As container_check(). */
void image_check(const Image *image, Diagnostics *diagnostics);

void image_free(Image *image);
static inline void image_freep(Image **image) { image_free(*image); }
#define _cleanup_image_ _cleanup_(image_freep)
