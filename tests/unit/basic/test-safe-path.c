/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Paths through what users can change. As anybody but root, who cannot give files to users, only
 * what needs no other user. */
#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "basic/safe-path.h"
#include "tests/unit/test.h"

enum { ALICE = 1000, BOB = 1001 };

static char *directory;

static void make(const char *name, const char *target, uid_t owner) {
        _cleanup_free_ char *path = path_join(directory, name), *to = path_join(directory, target ?: "");

        if (!target)
                ck_assert_int_eq(make_directories_at(AT_FDCWD, path, 0755), 0);
        else
                ck_assert_int_eq(symlink(target[0] == '/' ? to : target, path), 0);
        if (getuid() == 0)
                ck_assert_int_eq(lchown(path, owner, owner), 0);
}

static void allow(const char *name, mode_t mode) {
        _cleanup_free_ char *path = path_join(directory, name);

        ck_assert_int_eq(chmod(path, mode), 0);
}

static void set_up(void) {
        directory = test_directory();
        ck_assert_int_eq(chmod(directory, 0755), 0);
        make("root/deep", NULL, 0);
        make("alice", NULL, ALICE);
        make("alice/own", NULL, ALICE);
        make("alice/roots", NULL, 0);
        make("everybodys", NULL, 0);
        make("everybodys/roots", NULL, 0);
        make("protected", NULL, 0);
        make("protected/roots", NULL, 0);
        make("bob", NULL, BOB);
}

static void tear_down(void) {
        test_directory_done(&directory);
}

/* Opens the path, which is to lead to `expected`. */
static SafePath open_to(const char *name, const char *expected) {
        _cleanup_free_ char *path = path_join(directory, name), *real = realpath(directory, NULL), *wanted = NULL,
                            *link = NULL;
        SafePath safe = SAFE_PATH_INIT;

        wanted = path_join(real, expected);
        ck_assert_msg(safe_path_open(path, &safe, &link) == 0, "%s", name);
        ck_assert_str_eq(safe.path, wanted);
        return safe;
}

static void leads_to(const char *name, const char *expected) {
        SafePath safe = open_to(name, expected);
        safe_path_done(&safe);
}

static int open_error(const char *name, char **ret_link) {
        _cleanup_free_ char *path = path_join(directory, name);
        _cleanup_safe_path_ SafePath safe = SAFE_PATH_INIT;
        int r = safe_path_open(path, &safe, ret_link);

        ck_assert_int_eq(safe.fd, -EBADF);
        return r;
}

static void is_refused(const char *name, const char *culprit) {
        _cleanup_free_ char *link = NULL, *real = realpath(directory, NULL), *wanted = path_join(real, culprit);

        ck_assert_msg(open_error(name, &link) == -ENOLINK, "%s", name);
        ck_assert_str_eq(link, wanted);
}

START_TEST(plain_paths) {
        char *link = NULL;

        make("link", "root/deep", 0);
        make("absolute", "/link", 0);
        make("loop", "loop", 0);
        test_write(directory, "file", "");
        leads_to("root/deep", "root/deep");
        leads_to("root//deep/", "root/deep");
        leads_to("link", "root/deep");
        leads_to("absolute", "root/deep");
        leads_to("link/../deep/.", "root/deep");
        leads_to("file", "file");
        ck_assert_int_eq(open_error("missing", &link), -ENOENT);
        ck_assert_int_eq(open_error("file/below", &link), -ENOTDIR);
        ck_assert_int_eq(open_error("file/.", &link), -ENOTDIR);
        ck_assert_int_eq(open_error("loop", &link), -ELOOP);
        ck_assert_ptr_null(link);
}
END_TEST

START_TEST(links_of_users) {
        if (getuid() != 0)
                return;
        make("alice/away", "/root/deep", ALICE);
        make("alice/up", "../root", ALICE);
        make("alice/mine", "/alice/own", ALICE);
        make("alice/near", "own", ALICE);
        make("alice/second", "away", ALICE);
        make("alice/to-bob", "/bob/back", ALICE);
        make("bob/back", "/alice/own", BOB);
        make("bob/to-alice", "/alice/own", BOB);
        make("bobs", "bob/to-alice", 0);
        make("alices", "alice/mine", 0);
        is_refused("alice/away", "alice/away");
        is_refused("alice/up", "alice/up");
        is_refused("alice/up/deep", "alice/up");
        is_refused("alice/second", "alice/second");
        is_refused("alice/to-bob", "alice/to-bob");
        is_refused("bob/to-alice", "bob/to-alice");
        is_refused("bobs", "bob/to-alice");
        leads_to("alice/mine/..", "alice");
        leads_to("alice/mine", "alice/own");
        leads_to("alice/near", "alice/own");
        leads_to("alices", "alice/own");
}
END_TEST

START_TEST(what_users_may_exchange) {
        SafePath safe = open_to("root/deep", "root/deep");

        /* The directory of this test is in /tmp or the like, which is everybody's, but protects
         * it. */
        ck_assert(safe.fixed && !safe.loose && !safe.may_be_chosen);
        safe_path_done(&safe);
        ck_assert_int_eq(safe_path_open("/usr", &safe, NULL), 0);
        ck_assert(safe.fixed && !safe.may_be_chosen);
        safe_path_done(&safe);
        if (getuid() != 0)
                return;
        safe = open_to("alice/roots", "alice/roots");
        ck_assert(safe.may_be_chosen);
        safe_path_done(&safe);
        make("alice/of-root", "own", 0);
        allow("everybodys", 0777);
        allow("protected", 01777);
        safe = open_to("alice/of-root", "alice/own");
        ck_assert(safe.may_be_chosen);
        safe_path_done(&safe);
        safe = open_to("everybodys/roots", "everybodys/roots");
        ck_assert(safe.may_be_chosen && !safe.fixed);
        safe_path_done(&safe);
        safe = open_to("protected/roots", "protected/roots");
        ck_assert(!safe.may_be_chosen && safe.fixed);
        safe_path_done(&safe);
        safe = open_to("alice/own", "alice/own");
        ck_assert(!safe.may_be_chosen && !safe.fixed);
        ck_assert_str_eq(path_basename(safe.loose), "alice");
        safe_path_done(&safe);
}
END_TEST

/* As fast as can be: a directory, a symlink to root's, and the directory again. */
static pid_t start_exchanger(void) {
        pid_t pid = fork();

        ck_assert_int_ge(pid, 0);
        if (pid > 0)
                return pid;
        (void) prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (chdir(directory) < 0 || chdir("alice") < 0 || setgid(ALICE) < 0 || setuid(ALICE) < 0)
                _exit(EXIT_FAILURE);
        for (;;)
                if (symlink("../root/deep", "new") < 0 || rename("own", "old") < 0 || rename("new", "own") < 0 ||
                    unlink("own") < 0 || rename("old", "own") < 0)
                        _exit(EXIT_FAILURE);
}

START_TEST(is_not_outrun) {
        enum { ROUNDS = 20000, MOST_ROUNDS = 1000 * 1000 };
        _cleanup_free_ char *path = path_join(directory, "alice/own");
        unsigned refused = 0;
        pid_t pid;

        if (getuid() != 0)
                return;
        pid = start_exchanger();
        /* On a busy machine the other process may be away for long. */
        for (unsigned i = 0; i < ROUNDS || (refused == 0 && i < MOST_ROUNDS); i++) {
                _cleanup_safe_path_ SafePath safe = SAFE_PATH_INIT;
                _cleanup_free_ char *link = NULL;
                struct stat st;
                int r = safe_path_open(path, &safe, &link);

                refused += r == -ENOLINK;
                ck_assert_msg(r == 0 || r == -ENOLINK || r == -ENOENT || r == -EINVAL, "%s", strerror(-r));
                if (r == 0)
                        ck_assert(fstat(safe.fd, &st) == 0 && st.st_uid == ALICE);
        }
        ck_assert_int_eq(kill(pid, SIGKILL), 0);
        ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
        ck_assert_uint_gt(refused, 0);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("safe-path");
        TCase *tests = tcase_create("safe-path");

        tcase_add_checked_fixture(tests, set_up, tear_down);
        tcase_set_timeout(tests, 120);
        tcase_add_test(tests, plain_paths);
        tcase_add_test(tests, links_of_users);
        tcase_add_test(tests, what_users_may_exchange);
        tcase_add_test(tests, is_not_outrun);
        suite_add_tcase(suite, tests);
        return test_run(suite);
}
