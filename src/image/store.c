/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The store of images: blobs, layers and references, each made elsewhere and moved to its place as
 * a whole. */
#include "image/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "basic/directory.h"
#include "basic/files.h"
#include "basic/path.h"
#include "basic/text.h"
#include "image/staging.h"
#include "source/places.h"

#define BLOBS "blobs/sha256"
#define LAYERS "layers/sha256"
#define IMAGES "images"
#define TREES "trees"
#define LOCK_FILE "lock"

static char *path_of(const char *directory, const char *digest) {
        return path_join(directory, digest_hex(digest));
}

static int open_directory_at(int fd, const char *path) {
        int r = openat(fd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        return r < 0 ? -errno : r;
}

static int open_store(const char *path) {
        int fd = open(path ? path : place_path(PLACE_STATE), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        return fd < 0 ? -errno : fd;
}

#define LAST_MADE "locks" /* of the directories: without it there are not all */

int store_open_existing(const char *path, Store *ret) {
        _cleanup_close_ int fd = open_store(path);

        if (fd < 0)
                return fd;
        if (faccessat(fd, LAST_MADE, F_OK, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT)
                return -ENOENT;
        ret->fd = TAKE_FD(fd);
        return 0;
}

/* Makes it last that `path` has its name. */
static int sync_directory(int fd, const char *path) {
        _cleanup_close_ int directory_fd = open_directory_at(fd, path);

        if (directory_fd < 0)
                return directory_fd;
        return fsync(directory_fd) < 0 ? -errno : 0;
}

/* New directories are to be there after a power loss as what will be in them. */
static int make_directories(int fd) {
        /* Layers have setuid programs and files of any user's ID: nobody but root may get at them
         * except through a container. */
        static const struct { const char *name; mode_t mode;
        } directories[] = {
                { "blobs", 0700 }, { BLOBS, 0700 },     { "layers", 0700 }, { LAYERS, 0700 },
                { TREES, 0700 },   { IMAGES, 0755 },    { "staging", 0700 }, { LAST_MADE, 0700 },
        };
        static const char *const parents[] = { "blobs", "layers", "." };
        bool made = false;
        int r = 0;

        for (size_t i = 0; i < ARRAY_SIZE(directories); i++)
                if (mkdirat(fd, directories[i].name, directories[i].mode) >= 0)
                        made = true;
                else if (errno != EEXIST)
                        return -errno;
        for (size_t i = 0; made && i < ARRAY_SIZE(parents) && r >= 0; i++)
                r = sync_directory(fd, parents[i]);
        return r;
}

int store_open(const char *path, Store *ret) {
        _cleanup_store_ Store store = STORE_INIT;
        int r;

        r = make_directories_at(AT_FDCWD, path ? path : place_path(PLACE_STATE), 0755);
        if (r >= 0)
                r = store.fd = open_store(path);
        if (r >= 0)
                r = make_directories(store.fd);
        if (r < 0)
                return r;
        *ret = store;
        store = (Store) STORE_INIT;
        return 0;
}

void store_done(Store *store) {
        store->fd = fd_close(store->fd);
}

/* Locks */

static int lock_fd(int fd, int operation) {
        while (flock(fd, operation) < 0)
                if (errno != EINTR)
                        return -errno;
        return 0;
}

int store_lock(const Store *store, StoreLock how, int *ret_fd) {
        static const int operations[] = {
                [STORE_LOCK_SHARED] = LOCK_SH,
                [STORE_LOCK_EXCLUSIVE] = LOCK_EX,
                [STORE_LOCK_TRY_EXCLUSIVE] = LOCK_EX | LOCK_NB,
        };
        _cleanup_close_ int fd = openat(store->fd, LOCK_FILE, O_RDONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
        int r;

        if (fd < 0)
                return -errno;
        r = lock_fd(fd, operations[how]);
        if (r < 0)
                return r;
        *ret_fd = TAKE_FD(fd);
        return 0;
}

/* An empty file is left, for prune to remove: to unlink it here would leave somebody waiting for
 * the lock of a file that the next one does not see. */
int store_lock_object(const Store *store, const char *digest, int *ret_fd) {
        _cleanup_free_ char *path = path_of("locks", digest);
        _cleanup_close_ int fd = -EBADF;
        int r;

        if (!path)
                return -ENOMEM;
        fd = openat(store->fd, path, O_RDONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (fd < 0)
                return -errno;
        r = lock_fd(fd, LOCK_EX);
        if (r < 0)
                return r;
        *ret_fd = TAKE_FD(fd);
        return 0;
}

/* Blobs */

int store_open_blob(const Store *store, const char *digest) {
        _cleanup_free_ char *path = path_of(BLOBS, digest);
        int fd;

        if (!path)
                return -ENOMEM;
        fd = openat(store->fd, path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
        return fd < 0 ? -errno : fd;
}

int store_has_blob(const Store *store, const char *digest, uint64_t *ret_size) {
        _cleanup_free_ char *path = path_of(BLOBS, digest);
        struct stat st;

        if (!path)
                return -ENOMEM;
        if (fstatat(store->fd, path, &st, AT_SYMLINK_NOFOLLOW) < 0)
                return errno == ENOENT ? 0 : -errno;
        if (ret_size)
                *ret_size = (uint64_t) st.st_size;
        return 1;
}

int store_read_blob(const Store *store, const char *digest, size_t max, char **ret, size_t *ret_size) {
        _cleanup_free_ char *path = path_of(BLOBS, digest), *data = NULL;
        char found[DIGEST_TEXT_SIZE];
        size_t size;
        int r;

        if (!path)
                return -ENOMEM;
        r = read_file_at(store->fd, path, max, &data, &size);
        if (r >= 0)
                r = digest_of_bytes(data, size, found);
        if (r < 0)
                return r;
        if (!streq(found, digest))
                return -EBADMSG;
        *ret = TAKE_PTR(data);
        if (ret_size)
                *ret_size = size;
        return 0;
}

static int verify_file(int directory_fd, const char *name, const char *digest, uint64_t size, int *ret_fd) {
        _cleanup_close_ int fd = openat(directory_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
        char found[DIGEST_TEXT_SIZE];
        uint64_t found_size;
        struct stat st;
        int r;

        if (fd < 0)
                return -errno;
        if (fstat(fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode) || (size != UINT64_MAX && (uint64_t) st.st_size != size))
                return -EBADMSG;
        r = digest_of_fd(fd, found, &found_size);
        if (r < 0)
                return r;
        if (!streq(found, digest) || found_size != (uint64_t) st.st_size)
                return -EBADMSG;
        *ret_fd = TAKE_FD(fd);
        return 0;
}

int store_add_blob(const Store *store, int directory_fd, const char *name, const char *digest, uint64_t size) {
        _cleanup_free_ char *path = path_of(BLOBS, digest);
        _cleanup_close_ int fd = -EBADF;
        int r;

        if (!path)
                return -ENOMEM;
        r = store_has_blob(store, digest, NULL);
        if (r != 0)
                return r < 0 ? r : 0;
        r = verify_file(directory_fd, name, digest, size, &fd);
        if (r < 0)
                return r;
        if (fchmod(fd, 0600) < 0 || fsync(fd) < 0)
                return -errno;
        if (renameat(directory_fd, name, store->fd, path) < 0)
                return -errno;
        return sync_directory(store->fd, BLOBS);
}

int blob_open_verified(int directory_fd, const char *name, const char *digest, uint64_t size) {
        _cleanup_close_ int fd = -EBADF;
        int r;

        r = verify_file(directory_fd, name, digest, size, &fd);
        if (r < 0)
                return r;
        return lseek(fd, 0, SEEK_SET) < 0 ? -errno : TAKE_FD(fd);
}

int store_link_blob(const Store *store, const char *digest, int directory_fd, const char *name) {
        _cleanup_free_ char *path = path_of(BLOBS, digest);

        if (!path)
                return -ENOMEM;
        return linkat(store->fd, path, directory_fd, name, 0) < 0 ? -errno : 0;
}

/* Layers */

int store_open_layer(const Store *store, const char *diff_id) {
        _cleanup_free_ char *path = path_of(LAYERS, diff_id);
        int fd;

        if (!path)
                return -ENOMEM;
        fd = openat(store->fd, path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        return fd < 0 ? -errno : fd;
}

int store_has_layer(const Store *store, const char *diff_id) {
        _cleanup_close_ int fd = store_open_layer(store, diff_id);

        return fd == -ENOENT ? 0 : fd < 0 ? fd : 1;
}

/* A file that has one digest in it, and a newline. */
static int read_digest(const Store *store, const char *path, char **ret) {
        _cleanup_free_ char *text = NULL;
        size_t size;
        int r;

        r = read_file_at(store->fd, path, DIGEST_TEXT_SIZE, &text, &size);
        if (r < 0)
                return r == -EFBIG ? -EBADMSG : r;
        if (size > 0 && text[size - 1] == '\n')
                text[size - 1] = '\0';
        if (!digest_is_valid(text))
                return -EBADMSG;
        *ret = TAKE_PTR(text);
        return 0;
}

/* It is made in staging/, as all is: a temporary name beside its own would stay after a loss of
 * power. */
static int write_digest(const Store *store, const char *directory, const char *name, const char *digest,
                        mode_t mode) {
        _cleanup_free_ char *text = text_format("%s\n", digest), *path = path_join(directory, name);
        _cleanup_staging_ Staging staging = STAGING_INIT;
        int r;

        if (!text || !path)
                return -ENOMEM;
        r = staging_open(store->fd, &staging);
        if (r >= 0)
                r = write_file_durable_at(staging.fd, name, text, strlen(text), mode);
        if (r >= 0 && renameat(staging.fd, name, store->fd, path) < 0)
                r = -errno;
        return r < 0 ? r : sync_directory(store->fd, directory);
}

int store_read_tree(const Store *store, const char *diff_id, char **ret_tree) {
        _cleanup_free_ char *path = path_of(TREES, diff_id);

        return path ? read_digest(store, path, ret_tree) : -ENOMEM;
}

int store_write_tree(const Store *store, const char *diff_id, const char *tree) {
        return write_digest(store, TREES, digest_hex(diff_id), tree, 0600);
}

int store_add_layer(const Store *store, int directory_fd, const char *name, const char *diff_id) {
        _cleanup_free_ char *path = path_of(LAYERS, diff_id);

        if (!path)
                return -ENOMEM;
        if (renameat2(directory_fd, name, store->fd, path, RENAME_NOREPLACE) < 0)
                return errno == EEXIST ? 0 : -errno;
        return sync_directory(store->fd, LAYERS);
}

/* References */

static bool reference_is_valid(const char *name) {
        return file_name_is_valid(name) && name[0] != '.';
}

static int reference_path(const char *name, char **ret) {
        if (!reference_is_valid(name))
                return -EINVAL;
        *ret = path_join(IMAGES, name);
        return *ret ? 0 : -ENOMEM;
}

int store_read_reference(const Store *store, const char *name, char **ret_manifest) {
        _cleanup_free_ char *path = NULL;
        int r = reference_path(name, &path);

        return r < 0 ? r : read_digest(store, path, ret_manifest);
}

int store_write_reference(const Store *store, const char *name, const char *manifest) {
        return reference_is_valid(name) ? write_digest(store, IMAGES, name, manifest, 0644) : -EINVAL;
}

int store_remove_reference(const Store *store, const char *name) {
        _cleanup_free_ char *path = NULL;
        int r;

        r = reference_path(name, &path);
        if (r < 0)
                return r;
        if (unlinkat(store->fd, path, 0) < 0)
                return -errno;
        return sync_directory(store->fd, IMAGES);
}

/* Lists */

static int list(const Store *store, const char *path, const char *prefix, StringList *ret) {
        _cleanup_closedir_ DIR *directory = NULL;
        const struct dirent *entry;
        int fd = open_directory_at(store->fd, path), r;

        if (fd < 0)
                return fd == -ENOENT ? 0 : fd;
        r = directory_take(fd, &directory);
        if (r < 0)
                return r;
        while ((r = directory_next(directory, &entry)) > 0)
                /* What has a dot is a temporary name that a program has left. */
                if (entry->d_name[0] != '.' && string_list_addf(ret, "%s%s", prefix, entry->d_name) < 0)
                        return -ENOMEM;
        if (r < 0)
                return r;
        string_list_sort(ret);
        return 0;
}

int store_list_references(const Store *store, StringList *ret) {
        return list(store, IMAGES, "", ret);
}

int store_list_blobs(const Store *store, StringList *ret) {
        return list(store, BLOBS, DIGEST_PREFIX, ret);
}

int store_list_layers(const Store *store, StringList *ret) {
        return list(store, LAYERS, DIGEST_PREFIX, ret);
}

/* Removal */

static int discard(const Store *store, const char *directory, const char *digest, int trash_fd) {
        _cleanup_free_ char *path = path_of(directory, digest), *name = NULL;

        if (!path)
                return -ENOMEM;
        name = text_format("%.5s-%s", directory, digest_hex(digest));
        if (!name)
                return -ENOMEM;
        if (renameat(store->fd, path, trash_fd, name) < 0)
                return -errno;
        return sync_directory(store->fd, directory);
}

int store_discard_blob(const Store *store, const char *digest, int trash_fd) {
        return discard(store, BLOBS, digest, trash_fd);
}

int store_discard_layer(const Store *store, const char *diff_id, int trash_fd) {
        _cleanup_free_ char *tree = path_of(TREES, diff_id);
        int r = tree ? discard(store, LAYERS, diff_id, trash_fd) : -ENOMEM;

        /* One that a power loss leaves says nothing of anything, and is written anew. */
        if (r >= 0)
                (void) unlinkat(store->fd, tree, 0);
        return r;
}

static int clear_locks(const Store *store) {
        _cleanup_string_list_ StringList names = {};
        int r;

        r = list(store, "locks", "locks/", &names);
        for (size_t i = 0; i < names.count && r >= 0; i++)
                if (unlinkat(store->fd, names.items[i], 0) < 0 && errno != ENOENT)
                        r = -errno;
        return r;
}

static int clear_trees(const Store *store) {
        _cleanup_string_list_ StringList digests = {};
        int r;

        r = list(store, TREES, DIGEST_PREFIX, &digests);
        for (size_t i = 0; i < digests.count && r >= 0; i++) {
                _cleanup_free_ char *path = path_of(TREES, digests.items[i]);

                r = path ? store_has_layer(store, digests.items[i]) : -ENOMEM;
                if (r == 0 && unlinkat(store->fd, path, 0) < 0 && errno != ENOENT)
                        r = -errno;
        }
        return r < 0 ? r : 0;
}

int store_clear_leftovers(const Store *store) {
        int r = clear_locks(store);

        return r < 0 ? r : clear_trees(store);
}
