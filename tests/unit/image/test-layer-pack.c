/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Packing of layers: what was unpacked from an archive is the same tree as what it was packed
 * from, and the same tree is the same archive. */
#include <errno.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include "image/layer.h"
#include "image/save/layer-pack.h"
#include "image/save/tar-writer.h"
#include "image/tree-compare.h"
#include "tests/unit/test.h"

static char *top; /* has the trees "a" and "b", and the archive */
static int a_fd, b_fd;
static char *fault;
static char digest[DIGEST_TEXT_SIZE];
static uint64_t size;

static int open_tree(const char *name) {
        _cleanup_free_ char *path = path_join(top, name);
        int fd;

        ck_assert_int_eq(mkdir(path, 0755), 0);
        fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        ck_assert_int_ge(fd, 0);
        return fd;
}

static void set_up(void) {
        top = test_directory();
        a_fd = open_tree("a");
        b_fd = open_tree("b");
}

static void tear_down(void) {
        a_fd = fd_close(a_fd);
        b_fd = fd_close(b_fd);
        fault = x_free(fault);
        test_directory_done(&top);
}

static void set_time(int fd, const char *name, time_t seconds, long nanoseconds) {
        const struct timespec times[] = { { .tv_nsec = UTIME_OMIT }, { .tv_sec = seconds, .tv_nsec = nanoseconds } };

        ck_assert_int_eq(utimensat(fd, name, times, AT_SYMLINK_NOFOLLOW), 0);
}

static void add_file(const char *name, const char *text, time_t time) {
        ck_assert_int_eq(write_file_atomic_at(a_fd, name, text, strlen(text), 0640), 0);
        set_time(a_fd, name, time, 0);
}

static void add_directory(const char *name) {
        ck_assert_int_eq(mkdirat(a_fd, name, 0750), 0);
}

static int pack(int fd) {
        _cleanup_free_ char *path = path_join(top, "archive");
        _cleanup_close_ int out_fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

        ck_assert_int_ge(out_fd, 0);
        return layer_pack(fd, out_fd, digest, &size, &fault);
}

static void unpack(char diff_id[DIGEST_TEXT_SIZE]) {
        _cleanup_free_ char *path = path_join(top, "archive"), *message = NULL;
        _cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
        LayerLimits limits = layer_limits_for(size);

        ck_assert_int_ge(fd, 0);
        ck_assert_msg(layer_unpack_into(fd, b_fd, &limits, diff_id, &message) == 0, "%s", message ?: "");
}

/* There and back again. */
static void check_round_trip(void) {
        char diff_id[DIGEST_TEXT_SIZE], first[DIGEST_TEXT_SIZE];
        _cleanup_free_ char *difference = NULL;

        ck_assert_int_eq(pack(a_fd), 0);
        memcpy(first, digest, sizeof(first));
        unpack(diff_id);
        ck_assert_str_eq(diff_id, first);
        ck_assert_msg(trees_compare(a_fd, b_fd, &difference) == 1, "differs: %s", difference ?: "");
        ck_assert_int_eq(pack(b_fd), 0);
        ck_assert_str_eq(digest, first);
}

START_TEST(kinds) {
        add_directory("dir");
        add_file("dir/file", "text", 1000);
        ck_assert_int_eq(fchmodat(a_fd, "dir/file", 04755, 0), 0);
        set_time(a_fd, "dir/file", 1000, 0);
        ck_assert_int_eq(linkat(a_fd, "dir/file", a_fd, "dir/another", 0), 0);
        ck_assert_int_eq(linkat(a_fd, "dir/file", a_fd, "at the top", 0), 0);
        add_file("empty", "", 0);
        ck_assert_int_eq(symlinkat("/etc/passwd", a_fd, "dir/link"), 0);
        ck_assert_int_eq(mkfifoat(a_fd, "dir/fifo", 0600), 0);
        set_time(a_fd, "dir", 5, 0);
        ck_assert_int_eq(fchmod(a_fd, 0711), 0);
        set_time(a_fd, ".", 7, 0);
        check_round_trip();
}
END_TEST

/* What a header has no room for. */
START_TEST(what_is_long) {
        char name[151], strange[121], target[301];

        memset(name, 'n', sizeof(name) - 1);
        name[sizeof(name) - 1] = '\0';
        memset(strange, '\xff', sizeof(strange) - 1);
        strange[sizeof(strange) - 1] = '\0';
        memset(target, 't', sizeof(target) - 1);
        target[sizeof(target) - 1] = '\0';
        add_directory(name);
        add_file(strange, "no UTF-8", 1);
        add_file("\xfe", "nor this", 1);
        ck_assert_int_eq(linkat(a_fd, strange, a_fd, "z", 0), 0);
        ck_assert_int_eq(symlinkat(target, a_fd, "link"), 0);
        name[100] = '\0';
        add_file(name, "fits just so", 1);
        name[99] = '\0';
        add_directory(name);
        check_round_trip();
}
END_TEST

START_TEST(times) {
        add_file("fine", "", 0);
        set_time(a_fd, "fine", 1000, 123456789);
        add_file("old", "", 0);
        set_time(a_fd, "old", -1000, 0);
        check_round_trip();
}
END_TEST

START_TEST(owners_and_attributes) {
        add_file("file", "x", 1);
        if (geteuid() == 0)
                ck_assert_int_eq(fchownat(a_fd, "file", 4000000000U, 3000000, 0), 0);
        {
                _cleanup_close_ int fd = openat(a_fd, "file", O_RDONLY | O_CLOEXEC);

                /* Not every file system has them. */
                ck_assert(fsetxattr(fd, "user.note", "a\0b\nc", 5, 0) == 0 || errno == EOPNOTSUPP);
        }
        set_time(a_fd, "file", 1, 0);
        check_round_trip();
}
END_TEST

START_TEST(whiteouts) {
        if (geteuid() != 0)
                return;
        add_directory("dir");
        ck_assert_int_eq(mknodat(a_fd, "dir/gone", S_IFCHR, makedev(0, 0)), 0);
        ck_assert_int_eq(mknodat(a_fd, "gone", S_IFCHR, makedev(0, 0)), 0);
        add_directory("other");
        add_file("other/file", "new", 1);
        {
                _cleanup_close_ int fd = openat(a_fd, "other", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

                ck_assert_int_eq(fsetxattr(fd, "trusted.overlay.opaque", "y", 1, 0), 0);
        }
        ck_assert_int_eq(pack(a_fd), 0);
        {
                char diff_id[DIGEST_TEXT_SIZE], first[DIGEST_TEXT_SIZE], value;
                _cleanup_close_ int fd = -EBADF;
                struct stat st;

                memcpy(first, digest, sizeof(first));
                unpack(diff_id);
                ck_assert_int_eq(fstatat(b_fd, "dir/gone", &st, AT_SYMLINK_NOFOLLOW), 0);
                ck_assert(S_ISCHR(st.st_mode) && st.st_rdev == makedev(0, 0));
                fd = openat(b_fd, "other", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
                ck_assert_int_eq(fgetxattr(fd, "trusted.overlay.opaque", &value, 1), 1);
                ck_assert_int_eq(value, 'y');
                ck_assert_int_eq(pack(b_fd), 0);
                ck_assert_str_eq(digest, first);
        }
}
END_TEST

/* Holes are zeros, whichever of them a file system makes. */
START_TEST(holes) {
        char with[DIGEST_TEXT_SIZE], bytes[200000] = { 'x' };

        bytes[150000] = 'y';
        add_file("file", "x", 1);
        {
                _cleanup_close_ int fd = openat(a_fd, "file", O_WRONLY | O_CLOEXEC);

                ck_assert_int_eq(ftruncate(fd, sizeof(bytes)), 0);
                ck_assert_int_eq(pwrite(fd, "y", 1, 150000), 1);
        }
        set_time(a_fd, "file", 1, 0);
        set_time(a_fd, ".", 0, 0);
        ck_assert_int_eq(pack(a_fd), 0);
        memcpy(with, digest, sizeof(with));
        ck_assert_int_eq(write_file_atomic_at(a_fd, "file", bytes, sizeof(bytes), 0640), 0);
        set_time(a_fd, "file", 1, 0);
        set_time(a_fd, ".", 0, 0);
        ck_assert_int_eq(pack(a_fd), 0);
        ck_assert_str_eq(digest, with);
}
END_TEST

START_TEST(huge_holes) {
        add_directory("dir");
        add_file("dir/file", "", 1);
        {
                _cleanup_close_ int fd = openat(a_fd, "dir/file", O_WRONLY | O_CLOEXEC);

                if (ftruncate(fd, (off_t) (UINT64_C(65) << 30)) < 0)
                        return; /* the file system has no such files */
        }
        ck_assert_int_eq(pack(a_fd), -EFBIG);
        ck_assert_str_eq(fault, "/dir/file");
}
END_TEST

START_TEST(devices) {
        if (geteuid() != 0)
                return;
        add_directory("dev");
        if (mknodat(a_fd, "dev/null", S_IFCHR | 0666, makedev(1, 3)) < 0)
                return; /* in a container */
        ck_assert_int_eq(pack(a_fd), -EOPNOTSUPP);
        ck_assert_str_eq(fault, "/dev/null");
}
END_TEST

/* Wherever it is written: the digest is the layer's name. */
START_TEST(bytes) {
        _cleanup_free_ char *path = path_join(top, "archive");
        _cleanup_close_ int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        const LayerXattr xattr = { .name = "user.note", .value = "kept", .size = 4 };
        const LayerEntry directory = { .path = "etc/", .mode = S_IFDIR | 0755 }, file = {
                .path = "etc/file",
                .mode = S_IFREG | 0644,
                .uid = 1,
                .gid = 3000000,
                .size_bytes = 5,
                .mtime = { .tv_sec = 1000, .tv_nsec = 5 },
                .xattrs = &xattr,
                .xattr_count = 1,
        };
        _cleanup_tar_writer_ TarWriter writer = {};

        ck_assert_int_eq(tar_writer_open(fd, &writer), 0);
        ck_assert_int_eq(tar_writer_add(&writer, &directory), 0);
        ck_assert_int_eq(tar_writer_add(&writer, &file), 0);
        ck_assert_int_eq(tar_writer_write(&writer, "hello", 5), 0);
        ck_assert_int_eq(tar_writer_write(&writer, "!", 1), -EIO);
        ck_assert_int_eq(tar_writer_add(&writer, &(LayerEntry) { .path = "null", .mode = S_IFCHR }), -EOPNOTSUPP);
        ck_assert_int_eq(tar_writer_finish(&writer, digest, &size), 0);
        ck_assert_uint_eq(size, 7 * 512);
        ck_assert_str_eq(digest, "sha256:5546943d9dc9de89bc1f45ca71c4af0690f5686c751063bc0fec8d27d96d4958");
}
END_TEST

int main(void) {
        Suite *suite = suite_create("layer-pack");
        TCase *tests = tcase_create("layer-pack");

        tcase_add_checked_fixture(tests, set_up, tear_down);
        tcase_add_test(tests, kinds);
        tcase_add_test(tests, what_is_long);
        tcase_add_test(tests, times);
        tcase_add_test(tests, owners_and_attributes);
        tcase_add_test(tests, whiteouts);
        tcase_add_test(tests, holes);
        tcase_add_test(tests, huge_holes);
        tcase_add_test(tests, devices);
        tcase_add_test(tests, bytes);
        suite_add_tcase(suite, tests);
        return test_run(suite);
}
