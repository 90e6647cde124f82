/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A .image file as a value. */
#include "kind/image.h"

#include "config/image-reference.h"
#include "config/key-parse.h"
#include "kind/helper-service.h"

static const SectionType section = SECTION_TYPE(FILE_IMAGE, Image);

void image_check(const Image *image, Diagnostics *diagnostics) {
        static const KeyId names[] = { KEY_Image_Image, KEY_Image_ImageTag };
        const char *const values[] = { image->image, image->image_tag };
        Location where = file_place(&image->unit);

        check_helper_service(&image->section, diagnostics);
        if (!section_is_given(&image->section, KEY_Image_Image) &&
            unit_file_has_section(&image->unit, file_type_section(FILE_IMAGE)))
                diagnose_error(diagnostics, &where, "Image= is not set");
        /* With one, the unit could be that of a reference; see image_instance(). */
        if (strchr(image->stem, ':'))
                diagnose_error(diagnostics, &where,
                               "the name of a .image file cannot have a \":\": that is for references");
        for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
                where = section_where(&image->section, names[i]);
                if (values[i] && image_is_file(values[i]))
                        diagnose_error(diagnostics, &where, "\"%s\" must be a reference, not the name of a file",
                                       keys[names[i]].name);
        }
}

int image_load(UnitFile *unit, const SpecifierContext *context, Diagnostics *diagnostics, Image **ret) {
        void *image;
        int r = section_load(&section, unit, context, diagnostics, &image);

        if (r >= 0)
                *ret = image;
        return r;
}

void image_free(Image *image) {
        section_free(&section, image);
}
