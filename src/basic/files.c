/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reading, writing and removing files of this machine. */
#include "basic/files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "basic/directory.h"
#include "basic/path.h"
#include "basic/text.h"

FdPath fd_path(int fd) {
        FdPath path;

        snprintf(path.text, sizeof(path.text), "/proc/self/fd/%d", fd);
        return path;
}

/* A file may be larger than what 32 bits count; configure says how (AC_SYS_LARGEFILE). */
_Static_assert(sizeof(off_t) == sizeof(uint64_t), "offsets in files have 64 bits");

/* Reads up to `max` bytes from `fd`, up to its end, or exactly `hint` bytes when that is its size
 * (0: not known). */
static int read_up_to(int fd, size_t max, size_t hint, char **ret, size_t *ret_size) {
        _cleanup_free_ char *data = NULL;
        size_t size = 0, allocated = 0;

        for (;;) {
                size_t room = size < hint ? hint - size + 1 : 4096;
                ssize_t n;

                if (ARRAY_RESERVE(data, allocated, size + room + 1) < 0)
                        return -ENOMEM;
                n = read(fd, data + size, allocated - size - 1);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                if (n == 0)
                        break;
                size += (size_t) n;
                if (size > max)
                        return -EFBIG;
                if (size == hint)
                        break;
        }
        data[size] = '\0';
        *ret = TAKE_PTR(data);
        if (ret_size)
                *ret_size = size;
        return 0;
}

int read_fd(int fd, size_t max, char **ret, size_t *ret_size) {
        struct stat st;

        if (fstat(fd, &st) < 0)
                return -errno;
        if (S_ISDIR(st.st_mode))
                return -EISDIR;
        if (!S_ISREG(st.st_mode))
                return -EINVAL;
        if ((uintmax_t) st.st_size > max)
                return -EFBIG;
        return read_up_to(fd, max, (size_t) st.st_size, ret, ret_size);
}

int read_file_at(int directory_fd, const char *path, size_t max, char **ret, size_t *ret_size) {
        _cleanup_close_ int fd = openat(directory_fd, path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

        if (fd < 0)
                return -errno;
        return read_fd(fd, max, ret, ret_size);
}

int read_virtual_file(const char *path, char **ret) {
        enum { LONGEST = 64 * 1024 };
        _cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
        _cleanup_free_ char *data = NULL;
        size_t size;
        int r;

        if (fd < 0)
                return -errno;
        r = read_up_to(fd, LONGEST, 0, &data, &size);
        if (r < 0)
                return r;
        if (size > 0 && data[size - 1] == '\n')
                data[size - 1] = '\0';
        *ret = TAKE_PTR(data);
        return 0;
}

int write_all(int fd, const char *data, size_t size) {
        while (size > 0) {
                ssize_t n = write(fd, data, size);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                data += n;
                size -= (size_t) n;
        }
        return 0;
}

/* A name beside `path` that nobody else uses, no other thread either. */
static int temporary_name(const char *path, char **ret) {
        _cleanup_free_ char *directory = path_dirname(path), *name = NULL;
        static _Thread_local uint64_t random, counter;
        char *joined;

        if (random == 0 && getrandom(&random, sizeof(random), GRND_NONBLOCK) != sizeof(random))
                random = (uint64_t) gettid();
        name = text_format(".#%s%016llx", path_basename(path), (unsigned long long) (random + counter++));
        joined = directory && name ? path_join(directory, name) : NULL;
        if (!joined)
                return -ENOMEM;
        *ret = joined;
        return 0;
}

int sync_parent_at(int directory_fd, const char *path) {
        _cleanup_free_ char *directory = path_dirname(path);
        _cleanup_close_ int fd = -EBADF;

        if (!directory)
                return -ENOMEM;
        fd = openat(directory_fd, directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        return fsync(fd) < 0 ? -errno : 0;
}

enum { TEMPORARY_DIGITS = 16, MOST_TRIES = 10 };

static bool is_temporary(const char *name) {
        size_t n = strlen(name);

        return n > 2 + TEMPORARY_DIGITS && name[0] == '.' && name[1] == '#' &&
               strspn(name + n - TEMPORARY_DIGITS, "0123456789abcdef") == TEMPORARY_DIGITS;
}

int sweep_temporary_files(const char *path) {
        _cleanup_closedir_ DIR *directory = NULL;
        const struct dirent *entry;
        int r = directory_open(path, &directory);

        if (r < 0)
                return r == -ENOENT ? 0 : r;
        while ((r = directory_next(directory, &entry)) > 0)
                if (is_temporary(entry->d_name) && unlinkat(dirfd(directory), entry->d_name, 0) < 0 && errno != ENOENT)
                        return -errno;
        return r;
}

enum {
        DURABLE = 1 << 0,
        ONLY_NEW = 1 << 1, /* what has the name stays */
};

/* Returns 0, -ESTALE when the temporary file was swept away meanwhile, or another -errno. */
static int try_put_file(int directory_fd, const char *path, const char *data, size_t size, mode_t mode,
                        unsigned flags) {
        _cleanup_free_ char *temporary = NULL;
        _cleanup_close_ int fd = -EBADF;
        int r;

        r = temporary_name(path, &temporary);
        if (r < 0)
                return r;
        fd = openat(directory_fd, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
        if (fd < 0)
                return -errno;
        r = write_all(fd, data, size);
        if (r >= 0 && flags & DURABLE && fsync(fd) < 0)
                r = -errno;
        if (r >= 0 &&
            renameat2(directory_fd, temporary, directory_fd, path, flags & ONLY_NEW ? RENAME_NOREPLACE : 0) < 0)
                r = errno == ENOENT ? -ESTALE : -errno;
        if (r < 0)
                unlinkat(directory_fd, temporary, 0);
        return r >= 0 && flags & DURABLE ? sync_parent_at(directory_fd, path) : r;
}

static int put_file(int directory_fd, const char *path, const char *data, size_t size, mode_t mode, unsigned flags) {
        int r = -ESTALE;

        for (unsigned i = 0; i < MOST_TRIES && r == -ESTALE; i++)
                r = try_put_file(directory_fd, path, data, size, mode, flags);
        return r;
}

int write_file_atomic_at(int directory_fd, const char *path, const char *data, size_t size, mode_t mode) {
        return put_file(directory_fd, path, data, size, mode, 0);
}

int write_file_durable_at(int directory_fd, const char *path, const char *data, size_t size, mode_t mode) {
        return put_file(directory_fd, path, data, size, mode, DURABLE);
}

int write_new_file_durable_at(int directory_fd, const char *path, const char *data, size_t size, mode_t mode) {
        return put_file(directory_fd, path, data, size, mode, DURABLE | ONLY_NEW);
}

int write_virtual_file_at(int directory_fd, const char *path, const char *value) {
        _cleanup_close_ int fd = openat(directory_fd, path, O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW);
        size_t n = strlen(value);
        ssize_t written;

        if (fd < 0)
                return -errno;
        written = write(fd, value, n);
        if (written < 0)
                return -errno;
        return (size_t) written == n ? 0 : -EIO;
}

static int try_symlink(const char *target, int directory_fd, const char *path) {
        _cleanup_free_ char *temporary = NULL;
        int r;

        r = temporary_name(path, &temporary);
        if (r < 0)
                return r;
        if (symlinkat(target, directory_fd, temporary) < 0)
                return -errno;
        if (renameat(directory_fd, temporary, directory_fd, path) < 0) {
                r = errno == ENOENT ? -ESTALE : -errno;
                unlinkat(directory_fd, temporary, 0);
                return r;
        }
        return 0;
}

int symlink_atomic_at(const char *target, int directory_fd, const char *path) {
        int r = -ESTALE;

        /* Mostly the name is free, and a symlink is there as a whole or not at all. */
        if (symlinkat(target, directory_fd, path) >= 0)
                return 0;
        if (errno != EEXIST)
                return -errno;
        for (unsigned i = 0; i < MOST_TRIES && r == -ESTALE; i++)
                r = try_symlink(target, directory_fd, path);
        return r;
}

static int make_directory(int directory_fd, const char *path, mode_t mode) {
        struct stat st;

        if (mkdirat(directory_fd, path, mode) >= 0)
                return 0;
        if (errno != EEXIST)
                return -errno;
        if (fstatat(directory_fd, path, &st, 0) < 0)
                return -errno;
        return S_ISDIR(st.st_mode) ? 0 : -ENOTDIR;
}

int make_directories_at(int directory_fd, const char *path, mode_t mode) {
        _cleanup_free_ char *prefix = NULL;
        int r;

        r = make_directory(directory_fd, path, mode);
        if (r != -ENOENT)
                return r;
        prefix = strdup(path);
        if (!prefix)
                return -ENOMEM;
        for (char *slash = strchr(prefix + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
                *slash = '\0';
                r = make_directory(directory_fd, prefix, 0755);
                if (r < 0)
                        return r;
                *slash = '/';
        }
        return make_directory(directory_fd, path, mode);
}

/* What a removal keeps in mind. A container may have nested directories deeper than we can have
 * descriptors: what lies too deep is moved up to the top and removed from there in a further
 * round. */
typedef struct Removal {
        int top_fd;
        dev_t device; /* the file system to stay on; a directory of another one is a mount point and left alone */
        unsigned moved; /* names the moved ones, so it only grows */
} Removal;

static int remove_entry(Removal *removal, int directory_fd, const char *name, unsigned depth);

/* Takes over `directory_fd`. */
static int remove_children(Removal *removal, int directory_fd, unsigned depth) {
        _cleanup_closedir_ DIR *directory = NULL;
        const struct dirent *entry;
        int first, r;

        first = directory_take(directory_fd, &directory);
        if (first < 0)
                return first;
        while ((r = directory_next(directory, &entry)) > 0) {
                r = remove_entry(removal, dirfd(directory), entry->d_name, depth + 1);
                if (r < 0 && first == 0)
                        first = r;
        }
        return first < 0 ? first : r;
}

/* Whoever made the tree may have made some of the names, too. */
static int move_up(Removal *removal, int directory_fd, const char *name) {
        char unique[32];

        do {
                snprintf(unique, sizeof(unique), ".#deep%08x", removal->moved++);
                if (renameat(directory_fd, name, removal->top_fd, unique) >= 0)
                        return 0;
        } while ((errno == EEXIST || errno == ENOTEMPTY || errno == ENOTDIR) && removal->moved != 0);
        return -errno;
}

/* Returns a descriptor, -EXDEV for a mount point, or another -errno. One's own directory that may
 * not be read, as an overlay has for its work, is made readable: by its descriptor, so that nothing
 * else can be meant. */
static int open_directory(const Removal *removal, int directory_fd, const char *name) {
        _cleanup_close_ int path_fd = openat(directory_fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        struct stat st;
        int fd;

        if (path_fd < 0 || fstat(path_fd, &st) < 0)
                return -errno;
        if (st.st_dev != removal->device)
                return -EXDEV;
        fd = openat(path_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0 && errno == EACCES && chmod(fd_path(path_fd).text, 0700) >= 0)
                fd = openat(path_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        return fd < 0 ? -errno : fd;
}

static int remove_entry(Removal *removal, int directory_fd, const char *name, unsigned depth) {
        enum { DEEPEST = 128 };
        int fd, r;

        if (unlinkat(directory_fd, name, 0) >= 0 || errno == ENOENT)
                return 0;
        if (errno != EISDIR && errno != EPERM)
                return -errno;
        if (depth > DEEPEST)
                return move_up(removal, directory_fd, name);
        fd = open_directory(removal, directory_fd, name);
        if (fd < 0)
                return fd == -ENOENT ? 0 : fd;
        r = remove_children(removal, fd, depth);
        if (unlinkat(directory_fd, name, AT_REMOVEDIR) < 0 && errno != ENOENT)
                return r < 0 ? r : -errno;
        return r;
}

int remove_tree_at(int directory_fd, const char *path) {
        _cleanup_close_ int top_fd = -EBADF;
        Removal removal = {};
        unsigned before;
        struct stat st;
        int r;

        if (unlinkat(directory_fd, path, 0) >= 0 || errno == ENOENT)
                return 0;
        if (errno != EISDIR && errno != EPERM)
                return -errno;
        top_fd = openat(directory_fd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (top_fd < 0)
                return -errno;
        if (fstat(top_fd, &st) < 0)
                return -errno;
        removal.top_fd = top_fd;
        removal.device = st.st_dev;
        do {
                int fd = openat(top_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

                if (fd < 0)
                        return -errno;
                before = removal.moved;
                r = remove_children(&removal, fd, 0);
        } while (removal.moved > before && r >= 0);
        if (unlinkat(directory_fd, path, AT_REMOVEDIR) < 0 && errno != ENOENT)
                return r < 0 ? r : -errno;
        return r;
}

int make_locked_directory(const char *path) {
        _cleanup_close_ int fd = -EBADF;
        int r = make_directories_at(AT_FDCWD, path, 0700);

        if (r < 0)
                return r;
        fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0 || fchmod(fd, 0700) < 0)
                return -errno;
        while (flock(fd, LOCK_EX) < 0)
                if (errno != EINTR)
                        return -errno;
        return TAKE_FD(fd);
}
