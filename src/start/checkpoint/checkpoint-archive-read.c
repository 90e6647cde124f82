/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An archive becomes a checkpoint. Each part of it is a tree of its own, from whose descriptor
 * everything is resolved; what CRIU reads has only plain files, which are root's. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "basic/files.h"
#include "basic/text.h"
#include "host/bundle.h"
#include "start/checkpoint/checkpoint-archive.h"
#include "start/checkpoint/checkpoint-pre.h"
#include "start/checkpoint/checkpoint-store.h"
#include "start/checkpoint/podman/podman-parts.h"

typedef enum PartKind {
        PART_FILES,  /* plain files, and nothing below them */
        PART_WHOLE,  /* the same, upon no others */
        PART_CHAIN,  /* directories "1", "2" of such */
        PART_LAYER,  /* an overlay's upper directory, without devices */
        PART_VOLUME, /* any tree, without devices */
} PartKind;

static bool is_for_criu(PartKind kind) {
        return kind == PART_FILES || kind == PART_WHOLE || kind == PART_CHAIN;
}

typedef struct Part {
        const char *prefix; /* "images", "volumes/data" */
        PartKind kind;
        LayerTree tree;
        LayerLimits limits;
        int fd; /* owned; -EBADF: it is somebody else's */
        bool seen;
} Part;

enum { UPPER = 1, CHAIN }; /* which of them it is */

typedef struct Parts {
        Part *items;
        size_t count;
        Part own; /* the files of the directory itself … */
        const char *const *own_files; /* … which have these names, up to a NULL */
        const char *const *left_out;  /* that, and what is below, has no use here */
} Parts;

static void parts_done(Parts *parts) {
        for (size_t i = 0; i < parts->count; i++) {
                layer_tree_done(&parts->items[i].tree);
                fd_close(parts->items[i].fd);
        }
        free(parts->items);
        layer_tree_done(&parts->own.tree);
        fd_close(parts->own.fd);
}

static int damaged(const CheckpointArchive *archive, const LayerEntry *entry, Diagnostics *diagnostics) {
        enum { SHOWN_MAX = 1000 };
        const char *path = entry ? entry->path : NULL;
        size_t n = path ? utf8_valid_prefix(path, strnlen(path, SHOWN_MAX)) : 0;

        if (!path)
                return diagnose_error(diagnostics, NULL, "%s: the archive is damaged", archive->name);
        if (archive->is_podmans && (streq(path, PODMAN_IMAGES "/parent") || startswith(path, PODMAN_PRE)))
                return diagnose_error(diagnostics, NULL,
                                      "%s: a part of it is in an archive of podman's --pre-checkpoint; without "
                                      "--with-previous podman writes all of it into one",
                                      archive->name);
        return diagnose_error(diagnostics, NULL, "%s: \"%.*s\" has no place in a checkpoint, or is too large",
                              archive->name, (int) n, path);
}

/* Beginning */

static const char *skip_dot(const char *path) {
        return startswith(path, "./") ?: path;
}

static const char *const own_files[] = {
        "config.json", BUNDLE_IMAGE_FILE, "network", CHECKPOINT_SHM, CHECKPOINT_PODMANS, CHECKPOINT_ADDRESSES, NULL,
};
static const char *const own_left_out[] = { CHECKPOINT_VOLUMES, NULL };
static const char *const podman_files[] = {
        PODMAN_CONFIG, PODMAN_SPEC, PODMAN_NETWORK, PODMAN_ROOT, PODMAN_DELETED, PODMAN_SHM, NULL,
};
static const char *const podman_left_out[] = {
        "artifacts", "ctr.log", "stats-dump", "dump.log", "restore.log", "bind.mounts", "pod.options", NULL,
};

/* Returns what is behind the prefix, "" for the part itself; NULL when it is another part's. */
static const char *find_below(const char *path, const char *prefix) {
        const char *rest = startswith(path, prefix);

        if (!rest || (*rest && *rest != '/'))
                return NULL;
        return rest + strspn(rest, "/");
}

/* Whether the path, or what it is below of, is one of the names. */
static bool is_at(const char *path, const char *const names[]) {
        for (; *names; names++)
                if (find_below(path, *names))
                        return true;
        return false;
}

/* What podman container checkpoint --export writes first depends on its version. */
static bool is_podmans(const char *path) {
        return is_at(path, podman_files) || is_at(path, podman_left_out) || find_below(path, PODMAN_IMAGES) ||
               find_below(path, PODMAN_VOLUMES) || find_below(path, PODMAN_PRE);
}

static int read_text(LayerStream *stream, const LayerEntry *entry, char **ret) {
        _cleanup_free_ char *text = NULL;
        uint64_t offset;
        const void *data;
        size_t n;
        int r;

        if (!S_ISREG(entry->mode) || entry->hard_link || entry->size_bytes > CHECKPOINT_ABOUT_LARGEST)
                return -EBADMSG;
        text = calloc(1, entry->size_bytes + 1);
        if (!text)
                return -ENOMEM;
        while ((r = layer_stream_read(stream, &data, &n, &offset)) > 0) {
                if (offset > entry->size_bytes || n > entry->size_bytes - offset)
                        return -EBADMSG;
                memcpy(text + offset, data, n);
        }
        if (r >= 0)
                *ret = TAKE_PTR(text);
        return r;
}

int checkpoint_archive_open(int in_fd, const char *name, Diagnostics *diagnostics, CheckpointArchive *ret) {
        LayerEntry entry;
        struct stat st;
        int r;

        if (fstat(in_fd, &st) < 0)
                return -errno;
        ret->name = name;
        ret->limits = layer_limits_for(S_ISREG(st.st_mode) ? (uint64_t) st.st_size : 0);
        r = layer_stream_open(in_fd, ret->limits.tar_bytes, &ret->stream);
        if (r >= 0)
                r = layer_stream_next(ret->stream, &entry);
        if (r == 0 || r == -EBADMSG)
                return diagnose_error(diagnostics, NULL, "%s: this is no archive of a checkpoint", name);
        if (r < 0)
                return r;
        ret->is_podmans = is_podmans(skip_dot(entry.path));
        ret->first = entry;
        if (ret->is_podmans)
                return 0;
        if (!streq(skip_dot(entry.path), CHECKPOINT_ABOUT))
                return diagnose_error(diagnostics, NULL, "%s: this is no archive of a checkpoint", name);
        r = read_text(ret->stream, &entry, &ret->about_text);
        if (r == -EBADMSG)
                return damaged(ret, &entry, diagnostics);
        return r < 0 ? r
                     : checkpoint_about_parse(ret->about_text, strlen(ret->about_text), name, diagnostics, &ret->about);
}

/* Unpacking */

static Part *find_part(Parts *parts, const char *path, const char **ret_rest) {
        for (size_t i = 0; i < parts->count; i++) {
                *ret_rest = find_below(path, parts->items[i].prefix);
                if (*ret_rest)
                        return &parts->items[i];
        }
        *ret_rest = path;
        for (const char *const *name = parts->own_files; *name; name++)
                if (streq(path, *name))
                        return &parts->own;
        return NULL;
}

/* Returns what is behind "1/" or "1", NULL when it does not begin so. */
static const char *skip_link(const char *path) {
        if (*path < '1' || *path > '0' + CHECKPOINT_PRE_MOST || (path[1] && path[1] != '/'))
                return NULL;
        return path[1] ? path + 2 : path + 1;
}

/* Returns 1 when it is to be made, 0 when it is left out, or -EBADMSG. What links the images to
 * others is made anew, and never the archive's. */
static int settle_images(PartKind kind, LayerEntry *entry) {
        const char *name = kind == PART_CHAIN ? skip_link(entry->path) : entry->path;
        bool directory = S_ISDIR(entry->mode) && !entry->hard_link;

        if (!*entry->path || (kind == PART_CHAIN && streq(entry->path, "of")))
                return directory || *entry->path ? 0 : -EBADMSG;
        if (name && S_ISLNK(entry->mode) && !entry->hard_link && streq(name, "parent"))
                return kind == PART_WHOLE ? -EBADMSG : 0;
        if (kind == PART_CHAIN && name && !*name && directory)
                entry->mode = S_IFDIR | 0700;
        else if (!name || !*name || !S_ISREG(entry->mode) || entry->hard_link || strchr(name, '/'))
                return -EBADMSG;
        else
                entry->mode = S_IFREG | 0600;
        entry->uid = entry->gid = 0;
        entry->xattr_count = 0;
        return 1;
}

/* As above. */
static int settle_entry(const Part *part, LayerEntry *entry) {
        if (is_for_criu(part->kind))
                return settle_images(part->kind, entry);
        return !entry->hard_link && (S_ISCHR(entry->mode) || S_ISBLK(entry->mode)) ? 0 : 1;
}

/* All but these are read into memory. */
static LayerLimits limits_of(const Parts *parts, const Part *part, const char *path) {
        enum { LARGEST = 16 * 1024 * 1024 };
        static const char *const large[] = { CHECKPOINT_SHM, PODMAN_SHM, PODMAN_ROOT, PODMAN_DELETED, NULL };
        LayerLimits limits = part->limits;

        if (part == &parts->own && !is_at(path, large) && limits.file_bytes > LARGEST)
                limits.file_bytes = LARGEST;
        return limits;
}

static int unpack_entry(const CheckpointArchive *archive, Parts *parts, const LayerEntry *found) {
        LayerEntry entry = *found;
        Part *part = find_part(parts, skip_dot(found->path), &entry.path);
        LayerLimits limits;
        int r;

        if (!part)
                return is_at(entry.path, parts->left_out) ? 0 : -EBADMSG;
        part->seen = true;
        r = settle_entry(part, &entry);
        if (r <= 0)
                return r;
        if (entry.hard_link) {
                entry.hard_link = find_below(skip_dot(entry.hard_link), part->prefix);
                if (!entry.hard_link)
                        return -EBADMSG;
        }
        /* The part itself. */
        if (!*entry.path)
                entry.path = ".";
        limits = limits_of(parts, part, entry.path);
        return layer_unpack_entry(archive->stream, &part->tree, &entry, &limits);
}

static int unpack_all(const CheckpointArchive *archive, Parts *parts, Diagnostics *diagnostics) {
        char diff_id[DIGEST_TEXT_SIZE];
        LayerEntry entry = archive->first;
        uint64_t entries = 0;
        int r = archive->is_podmans ? 1 : layer_stream_next(archive->stream, &entry);

        for (; r > 0; r = layer_stream_next(archive->stream, &entry)) {
                r = ++entries > archive->limits.entries ? -EFBIG : unpack_entry(archive, parts, &entry);
                if (r == -EBADMSG || r == -EFBIG)
                        return damaged(archive, &entry, diagnostics);
                if (r < 0)
                        return r;
        }
        if (r >= 0)
                r = layer_stream_finish(archive->stream, diff_id);
        if (r == -EBADMSG || r == -EFBIG)
                return damaged(archive, NULL, diagnostics);
        for (size_t i = 0; i < parts->count && r >= 0; i++)
                r = layer_tree_finish(&parts->items[i].tree);
        return r;
}

static int add_part(Parts *parts, const char *prefix, PartKind kind, int fd, bool own) {
        Part *part = &parts->items[parts->count];

        if (fd < 0)
                return fd;
        *part = (Part) {
                .prefix = prefix,
                .kind = kind,
                .tree = LAYER_TREE_INIT(fd),
                .limits = parts->own.limits,
                .fd = own ? fd : -EBADF,
        };
        part->tree.plain = kind != PART_LAYER;
        parts->count++;
        return is_for_criu(kind) ? 0 : layer_tree_begin(&part->tree);
}

static int make_directory(int directory_fd, const char *name, mode_t mode) {
        int fd;

        if (mkdirat(directory_fd, name, mode) < 0)
                return -errno;
        fd = openat(directory_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        return fd < 0 ? -errno : fd;
}

/* Makes "new", whose own files are in the directory `name` of it, and as many parts at most. */
static int begin_parts(const CheckpointArchive *archive, int lock_fd, const char *name, size_t most, Parts *parts) {
        _cleanup_close_ int new_fd = make_directory(lock_fd, CHECKPOINT_NEW, 0700);
        int fd = new_fd < 0 ? new_fd : name ? make_directory(new_fd, name, 0700) : TAKE_FD(new_fd);

        if (fd < 0)
                return fd;
        parts->own = (Part) { .prefix = "", .tree = LAYER_TREE_INIT(fd), .limits = archive->limits, .fd = fd };
        parts->own.tree.plain = true;
        parts->items = calloc(most, sizeof(*parts->items));
        return parts->items ? 0 : -ENOMEM;
}

static int make_parts(const CheckpointArchive *archive, int lock_fd, const ArchivedVolume volumes[],
                      size_t volume_count, Parts *parts) {
        int r = begin_parts(archive, lock_fd, NULL, volume_count + 3, parts), fd = parts->own.fd;

        parts->own_files = own_files;
        parts->left_out = own_left_out; /* a volume that is not wanted */
        if (r >= 0)
                r = add_part(parts, CHECKPOINT_IMAGES, PART_FILES, make_directory(fd, CHECKPOINT_IMAGES, 0700), true);
        if (r >= 0)
                r = add_part(parts, CHECKPOINT_UPPER, PART_LAYER, make_directory(fd, CHECKPOINT_UPPER, 0755), true);
        if (r >= 0)
                r = add_part(parts, CHECKPOINT_PRE, PART_CHAIN, make_directory(fd, CHECKPOINT_PRE, 0700), true);
        for (size_t i = 0; i < volume_count && r >= 0; i++)
                r = add_part(parts, volumes[i].path, PART_VOLUME, volumes[i].fd, false);
        return r;
}

static int make_podmans_parts(const CheckpointArchive *archive, int lock_fd, Parts *parts) {
        int r = begin_parts(archive, lock_fd, PODMAN_PARTS, 2, parts), fd = parts->own.fd;

        parts->own_files = podman_files;
        parts->left_out = podman_left_out;
        if (r >= 0)
                r = add_part(parts, PODMAN_IMAGES, PART_WHOLE,
                             make_directory(lock_fd, CHECKPOINT_NEW "/" CHECKPOINT_IMAGES, 0700), true);
        if (r >= 0)
                r = add_part(parts, PODMAN_VOLUMES, PART_FILES, make_directory(fd, PODMAN_VOLUMES, 0700), true);
        return r;
}

static int complete(const CheckpointArchive *archive, int fd, Diagnostics *diagnostics) {
        int r;

        if (!checkpoint_has_inventory(fd) || !checkpoint_has_description(fd))
                return diagnose_error(diagnostics, NULL, "%s: the checkpoint in it is not whole", archive->name);
        r = checkpoint_write_settings(fd, archive->about.tcp_close);
        if (r >= 0)
                r = write_file_atomic_at(fd, CHECKPOINT_ABOUT, archive->about_text, strlen(archive->about_text), 0600);
        return r;
}

static int unpack(CheckpointArchive *archive, int lock_fd, const ArchivedVolume volumes[], size_t volume_count,
                  Diagnostics *diagnostics) {
        _cleanup_(parts_done) Parts parts = { .own = { .fd = -EBADF, .tree = LAYER_TREE_INIT(-EBADF) } };
        int r = make_parts(archive, lock_fd, volumes, volume_count, &parts);

        if (r >= 0)
                r = unpack_all(archive, &parts, diagnostics);
        if (r >= 0)
                r = complete(archive, parts.own.fd, diagnostics);
        if (r >= 0 && !parts.items[UPPER].seen && unlinkat(parts.own.fd, CHECKPOINT_UPPER, AT_REMOVEDIR) < 0)
                r = -errno;
        if (r < 0)
                return r;
        if (!parts.items[CHAIN].seen)
                return unlinkat(parts.own.fd, CHECKPOINT_PRE, AT_REMOVEDIR) < 0 ? -errno : 0;
        r = checkpoint_pre_link(parts.own.fd);
        return r == -EBADMSG ? damaged(archive, NULL, diagnostics) : r;
}

int checkpoint_archive_unpack(CheckpointArchive *archive, int lock_fd, const ArchivedVolume volumes[],
                              size_t volume_count, Diagnostics *diagnostics) {
        int r = remove_tree_at(lock_fd, CHECKPOINT_NEW);

        if (r >= 0)
                r = unpack(archive, lock_fd, volumes, volume_count, diagnostics);
        if (r < 0)
                (void) remove_tree_at(lock_fd, CHECKPOINT_NEW);
        return r;
}

static int unpack_podmans(CheckpointArchive *archive, int lock_fd, Diagnostics *diagnostics) {
        _cleanup_(parts_done) Parts parts = { .own = { .fd = -EBADF, .tree = LAYER_TREE_INIT(-EBADF) } };
        int r = make_podmans_parts(archive, lock_fd, &parts);

        return r < 0 ? r : unpack_all(archive, &parts, diagnostics);
}

int checkpoint_archive_unpack_podmans(CheckpointArchive *archive, int lock_fd, Diagnostics *diagnostics) {
        int r = remove_tree_at(lock_fd, CHECKPOINT_NEW);

        if (r >= 0)
                r = unpack_podmans(archive, lock_fd, diagnostics);
        if (r < 0)
                (void) remove_tree_at(lock_fd, CHECKPOINT_NEW);
        return r;
}

void checkpoint_archive_done(CheckpointArchive *archive) {
        layer_stream_free(archive->stream);
        checkpoint_about_done(&archive->about);
        free(archive->about_text);
}
