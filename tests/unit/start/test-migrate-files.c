/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The files of a migration, there and back. */
#include "start/migrate/migrate-files.h"

#include <errno.h>

#include "tests/unit/test.h"

static char *top, *quadlets, *home;

static void in(const char *directory, const char *name, char **ret) {
        *ret = text_format("%s/%s", directory, name);
        ck_assert_ptr_nonnull(*ret);
}

/* NULL: it is not there. */
static void has(const char *directory, const char *name, const char *expected) {
        _cleanup_free_ char *path = NULL, *text = NULL;
        int r;

        in(directory, name, &path);
        r = read_file_at(AT_FDCWD, path, 4096, &text, NULL);
        ck_assert_msg(expected ? r == 0 : r == -ENOENT, "%s: %d", path, r);
        ck_assert_pstr_eq(text, expected);
}

static void begin(void) {
        top = test_directory();
        in(top, "quadlets", &quadlets);
        in(top, "home", &home);
        test_write(quadlets, "db.container", "db");
        test_write(quadlets, "db.env", "A=1");
        test_write(quadlets, "team/web.container", "web");
        test_write(quadlets, "team/web.container.d/x.conf", "x");
}

static void end(void) {
        test_directory_done(&top);
        free(quadlets);
        free(home);
}

static void add(MigratePlan *plan, const char *name, bool is_unit) {
        _cleanup_free_ char *from = NULL, *to = NULL;

        in(quadlets, name, &from);
        in(home, name, &to);
        ck_assert_int_eq(migrate_plan_add_file(plan, from, to, is_unit), 0);
        ck_assert_int_eq(is_unit ? string_list_add(&plan->record.files, from)
                                 : string_list_add(&plan->record.copies, to), 0);
}

static void make_plan(MigratePlan *plan) {
        ck_assert_int_eq(string_list_add(&plan->directories, quadlets), 0);
        add(plan, "db.container", true);
        add(plan, "db.env", false);
        add(plan, "team/web.container", true);
        add(plan, "team/web.container.d/x.conf", false);
        ck_assert_int_eq(ARRAY_RESERVE(plan->drop_ins, plan->drop_ins_allocated, 1), 0);
        plan->drop_in_count = 1;
        in(home, "db.container.d/" MIGRATED_DROP_IN, &plan->drop_ins[0].path);
        plan->drop_ins[0].text = strdup("made");
}

static void is_there(void) {
        has(quadlets, "db.container", NULL);
        has(quadlets, "db.container" MIGRATED_ENDING, "db");
        has(quadlets, "team/web.container" MIGRATED_ENDING, "web");
        has(quadlets, "db.env", "A=1");
        has(home, "db.container", "db");
        has(home, "db.env", "A=1");
        has(home, "team/web.container", "web");
        has(home, "team/web.container.d/x.conf", "x");
        has(home, "db.container.d/" MIGRATED_DROP_IN, "made");
}

static void is_back(void) {
        has(quadlets, "db.container", "db");
        has(quadlets, "db.container" MIGRATED_ENDING, NULL);
        has(quadlets, "team/web.container", "web");
        has(home, "db.container", NULL);
        has(home, "db.env", NULL);
        has(home, "team/web.container", NULL);
        has(home, "team", NULL);
        has(home, "db.container.d", NULL);
}

static int restore(const MigratePlan *plan) {
        _cleanup_free_ char *what = NULL;

        return migrate_files_restore(&plan->directories, home, &plan->record.files, &plan->record.copies, &what);
}

START_TEST(there_and_back) {
        _cleanup_migrate_plan_ MigratePlan plan = {};
        _cleanup_string_list_ StringList originals = {}, copies = {}, some = {}, none = {};
        const char *what;

        make_plan(&plan);
        ck_assert_int_eq(migrate_files_put(&plan, &what), 0);
        is_there();
        ck_assert_int_eq(migrate_files_put(&plan, &what), 0);
        is_there();
        ck_assert_int_eq(migrate_files_list(&plan.directories, home, &none, &originals, &copies), 0);
        ck_assert_uint_eq(copies.count, 2);
        ck_assert_str_eq(originals.items[0], plan.record.files.items[0]);
        ck_assert_int_eq(string_list_add(&none, originals.items[1]), 0);
        ck_assert_int_eq(migrate_files_list(&plan.directories, home, &none, &some, &some), 0);
        ck_assert_uint_eq(some.count, 2);
        ck_assert_int_eq(restore(&plan), 0);
        is_back();
        ck_assert_int_eq(restore(&plan), 0);
        is_back();
}
END_TEST

/* One was renamed, and then nothing came any more. */
START_TEST(interrupted) {
        _cleanup_migrate_plan_ MigratePlan plan = {};
        const char *what;

        make_plan(&plan);
        plan.file_count = 1;
        ck_assert_int_eq(migrate_files_put(&plan, &what), 0);
        plan.file_count = 4;
        test_write(home, "db.container", "");
        ck_assert_int_eq(restore(&plan), 0);
        has(home, "db.container.changed", "");
        is_back();
        ck_assert_int_eq(migrate_files_put(&plan, &what), 0);
        is_there();
}
END_TEST

START_TEST(changed_meanwhile) {
        _cleanup_migrate_plan_ MigratePlan plan = {};
        const char *what;

        make_plan(&plan);
        ck_assert_int_eq(migrate_files_put(&plan, &what), 0);
        test_write(home, "db.container", "db of today");
        test_write(home, "team/web.container.d/x.conf", "x of today");
        ck_assert_int_eq(restore(&plan), 0);
        has(home, "db.container", NULL);
        has(home, "db.container.changed", "db of today");
        has(home, "team/web.container.d/x.conf", "x of today");
        ck_assert_int_eq(migrate_files_put(&plan, &what), 0);
        /* Somebody has put the file there again: which of both counts is not for us to say. */
        test_write(quadlets, "db.container", "another");
        ck_assert_int_eq(restore(&plan), -EEXIST);
        has(quadlets, "db.container", "another");
        has(quadlets, "db.container" MIGRATED_ENDING, "db");
}
END_TEST

int main(void) {
        Suite *suite = suite_create("migrate-files");
        TCase *files = tcase_create("files");

        tcase_add_checked_fixture(files, begin, end);
        tcase_add_test(files, there_and_back);
        tcase_add_test(files, interrupted);
        tcase_add_test(files, changed_meanwhile);
        suite_add_tcase(suite, files);
        return test_run(suite);
}
