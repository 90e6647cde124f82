/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* OCI hooks: their files, and running a program on a text. */
#include <signal.h>
#include <sys/wait.h>

#include "basic/process-filter.h"
#include "oci/oci-hooks.h"
#include "start/hooks.h"
#include "tests/unit/spec-fixture.h"

#define SOUND "\"hook\": {\"path\": \"/bin/true\"},\n\"when\": {\"always\": true},\n\"stages\": [\"poststop\"]"

static void check_said(const Diagnostics *diagnostics, const char *expected) {
        _cleanup_free_ char *said = test_diagnostics(diagnostics);

        ck_assert_str_eq(said, expected);
}

static void refused(const char *text, const char *expected) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_json_object_ json_object *hook = NULL;

        ck_assert_int_eq(hook_parse(text, "h.json", &diagnostics, &hook), -EREPORTED);
        ck_assert_ptr_null(hook);
        check_said(&diagnostics, expected);
}

START_TEST(a_sound_file) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_json_object_ json_object *hook = NULL;

        ck_assert_int_eq(hook_parse("{\"version\": \"1.0.0\",\n" SOUND ",\n\"comment\": 1}", "h.json", &diagnostics,
                                    &hook),
                         0);
        ck_assert_str_eq(hook_program(hook), "/bin/true");
        check_said(&diagnostics, "h.json:5: warning: \"comment\" is not known, and has no effect\n");
}
END_TEST

START_TEST(files_of_the_wrong_kind) {
        refused("", "h.json:1:1: error: not valid JSON: unexpected end of data\n");
        refused("[]", "h.json:1: error: a hook must be an object\n");
        refused("{\n" SOUND "}", "h.json:1: error: \"version\" is missing\n");
        refused("{" SOUND ",\n\"version\": \"0.1.0\"}", "h.json:4: error: \"version\" must be \"1.0.0\"\n");
        refused("{\"version\": \"1.0.0\",\n\"hook\": {\"path\": \"true\",\n\"args\": [1],\n\"env\": "
                "\"A=1\",\n\"timeout\": 0},\n\"when\": {\"always\": true}, \"stages\": [\"poststop\"]}",
                "h.json:2: error: \"path\" must be an absolute path\n"
                "h.json:3: error: \"args\" must be an array of strings\n"
                "h.json:4: error: \"env\" must be an array of strings\n"
                "h.json:5: error: \"timeout\" must be a number of seconds, greater than 0\n");
        refused("{\"version\": \"1.0.0\", \"hook\": {\"path\": \"/a\"},\n\"when\": {}, \"stages\": [\"poststop\"]}",
                "h.json:2: error: \"when\" must be an object with at least one condition\n");
        refused("{\"version\": \"1.0.0\", \"hook\": {\"path\": \"/a\"},\n\"when\": {\"always\": 1,\n\"annotations\": "
                "{\"a\": 1},\n\"commands\": \".*\",\n\"hasBindMounts\": null}, \"stages\": [\"poststop\"]}",
                "h.json:2: error: \"always\" must be true or false\n"
                "h.json:3: error: \"annotations\" must be an object of strings\n"
                "h.json:4: error: \"commands\" must be an array of strings\n"
                "h.json:5: error: \"hasBindMounts\" must be true or false\n");
        refused("{\"version\": \"1.0.0\", \"hook\": {\"path\": \"/a\"}, \"when\": {\"always\": true},\n\"stages\": "
                "[\"prestart\", \"later\"]}",
                "h.json:2: error: \"stages\" must be an array of \"precreate\", \"prestart\", \"createRuntime\", "
                "\"createContainer\", \"startContainer\", "
                "\"poststart\" or \"poststop\"\n");
}
END_TEST

static int filter(const char *script, const char *input, uint64_t timeout_usec, size_t max, char **ret,
                  size_t *ret_size) {
        const char *const argv[] = { "sh", "-c", script, NULL };
        char *const environment[] = { (char *) "PATH=/usr/bin:/bin", NULL };

        return process_filter(&(ProcessFilter) { .path = "/bin/sh",
                                                 .argv = argv,
                                                 .environment = environment,
                                                 .directory = "/",
                                                 .input = input,
                                                 .input_size = strlen(input),
                                                 .timeout_usec = timeout_usec,
                                                 .output_max = max },
                              ret, ret_size);
}

enum { LONG_USEC = 100 * 1000 * 1000, SHORT_USEC = 100 * 1000 };

START_TEST(a_program_gets_a_text_and_gives_one) {
        static const struct {
                const char *script, *output;
        } cases[] = {
                { "cat", "text" },
                { "pwd", "/\n" },
                { "cat; echo more", "textmore\n" },
                { "exit 0", "" },
                { "exec >&-", "" },
                { "echo $PATH", "/usr/bin:/bin\n" },
                { "sleep 3 & echo done", "done\n" },
        };

        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                _cleanup_free_ char *output = NULL;
                size_t size;

                ck_assert_int_eq(filter(cases[i].script, "text", LONG_USEC, 1024, &output, &size), 0);
                ck_assert_str_eq(output, cases[i].output);
                ck_assert_uint_eq(size, strlen(cases[i].output));
        }
}
END_TEST

START_TEST(a_large_text_goes_through) {
        enum { SIZE = 3000000 };
        _cleanup_free_ char *input = malloc(SIZE + 1), *output = NULL;
        size_t size;

        memset(input, 'x', SIZE);
        input[SIZE] = '\0';
        ck_assert_int_eq(filter("cat", input, LONG_USEC, SIZE, &output, &size), 0);
        ck_assert_uint_eq(size, SIZE);
        ck_assert_str_eq(output, input);
}
END_TEST

START_TEST(programs_that_end_badly) {
        char *output = NULL;
        size_t size;

        ck_assert_int_eq(filter("exit 7", "", LONG_USEC, 1, &output, &size), 7);
        ck_assert_int_eq(filter("kill -KILL $$", "", LONG_USEC, 1, &output, &size), 128 + SIGKILL);
        ck_assert_int_eq(filter("sleep 100", "", SHORT_USEC, 1, &output, &size), -ETIMEDOUT);
        ck_assert_int_eq(filter("exec >&-; sleep 100", "", SHORT_USEC, 1, &output, &size), -ETIMEDOUT);
        ck_assert_int_eq(filter("yes", "", LONG_USEC, 100000, &output, &size), -EFBIG);
        ck_assert_int_eq(filter("while :; do echo y; sleep 0.01; done", "", SHORT_USEC, 1000000, &output, &size),
                         -ETIMEDOUT);
        ck_assert_ptr_null(output);
        /* None of them is left. */
        ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
        ck_assert_int_eq(errno, ECHILD);
}
END_TEST

#define HOOK(when)                                                                                                     \
        "{\"hooks\": {\"/h.json\": {\"version\": \"1.0.0\", \"hook\": {\"path\": \"/a\"}, \"when\": {" when            \
        "}, \"stages\": [\"poststop\"]}}}"

START_TEST(patterns_that_are_none) {
        check_refused("", HOOK("\"commands\": [\"(\"]"), "/h.json:1: error: \"(\" is no regular expression: ");
        check_refused("", HOOK("\"annotations\": {\"[\": \"a\"}"),
                      "/h.json:1: error: \"[\" is no regular expression: ");
        check_refused("", HOOK("\"annotations\": {\"a\": \"[\"}"),
                      "/h.json:1: error: \"[\" is no regular expression: ");
}
END_TEST

static int gather(const char *directory, FactPathList *list, const char *expected) {
        char *directories[] = { (char *) directory };
        const Container container = { .hooks_directories = { .items = directories, .count = 1 } };
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        int r = hooks_gather(&container, list, &diagnostics);

        check_said(&diagnostics, expected);
        return r;
}

START_TEST(files_are_found_in_order) {
        static const char hook[] = "{\"version\": \"1.0.0\"," SOUND "}";
        static const char *const names[] = { "B.json", "a.json", "A.json", "c.json" }, *const sorted[] = {
                "A.json", "a.json", "B.json", "c.json"
        };
        _cleanup_test_directory_ char *directory = test_directory();
        _cleanup_facts_ Facts facts = {};

        for (size_t i = 0; i < ARRAY_SIZE(names); i++)
                test_write(directory, names[i], hook);
        test_write(directory, "note.txt", "");
        ck_assert_int_eq(gather(directory, &facts.hooks, ""), 0);
        ck_assert_uint_eq(facts.hooks.count, ARRAY_SIZE(sorted));
        for (size_t i = 0; i < ARRAY_SIZE(sorted); i++)
                ck_assert_str_eq(path_basename(facts.hooks.items[i].written), sorted[i]);
}
END_TEST

START_TEST(files_that_are_refused) {
        _cleanup_test_directory_ char *directory = test_directory();
        _cleanup_free_ char *expected = text_format(
                        "%s/1.json:1: error: a hook must be an object\n%s/2.json: error: the hook's program "
                        "\"/nonexistent\": No such file or directory\n"
                        "%s/3.json: error: the hook's program \"/etc\" cannot be run\n%s/4.json: error: the hook "
                        "cannot be read: Invalid argument\n",
                        directory, directory, directory, directory);
        _cleanup_free_ char *fifo = path_join(directory, "4.json");
        _cleanup_facts_ Facts facts = {};

        test_write(directory, "1.json", "[]");
        test_write(directory, "2.json",
                   "{\"version\": \"1.0.0\", \"hook\": {\"path\": \"/nonexistent\"}, \"when\": {\"always\": true}, "
                   "\"stages\": [\"poststop\"]}");
        test_write(directory, "3.json",
                   "{\"version\": \"1.0.0\", \"hook\": {\"path\": \"/etc\"}, \"when\": {\"always\": true}, \"stages\": "
                   "[\"poststop\"]}");
        ck_assert_int_eq(mkfifo(fifo, 0600), 0);
        ck_assert_int_eq(gather(directory, &facts.hooks, expected), -EREPORTED);
        ck_assert_int_eq(gather("/nonexistent", &facts.hooks,
                                "error: the directory of hooks \"/nonexistent\": No such file or directory\n"),
                         -EREPORTED);
        ck_assert_uint_eq(facts.hooks.count, 0);
}
END_TEST

static void alter(const char *script, const char *expected_output, const char *expected_message) {
        const Bundle bundle = { .path = (char *) "/", .fd = -EBADF };
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_json_object_ json_object *spec = json_tokener_parse(
                        "{\"a\": 1, \"hooks\": {\"precreate\": [{\"path\": \"/bin/sh\", \"timeout\": 1}]}}");
        json_object *hook = json_object_array_get_idx(
                        json_object_object_get(json_object_object_get(spec, "hooks"), "precreate"), 0);
        json_object *args = json_tokener_parse("[\"sh\", \"-c\"]");

        json_object_array_add(args, json_object_new_string(script));
        json_object_object_add(hook, "args", args);
        ck_assert_int_eq(hooks_run_precreate(&bundle, &spec, &diagnostics), *expected_message ? -EREPORTED : 0);
        check_said(&diagnostics, expected_message);
        ck_assert_str_eq(json_object_to_json_string_ext(spec, JSON_C_TO_STRING_PLAIN), expected_output);
}

START_TEST(precreate_hooks_alter_the_configuration) {
        alter("cat", "{\"a\":1}", "");
        alter("sed s/1/2/", "{\"a\":2}", "");
        alter("exit 3", "{\"a\":1}", "/bin/sh: error: the precreate hook failed with exit status 3\n");
        alter("kill -9 $$", "{\"a\":1}", "/bin/sh: error: the precreate hook was ended by signal 9\n");
        alter("sleep 100", "{\"a\":1}", "/bin/sh: error: the precreate hook did not end within 1 seconds\n");
        alter("echo '[1]'", "{\"a\":1}", "/bin/sh: error: what the precreate hook wrote is no JSON object\n");
        alter("echo null", "{\"a\":1}", "/bin/sh: error: what the precreate hook wrote is no JSON object\n");
        alter("echo; echo oops", "{\"a\":1}", "/bin/sh:2:1: error: not valid JSON: unexpected character\n");
        alter(":", "{\"a\":1}", "/bin/sh:1:1: error: not valid JSON: unexpected end of data\n");
}
END_TEST

int main(void) {
        Suite *suite = suite_create("hooks");
        TCase *cases = tcase_create("hooks");

        tcase_add_test(cases, a_sound_file);
        tcase_add_test(cases, files_of_the_wrong_kind);
        tcase_add_test(cases, patterns_that_are_none);
        tcase_add_test(cases, files_are_found_in_order);
        tcase_add_test(cases, files_that_are_refused);
        tcase_add_test(cases, a_program_gets_a_text_and_gives_one);
        tcase_add_test(cases, a_large_text_goes_through);
        tcase_add_test(cases, programs_that_end_badly);
        tcase_add_test(cases, precreate_hooks_alter_the_configuration);
        suite_add_tcase(suite, cases);
        return test_run(suite);
}
