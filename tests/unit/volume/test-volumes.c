/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copying trees, and what becomes of a volume by being used. As far as that needs no root: owners
 * and devices are for a guest to test. */
#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "basic/copy-tree.h"
#include "basic/directory.h"
#include "tests/unit/test.h"
#include "volume/volumes.h"

static char *directory, *store;

static void set_up(void) {
        directory = test_directory();
        store = path_join(directory, "store");
        test_write(directory, "source/file", "content");
        test_write(directory, "source/below/one", "1");
}

static void tear_down(void) {
        free(store);
        test_directory_done(&directory);
}

static int open_below(const char *name) {
        _cleanup_free_ char *path = path_join(directory, name);
        int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        ck_assert_msg(fd >= 0, "%s: %s", path, strerror(errno));
        return fd;
}

static bool exists(const char *name) { return test_exists(directory, name); }

static struct stat stat_of(const char *name) {
        _cleanup_free_ char *path = path_join(directory, name);
        struct stat st;

        ck_assert_int_eq(lstat(path, &st), 0);
        return st;
}

static void make_directory(const char *name) {
        _cleanup_free_ char *path = path_join(directory, name);

        ck_assert_int_eq(make_directories_at(AT_FDCWD, path, 0755), 0);
}

static int copy(const char *from, const char *to) {
        _cleanup_close_ int source_fd = open_below(from), target_fd = -EBADF;

        make_directory(to);
        target_fd = open_below(to);
        return copy_tree(source_fd, target_fd, NULL);
}

START_TEST(copies_everything) {
        _cleanup_close_ int fd = open_below("source");
        const struct timespec times[] = { { .tv_sec = 1 }, { .tv_sec = 2, .tv_nsec = 3 } };
        int sparse;

        ck_assert_int_eq(linkat(fd, "file", fd, "below/again", 0), 0);
        test_link(directory, "source/link", "/etc/shadow");
        ck_assert_int_eq(linkat(fd, "link", fd, "link-again", 0), 0);
        ck_assert_int_eq(mkfifoat(fd, "pipe", 0610), 0);
        ck_assert_int_eq(fchmodat(fd, "file", 04751, 0), 0);
        sparse = openat(fd, "sparse", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
        ck_assert(sparse >= 0 && pwrite(sparse, "x", 1, 4 << 20) == 1 && ftruncate(sparse, 8 << 20) == 0);
        fd_close(sparse);
        ck_assert_int_eq(utimensat(fd, "below", times, 0), 0);
        ck_assert_int_eq(fchmod(fd, 01750), 0);

        ck_assert_int_eq(copy("source", "target"), 0);
        ck_assert_uint_eq(stat_of("target/file").st_mode, S_IFREG | 04751);
        ck_assert_uint_eq(stat_of("target/file").st_ino, stat_of("target/below/again").st_ino);
        ck_assert_uint_eq(stat_of("target/file").st_nlink, 2);
        ck_assert(S_ISLNK(stat_of("target/link").st_mode));
        ck_assert_uint_eq(stat_of("target/link").st_ino, stat_of("target/link-again").st_ino);
        ck_assert_uint_eq(stat_of("target/pipe").st_mode, S_IFIFO | 0610);
        ck_assert_int_eq(stat_of("target/sparse").st_size, 8 << 20);
        ck_assert_int_lt(stat_of("target/sparse").st_blocks, 1 << 11);
        ck_assert_int_eq(stat_of("target/below").st_mtim.tv_sec, 2);
        ck_assert_int_eq(stat_of("target/below").st_mtim.tv_nsec, 3);
        ck_assert_uint_eq(stat_of("target").st_mode, S_IFDIR | 01750);
}
END_TEST

START_TEST(does_not_go_too_deep) {
        _cleanup_text_ Text path = {};

        text_append(&path, "source");
        for (unsigned i = 0; i < 128; i++)
                text_append(&path, "/d");
        make_directory(path.data);
        ck_assert_int_eq(copy("source", "target"), 0);
        text_append(&path, "/d");
        make_directory(path.data);
        ck_assert_int_eq(copy("source", "deeper"), -ELOOP);
}
END_TEST

START_TEST(overwrites_nothing) {
        test_link(directory, "target/file", "../victim");
        test_write(directory, "victim", "kept");
        ck_assert_int_eq(copy("source", "target"), -EEXIST);
        ck_assert_int_eq(stat_of("victim").st_size, 4);
}
END_TEST

/* What another container can do that has the volume already: puts symlinks to `target` in the place
 * of what is being copied, as fast as it can. */
static pid_t start_exchanger(const char *path, const char *target, unsigned count) {
        pid_t pid = fork();
        int fd = -1;

        ck_assert_int_ge(pid, 0);
        if (pid > 0)
                return pid;
        (void) prctl(PR_SET_PDEATHSIG, SIGKILL);
        while (fd < 0)
                fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        for (unsigned i = 0;; i++) {
                struct stat st;
                char name[16];

                snprintf(name, sizeof(name), "p%u", i % count);
                if (fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && !S_ISLNK(st.st_mode) &&
                    symlinkat(target, fd, ".x") == 0 && renameat(fd, ".x", fd, name) < 0)
                        (void) unlinkat(fd, ".x", 0);
        }
}

static void empty(const char *path) {
        _cleanup_string_list_ StringList names = {};

        ck_assert_int_eq(directory_list(path, &names), 0);
        for (size_t i = 0; i < names.count; i++) {
                _cleanup_free_ char *entry = path_join(path, names.items[i]);
                (void) remove_tree_at(AT_FDCWD, entry);
        }
}

static void stop_exchanger(pid_t pid) {
        ck_assert_int_eq(kill(pid, SIGKILL), 0);
        ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
}

START_TEST(changes_nothing_elsewhere) {
        enum { ENTRIES = 40, ROUNDS = 60 };
        pid_t pid;

        test_write(directory, "victim", "kept");
        for (unsigned i = 0; i < ENTRIES; i++) {
                _cleanup_free_ char *path = text_format("%s/source/p%u", directory, i);
                ck_assert_int_eq(mkfifo(path, 0666), 0);
                ck_assert_int_eq(chmod(path, 06666), 0);
        }
        make_directory("target");
        {
                _cleanup_free_ char *target = path_join(directory, "target"), *victim = path_join(directory, "victim");
                const mode_t mode = stat_of("victim").st_mode;

                pid = start_exchanger(target, victim, ENTRIES);
                for (unsigned i = 0; i < ROUNDS && stat_of("victim").st_mode == mode; i++) {
                        (void) copy("source", "target");
                        empty(target);
                }
                stop_exchanger(pid);
                ck_assert_uint_eq(stat_of("victim").st_mode, mode);
        }
}
END_TEST

/* Before the second name of a file is copied, somebody moves the directory with the first away. */
static void exchange(const void *userdata _unused_, uid_t *uid _unused_, gid_t *gid _unused_) {
        _cleanup_free_ char *path = path_join(directory, "target/below"), *away = path_join(directory, "target/away"),
                            *outside = path_join(directory, "outside");

        if ((exists("target/below/one") || exists("target/below/two")) && !exists("target/away"))
                ck_assert(rename(path, away) == 0 && symlink(outside, path) == 0);
}

START_TEST(links_nothing_from_elsewhere) {
        _cleanup_free_ char *path = path_join(directory, "source/below/one"),
                            *again = path_join(directory, "source/below/two");
        const CopyOwners owners = { .translate = exchange };
        _cleanup_close_ int source_fd = open_below("source"), target_fd = -EBADF;

        ck_assert_int_eq(link(path, again), 0);
        test_write(directory, "outside/one", "secret");
        test_write(directory, "outside/two", "secret");
        make_directory("target");
        target_fd = open_below("target");
        ck_assert_int_eq(copy_tree(source_fd, target_fd, &owners), 0);
        ck_assert(exists("target/away/one") && exists("target/away/two"));
        ck_assert_uint_eq(stat_of("outside/one").st_nlink, 1);
        ck_assert_uint_eq(stat_of("outside/two").st_nlink, 1);
}
END_TEST

/* Volumes */

static void lock(const char *name, LockedVolume *ret) {
        ck_assert_int_eq(volume_lock(store, name, true, ret), 0);
        ck_assert_int_ge(volume_make(ret, NULL), 0);
}

static void use(const char *name, bool from_source, bool copy) {
        _cleanup_locked_volume_ LockedVolume volume = LOCKED_VOLUME_INIT;
        _cleanup_close_ int source_fd = from_source ? open_below("source") : -EBADF;
        const VolumeFirstUse first = { .source_fd = source_fd, .copy = copy, .process = { getuid(), getgid() } };

        lock(name, &volume);
        ck_assert_int_eq(volume_use(&volume, &first), 0);
}

START_TEST(names_are_checked) {
        static const char *const bad[] = { "", ".", "..", ".hidden", "a/b", "../x" };
        LockedVolume volume;

        for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
                ck_assert_msg(volume_lock(store, bad[i], true, &volume) == -EINVAL, "accepted: %s", bad[i]);
        ck_assert_int_eq(volume_lock(store, "missing", false, &volume), -ENOENT);
        ck_assert(!exists("store"));
}
END_TEST

START_TEST(is_made_once) {
        _cleanup_locked_volume_ LockedVolume volume = LOCKED_VOLUME_INIT;
        const VolumeOwner owner = { getuid(), getgid() };

        ck_assert_int_eq(volume_lock(store, "data", true, &volume), 0);
        test_write(store, "data/.new/left-over", "");
        ck_assert_int_eq(volume_open_data(&volume), -ENOENT);
        ck_assert_int_eq(volume_make(&volume, &owner), 1);
        ck_assert_int_eq(volume_make(&volume, NULL), 0);
        ck_assert_uint_eq(stat_of("store/data").st_mode, S_IFDIR | 0700);
        ck_assert_uint_eq(stat_of("store/data/_data").st_mode, S_IFDIR | 0755);
        ck_assert(exists("store/data/owned") && !exists("store/data/_data/left-over"));
        ck_assert_int_eq(volume_is_mounted(&volume), 0);
}
END_TEST

START_TEST(content_must_be_a_directory) {
        _cleanup_locked_volume_ LockedVolume volume = LOCKED_VOLUME_INIT;

        test_link(store, "data/_data", "/etc");
        ck_assert_int_eq(volume_lock(store, "data", true, &volume), 0);
        ck_assert_int_eq(volume_make(&volume, NULL), -ENOTDIR);
        ck_assert_int_lt(volume_open_data(&volume), 0);
}
END_TEST

START_TEST(is_filled_once) {
        _cleanup_free_ char *below = path_join(directory, "store/data/_data/below");

        use("data", true, true);
        ck_assert(exists("store/data/_data/file") && exists("store/data/_data/below/one"));
        ck_assert(exists("store/data/copied") && exists("store/data/owned"));
        ck_assert_int_eq(remove_tree_at(AT_FDCWD, below), 0);
        use("data", true, true);
        ck_assert(exists("store/data/_data/file") && !exists("store/data/_data/below"));
}
END_TEST

START_TEST(is_not_filled) {
        use("bare", true, false);
        ck_assert(!exists("store/bare/_data/file") && exists("store/bare/owned") && !exists("store/bare/copied"));
        test_write(store, "full/_data/mine", "");
        use("full", true, true);
        ck_assert(!exists("store/full/_data/file") && !exists("store/full/copied"));
        use("nothing", false, true);
        ck_assert(!exists("store/nothing/copied"));
        /* The first one to have something there fills it. */
        use("nothing", true, true);
        ck_assert(exists("store/nothing/_data/file"));
}
END_TEST

START_TEST(takes_over_the_mode) {
        _cleanup_free_ char *source = path_join(directory, "empty");

        ck_assert_int_eq(mkdir(source, 0700), 0);
        ck_assert_int_eq(chmod(source, 01770), 0);
        {
                _cleanup_locked_volume_ LockedVolume volume = LOCKED_VOLUME_INIT;
                _cleanup_close_ int source_fd = open_below("empty");
                VolumeFirstUse first = { .source_fd = source_fd, .copy = true, .process = { getuid(), getgid() } };

                lock("data", &volume);
                ck_assert_int_eq(volume_use(&volume, &first), 0);
                ck_assert_uint_eq(stat_of("store/data/_data").st_mode, S_IFDIR | 01770);
                ck_assert_int_eq(chmod(volume.data_path, 0711), 0);
                ck_assert_int_eq(volume_use(&volume, &first), 0);
                ck_assert_uint_eq(stat_of("store/data/_data").st_mode, S_IFDIR | 0711);
                ck_assert_int_eq(volume_forget(&volume), 0);
                ck_assert_int_eq(volume_use(&volume, &first), 0);
                ck_assert_uint_eq(stat_of("store/data/_data").st_mode, S_IFDIR | 01770);
        }
}
END_TEST

/* What a SIGKILL leaves: half a copy, a whole one, one that is half moved. */
START_TEST(goes_on_where_it_was_killed) {
        test_write(store, "half/.berth-filling/garbage", "");
        use("half", true, true);
        ck_assert(exists("store/half/_data/file") && !exists("store/half/_data/garbage") &&
                  !exists("store/half/.berth-filling"));

        test_write(store, "whole/.berth-filled/other", "");
        use("whole", true, true);
        ck_assert(exists("store/whole/_data/other") && !exists("store/whole/_data/file") &&
                  !exists("store/whole/.berth-filled"));

        test_write(store, "moved/.berth-filled/other", "");
        test_write(store, "moved/_data/file", "");
        use("moved", true, true);
        ck_assert(exists("store/moved/_data/other") && exists("store/moved/copied") &&
                  !exists("store/moved/.berth-filled"));
}
END_TEST

START_TEST(many_at_once) {
        enum { PROCESSES = 8 };

        for (unsigned i = 0; i < PROCESSES; i++) {
                pid_t pid = fork();

                ck_assert_int_ge(pid, 0);
                if (pid == 0) {
                        use("data", true, true);
                        _exit(exists("store/data/_data/below/one") ? 0 : 1);
                }
        }
        for (unsigned i = 0; i < PROCESSES; i++) {
                int status;

                ck_assert_int_gt(wait(&status), 0);
                ck_assert_int_eq(status, 0);
        }
        ck_assert(!exists("store/data/.berth-filling") && !exists("store/data/.berth-filled"));
}
END_TEST

int main(void) {
        Suite *suite = suite_create("volumes");
        TCase *copies = tcase_create("copies"), *volumes = tcase_create("volumes");

        tcase_add_checked_fixture(copies, set_up, tear_down);
        tcase_set_timeout(copies, 120);
        tcase_add_test(copies, copies_everything);
        tcase_add_test(copies, does_not_go_too_deep);
        tcase_add_test(copies, overwrites_nothing);
        tcase_add_test(copies, changes_nothing_elsewhere);
        tcase_add_test(copies, links_nothing_from_elsewhere);
        suite_add_tcase(suite, copies);

        tcase_add_checked_fixture(volumes, set_up, tear_down);
        tcase_add_test(volumes, names_are_checked);
        tcase_add_test(volumes, is_made_once);
        tcase_add_test(volumes, content_must_be_a_directory);
        tcase_add_test(volumes, is_filled_once);
        tcase_add_test(volumes, is_not_filled);
        tcase_add_test(volumes, takes_over_the_mode);
        tcase_add_test(volumes, goes_on_where_it_was_killed);
        tcase_add_test(volumes, many_at_once);
        suite_add_tcase(suite, volumes);
        return test_run(suite);
}
