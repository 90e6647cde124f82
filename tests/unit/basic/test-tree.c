/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Walking trees: what is visited, in which order, and what is not. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "basic/files.h"
#include "basic/path.h"
#include "basic/string-list.h"
#include "basic/tree.h"
#include "tests/unit/test.h"

typedef struct Seen {
        StringList names;
        const char *closed; /* the directory that is not entered */
        const char *fatal;  /* what ends the walk */
        int exchange_fd;    /* where "b" is exchanged for a symlink once it is visited */
} Seen;

static int see(int fd, const struct stat *st, void *userdata) {
        Seen *seen = userdata;
        char path[PATH_MAX];
        ssize_t n = readlink(fd_path(fd).text, path, sizeof(path) - 1);
        const char *name;

        ck_assert_int_gt(n, 0);
        path[n] = '\0';
        name = path_basename(path);
        ck_assert_int_eq(string_list_addf(&seen->names, "%s%s", name, S_ISLNK(st->st_mode) ? "@" : ""), 0);
        if (seen->exchange_fd >= 0 && streq(name, "b")) {
                ck_assert_int_eq(renameat(seen->exchange_fd, "b", seen->exchange_fd, "moved"), 0);
                ck_assert_int_eq(symlinkat("../kept", seen->exchange_fd, "b"), 0);
        }
        return streq_null(seen->fatal, name) ? -EIO : streq_null(seen->closed, name);
}

static void check_walk(const char *directory, Seen *seen, TreeWalk walk, int result, const char *names) {
        _cleanup_close_ int fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
        _cleanup_text_ Text text = {};

        walk.visit = see;
        walk.userdata = seen;
        ck_assert_int_eq(tree_walk(fd, &walk), result);
        for (size_t i = 1; i < seen->names.count; i++)
                text_appendf(&text, "%s ", seen->names.items[i]);
        ck_assert_str_eq(text.data, names);
        string_list_done(&seen->names);
}

START_TEST(visits_in_order) {
        _cleanup_test_directory_ char *directory = test_directory();
        _cleanup_free_ char *tree = path_join(directory, "tree");

        test_write(directory, "kept/file", "");
        test_write(directory, "tree/a/b/c/file", "");
        check_walk(tree, &(Seen) { .exchange_fd = -1 }, (TreeWalk) { .deepest = 4 }, 0, "a b c file ");
        check_walk(tree, &(Seen) { .exchange_fd = -1, .closed = "b" }, (TreeWalk) { .deepest = 4 }, 0, "a b ");
        check_walk(tree, &(Seen) { .exchange_fd = -1, .fatal = "b" }, (TreeWalk) { .deepest = 4 }, -EIO, "a b ");
        check_walk(tree, &(Seen) { .exchange_fd = -1 }, (TreeWalk) { .deepest = 2 }, -ELOOP, "a b c ");
        check_walk(tree, &(Seen) { .exchange_fd = -1 }, (TreeWalk) { .deepest = 2, .leave_out_deep = true }, 0,
                   "a b c ");
}
END_TEST

START_TEST(follows_no_symlink) {
        _cleanup_test_directory_ char *directory = test_directory();
        _cleanup_free_ char *tree = path_join(directory, "tree");

        test_write(directory, "kept/file", "");
        test_link(directory, "tree/a/kept", "../../kept");
        check_walk(tree, &(Seen) { .exchange_fd = -1 }, (TreeWalk) { .deepest = 4 }, 0, "a kept@ ");
}
END_TEST

START_TEST(stays_in_what_it_has_opened) {
        _cleanup_test_directory_ char *directory = test_directory();
        _cleanup_free_ char *a = path_join(directory, "tree/a");
        _cleanup_close_ int fd = -EBADF;
        Seen seen = {};

        test_write(directory, "tree/kept/secret", "");
        test_write(directory, "tree/a/b/file", "");
        fd = open(a, O_PATH | O_DIRECTORY | O_CLOEXEC);
        seen.exchange_fd = fd;
        /* "b" leads elsewhere when it is entered, but what was visited is what is entered. What is
         * beside it from then on may come or not. */
        ck_assert_int_eq(tree_walk(fd, &(TreeWalk) { see, &seen, 4, false }), 0);
        ck_assert(string_list_contains(&seen.names, "file"));
        ck_assert(!string_list_contains(&seen.names, "secret"));
        string_list_done(&seen.names);
}
END_TEST

START_TEST(pins_no_mount_point) {
        _cleanup_close_ int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

        ck_assert_int_eq(tree_pin(root, "proc"), -EXDEV);
        ck_assert_int_eq(tree_pin(root, "nonexistent"), -ENOENT);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("tree");
        TCase *cases = tcase_create("tree");

        tcase_add_test(cases, visits_in_order);
        tcase_add_test(cases, follows_no_symlink);
        tcase_add_test(cases, stays_in_what_it_has_opened);
        tcase_add_test(cases, pins_no_mount_point);
        suite_add_tcase(suite, cases);
        return test_run(suite);
}
