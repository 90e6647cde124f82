/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The search path, masks, templates and drop-ins. */
#include "source/sources.h"

#include <errno.h>

#include "tests/unit/test.h"

static char *base; /* the test's directory; the search path is a, b, c in it */
static StringList search_path;

static void set_up(void) {
        base = test_directory();
        search_path = (StringList) {};
        ck_assert_int_eq(string_list_addf(&search_path, "%s/a", base), 0);
        ck_assert_int_eq(string_list_addf(&search_path, "%s/b", base), 0);
        ck_assert_int_eq(string_list_addf(&search_path, "%s/c", base), 0);
}

static void tear_down(void) {
        string_list_done(&search_path);
        test_directory_done(&base);
}

static void put(const char *name) {
        test_write(base, name, "[X]\nA=1\n");
}

static void put_all(const char *const names[]) {
        for (size_t i = 0; names[i]; i++)
                put(names[i]);
}

#define PUT_ALL(...) put_all((const char *const[]) { __VA_ARGS__, NULL })

/* Path names from the test's directory on. */
static const char *below(const char *path) {
        const char *rest = startswith(path, base);

        ck_assert_ptr_nonnull(rest);
        return rest + 1;
}

static char *describe(const Source *source) {
        _cleanup_text_ Text text = {};
        char *all;

        text_appendf(&text, "%s.%s %s%s", source->stem, file_type_name(source->type), below(source->path),
                     source->masked ? " masked" : "");
        for (size_t i = 0; i < source->drop_ins.count; i++)
                text_appendf(&text, " %s", below(source->drop_ins.items[i]));
        ck_assert_int_eq(text_take(&text, &all), 0);
        return all;
}

static void check_source(const Source *source, const char *expected) {
        _cleanup_free_ char *description = describe(source);
        ck_assert_str_eq(description, expected);
}

/* What a scan finds, a line each; source_find() must find the same, one by one. */
static void check_scan(const char *expected, const char *expected_diagnostics) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_sources_ Sources sources = {};
        _cleanup_free_ char *found = NULL, *messages = NULL;
        _cleanup_text_ Text text = {}, shortened = {};

        ck_assert_int_eq(sources_scan(&search_path, &sources, &diagnostics), 0);
        for (size_t i = 0; i < sources.count; i++) {
                const Source *source = &sources.items[i];
                _cleanup_free_ char *description = describe(source);
                _cleanup_source_ Source single = {};

                text_appendf(&text, "%s\n", description);
                ck_assert_ptr_eq(sources_find(&sources, source->type, source->stem), source);
                ck_assert_int_eq(source_find(&search_path, source->type, source->stem, &single), 0);
                check_source(&single, description);
        }
        ck_assert_int_eq(text_take(&text, &found), 0);
        ck_assert_str_eq(found, expected);
        diagnostics_sort(&diagnostics);
        for (size_t i = 0; i < diagnostics.count; i++)
                text_appendf(&shortened, "%s: %s\n", below(diagnostics.items[i].file), diagnostics.items[i].message);
        ck_assert_int_eq(text_take(&shortened, &messages), 0);
        ck_assert_str_eq(messages, expected_diagnostics);
}

static void check_find(FileType type, const char *stem, const char *expected) {
        _cleanup_source_ Source source = {};

        ck_assert_int_eq(source_find(&search_path, type, stem, &source), 0);
        check_source(&source, expected);
}

START_TEST(finds_nothing_in_nothing) {
        Source source;

        check_scan("", "");
        ck_assert_int_eq(source_find(&search_path, FILE_CONTAINER, "web", &source), -ENOENT);
        ck_assert_int_eq(source_find(&search_path, FILE_CONTAINER, "../a/web", &source), -ENOENT);
        ck_assert_int_eq(source_find(&search_path, FILE_CONTAINER, "", &source), -ENOENT);
}
END_TEST

START_TEST(first_directory_wins) {
        PUT_ALL("c/web.container", "b/web.container", "c/data.volume", "b/db.container", "a/db.container",
                "a/notes.txt", "b/web.volume");
        check_scan("db.container a/db.container\n"
                   "web.container b/web.container\n"
                   "data.volume c/data.volume\n"
                   "web.volume b/web.volume\n",
                   "");
}
END_TEST

START_TEST(searches_subdirectories) {
        PUT_ALL("a/n/web.container", "a/m/web.container", "a/z/web.container", "b/web.container",
                "a/m/deep/er/db.container", "b/db.container", "c/x/lan.network");
        check_scan("db.container a/m/deep/er/db.container\n"
                   "web.container a/m/web.container\n"
                   "lan.network c/x/lan.network\n",
                   "");
        put("a/web.container");
        check_find(FILE_CONTAINER, "web", "web.container a/web.container");
}
END_TEST

START_TEST(keeps_out_of_other_directories) {
        PUT_ALL("a/bundles/1.container", "a/runtime/2.container", "a/secrets/3.container", "a/users/4.container",
                "a/.git/5.container", "a/other.d/6.container", "a/7.container.d/7.container", "a/.8.container",
                "a/9.container/9.container", "a/10.container~");
        /* Only directly below a search directory. */
        PUT_ALL("a/x/bundles/in.container", "a/1000/in.volume");
        check_scan("in.container a/x/bundles/in.container\nin.volume a/1000/in.volume\n",
                   "a/.8.container: hidden files are not read\n");
}
END_TEST

START_TEST(keeps_out_of_other_users) {
        string_list_done(&search_path);
        ck_assert_int_eq(string_list_addf(&search_path, "%s/users", base), 0);
        PUT_ALL("users/1000/1.container", "users/1000x/2.container", "users/3.container");
        check_scan("2.container users/1000x/2.container\n3.container users/3.container\n", "");
}
END_TEST

START_TEST(masks) {
        PUT_ALL("b/web.container", "b/db.container", "b/web.container.d/1.conf");
        test_write(base, "a/web.container", "");
        test_link(base, "a/db.container", "/dev/null");
        check_scan("db.container a/db.container masked\nweb.container a/web.container masked\n", "");
}
END_TEST

START_TEST(reports_what_is_no_file) {
        _cleanup_free_ char *fifo = path_join(base, "a/fifo.container"),
                            *conf = path_join(base, "a/web.container.d/1.conf");

        PUT_ALL("b/fifo.container", "b/dangling.container", "a/web.container", "a/web.container.d/2.conf");
        test_link(base, "a/dangling.container", "nowhere");
        test_link(base, "a/loop.container", "loop.container");
        test_link(base, "a/zero.container", "/dev/zero");
        test_link(base, "a/web.container.d/3.conf", "nowhere");
        ck_assert_int_eq(mkfifo(fifo, 0600), 0);
        ck_assert_int_eq(mkfifo(conf, 0600), 0);
        check_scan("dangling.container b/dangling.container\n"
                   "fifo.container b/fifo.container\n"
                   "web.container a/web.container a/web.container.d/2.conf\n",
                   "a/dangling.container: ignored, the symbolic link leads nowhere\n"
                   "a/fifo.container: ignored, not a regular file\n"
                   "a/loop.container: ignored, the symbolic link leads nowhere\n"
                   "a/web.container.d/1.conf: ignored, not a regular file\n"
                   "a/web.container.d/3.conf: ignored, the symbolic link leads nowhere\n"
                   "a/zero.container: ignored, not a regular file\n");
}
END_TEST

START_TEST(reports_unreadable_directories) {
        PUT_ALL("b/web.container");
        test_write(base, "a", "a file");
        check_scan("web.container b/web.container\n", "a: Not a directory\n");
}
END_TEST

START_TEST(follows_links_once) {
        PUT_ALL("elsewhere/web.container", "a/db.container");
        test_link(base, "a/linked", "../elsewhere");
        test_link(base, "a/self", ".");
        test_link(base, "elsewhere/back", "../a");
        check_scan("db.container a/db.container\nweb.container a/linked/web.container\n", "");
}
END_TEST

START_TEST(orders_drop_ins_by_name) {
        PUT_ALL("a/foo-bar.container", "a/container.d/50.conf", "a/foo-.container.d/40.conf",
                "c/foo-bar.container.d/60.conf", "b/foo-bar.container.d/10.conf", "b/container.d/20.conf",
                "a/foo-bar.container.d/5.confx", "a/foo-bar.container.d/.1.conf", "a/foo.container.d/1.conf",
                "a/bar-.container.d/1.conf", "a/volume.d/1.conf", "a/foo-bar.volume.d/1.conf",
                "a/foo-@.container.d/1.conf", "a/foo-bar-.container.d/1.conf", "a/foo-bar@.container.d/1.conf");
        check_scan("foo-bar.container a/foo-bar.container b/foo-bar.container.d/10.conf b/container.d/20.conf "
                   "a/foo-.container.d/40.conf a/container.d/50.conf c/foo-bar.container.d/60.conf\n",
                   "");
}
END_TEST

START_TEST(specific_drop_ins_override) {
        /* From the most general to the most specific, each in a more important directory than the
         * next. */
        PUT_ALL("a/foo-bar@x.container", "a/container.d/1.conf", "a/foo-.container.d/1.conf");
        check_find(FILE_CONTAINER, "foo-bar@x", "foo-bar@x.container a/foo-bar@x.container a/foo-.container.d/1.conf");
        put("b/foo-@.container.d/1.conf");
        check_find(FILE_CONTAINER, "foo-bar@x", "foo-bar@x.container a/foo-bar@x.container b/foo-@.container.d/1.conf");
        put("b/foo-bar@.container.d/1.conf");
        check_find(FILE_CONTAINER, "foo-bar@x",
                   "foo-bar@x.container a/foo-bar@x.container b/foo-bar@.container.d/1.conf");
        put("c/foo-bar@x.container.d/1.conf");
        check_find(FILE_CONTAINER, "foo-bar@x",
                   "foo-bar@x.container a/foo-bar@x.container c/foo-bar@x.container.d/1.conf");
        put("c/foo-bar@x.container.d/0.conf");
        put("b/foo-bar@x.container.d/1.conf");
        check_scan("foo-bar@x.container a/foo-bar@x.container c/foo-bar@x.container.d/0.conf "
                   "b/foo-bar@x.container.d/1.conf\n",
                   "");
}
END_TEST

START_TEST(longer_prefixes_are_more_specific) {
        PUT_ALL("a/a-b-c.container", "a/a-.container.d/1.conf", "c/a-b-.container.d/1.conf", "a/a-.container.d/2.conf",
                "a/-.container.d/3.conf");
        check_scan("a-b-c.container a/a-b-c.container c/a-b-.container.d/1.conf a/a-.container.d/2.conf\n", "");
}
END_TEST

START_TEST(drop_ins_are_masked) {
        PUT_ALL("a/web.container", "b/web.container.d/1.conf", "b/container.d/2.conf", "b/web.container.d/3.conf");
        test_link(base, "a/web.container.d/1.conf", "/dev/null");
        test_write(base, "a/web.container.d/2.conf", "");
        check_scan("web.container a/web.container b/web.container.d/3.conf\n", "");
}
END_TEST

START_TEST(drop_ins_in_subdirectories) {
        PUT_ALL("a/sub/web.container", "a/sub/web.container.d/1.conf", "a/other/web.container.d/2.conf",
                "b/x/web.container.d/1.conf", "b/x/web.container.d/3.conf", "a/sub/container.d/0.conf");
        check_scan("web.container a/sub/web.container a/sub/container.d/0.conf a/sub/web.container.d/1.conf "
                   "a/other/web.container.d/2.conf "
                   "b/x/web.container.d/3.conf\n",
                   "");
}
END_TEST

START_TEST(drop_in_directories_may_be_linked) {
        PUT_ALL("a/web.container", "a/db.container", "shared/1.conf");
        test_link(base, "a/web.container.d", "../shared");
        test_link(base, "a/db.container.d", "../shared");
        test_link(base, "a/container.d", "nowhere");
        test_write(base, "a/volume.d", "no directory");
        check_scan("db.container a/db.container a/db.container.d/1.conf\nweb.container a/web.container "
                   "a/web.container.d/1.conf\n",
                   "");
}
END_TEST

START_TEST(instances_by_link) {
        PUT_ALL("b/foo@.container", "a/foo@.container.d/1.conf", "a/foo@x.container.d/2.conf");
        test_link(base, "a/foo@x.container", "../b/foo@.container");
        check_scan("foo@.container b/foo@.container a/foo@.container.d/1.conf\n"
                   "foo@x.container a/foo@x.container a/foo@.container.d/1.conf a/foo@x.container.d/2.conf\n",
                   "");
}
END_TEST

START_TEST(instances_of_templates) {
        _cleanup_sources_ Sources sources = {};
        const Source *added;
        Source source;

        PUT_ALL("b/foo@.container", "c/own@.container", "a/foo@x.container.d/2.conf", "a/zoo.container",
                "c/own@x.container");
        ck_assert_int_eq(sources_scan(&search_path, &sources, NULL), 0);
        ck_assert_uint_eq(sources.count, 4);
        ck_assert_ptr_null(sources_find(&sources, FILE_CONTAINER, "foo@x"));
        check_find(FILE_CONTAINER, "foo@x", "foo@x.container b/foo@.container a/foo@x.container.d/2.conf");
        /* A file of its own comes first wherever it is. */
        put("a/own@.container");
        check_find(FILE_CONTAINER, "own@x", "own@x.container c/own@x.container");

        ck_assert_int_eq(sources_add_instance(&sources, &search_path, FILE_CONTAINER, "foo@x", &added), 0);
        check_source(added, "foo@x.container b/foo@.container a/foo@x.container.d/2.conf");
        ck_assert_uint_eq(sources.count, 5);
        ck_assert_ptr_eq(sources_find(&sources, FILE_CONTAINER, "foo@x"), added);
        ck_assert_ptr_nonnull(sources_find(&sources, FILE_CONTAINER, "zoo"));
        ck_assert_ptr_nonnull(sources_find(&sources, FILE_CONTAINER, "foo@"));
        ck_assert_int_eq(sources_add_instance(&sources, &search_path, FILE_CONTAINER, "foo@x", NULL), 0);
        ck_assert_uint_eq(sources.count, 5);

        ck_assert_int_eq(sources_add_instance(&sources, &search_path, FILE_CONTAINER, "bar@x", NULL), -ENOENT);
        ck_assert_int_eq(sources_add_instance(&sources, &search_path, FILE_VOLUME, "foo@x", NULL), -ENOENT);
        ck_assert_int_eq(sources_add_instance(&sources, &search_path, FILE_CONTAINER, "bar", NULL), -ENOENT);
        ck_assert_int_eq(source_find(&search_path, FILE_CONTAINER, "bar@x", &source), -ENOENT);
}
END_TEST

START_TEST(from_a_path) {
        _cleanup_free_ char *path = path_join(base, "a/web.container"), *other = path_join(base, "a/notes.txt"),
                            *missing = path_join(base, "a/x.container"), *directory = path_join(base, "a/d.container"),
                            *fifo = path_join(base, "a/f.container");
        _cleanup_source_ Source source = {};
        Source refused;

        PUT_ALL("a/web.container", "a/notes.txt", "a/web.container.d/1.conf", "a/container.d/2.conf",
                "a/sub/web.container.d/3.conf", "b/web.container.d/4.conf", "a/d.container/x");
        ck_assert_int_eq(source_from_path(path, &source), 0);
        check_source(&source, "web.container a/web.container a/web.container.d/1.conf a/container.d/2.conf");
        ck_assert_int_eq(mkfifo(fifo, 0600), 0);
        ck_assert_int_eq(source_from_path(other, &refused), -EINVAL);
        ck_assert_int_eq(source_from_path(missing, &refused), -ENOENT);
        ck_assert_int_eq(source_from_path(directory, &refused), -EISDIR);
        ck_assert_int_eq(source_from_path(fifo, &refused), -EINVAL);
}
END_TEST

START_TEST(from_a_relative_path) {
        _cleanup_source_ Source source = {};

        PUT_ALL("web.container", "web.container.d/1.conf");
        ck_assert_int_eq(chdir(base), 0);
        ck_assert_int_eq(source_from_path("web.container", &source), 0);
        ck_assert_str_eq(source.path, "web.container");
        ck_assert_uint_eq(source.drop_ins.count, 1);
        ck_assert_str_eq(source.drop_ins.items[0], "./web.container.d/1.conf");
}
END_TEST

START_TEST(reads_in_order) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_unit_file_ UnitFile unit = {};
        _cleanup_source_ Source source = {};

        test_write(base, "a/web.container", "[C]\nA=main\n");
        test_write(base, "a/web.container.d/2.conf", "[C]\nA=second\n");
        test_write(base, "b/container.d/1.conf", "[C]\nA=first\nbroken\n");
        ck_assert_int_eq(source_find(&search_path, FILE_CONTAINER, "web", &source), 0);
        ck_assert_int_eq(source_read(&source, &unit, &diagnostics), 0);
        ck_assert_uint_eq(unit.count, 3);
        ck_assert_str_eq(unit.entries[0].value, "main");
        ck_assert_str_eq(unit.entries[1].value, "first");
        ck_assert_str_eq(unit.entries[2].value, "second");
        ck_assert_str_eq(below(unit.entries[1].where.file), "b/container.d/1.conf");
        ck_assert_uint_eq(diagnostics.count, 1);
        ck_assert_str_eq(below(diagnostics.items[0].file), "b/container.d/1.conf");
}
END_TEST

/* Nothing may block: the test would not end. */
START_TEST(reads_only_regular_files_of_a_size) {
        _cleanup_free_ char *fifo = path_join(base, "fifo"), *big = path_join(base, "big"), *messages = NULL;
        _cleanup_free_ char *expected = text_format("%s: error: cannot be read: not a regular file\n"
                                                    "%s/nothing: error: cannot be read: No such file or directory\n"
                                                    "%s: error: larger than 1 MiB\n"
                                                    "/dev/zero: error: cannot be read: not a regular file\n",
                                                    fifo, base, big);
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_unit_file_ UnitFile unit = {};
        _cleanup_source_ Source source = { .path = strdup(fifo) };

        ck_assert_int_eq(mkfifo(fifo, 0600), 0);
        test_write(base, "big", "[A]\n");
        ck_assert_int_eq(truncate(big, 1024 * 1024 + 1), 0);
        ck_assert_int_eq(string_list_addf(&source.drop_ins, "%s/nothing", base), 0);
        ck_assert_int_eq(string_list_add(&source.drop_ins, big), 0);
        ck_assert_int_eq(string_list_add(&source.drop_ins, "/dev/zero"), 0);
        ck_assert_int_eq(string_list_add(&source.drop_ins, "/dev/null"), 0);
        ck_assert_int_eq(source_read(&source, &unit, &diagnostics), 0);
        ck_assert_uint_eq(unit.count, 0);
        messages = test_diagnostics(&diagnostics);
        ck_assert_str_eq(messages, expected);
}
END_TEST

START_TEST(masked_is_not_read) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_unit_file_ UnitFile unit = {};
        _cleanup_source_ Source source = {};

        put("a/web.container.d/1.conf");
        test_write(base, "a/web.container", "");
        ck_assert_int_eq(source_find(&search_path, FILE_CONTAINER, "web", &source), 0);
        ck_assert_int_eq(source_read(&source, &unit, &diagnostics), 0);
        ck_assert_uint_eq(unit.count, 0);
        ck_assert_uint_eq(diagnostics.count, 0);
}
END_TEST

START_TEST(scans_a_thousand_files) {
        _cleanup_sources_ Sources sources = {};

        for (unsigned i = 0; i < 1000; i++) {
                _cleanup_free_ char *name = text_format("b/web-%u.container", i),
                                    *conf = text_format("b/web-%u.container.d/1.conf", i);
                put(name);
                if (i % 10 == 0)
                        put(conf);
        }
        put("a/container.d/0.conf");
        ck_assert_int_eq(sources_scan(&search_path, &sources, NULL), 0);
        ck_assert_uint_eq(sources.count, 1000);
        ck_assert_uint_eq(sources.items[0].drop_ins.count, 2);
}
END_TEST

static void check_search_path(Scope scope, const char *expected) {
        _cleanup_string_list_ StringList path = {};
        _cleanup_text_ Text text = {};
        _cleanup_free_ char *joined = NULL;

        ck_assert_int_eq(search_path_get(scope, &path), 0);
        for (size_t i = 0; i < path.count; i++)
                text_appendf(&text, "%s%s", i > 0 ? ":" : "", path.items[i]);
        ck_assert_int_eq(text_take(&text, &joined), 0);
        ck_assert_str_eq(joined, expected);
}

#define SYSTEM_PATH "/etc/berth:/run/berth:/usr/local/lib/berth:/usr/lib/berth"

START_TEST(search_path_of_the_system) {
        ck_assert_int_eq(unsetenv("BERTH_UNIT_PATH"), 0);
        check_search_path(SCOPE_SYSTEM, SYSTEM_PATH);
        ck_assert_int_eq(setenv("BERTH_UNIT_PATH", "/x:/y", 1), 0);
        check_search_path(SCOPE_SYSTEM, "/x:/y");
        check_search_path(SCOPE_USER, "/x:/y");
        ck_assert_int_eq(setenv("BERTH_UNIT_PATH", "/x::/y:", 1), 0);
        check_search_path(SCOPE_SYSTEM, "/x:/y:" SYSTEM_PATH);
        ck_assert_int_eq(setenv("BERTH_UNIT_PATH", "", 1), 0);
        check_search_path(SCOPE_SYSTEM, SYSTEM_PATH);
}
END_TEST

START_TEST(search_path_of_a_user) {
        _cleanup_free_ char *rest = text_format("/etc/berth/users/%lu:/etc/berth/users:/usr/lib/berth/users",
                                                (unsigned long) getuid()),
                            *expected = text_format("/home/x/.config/berth:/run/user/7/berth:%s", rest),
                            *other = text_format("/conf/berth:%s", rest);

        ck_assert_int_eq(unsetenv("BERTH_UNIT_PATH"), 0);
        ck_assert_int_eq(setenv("HOME", "/home/x", 1), 0);
        ck_assert_int_eq(setenv("XDG_RUNTIME_DIR", "/run/user/7", 1), 0);
        ck_assert_int_eq(unsetenv("XDG_CONFIG_HOME"), 0);
        check_search_path(SCOPE_USER, expected);
        ck_assert_int_eq(setenv("XDG_CONFIG_HOME", "/conf", 1), 0);
        ck_assert_int_eq(unsetenv("XDG_RUNTIME_DIR"), 0);
        check_search_path(SCOPE_USER, other);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("sources");
        TCase *cases = tcase_create("sources");

        tcase_add_checked_fixture(cases, set_up, tear_down);
        tcase_add_test(cases, finds_nothing_in_nothing);
        tcase_add_test(cases, first_directory_wins);
        tcase_add_test(cases, searches_subdirectories);
        tcase_add_test(cases, keeps_out_of_other_directories);
        tcase_add_test(cases, keeps_out_of_other_users);
        tcase_add_test(cases, masks);
        tcase_add_test(cases, reports_what_is_no_file);
        tcase_add_test(cases, reports_unreadable_directories);
        tcase_add_test(cases, follows_links_once);
        tcase_add_test(cases, orders_drop_ins_by_name);
        tcase_add_test(cases, specific_drop_ins_override);
        tcase_add_test(cases, longer_prefixes_are_more_specific);
        tcase_add_test(cases, drop_ins_are_masked);
        tcase_add_test(cases, drop_ins_in_subdirectories);
        tcase_add_test(cases, drop_in_directories_may_be_linked);
        tcase_add_test(cases, instances_by_link);
        tcase_add_test(cases, instances_of_templates);
        tcase_add_test(cases, from_a_path);
        tcase_add_test(cases, from_a_relative_path);
        tcase_add_test(cases, reads_in_order);
        tcase_add_test(cases, reads_only_regular_files_of_a_size);
        tcase_add_test(cases, masked_is_not_read);
        tcase_add_test(cases, scans_a_thousand_files);
        tcase_add_test(cases, search_path_of_the_system);
        tcase_add_test(cases, search_path_of_a_user);
        suite_add_tcase(suite, cases);
        return test_run(suite);
}
