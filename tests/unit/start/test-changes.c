/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What an overlay's upper directory says has changed, with directories as overlayfs makes them. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "basic/files.h"
#include "basic/path.h"
#include "start/changes/container-changes.h"
#include "tests/unit/test.h"

static void make_whiteout(const char *directory, const char *path) {
        _cleanup_free_ char *whole = path_join(directory, path), *parent = path_dirname(whole);

        ck_assert_int_eq(make_directories_at(AT_FDCWD, parent, 0755), 0);
        ck_assert_int_eq(mknod(whole, S_IFCHR, 0), 0);
}

/* Returns false where the file system has no attributes of users. */
static bool make_opaque(const char *directory, const char *path) {
        _cleanup_free_ char *whole = path_join(directory, path);

        ck_assert_int_eq(make_directories_at(AT_FDCWD, whole, 0755), 0);
        return setxattr(whole, "user.overlay.opaque", "y", 1, 0) >= 0;
}

/* Of "upper" over "top" over "bottom". */
static void check_changes(const char *directory, int result, const char *expected) {
        static const char *const names[] = { "upper", "top", "bottom" };
        _cleanup_changes_ Changes changes = {};
        _cleanup_text_ Text text = {};
        int fds[ARRAY_SIZE(names)];

        for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
                _cleanup_free_ char *path = path_join(directory, names[i]);

                ck_assert_int_eq(make_directories_at(AT_FDCWD, path, 0755), 0);
                fds[i] = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
        }
        ck_assert_int_eq(changes_compare(fds[0], fds + 1, 2, &changes), result);
        for (size_t i = 0; i < changes.count; i++)
                text_appendf(&text, "%c %s\n", changes.items[i].kind, changes.items[i].path);
        ck_assert_str_eq(text.data ?: "", expected);
        for (size_t i = 0; i < ARRAY_SIZE(names); i++)
                fd_close(fds[i]);
}

START_TEST(tells_added_from_changed) {
        _cleanup_test_directory_ char *directory = test_directory();

        check_changes(directory, 0, "");
        test_write(directory, "bottom/etc/old", "");
        test_write(directory, "bottom/etc/gone", "");
        test_write(directory, "bottom/etc/back", "");
        make_whiteout(directory, "top/etc/back");
        test_write(directory, "top/usr/kept", "");
        check_changes(directory, 0, "");
        test_write(directory, "upper/etc/old", "");
        test_write(directory, "upper/etc/new", "");
        test_write(directory, "upper/etc/back", "");
        make_whiteout(directory, "upper/etc/gone");
        make_whiteout(directory, "upper/usr");
        test_link(directory, "upper/var/link", "/etc");
        check_changes(directory, 0, "C /etc\nA /etc/back\nD /etc/gone\nA /etc/new\nC /etc/old\nD /usr\nA /var\n"
                                    "A /var/link\n");
}
END_TEST

START_TEST(a_directory_that_was_made_anew) {
        _cleanup_test_directory_ char *directory = test_directory();

        test_write(directory, "bottom/a/b/deep", "");
        test_write(directory, "bottom/a/one", "");
        test_write(directory, "bottom/a/two", "");
        test_write(directory, "top/a/three", "");
        make_whiteout(directory, "top/a/two");
        test_write(directory, "upper/a/b/new", "");
        test_write(directory, "upper/a/three", "");
        if (!make_opaque(directory, "upper/a"))
                return;
        check_changes(directory, 0, "C /a\nC /a/b\nD /a/b/deep\nA /a/b/new\nD /a/one\nC /a/three\n");
        if (make_opaque(directory, "top/a"))
                check_changes(directory, 0, "C /a\nA /a/b\nA /a/b/new\nC /a/three\n");
}
END_TEST

START_TEST(another_kind_of_thing) {
        _cleanup_test_directory_ char *directory = test_directory();

        test_write(directory, "bottom/file/in", "");
        test_write(directory, "bottom/directory", "");
        test_write(directory, "upper/file", "");
        test_write(directory, "upper/directory/in", "");
        /* Symlinks lead nowhere, whoever has made them. */
        test_link(directory, "bottom/link", "/");
        test_write(directory, "upper/link/etc", "");
        check_changes(directory, 0, "C /directory\nA /directory/in\nC /file\nC /link\nA /link/etc\n");
}
END_TEST

START_TEST(too_deep) {
        _cleanup_test_directory_ char *directory = test_directory();
        _cleanup_text_ Text path = {};

        text_append(&path, "upper");
        for (unsigned i = 0; i < 130; i++)
                text_append(&path, "/d");
        text_append(&path, "/file");
        test_write(directory, path.data, "");
        check_changes(directory, -ELOOP, "");
}
END_TEST

int main(void) {
        Suite *suite = suite_create("changes");
        TCase *cases = tcase_create("changes");

        tcase_add_test(cases, tells_added_from_changed);
        tcase_add_test(cases, a_directory_that_was_made_anew);
        tcase_add_test(cases, another_kind_of_thing);
        tcase_add_test(cases, too_deep);
        suite_add_tcase(suite, cases);
        return test_run(suite);
}
