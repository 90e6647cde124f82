/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Directories of one process each in the store's staging/. */
#include "image/staging.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "basic/directory.h"
#include "basic/files.h"
#include "basic/path.h"
#include "basic/text.h"

/* Opens the directory and takes its lock, if nobody has it. Returns an fd, -EWOULDBLOCK, -ENOENT
 * when it has gone meanwhile, or another -errno. */
static int open_locked(int store_fd, const char *name) {
        _cleanup_close_ int fd = openat(store_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        struct stat locked, named;

        if (fd < 0)
                return -errno;
        if (flock(fd, LOCK_EX | LOCK_NB) < 0)
                return -errno;
        /* Between the two calls somebody else may have locked and removed it. */
        if (fstat(fd, &locked) < 0 || fstatat(store_fd, name, &named, AT_SYMLINK_NOFOLLOW) < 0)
                return -errno;
        return locked.st_ino == named.st_ino ? TAKE_FD(fd) : -ENOENT;
}

static int sweep_one(int store_fd, const char *entry) {
        _cleanup_free_ char *name = path_join("staging", entry);
        _cleanup_close_ int fd = -EBADF;

        if (!name)
                return -ENOMEM;
        fd = open_locked(store_fd, name);
        if (fd == -EWOULDBLOCK || fd == -ENOENT)
                return 0;
        if (fd < 0)
                return fd;
        return remove_tree_at(store_fd, name);
}

int staging_sweep(int store_fd) {
        _cleanup_closedir_ DIR *directory = NULL;
        const struct dirent *entry;
        int result, r;

        result = directory_open_at(store_fd, "staging", O_NOFOLLOW, &directory);
        if (result < 0)
                return result;
        while ((r = directory_next(directory, &entry)) > 0) {
                r = sweep_one(store_fd, entry->d_name);
                if (r < 0 && result == 0)
                        result = r;
        }
        return result < 0 ? result : r;
}

int staging_open(int store_fd, Staging *ret) {
        _cleanup_staging_ Staging staging = { .store_fd = store_fd, .fd = -EBADF };

        (void) staging_sweep(store_fd); /* what cannot be removed now can be later */
        /* A sweeper may take one before it is locked; then the next. */
        while (staging.fd < 0) {
                uint64_t random;

                if (getrandom(&random, sizeof(random), 0) != sizeof(random))
                        return -errno;
                free(staging.name);
                staging.name = text_format("staging/%016llx", (unsigned long long) random);
                if (!staging.name)
                        return -ENOMEM;
                if (mkdirat(store_fd, staging.name, 0700) < 0) {
                        if (errno == EEXIST)
                                continue;
                        staging.name = x_free(staging.name);
                        return -errno;
                }
                staging.fd = open_locked(store_fd, staging.name);
                if (staging.fd < 0 && staging.fd != -ENOENT && staging.fd != -EWOULDBLOCK)
                        return staging.fd;
        }
        *ret = staging;
        staging = (Staging) STAGING_INIT;
        return 0;
}

void staging_done(Staging *staging) {
        if (staging->name)
                (void) remove_tree_at(staging->store_fd, staging->name);
        staging->name = x_free(staging->name);
        staging->fd = fd_close(staging->fd);
}
