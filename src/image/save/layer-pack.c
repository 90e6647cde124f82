/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From an unpacked layer to its archive. The tree is the store's and does not change meanwhile, but
 * what is in it is an image's: nothing is followed, and what is remembered and written is
 * bounded. */
#include "image/save/layer-pack.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <search.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "basic/files.h"
#include "basic/text.h"
#include "image/layer-tree.h"
#include "image/save/tar-writer.h"
#include "image/tree-list.h"

enum {
        BUFFER = 64 * 1024, /* which the value of any attribute fits into */
        ATTRIBUTES_MOST = 128,
};

#define HOLES_MAX (UINT64_C(64) << 30) /* bytes of a layer: what a small archive may unpack to */

/* The first name of a file that has several. */
typedef struct Link {
        ino_t inode;
        char *path;
} Link;

typedef struct Packer {
        TarWriter writer;
        char *buffer;
        Text path;         /* of the directory that it is in: "" or "usr/bin/" */
        void *links;       /* a tsearch(3) tree */
        size_t link_bytes; /* what they come to */
        uint64_t hole_bytes;
        unsigned depth;
        char *fault;
} Packer;

static void link_free(void *link) {
        free(((Link *) link)->path);
        free(link);
}

static void packer_done(Packer *packer) {
        tar_writer_done(&packer->writer);
        free(packer->buffer);
        text_done(&packer->path);
        tdestroy(packer->links, link_free);
        free(packer->fault);
}

static int compare_links(const void *a, const void *b) {
        ino_t x = ((const Link *) a)->inode, y = ((const Link *) b)->inode;

        return x < y ? -1 : x > y;
}

/* Keeps what is to be blamed: the innermost. */
static int fail(Packer *packer, const char *name, int error) {
        if (!packer->fault && (error == -EOPNOTSUPP || error == -EFBIG || error == -ELOOP))
                packer->fault = text_format("/%s%s", packer->path.data ?: "", name);
        return error;
}

/* Attributes */

typedef struct Attributes {
        LayerXattr items[ATTRIBUTES_MOST];
        size_t count;
        StringList names;
        bool opaque;
} Attributes;

static void attributes_done(Attributes *attributes) {
        for (size_t i = 0; i < attributes->count; i++)
                free((void *) attributes->items[i].value);
        string_list_done(&attributes->names);
}

static int read_attribute(const Packer *packer, const char *path, const char *name, Attributes *ret) {
        ssize_t n = lgetxattr(path, name, packer->buffer, BUFFER);
        void *value;

        if (n < 0)
                return -errno;
        if (streq(name, "trusted.overlay.opaque") || streq(name, "user.overlay.opaque"))
                ret->opaque = n == 1 && packer->buffer[0] == 'y';
        if (!tree_attribute_is_kept(name))
                return 0;
        if (ret->count == ATTRIBUTES_MOST)
                return -EFBIG;
        if (strchr(name, '=')) /* ends the name in a pax record */
                return -EOPNOTSUPP;
        value = malloc((size_t) n + 1);
        if (!value)
                return -ENOMEM;
        memcpy(value, packer->buffer, (size_t) n);
        ret->items[ret->count++] = (LayerXattr) { .name = name, .value = value, .size = (size_t) n };
        return 0;
}

static int read_attributes(const Packer *packer, int directory_fd, const char *name, Attributes *ret) {
        _cleanup_free_ char *path = text_format("%s/%s", fd_path(directory_fd).text, name);
        int r = path ? tree_list_attributes(path, &ret->names) : -ENOMEM;

        for (size_t i = 0; i < ret->names.count && r >= 0; i++)
                r = read_attribute(packer, path, ret->names.items[i], ret);
        return r;
}

/* Content */

static int copy_bytes(Packer *packer, int fd, off_t from, off_t to) {
        while (from < to) {
                size_t wanted = to - from < BUFFER ? (size_t) (to - from) : (size_t) BUFFER;
                ssize_t n = pread(fd, packer->buffer, wanted, from);
                int r;

                if (n < 0 && errno == EINTR)
                        continue;
                if (n <= 0)
                        return n < 0 ? -errno : -EIO;
                r = tar_writer_write(&packer->writer, packer->buffer, (size_t) n);
                if (r < 0)
                        return r;
                from += n;
        }
        return 0;
}

/* Holes become zeros: whether a file has any is the file system's affair, and must not change the
 * digest. A few bytes of a hostile image can be terabytes of them. */
static int write_content(Packer *packer, int directory_fd, const char *name, off_t size) {
        _cleanup_close_ int fd = openat(directory_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
        off_t at = 0;
        int r = fd < 0 ? -errno : 0;

        while (at < size && r >= 0) {
                off_t data = lseek(fd, at, SEEK_DATA), hole;

                if (data < 0 && errno != ENXIO)
                        return -errno;
                if (data < 0 || data > size)
                        data = size;
                hole = data < size ? lseek(fd, data, SEEK_HOLE) : size;
                if (hole < 0)
                        return -errno;
                packer->hole_bytes += (uint64_t) (data - at);
                if (packer->hole_bytes > HOLES_MAX)
                        return -EFBIG;
                r = tar_writer_write_zeros(&packer->writer, (uint64_t) (data - at));
                at = hole < size ? hole : size;
                if (r >= 0)
                        r = copy_bytes(packer, fd, data, at);
        }
        return r;
}

/* Entries */

/* Returns 1 with the first name of the file (borrowed), 0 when this is it, or -errno. */
static int find_link(Packer *packer, const struct stat *st, const char *path, const char **ret) {
        size_t size = sizeof(Link) + strlen(path) + 1;
        Link wanted = { .inode = st->st_ino };
        Link **found = tfind(&wanted, &packer->links, compare_links), *link;

        if (found) {
                *ret = (*found)->path;
                return 1;
        }
        if (size > LAYER_NOTES_MAX - packer->link_bytes)
                return -EFBIG;
        link = malloc(sizeof(*link));
        if (!link)
                return -ENOMEM;
        *link = (Link) { .inode = st->st_ino, .path = strdup(path) };
        if (!link->path || !tsearch(link, &packer->links, compare_links)) {
                link_free(link);
                return -ENOMEM;
        }
        packer->link_bytes += size;
        return 0;
}

static int read_link(Packer *packer, int directory_fd, const char *name) {
        ssize_t n = readlinkat(directory_fd, name, packer->buffer, PATH_MAX);

        if (n < 0)
                return -errno;
        packer->buffer[n] = '\0';
        return 0;
}

/* An empty file whose name is the sign. */
static int write_sign(Packer *packer, const char *prefix, const char *name) {
        _cleanup_free_ char *path = text_format("%s%s%s", packer->path.data ?: "", prefix, name);

        return path ? tar_writer_add(&packer->writer, &(LayerEntry) { .path = path, .mode = S_IFREG | 0600 }) : -ENOMEM;
}

static int write_entry(Packer *packer, int directory_fd, const char *name, const struct stat *st,
                       const Attributes *attributes) {
        _cleanup_free_ char *path = text_format("%s%s%s", packer->path.data ?: "", name,
                                                S_ISDIR(st->st_mode) ? "/" : "");
        LayerEntry entry = {
                .path = path,
                .mode = st->st_mode,
                .uid = st->st_uid,
                .gid = st->st_gid,
                .size_bytes = (uint64_t) st->st_size,
                .mtime = st->st_mtim,
                .xattrs = attributes->items,
                .xattr_count = attributes->count,
        };
        int r = path ? 0 : -ENOMEM;

        if (r >= 0 && st->st_nlink > 1 && !S_ISDIR(st->st_mode))
                r = find_link(packer, st, path, &entry.hard_link);
        if (r > 0)
                entry.xattr_count = 0;
        if (r >= 0 && S_ISLNK(st->st_mode) && !entry.hard_link) {
                r = read_link(packer, directory_fd, name);
                entry.symlink = packer->buffer;
        }
        if (r >= 0)
                r = tar_writer_add(&packer->writer, &entry);
        if (r >= 0 && S_ISREG(st->st_mode) && !entry.hard_link)
                r = write_content(packer, directory_fd, name, st->st_size);
        return r;
}

static int pack_directory(Packer *packer, int fd, bool opaque);

static int pack_child(Packer *packer, int directory_fd, const char *name, bool opaque) {
        _cleanup_close_ int fd = openat(directory_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        size_t length = packer->path.length;
        int r;

        if (fd < 0)
                return -errno;
        if (packer->depth > LAYER_DEPTH_MAX)
                return -ELOOP;
        text_appendf(&packer->path, "%s/", name);
        packer->depth++;
        r = packer->path.failed ? -ENOMEM : pack_directory(packer, fd, opaque);
        packer->depth--;
        packer->path.length = length;
        if (packer->path.data)
                packer->path.data[length] = '\0';
        return r;
}

static bool is_whiteout(const struct stat *st) {
        return S_ISCHR(st->st_mode) && st->st_rdev == makedev(0, 0);
}

static int pack_entry(Packer *packer, int directory_fd, const char *name) {
        _cleanup_(attributes_done) Attributes attributes = {};
        struct stat st;
        int r;

        if (fstatat(directory_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
                return -errno;
        if (is_whiteout(&st))
                return write_sign(packer, ".wh.", name);
        r = read_attributes(packer, directory_fd, name, &attributes);
        if (r >= 0)
                r = write_entry(packer, directory_fd, name, &st, &attributes);
        if (r >= 0 && S_ISDIR(st.st_mode))
                r = pack_child(packer, directory_fd, name, attributes.opaque);
        return fail(packer, name, r);
}

/* The sign comes first: some readers take it for all that they have seen of the directory. */
static int pack_directory(Packer *packer, int fd, bool opaque) {
        _cleanup_string_list_ StringList names = {};
        int r = opaque ? write_sign(packer, ".wh..wh..opq", "") : 0;

        if (r >= 0)
                r = tree_list_directory(fd, &names);
        for (size_t i = 0; i < names.count && r >= 0; i++)
                r = pack_entry(packer, fd, names.items[i]);
        return r;
}

/* Of a root that no entry spoke of, see layer_tree_begin(), none speaks again: with other tools it
 * would hide what lower layers say of it. */
static int pack_root(Packer *packer, int fd) {
        _cleanup_(attributes_done) Attributes attributes = {};
        struct stat st;
        int r;

        if (fstat(fd, &st) < 0)
                return -errno;
        r = read_attributes(packer, fd, ".", &attributes);
        if (r >= 0 && (attributes.count > 0 || (st.st_mode & 07777) != 0755 || st.st_uid != 0 || st.st_gid != 0 ||
                       st.st_mtim.tv_sec != 0 || st.st_mtim.tv_nsec != 0))
                r = write_entry(packer, fd, ".", &st, &attributes);
        return r < 0 ? r : pack_directory(packer, fd, attributes.opaque);
}

int layer_pack(int fd, int out_fd, char ret_digest[DIGEST_TEXT_SIZE], uint64_t *ret_bytes, char **ret_fault) {
        _cleanup_close_ int directory_fd = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        _cleanup_(packer_done) Packer packer = { .buffer = malloc(BUFFER) };
        int r;

        if (directory_fd < 0)
                return -errno;
        r = packer.buffer ? tar_writer_open(out_fd, &packer.writer) : -ENOMEM;
        if (r >= 0)
                r = pack_root(&packer, directory_fd);
        if (r >= 0)
                r = tar_writer_finish(&packer.writer, ret_digest, ret_bytes);
        if (r < 0)
                *ret_fault = TAKE_PTR(packer.fault);
        return r;
}
