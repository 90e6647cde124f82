/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The system call filter: which one applies, and the default one. */
#include "oci/seccomp.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/netlink.h>
#include <sys/socket.h>

#include "basic/text.h"
#include "oci/confine/confine-calls.h"
#include "oci/seccomp-architectures.h"
#include "oci/seccomp-profile.h"

/* A condition on a system call's argument. */
typedef struct Argument {
        const char *operator; /* of the OCI configuration; NULL: there is none */
        unsigned index;
        uint64_t value;
} Argument;

typedef struct Rule {
        const char *names;      /* of system calls, separated by single spaces */
        int error;              /* errno; 0: allowed */
        uint64_t with, without; /* capabilities, as bit masks */
        const char *on;         /* architectures by libseccomp's names, likewise separated; NULL: any */
        Argument arguments[2];
} Rule;

static bool has_word(const char *words, const char *word) {
        size_t n = strlen(word);

        for (const char *p = words; n > 0 && (p = strstr(p, word)); p += n)
                if ((p == words || p[-1] == ' ') && (p[n] == ' ' || p[n] == '\0'))
                        return true;
        return false;
}

static void write_rule(Json *json, const Rule *rule) {
        json_open_object(json, NULL);
        json_add_words(json, "names", rule->names);
        json_add_string(json, "action", rule->error == 0 ? "SCMP_ACT_ALLOW" : "SCMP_ACT_ERRNO");
        if (rule->error != 0)
                json_add_unsigned(json, "errnoRet", (unsigned) rule->error);
        if (rule->arguments[0].operator) {
                json_open_array(json, "args");
                for (size_t i = 0; i < ARRAY_SIZE(rule->arguments) && rule->arguments[i].operator; i++) {
                        json_open_object(json, NULL);
                        json_add_unsigned(json, "index", rule->arguments[i].index);
                        json_add_unsigned(json, "value", rule->arguments[i].value);
                        json_add_string(json, "op", rule->arguments[i].operator);
                        json_close(json);
                }
                json_close(json);
        }
        json_close(json);
}

/* A native architecture is in force without being listed; old runtimes do not know every name. */
static void write_architectures(Json *json, const char *native) {
        const char *const *names = seccomp_architectures(native);

        if (!names || !names[1])
                return;
        json_open_array(json, "architectures");
        for (size_t i = 0; names[i]; i++)
                json_add_string(json, NULL, names[i]);
        json_close(json);
}

static int make_default(const SpecBuild *build, json_object **ret) {
#define CAPABILITY(name) (UINT64_C(1) << CAP_##name)
#define EQUAL(index, value) { "SCMP_CMP_EQ", index, value }
#define NOT_EQUAL(index, value) { "SCMP_CMP_NE", index, value }
#define RULE(calls, ...) { .names = calls, __VA_ARGS__ },
        static const Rule rules[] = {
#include "oci/seccomp-default.def"
        };
#undef RULE
#undef NOT_EQUAL
#undef EQUAL
#undef CAPABILITY
        const uint64_t capabilities = build->capabilities.bounding;
        _cleanup_json_ Json document = {};
        Json *json = &document;

        json_open_object(json, NULL);
        json_add_string(json, "defaultAction", "SCMP_ACT_ERRNO");
        json_add_unsigned(json, "defaultErrnoRet", ENOSYS);
        write_architectures(json, build->facts->architecture);
        json_open_array(json, "syscalls");
        for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
                if ((capabilities & rules[i].with) == rules[i].with && !(capabilities & rules[i].without) &&
                    (!rules[i].on || has_word(rules[i].on, build->facts->architecture)))
                        write_rule(json, &rules[i]);
        json_close(json);
        json_close(json);
        return json_take(json, ret);
}

/* One that lets everything through. */
static int make_open(const SpecBuild *build, json_object **ret) {
        _cleanup_json_ Json json = {};

        json_open_object(&json, NULL);
        json_add_string(&json, "defaultAction", "SCMP_ACT_ALLOW");
        write_architectures(&json, build->facts->architecture);
        json_open_array(&json, "syscalls");
        json_close(&json);
        json_close(&json);
        return json_take(&json, ret);
}

/* A number that differs where the rules' errnos do; FNV-1a, in 63 bits: what every reader of JSON
 * takes. */
static uint64_t hash_errnos(json_object *rules) {
        uint64_t hash = 0xcbf29ce484222325;

        for (size_t i = 0; i < json_object_array_length(rules); i++) {
                json_object *number = json_object_object_get(json_object_array_get_idx(rules, i), "errnoRet");

                hash = (hash ^ (number ? json_object_get_uint64(number) + 1 : 0)) * UINT64_C(0x100000001b3);
        }
        return hash & INT64_MAX;
}

/* Newer crun keeps compiled filters by a checksum that leaves the errnos out, and would give a
 * container the filter of another whose profile differs in these only. A rule with the default
 * action has no effect, and its argument makes the difference. */
static int add_mark(json_object *profile) {
        json_object *rules = json_object_object_get(profile, "syscalls"), *mark;
        json_object *errno_number = json_object_object_get(profile, "defaultErrnoRet");
        _cleanup_json_ Json json = {};
        int r;

        if (!rules)
                return 0;
        json_open_object(&json, NULL);
        json_add_words(&json, "names", "getpid");
        json_add_string(&json, "action", json_object_get_string(json_object_object_get(profile, "defaultAction")));
        if (errno_number)
                json_add_unsigned(&json, "errnoRet", json_object_get_uint64(errno_number));
        json_open_array(&json, "args");
        json_open_object(&json, NULL);
        json_add_unsigned(&json, "index", 0);
        json_add_unsigned(&json, "value", hash_errnos(rules));
        json_add_string(&json, "op", "SCMP_CMP_EQ");
        json_close(&json);
        json_close(&json);
        json_close(&json);
        r = json_take(&json, &mark);
        if (r < 0)
                return r;
        if (json_object_array_add(rules, mark) < 0) {
                json_object_put(mark);
                return -ENOMEM;
        }
        return 0;
}

/* Finds the filter that the container has by its own keys. Returns 1, 0 when there is none, or
 * -errno. */
static int find_filter(SpecBuild *build, json_object **ret) {
        const char *profile = build->container->seccomp_profile;
        int r;

        if (profile ? streq(profile, "unconfined") : build->container->privileged)
                return 0;
        r = profile ? seccomp_profile_resolve(profile, build->facts, build->capabilities.bounding, build->diagnostics,
                                              ret)
                    : make_default(build, ret);
        return r < 0 ? r : 1;
}

/* Makes it narrower, as [Service] says. */
static int confine(SpecBuild *build, json_object **filter) {
        int r = *filter ? 0 : make_open(build, filter);

        return r < 0 ? r : confine_calls(build, *filter);
}

int build_seccomp(SpecBuild *build) {
        const char *profile = build->container->seccomp_profile;
        const Entry *needed = confine_calls_needed(&build->container->unit);
        _cleanup_json_object_ json_object *filter = NULL;
        int r;

        if (!build->facts->seccomp) {
                if (profile && !streq(profile, "unconfined"))
                        build_error(build, KEY_Container_SeccompProfile,
                                    "this machine's kernel has no system call filter");
                if (needed)
                        diagnose_error(build->diagnostics, &needed->where,
                                       "\"%s\" in [Service]: this machine's kernel has no system call filter",
                                       needed->key);
                return 0;
        }
        r = find_filter(build, &filter);
        if (r >= 0 && needed)
                r = confine(build, &filter);
        if (r >= 0 && filter && ((profile && !streq(profile, "unconfined")) || needed))
                r = add_mark(filter);
        if (r < 0)
                return r == -ENOMEM ? r : 0;
        if (filter)
                json_add_value(&build->json, "seccomp", TAKE_PTR(filter));
        return 0;
}
