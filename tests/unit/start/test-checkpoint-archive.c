/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Archives of checkpoints as an attacker writes them, and what they say of the machine. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "basic/files.h"
#include "basic/path.h"
#include "start/checkpoint/checkpoint-archive.h"
#include "start/checkpoint/checkpoint-store.h"
#include "tests/unit/tar.h"

static const char about[] = "{\"format\":\"berth-checkpoint-1\",\"container\":\"web\",\"architecture\":\"x86_64\","
                            "\"kernel\":\"6.12.1\",\"criu\":\"4.1.1\",\"runtime\":\"crun\","
                            "\"cpu\":[\"avx\",\"sse\"],\"volumes\":[\"data\"],\"fileLocks\":true,\"tcpClose\":true}";

/* Returns what unpacking says, with the volume "data" in the directory "data". */
static int unpack_with(const char *directory, const Text *tar, bool volume, Diagnostics *diagnostics) {
        _cleanup_free_ char *path = path_join(directory, "data");
        _cleanup_checkpoint_archive_ CheckpointArchive archive = {};
        _cleanup_close_ int in_fd = -EBADF, lock_fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC),
                            volume_fd = -EBADF;
        int r;

        ck_assert_int_eq(make_directories_at(AT_FDCWD, path, 0755), 0);
        ck_assert_int_eq(write_file_atomic_at(lock_fd, "archive", tar->data, tar->length, 0600), 0);
        volume_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        in_fd = openat(lock_fd, "archive", O_RDONLY | O_CLOEXEC);
        r = checkpoint_archive_open(in_fd, "archive", diagnostics, &archive);
        return r < 0 ? r
                     : checkpoint_archive_unpack(&archive, lock_fd,
                                                 &(ArchivedVolume) { .path = "volumes/data", .fd = volume_fd }, volume,
                                                 diagnostics);
}

static void begin(Text *tar) {
        tar_add(tar, &(TarEntry) { .path = "about.json", .content = about });
        tar_add(tar, &(TarEntry) { .path = "config.json", .content = "{}" });
        tar_add(tar, &(TarEntry) { .path = "images", .type = '5' });
        tar_add(tar, &(TarEntry) { .path = "images/inventory.img", .content = "x", .uid = 7, .mode = 04777 });
}

START_TEST(a_whole_one) {
        _cleanup_test_directory_ char *directory = test_directory();
        _cleanup_free_ char *inventory = path_join(directory, "new/images/inventory.img");
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_text_ Text tar = {};
        struct stat st;

        begin(&tar);
        tar_add(&tar, &(TarEntry) { .path = "upper/", .type = '5' });
        tar_add(&tar, &(TarEntry) { .path = "upper/etc/hosts", .content = "content" });
        tar_add(&tar, &(TarEntry) { .path = "upper/etc/same", .type = '1', .link = "upper/etc/hosts" });
        tar_add(&tar, &(TarEntry) { .path = "upper/dev/sda", .type = '4', .major = 8 });
        tar_add(&tar, &(TarEntry) { .path = "volumes/data/.wh.file", .content = "a name" });
        tar_add(&tar, &(TarEntry) { .path = "volumes/data/null", .type = '3', .major = 1, .minor = 3 });
        tar_add(&tar, &(TarEntry) { .path = "volumes/unknown/file" });
        tar_end(&tar);
        ck_assert_int_eq(unpack_with(directory, &tar, true, &diagnostics), 0);
        ck_assert_int_eq(stat(inventory, &st), 0);
        ck_assert_uint_eq(st.st_mode, S_IFREG | 0600);
        ck_assert_uint_eq(st.st_uid, 0);
        ck_assert(test_exists(directory, "new/upper/etc/same"));
        ck_assert(!test_exists(directory, "new/upper/dev/sda"));
        ck_assert(test_exists(directory, "data/.wh.file"));
        ck_assert(!test_exists(directory, "data/null"));
        ck_assert(!test_exists(directory, "new/volumes"));
        /* These are ours. */
        ck_assert(test_exists(directory, "new/criu.conf"));
        ck_assert(!test_exists(directory, "new/sleeps"));
}
END_TEST

static void check_link(const char *directory, const char *name, const char *expected) {
        _cleanup_free_ char *path = path_join(directory, name);
        char target[64];
        ssize_t n = readlink(path, target, sizeof(target));

        ck_assert_int_eq(n, (ssize_t) strlen(expected));
        ck_assert(memcmp(target, expected, strlen(expected)) == 0);
}

/* What one is upon is found where we have put it, wherever the archive's links lead. */
START_TEST(what_was_written_before) {
        _cleanup_test_directory_ char *directory = test_directory();
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_text_ Text tar = {};

        begin(&tar);
        tar_add(&tar, &(TarEntry) { .path = "images/parent", .type = '2', .link = "/etc" });
        tar_add(&tar, &(TarEntry) { .path = "pre", .type = '5' });
        tar_add(&tar, &(TarEntry) { .path = "pre/of", .content = "a process" });
        tar_add(&tar, &(TarEntry) { .path = "pre/1", .type = '5', .mode = 0777 });
        tar_add(&tar, &(TarEntry) { .path = "pre/1/inventory.img", .content = "x" });
        tar_add(&tar, &(TarEntry) { .path = "pre/2/parent", .type = '2', .link = "../../../evil" });
        tar_add(&tar, &(TarEntry) { .path = "pre/2/inventory.img", .content = "x" });
        tar_end(&tar);
        ck_assert_int_eq(unpack_with(directory, &tar, false, &diagnostics), 0);
        ck_assert(!test_exists(directory, "new/pre/of"));
        ck_assert(!test_exists(directory, "new/pre/1/parent"));
        check_link(directory, "new/pre/2/parent", "../1");
        check_link(directory, "new/images/parent", "../pre/2");
}
END_TEST

/* What is behind a whole beginning makes it no checkpoint, and nothing of it stays. */
static void check_refused(const TarEntry *entry) {
        _cleanup_test_directory_ char *directory = test_directory();
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_text_ Text tar = {};

        begin(&tar);
        tar_add(&tar, entry);
        tar_end(&tar);
        ck_assert_int_eq(unpack_with(directory, &tar, true, &diagnostics), -EREPORTED);
        ck_assert_uint_eq(diagnostics.count, 1);
        ck_assert(!test_exists(directory, CHECKPOINT_NEW));
        ck_assert(!test_exists(directory, "evil"));
}

START_TEST(what_has_no_place) {
        static const TarEntry entries[] = {
                { .path = "criu.conf", .content = "action-script /evil" },
                { .path = "sleeps", .content = "restore" },
                { .path = "work/restore.log" },
                { .path = "evil" },
                { .path = "../evil" },
                { .path = "/evil" },
                { .path = "images/../evil" },
                { .path = "images/below/evil" },
                { .path = "images/evil", .type = '2', .link = "/etc/shadow" },
                { .path = "images/evil", .type = '1', .link = "images/inventory.img" },
                { .path = "images/evil", .type = '6' },
                { .path = "pre/evil" },
                { .path = "pre/1" },
                { .path = "pre/9/evil" },
                { .path = "pre/1/evil", .type = '2', .link = "/etc/shadow" },
                { .path = "pre/1/evil", .type = '1', .link = "images/inventory.img" },
                { .path = "pre/1/below/evil" },
                { .path = "pre/parent", .type = '2', .link = "1" },
                { .path = "pre/2/inventory.img" }, /* without a first */
                { .path = "images/evil", .type = '3', .major = 1, .minor = 3 },
                { .path = "upper/../evil" },
                { .path = "upper/evil", .type = '1', .link = "images/inventory.img" },
                { .path = "upper/evil", .type = '1', .link = "/etc/shadow" },
                { .path = "upper", .content = "no directory" },
                { .path = "volumes/data/../../evil" },
                { .path = "config.json", .type = '2', .link = "/etc/shadow" },
                { .path = "network/evil" },
                { .path = "config.json", .size = 1024 * 1024 * 1024 },
        };

        for (size_t i = 0; i < ARRAY_SIZE(entries); i++)
                check_refused(&entries[i]);
}
END_TEST

/* Symlinks of a root lead nowhere else. */
START_TEST(a_symlink_on_the_way) {
        _cleanup_test_directory_ char *directory = test_directory();
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_text_ Text tar = {};

        begin(&tar);
        tar_add(&tar, &(TarEntry) { .path = "upper/out", .type = '2', .link = "../.." });
        tar_add(&tar, &(TarEntry) { .path = "upper/out/evil", .content = "x" });
        tar_end(&tar);
        (void) unpack_with(directory, &tar, false, &diagnostics);
        ck_assert(!test_exists(directory, "evil"));
        ck_assert(!test_exists(directory, "new/evil"));
}
END_TEST

static void check_said(const Text *tar, const char *message) {
        _cleanup_test_directory_ char *directory = test_directory();
        _cleanup_diagnostics_ Diagnostics diagnostics = {};

        ck_assert_int_eq(unpack_with(directory, tar, false, &diagnostics), -EREPORTED);
        ck_assert_uint_ge(diagnostics.count, 1);
        ck_assert_str_eq(diagnostics.items[0].message, message);
}

START_TEST(what_is_none) {
        static const char *const texts[] = { "{}", "null", "[]", "{\"format\":7}",
                                             "{\"format\":\"berth-checkpoint-2\"}" };
        _cleanup_text_ Text other = {}, part = {};

        tar_add(&other, &(TarEntry) { .path = "etc/passwd" });
        tar_end(&other);
        check_said(&other, "archive: this is no archive of a checkpoint");
        for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
                _cleanup_text_ Text tar = {};

                tar_add(&tar, &(TarEntry) { .path = "about.json", .content = texts[i] });
                tar_end(&tar);
                check_said(&tar, "archive: this is no checkpoint that this version of berth knows");
        }
        tar_add(&part, &(TarEntry) { .path = "about.json", .content = about });
        tar_end(&part);
        check_said(&part, "archive: the checkpoint in it is not whole");
}
END_TEST

static void check_machine(const char *member, const char *value, const char *message) {
        _cleanup_checkpoint_about_ CheckpointAbout theirs = {}, here = {};
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_free_ char *text = NULL;
        const char *old = strstr(about, member), *end = strchr(old, ',');

        text = text_format("%.*s%s%s%s", (int) (old - about), about, member, value, end);
        ck_assert_int_eq(checkpoint_about_parse(about, strlen(about), "here", &diagnostics, &here), 0);
        ck_assert_int_eq(checkpoint_about_parse(text, strlen(text), "theirs", &diagnostics, &theirs), 0);
        ck_assert_int_eq(checkpoint_about_check(&theirs, &here, &diagnostics), message ? -EREPORTED : 0);
        ck_assert_uint_eq(diagnostics.count, message ? 1 : 0);
        if (message)
                ck_assert_str_eq(diagnostics.items[0].message, message);
}

START_TEST(what_fits) {
        check_machine("\"kernel\":", "\"6.12.99-later\"", NULL);
        check_machine("\"kernel\":", "\"5.19\"", NULL);
        check_machine("\"kernel\":", "\"6.13.0\"",
                      "the checkpoint was taken with Linux 6.13.0, and this is an older one, 6.12.1: it may not have "
                      "what the processes have");
        check_machine("\"criu\":", "\"4.1\"", NULL);
        check_machine("\"criu\":", "\"4.1.2\"",
                      "the checkpoint was written by CRIU 4.1.2, and an older one, 4.1.1, is installed here");
        check_machine("\"architecture\":", "\"aarch64\"",
                      "the checkpoint was taken on aarch64, and is of no use on this machine's x86_64");
        check_machine("\"runtime\":", "\"runc\"",
                      "the checkpoint was taken with runc, and the container has crun here; Runtime= in its file "
                      "chooses another");
        check_machine("\"cpu\":", "[\"avx\",\"avx512f\"",
                      "its processes may use what the CPU of this machine does not have: avx512f");
}
END_TEST

/* An upper directory, as a layer has it. */
START_TEST(there_and_back) {
        _cleanup_test_directory_ char *directory = test_directory();
        _cleanup_free_ char *whiteout = path_join(directory, "upper/gone"), *path = path_join(directory, "upper"),
                            *made = path_join(directory, "new/upper/gone");
        _cleanup_tree_archive_ TreeArchive *archive = NULL;
        _cleanup_checkpoint_archive_ CheckpointArchive read = {};
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_close_ int fd = -EBADF, lock_fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC), out_fd = -EBADF;
        _cleanup_free_ char *settings = NULL;
        struct stat st;

        test_write(directory, "about.json", about);
        test_write(directory, "config.json", "{}");
        test_write(directory, "images/inventory.img", "x");
        test_write(directory, "upper/file", "content");
        if (mknod(whiteout, S_IFCHR, 0) < 0)
                return; /* not allowed here */
        out_fd = openat(lock_fd, "archive", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        ck_assert_int_eq(tree_archive_open(out_fd, TREE_ARCHIVE_LAYER, TREE_ARCHIVE_GZIP, &archive), 0);
        for (size_t i = 0; i < 4; i++) {
                static const char *const names[] = { "about.json", "config.json", "images", "upper" };
                _cleanup_close_ int part = openat(lock_fd, names[i], O_PATH | O_CLOEXEC);

                ck_assert_int_eq(tree_archive_add(archive, part, names[i],
                                                  i < 3 ? TREE_ARCHIVE_PLAIN : TREE_ARCHIVE_LAYER), 0);
        }
        ck_assert_int_eq(tree_archive_close(archive), 0);
        ck_assert_int_eq(lseek(out_fd, 0, SEEK_SET), 0);
        ck_assert_int_eq(checkpoint_archive_open(out_fd, "archive", &diagnostics, &read), 0);
        ck_assert(read.about.file_locks && !read.about.tcp_established);
        ck_assert_int_eq(checkpoint_archive_unpack(&read, lock_fd, NULL, 0, &diagnostics), 0);
        ck_assert_int_eq(read_file_at(lock_fd, "new/" CHECKPOINT_SETTINGS, 1000, &settings, NULL), 0);
        ck_assert_ptr_nonnull(strstr(settings, "\ntcp-close\n"));
        ck_assert_int_eq(stat(made, &st), 0);
        ck_assert(S_ISCHR(st.st_mode) && st.st_rdev == 0);
        ck_assert(test_exists(directory, "new/upper/file"));
        /* A name that would be a whiteout is none of a layer's. */
        test_write(directory, "upper/.wh.file", "");
        fd = open(path, O_PATH | O_CLOEXEC);
        tree_archive_freep(&archive);
        archive = NULL;
        ck_assert_int_eq(tree_archive_open(out_fd, TREE_ARCHIVE_LAYER, TREE_ARCHIVE_ZSTD, &archive), 0);
        ck_assert_int_eq(tree_archive_add(archive, fd, "upper", TREE_ARCHIVE_LAYER), -EOPNOTSUPP);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("checkpoint-archive");
        TCase *cases = tcase_create("checkpoint-archive");

        tcase_add_test(cases, what_fits);
        /* What CRIU reads is given to root. */
        if (geteuid() == 0) {
                tcase_add_test(cases, a_whole_one);
                tcase_add_test(cases, what_was_written_before);
                tcase_add_test(cases, what_has_no_place);
                tcase_add_test(cases, a_symlink_on_the_way);
                tcase_add_test(cases, what_is_none);
                tcase_add_test(cases, there_and_back);
        }
        suite_add_tcase(suite, cases);
        return test_run(suite);
}
