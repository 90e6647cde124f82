/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Strings, lists, paths, files, hostile root directories, diagnostics. */
#include <errno.h>
#include <limits.h>
#include <linux/capability.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "basic/byte-stream.h"
#include "basic/disk-usage.h"
#include "basic/privileges.h"
#include "basic/root.h"
#include "basic/string-list.h"
#include "tests/unit/test.h"

START_TEST(text_grows) {
        _cleanup_text_ Text text = {};
        _cleanup_free_ char *taken = NULL, *empty = NULL;

        ck_assert_int_eq(text_take(&text, &empty), 0);
        ck_assert_str_eq(empty, "");
        text_append(&text, "a");
        text_append_char(&text, 'b');
        text_append_n(&text, "cdef", 2);
        text_appendf(&text, "%d%s", 7, "x");
        ck_assert_str_eq(text.data, "abcd7x");
        ck_assert_uint_eq(text.length, 6);
        for (unsigned i = 0; i < 10000; i++)
                text_append(&text, "0123456789");
        ck_assert_uint_eq(text.length, 100006);
        ck_assert_int_eq(text_take(&text, &taken), 0);
        ck_assert_uint_eq(strlen(taken), 100006);
        ck_assert_ptr_null(text.data);
        ck_assert_uint_eq(text.length, 0);
}
END_TEST

START_TEST(text_remembers_failure) {
        _cleanup_text_ Text text = {};
        char *taken = NULL;

        text_append(&text, "a");
        text_append_n(&text, "b", SIZE_MAX - 1);
        ck_assert(text.failed);
        text_append(&text, "c");
        ck_assert_str_eq(text.data, "a");
        ck_assert_int_eq(text_take(&text, &taken), -ENOMEM);
        ck_assert_ptr_null(taken);
}
END_TEST

START_TEST(utf8) {
        static const char *const valid[] = {
                "",
                "a",
                "\xc2\x80",
                "\xdf\xbf",
                "\xe0\xa0\x80",
                "\xed\x9f\xbf",
                "\xee\x80\x80",
                "\xef\xbf\xbf",
                "\xf0\x90\x80\x80",
                "\xf4\x8f\xbf\xbf",
        };
        static const char *const invalid[] = {
                "\x80",
                "\xbf",
                "\xc0\x80",
                "\xc1\xbf",
                "\xc2",
                "\xc2 ",
                "\xe0\x9f\xbf",
                "\xe2\x82",
                "\xed\xa0\x80",
                "\xed\xbf\xbf",
                "\xf0\x8f\xbf\xbf",
                "\xf4\x90\x80\x80",
                "\xf5\x80\x80\x80",
                "\xf0\x90\x80",
                "\xfe",
                "\xff",
        };

        for (size_t i = 0; i < ARRAY_SIZE(valid); i++)
                ck_assert(utf8_is_valid(valid[i], strlen(valid[i])));
        for (size_t i = 0; i < ARRAY_SIZE(invalid); i++) {
                _cleanup_free_ char *behind = text_format("\xc3\xa4x%s", invalid[i]);

                ck_assert(!utf8_is_valid(invalid[i], strlen(invalid[i])));
                ck_assert_uint_eq(utf8_valid_prefix(behind, strlen(behind)), 3);
        }
        ck_assert(!utf8_is_valid("a\0b", 3));
        ck_assert_uint_eq(utf8_valid_prefix("a\0b", 3), 1);
        /* Never looks behind the end. */
        ck_assert(!utf8_is_valid("\xe2\x82\xac", 2));
}
END_TEST

START_TEST(text_is_made_visible) {
        static const char bytes[] = "a\033[2J\n\0\177\xc2\x9b\xc2\xa0ü\\x2d\xff\u202e\u061c—";
        _cleanup_text_ Text text = {};

        text_append_visible(&text, bytes, sizeof(bytes) - 1);
        ck_assert_str_eq(text.data, "a\\x1b[2J\\x0a\\x00\\x7f\\xc2\\x9b\xc2\xa0ü\\x2d\\xff"
                                    "\\xe2\\x80\\xae\\xd8\\x9c—");
}
END_TEST

/* In a process of its own: it is for good. */
START_TEST(privileges_are_given_up) {
        pid_t pid;
        int status;

        if (getuid() != 0)
                return;
        pid = fork();
        ck_assert_int_ge(pid, 0);
        if (pid == 0) {
                _cleanup_free_ char *text = NULL;

                if (privileges_keep(UINT64_C(1) << CAP_KILL) < 0 ||
                    read_virtual_file("/proc/self/status", &text) < 0)
                        _exit(1);
                if (!strstr(text, "\nCapEff:\t0000000000000020\n") || !strstr(text, "\nCapPrm:\t0000000000000020\n") ||
                    !strstr(text, "\nCapBnd:\t0000000000000020\n") || !strstr(text, "\nNoNewPrivs:\t1\n"))
                        _exit(2);
                _exit(setuid(65534) < 0 ? 0 : 3);
        }
        ck_assert_int_eq(waitpid(pid, &status, 0), pid);
        ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}
END_TEST

START_TEST(edit_distance) {
        ck_assert_uint_eq(text_edit_distance("Volume", "Volume", 3), 0);
        ck_assert_uint_eq(text_edit_distance("volume", "Volume", 3), 0);
        ck_assert_uint_eq(text_edit_distance("Volum", "Volume", 3), 1);
        ck_assert_uint_eq(text_edit_distance("Voulme", "Volume", 3), 2);
        ck_assert_uint_eq(text_edit_distance("", "abc", 3), 3);
        ck_assert_uint_eq(text_edit_distance("abcdef", "uvwxyz", 3), 4);
        ck_assert_uint_eq(text_edit_distance("0123456789012345678901234567890123456789012345678901234567890123456789",
                                             "0", 3),
                          4);
}
END_TEST

START_TEST(arrays_grow_zeroed) {
        _cleanup_free_ int *array = NULL;
        size_t allocated = 0;

        ck_assert_int_eq(ARRAY_RESERVE(array, allocated, 3), 0);
        ck_assert_uint_ge(allocated, 3);
        array[2] = 5;
        ck_assert_int_eq(ARRAY_RESERVE(array, allocated, 1000), 0);
        ck_assert_int_eq(array[2], 5);
        ck_assert_int_eq(array[999], 0);
        ck_assert_int_eq(ARRAY_RESERVE(array, allocated, SIZE_MAX), -ENOMEM);
        ck_assert_int_eq(ARRAY_RESERVE(array, allocated, SIZE_MAX / 2), -ENOMEM);
        ck_assert_int_eq(array[2], 5);
}
END_TEST

START_TEST(lists) {
        _cleanup_string_list_ StringList list = {}, other = {};

        ck_assert(!string_list_contains(&list, "a"));
        string_list_sort(&list);
        string_list_remove(&list, "a");
        ck_assert_int_eq(string_list_add(&list, "c"), 0);
        ck_assert_int_eq(string_list_add_n(&list, "abc", 1), 0);
        ck_assert_int_eq(string_list_addf(&list, "%s%d", "b", 1), 0);
        ck_assert_int_eq(string_list_take(&list, strdup("c")), 0);
        ck_assert_int_eq(string_list_take(&list, NULL), -ENOMEM);
        ck_assert_uint_eq(list.count, 4);
        ck_assert_ptr_null(list.items[4]);
        string_list_sort(&list);
        ck_assert_str_eq(list.items[0], "a");
        ck_assert_str_eq(list.items[1], "b1");
        ck_assert(string_list_contains(&list, "c"));
        string_list_remove(&list, "c");
        ck_assert_uint_eq(list.count, 2);
        ck_assert_ptr_null(list.items[2]);
        ck_assert_int_eq(string_list_extend(&other, &list), 0);
        ck_assert_int_eq(string_list_extend(&other, &list), 0);
        ck_assert_uint_eq(other.count, 4);
        ck_assert_ptr_ne(other.items[0], list.items[0]);
}
END_TEST

START_TEST(lists_of_assignments) {
        _cleanup_string_list_ StringList list = {};

        ck_assert_int_eq(string_list_assign(&list, "A=1"), 0);
        ck_assert_int_eq(string_list_assign(&list, "AB=2"), 0);
        ck_assert_int_eq(string_list_assign(&list, "C"), 0);
        ck_assert_int_eq(string_list_assign(&list, "A=3=4"), 0);
        ck_assert_uint_eq(list.count, 3);
        ck_assert_str_eq(list.items[0], "A=3=4");
        ck_assert_str_eq(string_list_value(&list, "A"), "3=4");
        ck_assert_str_eq(string_list_value(&list, "AB"), "2");
        ck_assert_str_eq(string_list_value(&list, "C"), "");
        ck_assert_ptr_null(string_list_value(&list, "B"));
        ck_assert_int_eq(string_list_assign(&list, "C=5"), 0);
        ck_assert_str_eq(string_list_value(&list, "C"), "5");
}
END_TEST

START_TEST(many_assignments_at_once) {
        _cleanup_string_list_ StringList list = {}, from = {}, none = {};
        static const char *const old[] = { "B=1", "A=1", "A=again", "AB" },
                                 *const new[] = { "C=1", "A=2", "D", "C=2", "A=3", "AB=" },
                                 *const expected[] = { "B=1", "A=3", "A=again", "AB=", "C=2", "D" };

        for (size_t i = 0; i < ARRAY_SIZE(old); i++)
                ck_assert_int_eq(string_list_add(&list, old[i]), 0);
        for (size_t i = 0; i < ARRAY_SIZE(new); i++)
                ck_assert_int_eq(string_list_add(&from, new[i]), 0);
        ck_assert_int_eq(string_list_assign_all(&list, &none), 0);
        ck_assert_int_eq(string_list_assign_all(&list, &from), 0);
        ck_assert_uint_eq(list.count, ARRAY_SIZE(expected));
        for (size_t i = 0; i < ARRAY_SIZE(expected); i++)
                ck_assert_str_eq(list.items[i], expected[i]);
        ck_assert_ptr_null(list.items[list.count]);
        ck_assert_int_eq(string_list_assign_all(&none, &from), 0);
        ck_assert_uint_eq(none.count, 4);
        ck_assert_str_eq(none.items[0], "C=2");
        string_list_unique(&list);
        ck_assert_uint_eq(list.count, ARRAY_SIZE(expected));
        ck_assert_int_eq(string_list_extend(&list, &none), 0);
        string_list_unique(&list);
        ck_assert_uint_eq(list.count, ARRAY_SIZE(expected));
        ck_assert_str_eq(list.items[0], "A=3");
}
END_TEST

static void check_join(const char *a, const char *b, const char *expected) {
        _cleanup_free_ char *joined = path_join(a, b);
        ck_assert_str_eq(joined, expected);
}

START_TEST(paths_are_joined) {
        check_join("/a", "b", "/a/b");
        check_join("/a/", "/b", "/a/b");
        check_join("/a//", "b/c", "/a/b/c");
        check_join("/", "b", "/b");
        check_join("//", "//b", "/b");
        check_join("a", "b", "a/b");
        check_join("", "b", "b");
        check_join(".", "b", "./b");
}
END_TEST

static void check_dirname(const char *path, const char *directory, const char *name) {
        _cleanup_free_ char *result = path_dirname(path);

        ck_assert_str_eq(result, directory);
        ck_assert_str_eq(path_basename(path), name);
}

START_TEST(paths_are_split) {
        check_dirname("/a/b", "/a", "b");
        check_dirname("/a", "/", "a");
        check_dirname("a", ".", "a");
        check_dirname("a/b/c", "a/b", "c");
}
END_TEST

static void check_entry(const char *path, const char *directory, const char *name) {
        _cleanup_free_ char *parent = NULL, *last = NULL;

        ck_assert_int_eq(path_split_entry(path, &parent, &last), 0);
        ck_assert_str_eq(parent, directory);
        ck_assert_str_eq(last, name);
}

START_TEST(paths_of_archives_are_split) {
        char *parent = NULL, *name = NULL;

        check_entry("./a//b/c", "/a/b", "c");
        check_entry("a", "/", "a");
        check_entry("./", "/", "");
        check_entry("", "/", "");
        check_entry("/a/", "/", "a");
        ck_assert_int_eq(path_split_entry("a/../b", &parent, &name), -EBADMSG);
        ck_assert_ptr_null(parent);
        ck_assert_ptr_null(name);
}
END_TEST

static void check_normalized(const char *path, const char *expected) {
        _cleanup_free_ char *normalized = NULL;

        ck_assert_int_eq(path_normalize(path, &normalized), 0);
        ck_assert_str_eq(normalized, expected);
}

START_TEST(paths_are_normalized) {
        char longest[PATH_MAX + 1];
        char *kept = NULL;

        check_normalized("/", "/");
        check_normalized("//./", "/");
        check_normalized("/a//b/./c/", "/a/b/c");
        check_normalized("/..a/b../...", "/..a/b../...");
        ck_assert_int_eq(path_normalize("", &kept), -EINVAL);
        ck_assert_int_eq(path_normalize("a/b", &kept), -EINVAL);
        ck_assert_int_eq(path_normalize("/a/../b", &kept), -EINVAL);
        ck_assert_int_eq(path_normalize("/..", &kept), -EINVAL);
        memset(longest, '/', PATH_MAX);
        longest[PATH_MAX] = '\0';
        ck_assert_int_eq(path_normalize(longest, &kept), -ENAMETOOLONG);
        ck_assert_ptr_null(kept);
}
END_TEST

START_TEST(paths_are_compared) {
        ck_assert(path_is_below("/a", "/a"));
        ck_assert(path_is_below("/a/b", "/a"));
        ck_assert(!path_is_below("/ab", "/a"));
        ck_assert(!path_is_below("/a", "/a/b"));
        ck_assert(path_is_below("/a", "/"));
        ck_assert_uint_eq(path_depth("/"), 0);
        ck_assert_uint_eq(path_depth("/a"), 1);
        ck_assert_uint_eq(path_depth("/a/b"), 2);
}
END_TEST

START_TEST(file_names) {
        char longest[NAME_MAX + 2];

        memset(longest, 'a', sizeof(longest));
        longest[NAME_MAX + 1] = '\0';
        ck_assert(!file_name_is_valid(longest));
        longest[NAME_MAX] = '\0';
        ck_assert(file_name_is_valid(longest));
        ck_assert(file_name_is_valid("..."));
        ck_assert(!file_name_is_valid(""));
        ck_assert(!file_name_is_valid("."));
        ck_assert(!file_name_is_valid(".."));
        ck_assert(!file_name_is_valid("a/b"));
}
END_TEST

START_TEST(reads_files) {
        _cleanup_test_directory_ char *directory = test_directory();
        _cleanup_close_ int fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
        _cleanup_free_ char *data = NULL, *fifo = path_join(directory, "fifo"), *virtual = NULL;
        char *refused = NULL;
        size_t size;

        ck_assert_int_eq(write_file_atomic_at(fd, "f", "a\0b", 3, 0600), 0);
        ck_assert_int_eq(read_file_at(fd, "f", 3, &data, &size), 0);
        ck_assert_uint_eq(size, 3);
        ck_assert_mem_eq(data, "a\0b", 4);
        ck_assert_int_eq(read_file_at(fd, "f", 2, &refused, NULL), -EFBIG);
        ck_assert_int_eq(read_file_at(fd, "missing", 9, &refused, NULL), -ENOENT);
        ck_assert_int_eq(read_file_at(fd, ".", 9, &refused, NULL), -EISDIR);
        /* Neither blocks. */
        ck_assert_int_eq(mkfifo(fifo, 0600), 0);
        ck_assert_int_eq(read_file_at(fd, "fifo", 9, &refused, NULL), -EINVAL);
        ck_assert_int_eq(read_file_at(fd, "/dev/zero", 9, &refused, NULL), -EINVAL);
        ck_assert_ptr_null(refused);
        ck_assert_int_eq(read_virtual_file("/proc/self/comm", &virtual), 0);
        ck_assert(*virtual && !strchr(virtual, '\n'));
        ck_assert_int_eq(read_virtual_file("/dev/zero", &refused), -EFBIG);
}
END_TEST

START_TEST(replaces_files) {
        _cleanup_test_directory_ char *directory = test_directory();
        _cleanup_free_ char *path = path_join(directory, "f"), *link = path_join(directory, "l"), *data = NULL,
                            *target = NULL;
        struct stat st;

        (void) umask(027);
        ck_assert_int_eq(write_file_atomic_at(AT_FDCWD, path, "one", 3, 0644), 0);
        ck_assert_int_eq(stat(path, &st), 0);
        ck_assert_uint_eq(st.st_mode & 07777, 0640);
        /* What a symlink leads to is not written; the link is replaced. */
        ck_assert_int_eq(symlink_atomic_at("f", AT_FDCWD, link), 0);
        ck_assert_int_eq(write_file_atomic_at(AT_FDCWD, link, "two", 3, 0644), 0);
        ck_assert_int_eq(read_file_at(AT_FDCWD, path, 9, &data, NULL), 0);
        ck_assert_str_eq(data, "one");
        ck_assert_int_eq(lstat(link, &st), 0);
        ck_assert(S_ISREG(st.st_mode));
        ck_assert_int_eq(symlink_atomic_at("elsewhere", AT_FDCWD, path), 0);
        ck_assert_int_eq(lstat(path, &st), 0);
        ck_assert(S_ISLNK(st.st_mode));
        target = path_join(directory, "no/such/f");
        ck_assert_int_eq(write_file_atomic_at(AT_FDCWD, target, "", 0, 0644), -ENOENT);
}
END_TEST

START_TEST(leaves_no_temporary_files) {
        _cleanup_test_directory_ char *directory = test_directory();
        _cleanup_free_ char *path = path_join(directory, "d");
        _cleanup_closedir_ DIR *entries = NULL;
        unsigned count = 0;

        ck_assert_int_eq(mkdir(path, 0755), 0);
        ck_assert_int_eq(write_file_atomic_at(AT_FDCWD, path, "x", 1, 0644), -EISDIR);
        ck_assert_int_eq(symlink_atomic_at("x", AT_FDCWD, path), -EISDIR);
        entries = opendir(directory);
        ck_assert_ptr_nonnull(entries);
        while (readdir(entries))
                count++;
        ck_assert_uint_eq(count, 3);
}
END_TEST

/* Loss of power has kept the writer from renaming it. */
START_TEST(sweeps_temporary_files) {
        static const char left[] = ".#left0123456789abcdef", newer[] = ".#link00000000000000ff";
        static const char *const others[] = { "web", ".#web", ".hidden", ".#0123456789abcdef", ".#x0123456789abcdeg" };
        _cleanup_test_directory_ char *directory = test_directory();
        _cleanup_free_ char *none = path_join(directory, "none");

        test_write(directory, left, "10.89.0.0/24");
        test_link(directory, newer, "SIGINT image");
        for (size_t i = 0; i < ARRAY_SIZE(others); i++)
                test_write(directory, others[i], "");
        ck_assert_int_eq(sweep_temporary_files(directory), 0);
        ck_assert(!test_exists(directory, left));
        ck_assert(!test_exists(directory, newer));
        for (size_t i = 0; i < ARRAY_SIZE(others); i++)
                ck_assert_msg(test_exists(directory, others[i]), "%s", others[i]);
        ck_assert_int_eq(sweep_temporary_files(none), 0);
}
END_TEST

static unsigned count_entries(const char *path) {
        _cleanup_closedir_ DIR *entries = opendir(path);
        unsigned count = 0;

        ck_assert_ptr_nonnull(entries);
        while (readdir(entries))
                count++;
        return count - 2;
}

/* A writer that is killed in the midst of it: by the limit on a file's size. */
START_TEST(sweeps_what_the_killed_have_left) {
        _cleanup_test_directory_ char *directory = test_directory();
        _cleanup_free_ char *path = path_join(directory, "f");
        pid_t writer = fork();
        int status;

        ck_assert_int_ge(writer, 0);
        if (writer == 0) {
                (void) signal(SIGXFSZ, SIG_DFL);
                (void) setrlimit(RLIMIT_CORE, &(struct rlimit) { 0, 0 });
                (void) setrlimit(RLIMIT_FSIZE, &(struct rlimit) { 0, 0 });
                (void) write_file_durable_at(AT_FDCWD, path, "text", 4, 0644);
                _exit(0);
        }
        ck_assert_int_eq(waitpid(writer, &status, 0), writer);
        ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGXFSZ);
        ck_assert_uint_eq(count_entries(directory), 1);
        ck_assert_int_eq(sweep_temporary_files(directory), 0);
        ck_assert_uint_eq(count_entries(directory), 0);
}
END_TEST

START_TEST(makes_directories) {
        _cleanup_test_directory_ char *directory = test_directory();
        _cleanup_close_ int fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
        struct stat st;

        (void) umask(0);
        ck_assert_int_eq(make_directories_at(fd, "a/b/c", 0700), 0);
        ck_assert_int_eq(make_directories_at(fd, "a/b/c", 0700), 0);
        ck_assert_int_eq(fstatat(fd, "a/b", &st, 0), 0);
        ck_assert_uint_eq(st.st_mode & 07777, 0755);
        ck_assert_int_eq(fstatat(fd, "a/b/c", &st, 0), 0);
        ck_assert_uint_eq(st.st_mode & 07777, 0700);
        test_write(directory, "file", "");
        ck_assert_int_eq(make_directories_at(fd, "file", 0755), -ENOTDIR);
        ck_assert_int_eq(make_directories_at(fd, "file/x/y", 0755), -ENOTDIR);
}
END_TEST

START_TEST(removes_trees) {
        _cleanup_test_directory_ char *directory = test_directory();
        _cleanup_close_ int fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
        _cleanup_free_ char *fifo = path_join(directory, "tree/fifo");
        struct stat st;

        test_write(directory, "kept/file", "x");
        test_write(directory, "tree/a/b/c", "x");
        test_write(directory, "tree/a/d", "x");
        test_link(directory, "tree/up", "..");
        test_link(directory, "tree/a/kept", "../../kept");
        test_link(directory, "tree/dangling", "nowhere");
        test_link(directory, "link", "kept");
        ck_assert_int_eq(mkfifo(fifo, 0), 0);
        /* One's own, that only root can read. */
        ck_assert_int_eq(fchmodat(fd, "tree/a/b", 0, 0), 0);
        ck_assert_int_eq(remove_tree_at(fd, "tree"), 0);
        ck_assert_int_eq(fstatat(fd, "tree", &st, 0), -1);
        ck_assert_int_eq(fstatat(fd, "kept/file", &st, 0), 0);
        /* Of a symlink, only itself. */
        ck_assert_int_eq(remove_tree_at(fd, "link"), 0);
        ck_assert_int_eq(fstatat(fd, "link", &st, AT_SYMLINK_NOFOLLOW), -1);
        ck_assert_int_eq(fstatat(fd, "kept/file", &st, 0), 0);
        ck_assert_int_eq(remove_tree_at(fd, "kept/file"), 0);
        ck_assert_int_eq(remove_tree_at(fd, "missing"), 0);
}
END_TEST

START_TEST(removes_deep_trees) {
        _cleanup_test_directory_ char *directory = test_directory();
        int fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);

        /* Longer than PATH_MAX as a path. */
        for (unsigned i = 0; i < 300; i++) {
                static const char name[] = "a-directory-with-a-rather-long-name";
                int next;

                ck_assert_int_eq(mkdirat(fd, name, 0755), 0);
                next = openat(fd, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
                ck_assert_int_ge(next, 0);
                fd_close(fd);
                fd = next;
        }
        fd_close(fd);
}
END_TEST

/* What lies too deep is moved up, also where its maker has taken the names that it gets. */
START_TEST(removes_deep_trees_of_the_hostile) {
        char *directory = test_directory();
        _cleanup_text_ Text path = {};

        for (unsigned i = 0; i < 200; i++)
                text_append(&path, "d/");
        text_append(&path, "file");
        test_write(directory, path.data, "");
        test_write(directory, ".#deep00000000/file", "");
        test_write(directory, ".#deep00000001", "");
        ck_assert_int_eq(remove_tree_at(AT_FDCWD, directory), 0);
        ck_assert_int_eq(access(directory, F_OK), -1);
        free(directory);
}
END_TEST

/* A root directory with everything that a hostile image may hold, and a secret beside it. */
static char *base;
static int root_fd = -EBADF;

static void set_up_root(void) {
        _cleanup_free_ char *root = NULL;

        base = test_directory();
        root = path_join(base, "root");
        test_write(base, "secret", "secret");
        test_write(base, "etc/passwd", "secret");
        test_write(base, "root/etc/passwd", "inside");
        test_write(base, "root/usr/share/file", "file");
        test_link(base, "root/absolute", "/etc/passwd");
        test_link(base, "root/up", "../secret");
        test_link(base, "root/far-up", "../../../../../../../../../../../../etc/passwd");
        test_link(base, "root/usr/share/up", "../../../etc/passwd");
        test_link(base, "root/usr/share/absolute", "/etc/passwd");
        test_link(base, "root/lib", "usr/share");
        test_link(base, "root/loop", "loop");
        test_link(base, "root/ping", "pong");
        test_link(base, "root/pong", "ping");
        test_link(base, "root/slash", "/");
        test_link(base, "root/parent", "..");
        test_link(base, "root/new", "/run/not/there");
        test_link(base, "root/chain", "lib/up");
        test_link(base, "root/magic", "/proc/self/root/etc/passwd");
        root_fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
        ck_assert_int_ge(root_fd, 0);
}

static void tear_down_root(void) {
        root_fd = fd_close(root_fd);
        test_directory_done(&base);
}

static void check_root_read(const char *path, const char *expected) {
        _cleanup_free_ char *data = NULL;
        size_t size;

        ck_assert_msg(root_read_file(root_fd, path, 64, &data, &size) == 0, "not read: %s", path);
        ck_assert_str_eq(data, expected);
        ck_assert_uint_eq(size, strlen(expected));
}

static void check_root_refused(const char *path, int error) {
        char *data = NULL;

        ck_assert_msg(root_read_file(root_fd, path, 64, &data, NULL) == error, "read, or another error: %s", path);
        ck_assert_ptr_null(data);
}

START_TEST(root_confines_reading) {
        check_root_read("etc/passwd", "inside");
        check_root_read("/etc/passwd", "inside");
        check_root_read("../../etc/passwd", "inside");
        check_root_read("absolute", "inside");
        check_root_read("far-up", "inside");
        check_root_read("usr/share/up", "inside");
        check_root_read("lib/up", "inside");
        check_root_read("lib/absolute", "inside");
        check_root_read("chain", "inside");
        check_root_read("slash/slash/parent/etc/passwd", "inside");
        check_root_read("lib/file", "file");
        check_root_refused("up", -ENOENT);
        check_root_refused("../secret", -ENOENT);
        check_root_refused("loop", -ELOOP);
        check_root_refused("ping", -ELOOP);
        check_root_refused("new", -ENOENT);
        check_root_refused("magic", -ENOENT);
        check_root_refused("etc", -EISDIR);
        check_root_refused("etc/passwd/x", -ENOTDIR);
}
END_TEST

START_TEST(root_reads_only_regular_files) {
        _cleanup_free_ char *fifo = path_join(base, "root/fifo"), *socket_path = path_join(base, "root/socket");
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        _cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

        ck_assert_int_eq(mkfifo(fifo, 0600), 0);
        ck_assert_uint_lt(strlen(socket_path), sizeof(address.sun_path));
        memcpy(address.sun_path, socket_path, strlen(socket_path));
        ck_assert_int_eq(bind(fd, (struct sockaddr *) &address, sizeof(address)), 0);
        check_root_refused("fifo", -EINVAL);
        check_root_refused("socket", -EINVAL);
        test_write(base, "root/big", "12345678901234567890123456789012345678901234567890123456789012345");
        check_root_refused("big", -EFBIG);
}
END_TEST

START_TEST(root_refuses_magic_links) {
        _cleanup_close_ int system_root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

        ck_assert_int_eq(root_open(system_root, "proc/self/exe", O_RDONLY), -ELOOP);
        ck_assert_int_eq(root_open(system_root, "proc/self/root/etc", O_RDONLY), -ELOOP);
        ck_assert_int_eq(root_open(system_root, "proc/self/fd/0", O_PATH), -ELOOP);
}
END_TEST

static void check_resolved(const char *path, const char *expected) {
        _cleanup_free_ char *resolved = NULL;

        ck_assert_msg(root_resolve(root_fd, path, &resolved) == 0, "not resolved: %s", path);
        ck_assert_str_eq(resolved, expected);
}

START_TEST(root_resolves) {
        char *kept = NULL;

        check_resolved("", "/");
        check_resolved("/", "/");
        check_resolved("..", "/");
        check_resolved("/etc//./passwd", "/etc/passwd");
        check_resolved("absolute", "/etc/passwd");
        check_resolved("far-up", "/etc/passwd");
        check_resolved("chain", "/etc/passwd");
        check_resolved("lib", "/usr/share");
        check_resolved("usr/share/absolute", "/etc/passwd");
        check_resolved("lib/up", "/etc/passwd");
        check_resolved("lib/..", "/usr");
        check_resolved("lib/../../..", "/");
        check_resolved("slash/parent/lib/file", "/usr/share/file");
        check_resolved("up", "/secret");
        /* What is still to be made has a name. */
        check_resolved("new", "/run/not/there");
        check_resolved("new/below", "/run/not/there/below");
        check_resolved("lib/mnt/x", "/usr/share/mnt/x");
        check_resolved("not/there/../x", "/not/x");
        check_resolved("not/../../../etc", "/etc");
        ck_assert_int_eq(root_resolve(root_fd, "loop", &kept), -ELOOP);
        ck_assert_int_eq(root_resolve(root_fd, "ping/x", &kept), -ELOOP);
        ck_assert_ptr_null(kept);
}
END_TEST

START_TEST(root_resolves_long_paths) {
        _cleanup_text_ Text path = {};
        char *kept = NULL;

        for (unsigned i = 0; i < PATH_MAX / 2; i++)
                text_append(&path, "/ab");
        ck_assert_int_eq(root_resolve(root_fd, path.data, &kept), -ENAMETOOLONG);
        ck_assert_ptr_null(kept);
}
END_TEST

START_TEST(disk_usage_is_that_of_the_tree) {
        _cleanup_test_directory_ char *directory = test_directory();
        _cleanup_free_ char *file = path_join(directory, "tree/a/b/file"), *other = path_join(directory, "tree/other"),
                            *tree = path_join(directory, "tree"), *away = path_join(directory, "away");
        static char text[100000];
        uint64_t before = 0, shared = 0, after = 0;

        memset(text, 'x', sizeof(text) - 1);
        test_write(directory, "tree/a/b/file", text);
        ck_assert_int_eq(disk_usage_at(AT_FDCWD, tree, &before), 0);
        ck_assert_uint_ge(before, sizeof(text) - 1);
        ck_assert_int_eq(link(file, other), 0);
        ck_assert_int_eq(disk_usage_at(AT_FDCWD, tree, &shared), 0);
        ck_assert_uint_ge(shared, before);
        ck_assert_uint_lt(shared, before + sizeof(text) / 2);
        /* What a link leads to is not in the tree. */
        test_write(directory, "away/large", text);
        test_link(directory, "tree/link", away);
        ck_assert_int_eq(disk_usage_at(AT_FDCWD, tree, &after), 0);
        ck_assert_uint_lt(after, shared + sizeof(text) / 2);
        ck_assert_int_eq(disk_usage_at(AT_FDCWD, other, &after), -ENOTDIR);
}
END_TEST

START_TEST(diagnostics_are_formatted) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_free_ char *all = NULL;

        ck_assert_int_eq(diagnose_error(&diagnostics, &(Location) { "f", 3, 4 }, "bad %s", "key"), -EREPORTED);
        ck_assert_int_eq(diagnose_warning(&diagnostics, &(Location) { "f", 2, 0 }, "odd"), -EREPORTED);
        diagnose_error(&diagnostics, &(Location) { "f", 0, 7 }, "no line");
        diagnose_error(&diagnostics, NULL, "no file");
        diagnose_error(&diagnostics, &(Location) { "f", 9, 1 }, "one\nline\x1b[31m");
        ck_assert_uint_eq(diagnostics.errors, 4);
        ck_assert_uint_eq(diagnostics.warnings, 1);
        all = test_diagnostics(&diagnostics);
        ck_assert_str_eq(all, "f:3:4: error: bad key\nf:2: warning: odd\nf: error: no line\nerror: no file\nf:9:1: "
                              "error: one?line?[31m\n");
}
END_TEST

START_TEST(diagnostics_are_sorted) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_free_ char *all = NULL;

        diagnose_error(&diagnostics, &(Location) { "b", 1, 1 }, "1");
        diagnose_error(&diagnostics, &(Location) { "a", 2, 1 }, "2");
        diagnose_error(&diagnostics, &(Location) { "a", 1, 9 }, "3");
        diagnose_error(&diagnostics, &(Location) { "a", 1, 2 }, "5");
        diagnose_error(&diagnostics, &(Location) { "a", 1, 2 }, "4");
        diagnose_error(&diagnostics, NULL, "6");
        diagnose_error(&diagnostics, &(Location) { "a", 2, 1 }, "2");
        diagnostics_sort(&diagnostics);
        all = test_diagnostics(&diagnostics);
        ck_assert_str_eq(all, "error: 6\na:1:2: error: 5\na:1:2: error: 4\na:1:9: error: 3\na:2:1: error: 2\nb:1:1: "
                              "error: 1\n");
}
END_TEST

START_TEST(streams_pass_on_what_is_there) {
        ByteStream stream = BYTE_STREAM_INIT;
        char buffer[64];
        int theirs, sink[2], signals[2];

        ck_assert_int_eq(pipe(sink), 0);
        ck_assert_int_eq(pipe(signals), 0);
        ck_assert_int_eq(byte_stream_open_output(&stream, sink[1], &theirs), 0);
        ck_assert_int_eq(byte_stream_poll(&stream).fd, stream.from);
        byte_stream_step(&stream, NULL); /* nothing there is not the end */
        ck_assert(!stream.ended);
        ck_assert_int_eq(write(theirs, "some", 4), 4);
        /* The other end is still open: nobody is waited for. */
        byte_stream_drain(&stream, signals[0], NULL);
        ck_assert_int_eq(read(sink[0], buffer, sizeof(buffer)), 4);
        ck_assert(!stream.ended);
        close(theirs);
        byte_stream_step(&stream, NULL);
        ck_assert(stream.ended);
        ck_assert_int_lt(stream.from, 0);
        ck_assert_int_eq(byte_stream_poll(&stream).fd, -1);
        for (size_t i = 0; i < 2; i++) {
                close(sink[i]);
                close(signals[i]);
        }
}
END_TEST

START_TEST(streams_tell_who_writes_that_nobody_reads) {
        ByteStream stream = BYTE_STREAM_INIT;
        int theirs, sink[2];

        (void) signal(SIGPIPE, SIG_IGN);
        ck_assert_int_eq(pipe(sink), 0);
        ck_assert_int_eq(byte_stream_open_output(&stream, sink[1], &theirs), 0);
        ck_assert_int_eq(write(theirs, "x", 1), 1);
        close(sink[0]);
        byte_stream_step(&stream, NULL);
        byte_stream_step(&stream, NULL);
        ck_assert(stream.ended);
        ck_assert_int_eq(stream.error, -EPIPE);
        ck_assert_int_lt(write(theirs, "x", 1), 0);
        ck_assert_int_eq(errno, EPIPE);
        close(theirs);
        close(sink[1]);
}
END_TEST

START_TEST(streams_tell_who_reads_of_the_end) {
        ByteStream stream = BYTE_STREAM_INIT;
        int theirs, source[2];
        char buffer[8];

        ck_assert_int_eq(pipe(source), 0);
        ck_assert_int_eq(byte_stream_open_input(&stream, source[0], &theirs), 0);
        ck_assert_int_eq(write(source[1], "x", 1), 1);
        close(source[1]);
        for (unsigned i = 0; i < 3; i++)
                byte_stream_step(&stream, NULL);
        ck_assert(stream.ended);
        ck_assert_int_eq(read(theirs, buffer, sizeof(buffer)), 1);
        ck_assert_int_eq(read(theirs, buffer, sizeof(buffer)), 0);
        close(theirs);
        close(source[0]);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("basic");
        TCase *cases = tcase_create("basic"), *root = tcase_create("root");

        tcase_add_test(cases, text_grows);
        tcase_add_test(cases, text_remembers_failure);
        tcase_add_test(cases, utf8);
        tcase_add_test(cases, text_is_made_visible);
        tcase_add_test(cases, privileges_are_given_up);
        tcase_add_test(cases, edit_distance);
        tcase_add_test(cases, arrays_grow_zeroed);
        tcase_add_test(cases, lists);
        tcase_add_test(cases, lists_of_assignments);
        tcase_add_test(cases, many_assignments_at_once);
        tcase_add_test(cases, paths_are_joined);
        tcase_add_test(cases, paths_are_split);
        tcase_add_test(cases, paths_of_archives_are_split);
        tcase_add_test(cases, paths_are_normalized);
        tcase_add_test(cases, paths_are_compared);
        tcase_add_test(cases, file_names);
        tcase_add_test(cases, reads_files);
        tcase_add_test(cases, replaces_files);
        tcase_add_test(cases, leaves_no_temporary_files);
        tcase_add_test(cases, sweeps_temporary_files);
        tcase_add_test(cases, sweeps_what_the_killed_have_left);
        tcase_add_test(cases, makes_directories);
        tcase_add_test(cases, removes_trees);
        tcase_add_test(cases, removes_deep_trees);
        tcase_add_test(cases, removes_deep_trees_of_the_hostile);
        tcase_add_test(cases, disk_usage_is_that_of_the_tree);
        tcase_add_test(cases, diagnostics_are_formatted);
        tcase_add_test(cases, diagnostics_are_sorted);
        tcase_add_test(cases, streams_pass_on_what_is_there);
        tcase_add_test(cases, streams_tell_who_writes_that_nobody_reads);
        tcase_add_test(cases, streams_tell_who_reads_of_the_end);
        suite_add_tcase(suite, cases);
        tcase_add_checked_fixture(root, set_up_root, tear_down_root);
        tcase_add_test(root, root_confines_reading);
        tcase_add_test(root, root_reads_only_regular_files);
        tcase_add_test(root, root_refuses_magic_links);
        tcase_add_test(root, root_resolves);
        tcase_add_test(root, root_resolves_long_paths);
        suite_add_tcase(suite, root);
        return test_run(suite);
}
