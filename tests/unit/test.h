/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the unit tests share: running a suite, and a directory to write into. */
#pragma once

#include <check.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "basic/diagnostics.h"
#include "basic/files.h"
#include "basic/path.h"
#include "basic/text.h"

/* Runs the suite and gives main()'s result. */
static inline int test_run(Suite *suite) {
        SRunner *runner = srunner_create(suite);
        int failed;

        srunner_run_all(runner, CK_NORMAL);
        failed = srunner_ntests_failed(runner);
        srunner_free(runner);
        return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* A new empty directory; the caller removes it with test_directory_done(). */
static inline char *test_directory(void) {
        const char *parent = getenv("TMPDIR");
        char *path = text_format("%s/berth-test-XXXXXX", parent && *parent ? parent : "/tmp");

        ck_assert_ptr_nonnull(path);
        ck_assert_ptr_nonnull(mkdtemp(path));
        return path;
}

static inline void test_directory_done(char **path) {
        if (*path)
                ck_assert_int_eq(remove_tree_at(AT_FDCWD, *path), 0);
        free(*path);
}
#define _cleanup_test_directory_ _cleanup_(test_directory_done)

/* Writes a file below `directory`, with the directories that it needs. */
static inline void test_write(const char *directory, const char *name, const char *text) {
        _cleanup_free_ char *path = path_join(directory, name), *parent = path_dirname(path);

        ck_assert_int_eq(make_directories_at(AT_FDCWD, parent, 0755), 0);
        ck_assert_int_eq(write_file_atomic_at(AT_FDCWD, path, text, strlen(text), 0644), 0);
}

/* Makes a symlink below `directory`, with the directories that it needs. */
static inline void test_link(const char *directory, const char *name, const char *target) {
        _cleanup_free_ char *path = path_join(directory, name), *parent = path_dirname(path);

        ck_assert_int_eq(make_directories_at(AT_FDCWD, parent, 0755), 0);
        ck_assert_int_eq(symlinkat(target, AT_FDCWD, path), 0);
}

/* A symlink is there wherever it leads. */
static inline bool test_exists(const char *directory, const char *name) {
        _cleanup_free_ char *path = path_join(directory, name);

        return faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) >= 0;
}

/* All diagnostics in order, a line each. Caller frees. */
static inline char *test_diagnostics(const Diagnostics *diagnostics) {
        _cleanup_text_ Text text = {};
        char *all;

        for (size_t i = 0; i < diagnostics->count; i++) {
                _cleanup_free_ char *line = NULL;
                ck_assert_int_eq(diagnostic_format(&diagnostics->items[i], &line), 0);
                text_appendf(&text, "%s\n", line);
        }
        ck_assert_int_eq(text_take(&text, &all), 0);
        return all;
}
