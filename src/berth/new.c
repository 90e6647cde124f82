/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* berth new: a file for a container, made of what an image says. */
#include <errno.h>
#include <fcntl.h>

#include "basic/files.h"
#include "basic/log.h"
#include "basic/text.h"
#include "berth/berth-verbs.h"
#include "berth/command/image-argument.h"
#include "berth/command/output.h"
#include "image/find.h"
#include "image/new-description.h"
#include "source/places.h"
#include "source/unit-name.h"

enum { PRINT, USER };

static int describe(const char *stem, const char *name, Text *text) {
        _cleanup_image_use_ ImageUse use = IMAGE_USE_INIT;
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        Location where = { .file = name };
        int r;

        r = image_use_open(name, &where, &diagnostics, &use);
        log_diagnostics(&diagnostics);
        if (r == -ENOENT)
                log_error("The image is not in the store; berth pull %s brings it there", name);
        else if (r < 0 && r != -EREPORTED)
                log_error_errno(r, "Failed to look at %s: %m", name);
        if (r < 0)
                return r;
        new_description(stem, name, &use.config, text);
        return text->failed ? log_oom() : 0;
}

/* The first directory of the search path is the one for people. */
static int put(const char *directory, const char *stem, const Text *text) {
        _cleanup_free_ char *path = text_format("%s/%s.container", directory, stem);
        int r;

        if (!path)
                return log_oom();
        r = make_directories_at(AT_FDCWD, directory, 0755);
        if (r >= 0)
                r = sweep_temporary_files(directory);
        if (r >= 0)
                r = write_new_file_durable_at(AT_FDCWD, path, text->data, text->length, 0644);
        if (r == -EEXIST)
                log_error("%s is there already", path);
        else if (r < 0)
                log_error_errno(r, "Failed to write %s: %m", path);
        else
                log_info("Made %s. Look at it, then: systemctl daemon-reload && berth start %s", path, stem);
        return r;
}

static int run(const Call *call) {
        const char *stem = call->arguments[0];
        Scope scope = call->values[USER] ? SCOPE_USER : places_scope();
        _cleanup_string_list_ StringList search_path = {};
        _cleanup_free_ char *name = NULL;
        _cleanup_text_ Text text = {};
        int r;

        if (!stem_is_valid(stem)) {
                log_error("\"%s\" can be no name of a container", stem);
                return EXIT_FAILURE;
        }
        r = places_choose(scope);
        if (r < 0)
                log_error_errno(r, "Failed to find the user's directories: %m");
        if (r >= 0)
                r = image_argument_resolve(call->arguments[1], &name);
        if (r >= 0)
                r = describe(stem, name, &text);
        if (r >= 0 && call->values[PRINT])
                output_text(text.data, text.length);
        else if (r >= 0) {
                r = search_path_get(scope, &search_path);
                r = r < 0 ? log_oom() : put(search_path.items[0], stem, &text);
        }
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

const Verb verb_new = {
        .name = "new",
        .synopsis = "[OPTION…] NAME IMAGE",
        .summary = "Make a file for a container of an image",
        .help = "Make the file NAME.container, with comments, out of what an image in the store says: what it runs and "
                "as whom, its environment, the ports it listens on, where it keeps data, its health check.",
        .notes = "berth pull IMAGE brings an image into the store. A file that is there is left alone.",
        .options = (const Option[]) {
                [PRINT] = { .name = "print", .help = "Print it, and make no file" },
                [USER] = { .name = "user", .help = "Where a user's service manager looks" },
                {},
        },
        .least = 2,
        .most = 2,
        .run = run,
};
