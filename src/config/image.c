/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A .image file as a value. */
#include "config/image.h"

static const SectionType section = SECTION_TYPE(FILE_IMAGE, Image);

static void check(const Image *image, Diagnostics *diagnostics) {
        Location where = file_place(&image->unit);

        if (!image->image && unit_file_has_section(&image->unit, file_type_section(FILE_IMAGE)))
                diagnose_error(diagnostics, &where, "Image= is not set");
}

int image_load(UnitFile *unit, const SpecifierContext *context, Diagnostics *diagnostics, Image **ret) {
        void *image;
        int r = section_load(&section, unit, context, diagnostics, &image);

        if (r < 0)
                return r;
        check(image, diagnostics);
        *ret = image;
        return 0;
}

void image_free(Image *image) {
        section_free(&section, image);
}
