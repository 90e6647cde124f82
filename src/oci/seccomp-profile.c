/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A user's seccomp profile: checked, and resolved for one machine and one set of capabilities. */
#include "oci/seccomp-profile.h"

#include <ctype.h>
#include <errno.h>

#include "basic/json.h"
#include "basic/text.h"
#include "oci/capabilities.h"
#include "oci/seccomp-architectures.h"

enum { LAST_ARGUMENT = 5, LARGEST_ERRNO = 4095 };

typedef struct Reader {
        const char *file;
        const Facts *facts;
        uint64_t capabilities;
        Diagnostics *diagnostics;
        Json json;
        size_t rule;    /* which of "syscalls" */
        char place[64]; /* what comes before a member's name: "syscalls[3].args[0]." */
} Reader;

_printf_(2, 3) static void set_place(Reader *reader, const char *format, ...) {
        va_list arguments;

        va_start(arguments, format);
        (void) vsnprintf(reader->place, sizeof(reader->place), format, arguments);
        va_end(arguments);
}

/* Refuses a member: it must be `what`. */
static int must_be(Reader *reader, const char *name, const char *what) {
        return diagnose_error(reader->diagnostics, &(Location) { .file = reader->file }, "\"%s%s\" must be %s",
                              reader->place, name, what);
}

/* Finds a member of one type. Returns 1, 0 when it is missing or null, or -EREPORTED. */
static int get(Reader *reader, json_object *object, const char *name, json_type type, json_object **ret) {
        static const char *const kinds[] = {
                [json_type_int] = "a number",
                [json_type_object] = "an object",
                [json_type_array] = "an array",
                [json_type_string] = "a string",
        };
        json_object *value = json_object_object_get(object, name);

        if (!value)
                return 0;
        if (!json_object_is_type(value, type))
                return must_be(reader, name, kinds[type]);
        *ret = value;
        return 1;
}

/* The same for a string. */
static int get_string(Reader *reader, json_object *object, const char *name, const char **ret) {
        json_object *value = NULL;
        int r = get(reader, object, name, json_type_string, &value);

        if (r > 0)
                *ret = json_object_get_string(value);
        return r;
}

/* The same for an array of strings. */
static int get_strings(Reader *reader, json_object *object, const char *name, json_object **ret) {
        json_object *array = NULL;
        int r = get(reader, object, name, json_type_array, &array);

        if (r <= 0)
                return r;
        for (size_t i = 0; i < json_object_array_length(array); i++)
                if (!json_object_is_type(json_object_array_get_idx(array, i), json_type_string))
                        return must_be(reader, name, "an array of strings");
        *ret = array;
        return 1;
}

/* The same for a number from 0 to `most`. */
static int get_number(Reader *reader, json_object *object, const char *name, uint64_t most, uint64_t *ret) {
        _cleanup_free_ char *range = NULL;
        json_object *value = NULL;
        int r = get(reader, object, name, json_type_int, &value);

        if (r <= 0)
                return r;
        if (json_object_get_int64(value) < 0 || json_object_get_uint64(value) > most) {
                range = text_format("a number from 0 to %llu", (unsigned long long) most);
                return range ? must_be(reader, name, range) : -ENOMEM;
        }
        *ret = json_object_get_uint64(value);
        return 1;
}

/* The same for one of `words`, which must be there. */
static int get_word(Reader *reader, json_object *object, const char *name, const char *const words[], const char *what,
                    const char **ret) {
        const char *text = "";
        int r = get_string(reader, object, name, &text);

        if (r < 0)
                return r;
        for (size_t i = 0; words[i]; i++)
                if (streq(words[i], text)) {
                        *ret = words[i];
                        return 0;
                }
        return must_be(reader, name, what);
}

static void warn_of_unknown(Reader *reader, json_object *object, const char *const known[]) {
        json_object_object_foreach(object, name, value) {
                size_t i = 0;

                (void) value;
                while (known[i] && !streq(known[i], name))
                        i++;
                if (!known[i])
                        diagnose_warning(reader->diagnostics, &(Location) { .file = reader->file },
                                         "\"%s%s\" is not known, and has no effect", reader->place, name);
        }
}

static int get_action(Reader *reader, json_object *object, const char *name, const char **ret) {
        static const char *const actions[] = {
                "SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO", "SCMP_ACT_KILL", "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_KILL_THREAD",
                "SCMP_ACT_LOG",   "SCMP_ACT_TRAP",  "SCMP_ACT_TRACE", "SCMP_ACT_NOTIFY",      NULL,
        };

        return get_word(reader, object, name, actions, "an action, such as \"SCMP_ACT_ERRNO\"", ret);
}

/* "EPERM" or "1" */
static int errno_by_name(const char *text) {
        char *end;
        unsigned long number;

        if (isdigit((unsigned char) *text)) {
                number = strtoul(text, &end, 10);
                return *end == '\0' && number <= LARGEST_ERRNO ? (int) number : -EINVAL;
        }
        for (int i = 1; i <= LARGEST_ERRNO; i++) {
                const char *name = strerrorname_np(i);

                if (name && streq(name, text))
                        return i;
        }
        return -EINVAL;
}

/* Writes the errno that goes with `action`; only these two have one. */
static int write_errno(Reader *reader, json_object *object, const char *action, const char *name_member,
                       const char *number_member) {
        const char *name;
        uint64_t number;
        int r, named;

        named = get_string(reader, object, name_member, &name);
        if (named < 0)
                return named;
        r = get_number(reader, object, number_member, LARGEST_ERRNO, &number);
        if (r < 0)
                return r;
        if (named > 0 && *name) {
                r = errno_by_name(name);
                if (r < 0)
                        return must_be(reader, name_member, "an error's name, such as \"EPERM\"");
                number = (uint64_t) r;
                r = 1;
        }
        if (r > 0 && (streq(action, "SCMP_ACT_ERRNO") || streq(action, "SCMP_ACT_TRACE")))
                json_add_unsigned(&reader->json, number_member, number);
        return 0;
}

static bool contains(json_object *strings, const char *wanted) {
        for (size_t i = 0; i < json_object_array_length(strings); i++)
                if (streq(json_object_get_string(json_object_array_get_idx(strings, i)), wanted))
                        return true;
        return false;
}

/* "5.10", with anything but a digit behind it. Gives what follows, or NULL. */
static const char *parse_version(const char *text, unsigned long version[2]) {
        for (size_t i = 0; i < 2; i++) {
                char *end;

                if (!isdigit((unsigned char) *text))
                        return NULL;
                version[i] = strtoul(text, &end, 10);
                text = end;
                if (i == 0 && *text++ != '.')
                        return NULL;
        }
        return text;
}

/* Returns whether the kernel is at least as new as the member says; 1 or 0, or -EREPORTED. */
static int kernel_is_new(Reader *reader, const char *wanted) {
        unsigned long at_least[2], have[2];
        const char *end = parse_version(wanted, at_least);

        if (!end || *end)
                return must_be(reader, "minKernel", "a version, such as \"5.10\"");
        return parse_version(reader->facts->kernel, have) &&
               (have[0] != at_least[0] ? have[0] > at_least[0] : have[1] >= at_least[1]);
}

/* Whether a rule's "includes" (`wanted`) or "excludes" leave it in force: every condition there
 * holds, or none of them. Returns 1 or 0, or -EREPORTED. */
static int check_filter(Reader *reader, json_object *rule, const char *name, bool wanted) {
        static const char *const known[] = { "caps", "arches", "minKernel", NULL };
        json_object *filter, *list;
        const char *version;
        bool in_force = true;
        int r;

        r = get(reader, rule, name, json_type_object, &filter);
        if (r <= 0)
                return r < 0 ? r : 1;
        set_place(reader, "syscalls[%zu].%s.", reader->rule, name);
        warn_of_unknown(reader, filter, known);
        r = get_strings(reader, filter, "caps", &list);
        if (r < 0)
                return r;
        for (size_t i = 0; r > 0 && i < json_object_array_length(list); i++) {
                int number = capability_number(json_object_get_string(json_object_array_get_idx(list, i)));
                bool has = number >= 0 && (reader->capabilities >> number & 1);

                in_force &= has == wanted;
        }
        r = get_strings(reader, filter, "arches", &list);
        if (r < 0)
                return r;
        if (r > 0 && json_object_array_length(list) > 0)
                in_force &= contains(list, reader->facts->architecture) == wanted;
        r = get_string(reader, filter, "minKernel", &version);
        if (r > 0 && *version) {
                r = kernel_is_new(reader, version);
                in_force &= (r > 0) == wanted;
        }
        return r < 0 ? r : in_force;
}

/* Writes one condition on an argument. */
static int write_argument(Reader *reader, json_object *argument) {
        static const char *const known[] = { "index", "value", "valueTwo", "op", NULL };
        static const char *const operators[] = {
                "SCMP_CMP_NE", "SCMP_CMP_LT", "SCMP_CMP_LE",        "SCMP_CMP_EQ",
                "SCMP_CMP_GE", "SCMP_CMP_GT", "SCMP_CMP_MASKED_EQ", NULL,
        };
        uint64_t index, value, second = 0;
        const char *operator;
        int r;

        warn_of_unknown(reader, argument, known);
        r = get_number(reader, argument, "index", LAST_ARGUMENT, &index);
        if (r <= 0)
                return r < 0 ? r : must_be(reader, "index", "an argument's number");
        r = get_number(reader, argument, "value", UINT64_MAX, &value);
        if (r <= 0)
                return r < 0 ? r : must_be(reader, "value", "a number");
        r = get_number(reader, argument, "valueTwo", UINT64_MAX, &second);
        if (r >= 0)
                r = get_word(reader, argument, "op", operators, "an operator, such as \"SCMP_CMP_EQ\"", &operator);
        if (r < 0)
                return r;
        json_open_object(&reader->json, NULL);
        json_add_unsigned(&reader->json, "index", index);
        json_add_unsigned(&reader->json, "value", value);
        if (second != 0)
                json_add_unsigned(&reader->json, "valueTwo", second);
        json_add_string(&reader->json, "op", operator);
        json_close(&reader->json);
        return 0;
}

static int write_arguments(Reader *reader, json_object *rule) {
        json_object *arguments;
        int r;

        r = get(reader, rule, "args", json_type_array, &arguments);
        if (r <= 0 || json_object_array_length(arguments) == 0)
                return r;
        json_open_array(&reader->json, "args");
        for (size_t i = 0; i < json_object_array_length(arguments); i++) {
                json_object *argument = json_object_array_get_idx(arguments, i);

                if (!json_object_is_type(argument, json_type_object))
                        return must_be(reader, "args", "an array of objects");
                set_place(reader, "syscalls[%zu].args[%zu].", reader->rule, i);
                r = write_argument(reader, argument);
                if (r < 0)
                        return r;
        }
        json_close(&reader->json);
        return 0;
}

static void write_strings(Json *json, const char *key, json_object *strings) {
        json_open_array(json, key);
        for (size_t i = 0; i < json_object_array_length(strings); i++)
                json_add_string(json, NULL, json_object_get_string(json_object_array_get_idx(strings, i)));
        json_close(json);
}

/* "names", or "name" in the oldest profiles. */
static int write_names(Reader *reader, json_object *rule) {
        json_object *names;
        const char *name;
        int one, many;

        one = get_string(reader, rule, "name", &name);
        if (one < 0)
                return one;
        many = get_strings(reader, rule, "names", &names);
        if (many < 0)
                return many;
        one = one > 0 && *name;
        many = many > 0 && json_object_array_length(names) > 0;
        if (one == many)
                return must_be(reader, "names", one ? "alone, without \"name\"" : "an array of system calls");
        if (many)
                write_strings(&reader->json, "names", names);
        else
                json_add_words(&reader->json, "names", name);
        return 0;
}

static int write_rule(Reader *reader, json_object *rule) {
        static const char *const known[] = { "names",    "name",     "action",   "args",  "comment",
                                             "includes", "excludes", "errnoRet", "errno", NULL };
        const char *action;
        int included, excluded, r;

        warn_of_unknown(reader, rule, known);
        included = check_filter(reader, rule, "includes", true);
        if (included < 0)
                return included;
        set_place(reader, "syscalls[%zu].", reader->rule);
        excluded = check_filter(reader, rule, "excludes", false);
        if (excluded < 0)
                return excluded;
        if (!included || !excluded)
                return 0;
        set_place(reader, "syscalls[%zu].", reader->rule);
        r = get_action(reader, rule, "action", &action);
        if (r < 0)
                return r;
        json_open_object(&reader->json, NULL);
        if ((r = write_names(reader, rule)) < 0)
                return r;
        json_add_string(&reader->json, "action", action);
        if ((r = write_errno(reader, rule, action, "errno", "errnoRet")) < 0 || (r = write_arguments(reader, rule)) < 0)
                return r;
        json_close(&reader->json);
        return 0;
}

static int write_rules(Reader *reader, json_object *profile) {
        json_object *rules;
        int r;

        r = get(reader, profile, "syscalls", json_type_array, &rules);
        if (r <= 0)
                return r;
        json_open_array(&reader->json, "syscalls");
        for (reader->rule = 0; reader->rule < json_object_array_length(rules); reader->rule++) {
                json_object *rule = json_object_array_get_idx(rules, reader->rule);

                set_place(reader, "%s", "");
                if (!json_object_is_type(rule, json_type_object))
                        return must_be(reader, "syscalls", "an array of objects");
                set_place(reader, "syscalls[%zu].", reader->rule);
                r = write_rule(reader, rule);
                if (r < 0)
                        return r;
        }
        json_close(&reader->json);
        return 0;
}

/* "archMap": the entry of the native architecture, with the others that its kernel runs. Returns 1,
 * with the entry written, or 0, or -EREPORTED. */
static int write_mapped_architecture(Reader *reader, json_object *map, size_t i) {
        const char *const *native = seccomp_architectures(reader->facts->architecture);
        json_object *entry = json_object_array_get_idx(map, i), *others;
        const char *name = "";
        int r;

        if (!json_object_is_type(entry, json_type_object))
                return must_be(reader, "archMap", "an array of objects");
        set_place(reader, "archMap[%zu].", i);
        r = get_string(reader, entry, "architecture", &name);
        if (r >= 0)
                r = get_strings(reader, entry, "subArchitectures", &others);
        set_place(reader, "%s", "");
        if (r < 0 || !native || !streq(native[0], name))
                return r < 0 ? r : 0;
        json_open_array(&reader->json, "architectures");
        json_add_string(&reader->json, NULL, name);
        for (size_t j = 0; r > 0 && j < json_object_array_length(others); j++)
                json_add_string(&reader->json, NULL, json_object_get_string(json_object_array_get_idx(others, j)));
        json_close(&reader->json);
        return 1;
}

static int write_architectures(Reader *reader, json_object *profile) {
        json_object *list, *map;
        int listed, mapped, r = 0;

        listed = get_strings(reader, profile, "architectures", &list);
        if (listed < 0)
                return listed;
        mapped = get(reader, profile, "archMap", json_type_array, &map);
        if (mapped < 0)
                return mapped;
        listed = listed > 0 && json_object_array_length(list) > 0;
        mapped = mapped > 0 && json_object_array_length(map) > 0;
        if (listed && mapped)
                return must_be(reader, "archMap", "alone, without \"architectures\"");
        if (listed)
                write_strings(&reader->json, "architectures", list);
        for (size_t i = 0; mapped && r == 0 && i < json_object_array_length(map); i++)
                r = write_mapped_architecture(reader, map, i);
        return r < 0 ? r : 0;
}

static int write_flags(Reader *reader, json_object *profile) {
        static const char *const members[] = { "listenerPath", "listenerMetadata" };
        json_object *flags;
        int r;

        r = get_strings(reader, profile, "flags", &flags);
        if (r < 0)
                return r;
        if (r > 0 && json_object_array_length(flags) > 0)
                write_strings(&reader->json, "flags", flags);
        for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
                const char *text;

                r = get_string(reader, profile, members[i], &text);
                if (r < 0)
                        return r;
                if (r > 0 && *text)
                        json_add_string(&reader->json, members[i], text);
        }
        return 0;
}

static int write_all(Reader *reader, json_object *profile) {
        static const char *const known[] = {
                "defaultAction", "defaultErrnoRet", "defaultErrno",     "architectures", "archMap",
                "flags",         "listenerPath",    "listenerMetadata", "syscalls",      NULL,
        };
        const char *action;
        int r;

        warn_of_unknown(reader, profile, known);
        r = get_action(reader, profile, "defaultAction", &action);
        if (r < 0)
                return r;
        json_open_object(&reader->json, NULL);
        json_add_string(&reader->json, "defaultAction", action);
        if ((r = write_errno(reader, profile, action, "defaultErrno", "defaultErrnoRet")) < 0 ||
            (r = write_architectures(reader, profile)) < 0 || (r = write_flags(reader, profile)) < 0 ||
            (r = write_rules(reader, profile)) < 0)
                return r;
        json_close(&reader->json);
        return 0;
}

static void reader_done(Reader *reader) {
        json_done(&reader->json);
}

int seccomp_profile_resolve(const char *file, const Facts *facts, uint64_t capabilities, Diagnostics *diagnostics,
                            json_object **ret) {
        _cleanup_(reader_done) Reader reader = {
                .file = file, .facts = facts, .capabilities = capabilities, .diagnostics = diagnostics
        };
        const Location where = { .file = file };
        _cleanup_json_object_ json_object *profile = NULL;
        int r;

        if (!facts->seccomp_profile)
                return diagnose_error(diagnostics, &where, "the facts have no \"seccomp_profile\"");
        r = json_parse(facts->seccomp_profile, strlen(facts->seccomp_profile), file, diagnostics, &profile);
        if (r < 0)
                return r;
        if (!json_object_is_type(profile, json_type_object))
                return diagnose_error(diagnostics, &where, "a seccomp profile must be an object");
        r = write_all(&reader, profile);
        return r < 0 ? r : json_take(&reader.json, ret);
}
