/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The value parser of images: a reference in its canonical form, or the name of a file. */
#include "config/value/value-internal.h"

#include <errno.h>

#include "config/short-name.h"

/* "oci:images/web:1" in /etc/berth/web.container is "oci:/etc/berth/images/web:1". */
static int make_absolute(const ValueContext *context, const Location *where, const char *text, size_t prefix,
                         char **ret) {
        size_t n = strcspn(text + prefix, ":");
        _cleanup_free_ char *path = strndup(text + prefix, n), *absolute = NULL;
        int r;

        if (!path)
                return -ENOMEM;
        r = value_relative_path(context, where, "the path of an image", path, &absolute);
        if (r < 0)
                return r;
        *ret = text_format("%.*s%s%s", (int) prefix, text, absolute, text + prefix + n);
        return *ret ? 0 : -ENOMEM;
}

static int parse_reference(const ValueContext *context, const Location *where, const char *text, char **field) {
        _cleanup_image_candidates_ ImageCandidates candidates = {};
        _cleanup_free_ char *absolute = NULL, *note = NULL, *message = NULL;
        size_t prefix = image_transport_prefix(text);
        int r = 0;

        if (prefix > 0)
                r = make_absolute(context, where, text, prefix, &absolute);
        if (r < 0)
                return r;
        r = image_candidates_find(absolute ?: text, &candidates, &note, &message);
        if (r == -EINVAL)
                return diagnose_error(context->diagnostics, where, "%s", message);
        if (note)
                diagnose_warning(context->diagnostics, where, "%s", note);
        return r < 0 ? r : value_replace(field, candidates.name);
}

int value_image(const ValueContext *context, const Location *where, const char *text, char **field) {
        _cleanup_free_ char *stem = NULL;
        int r;

        if (!image_is_file(text))
                return parse_reference(context, where, text, field);
        r = value_reference(context, where, text, strrchr(text, '.'), &stem);
        return r < 0 ? r : value_replace(field, text);
}

int parse_image(const ValueContext *context, _unused_ const Key *key, const Entry *entry, void *field) {
        Location where = entry_location(entry, 0);
        _cleanup_free_ char *text = NULL;
        int r;

        r = value_text(context, entry, &text);
        return r < 0 ? r : value_image(context, &where, text, field);
}
