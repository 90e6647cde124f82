/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* berth images load: images out of an archive. Each is a pull of its name, with the archive as
 * where it comes from: so it is held to the rules of layers, and whole or not there. */
#include "berth/images/archive-load.h"

#include <errno.h>
#include <stdlib.h>

#include "basic/log.h"
#include "basic/text.h"
#include "berth/command/image-argument.h"
#include "berth/images/image-tag.h"
#include "berth/pull-images.h"
#include "image/archive-look.h"

static int load_as(const char *source, const char *name) {
        _cleanup_pull_request_ PullRequest request = PULL_REQUEST_INIT;
        _cleanup_free_ char *message = NULL;
        int r;

        r = image_reference_parse(name, &request.reference, &message);
        if (r < 0)
                return log_error_errno(r, "\"%s\" is no name of an image: %s", name, message ?: "");
        if (request.reference.transport != TRANSPORT_REGISTRY || request.reference.digest) {
                log_error("\"%s\" cannot be given to an image: a name is REGISTRY/REPOSITORY:TAG", name);
                return -EINVAL;
        }
        request.policy = PULL_ALWAYS;
        request.retries = 0;
        request.source = strdup(source);
        return request.source ? pull_shown(&request, false) : log_oom();
}

/* Further names are names of what is in the store by then. */
static int load_image(const char *path, const ArchivedImage *image) {
        int r;

        if (image->names.count == 0) {
                log_error("%s: an image in it has no name; berth images load FILE NAME gives it one", path);
                return -EINVAL;
        }
        r = load_as(image->source, image->names.items[0]);
        for (size_t i = 1; i < image->names.count && r >= 0; i++)
                r = image_tag(image->names.items[0], image->names.items[i]);
        return r;
}

int image_take(const char *source, const char *name) {
        _cleanup_free_ char *canonical = NULL;
        int r = image_argument_resolve(name, &canonical);

        return r < 0 ? r : load_as(source, canonical);
}

static int load_named(const char *path, const ArchivedImages *images, const char *name) {
        if (images->count > 1) {
                log_error("%s: there are %zu images in it, which cannot all be \"%s\"", path, images->count, name);
                return -EINVAL;
        }
        return image_take(images->items[0].source, name);
}

int archive_load(const char *file, const char *name) {
        _cleanup_archived_images_ ArchivedImages images = {};
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_free_ char *path = realpath(file, NULL);
        int result = 0, r;

        if (!path)
                return log_error_errno(-errno, "Failed to open %s: %m", file);
        if (strchr(path, ':')) {
                log_error("%s: skopeo takes no archive with a colon in its path", path);
                return -EINVAL;
        }
        r = archive_look(path, &diagnostics, &images);
        log_diagnostics(&diagnostics);
        if (r < 0)
                return log_failure_errno(r, "Failed to read %s: %m", path);
        if (name)
                return load_named(path, &images, name);
        for (size_t i = 0; i < images.count; i++) {
                r = load_image(path, &images.items[i]);
                result = r < 0 ? r : result;
        }
        return result;
}
