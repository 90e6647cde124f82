/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What becomes of a checkpoint's directory, and what CRIU's log says of a failure. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "start/checkpoint/checkpoint-store.h"
#include "start/checkpoint/criu-log.h"
#include "tests/unit/test.h"

static void check_content(int directory_fd, const char *path, const char *expected) {
        _cleanup_free_ char *text = NULL;

        ck_assert_int_eq(read_file_at(directory_fd, path, 100, &text, NULL), 0);
        ck_assert_str_eq(text, expected);
}

START_TEST(a_whole_one_takes_the_place_of_another) {
        _cleanup_test_directory_ char *directory = test_directory();
        _cleanup_close_ int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        ck_assert_int_ge(fd, 0);
        ck_assert_int_eq(checkpoint_commit(fd), -ENOENT);
        test_write(directory, CHECKPOINT_NEW "/config.json", "one");
        ck_assert_int_eq(checkpoint_commit(fd), 0);
        check_content(fd, CHECKPOINT_WHOLE "/config.json", "one");
        test_write(directory, CHECKPOINT_NEW "/config.json", "two");
        test_write(directory, CHECKPOINT_NEW "/upper/file", "");
        ck_assert_int_eq(checkpoint_commit(fd), 0);
        check_content(fd, CHECKPOINT_WHOLE "/config.json", "two");
        ck_assert_int_lt(faccessat(fd, CHECKPOINT_NEW, F_OK, 0), 0);
}
END_TEST

START_TEST(options_are_written_down) {
        _cleanup_test_directory_ char *directory = test_directory();
        _cleanup_close_ int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        ck_assert_int_ge(fd, 0);
        ck_assert_int_eq(checkpoint_write_options(fd, &(CheckpointOptions) {}), 0);
        check_content(fd, CHECKPOINT_SLEEPS, "restore\n");
        ck_assert_int_eq(checkpoint_write_options(fd, &(CheckpointOptions) { true, true, true, false, false }), 0);
        check_content(fd, CHECKPOINT_SLEEPS, "restore\ntcp-established\nfile-locks\nkeep\n");
        ck_assert_int_eq(checkpoint_write_options(fd, &(CheckpointOptions) { .ignore_static_ip = true }), 0);
        check_content(fd, CHECKPOINT_SLEEPS, "restore\nignore-static-ip\n");
        ck_assert_int_eq(checkpoint_write_options(fd, &(CheckpointOptions) { .or_fresh = true }), 0);
        check_content(fd, CHECKPOINT_SLEEPS, "restore\nor-fresh\n");
        ck_assert_int_eq(checkpoint_write_settings(fd, false), 0);
        check_content(fd, CHECKPOINT_SETTINGS, "network-lock nftables\nghost-limit 67108864\n");
        ck_assert_int_eq(checkpoint_write_settings(fd, true), 0);
        check_content(fd, CHECKPOINT_SETTINGS, "network-lock nftables\nghost-limit 67108864\ntcp-close\n");
}
END_TEST

static void check_reason(const char *log, const char *expected) {
        _cleanup_test_directory_ char *directory = test_directory();
        _cleanup_free_ char *reason = NULL;
        int r;

        if (log)
                test_write(directory, "dump.log", log);
        r = criu_log_read_error(directory, "dump.log", &reason);
        ck_assert_int_eq(r, log && *log ? expected != NULL : -ENOENT);
        if (expected)
                ck_assert_str_eq(reason, expected);
}

START_TEST(the_first_error_is_the_reason) {
        check_reason(NULL, NULL);
        check_reason("", NULL);
        check_reason("(00.001) Unlock network\n(00.002) Warn  (criu/net.c:1): net: odd\n", NULL);
        check_reason("(00.001) Error (criu/util.c:1533): rlimit: Can't setup RLIMIT_NOFILE for self: Operation not "
                     "permitted\n"
                     "(00.002) Error (criu/util.c:1722): iptables-save -V failed\n"
                     "(00.003) Error (criu/util.c:642): exited, status=1\n"
                     "(00.004)      1: Error (criu/sysctl.c:258): Can't open sysctl kernel/hostname\n"
                     "(00.005) Error (criu/cr-restore.c:2320): Restoring FAILED.\n",
                     "CRIU says: Can't open sysctl kernel/hostname");
        check_reason("Error (cut off", NULL);
        check_reason("Error (criu/a.c:1): ", "CRIU says: ");
}
END_TEST

int main(void) {
        Suite *suite = suite_create("checkpoint");
        TCase *cases = tcase_create("checkpoint");

        tcase_add_test(cases, a_whole_one_takes_the_place_of_another);
        tcase_add_test(cases, options_are_written_down);
        tcase_add_test(cases, the_first_error_is_the_reason);
        suite_add_tcase(suite, cases);
        return test_run(suite);
}
