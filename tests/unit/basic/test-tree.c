/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Walking trees: what is visited, in which order, and what is not. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "basic/files.h"
#include "basic/path.h"
#include "basic/string-list.h"
#include "basic/tree.h"
#include "tests/unit/test.h"

typedef struct Seen {
        StringList names;
        const char *closed; /* the directory that is not entered */
        const char *fatal;  /* what ends the walk */
        int exchange_fd;    /* where "b" is exchanged for a symlink once it is visited */
} Seen;

static int see(int fd, const struct stat *st, void *userdata) {
        Seen *seen = userdata;
        char path[PATH_MAX];
        ssize_t n = readlink(fd_path(fd).text, path, sizeof(path) - 1);
        const char *name;

        ck_assert_int_gt(n, 0);
        path[n] = '\0';
        name = path_basename(path);
        ck_assert_int_eq(string_list_addf(&seen->names, "%s%s", name, S_ISLNK(st->st_mode) ? "@" : ""), 0);
        if (seen->exchange_fd >= 0 && streq(name, "b")) {
                ck_assert_int_eq(renameat(seen->exchange_fd, "b", seen->exchange_fd, "moved"), 0);
                ck_assert_int_eq(symlinkat("../kept", seen->exchange_fd, "b"), 0);
        }
        return streq_null(seen->fatal, name) ? -EIO : streq_null(seen->closed, name);
}

static void check_walk(const char *directory, Seen *seen, int result, const char *names) {
        _cleanup_close_ int fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
        _cleanup_text_ Text text = {};

        ck_assert_int_eq(tree_walk(fd, &(TreeWalk) { see, seen }), result);
        for (size_t i = 1; i < seen->names.count; i++)
                text_appendf(&text, "%s ", seen->names.items[i]);
        ck_assert_str_eq(text.data, names);
        string_list_done(&seen->names);
}

START_TEST(visits_in_order) {
        _cleanup_test_directory_ char *directory = test_directory();
        _cleanup_free_ char *tree = path_join(directory, "tree");

        test_write(directory, "kept/file", "");
        test_write(directory, "tree/a/b/c/file", "");
        check_walk(tree, &(Seen) { .exchange_fd = -1 }, 0, "a b c file ");
        check_walk(tree, &(Seen) { .exchange_fd = -1, .closed = "b" }, 0, "a b ");
        check_walk(tree, &(Seen) { .exchange_fd = -1, .fatal = "b" }, -EIO, "a b ");
}
END_TEST

START_TEST(follows_no_symlink) {
        _cleanup_test_directory_ char *directory = test_directory();
        _cleanup_free_ char *tree = path_join(directory, "tree");

        test_write(directory, "kept/file", "");
        test_link(directory, "tree/a/kept", "../../kept");
        check_walk(tree, &(Seen) { .exchange_fd = -1 }, 0, "a kept@ ");
}
END_TEST

START_TEST(stays_in_what_it_has_opened) {
        _cleanup_test_directory_ char *directory = test_directory();
        _cleanup_free_ char *a = path_join(directory, "tree/a");
        _cleanup_close_ int fd = -EBADF;
        Seen seen = {};

        test_write(directory, "tree/kept/secret", "");
        test_write(directory, "tree/a/b/file", "");
        fd = open(a, O_PATH | O_DIRECTORY | O_CLOEXEC);
        seen.exchange_fd = fd;
        /* "b" leads elsewhere when it is entered, but what was visited is what is entered. What is
         * beside it from then on may come or not. */
        ck_assert_int_eq(tree_walk(fd, &(TreeWalk) { see, &seen }), 0);
        ck_assert(string_list_contains(&seen.names, "file"));
        ck_assert(!string_list_contains(&seen.names, "secret"));
        string_list_done(&seen.names);
}
END_TEST

START_TEST(pins_no_mount_point) {
        _cleanup_close_ int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

        ck_assert_int_eq(tree_pin(root, "proc"), -EXDEV);
        ck_assert_int_eq(tree_pin(root, "nonexistent"), -ENOENT);
}
END_TEST

/* A deep tree: each level has a directory "d" with the next one, and every tenth a file beside it. */

enum {
        LEVELS = 5000,
        MOVED = 1000, /* the level whose "d" somebody moves out of the tree */
};

typedef struct Deep {
        unsigned directories, files, secrets;
        int moved_fd, outside_fd; /* MOVED, and where its "d" is moved to */
        ino_t last;               /* the number of the last directory; when that is visited, it is moved */
} Deep;

static int count(int fd _unused_, const struct stat *st, void *userdata) {
        Deep *deep = userdata;

        deep->directories += S_ISDIR(st->st_mode);
        deep->files += S_ISREG(st->st_mode) && st->st_size == 0;
        deep->secrets += S_ISREG(st->st_mode) && st->st_size > 0;
        if (st->st_ino == deep->last)
                ck_assert_int_eq(renameat(deep->moved_fd, "d", deep->outside_fd, "d"), 0);
        return 0;
}

/* Makes the levels below `tree`. Returns the number of the last one. */
static ino_t make_deep(const char *tree, Deep *deep) {
        struct stat st;
        int fd;

        ck_assert_int_eq(make_directories_at(AT_FDCWD, tree, 0700), 0);
        fd = open(tree, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        for (unsigned i = 0; i < LEVELS; i++) {
                int next;

                if (i % 10 == 0)
                        ck_assert_int_eq(mknodat(fd, "file", S_IFREG | 0600, 0), 0);
                ck_assert_int_eq(mkdirat(fd, "d", 0700), 0);
                next = openat(fd, "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
                ck_assert_int_ge(next, 0);
                if (i == MOVED)
                        deep->moved_fd = fd;
                else
                        close(fd);
                fd = next;
        }
        ck_assert_int_eq(fstat(fd, &st), 0);
        close(fd);
        return st.st_ino;
}

/* In a process of its own: takes a level out of the tree and puts it back, until it is killed. */
static pid_t start_mover(const Deep *deep) {
        pid_t pid = fork();

        while (pid == 0) {
                (void) renameat(deep->moved_fd, "d", deep->outside_fd, "d");
                (void) renameat(deep->outside_fd, "d", deep->moved_fd, "d");
        }
        ck_assert_int_gt(pid, 0);
        return pid;
}

static void stop_mover(const Deep *deep, pid_t pid) {
        ck_assert_int_eq(kill(pid, SIGKILL), 0);
        ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
        (void) renameat(deep->outside_fd, "d", deep->moved_fd, "d");
}

/* Walks with few descriptors, as often as it is said, and sums up. */
static void walk_deep(int fd, Deep *deep, unsigned rounds) {
        deep->directories = deep->files = deep->secrets = 0;
        for (unsigned i = 0; i < rounds; i++)
                ck_assert_int_eq(tree_walk(fd, &(TreeWalk) { count, deep }), 0);
        ck_assert_int_eq(deep->secrets, 0);
}

START_TEST(has_no_depth_that_is_too_deep) {
        const struct rlimit few = { 150, 150 };
        _cleanup_test_directory_ char *directory = test_directory();
        _cleanup_free_ char *tree = path_join(directory, "tree"), *outside = path_join(directory, "outside");
        _cleanup_close_ int fd = -EBADF, outside_fd = -EBADF;
        Deep deep = {};
        ino_t last;
        pid_t mover;

        ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
        test_write(directory, "outside/a", "secret");
        test_write(directory, "outside/z", "secret");
        outside_fd = deep.outside_fd = open(outside, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        last = make_deep(tree, &deep);
        fd = open(tree, O_PATH | O_DIRECTORY | O_CLOEXEC);

        /* It goes down, and comes back all the way. */
        walk_deep(fd, &deep, 1);
        ck_assert_int_eq(deep.directories, LEVELS + 1);
        ck_assert_int_eq(deep.files, LEVELS / 10);

        /* Somebody moves what it is in, and is followed nowhere. */
        mover = start_mover(&deep);
        walk_deep(fd, &deep, 20);
        stop_mover(&deep, mover);
        ck_assert_int_ge(deep.directories, 20 * MOVED);

        /* So it is when what it is in is elsewhere on the way back. */
        deep.last = last;
        walk_deep(fd, &deep, 1);
        ck_assert_int_eq(deep.directories, LEVELS + 1);
        close(deep.moved_fd);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("tree");
        TCase *cases = tcase_create("tree");

        tcase_add_test(cases, visits_in_order);
        tcase_add_test(cases, follows_no_symlink);
        tcase_add_test(cases, stays_in_what_it_has_opened);
        tcase_add_test(cases, pins_no_mount_point);
        tcase_add_test(cases, has_no_depth_that_is_too_deep);
        tcase_set_timeout(cases, 120);
        suite_add_tcase(suite, cases);
        return test_run(suite);
}
