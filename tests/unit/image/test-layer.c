/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Unpacking of layers: what honest archives have, and what hostile ones try. As root everything is
 * tried; as another user what such a one may do. */
#include <errno.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include "image/layer-tree.h"
#include "image/layer.h"
#include "tests/unit/tar.h"

static char *top; /* has "layer", and beside it what must stay as it is */
static int top_fd, layer_fd;
static Text tar;
static char *message;
static char diff_id[DIGEST_TEXT_SIZE];

static void set_up(void) {
        top = test_directory();
        top_fd = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        ck_assert_int_ge(top_fd, 0);
        test_write(top, "outside/file", "untouched");
        ck_assert_int_eq(mkdirat(top_fd, "layer", 0755), 0);
        layer_fd = openat(top_fd, "layer", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        ck_assert_int_ge(layer_fd, 0);
}

/* Whatever was unpacked, nothing beside the layer has changed. */
static void tear_down(void) {
        _cleanup_free_ char *text = NULL;
        _cleanup_closedir_ DIR *directory = fdopendir(top_fd);
        unsigned entries = 0;

        ck_assert_int_eq(read_file_at(top_fd, "outside/file", 64, &text, NULL), 0);
        ck_assert_str_eq(text, "untouched");
        while (readdir(directory))
                entries++;
        ck_assert_uint_eq(entries, 4);
        layer_fd = fd_close(layer_fd);
        text_done(&tar);
        message = x_free(message);
        test_directory_done(&top);
}

static bool is_root(void) {
        return geteuid() == 0;
}

static void add(TarEntry entry) {
        if (!is_root()) {
                entry.uid = geteuid();
                entry.gid = getegid();
        }
        tar_add(&tar, &entry);
}

static int unpack_limited(const LayerLimits *limits) {
        _cleanup_free_ char *path = path_join(top, "outside/../tar");
        _cleanup_close_ int fd = -EBADF;
        int r;

        ck_assert(!tar.failed);
        ck_assert_int_eq(write_file_atomic_at(AT_FDCWD, path, tar.data, tar.length, 0600), 0);
        fd = open(path, O_RDONLY | O_CLOEXEC);
        ck_assert_int_ge(fd, 0);
        ck_assert_int_eq(unlink(path), 0);
        r = layer_unpack_into(fd, layer_fd, limits, diff_id, &message);
        return r;
}

static int unpack(void) {
        LayerLimits limits = layer_limits_for(tar.length);

        tar_end(&tar);
        return unpack_limited(&limits);
}

static struct stat look(const char *path) {
        struct stat st = {};

        ck_assert_msg(fstatat(layer_fd, path, &st, AT_SYMLINK_NOFOLLOW) == 0, "%s: %s", path, strerror(errno));
        return st;
}

static void check_text(const char *path, const char *expected) {
        _cleanup_free_ char *text = NULL;

        ck_assert_int_eq(read_file_at(layer_fd, path, 4096, &text, NULL), 0);
        ck_assert_str_eq(text, expected);
}

static bool is_missing(const char *path) {
        struct stat st;
        return fstatat(layer_fd, path, &st, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT;
}

static bool is_whiteout(const char *path) {
        struct stat st = look(path);
        return S_ISCHR(st.st_mode) && st.st_rdev == makedev(0, 0);
}

static bool is_opaque(const char *path) {
        _cleanup_close_ int fd = openat(layer_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        char value[2] = "";

        ck_assert_int_ge(fd, 0);
        return fgetxattr(fd, "trusted.overlay.opaque", value, sizeof(value)) == 1 && value[0] == 'y';
}

START_TEST(kinds) {
        char target[16] = "";
        struct stat st;

        add((TarEntry) { .path = "./", .type = '5', .mode = 0711, .mtime = 5 });
        add((TarEntry) { .path = "./a/", .type = '5', .mode = 01777, .mtime = 1000 });
        add((TarEntry) { .path = "./a/file", .content = "text", .mode = 04755, .mtime = 2000 });
        add((TarEntry) { .path = "a/link", .type = '2', .link = "/etc/passwd", .mtime = 3000 });
        add((TarEntry) { .path = "a/same", .type = '1', .link = "./a/file" });
        add((TarEntry) { .path = "a/fifo", .type = '6', .mode = 0600 });
        add((TarEntry) { .path = "empty" });
        ck_assert_int_eq(unpack(), 0);

        ck_assert_uint_eq(look(".").st_mode & 07777, 0711);
        ck_assert_int_eq(look(".").st_mtime, 5);
        st = look("a");
        ck_assert(S_ISDIR(st.st_mode));
        ck_assert_uint_eq(st.st_mode & 07777, 01777);
        ck_assert_int_eq(st.st_mtime, 1000);
        st = look("a/file");
        ck_assert_uint_eq(st.st_mode & 07777, 04755);
        ck_assert_int_eq(st.st_mtime, 2000);
        ck_assert_uint_eq(st.st_nlink, 2);
        ck_assert_uint_eq(look("a/same").st_ino, st.st_ino);
        check_text("a/same", "text");
        ck_assert_int_eq(readlinkat(layer_fd, "a/link", target, sizeof(target) - 1), 11);
        ck_assert_str_eq(target, "/etc/passwd");
        ck_assert_int_eq(look("a/link").st_mtime, 3000);
        ck_assert(S_ISFIFO(look("a/fifo").st_mode));
        ck_assert_int_eq(look("empty").st_size, 0);
}
END_TEST

START_TEST(owners_and_attributes) {
        char value[8] = "";

        if (!is_root())
                return;
        tar_add_xattr(&tar, "user.note", "kept");
        add((TarEntry) { .path = "file", .content = "x", .uid = 1234, .gid = 4321 });
        add((TarEntry) { .path = "link", .type = '2', .link = "file", .uid = 77, .gid = 78 });
        ck_assert_int_eq(unpack(), 0);
        ck_assert_uint_eq(look("file").st_uid, 1234);
        ck_assert_uint_eq(look("file").st_gid, 4321);
        ck_assert_uint_eq(look("link").st_uid, 77);
        {
                _cleanup_close_ int fd = openat(layer_fd, "file", O_RDONLY | O_CLOEXEC);
                ssize_t n = fgetxattr(fd, "user.note", value, sizeof(value));

                /* Not every file system has users' attributes; where it has not, the file does
                 * without. */
                ck_assert(n == 4 || errno == EOPNOTSUPP);
        }
}
END_TEST

/* With these an image could tell overlayfs to look elsewhere. */
START_TEST(attributes_of_overlays_are_dropped) {
        tar_add_xattr(&tar, "trusted.overlay.redirect", "/outside");
        tar_add_xattr(&tar, "security.selinux", "x:y:z:s0");
        add((TarEntry) { .path = "dir/", .type = '5' });
        ck_assert_int_eq(unpack(), 0);
        {
                _cleanup_close_ int fd = openat(layer_fd, "dir", O_RDONLY | O_CLOEXEC);
                char value[64];

                ck_assert_int_lt(fgetxattr(fd, "trusted.overlay.redirect", value, sizeof(value)), 0);
                ck_assert(fgetxattr(fd, "security.selinux", value, sizeof(value)) < 0 ||
                          memcmp(value, "x:y:z", 5) != 0);
        }
}
END_TEST

START_TEST(parents_are_made) {
        add((TarEntry) { .path = "a/b/c/file", .content = "deep" });
        ck_assert_int_eq(unpack(), 0);
        check_text("a/b/c/file", "deep");
        ck_assert_uint_eq(look("a/b").st_mode & 07777, 0755);
        ck_assert_int_eq(look("a/b").st_mtime, 0); /* the same whenever it is unpacked */
}
END_TEST

START_TEST(later_entries_win) {
        add((TarEntry) { .path = "one", .content = "first" });
        add((TarEntry) { .path = "two", .type = '5' });
        add((TarEntry) { .path = "two/below", .content = "gone" });
        add((TarEntry) { .path = "one", .content = "second" });
        add((TarEntry) { .path = "two", .content = "a file now" });
        add((TarEntry) { .path = "one", .type = '5', .mode = 0700 });
        add((TarEntry) { .path = "one", .type = '5', .mode = 0750 });
        ck_assert_int_eq(unpack(), 0);
        check_text("two", "a file now");
        ck_assert_uint_eq(look("one").st_mode & 07777, 0750);
}
END_TEST

START_TEST(whiteouts) {
        if (!is_root())
                return;
        add((TarEntry) { .path = "etc/.wh.shadow" });
        add((TarEntry) { .path = "var/.wh..wh..opq" });
        add((TarEntry) { .path = "var/new", .content = "here" });
        add((TarEntry) { .path = "kept", .content = "of this layer" });
        add((TarEntry) { .path = ".wh.kept" });
        add((TarEntry) { .path = ".wh.back" });
        add((TarEntry) { .path = "back", .content = "again" });
        add((TarEntry) { .path = ".wh.tree" });
        add((TarEntry) { .path = "tree/", .type = '5' });
        add((TarEntry) { .path = "bush/", .type = '5' });
        add((TarEntry) { .path = ".wh.bush" });
        add((TarEntry) { .path = ".wh..wh.plnk", .type = '5' });
        add((TarEntry) { .path = ".wh.early" });
        add((TarEntry) { .path = "early/file", .content = "new" });
        ck_assert_int_eq(unpack(), 0);
        ck_assert(is_whiteout("etc/shadow"));
        ck_assert_int_eq(look("etc/shadow").st_mtime, 0);
        ck_assert(is_opaque("var"));
        check_text("var/new", "here");
        check_text("kept", "of this layer");
        check_text("back", "again");
        ck_assert(is_opaque("tree"));
        ck_assert(is_opaque("bush"));
        ck_assert(is_opaque("early"));
        check_text("early/file", "new");
        ck_assert(is_missing(".wh..wh.plnk"));
        ck_assert(is_missing("etc/.wh.shadow"));
}
END_TEST

static int unpack_plain(void) {
        LayerLimits limits = layer_limits_for(tar.length);

        limits.plain = true;
        tar_end(&tar);
        return unpack_limited(&limits);
}

/* Of no layer: ".wh." is a name, and a device nobody's to have. */
START_TEST(plain_archive) {
        add((TarEntry) { .path = "kept", .content = "here" });
        add((TarEntry) { .path = ".wh.kept", .content = "a file" });
        add((TarEntry) { .path = ".wh..wh..opq", .content = "another" });
        add((TarEntry) { .path = "device", .type = '3', .major = 1, .minor = 3 });
        add((TarEntry) { .path = "block", .type = '4', .major = 1, .minor = 3 });
        add((TarEntry) { .path = "pipe", .type = '6' });
        add((TarEntry) { .path = "made/file", .content = "below" });
        ck_assert_int_eq(unpack_plain(), 0);
        check_text("kept", "here");
        check_text(".wh.kept", "a file");
        check_text(".wh..wh..opq", "another");
        check_text("made/file", "below");
        ck_assert(!is_opaque("."));
        ck_assert(is_missing("device"));
        ck_assert(is_missing("block"));
        ck_assert(S_ISFIFO(look("pipe").st_mode));
}
END_TEST

START_TEST(plain_through_a_symlink) {
        add((TarEntry) { .path = "real", .type = '5' });
        add((TarEntry) { .path = "door", .type = '2', .link = "real" });
        add((TarEntry) { .path = "door/file", .content = "written" });
        ck_assert_int_eq(unpack_plain(), -EBADMSG);
        ck_assert(is_missing("real/file"));
}
END_TEST

START_TEST(plain_through_the_parent) {
        add((TarEntry) { .path = "../outside/file", .content = "written" });
        ck_assert_int_eq(unpack_plain(), -EBADMSG);
}
END_TEST

START_TEST(absolute_paths_are_the_layer_s) {
        add((TarEntry) { .path = "/etc/file", .content = "inside" });
        ck_assert_int_eq(unpack(), 0);
        check_text("etc/file", "inside");
}
END_TEST

START_TEST(symlinks_stay_inside) {
        _cleanup_free_ char *outside = path_join(top, "outside");

        add((TarEntry) { .path = "up", .type = '2', .link = "../outside" });
        add((TarEntry) { .path = "up/file", .content = "written" });
        add((TarEntry) { .path = "abs", .type = '2', .link = outside });
        add((TarEntry) { .path = "abs/file", .content = "written" });
        add((TarEntry) { .path = "run", .type = '5' });
        add((TarEntry) { .path = "var/run", .type = '2', .link = "/run" });
        add((TarEntry) { .path = "var/run/pid", .content = "1" });
        ck_assert_int_eq(unpack(), 0);
        check_text("outside/file", "written"); /* below the layer, as a container would see it */
        check_text("run/pid", "1");
}
END_TEST

/* A directory is replaced by a link to the outside in the middle of the archive, and written
 * through. */
START_TEST(directories_become_symlinks) {
        add((TarEntry) { .path = "dir/", .type = '5' });
        add((TarEntry) { .path = "dir/one", .content = "1" });
        add((TarEntry) { .path = "dir", .type = '2', .link = "../outside" });
        add((TarEntry) { .path = "dir/file", .content = "written" });
        ck_assert_int_eq(unpack(), 0);
        check_text("outside/file", "written");
}
END_TEST

/* The last component is replaced, never followed. */
START_TEST(files_do_not_follow) {
        _cleanup_free_ char *outside = path_join(top, "outside/file");

        add((TarEntry) { .path = "file", .type = '2', .link = outside });
        add((TarEntry) { .path = "file", .content = "written" });
        add((TarEntry) { .path = "again", .type = '2', .link = outside });
        add((TarEntry) { .path = "hard", .type = '1', .link = "again" });
        ck_assert_int_eq(unpack(), 0);
        check_text("file", "written");
        ck_assert(S_ISLNK(look("hard").st_mode));
}
END_TEST

static void check_refused(int error, const char *expected) {
        ck_assert_int_eq(unpack(), error);
        ck_assert_str_eq(message ?: "", expected);
}

START_TEST(parent_of_the_root) {
        add((TarEntry) { .path = "../outside/file", .content = "written" });
        check_refused(-EBADMSG, "entry \"../outside/file\"");
}
END_TEST

START_TEST(parent_in_the_middle) {
        add((TarEntry) { .path = "a/../../outside/file", .content = "written" });
        check_refused(-EBADMSG, "entry \"a/../../outside/file\"");
}
END_TEST

START_TEST(hard_link_out) {
        add((TarEntry) { .path = "stolen", .type = '1', .link = "../outside/file" });
        check_refused(-EBADMSG, "entry \"stolen\"");
}
END_TEST

START_TEST(hard_link_through_symlink) {
        add((TarEntry) { .path = "up", .type = '2', .link = "../outside" });
        add((TarEntry) { .path = "stolen", .type = '1', .link = "up/file" });
        check_refused(-EBADMSG, "entry \"stolen\"");
}
END_TEST

START_TEST(hard_link_to_later) {
        add((TarEntry) { .path = "early", .type = '1', .link = "late" });
        add((TarEntry) { .path = "late", .content = "x" });
        check_refused(-EBADMSG, "entry \"early\"");
}
END_TEST

START_TEST(hard_link_to_itself) {
        add((TarEntry) { .path = "self", .content = "x" });
        add((TarEntry) { .path = "self", .type = '1', .link = "self" });
        check_refused(-EBADMSG, "entry \"self\"");
}
END_TEST

START_TEST(hard_link_to_directory) {
        add((TarEntry) { .path = "dir/", .type = '5' });
        add((TarEntry) { .path = "other", .type = '1', .link = "dir" });
        check_refused(-EBADMSG, "entry \"other\"");
}
END_TEST

START_TEST(whiteout_of_the_parent) {
        add((TarEntry) { .path = "dir/.wh..", .content = "" });
        check_refused(-EBADMSG, "entry \"dir/.wh..\"");
}
END_TEST

START_TEST(whiteout_of_nothing) {
        add((TarEntry) { .path = ".wh.", .content = "" });
        check_refused(-EBADMSG, "entry \".wh.\"");
}
END_TEST

START_TEST(root_as_file) {
        add((TarEntry) { .path = ".", .content = "x" });
        check_refused(-EBADMSG, "entry \".\"");
}
END_TEST

START_TEST(file_as_directory) {
        add((TarEntry) { .path = "file", .content = "x" });
        add((TarEntry) { .path = "file/below", .content = "x" });
        check_refused(-EBADMSG, "entry \"file/below\"");
}
END_TEST

START_TEST(symlink_loop) {
        add((TarEntry) { .path = "a", .type = '2', .link = "b" });
        add((TarEntry) { .path = "b", .type = '2', .link = "a" });
        add((TarEntry) { .path = "a/file", .content = "x" });
        check_refused(-EBADMSG, "entry \"a/file\"");
}
END_TEST

START_TEST(content_is_cut) {
        LayerLimits limits = layer_limits_for(0);

        add((TarEntry) { .path = "file", .size = 10000 });
        text_append(&tar, "only this");
        ck_assert_int_eq(unpack_limited(&limits), -EBADMSG);
}
END_TEST

START_TEST(no_archive) {
        LayerLimits limits = layer_limits_for(0);

        for (unsigned i = 0; i < 2000; i++)
                text_append(&tar, "no archive ");
        ck_assert_int_eq(unpack_limited(&limits), -EBADMSG);
}
END_TEST

START_TEST(empty_archive) {
        ck_assert_int_eq(unpack(), 0);
        /* A tar of no more than its end: known to all who build images. */
        ck_assert_str_eq(diff_id, "sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef");
}
END_TEST

START_TEST(too_large) {
        LayerLimits limits = { .tar_bytes = 4096, .file_bytes = 1000, .entries = 2 };

        add((TarEntry) { .path = "file", .size = 1001 });
        ck_assert_int_eq(unpack_limited(&limits), -EFBIG);
        text_done(&tar);
        for (unsigned i = 0; i < 3; i++)
                add((TarEntry) { .path = "file" });
        tar_end(&tar);
        ck_assert_int_eq(unpack_limited(&limits), -EFBIG);
        text_done(&tar);
        add((TarEntry) { .path = "big", .content = "x" });
        for (unsigned i = 0; i < 4096; i++)
                text_append_char(&tar, '\0');
        ck_assert_int_eq(unpack_limited(&limits), -EFBIG);
}
END_TEST

/* "d/d/d", of so many. */
static char *deep_path(int count, const char *last) {
        _cleanup_text_ Text path = {};
        char *text;

        for (int i = 0; i < count; i++)
                text_append(&path, "d/");
        text_append(&path, last);
        ck_assert_int_eq(text_take(&path, &text), 0);
        return text;
}

static int add_path(LayerTree *tree, const char *path, mode_t mode, const char *symlink) {
        const LayerEntry entry = {
                .path = path, .mode = mode, .symlink = symlink, .uid = geteuid(), .gid = getegid(),
        };
        int fd = -EBADF, r = layer_tree_add(tree, &entry, &fd);

        fd_close(fd);
        return r;
}

/* No deeper than what walks through trees goes down, or the volume that it shall be copied to fails
 * every start. */
START_TEST(too_deep) {
        _cleanup_layer_tree_ LayerTree tree = LAYER_TREE_INIT(layer_fd);
        _cleanup_free_ char *deepest = deep_path(LAYER_DEPTH_MAX - 1, "f"), *deeper = deep_path(LAYER_DEPTH_MAX, "f"),
                            *half = deep_path(LAYER_DEPTH_MAX / 2, ""), *by_link = text_format("l/%s/f", half);

        ck_assert_int_eq(add_path(&tree, deepest, S_IFREG | 0644, NULL), 0);
        ck_assert_int_eq(add_path(&tree, deeper, S_IFREG | 0644, NULL), -EFBIG);
        ck_assert_int_eq(add_path(&tree, "l", S_IFLNK | 0777, half), 0);
        ck_assert_int_eq(add_path(&tree, by_link, S_IFREG | 0644, NULL), -EFBIG);
        ck_assert_int_eq(add_path(&tree, "l/f", S_IFREG | 0644, NULL), 0);
}
END_TEST

/* They are remembered until the end, and their names can be long. */
START_TEST(too_many_directories) {
        enum { COMPONENT = 250, COMPONENTS = 16 };
        _cleanup_layer_tree_ LayerTree tree = LAYER_TREE_INIT(layer_fd);
        char path[COMPONENT * COMPONENTS + 1];
        size_t many = LAYER_NOTES_MAX / sizeof(path) + 1;
        int r = 0;

        memset(path, 'x', sizeof(path) - 1);
        path[sizeof(path) - 1] = '\0';
        for (size_t i = COMPONENT; i < sizeof(path) - 1; i += COMPONENT)
                path[i] = '/';
        for (size_t i = 0; i < many && r >= 0; i++)
                r = add_path(&tree, path, S_IFDIR | 0755, NULL);
        ck_assert_int_eq(r, -EFBIG);
}
END_TEST

/* Those that are made on the way count as entries. */
START_TEST(too_many_parents) {
        LayerLimits limits = layer_limits_for(0);

        limits.entries = 10;
        add((TarEntry) { .path = "a/b/c/d/e/f" });
        add((TarEntry) { .path = "A/B/C/D/E/F" });
        tar_end(&tar);
        ck_assert_int_eq(unpack_limited(&limits), -EFBIG);
}
END_TEST

START_TEST(no_bytes) {
        /* gzip of nothing */
        static const char gzip[] = "\x1f\x8b\x08\0\0\0\0\0\0\x03\x03\0\0\0\0\0\0\0\0";
        LayerLimits limits = layer_limits_for(0);

        text_append_n(&tar, "", 0);
        ck_assert_int_eq(unpack_limited(&limits), -EBADMSG);
        ck_assert_str_eq(message, "it is empty, or no archive");
        message = x_free(message);
        text_append_n(&tar, gzip, sizeof(gzip));
        ck_assert_int_eq(unpack_limited(&limits), -EBADMSG);
}
END_TEST

START_TEST(names_in_messages_are_short) {
        enum { LENGTH = 100000 };
        _cleanup_free_ char *name = malloc(LENGTH + 1);
        LayerLimits limits = layer_limits_for(0);

        memset(name, 'x', LENGTH);
        name[LENGTH] = '\0';
        add((TarEntry) { .path = "././@LongLink", .type = 'L', .content = name });
        add((TarEntry) { .path = "short" });
        tar_end(&tar);
        ck_assert_int_lt(unpack_limited(&limits), 0);
        ck_assert(!message || strlen(message) < 2000);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("layer");
        TCase *tests = tcase_create("layer");

        tcase_add_checked_fixture(tests, set_up, tear_down);
        tcase_add_test(tests, kinds);
        tcase_add_test(tests, owners_and_attributes);
        tcase_add_test(tests, attributes_of_overlays_are_dropped);
        tcase_add_test(tests, parents_are_made);
        tcase_add_test(tests, later_entries_win);
        tcase_add_test(tests, whiteouts);
        tcase_add_test(tests, plain_archive);
        tcase_add_test(tests, plain_through_a_symlink);
        tcase_add_test(tests, plain_through_the_parent);
        tcase_add_test(tests, absolute_paths_are_the_layer_s);
        tcase_add_test(tests, symlinks_stay_inside);
        tcase_add_test(tests, directories_become_symlinks);
        tcase_add_test(tests, files_do_not_follow);
        tcase_add_test(tests, parent_of_the_root);
        tcase_add_test(tests, parent_in_the_middle);
        tcase_add_test(tests, hard_link_out);
        tcase_add_test(tests, hard_link_through_symlink);
        tcase_add_test(tests, hard_link_to_later);
        tcase_add_test(tests, hard_link_to_itself);
        tcase_add_test(tests, hard_link_to_directory);
        tcase_add_test(tests, whiteout_of_the_parent);
        tcase_add_test(tests, whiteout_of_nothing);
        tcase_add_test(tests, root_as_file);
        tcase_add_test(tests, file_as_directory);
        tcase_add_test(tests, symlink_loop);
        tcase_add_test(tests, content_is_cut);
        tcase_add_test(tests, no_archive);
        tcase_add_test(tests, empty_archive);
        tcase_add_test(tests, too_large);
        tcase_add_test(tests, too_deep);
        tcase_add_test(tests, too_many_directories);
        tcase_add_test(tests, too_many_parents);
        tcase_add_test(tests, no_bytes);
        tcase_add_test(tests, names_in_messages_are_short);
        tcase_set_timeout(tests, 120);
        suite_add_tcase(suite, tests);
        return test_run(suite);
}
