/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "start/user/system-images.h"

#include <unistd.h>

#include "basic/path.h"
#include "basic/text.h"
#include "source/places.h"

/* Everybody may see the names. */
static bool has_image(const char *name) {
        const char *directory = place_path_of_system(PLACE_IMAGES);
        _cleanup_free_ char *instance = image_instance(name), *path = instance ? path_join(directory, instance) : NULL;

        return path && access(path, F_OK) >= 0;
}

static void tell_of(const char *name, const PullReporter *reporter) {
        _cleanup_free_ char *line = text_format("the system has %s, whose files are of no use to a user's containers; "
                                                "root can hand it over: berth images save %s >FILE, and then, as the "
                                                "user: berth images load FILE",
                                                name, name);

        if (line && reporter->message)
                reporter->message(line, reporter->userdata);
}

void system_images_tell(const PullRequest *request, const PullReporter *reporter) {
        if (places_scope() == SCOPE_SYSTEM)
                return;
        if (request->candidates.count == 0 && has_image(request->reference.name))
                tell_of(request->reference.name, reporter);
        for (size_t i = 0; i < request->candidates.count; i++)
                if (has_image(request->candidates.items[i].name)) {
                        tell_of(request->candidates.items[i].name, reporter);
                        return;
                }
}
