/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* berth inspect: all that is known of containers, pods, images, volumes and networks. */
#include <errno.h>

#include "basic/log.h"
#include "basic/text.h"
#include "berth/berth-verbs.h"
#include "berth/command/image-argument.h"
#include "berth/command/misuse.h"
#include "berth/command/output.h"
#include "berth/command/unit-argument.h"
#include "berth/command/value-path.h"
#include "image/digest.h"
#include "start/inspect/inspect.h"

enum { JSON, FORMAT, USER };

/* Text for people: the object as an outline, without what is not known, and without the OCI
 * configuration, which is for programs. */

enum { INDENT = 2 };

static bool is_nothing(json_object *value) {
        json_type type = json_object_get_type(value);

        if (type == json_type_object) {
                json_object_object_foreach(value, name, part) {
                        (void) name;
                        if (!is_nothing(part))
                                return false;
                }
                return true;
        }
        return type == json_type_null || (type == json_type_array && json_object_array_length(value) == 0);
}

static void print_outline(json_object *value, unsigned depth, const char *lead);

/* `lead` stands before the first line in place of the indentation: "- " of an array. */
static void print_member(const char *name, json_object *value, unsigned depth, const char *lead) {
        bool nested = json_object_is_type(value, json_type_object) || json_object_is_type(value, json_type_array);
        _cleanup_free_ char *line = text_format("%*s%s%s:%s%s", (int) (depth * INDENT - strlen(lead)), "", lead, name,
                                                nested ? "" : " ", nested ? "" : json_object_get_string(value));

        output_line(line ?: name);
        if (nested)
                print_outline(value, depth + 1, "");
}

static void print_object(json_object *object, unsigned depth, const char *lead) {
        json_object_object_foreach(object, name, value) {
                if (is_nothing(value) || (depth == 0 && streq(name, "spec")))
                        continue;
                print_member(name, value, depth, lead);
                lead = "";
        }
}

static void print_item(json_object *item, unsigned depth) {
        _cleanup_free_ char *line = NULL;

        if (json_object_is_type(item, json_type_object)) {
                print_object(item, depth + 1, "- ");
                return;
        }
        line = text_format("%*s- %s", (int) (depth * INDENT), "", json_object_get_string(item));
        output_line(line ?: "-");
}

static void print_outline(json_object *value, unsigned depth, const char *lead) {
        if (json_object_is_type(value, json_type_object)) {
                print_object(value, depth, lead);
                return;
        }
        for (size_t i = 0; i < json_object_array_length(value); i++)
                print_item(json_object_array_get_idx(value, i), depth);
}

/* One value */

static int print_value(json_object *object, const char *path) {
        _cleanup_free_ char *message = NULL;
        json_object *value;
        int r = value_path_find(object, path, &value, &message);

        if (r < 0) {
                log_error("%s: --format=%s: %s", json_object_get_string(json_object_object_get(object, "name")), path,
                          message ?: strerror(-r));
                return r;
        }
        if (json_object_is_type(value, json_type_object) || json_object_is_type(value, json_type_array))
                return output_json(value);
        output_line(value ? json_object_get_string(value) : "");
        return 0;
}

/* What is meant */

/* A name with a registry's or a tag's sign is an image's: no file can be called so. */
static bool is_image(const char *argument) {
        return !startswith(argument, "/") && !startswith(argument, "./") &&
               (strchr(argument, '/') || strchr(argument, ':'));
}

static int find_image(const char *argument, json_object **ret) {
        _cleanup_free_ char *name = NULL;
        int r;

        if (digest_is_valid(argument))
                return inspect_image(argument, ret);
        r = image_argument_resolve(argument, &name);
        return r < 0 ? r : inspect_image(name, ret);
}

/* A plain name is a container's; else a volume's, a network's, or a pod's. */
static int find_plain(const char *stem, Scope scope, json_object **ret) {
        int r = inspect_container(stem, scope, ret);

        if (r == -ENOENT)
                r = inspect_volume(stem, ret);
        if (r == -ENOENT)
                r = inspect_network(stem, ret);
        return r == -ENOENT ? inspect_pod(stem, scope, ret) : r;
}

static int find_named(const char *argument, Scope scope, json_object **ret) {
        _cleanup_free_ char *stem = NULL;
        FileType type;
        int r;

        r = argument_parse(argument, &type, &stem);
        if (r < 0)
                return r;
        switch (type) {
        case FILE_CONTAINER:
                return streq(argument, stem) ? find_plain(stem, scope, ret) : inspect_container(stem, scope, ret);
        case FILE_POD:
                return inspect_pod(stem, scope, ret);
        case FILE_VOLUME:
                return inspect_volume(stem, ret);
        case FILE_NETWORK:
                return inspect_network(stem, ret);
        default:
                return -EINVAL;
        }
}

/* What the argument can only have been. */
static const char *kind_of(const char *argument) {
        static const char *const kinds[] = { "container", "pod", "volume", "network" };

        for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
                const char *ending = endswith(argument, kinds[i]);

                if (ending && ending > argument && ending[-1] == '.')
                        return kinds[i];
        }
        return is_image(argument) || digest_is_valid(argument) ? "image" : "container, pod, image, volume or network";
}

static int find(const char *argument, Scope scope, json_object **ret) {
        int r = is_image(argument) ? find_image(argument, ret) : find_named(argument, scope, ret);

        if (r == -ENOENT || r == -EINVAL)
                log_error("There is no %s \"%s\"", kind_of(argument), argument);
        else if (r < 0 && r != -EREPORTED)
                log_error_errno(r, "Failed to look at %s: %m", argument);
        return r;
}

static int print_one(const Call *call, json_object *object, bool first) {
        if (call->values[FORMAT])
                return print_value(object, call->values[FORMAT]);
        if (!first)
                output_line("");
        print_outline(object, 0, "");
        return 0;
}

/* What fails for one is no reason to leave out the others; the first failure is returned. */
static int print(const Call *call, json_object *objects) {
        int result = 0;

        if (call->values[JSON])
                return output_json(objects);
        for (size_t i = 0; i < json_object_array_length(objects); i++) {
                int r = print_one(call, json_object_array_get_idx(objects, i), i == 0);

                result = result < 0 ? result : r;
                if (r == -EINVAL)
                        break; /* the path is wrong for all */
        }
        return result;
}

static int run(const Call *call) {
        Scope scope = call->values[USER] ? SCOPE_USER : places_scope();
        _cleanup_json_object_ json_object *objects = json_object_new_array();
        int status = EXIT_SUCCESS, r;

        if (call->values[JSON] && call->values[FORMAT])
                return command_misused(call, "--json and --format exclude each other");
        r = !objects ? log_oom() : call->values[USER] ? places_choose(SCOPE_USER) : 0;
        for (char **argument = call->arguments; *argument && r >= 0; argument++) {
                _cleanup_json_object_ json_object *object = NULL;

                if (find(*argument, scope, &object) < 0)
                        status = EXIT_FAILURE;
                else if (json_object_array_add(objects, object) < 0)
                        r = log_oom();
                else
                        TAKE_PTR(object);
        }
        if (r >= 0)
                r = print(call, objects);
        return r == -EINVAL ? EXIT_USAGE : r < 0 ? EXIT_FAILURE : status;
}

const Verb verb_inspect = {
        .name = "inspect",
        .synopsis = "[OPTION…] NAME…",
        .summary = "Show all known of a container, pod, image, volume or network",
        .help = "Show all that is known of containers, pods, images, volumes and networks: their files and units, how "
                "they are now, and what a start has made.",
        .notes = "A NAME is that of a container, else of a volume, else of a network, else of a pod; that of a file "
                 "(lan.network) or a unit; or a reference to an image, such as docker.io/library/nginx:1.27, or its "
                 "digest.",
        .options = (const Option[]) {
                [JSON] = { .name = "json", .help = "Print a JSON array of objects, with the OCI configuration" },
                [FORMAT] = { .name = "format", .argument = "PATH", .letter = 'f',
                             .help = "Print nothing but the value that names and numbers lead to: unit.state, "
                                     "networks.0.addresses.0, about.labels.org\\.example" },
                [USER] = { .name = "user", .help = "Look where a user's service manager does" },
                {},
        },
        .least = 1,
        .most = ANY_NUMBER,
        .pages = true,
        .run = run,
};
