/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* berth spec: the OCI configuration that a start would use, for looking at it. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "basic/files.h"
#include "basic/json.h"
#include "basic/log.h"
#include "berth/berth-verbs.h"
#include "host/mounts.h"
#include "kind/load.h"
#include "oci/example-facts.h"
#include "oci/image-config.h"
#include "oci/oci-hooks.h"
#include "oci/oci-spec.h"
#include "source/places.h"
#include "start/gather/gather.h"
#include "start/globs.h"
#include "start/image-root.h"

enum { FACTS_MAX = 1 << 20 };

typedef struct Request {
        const char *name;       /* or a file's path */
        const char *facts_path; /* NULL: ask this machine */
        Scope scope;
} Request;

/* Where the container's file is: a path, or a name to be searched for. */
static int find_source(const Request *request, Source *ret, Diagnostics *diagnostics) {
        _cleanup_string_list_ StringList search_path = {};
        int r;

        if (strchr(request->name, '/') || endswith(request->name, ".container"))
                r = source_from_path(request->name, ret);
        else {
                r = search_path_get(request->scope, &search_path);
                if (r == 0)
                        r = source_find(&search_path, FILE_CONTAINER, request->name, ret);
        }
        if (r == -ENOENT)
                return diagnose_error(diagnostics, NULL, "there is no container \"%s\"", request->name);
        if (r == -EINVAL || (r == 0 && ret->type != FILE_CONTAINER))
                return diagnose_error(diagnostics, NULL, "\"%s\" is not the name of a .container file", request->name);
        return r;
}

/* `facts` is NULL for the machine's own specifiers. */
static int load_container(const Request *request, json_object *facts, Diagnostics *diagnostics, Container **ret) {
        const SpecifierContext machine = { .scope = request->scope,
                                           .lookup = request->facts_path ? facts_specifier : NULL,
                                           .userdata = facts };
        _cleanup_source_ Source source = {};
        int r;

        r = find_source(request, &source, diagnostics);
        if (r < 0)
                return r;
        return container_read(&source, &machine, diagnostics, ret);
}

/* NULL for an empty file: nothing differs from the example. */
static int read_facts(const char *path, Diagnostics *diagnostics, json_object **ret) {
        _cleanup_free_ char *text = NULL;
        size_t size;
        int r;

        if (streq(path, "/dev/null"))
                return 0;
        r = read_file_at(AT_FDCWD, path, FACTS_MAX, &text, &size);
        if (r == -ENOMEM)
                return r;
        if (r < 0)
                return diagnose_error(diagnostics, &(Location) { .file = path }, "%s", strerror(-r));
        return size == 0 ? 0 : json_parse(text, size, path, diagnostics, ret);
}

static int apply_image(json_object *facts, const char *file, Container *container, Diagnostics *diagnostics) {
        _cleanup_image_config_ ImageConfig config = {};
        const Location where = { .file = file };
        json_object *image = NULL;
        int r;

        if (facts && json_object_is_type(facts, json_type_object))
                json_object_object_get_ex(facts, "image", &image);
        r = image_config_read(image, &where, diagnostics, &config);
        return r < 0 ? r : image_config_apply(&config, container, diagnostics);
}

/* The image's root, mounted where nobody else sees it; the container is completed by what the image
 * says. Returns an fd. */
static int open_image(Container *container, Diagnostics *diagnostics) {
        Location where = container_where(container, KEY_Container_Image);
        _cleanup_image_use_ ImageUse image = IMAGE_USE_INIT;
        int r;

        r = mounts_unshare(place_path(PLACE_STATE));
        if (r >= 0)
                r = container_open_image(container, diagnostics, &image);
        if (r == -EPERM || r == -EACCES)
                return diagnose_error(diagnostics, &where, "only root can look into images; without looking: --facts");
        return r < 0 ? r : image_use_view(&image);
}

static int gather(Container *container, Facts *facts, Diagnostics *diagnostics) {
        _cleanup_close_ int image_fd = -EBADF;
        int r;

        if (container->image) {
                image_fd = open_image(container, diagnostics);
                if (image_fd < 0)
                        return image_fd;
        }
        r = globs_expand(container, diagnostics);
        return r < 0 ? r : facts_gather(container, image_fd, facts, diagnostics);
}

/* Glob mounts of the container are expanded on the way. */
static int get_facts(const Request *request, Container *container, json_object *json, Facts *facts,
                     Diagnostics *diagnostics) {
        int r;

        if (!request->facts_path)
                return gather(container, facts, diagnostics);
        r = facts_init_example(facts, container);
        if (r >= 0 && json)
                r = facts_from_json(json, request->facts_path, facts, diagnostics);
        return r < 0 ? r : facts_expand_globs(facts, container, diagnostics);
}

/* They are programs, and nothing is run here. */
static void leave_out_precreate(json_object *spec, Diagnostics *diagnostics) {
        _cleanup_json_object_ json_object *hooks = hooks_take_precreate(spec);

        for (size_t i = 0; hooks && i < json_object_array_length(hooks); i++)
                diagnose_warning(diagnostics, NULL, "at a start, the precreate hook \"%s\" may alter this",
                                 json_object_get_string(
                                                 json_object_object_get(json_object_array_get_idx(hooks, i), "path")));
}

static int print_spec(const Request *request, Diagnostics *diagnostics) {
        _cleanup_json_object_ json_object *json = NULL, *spec = NULL;
        _cleanup_container_ Container *container = NULL;
        _cleanup_facts_ Facts facts = {};
        _cleanup_free_ char *text = NULL;
        int r;

        if (request->facts_path) {
                r = read_facts(request->facts_path, diagnostics, &json);
                if (r < 0)
                        return r;
        }
        r = load_container(request, json, diagnostics, &container);
        if (r >= 0 && request->facts_path && container->image)
                r = apply_image(json, request->facts_path, container, diagnostics);
        if (r < 0)
                return r;
        r = get_facts(request, container, json, &facts, diagnostics);
        if (r < 0)
                return r;
        r = oci_spec_build(container, &facts, diagnostics, &spec);
        if (r < 0)
                return r;
        leave_out_precreate(spec, diagnostics);
        text = oci_spec_to_text(spec, true);
        if (!text)
                return -ENOMEM;
        (void) fputs(text, stdout); /* command.c asks at the end whether it went through */
        return 0;
}

enum { FACTS, USER };

static int run(const Call *call) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        const Request request = {
                .name = call->arguments[0],
                .facts_path = call->values[FACTS],
                .scope = call->values[USER] ? SCOPE_USER : places_scope(),
        };
        int r;

        r = print_spec(&request, &diagnostics);
        log_diagnostics(&diagnostics);
        if (r < 0)
                log_failure_errno(r, "Failed to print the configuration of %s: %m", request.name);
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

const Verb verb_spec = {
        .name = "spec",
        .synopsis = "[OPTION…] NAME|FILE",
        .summary = "Print the OCI configuration that a start would use",
        .help = "Print the OCI configuration (config.json) that a start of the container would use.",
        .options = (const Option[]) {
                [FACTS] = { .name = "facts", .argument = "FILE",
                            .help = "Take what depends on the machine from a JSON file; an empty one or /dev/null "
                                    "stands for an example machine" },
                [USER] = { .name = "user", .help = "Look for NAME where a user's service manager does" },
                {},
        },
        .least = 1,
        .most = 1,
        .run = run,
};
