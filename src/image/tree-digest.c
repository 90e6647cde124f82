/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One digest of a whole tree of files. Everything of variable length goes in with its length or a
 * NUL behind it, so that no two trees are the same bytes. */
#include "image/tree-digest.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "basic/text.h"
#include "image/layer-tree.h"
#include "image/tree-list.h"

enum {
        BLOCK = 64 * 1024,
        DEEPEST = LAYER_DEPTH_MAX + 1,
};

typedef struct Walk {
        Digester *digester;
        char *buffer; /* of BLOCK bytes, which the value of any attribute fits into */
        unsigned depth;
} Walk;

static int add_directory(Walk *walk, int fd);

static void add_text(Walk *walk, const char *text) {
        digester_update(walk->digester, text, strlen(text) + 1);
}

static int add_metadata(Walk *walk, const struct stat *st) {
        bool directory = S_ISDIR(st->st_mode); /* whose size and links are the file system's affair */
        _cleanup_free_ char *text = text_format(
                        "%o %ju %ju %u:%u %jd.%ld %ju %ju", st->st_mode, (uintmax_t) st->st_uid, (uintmax_t) st->st_gid,
                        major(st->st_rdev), minor(st->st_rdev), (intmax_t) st->st_mtim.tv_sec, st->st_mtim.tv_nsec,
                        directory ? 0 : (uintmax_t) st->st_nlink, directory ? 0 : (uintmax_t) st->st_size);

        if (!text)
                return -ENOMEM;
        add_text(walk, text);
        return 0;
}

static int add_attributes(Walk *walk, int fd, const char *name) {
        _cleanup_free_ char *path = text_format("/proc/self/fd/%d/%s", fd, name);
        _cleanup_string_list_ StringList names = {};
        int r = path ? tree_list_attributes(path, &names) : -ENOMEM;

        for (size_t i = 0; i < names.count && r >= 0; i++) {
                ssize_t n = lgetxattr(path, names.items[i], walk->buffer, BLOCK);
                _cleanup_free_ char *length = n < 0 ? NULL : text_format("%zd", n);

                if (n < 0)
                        return -errno;
                if (!length)
                        return -ENOMEM;
                add_text(walk, names.items[i]);
                add_text(walk, length);
                digester_update(walk->digester, walk->buffer, (size_t) n);
        }
        add_text(walk, ""); /* no name */
        return r;
}

/* Reads a whole block, or what there is up to the end. */
static ssize_t read_block(int fd, char *buffer, off_t offset) {
        size_t done = 0;

        while (done < BLOCK) {
                ssize_t n = pread(fd, buffer + done, BLOCK - done, offset + (off_t) done);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                if (n == 0)
                        break;
                done += (size_t) n;
        }
        return (ssize_t) done;
}

static bool is_zero(const char *bytes, size_t n) {
        return n == 0 || (bytes[0] == 0 && memcmp(bytes, bytes + 1, n - 1) == 0);
}

/* Blocks that are not all zeros, with their places. Holes are jumped over, since an archive of a
 * few bytes can have one of terabytes; whether zeros are stored or a hole makes no difference. */
static int add_content(Walk *walk, int directory_fd, const char *name) {
        _cleanup_close_ int fd = openat(directory_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
        off_t offset = 0;

        if (fd < 0)
                return -errno;
        while ((offset = lseek(fd, offset, SEEK_DATA)) >= 0) {
                _cleanup_free_ char *place = NULL;
                ssize_t n;

                offset -= offset % BLOCK;
                n = read_block(fd, walk->buffer, offset);
                if (n < 0)
                        return (int) n;
                if (!is_zero(walk->buffer, (size_t) n)) {
                        place = text_format("%jd+%zd", (intmax_t) offset, n);
                        if (!place)
                                return -ENOMEM;
                        add_text(walk, place);
                        digester_update(walk->digester, walk->buffer, (size_t) n);
                }
                offset += BLOCK;
        }
        add_text(walk, ""); /* no place */
        return errno == ENXIO ? 0 : -errno; /* ENXIO: the end */
}

static int add_link(Walk *walk, int directory_fd, const char *name) {
        ssize_t n = readlinkat(directory_fd, name, walk->buffer, PATH_MAX);

        if (n < 0)
                return -errno;
        digester_update(walk->digester, walk->buffer, (size_t) n);
        return 0;
}

static int add_child(Walk *walk, int directory_fd, const char *name) {
        _cleanup_close_ int fd = openat(directory_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

        return fd < 0 ? -errno : add_directory(walk, fd);
}

static int add_entry(Walk *walk, int directory_fd, const char *name) {
        struct stat st;
        int r;

        if (fstatat(directory_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
                return -errno;
        add_text(walk, name);
        r = add_metadata(walk, &st);
        if (r >= 0)
                r = add_attributes(walk, directory_fd, name);
        if (r < 0)
                return r;
        if (S_ISREG(st.st_mode))
                return add_content(walk, directory_fd, name);
        if (S_ISLNK(st.st_mode))
                return add_link(walk, directory_fd, name);
        /* The root is an entry, but not one of its own. */
        return S_ISDIR(st.st_mode) && !streq(name, ".") ? add_child(walk, directory_fd, name) : 0;
}

static int add_directory(Walk *walk, int fd) {
        _cleanup_string_list_ StringList names = {};
        int r;

        if (walk->depth >= DEEPEST)
                return -ELOOP;
        walk->depth++;
        r = tree_list_directory(fd, &names);
        for (size_t i = 0; i < names.count && r >= 0; i++)
                r = add_entry(walk, fd, names.items[i]);
        add_text(walk, ""); /* no name: the end of the directory */
        walk->depth--;
        return r;
}

int tree_digest(int fd, char ret[DIGEST_TEXT_SIZE]) {
        _cleanup_digester_ Digester *digester = NULL;
        _cleanup_free_ char *buffer = malloc(BLOCK);
        Walk walk = { .buffer = buffer };
        int r;

        r = buffer ? digester_new(&digester) : -ENOMEM;
        if (r < 0)
                return r;
        walk.digester = digester;
        r = add_entry(&walk, fd, ".");
        if (r >= 0)
                r = add_directory(&walk, fd);
        if (r >= 0)
                digester_finish(digester, ret);
        return r;
}
