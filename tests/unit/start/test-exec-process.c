/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a further process in a container is: that of config.json, with what is asked for put over
 * it. */
#include "start/exec/exec-process.h"

#include <fcntl.h>

#include "tests/unit/test.h"

static const char first[] = "{\"user\": {\"uid\": 7, \"gid\": 8}, \"args\": [\"/bin/server\"], \"cwd\": \"/srv\","
                            " \"env\": [\"A=1\", \"LISTEN_FDS=2\", \"WATCHDOG_USEC=3\", \"HOME=/srv\"],"
                            " \"capabilities\": {\"bounding\": [\"CAP_KILL\"], \"effective\": [\"CAP_KILL\"],"
                            " \"permitted\": [\"CAP_KILL\"], \"inheritable\": [], \"ambient\": [\"CAP_KILL\"]},"
                            " \"noNewPrivileges\": true}";
static char *const nothing[] = { NULL };

static json_object *apply(const ExecRequest *request, const ContainerUser *user) {
        _cleanup_close_ int root_fd = open("/var/empty/none", O_PATH | O_CLOEXEC);
        json_object *process = json_tokener_parse(first);

        ck_assert_ptr_nonnull(process);
        ck_assert_int_eq(exec_process_apply(request, user, root_fd, process), 0);
        return process;
}

/* `expected` is the member's text without spaces. */
static void check(json_object *process, const char *name, const char *expected) {
        const int plain = JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE;
        json_object *member;

        ck_assert(json_object_object_get_ex(process, name, &member));
        ck_assert_str_eq(json_object_to_json_string_ext(member, plain), expected);
}

START_TEST(as_the_first) {
        char *command[] = { (char[]) { "echo" }, (char[]) { "a b" }, NULL };
        const ContainerUser user = { .uid = 7, .gid = 8, .home = (char[]) { "/home" } };
        _cleanup_json_object_ json_object *process = apply(&(ExecRequest) { .command = command }, &user);

        check(process, "args", "[\"echo\",\"a b\"]");
        check(process, "user", "{\"uid\":7,\"gid\":8}");
        check(process, "cwd", "\"/srv\"");
        check(process, "env", "[\"A=1\",\"HOME=/srv\"]");
        check(process, "noNewPrivileges", "true");
        check(process, "terminal", "false");
}
END_TEST

START_TEST(as_another) {
        char *variables[] = { (char[]) { "A=2" }, (char[]) { "HOME=/mine" } };
        uint32_t groups[] = { 6, 8 };
        const ContainerUser user = {
                .uid = 5, .gid = 6, .groups = groups, .group_count = 2, .home = (char[]) { "/home" },
        };
        const ExecRequest request = {
                .command = nothing,
                .user = "five",
                .working_dir = "/tmp",
                .environment = { .items = variables, .count = 2 },
        };
        _cleanup_json_object_ json_object *process = apply(&request, &user);

        check(process, "args", "[\"/bin/sh\"]");
        check(process, "user", "{\"uid\":5,\"gid\":6,\"additionalGids\":[6,8]}");
        check(process, "cwd", "\"/tmp\"");
        check(process, "env", "[\"A=2\",\"HOME=/mine\"]");
        check(process, "capabilities", "{\"bounding\":[\"CAP_KILL\"],\"effective\":[],\"permitted\":[],"
                                       "\"inheritable\":[],\"ambient\":[]}");
}
END_TEST

/* As if the container had been started as root. */
START_TEST(as_root) {
        const ContainerUser user = { .home = (char[]) { "/root" } };
        _cleanup_json_object_ json_object *process = apply(&(ExecRequest) { .command = nothing, .user = "0" }, &user);

        check(process, "env", "[\"A=1\",\"HOME=/root\"]");
        check(process, "capabilities", "{\"bounding\":[\"CAP_KILL\"],\"effective\":[\"CAP_KILL\"],"
                                       "\"permitted\":[\"CAP_KILL\"],\"inheritable\":[],\"ambient\":[]}");
        check(process, "noNewPrivileges", "true");
}
END_TEST

START_TEST(privileged) {
        const ContainerUser user = { .uid = 7, .gid = 8, .home = (char[]) { "/" } };
        _cleanup_json_object_ json_object *process =
                apply(&(ExecRequest) { .command = nothing, .privileged = true }, &user);

        check(process, "noNewPrivileges", "false");
        check(process, "user", "{\"uid\":7,\"gid\":8}");
}
END_TEST

START_TEST(terminal) {
        const ContainerUser user = { .home = (char[]) { "/" } };

        ck_assert_int_eq(setenv("TERM", "vt52", 1), 0);
        {
                _cleanup_json_object_ json_object *process =
                        apply(&(ExecRequest) { .command = nothing, .terminal = true }, &user);

                check(process, "terminal", "true");
                check(process, "env", "[\"A=1\",\"HOME=/srv\",\"TERM=vt52\"]");
        }
}
END_TEST

int main(void) {
        Suite *suite = suite_create("exec-process");
        TCase *cases = tcase_create("exec-process");

        tcase_add_test(cases, as_the_first);
        tcase_add_test(cases, as_another);
        tcase_add_test(cases, as_root);
        tcase_add_test(cases, privileged);
        tcase_add_test(cases, terminal);
        suite_add_tcase(suite, cases);
        return test_run(suite);
}
