/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From an Image to what systemd reads. */
#include "unit/unit-text.h"

#include <errno.h>

#include "config/image-reference.h"
#include "source/places.h"
#include "unit/pull-units.h"

/* The unit has something to do when one of the image's names is missing; without a process, systemd
 * sees to it. */
static int append_condition(Text *text, const char *name) {
        _cleanup_free_ char *instance = image_instance(name);

        if (!instance)
                return -ENOMEM;
        text_appendf(text, "ConditionPathExists=|!%s/%s\n", place_path(PLACE_IMAGES), instance);
        return 0;
}

/* One of several names, and another one, is more than conditions can say. */
static int append_short(const Image *image, Text *text) {
        int r = image->image_tag ? 0 : unit_pull_append_conditions(image->image, text);

        if (r == 0)
                text_append(text, "ConditionPathExists=\n");
        return r < 0 ? r : 0;
}

static int append_conditions(const Image *image, Text *text) {
        bool missing = image->policy == PULL_MISSING && !image->all_tags && image->image;
        _cleanup_free_ char *short_name = NULL;
        int r;

        r = missing ? image_reference_short_name(image->image, &short_name) : 0;
        if (r != 0)
                return r < 0 ? r : append_short(image, text);
        text_append(text, "ConditionPathExists=\n");
        if (!missing)
                return 0;
        r = append_condition(text, image->image);
        return r < 0 || !image->image_tag ? r : append_condition(text, image->image_tag);
}

/* The directory or archive that the image is in. */
static int add_path(const Image *image, UnitDropIn *drop_in) {
        size_t prefix = image->image ? image_transport_prefix(image->image) : 0;
        Location where = section_where(&image->section, KEY_Image_Image);
        _cleanup_free_ char *path = NULL;

        if (prefix == 0)
                return 0;
        path = strndup(image->image + prefix, strcspn(image->image + prefix, ":"));
        return path ? unit_drop_in_add_path(drop_in, path, &where) : -ENOMEM;
}

int unit_text_image(const Image *image, UnitDropIn *drop_in) {
        int r = append_conditions(image, &drop_in->unit);

        return r < 0 ? r : add_path(image, drop_in);
}
