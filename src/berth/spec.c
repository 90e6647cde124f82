/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* berth spec: the OCI configuration that a start would use, for looking at it, and the facts that
 * it is made from. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "basic/files.h"
#include "basic/json.h"
#include "basic/log.h"
#include "berth/berth-verbs.h"
#include "berth/command/unit-argument.h"
#include "host/mounts.h"
#include "kind/load.h"
#include "kind/pod-container.h"
#include "oci/example-facts.h"
#include "oci/image-config.h"
#include "oci/oci-hooks.h"
#include "oci/oci-spec.h"
#include "source/places.h"
#include "start/gather/gather.h"
#include "start/globs.h"
#include "start/image-root.h"
#include "start/user/become-root.h"
#include "start/user/user-maps.h"

/* A seccomp profile and hooks, which may have a megabyte each, are in it. */
enum { FACTS_MAX = 16 << 20 };

typedef struct Request {
        const char *name;       /* or a file's path */
        const char *facts_path; /* NULL: ask this machine */
        bool dump_facts;
        Scope scope;
} Request;

/* What a container depends on. */
typedef struct Look {
        json_object *given;      /* of --facts; NULL: nothing differs from the example */
        json_object *specifiers; /* of this machine, those that the container's file has */
        json_object *image;      /* what the image in the store says */
        Facts facts;
} Look;

static void look_done(Look *look) {
        json_object_put(look->given);
        json_object_put(look->specifiers);
        json_object_put(look->image);
        facts_done(&look->facts);
}

/* Where the container's file is: a path, or a name to be searched for. */
static int find_source(const Request *request, Source *ret, Diagnostics *diagnostics) {
        _cleanup_free_ char *stem = NULL;
        FileType type = FILE_CONTAINER;
        int r;

        /* A file that is here, else a name to be searched for. */
        if (strchr(request->name, '/') || (endswith(request->name, ".container") && access(request->name, F_OK) >= 0))
                r = source_from_path(request->name, ret);
        else {
                r = argument_parse(request->name, &type, &stem);
                if (r >= 0)
                        r = source_find_scope(request->scope, type, stem, ret);
        }
        if (r == -ENOENT)
                return diagnose_error(diagnostics, NULL, "there is no container \"%s\"", request->name);
        if (r == -EINVAL || (r == 0 && ret->type != FILE_CONTAINER))
                return diagnose_error(diagnostics, NULL, "\"%s\" is not the name of a .container file", request->name);
        return r;
}

/* Where specifiers of this machine are noted. */
typedef struct Notes {
        json_object *specifiers;
        Scope scope;
} Notes;

/* A SpecifierLookup that asks this machine and remembers the answer. */
static int note_specifier(void *userdata, char specifier, char **ret) {
        Notes *notes = userdata;
        const char name[] = { specifier, '\0' };
        _cleanup_free_ char *value = NULL;
        json_object *noted;
        int r = specifiers_lookup_machine(&notes->scope, specifier, &value);

        if (r < 0)
                return r;
        noted = json_object_new_string(value);
        if (!noted || json_object_object_add(notes->specifiers, name, noted) < 0) {
                json_object_put(noted);
                return -ENOMEM;
        }
        *ret = TAKE_PTR(value);
        return 0;
}

static int load_container(const Request *request, const Look *look, Diagnostics *diagnostics, Container **ret) {
        Notes notes = { .specifiers = look->specifiers, .scope = request->scope };
        const SpecifierContext machine = { .scope = request->scope,
                                           .lookup = request->facts_path ? facts_specifier : note_specifier,
                                           .userdata = request->facts_path ? (void *) look->given : &notes };
        _cleanup_source_ Source source = {};
        int r;

        r = find_source(request, &source, diagnostics);
        if (r < 0)
                return r;
        r = container_read(&source, &machine, diagnostics, ret);
        return r < 0 ? r : container_find_pod(*ret, diagnostics);
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
        json_object *image = json_object_object_get(facts, "image");
        int r;

        if (!image && container->exec.count == 0 && container->entrypoint.count == 0) {
                const Location asked = container_where(container, KEY_Container_Image);

                return diagnose_error(diagnostics, &asked,
                                      "the command is the image's, and %s does not say what the image has: set "
                                      "\"Exec\", or add \"image\", as --dump-facts writes it",
                                      file);
        }
        r = image_config_read(image, &where, diagnostics, &config);
        return r < 0 ? r : image_config_apply(&config, container, diagnostics);
}

/* The image's root, mounted where nobody else sees it; the container is completed by what the image
 * says. Returns an fd. */
static int open_image(Container *container, json_object **ret_config, Diagnostics *diagnostics) {
        Location where = container_where(container, KEY_Container_Image);
        _cleanup_image_use_ ImageUse image = IMAGE_USE_INIT;
        int r = 0;

        if (container->of_user)
                r = become_user_root(container->stem);
        if (r >= 0)
                r = mounts_unshare(place_path(PLACE_STATE));
        if (r >= 0)
                r = container_open_image(container, diagnostics, &image);
        if (r == -EPERM || r == -EACCES)
                return diagnose_error(diagnostics, &where, "only root can look into images; without looking: --facts");
        if (r >= 0)
                r = image_config_write(&image.config, ret_config);
        return r < 0 ? r : image_use_view(&image);
}

static int gather(Container *container, Look *look, Diagnostics *diagnostics) {
        _cleanup_facts_ Facts globs = {};
        _cleanup_close_ int image_fd = -EBADF;
        int r;

        r = user_maps_choose_user(container);
        if (r < 0)
                return r;
        if (container->image) {
                image_fd = open_image(container, &look->image, diagnostics);
                if (image_fd < 0)
                        return image_fd;
        }
        r = globs_find(container, &globs.globs, diagnostics);
        if (r >= 0)
                r = facts_expand_globs(&globs, container, diagnostics);
        if (r >= 0)
                r = facts_gather(container, image_fd, &look->facts, diagnostics);
        if (r < 0)
                return r;
        look->facts.globs = globs.globs;
        globs.globs = (FactPathList) {};
        return 0;
}

/* Glob mounts of the container are expanded on the way. */
static int get_facts(const Request *request, Container *container, Look *look, Diagnostics *diagnostics) {
        int r;

        if (!request->facts_path)
                return gather(container, look, diagnostics);
        r = facts_init_example(&look->facts, container);
        if (r >= 0 && look->given)
                r = facts_from_json(look->given, request->facts_path, &look->facts, diagnostics);
        return r < 0 ? r : facts_expand_globs(&look->facts, container, diagnostics);
}

/* The container, completed by what its image says, and all that it depends on. */
static int look_at(const Request *request, Look *look, Container **ret, Diagnostics *diagnostics) {
        int r = 0;

        look->specifiers = json_object_new_object();
        if (!look->specifiers)
                return -ENOMEM;
        if (request->facts_path)
                r = read_facts(request->facts_path, diagnostics, &look->given);
        if (r >= 0)
                r = load_container(request, look, diagnostics, ret);
        if (r >= 0 && request->facts_path && (*ret)->image)
                r = apply_image(look->given, request->facts_path, *ret, diagnostics);
        return r < 0 ? r : get_facts(request, *ret, look, diagnostics);
}

/* A member that is no fact: as it was given, or as this machine has it. */
static int add_other(json_object *facts, const Look *look, const char *name, json_object *own) {
        json_object *value = json_object_get(json_object_object_get(look->given, name) ?: own);

        if (!value || json_object_object_add(facts, name, value) == 0)
                return 0;
        json_object_put(value);
        return -ENOMEM;
}

static int print_facts(const Look *look, Diagnostics *diagnostics) {
        _cleanup_json_object_ json_object *facts = NULL;
        _cleanup_free_ char *text = NULL;
        int r = facts_to_json(&look->facts, diagnostics, &facts);

        if (r >= 0)
                r = add_other(facts, look, "image", look->image);
        if (r >= 0)
                r = add_other(facts, look, "specifiers", look->specifiers);
        if (r >= 0)
                r = json_to_text(facts, &text);
        if (r < 0)
                return r;
        /* facts_to_json() has looked at the rest. */
        if (!utf8_is_valid(text, strlen(text)))
                return diagnose_error(diagnostics, NULL,
                                      "what a specifier stands for is not UTF-8, and nothing else is JSON");
        (void) fputs(text, stdout); /* command.c asks at the end whether it went through */
        return 0;
}

/* They are programs, and nothing is run here. */
static void leave_out_precreate(json_object *spec, Diagnostics *diagnostics) {
        _cleanup_json_object_ json_object *hooks = hooks_take_precreate(spec);

        for (size_t i = 0; hooks && i < json_object_array_length(hooks); i++)
                diagnose_warning(diagnostics, NULL, "at a start, the precreate hook \"%s\" may alter this",
                                 json_object_get_string(
                                                 json_object_object_get(json_object_array_get_idx(hooks, i), "path")));
}

static int print_spec(const Container *container, const Facts *facts, Diagnostics *diagnostics) {
        _cleanup_json_object_ json_object *spec = NULL;
        _cleanup_free_ char *text = NULL;
        int r;

        r = oci_spec_build(container, facts, diagnostics, &spec);
        if (r < 0)
                return r;
        leave_out_precreate(spec, diagnostics);
        text = oci_spec_to_text(spec, true);
        if (!text)
                return -ENOMEM;
        (void) fputs(text, stdout); /* command.c asks at the end whether it went through */
        return 0;
}

static int print(const Request *request, Diagnostics *diagnostics) {
        _cleanup_container_ Container *container = NULL;
        _cleanup_(look_done) Look look = {};
        int r = look_at(request, &look, &container, diagnostics);

        if (r < 0)
                return r;
        return request->dump_facts ? print_facts(&look, diagnostics) : print_spec(container, &look.facts, diagnostics);
}

enum { FACTS, DUMP_FACTS, USER };

static int run(const Call *call) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        const Request request = {
                .name = call->arguments[0],
                .facts_path = call->values[FACTS],
                .dump_facts = call->values[DUMP_FACTS],
                .scope = call->values[USER] ? SCOPE_USER : places_scope(),
        };
        int r;

        r = places_choose(request.scope);
        if (r >= 0)
                r = print(&request, &diagnostics);
        log_diagnostics(&diagnostics);
        if (r < 0)
                log_failure_errno(r, "Failed to print the %s of %s: %m", request.dump_facts ? "facts" : "configuration",
                                  request.name);
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
                [DUMP_FACTS] = { .name = "dump-facts",
                                 .help = "Print what depends on the machine, as --facts= takes it, instead of the "
                                         "configuration" },
                [USER] = { .name = "user", .help = "Look for NAME where a user's service manager does" },
                {},
        },
        .least = 1,
        .most = 1,
        .whoever_runs_it = true,
        .run = run,
};
