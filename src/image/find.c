/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From what a file says of an image to what the store has of it. Nothing is pulled here: that is
 * for the unit that was waited for. */
#include "image/find.h"

#include <errno.h>

#include "config/short-name.h"
#include "host/unit/unit.h"
#include "kind/load.h"
#include "source/places.h"

/* What Image= leads to. */
typedef struct Wanted {
        char *asked;     /* canonical; perhaps a short name, of several registries */
        char *name;      /* what the store has of that, or might have */
        char *unit_name; /* of the unit that pulls it */
        PullPolicy policy;
} Wanted;

static void wanted_done(Wanted *wanted) {
        free(wanted->asked);
        free(wanted->name);
        free(wanted->unit_name);
}

static int set_name(const char *image, Wanted *wanted) {
        _cleanup_image_reference_ ImageReference reference = {};
        _cleanup_free_ char *note = NULL, *message = NULL;
        int r;

        wanted->asked = strdup(image);
        if (!wanted->asked)
                return -ENOMEM;
        /* What cannot be parsed any more, by other files of registries, the store does not have. */
        r = image_reference_resolve(image, &reference, &note, &message);
        if (r < 0 && r != -EINVAL)
                return r;
        wanted->name = strdup(reference.name ?: image);
        return wanted->name ? 0 : -ENOMEM;
}

static int find_file(const char *file_name, const Location *where, Diagnostics *diagnostics, Wanted *ret) {
        _cleanup_image_ Image *image = NULL;
        _cleanup_free_ char *stem = NULL;
        FileType type;
        int r;

        r = file_name_parse(file_name, &type, &stem);
        if (r >= 0 && type != FILE_IMAGE)
                return diagnose_error(diagnostics, where, ".%s files are not supported yet", file_type_name(type));
        if (r >= 0)
                r = image_find(stem, NULL, diagnostics, &image);
        if (r < 0)
                return r;
        ret->policy = image->policy;
        return set_name(image->image, ret);
}

static int find_wanted(const char *image, PullPolicy policy, const Location *where, Diagnostics *diagnostics,
                       Wanted *ret) {
        int r;

        r = image_unit_name(image, &ret->unit_name);
        if (r < 0)
                return r;
        if (image_is_file(image))
                return find_file(image, where, diagnostics, ret);
        ret->policy = policy;
        return set_name(image, ret);
}

/* With Pull=always an older image will not do, and systemd starts the container also when what it
 * wants has failed. */
static int check_pulled(const Wanted *wanted, const Location *where, Diagnostics *diagnostics) {
        _cleanup_free_ char *result = NULL;
        int r;

        if (wanted->policy != PULL_ALWAYS)
                return 0;
        r = unit_get_result(wanted->unit_name, &result);
        if (r < 0 || streq(result, "success"))
                return r;
        return diagnose_error(diagnostics, where,
                              "the image \"%s\" is to be pulled always, and that has failed; to see why: "
                              "journalctl %s-u '%s'",
                              wanted->asked, places_manager_option(), wanted->unit_name);
}

static int report_missing(const char *image, const Wanted *wanted, const Location *where, Diagnostics *diagnostics) {
        if (wanted->policy == PULL_NEVER)
                return diagnose_error(diagnostics, where,
                                      "the image \"%s\" is not there, and never to be pulled by itself; to pull it: "
                                      "berth pull %s",
                                      wanted->asked, image);
        return diagnose_error(diagnostics, where,
                              "the image \"%s\" is not there; to see why it was not pulled: journalctl %s-u '%s'; "
                              "if nothing is there, as the file was changed: systemctl %sdaemon-reload, or "
                              "berth pull %s",
                              wanted->asked, places_manager_option(), wanted->unit_name, places_manager_option(),
                              image);
}

int image_open(const char *image, PullPolicy policy, const Location *where, Diagnostics *diagnostics, ImageUse *ret) {
        _cleanup_(wanted_done) Wanted wanted = {};
        int r;

        r = find_wanted(image, policy, where, diagnostics, &wanted);
        if (r >= 0)
                r = check_pulled(&wanted, where, diagnostics);
        if (r >= 0)
                r = image_use_open(wanted.name, where, diagnostics, ret);
        return r == -ENOENT ? report_missing(image, &wanted, where, diagnostics) : r;
}
