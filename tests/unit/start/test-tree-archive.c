/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Trees as archives and back; archives that lead out of the directory, as an attacker writes
 * them. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "basic/files.h"
#include "basic/path.h"
#include "start/copy/tree-archive.h"
#include "tests/unit/tar.h"

static int open_directory(const char *directory, const char *name) {
        _cleanup_free_ char *path = path_join(directory, name);
        int fd;

        ck_assert_int_eq(make_directories_at(AT_FDCWD, path, 0755), 0);
        fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
        ck_assert_int_ge(fd, 0);
        return fd;
}

static int unpack(const char *directory, const char *archive) {
        _cleanup_free_ char *path = path_join(directory, archive);
        _cleanup_close_ int in_fd = open(path, O_RDONLY | O_CLOEXEC), out_fd = open_directory(directory, "out");

        ck_assert_int_ge(in_fd, 0);
        return tree_archive_read(in_fd, out_fd, &(TreeOwner) { .uid = geteuid(), .gid = getegid() });
}

static void pack_as(const char *directory, const char *source, const char *name, TreeArchiveMode mode) {
        _cleanup_free_ char *from = path_join(directory, source), *to = path_join(directory, "archive");
        _cleanup_close_ int fd = open(from, O_PATH | O_NOFOLLOW | O_CLOEXEC),
                            out_fd = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

        ck_assert_int_eq(tree_archive_write(fd, name, mode, out_fd), 0);
}

static void pack(const char *directory, const char *source, const char *name) {
        pack_as(directory, source, name, TREE_ARCHIVE_PLAIN);
}

static void check_text(const char *directory, const char *name, const char *text) {
        _cleanup_free_ char *path = path_join(directory, name), *read = NULL;
        size_t size;

        ck_assert_int_eq(read_file_at(AT_FDCWD, path, 1 << 20, &read, &size), 0);
        ck_assert_str_eq(read, text);
}

static mode_t mode_of(const char *directory, const char *name) {
        _cleanup_free_ char *path = path_join(directory, name);
        struct stat st;

        ck_assert_int_eq(lstat(path, &st), 0);
        return st.st_mode;
}

static void set_mode(const char *directory, const char *name, mode_t mode) {
        _cleanup_free_ char *path = path_join(directory, name);

        ck_assert_int_eq(chmod(path, mode), 0);
}

START_TEST(there_and_back) {
        _cleanup_test_directory_ char *directory = test_directory();
        _cleanup_free_ char *fifo = path_join(directory, "tree/pipe");

        test_write(directory, "tree/a/file", "content");
        test_write(directory, "tree/a/empty", "");
        test_write(directory, "tree/\303\244\xff", "no UTF-8");
        test_link(directory, "tree/link", "/nowhere");
        ck_assert_int_eq(mkfifo(fifo, 0600), 0);
        set_mode(directory, "tree/a/file", 04751);
        set_mode(directory, "tree/a", 0711);
        pack(directory, "tree", "named");
        ck_assert_int_eq(unpack(directory, "archive"), 0);
        check_text(directory, "out/named/a/file", "content");
        check_text(directory, "out/named/a/empty", "");
        check_text(directory, "out/named/\303\244\xff", "no UTF-8");
        ck_assert(S_ISLNK(mode_of(directory, "out/named/link")));
        ck_assert_uint_eq(mode_of(directory, "out/named/a/file"), S_IFREG | 0751);
        ck_assert_uint_eq(mode_of(directory, "out/named/a"), S_IFDIR | 0711);
        ck_assert(!test_exists(directory, "out/named/pipe"));
        /* A symlink is itself, and "." what is in the directory; what was there is replaced. */
        pack(directory, "tree/link", "link");
        ck_assert_int_eq(unpack(directory, "archive"), 0);
        ck_assert(S_ISLNK(mode_of(directory, "out/link")));
        test_write(directory, "tree/link-to-be", "new");
        test_write(directory, "out/link-to-be", "old and longer");
        pack(directory, "tree", ".");
        ck_assert_int_eq(unpack(directory, "archive"), 0);
        check_text(directory, "out/link-to-be", "new");
        check_text(directory, "out/a/file", "content");
}
END_TEST

static int unpack_entries(const char *directory, const TarEntry entries[], size_t count) {
        _cleanup_text_ Text tar = {};
        _cleanup_free_ char *path = path_join(directory, "archive");

        for (size_t i = 0; i < count; i++)
                tar_add(&tar, &entries[i]);
        tar_end(&tar);
        ck_assert_int_eq(write_file_atomic_at(AT_FDCWD, path, tar.data, tar.length, 0600), 0);
        return unpack(directory, "archive");
}

#define UNPACK(directory, ...)                                                                                         \
        unpack_entries(directory, (const TarEntry[]) { __VA_ARGS__ }, ARRAY_SIZE(((const TarEntry[]) { __VA_ARGS__ })))

START_TEST(nothing_leads_out) {
        _cleanup_test_directory_ char *directory = test_directory();

        test_write(directory, "kept/file", "kept");
        ck_assert_int_eq(UNPACK(directory, { .path = "../kept/file", .content = "changed" }), -EBADMSG);
        ck_assert_int_eq(UNPACK(directory, { .path = "a/../../kept/file", .content = "changed" }), -EBADMSG);
        ck_assert_int_eq(UNPACK(directory, { .path = "door", .type = '2', .link = "../kept" },
                                { .path = "door/file", .content = "changed" }), -ELOOP);
        ck_assert_int_eq(UNPACK(directory, { .path = "door", .type = '2', .link = "../kept" },
                                { .path = "door", .type = '5' }), -ELOOP);
        ck_assert_int_eq(UNPACK(directory, { .path = "file", .type = '2', .link = "../kept/file" },
                                { .path = "file", .content = "mine" }), 0);
        check_text(directory, "out/file", "mine");
        ck_assert_int_eq(UNPACK(directory, { .path = "again", .type = '1', .link = "../kept/file" }), -EBADMSG);
        ck_assert_int_eq(UNPACK(directory, { .path = "door", .type = '2', .link = "../kept" },
                                { .path = "again", .type = '1', .link = "door/file" }), -ELOOP);
        ck_assert_int_eq(UNPACK(directory, { .path = "/etc/absolute", .content = "inside" }), 0);
        check_text(directory, "out/etc/absolute", "inside");
        check_text(directory, "kept/file", "kept");
}
END_TEST

START_TEST(what_is_made) {
        _cleanup_test_directory_ char *directory = test_directory();

        ck_assert_int_eq(UNPACK(directory, { .path = "a", .content = "one", .mode = 06755 },
                                { .path = "b", .type = '1', .link = "a" }, { .path = "b", .type = '1', .link = "a" },
                                { .path = "device", .type = '3', .major = 1, .minor = 3 },
                                { .path = "pipe", .type = '6' }), 0);
        check_text(directory, "out/b", "one");
        ck_assert_uint_eq(mode_of(directory, "out/a"), S_IFREG | 0755);
        ck_assert(!test_exists(directory, "out/device"));
        ck_assert(!test_exists(directory, "out/pipe"));
        /* A directory is no file's to replace, and nothing is left of the attempt. */
        test_write(directory, "out/directory/in", "");
        ck_assert_int_eq(UNPACK(directory, { .path = "directory", .content = "x" }), -EISDIR);
        test_write(directory, "nothing", "this is no archive of anything");
        ck_assert_int_eq(unpack(directory, "nothing"), -EBADMSG);
        for (const char *const *name = (const char *const[]) { "a", "b", "directory", NULL }; *name; name++) {
                _cleanup_free_ char *path = text_format("out/%s", *name);

                ck_assert(test_exists(directory, path));
        }
}
END_TEST

START_TEST(whole_with_holes) {
        enum { STEP = 64 * 1024, COUNT = 20 };
        _cleanup_test_directory_ char *directory = test_directory();
        _cleanup_free_ char *path = path_join(directory, "tree/holes"), *hole = path_join(directory, "tree/hole"),
                            *out = path_join(directory, "out/holes");
        _cleanup_close_ int fd = -EBADF, out_fd = -EBADF;
        struct stat st;
        char c;

        test_write(directory, "tree/holes", "");
        test_write(directory, "tree/hole", "");
        ck_assert_int_eq(truncate(hole, STEP * COUNT), 0);
        fd = open(path, O_WRONLY | O_CLOEXEC);
        for (int i = 0; i < COUNT; i += 2)
                ck_assert_int_eq((int) pwrite(fd, "x", 1, i * STEP), 1);
        ck_assert_int_eq(ftruncate(fd, STEP * COUNT), 0);
        pack_as(directory, "tree", ".", TREE_ARCHIVE_WHOLE);
        ck_assert_int_eq(unpack(directory, "archive"), 0);
        out_fd = open(out, O_RDONLY | O_CLOEXEC);
        ck_assert_int_eq(fstat(out_fd, &st), 0);
        ck_assert_int_eq((int) st.st_size, STEP * COUNT);
        for (int i = 0; i < COUNT; i++) {
                ck_assert_int_eq((int) pread(out_fd, &c, 1, i * STEP), 1);
                ck_assert_int_eq(c, i % 2 == 0 ? 'x' : 0);
        }
}
END_TEST

int main(void) {
        Suite *suite = suite_create("tree-archive");
        TCase *cases = tcase_create("tree-archive");

        tcase_add_test(cases, there_and_back);
        tcase_add_test(cases, whole_with_holes);
        tcase_add_test(cases, nothing_leads_out);
        tcase_add_test(cases, what_is_made);
        suite_add_tcase(suite, cases);
        return test_run(suite);
}
