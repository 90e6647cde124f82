/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The parts of src/host that need no root: users in a hostile root file system, environment files,
 * records, effects, and waiting for a process. */
#include <signal.h>
#include <sys/wait.h>

#include "host/effects.h"
#include "host/environment-file.h"
#include "host/payload.h"
#include "host/record.h"
#include "host/users.h"
#include "start/undo.h"
#include "tests/unit/test.h"

static char *root;
static int root_fd = -EBADF;

static void set_up(void) {
        root = test_directory();
        root_fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
        ck_assert_int_ge(root_fd, 0);
        ck_assert_int_eq(mkdirat(root_fd, "etc", 0755), 0);
}

static void tear_down(void) {
        root_fd = fd_close(root_fd);
        test_directory_done(&root);
}

static void put(const char *path, const char *text) {
        ck_assert_int_eq(write_file_atomic_at(root_fd, path, text, strlen(text), 0644), 0);
}

static void put_databases(void) {
        put("etc/passwd",
            "root:x:0:0:root:/root:/bin/sh\n"
            "broken\n"
            "short:x:7\n"
            "long:x:8:8:a:b:c:d:e:f:g:h:i:j\n"
            "negative:x:-1:0::/:/bin/sh\n"
            "huge:x:99999999999999999999:0::/:/bin/sh\n"
            "invalid:x:4294967295:0::/:/bin/sh\n"
            "web:x:33:33:www:/var/www:/bin/sh\n"
            "relative:x:34:34::home:/bin/sh\n"
            "last:x:99:98::/last:/bin/sh");
        put("etc/group",
            "root:x:0:\n"
            "adm:x:4:web,other\n"
            "audio:x:29:other,web\n"
            "www-data:x:33:\n"
            "nope:x:x:web\n"
            "web:x:44:webby\n");
}

static int look_up(const char *user, const char *group, const StringList *add, ContainerUser *ret,
                   const char **missing) {
        return users_lookup(root_fd, &(UserRequest) { .user = user, .group = group, .group_add = add }, ret, missing);
}

static void expect(const char *user, const char *group, uint32_t uid, uint32_t gid, const char *home,
                   size_t group_count) {
        _cleanup_container_user_ ContainerUser found = {};
        const char *missing = NULL;

        ck_assert_int_eq(look_up(user, group, NULL, &found, &missing), 0);
        ck_assert_uint_eq(found.uid, uid);
        ck_assert_uint_eq(found.gid, gid);
        ck_assert_str_eq(found.home, home);
        ck_assert_uint_eq(found.group_count, group_count);
}

static void refuse(const char *user, const char *group, int error, const char *expected_missing) {
        _cleanup_container_user_ ContainerUser found = {};
        const char *missing = NULL;

        ck_assert_int_eq(look_up(user, group, NULL, &found, &missing), error);
        if (expected_missing)
                ck_assert_str_eq(missing, expected_missing);
}

START_TEST(user_names_and_numbers) {
        put_databases();
        expect(NULL, NULL, 0, 0, "/root", 0);
        expect("root", NULL, 0, 0, "/root", 1);
        expect("web", NULL, 33, 33, "/var/www", 3);
        expect("33", NULL, 33, 33, "/var/www", 3);
        expect("web:adm", NULL, 33, 4, "/var/www", 1);
        expect("web", "adm", 33, 4, "/var/www", 1);
        expect("web:4242", NULL, 33, 4242, "/var/www", 1);
        expect(":adm", NULL, 0, 4, "/root", 1);
        expect("web:", NULL, 33, 33, "/var/www", 3);
        expect("1234", NULL, 1234, 0, "/", 1);
        expect("1234:5678", NULL, 1234, 5678, "/", 1);
        expect("4294967294", NULL, 4294967294, 0, "/", 1);
        expect("relative", NULL, 34, 34, "/", 1);
        expect("last", NULL, 99, 98, "/last", 1);
}
END_TEST

START_TEST(users_that_are_not_there) {
        put_databases();
        refuse("nobody", NULL, -ESRCH, "nobody");
        refuse("web:nogroup", NULL, -ESRCH, "nogroup");
        refuse("web", "nogroup", -ESRCH, "nogroup");
        refuse("broken", NULL, -ESRCH, "broken");
        refuse("short", NULL, -ESRCH, "short");
        refuse("long", NULL, -ESRCH, "long");
        refuse("negative", NULL, -ESRCH, "negative");
        refuse("huge", NULL, -ESRCH, "huge");
        refuse("invalid", NULL, -ESRCH, "invalid");
        refuse("web:nope", NULL, -ESRCH, "nope");
        refuse("4294967295", NULL, -ERANGE, "4294967295");
        refuse("99999999999999999999999", NULL, -ERANGE, NULL);
        refuse("web:4294967295", NULL, -ERANGE, "4294967295");
}
END_TEST

START_TEST(supplementary_groups) {
        _cleanup_container_user_ ContainerUser found = {};
        _cleanup_string_list_ StringList add = {};
        const char *missing = NULL;

        put_databases();
        ck_assert_int_eq(string_list_add(&add, "www-data"), 0); /* the main group: not twice */
        ck_assert_int_eq(string_list_add(&add, "9000"), 0);
        ck_assert_int_eq(string_list_add(&add, "audio"), 0);
        ck_assert_int_eq(look_up("web", NULL, &add, &found, &missing), 0);
        ck_assert_uint_eq(found.group_count, 4);
        ck_assert_uint_eq(found.groups[0], 4);
        ck_assert_uint_eq(found.groups[1], 29);
        ck_assert_uint_eq(found.groups[2], 33);
        ck_assert_uint_eq(found.groups[3], 9000);

        ck_assert_int_eq(string_list_add(&add, "missing"), 0);
        ck_assert_int_eq(look_up("web", NULL, &add, &found, &missing), -ESRCH);
        ck_assert_str_eq(missing, "missing");
}
END_TEST

/* As many as fit into a file, descending: an insertion of each into a sorted list takes for ever. */
START_TEST(a_million_groups) {
        enum { LINES = 900000, MOST = 65535 };
        _cleanup_container_user_ ContainerUser found = {};
        _cleanup_text_ Text text = {};
        const char *missing = NULL;

        put("etc/passwd", "u:x:1:1::/:\n");
        for (unsigned i = LINES; i > 0; i--)
                text_appendf(&text, "g:x:%u:u\n", 1000 + i % MOST);
        put("etc/group", text.data);
        ck_assert_int_eq(look_up("u", NULL, NULL, &found, &missing), 0);
        ck_assert_uint_eq(found.group_count, MOST + 1);
        ck_assert_uint_eq(found.groups[0], 1);
        ck_assert_uint_eq(found.groups[1], 1000);
        text_append(&text, "g:x:2:u\n");
        put("etc/group", text.data);
        ck_assert_int_eq(look_up("u", NULL, NULL, &found, &missing), -E2BIG);
}
END_TEST

START_TEST(no_databases) {
        expect(NULL, NULL, 0, 0, "/", 0);
        expect("5", NULL, 5, 0, "/", 1);
        refuse("root", NULL, -ESRCH, "root");
}
END_TEST

START_TEST(databases_that_are_links) {
        /* Absolute and upward links stay inside: the host's own /etc/passwd has a root, this root
         * has not. */
        ck_assert_int_eq(symlinkat("/etc/passwd-elsewhere", root_fd, "etc/passwd"), 0);
        refuse("root", NULL, -ESRCH, "root");
        put("etc/passwd-elsewhere", "inner:x:5:5::/inner:/bin/sh\n");
        expect("inner", NULL, 5, 5, "/inner", 1);
        ck_assert_int_eq(unlinkat(root_fd, "etc/passwd", 0), 0);
        ck_assert_int_eq(symlinkat("../../../../../../etc/passwd-elsewhere", root_fd, "etc/passwd"), 0);
        expect("inner", NULL, 5, 5, "/inner", 1);
        ck_assert_int_eq(unlinkat(root_fd, "etc/passwd", 0), 0);
        ck_assert_int_eq(symlinkat("passwd", root_fd, "etc/passwd"), 0);
        refuse("root", NULL, -ELOOP, NULL);
}
END_TEST

START_TEST(databases_that_are_no_files) {
        ck_assert_int_eq(mkfifoat(root_fd, "etc/passwd", 0644), 0); /* must not block */
        refuse("root", NULL, -EINVAL, NULL);
        ck_assert_int_eq(unlinkat(root_fd, "etc/passwd", 0), 0);
        ck_assert_int_eq(mkdirat(root_fd, "etc/passwd", 0755), 0);
        refuse("root", NULL, -EISDIR, NULL);
}
END_TEST

START_TEST(database_of_100_mb) {
        int fd = openat(root_fd, "etc/passwd", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

        ck_assert_int_ge(fd, 0);
        ck_assert_int_eq(ftruncate(fd, 100 * 1000 * 1000), 0);
        fd_close(fd);
        refuse("root", NULL, -EFBIG, NULL);
}
END_TEST

START_TEST(highest_id) {
        uint32_t id = 7;

        ck_assert_int_eq(users_highest_id(root_fd, &id), 0);
        ck_assert_uint_eq(id, 7);
        put_databases();
        ck_assert_int_eq(users_highest_id(root_fd, &id), 0);
        ck_assert_uint_eq(id, 99);
        id = 0;
        put("etc/group", "nogroup:x:70000:\nusers:x:65534:\nlast:x:1000:\n");
        ck_assert_int_eq(users_highest_id(root_fd, &id), 0);
        ck_assert_uint_eq(id, 1000);
}
END_TEST

START_TEST(environment_file) {
        static const char text[] = "# comment\n\n  A=1\r\nB=two words \"quoted\" # "
                                   "kept\nA=2\nBERTH_TEST_SET\nBERTH_TEST_UNSET\nEMPTY=\n";
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_string_list_ StringList assignments = {};

        setenv("BERTH_TEST_SET", "from outside", true);
        unsetenv("BERTH_TEST_UNSET");
        ck_assert_int_eq(environment_file_parse(text, strlen(text), "env", &assignments, &diagnostics), 0);
        ck_assert_uint_eq(assignments.count, 4);
        ck_assert_str_eq(assignments.items[0], "A=2");
        ck_assert_str_eq(assignments.items[1], "B=two words \"quoted\" # kept");
        ck_assert_str_eq(assignments.items[2], "BERTH_TEST_SET=from outside");
        ck_assert_str_eq(assignments.items[3], "EMPTY=");
}
END_TEST

START_TEST(environment_file_errors) {
        static const Location where = { .file = "web.container", .line = 3, .column = 17 };
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_string_list_ StringList assignments = {};
        _cleanup_free_ char *line = NULL, *second = NULL;

        ck_assert_int_eq(environment_file_parse("A=1\n=2\n", 7, "env", &assignments, &diagnostics), -EREPORTED);
        ck_assert_int_eq(environment_file_parse("A=1\0B", 5, "env", &assignments, &diagnostics), -EREPORTED);
        ck_assert_int_eq(environment_file_read("/nonexistent/env", true, &where, &assignments, &diagnostics), 0);
        ck_assert_int_eq(environment_file_read("/nonexistent/env", false, &where, &assignments, &diagnostics),
                         -EREPORTED);
        ck_assert_uint_eq(diagnostics.errors, 3);
        ck_assert_int_eq(diagnostic_format(&diagnostics.items[0], &line), 0);
        ck_assert_str_eq(line, "env:2: error: no variable name before \"=\"");
        ck_assert_int_eq(diagnostic_format(&diagnostics.items[2], &second), 0);
        ck_assert_str_eq(second,
                         "web.container:3:17: error: environment file \"/nonexistent/env\": No such file or directory");
}
END_TEST

static int collect(const StringList *words, void *userdata) {
        StringList *all = userdata;

        return string_list_addf(all, "%zu:%s", words->count, words->items[words->count - 1]);
}

START_TEST(records) {
        _cleanup_string_list_ StringList forwards = {}, backwards = {};
        _cleanup_text_ Text text = {};

        record_append(&text, "kind", "two words", NULL);
        record_append(&text, "kind", "line\nbreak", "\"quote'\\", NULL);
        record_append(&text, "kind", "", NULL);
        ck_assert(!text.failed);
        text_append(&text, "half a li"); /* killed in the middle of a write */
        put("record", text.data);
        ck_assert_int_eq(fchdir(root_fd), 0);
        ck_assert_int_eq(record_read(AT_FDCWD, "record", false, collect, &forwards), 0);
        ck_assert_uint_eq(forwards.count, 3);
        ck_assert_str_eq(forwards.items[0], "2:two words");
        ck_assert_str_eq(forwards.items[1], "3:\"quote'\\");
        ck_assert_str_eq(forwards.items[2], "2:");
        ck_assert_int_eq(record_read(AT_FDCWD, "record", true, collect, &backwards), 0);
        ck_assert_str_eq(backwards.items[2], "2:two words");
        put("record", "kind \"open\n");
        ck_assert_int_eq(record_read(AT_FDCWD, "record", false, collect, &forwards), -EBADMSG);
        ck_assert_int_eq(record_read(AT_FDCWD, "missing", false, collect, &forwards), -ENOENT);
}
END_TEST

START_TEST(effects_are_recorded) {
        _cleanup_bundle_ Bundle bundle = { .path = strdup(root), .fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC) };
        _cleanup_free_ char *runtime = NULL, *effects = NULL;

        ck_assert_int_eq(effects_get_runtime(&bundle, &runtime), -ENOENT);
        ck_assert_int_eq(effects_append(&bundle, EFFECT_TREE, "/var/lib/berth/containers/web", NULL), 0);
        ck_assert_int_eq(effects_get_runtime(&bundle, &runtime), -ENOENT);
        ck_assert_int_eq(effects_append(&bundle, EFFECT_RUNTIME, "/opt/my runtime/crun", "web"), 0);
        ck_assert_int_eq(effects_get_runtime(&bundle, &runtime), 0);
        ck_assert_str_eq(runtime, "/opt/my runtime/crun");
        ck_assert_int_eq(read_file_at(bundle.fd, "effects", 4096, &effects, NULL), 0);
        ck_assert_str_eq(effects, "tree /var/lib/berth/containers/web\nruntime \"/opt/my runtime/crun\" web\n");
}
END_TEST

/* A damaged journal removes nothing, and stays for somebody to look at. */
START_TEST(damaged_effects_do_no_harm) {
        static const char *const damaged[] = {
                "tree /etc\n",
                "tree /var/lib/berth/containers\n",
                "tree /var/lib/berth/containers/../../..\n",
                "tree relative\n",
                "tree\n",
                "runtime /usr/bin/crun\n",
                "nonsense 1\n",
                "\"open\n",
                "\n",
        };

        for (size_t i = 0; i < ARRAY_SIZE(damaged); i++) {
                _cleanup_bundle_ Bundle bundle = { .path = strdup(root),
                                                   .fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC) };

                put("effects", damaged[i]);
                ck_assert_int_eq(effects_undo(&bundle), -EBADMSG);
                ck_assert_int_eq(faccessat(root_fd, "effects", F_OK, 0), 0);
                ck_assert_int_eq(faccessat(root_fd, "etc", F_OK, 0), 0);
        }
}
END_TEST

START_TEST(undoing_removes_the_bundle) {
        _cleanup_free_ char *path = path_join(root, "bundle");
        _cleanup_bundle_ Bundle bundle = { .path = strdup(path), .fd = -EBADF };

        ck_assert_int_eq(effects_undo(&bundle), 0); /* nothing there */
        ck_assert_int_eq(mkdir(path, 0700), 0);
        bundle.fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        ck_assert_int_eq(effects_append(&bundle, EFFECT_TREE, "/var/lib/berth/containers/berth-test-none", NULL), 0);
        ck_assert_int_eq(effects_undo(&bundle), 0);
        ck_assert_int_ne(access(path, F_OK), 0);
        ck_assert_int_eq(effects_undo(&bundle), 0); /* and twice */
}
END_TEST

START_TEST(stop_signal_is_noted) {
        static const char *const damaged[] = { "", "0\n", "-1\n", "65\n", "TERM\n" };
        _cleanup_bundle_ Bundle bundle = { .path = strdup(root), .fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC) };
        _cleanup_bundle_ Bundle none = BUNDLE_INIT;
        StopSignal signal = {};

        ck_assert_int_eq(bundle_read_stop_signal(&none, &signal), -ENOENT);
        ck_assert_int_eq(bundle_read_stop_signal(&bundle, &signal), -ENOENT);
        ck_assert_int_eq(bundle_write_stop_signal(&bundle, (StopSignal) { SIGRTMAX, true, 1500000 }), 0);
        ck_assert_int_eq(bundle_read_stop_signal(&bundle, &signal), 0);
        ck_assert(signal.number == SIGRTMAX && signal.unknown_to_systemd);
        ck_assert_int_eq(bundle_write_stop_signal(&bundle, (StopSignal) { SIGTERM, false, 0 }), 0);
        ck_assert_int_eq(bundle_read_stop_signal(&bundle, &signal), 0);
        ck_assert(signal.number == SIGTERM && !signal.unknown_to_systemd);
        for (size_t i = 0; i < ARRAY_SIZE(damaged); i++) {
                put("stop-signal", damaged[i]);
                ck_assert_int_eq(bundle_read_stop_signal(&bundle, &signal), -EBADMSG);
        }
}
END_TEST

START_TEST(stopping) {
        enum { LONG_USEC = 60 * 1000 * 1000 };
        pid_t meek = fork(), deaf;

        if (meek == 0)
                for (;;)
                        pause();
        ck_assert_int_eq(payload_stop(meek, SIGKILL, LONG_USEC), 1);
        ck_assert_int_eq(waitpid(meek, NULL, 0), meek);
        ck_assert_int_eq(payload_stop(meek, SIGKILL, LONG_USEC), 1);
        deaf = fork();
        if (deaf == 0)
                for (;;)
                        pause();
        /* The signal 0 asks for nothing. */
        ck_assert_int_eq(payload_stop(deaf, 0, 1000), 0);
        ck_assert_int_eq(waitpid(deaf, NULL, 0), deaf);
}
END_TEST

/* No first process of a namespace among these: a signal gets through to each, or there is nobody to
 * wait for. */
START_TEST(waiting_for_a_handler) {
        enum { LONG_USEC = 60 * 1000 * 1000 };
        pid_t child = fork();

        if (child == 0)
                for (;;)
                        pause();
        ck_assert_int_gt(child, 0);
        ck_assert_int_eq(payload_await_handler(getpid(), SIGTERM, LONG_USEC), 0);
        ck_assert_int_eq(payload_await_handler(child, SIGTERM, LONG_USEC), 0);
        ck_assert_int_eq(kill(child, SIGKILL), 0);
        ck_assert_int_eq(waitpid(child, NULL, 0), child);
        ck_assert_int_eq(payload_await_handler(child, SIGTERM, LONG_USEC), 0);
        ck_assert_int_eq(payload_await_handler(child, SIGTERM, 0), 0);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("host");
        TCase *tests = tcase_create("host");

        tcase_add_checked_fixture(tests, set_up, tear_down);
        tcase_add_test(tests, user_names_and_numbers);
        tcase_add_test(tests, users_that_are_not_there);
        tcase_add_test(tests, supplementary_groups);
        tcase_add_test(tests, a_million_groups);
        tcase_add_test(tests, no_databases);
        tcase_add_test(tests, databases_that_are_links);
        tcase_add_test(tests, databases_that_are_no_files);
        tcase_add_test(tests, database_of_100_mb);
        tcase_add_test(tests, highest_id);
        tcase_add_test(tests, environment_file);
        tcase_add_test(tests, environment_file_errors);
        tcase_add_test(tests, records);
        tcase_add_test(tests, effects_are_recorded);
        tcase_add_test(tests, damaged_effects_do_no_harm);
        tcase_add_test(tests, undoing_removes_the_bundle);
        tcase_add_test(tests, stop_signal_is_noted);
        tcase_add_test(tests, stopping);
        tcase_add_test(tests, waiting_for_a_handler);
        suite_add_tcase(suite, tests);
        return test_run(suite);
}
