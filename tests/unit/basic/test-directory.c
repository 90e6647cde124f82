/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reading directories: what is an entry, the end, and a failure. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "basic/directory.h"
#include "tests/unit/test.h"

START_TEST(entries_and_the_end) {
        _cleanup_test_directory_ char *path = test_directory();
        _cleanup_string_list_ StringList names = {};
        _cleanup_closedir_ DIR *directory = NULL;
        const struct dirent *entry;

        test_write(path, "b", "");
        test_write(path, ".hidden", "");
        test_link(path, "a", "nowhere");
        ck_assert_int_eq(directory_open(path, &directory), 0);
        while (directory_next(directory, &entry) > 0)
                ck_assert_int_eq(string_list_add(&names, entry->d_name), 0);
        string_list_sort(&names);
        ck_assert_uint_eq(names.count, 3);
        ck_assert_str_eq(names.items[0], ".hidden");
        ck_assert_str_eq(names.items[1], "a");
        ck_assert_str_eq(names.items[2], "b");
        errno = EIO; /* what is in there from before is no failure */
        ck_assert_int_eq(directory_next(directory, &entry), 0);
}
END_TEST

START_TEST(failure_is_not_the_end) {
        _cleanup_test_directory_ char *path = test_directory();
        _cleanup_close_ int other = open("/dev/null", O_RDONLY | O_CLOEXEC);
        _cleanup_closedir_ DIR *directory = NULL;
        const struct dirent *entry = NULL;

        test_write(path, "a", "");
        ck_assert_int_eq(directory_open(path, &directory), 0);
        /* Where the directory was there is now what cannot be read as one. */
        ck_assert_int_eq(dup3(other, dirfd(directory), O_CLOEXEC), dirfd(directory));
        ck_assert_int_eq(directory_next(directory, &entry), -ENOTDIR);
        ck_assert_int_eq(directory_next(directory, &entry), -ENOTDIR);
        ck_assert_ptr_null(entry);
}
END_TEST

START_TEST(removed_directory_is_at_its_end) {
        _cleanup_test_directory_ char *path = test_directory();
        _cleanup_closedir_ DIR *directory = NULL;
        const struct dirent *entry;

        ck_assert_int_eq(directory_open(path, &directory), 0);
        ck_assert_int_eq(rmdir(path), 0);
        ck_assert_int_eq(directory_next(directory, &entry), 0);
}
END_TEST

START_TEST(what_is_no_directory) {
        _cleanup_test_directory_ char *path = test_directory();
        _cleanup_close_ int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        _cleanup_string_list_ StringList names = {};
        _cleanup_closedir_ DIR *directory = NULL;
        int file;

        test_write(path, "file", "");
        test_link(path, "link", ".");
        ck_assert_int_eq(directory_open_at(fd, "missing", 0, &directory), -ENOENT);
        ck_assert_int_eq(directory_open_at(fd, "file", 0, &directory), -ENOTDIR);
        ck_assert_int_eq(directory_open_at(fd, "link", O_NOFOLLOW, &directory), -ENOTDIR);
        ck_assert_ptr_null(directory);
        ck_assert_int_eq(directory_open_at(fd, "link", 0, &directory), 0);
        /* It is taken over in any case. */
        file = openat(fd, "file", O_RDONLY | O_CLOEXEC);
        ck_assert_int_eq(directory_take(file, &directory), -ENOTDIR);
        ck_assert_int_eq(fcntl(file, F_GETFD), -1);
        ck_assert_int_eq(directory_list("/nonexistent/directory", &names), 0);
        ck_assert_uint_eq(names.count, 0);
        ck_assert_int_eq(directory_list("/dev/null", &names), -ENOTDIR);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("directory");
        TCase *cases = tcase_create("directory");

        tcase_add_test(cases, entries_and_the_end);
        tcase_add_test(cases, failure_is_not_the_end);
        tcase_add_test(cases, removed_directory_is_at_its_end);
        tcase_add_test(cases, what_is_no_directory);
        suite_add_tcase(suite, cases);
        return test_run(suite);
}
