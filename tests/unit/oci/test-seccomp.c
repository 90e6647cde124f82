/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* System call filters: what is refused in a profile, and the default one. The golden tests show
 * whole ones. */
#include "tests/unit/spec-fixture.h"

#define PROFILE(members) "{\"seccomp\": true, \"seccomp_profile\": {" members "}}"
#define PROFILE_RULE(members)                                                                                          \
        PROFILE("\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": [\"chmod\"], \"action\": "          \
                "\"SCMP_ACT_LOG\"}, {" members "}]")
#define PROFILE_ARGUMENT(members)                                                                                      \
        PROFILE_RULE("\"names\": [\"x\"], \"action\": \"SCMP_ACT_LOG\", \"args\": [{" members "}]")

static void check_profile_refused(const char *facts, const char *expected) {
        _cleanup_free_ char *message = text_format("/p.json: error: %s", expected);

        check_refused("SeccompProfile=/p.json", facts, message);
}

START_TEST(profiles_of_the_wrong_kind) {
        check_profile_refused(PROFILE(""), "\"defaultAction\" must be an action, such as");
        check_profile_refused(PROFILE("\"defaultAction\": \"SCMP_ACT_DENY\""),
                              "\"defaultAction\" must be an action, such as");
        check_profile_refused(PROFILE("\"defaultAction\": 1"), "\"defaultAction\" must be a string");
        check_profile_refused(PROFILE("\"defaultAction\": \"SCMP_ACT_ERRNO\", \"defaultErrnoRet\": -1"),
                              "\"defaultErrnoRet\" must be a number from 0 to 4095");
        check_profile_refused(PROFILE("\"defaultAction\": \"SCMP_ACT_ERRNO\", \"defaultErrno\": \"ENOSUCH\""),
                              "\"defaultErrno\" must be an error's name, such as \"EPERM\"");
        check_profile_refused(PROFILE("\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": {}"),
                              "\"syscalls\" must be an array");
        check_profile_refused(PROFILE("\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [1]"),
                              "\"syscalls\" must be an array of objects");
        check_profile_refused(PROFILE("\"defaultAction\": \"SCMP_ACT_ALLOW\", \"flags\": [1]"),
                              "\"flags\" must be an array of strings");
        check_profile_refused(PROFILE("\"defaultAction\": \"SCMP_ACT_ALLOW\", \"listenerPath\": []"),
                              "\"listenerPath\" must be a string");
        check_profile_refused(PROFILE("\"defaultAction\": \"SCMP_ACT_ALLOW\", \"architectures\": [\"SCMP_ARCH_X86\"], "
                                      "\"archMap\": [{}]"),
                              "\"archMap\" must be alone, without \"architectures\"");
        check_profile_refused(PROFILE("\"defaultAction\": \"SCMP_ACT_ALLOW\", \"archMap\": [{}, {\"subArchitectures\": "
                                      "\"x\"}]"),
                              "\"archMap[1].subArchitectures\" must be an array");
}
END_TEST

START_TEST(rules_of_the_wrong_kind) {
        check_profile_refused(PROFILE_RULE(""), "\"syscalls[1].action\" must be an action");
        check_profile_refused(PROFILE_RULE("\"action\": \"SCMP_ACT_LOG\""),
                              "\"syscalls[1].names\" must be an array of system calls");
        check_profile_refused(PROFILE_RULE("\"action\": \"SCMP_ACT_LOG\", \"names\": []"),
                              "\"syscalls[1].names\" must be an array of system calls");
        check_profile_refused(PROFILE_RULE("\"action\": \"SCMP_ACT_LOG\", \"names\": [\"x\"], \"name\": \"y\""),
                              "\"syscalls[1].names\" must be alone, without \"name\"");
        check_profile_refused(PROFILE_RULE("\"action\": \"SCMP_ACT_ERRNO\", \"name\": \"x\", \"errnoRet\": 4096"),
                              "\"syscalls[1].errnoRet\" must be a number from 0 to 4095");
        check_profile_refused(PROFILE_RULE("\"action\": \"SCMP_ACT_ERRNO\", \"name\": \"x\", \"errno\": \"1x\""),
                              "\"syscalls[1].errno\" must be an error's name");
        check_profile_refused(PROFILE_RULE("\"includes\": []"), "\"syscalls[1].includes\" must be an object");
        check_profile_refused(PROFILE_RULE("\"includes\": {\"caps\": [1]}"),
                              "\"syscalls[1].includes.caps\" must be an array of strings");
        check_profile_refused(PROFILE_RULE("\"excludes\": {\"arches\": \"arm\"}"),
                              "\"syscalls[1].excludes.arches\" must be an array");
        check_profile_refused(PROFILE_RULE("\"excludes\": {\"minKernel\": \"5.x\"}"),
                              "\"syscalls[1].excludes.minKernel\" must be a version");
        check_profile_refused(PROFILE_RULE("\"excludes\": {\"minKernel\": \"5.1.2\"}"),
                              "\"syscalls[1].excludes.minKernel\" must be a version");
        check_profile_refused(PROFILE_ARGUMENT("\"value\": 1, \"op\": \"SCMP_CMP_EQ\""),
                              "\"syscalls[1].args[0].index\" must be an argument's number");
        check_profile_refused(PROFILE_ARGUMENT("\"index\": 6, \"value\": 1, \"op\": \"SCMP_CMP_EQ\""),
                              "\"syscalls[1].args[0].index\" must be a number from 0 to 5");
        check_profile_refused(PROFILE_ARGUMENT("\"index\": 0, \"op\": \"SCMP_CMP_EQ\""),
                              "\"syscalls[1].args[0].value\" must be a number");
        check_profile_refused(PROFILE_ARGUMENT("\"index\": 0, \"value\": 1, \"op\": \"==\""),
                              "\"syscalls[1].args[0].op\" must be an operator");
}
END_TEST

START_TEST(profiles_that_cannot_be_used) {
        _cleanup_fixture_ Fixture fixture = {};
        _cleanup_json_object_ json_object *spec = NULL;

        check_refused("SeccompProfile=/p.json", PROFILE(""), "/p.json: error: \"defaultAction\"");
        check_refused("SeccompProfile=/p.json", "{\"seccomp\": true}",
                      "/p.json: error: the facts have no \"seccomp_profile\"");
        check_refused("SeccompProfile=/p.json", "{}",
                      "web.container:4:1: error: this machine's kernel has no system call filter");
        load(&fixture, BASE "SeccompProfile=/p.json\n");
        fixture.facts.seccomp = true;
        fixture.facts.seccomp_profile = strdup("{\n  \"defaultAction\":\n}\n");
        ck_assert_int_eq(oci_spec_build(fixture.container, &fixture.facts, &fixture.diagnostics, &spec), -EREPORTED);
        ck_assert_uint_eq(fixture.diagnostics.errors, 1);
        ck_assert_str_eq(fixture.diagnostics.items[0].file, "/p.json");
        ck_assert_uint_eq(fixture.diagnostics.items[0].line, 3);
}
END_TEST

/* The OCI configuration's list of rules for BASE with `lines`. Caller puts `ret_spec`. */
static json_object *default_rules(const char *lines, const char *architecture, json_object **ret_spec) {
        _cleanup_free_ char *text = text_format("%s%s\n", BASE, lines);
        _cleanup_fixture_ Fixture fixture = {};
        json_object *value;

        load(&fixture, text);
        fixture.facts.seccomp = true;
        free(fixture.facts.architecture);
        fixture.facts.architecture = strdup(architecture);
        ck_assert_int_eq(oci_spec_build(fixture.container, &fixture.facts, &fixture.diagnostics, ret_spec), 0);
        ck_assert(json_object_object_get_ex(*ret_spec, "linux", &value) &&
                  json_object_object_get_ex(value, "seccomp", &value) &&
                  json_object_object_get_ex(value, "syscalls", &value));
        return value;
}

/* How many rules without conditions on arguments, or with some, name the system call; `ret_action`
 * is the last one's. */
static unsigned count_rules(json_object *rules, const char *call, bool conditional, const char **ret_action) {
        unsigned count = 0;

        for (size_t i = 0; i < json_object_array_length(rules); i++) {
                json_object *rule = json_object_array_get_idx(rules, i), *names, *value;

                if (json_object_object_get_ex(rule, "args", &value) != conditional)
                        continue;
                ck_assert(json_object_object_get_ex(rule, "names", &names) &&
                          json_object_object_get_ex(rule, "action", &value));
                for (size_t j = 0; j < json_object_array_length(names); j++)
                        if (streq(json_object_get_string(json_object_array_get_idx(names, j)), call)) {
                                count++;
                                *ret_action = json_object_get_string(value);
                        }
        }
        return count;
}

static void check_call(const char *lines, const char *call, const char *expected) {
        _cleanup_json_object_ json_object *spec = NULL;
        json_object *rules = default_rules(lines, "amd64", &spec);
        const char *action = "none";

        ck_assert_uint_le(count_rules(rules, call, false, &action), 1);
        ck_assert_msg(streq(action, expected), "%s with \"%s\" is %s", call, lines, action);
}

START_TEST(the_default_filter_follows_the_capabilities) {
        check_call("", "mount", "SCMP_ACT_ALLOW");
        check_call("", "swapon", "SCMP_ACT_ERRNO");
        check_call("", "io_uring_setup", "none");
        check_call("", "chroot", "SCMP_ACT_ALLOW");
        check_call("DropCapability=SYS_CHROOT", "chroot", "SCMP_ACT_ERRNO");
        check_call("", "init_module", "SCMP_ACT_ERRNO");
        check_call("AddCapability=SYS_MODULE", "init_module", "SCMP_ACT_ALLOW");
        check_call("User=1000\nAddCapability=SYS_TIME", "settimeofday", "SCMP_ACT_ALLOW");
        check_call("", "bpf", "SCMP_ACT_ERRNO");
        check_call("AddCapability=BPF", "bpf", "SCMP_ACT_ALLOW");
        check_call("AddCapability=SYS_ADMIN", "bpf", "SCMP_ACT_ALLOW");
        check_call("AddCapability=SYS_ADMIN BPF", "bpf", "SCMP_ACT_ALLOW");
        check_call("", "perf_event_open", "SCMP_ACT_ERRNO");
        check_call("AddCapability=PERFMON", "perf_event_open", "SCMP_ACT_ALLOW");
        check_call("", "socket", "none");
        check_call("AddCapability=AUDIT_WRITE", "socket", "SCMP_ACT_ALLOW");
}
END_TEST

/* Of two rules for a call libseccomp keeps the first, or refuses the second. */
START_TEST(no_call_has_two_default_rules) {
        static const char *const architectures[] = { "amd64",  "x86",     "arm64",   "arm",   "mipsel64",
                                                     "mipsel", "ppc64le", "riscv64", "s390x", "other" };
        static const char *const lines[] = { "", "AddCapability=all", "DropCapability=all", "AddCapability=BPF",
                                             "AddCapability=SYS_ADMIN" };

        for (size_t i = 0; i < ARRAY_SIZE(architectures); i++)
                for (size_t j = 0; j < ARRAY_SIZE(lines); j++) {
                        _cleanup_json_object_ json_object *spec = NULL;
                        json_object *rules = default_rules(lines[j], architectures[i], &spec);

                        for (size_t k = 0; k < json_object_array_length(rules); k++) {
                                json_object *names;

                                ck_assert(json_object_object_get_ex(json_object_array_get_idx(rules, k), "names",
                                                                    &names));
                                for (size_t n = 0; n < json_object_array_length(names); n++) {
                                        const char *name = json_object_get_string(json_object_array_get_idx(names, n)),
                                                   *action;
                                        unsigned plain = count_rules(rules, name, false, &action),
                                                 conditional = count_rules(rules, name, true, &action);

                                        ck_assert_msg(plain + (conditional > 0) == 1, "%s on %s with \"%s\"", name,
                                                      architectures[i], lines[j]);
                                }
                        }
                }
}
END_TEST

int main(void) {
        Suite *suite = suite_create("seccomp");
        TCase *cases = tcase_create("seccomp");

        tcase_add_test(cases, profiles_of_the_wrong_kind);
        tcase_add_test(cases, rules_of_the_wrong_kind);
        tcase_add_test(cases, profiles_that_cannot_be_used);
        tcase_add_test(cases, the_default_filter_follows_the_capabilities);
        tcase_add_test(cases, no_call_has_two_default_rules);
        suite_add_tcase(suite, cases);
        return test_run(suite);
}
