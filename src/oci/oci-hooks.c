/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* OCI hooks: reading their files, and choosing those that a container gets. */
#include "oci/oci-hooks.h"

#include <errno.h>
#include <regex.h>

#include "basic/text.h"

static const char *const stages[] = {
        "precreate", "prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop",
};

typedef struct Reader {
        const char *text, *file;
        Diagnostics *diagnostics;
} Reader;

/* Where `"name"` is first written; json-c does not tell. */
static Location place_of(const Reader *reader, const char *name) {
        Location where = { .file = reader->file, .line = 1 };
        size_t n = strlen(name);

        for (const char *p = reader->text; *p; p++) {
                if (*p == '\n')
                        where.line++;
                else if (*p == '"' && strncmp(p + 1, name, n) == 0 && p[n + 1] == '"')
                        return where;
        }
        where.line = 1;
        return where;
}

static int must_be(const Reader *reader, const char *name, const char *what) {
        Location where = place_of(reader, name);

        return diagnose_error(reader->diagnostics, &where, "\"%s\" must be %s", name, what);
}

/* Whether `value` is an array of strings and `object` is an object of strings, respectively. */
static bool is_strings(json_object *value) {
        if (!json_object_is_type(value, json_type_array))
                return false;
        for (size_t i = 0; i < json_object_array_length(value); i++)
                if (!json_object_is_type(json_object_array_get_idx(value, i), json_type_string))
                        return false;
        return true;
}

static bool is_string_object(json_object *value) {
        if (!json_object_is_type(value, json_type_object))
                return false;
        json_object_object_foreach(value, name, item) {
                (void) name;
                if (!json_object_is_type(item, json_type_string))
                        return false;
        }
        return true;
}

static bool is_version(json_object *value) {
        return json_object_is_type(value, json_type_string) && streq(json_object_get_string(value), "1.0.0");
}

static bool is_object(json_object *value) {
        return json_object_is_type(value, json_type_object);
}

static bool is_bool(json_object *value) {
        return json_object_is_type(value, json_type_boolean);
}

static bool is_absolute_path(json_object *value) {
        return json_object_is_type(value, json_type_string) && json_object_get_string(value)[0] == '/';
}

static bool is_timeout(json_object *value) {
        return json_object_is_type(value, json_type_int) && json_object_get_int64(value) > 0 &&
               json_object_get_int64(value) <= INT32_MAX;
}

static bool is_stages(json_object *value) {
        if (!is_strings(value) || json_object_array_length(value) == 0)
                return false;
        for (size_t i = 0; i < json_object_array_length(value); i++) {
                size_t stage = 0;

                while (stage < ARRAY_SIZE(stages) &&
                       !streq(stages[stage], json_object_get_string(json_object_array_get_idx(value, i))))
                        stage++;
                if (stage == ARRAY_SIZE(stages))
                        return false;
        }
        return true;
}

/* What the file may say, one line a member. */
typedef struct Member {
        const char *name;
        bool (*is_sound)(json_object *value);
        bool required;
        const char *what;
} Member;

static int check_members(const Reader *reader, json_object *object, const Member members[], size_t count) {
        int result = 0;

        for (size_t i = 0; i < count; i++) {
                json_object *value = NULL;
                bool given = json_object_object_get_ex(object, members[i].name, &value);

                if (!given && members[i].required)
                        result = diagnose_error(reader->diagnostics, &(Location) { .file = reader->file, .line = 1 },
                                                "\"%s\" is missing", members[i].name);
                else if (given && !members[i].is_sound(value))
                        result = must_be(reader, members[i].name, members[i].what);
        }
        json_object_object_foreach(object, name, value) {
                Location where = place_of(reader, name);
                bool known = false;

                (void) value;
                for (size_t i = 0; i < count; i++)
                        known |= streq(members[i].name, name);
                if (!known)
                        diagnose_warning(reader->diagnostics, &where, "\"%s\" is not known, and has no effect", name);
        }
        return result;
}

static int check_hook(const Reader *reader, json_object *object) {
        static const Member top[] = {
                { "version", is_version, true, "\"1.0.0\"" },
                { "hook", is_object, true, "an object" },
                { "when", is_object, true, "an object" },
                { "stages", is_stages, true,
                  "an array of \"precreate\", \"prestart\", \"createRuntime\", \"createContainer\", "
                  "\"startContainer\", \"poststart\" or \"poststop\"" },
        };
        static const Member program[] = {
                { "path", is_absolute_path, true, "an absolute path" },
                { "args", is_strings, false, "an array of strings" },
                { "env", is_strings, false, "an array of strings" },
                { "timeout", is_timeout, false, "a number of seconds, greater than 0" },
        };
        static const Member conditions[] = {
                { "always", is_bool, false, "true or false" },
                { "annotations", is_string_object, false, "an object of strings" },
                { "commands", is_strings, false, "an array of strings" },
                { "hasBindMounts", is_bool, false, "true or false" },
        };
        json_object *hook, *when;

        if (check_members(reader, object, top, ARRAY_SIZE(top)) < 0)
                return -EREPORTED;
        hook = json_object_object_get(object, "hook");
        when = json_object_object_get(object, "when");
        if (check_members(reader, hook, program, ARRAY_SIZE(program)) < 0)
                return -EREPORTED;
        if (json_object_object_length(when) == 0)
                return must_be(reader, "when", "an object with at least one condition");
        return check_members(reader, when, conditions, ARRAY_SIZE(conditions));
}

int hook_parse(const char *text, const char *file, Diagnostics *diagnostics, json_object **ret) {
        const Reader reader = { .text = text, .file = file, .diagnostics = diagnostics };
        _cleanup_json_object_ json_object *object = NULL;
        int r;

        r = json_parse(text, strlen(text), file, diagnostics, &object);
        if (r < 0)
                return r;
        if (!is_object(object))
                return diagnose_error(diagnostics, &(Location) { .file = file, .line = 1 }, "a hook must be an object");
        r = check_hook(&reader, object);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(object);
        return 0;
}

const char *hook_program(json_object *hook) {
        return json_object_get_string(json_object_object_get(json_object_object_get(hook, "hook"), "path"));
}

/* Returns 1 or 0, or -EREPORTED with a diagnostic for what is no regular expression. */
static int matches(const Reader *reader, const char *member, const char *pattern, const char *text) {
        regex_t regex;
        int r;

        r = regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB);
        if (r != 0) {
                Location where = place_of(reader, member);
                char message[128];

                regerror(r, &regex, message, sizeof(message));
                return r == REG_ESPACE ? -ENOMEM
                                       : diagnose_error(reader->diagnostics, &where,
                                                        "\"%s\" is no regular expression: %s", pattern, message);
        }
        r = regexec(&regex, text, 0, NULL, 0);
        regfree(&regex);
        return r == 0;
}

/* Whether one annotation has both a name and a value that match: ours, and those that the file
 * sets. What an image says must not choose which of the administrator's programs are run, so that
 * the number of its stop signal, the one thing of it that is among them, does not count. */
static int has_annotation(const Reader *reader, json_object *annotations, const char *name_pattern,
                          const char *value_pattern) {
        int found = 0;

        json_object_object_foreach(annotations, name, value) {
                int by_name = streq(name, STOP_SIGNAL_ANNOTATION) ? 0
                                                                  : matches(reader, "annotations", name_pattern, name);
                int by_value = matches(reader, "annotations", value_pattern, json_object_get_string(value));

                if (by_name < 0 || by_value < 0)
                        return by_name < 0 ? by_name : by_value;
                found |= by_name & by_value;
        }
        return found;
}

static int has_annotations(const Reader *reader, json_object *patterns, json_object *annotations) {
        int all = 1;

        json_object_object_foreach(patterns, name_pattern, value_pattern) {
                int r = has_annotation(reader, annotations, name_pattern, json_object_get_string(value_pattern));

                if (r < 0)
                        return r;
                all &= r;
        }
        return all;
}

static int has_command(const Reader *reader, json_object *patterns, const char *command) {
        int any = 0;

        for (size_t i = 0; i < json_object_array_length(patterns); i++) {
                int r = matches(reader, "commands", json_object_get_string(json_object_array_get_idx(patterns, i)),
                                command);

                if (r < 0)
                        return r;
                any |= r;
        }
        return any;
}

/* Whether all conditions hold. As with podman, one that says false holds never, and empty ones say
 * nothing. Returns 1, 0, -EREPORTED with a diagnostic, or -ENOMEM. */
static int is_wanted(const Reader *reader, json_object *when, const SpecBuild *build) {
        json_object *annotations = json_object_object_get(build->json.root, "annotations");
        json_object *args = json_object_object_get(json_object_object_get(build->json.root, "process"), "args");
        json_object *value;
        bool wanted = true, said = false;
        int r;

        if (json_object_object_get_ex(when, "always", &value)) {
                said = true;
                wanted &= json_object_get_boolean(value);
        }
        if (json_object_object_get_ex(when, "hasBindMounts", &value)) {
                said = true;
                wanted &= json_object_get_boolean(value) && build->container->volumes.count > 0;
        }
        if (json_object_object_get_ex(when, "annotations", &value) && json_object_object_length(value) > 0) {
                r = has_annotations(reader, value, annotations);
                if (r < 0)
                        return r;
                said = true;
                wanted &= r > 0;
        }
        if (json_object_object_get_ex(when, "commands", &value) && json_object_array_length(value) > 0) {
                json_object *command = json_object_array_get_idx(args, 0);

                r = has_command(reader, value, command ? json_object_get_string(command) : "");
                if (r < 0)
                        return r;
                said = true;
                wanted &= r > 0;
        }
        return said && wanted;
}

static bool has_stage(json_object *hook, const char *stage) {
        json_object *list = json_object_object_get(hook, "stages");

        for (size_t i = 0; i < json_object_array_length(list); i++)
                if (streq(json_object_get_string(json_object_array_get_idx(list, i)), stage))
                        return true;
        return false;
}

/* Appends the hook to each of its stages in `hooks`. Runtimes get what the file says of path, args,
 * env and timeout, and nothing else. */
static int add_to_stages(json_object *hooks, json_object *hook) {
        static const char *const members[] = { "path", "args", "env", "timeout" };

        for (size_t i = 0; i < ARRAY_SIZE(stages); i++) {
                json_object *array, *entry, *value;

                if (!has_stage(hook, stages[i]))
                        continue;
                if (!json_object_object_get_ex(hooks, stages[i], &array)) {
                        array = json_object_new_array();
                        if (!array || json_object_object_add(hooks, stages[i], array) < 0)
                                return -ENOMEM;
                }
                entry = json_object_new_object();
                if (!entry || json_object_array_add(array, entry) < 0)
                        return -ENOMEM;
                for (size_t j = 0; j < ARRAY_SIZE(members); j++)
                        if (json_object_object_get_ex(json_object_object_get(hook, "hook"), members[j], &value) &&
                            json_object_object_add(entry, members[j], json_object_get(value)) < 0)
                                return -ENOMEM;
        }
        return 0;
}

static int add_file(SpecBuild *build, const FactPath *file, json_object *hooks) {
        const Reader reader = { .text = file->resolved, .file = file->written, .diagnostics = build->diagnostics };
        _cleanup_json_object_ json_object *hook = NULL;
        int r;

        r = hook_parse(reader.text, reader.file, reader.diagnostics, &hook);
        if (r >= 0)
                r = is_wanted(&reader, json_object_object_get(hook, "when"), build);
        return r <= 0 ? r : add_to_stages(hooks, hook);
}

int build_hooks(SpecBuild *build) {
        const FactPathList *files = &build->facts->hooks;
        _cleanup_json_object_ json_object *hooks = NULL;

        if (files->count == 0)
                return 0;
        hooks = json_object_new_object();
        if (!hooks)
                return -ENOMEM;
        for (size_t i = 0; i < files->count; i++) {
                int r = add_file(build, &files->items[i], hooks);

                if (r < 0 && r != -EREPORTED)
                        return r;
        }
        if (json_object_object_length(hooks) > 0)
                json_add_value(&build->json, "hooks", TAKE_PTR(hooks));
        return 0;
}

json_object *hooks_take_precreate(json_object *spec) {
        json_object *hooks, *precreate;

        if (!json_object_object_get_ex(spec, "hooks", &hooks) ||
            !json_object_object_get_ex(hooks, "precreate", &precreate))
                return NULL;
        json_object_get(precreate);
        json_object_object_del(hooks, "precreate");
        if (json_object_object_length(hooks) == 0)
                json_object_object_del(spec, "hooks");
        return precreate;
}
