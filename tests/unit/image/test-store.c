/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The store: nothing gets in unverified, and what the dead leave behind goes. */
#include <errno.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/wait.h>

#include "image/layer.h"
#include "image/tree-digest.h"
#include "image/verify.h"
#include "tests/unit/tar.h"

#define HELLO "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824" /* of "hello" */
#define OTHER "sha256:486ea46224d1bb4fb680f34f7c9ad96a8f24ec88be73ea8e5a6c65260e9cb8a7" /* of "world" */
#define EMPTY "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static char *top;
static Store store = STORE_INIT;
static Staging staging = STAGING_INIT;

static void set_up(void) {
        top = test_directory();
        ck_assert_int_eq(store_open(top, &store), 0);
        ck_assert_int_eq(staging_open(store.fd, &staging), 0);
}

static void tear_down(void) {
        staging_done(&staging);
        store_done(&store);
        test_directory_done(&top);
}

static void stage(const char *name, const char *text, size_t size) {
        ck_assert_int_eq(write_file_atomic_at(staging.fd, name, text, size, 0600), 0);
}

static size_t count(const char *path) {
        _cleanup_closedir_ DIR *directory = NULL;
        size_t n = 0;

        directory = fdopendir(openat(store.fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        ck_assert_ptr_nonnull(directory);
        while (readdir(directory))
                n++;
        return n - 2;
}

START_TEST(digests) {
        static const char *const invalid[] = {
                "",
                "sha256:",
                "md5:2cf24dba5fb0a30e26e83b2ac5b9e29e",
                HELLO "0",
                "SHA256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
                "sha256:2CF24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
                "sha256:../../../../../../../../../../../../../../../../../../etc/passwd12345678",
        };
        char digest[DIGEST_TEXT_SIZE];

        ck_assert(digest_is_valid(HELLO));
        for (size_t i = 0; i < ARRAY_SIZE(invalid); i++)
                ck_assert_msg(!digest_is_valid(invalid[i]), "%s", invalid[i]);
        ck_assert_int_eq(digest_of_bytes("hello", 5, digest), 0);
        ck_assert_str_eq(digest, HELLO);
        ck_assert_int_eq(digest_of_bytes("", 0, digest), 0);
        ck_assert_str_eq(digest, EMPTY);
}
END_TEST

START_TEST(blobs_are_verified) {
        _cleanup_free_ char *text = NULL;
        uint64_t size = 0;
        size_t n;

        stage("good", "hello", 5);
        ck_assert_int_eq(store_add_blob(&store, staging.fd, "good", HELLO, 5), 0);
        ck_assert_int_eq(store_has_blob(&store, HELLO, &size), 1);
        ck_assert_uint_eq(size, 5);
        ck_assert_int_eq(store_read_blob(&store, HELLO, 100, &text, &n), 0);
        ck_assert_str_eq(text, "hello");
        ck_assert_int_eq(store_read_blob(&store, HELLO, 4, &text, &n), -EFBIG);

        stage("bad", "hell0", 5);
        ck_assert_int_eq(store_add_blob(&store, staging.fd, "bad", OTHER, UINT64_MAX), -EBADMSG);
        ck_assert_int_eq(store_add_blob(&store, staging.fd, "bad", OTHER, 6), -EBADMSG);
        ck_assert_int_eq(symlinkat("bad", staging.fd, "link"), 0);
        ck_assert_int_eq(store_add_blob(&store, staging.fd, "link", OTHER, 5), -ELOOP);
        ck_assert_int_eq(mkfifoat(staging.fd, "fifo", 0600), 0);
        ck_assert_int_eq(store_add_blob(&store, staging.fd, "fifo", OTHER, 5), -EBADMSG);
        ck_assert_int_eq(store_has_blob(&store, OTHER, NULL), 0);
        ck_assert_int_eq(store_open_blob(&store, OTHER), -ENOENT);
        ck_assert_uint_eq(count("blobs/sha256"), 1);
}
END_TEST

START_TEST(damaged_blobs_are_not_read) {
        _cleanup_free_ char *text = NULL, *path = text_format("blobs/sha256/%s", digest_hex(HELLO));

        ck_assert_int_eq(write_file_atomic_at(store.fd, path, "jello", 5, 0600), 0);
        ck_assert_int_eq(store_read_blob(&store, HELLO, 100, &text, NULL), -EBADMSG);
}
END_TEST

START_TEST(references) {
        static const char *const invalid[] = { "", ".", "..", "a/b", ".hidden" };
        _cleanup_free_ char *manifest = NULL, *broken = NULL;
        _cleanup_string_list_ StringList names = {};

        ck_assert_int_eq(store_read_reference(&store, "b:1", &manifest), -ENOENT);
        ck_assert_int_eq(store_write_reference(&store, "b:1", OTHER), 0);
        ck_assert_int_eq(store_write_reference(&store, "b:1", HELLO), 0);
        ck_assert_int_eq(store_write_reference(&store, "a\\x2dc:1", HELLO), 0);
        ck_assert_int_eq(store_read_reference(&store, "b:1", &manifest), 0);
        ck_assert_str_eq(manifest, HELLO);
        ck_assert_int_eq(store_list_references(&store, &names), 0);
        ck_assert_uint_eq(names.count, 2);
        ck_assert_str_eq(names.items[0], "a\\x2dc:1");
        ck_assert_int_eq(store_remove_reference(&store, "b:1"), 0);
        ck_assert_int_eq(store_remove_reference(&store, "b:1"), -ENOENT);
        for (size_t i = 0; i < ARRAY_SIZE(invalid); i++)
                ck_assert_int_eq(store_write_reference(&store, invalid[i], HELLO), -EINVAL);
        ck_assert_int_eq(write_file_atomic_at(store.fd, "images/c:1", "sha256:", 7, 0644), 0);
        ck_assert_int_eq(store_read_reference(&store, "c:1", &broken), -EBADMSG);
}
END_TEST

/* A loss of power may come between any two steps: only in staging/ is what it leaves swept away. */
START_TEST(references_and_trees_are_made_in_staging) {
        static const char *const directories[] = { "images", "trees" };
        _Alignas(struct inotify_event) char buffer[4096];
        _cleanup_close_ int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);

        ck_assert_int_ge(fd, 0);
        for (size_t i = 0; i < ARRAY_SIZE(directories); i++) {
                _cleanup_free_ char *path = path_join(top, directories[i]);

                ck_assert_int_ge(inotify_add_watch(fd, path, IN_CREATE | IN_MOVED_FROM | IN_DELETE), 0);
        }
        ck_assert_int_eq(store_write_reference(&store, "a:1", HELLO), 0);
        ck_assert_int_eq(store_write_reference(&store, "a:1", OTHER), 0);
        ck_assert_int_eq(store_write_tree(&store, HELLO, OTHER), 0);
        ck_assert_int_eq(read(fd, buffer, sizeof(buffer)), -1);
        ck_assert_int_eq(errno, EAGAIN);
        ck_assert_uint_eq(count("images"), 1);
        ck_assert_uint_eq(count("trees"), 1);
        ck_assert_uint_eq(count("staging"), 1); /* the test's own */
}
END_TEST

START_TEST(what_the_dead_staged_is_removed) {
        int ready[2];
        pid_t child;
        char byte;

        ck_assert_int_eq(pipe(ready), 0);
        child = fork();
        ck_assert_int_ge(child, 0);
        if (child == 0) {
                Staging other = STAGING_INIT;

                if (staging_open(store.fd, &other) < 0 || mkdirat(other.fd, "half", 0700) < 0 ||
                    write(ready[1], "", 1) != 1)
                        _exit(1);
                pause();
                _exit(0);
        }
        ck_assert_int_eq(read(ready[0], &byte, 1), 1);
        ck_assert_int_eq(staging_sweep(store.fd), 0);
        ck_assert_uint_eq(count("staging"), 2); /* both are alive */
        ck_assert_int_eq(kill(child, SIGKILL), 0);
        ck_assert_int_eq(waitpid(child, NULL, 0), child);
        ck_assert_int_eq(staging_sweep(store.fd), 0);
        ck_assert_uint_eq(count("staging"), 1);
        close(ready[0]);
        close(ready[1]);
}
END_TEST

START_TEST(locks_exclude) {
        _cleanup_close_ int first = -EBADF, second = -EBADF, alone = -EBADF;

        ck_assert_int_eq(store_lock(&store, STORE_LOCK_SHARED, &first), 0);
        ck_assert_int_eq(store_lock(&store, STORE_LOCK_SHARED, &second), 0);
        ck_assert_int_eq(store_lock(&store, STORE_LOCK_TRY_EXCLUSIVE, &alone), -EWOULDBLOCK);
        first = fd_close(first);
        second = fd_close(second);
        ck_assert_int_eq(store_lock(&store, STORE_LOCK_TRY_EXCLUSIVE, &alone), 0);
}
END_TEST

static void make_layer(Text *tar, ImageDescriptor *layer, char diff_id[DIGEST_TEXT_SIZE]) {
        tar_add(tar, &(TarEntry) { .path = "file", .content = "text", .uid = geteuid(), .gid = getegid() });
        tar_end(tar);
        ck_assert_int_eq(digest_of_bytes(tar->data, tar->length, diff_id), 0);
        memcpy(layer->digest, diff_id, DIGEST_TEXT_SIZE); /* it is not compressed */
        layer->size_bytes = tar->length;
        stage("blob", tar->data, tar->length);
        ck_assert_int_eq(store_add_blob(&store, staging.fd, "blob", layer->digest, layer->size_bytes), 0);
}

/* Of the store's blob. */
static int unpack(const Staging *where, const ImageDescriptor *layer, const char *diff_id, char **ret_message) {
        _cleanup_close_ int fd = store_open_blob(&store, layer->digest);

        return fd < 0 ? fd : layer_unpack(&store, where, fd, diff_id, ret_message);
}

START_TEST(layers_are_unpacked_once) {
        _cleanup_text_ Text tar = {};
        _cleanup_free_ char *message = NULL, *text = NULL;
        _cleanup_close_ int fd = -EBADF;
        char diff_id[DIGEST_TEXT_SIZE];
        ImageDescriptor layer = {};

        make_layer(&tar, &layer, diff_id);
        ck_assert_int_eq(unpack(&staging, &layer, OTHER, &message), -EBADMSG);
        ck_assert_ptr_nonnull(message);
        ck_assert_uint_eq(count("layers/sha256"), 0);
        ck_assert_int_eq(unpack(&staging, &layer, diff_id, &message), 0);
        ck_assert_int_eq(unpack(&staging, &layer, diff_id, &message), 0);
        ck_assert_uint_eq(count("layers/sha256"), 1);
        fd = store_open_layer(&store, diff_id);
        ck_assert_int_ge(fd, 0);
        ck_assert_int_eq(read_file_at(fd, "file", 10, &text, NULL), 0);
        ck_assert_str_eq(text, "text");
        ck_assert_int_eq(store_open_layer(&store, OTHER), -ENOENT);
        ck_assert_int_eq(store_write_tree(&store, OTHER, OTHER), 0);
        ck_assert_uint_eq(count("trees"), 2);
        ck_assert_int_eq(store_clear_leftovers(&store), 0);
        ck_assert_uint_eq(count("trees"), 1);
        ck_assert_uint_eq(count("locks"), 0);
        ck_assert_int_eq(store_discard_layer(&store, diff_id, staging.fd), 0);
        ck_assert_uint_eq(count("trees"), 0);
        ck_assert_int_eq(store_open_layer(&store, diff_id), -ENOENT);
}
END_TEST

static int verify(const ImageDescriptor *layer, const char *diff_id, char **ret_difference) {
        return layer_verify(&store, &staging, layer->digest, diff_id, ret_difference);
}

/* A layer that says nothing of its root is the same whenever it is unpacked. */
START_TEST(layers_are_verified) {
        static const struct timespec earlier[2] = { { .tv_sec = 1000 }, { .tv_sec = 1000 } };
        _cleanup_free_ char *message = NULL, *difference = NULL;
        _cleanup_close_ int fd = -EBADF;
        char diff_id[DIGEST_TEXT_SIZE];
        ImageDescriptor layer = {};
        _cleanup_text_ Text tar = {};

        make_layer(&tar, &layer, diff_id);
        ck_assert_int_eq(unpack(&staging, &layer, diff_id, &message), 0);
        ck_assert_int_eq(verify(&layer, diff_id, &difference), 1);
        fd = openat(store.fd, "layers/sha256", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        ck_assert_int_eq(utimensat(fd, digest_hex(diff_id), earlier, 0), 0);
        ck_assert_int_eq(verify(&layer, diff_id, &difference), 1);
        ck_assert_ptr_null(difference);
        ck_assert_int_eq(fchmodat(fd, digest_hex(diff_id), 0777, 0), 0);
        ck_assert_int_eq(verify(&layer, diff_id, &difference), 0);
        ck_assert_str_eq(difference, "/ differs");
}
END_TEST

/* Without the blob it is the digest of the tree that tells. */
START_TEST(layers_are_verified_without_blobs) {
        _cleanup_free_ char *message = NULL, *path = NULL, *tree = NULL, *first = NULL, *second = NULL;
        _cleanup_close_ int fd = -EBADF;
        char diff_id[DIGEST_TEXT_SIZE];
        ImageDescriptor layer = {};
        _cleanup_text_ Text tar = {};
        struct stat st;

        make_layer(&tar, &layer, diff_id);
        ck_assert_int_eq(unpack(&staging, &layer, diff_id, &message), 0);
        ck_assert_int_eq(store_discard_blob(&store, layer.digest, staging.fd), 0);
        ck_assert_int_eq(verify(&layer, diff_id, &message), 1);
        path = text_format("layers/sha256/%s/file", digest_hex(diff_id));
        fd = openat(store.fd, path, O_WRONLY | O_CLOEXEC);
        ck_assert_int_eq(fstat(fd, &st), 0);
        ck_assert_int_eq(pwrite(fd, "T", 1, 0), 1);
        ck_assert_int_eq(futimens(fd, (const struct timespec[]) { st.st_atim, st.st_mtim }), 0);
        ck_assert_int_eq(verify(&layer, diff_id, &first), 0);
        ck_assert_str_eq(first, "its files have another digest");
        tree = text_format("trees/%s", digest_hex(diff_id));
        ck_assert_int_eq(write_file_atomic_at(store.fd, tree, "short", 5, 0600), 0);
        ck_assert_int_eq(verify(&layer, diff_id, &second), 0);
        ck_assert_str_eq(second, "the digest of its files is damaged");
        ck_assert_int_eq(unlinkat(store.fd, tree, 0), 0);
        ck_assert_int_eq(verify(&layer, diff_id, &message), -ENOENT);
}
END_TEST

static void digest_tree(char ret[DIGEST_TEXT_SIZE]) {
        _cleanup_close_ int fd = openat(staging.fd, "tree", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        ck_assert_int_eq(tree_digest(fd, ret), 0);
}

/* Writes the text at `offset` of a file of a terabyte. */
static void write_sparse(const char *name, const char *text, size_t size, off_t offset) {
        static const struct timespec times[2] = { { .tv_sec = 1000 }, { .tv_sec = 1000 } };
        _cleanup_close_ int fd = openat(staging.fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

        ck_assert_int_ge(fd, 0);
        ck_assert_int_eq(ftruncate(fd, (off_t) 1 << 40), 0);
        ck_assert_int_eq(pwrite(fd, text, size, offset), (ssize_t) size);
        ck_assert_int_eq(futimens(fd, times), 0);
        ck_assert_int_eq(utimensat(staging.fd, "tree", times, 0), 0);
}

/* What is stored as zeros is as good as a hole, and a hole takes no time. */
START_TEST(trees_are_digested) {
        static const char zeros[200000] = "";
        char first[DIGEST_TEXT_SIZE], second[DIGEST_TEXT_SIZE];

        ck_assert_int_eq(mkdirat(staging.fd, "tree", 0755), 0);
        write_sparse("tree/file", "text", 4, 300000);
        digest_tree(first);
        write_sparse("tree/file", "text", 4, 300001);
        digest_tree(second);
        ck_assert_str_ne(first, second);
        write_sparse("tree/file", zeros, sizeof(zeros), 1);
        digest_tree(first);
        write_sparse("tree/file", zeros, 1, 0);
        digest_tree(second);
        ck_assert_str_eq(first, second);
        write_sparse("tree/fil", zeros, 1, 0);
        digest_tree(second);
        ck_assert_str_ne(first, second);
}
END_TEST

START_TEST(layers_by_many_at_once) {
        _cleanup_text_ Text tar = {};
        char diff_id[DIGEST_TEXT_SIZE];
        ImageDescriptor layer = {};

        make_layer(&tar, &layer, diff_id);
        for (unsigned i = 0; i < 8; i++) {
                pid_t child = fork();

                ck_assert_int_ge(child, 0);
                if (child == 0) {
                        Staging own = STAGING_INIT;
                        char *message = NULL;
                        int r = staging_open(store.fd, &own);

                        if (r >= 0)
                                r = unpack(&own, &layer, diff_id, &message);
                        staging_done(&own);
                        _exit(r < 0);
                }
        }
        for (unsigned i = 0; i < 8; i++) {
                int status;

                ck_assert_int_gt(wait(&status), 0);
                ck_assert_int_eq(status, 0);
        }
        ck_assert_uint_eq(count("layers/sha256"), 1);
        ck_assert_uint_eq(count("staging"), 1);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("store");
        TCase *tests = tcase_create("store");

        tcase_add_checked_fixture(tests, set_up, tear_down);
        tcase_add_test(tests, digests);
        tcase_add_test(tests, blobs_are_verified);
        tcase_add_test(tests, damaged_blobs_are_not_read);
        tcase_add_test(tests, references);
        tcase_add_test(tests, references_and_trees_are_made_in_staging);
        tcase_add_test(tests, what_the_dead_staged_is_removed);
        tcase_add_test(tests, locks_exclude);
        tcase_add_test(tests, layers_are_unpacked_once);
        tcase_add_test(tests, layers_are_verified);
        tcase_add_test(tests, layers_are_verified_without_blobs);
        tcase_add_test(tests, trees_are_digested);
        tcase_add_test(tests, layers_by_many_at_once);
        suite_add_tcase(suite, tests);
        return test_run(suite);
}
