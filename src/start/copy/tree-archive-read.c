/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Making files of an archive. Every path is walked component by component from the directory, and
 * no symlink is followed. What is made has a name of its own until it is whole, and is then
 * renamed: whoever looks meanwhile sees the old or the new one, and nothing is written through a
 * name that somebody may have exchanged. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "basic/files.h"
#include "basic/path.h"
#include "image/layer-stream.h"
#include "start/copy/tree-archive.h"

typedef struct Reader {
        LayerStream *stream;
        int directory_fd;
        const TreeOwner *owner;
        char temporary[32]; /* the name of what is not whole yet */
} Reader;

static int open_directory(int directory_fd, const char *name) {
        int fd = openat(directory_fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        struct stat st;

        if (fd >= 0)
                return fd;
        if (errno == ENOTDIR && fstatat(directory_fd, name, &st, AT_SYMLINK_NOFOLLOW) >= 0 && S_ISLNK(st.st_mode))
                return -ELOOP;
        return -errno;
}

/* Opens a directory, which is made if there is none. Returns an fd, by O_PATH, or -errno. */
static int make_directory(const Reader *reader, int directory_fd, const char *name, mode_t mode) {
        _cleanup_close_ int fd = open_directory(directory_fd, name);

        if (fd != -ENOENT)
                return TAKE_FD(fd);
        if (mkdirat(directory_fd, name, 0700) < 0 && errno != EEXIST)
                return -errno;
        fd = open_directory(directory_fd, name);
        if (fd < 0)
                return TAKE_FD(fd);
        /* By the descriptor: the name may be something else's by now. */
        if (fchownat(fd, "", reader->owner->uid, reader->owner->gid, AT_EMPTY_PATH) < 0 ||
            chmod(fd_path(fd).text, mode & 01777) < 0)
                return -errno;
        return TAKE_FD(fd);
}

/* Opens the directory of a normalized path. */
static int open_parent(const Reader *reader, const char *path) {
        _cleanup_close_ int fd = fcntl(reader->directory_fd, F_DUPFD_CLOEXEC, 0);
        _cleanup_string_list_ StringList names = {};

        if (fd < 0)
                return -errno;
        if (string_list_add_split(&names, path, strlen(path), "/") < 0)
                return -ENOMEM;
        for (size_t i = 0; i < names.count; i++) {
                int next = make_directory(reader, fd, names.items[i], 0755);

                if (next < 0)
                        return next;
                fd_close(fd);
                fd = next;
        }
        return TAKE_FD(fd);
}

static int write_content(const Reader *reader, int fd, uint64_t size) {
        const void *data;
        uint64_t offset;
        size_t n;
        int r;

        while ((r = layer_stream_read(reader->stream, &data, &n, &offset)) > 0) {
                const char *bytes = data;

                if (offset > size || n > size - offset)
                        return -EBADMSG;
                while (n > 0) {
                        ssize_t written = pwrite(fd, bytes, n, (off_t) offset);

                        if (written < 0 && errno == EINTR)
                                continue;
                        if (written < 0)
                                return -errno;
                        bytes += written;
                        offset += (uint64_t) written;
                        n -= (size_t) written;
                }
        }
        return r < 0 ? r : ftruncate(fd, (off_t) size) < 0 ? -errno : 0;
}

static int make_file(const Reader *reader, int parent_fd, const LayerEntry *entry) {
        const struct timespec times[] = { { .tv_nsec = UTIME_OMIT }, entry->mtime };
        _cleanup_close_ int fd = openat(parent_fd, reader->temporary,
                                        O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        int r;

        if (fd < 0)
                return -errno;
        r = write_content(reader, fd, entry->size_bytes);
        if (r < 0)
                return r;
        if (fchown(fd, reader->owner->uid, reader->owner->gid) < 0 || fchmod(fd, entry->mode & 01777) < 0 ||
            futimens(fd, times) < 0)
                return -errno;
        return 0;
}

static int make_symlink(const Reader *reader, int parent_fd, const LayerEntry *entry) {
        if (!entry->symlink)
                return -EBADMSG;
        if (symlinkat(entry->symlink, parent_fd, reader->temporary) < 0 ||
            fchownat(parent_fd, reader->temporary, reader->owner->uid, reader->owner->gid, AT_SYMLINK_NOFOLLOW) < 0)
                return -errno;
        return 0;
}

/* Another name of what is in the directory, too. */
static int make_link(const Reader *reader, int parent_fd, const LayerEntry *entry) {
        _cleanup_free_ char *parent = NULL, *name = NULL;
        _cleanup_close_ int fd = -EBADF;
        int r = path_split_entry(entry->hard_link, &parent, &name);

        if (r < 0)
                return r;
        fd = open_parent(reader, parent);
        if (fd < 0)
                return fd;
        return linkat(fd, name, parent_fd, reader->temporary, 0) < 0 ? -errno : 0;
}

/* Returns 1 when something has been made, 0 for what is left out, or -errno. */
static int make(const Reader *reader, int parent_fd, const LayerEntry *entry) {
        int r;

        if (entry->hard_link)
                r = make_link(reader, parent_fd, entry);
        else if (S_ISREG(entry->mode))
                r = make_file(reader, parent_fd, entry);
        else if (S_ISLNK(entry->mode))
                r = make_symlink(reader, parent_fd, entry);
        else
                return 0;
        return r < 0 ? r : 1;
}

static int put(const Reader *reader, int parent_fd, const char *name, const LayerEntry *entry) {
        int r;

        (void) unlinkat(parent_fd, reader->temporary, 0);
        r = make(reader, parent_fd, entry);
        if (r > 0)
                r = renameat(parent_fd, reader->temporary, parent_fd, name) < 0 ? -errno : 0;
        /* Also when both were names of the same file already: then rename(2) does nothing. */
        (void) unlinkat(parent_fd, reader->temporary, 0);
        return r;
}

static int take(const Reader *reader, const LayerEntry *entry) {
        _cleanup_free_ char *parent = NULL, *name = NULL;
        _cleanup_close_ int parent_fd = -EBADF, made_fd = -EBADF;
        int r = path_split_entry(entry->path, &parent, &name);

        if (r < 0 || !*name)
                return r;
        parent_fd = open_parent(reader, parent);
        if (parent_fd < 0)
                return parent_fd;
        if (!S_ISDIR(entry->mode) || entry->hard_link)
                return put(reader, parent_fd, name, entry);
        made_fd = make_directory(reader, parent_fd, name, entry->mode);
        return made_fd < 0 ? made_fd : 0;
}

int tree_archive_read(int in_fd, int directory_fd, const TreeOwner *owner) {
        _cleanup_layer_stream_ LayerStream *stream = NULL;
        Reader reader = { .directory_fd = directory_fd, .owner = owner };
        char diff_id[DIGEST_TEXT_SIZE];
        LayerEntry entry;
        int r;

        r = layer_stream_open(in_fd, UINT64_MAX, &stream);
        if (r < 0)
                return r;
        reader.stream = stream;
        snprintf(reader.temporary, sizeof(reader.temporary), ".berth-cp-%d", (int) getpid());
        while ((r = layer_stream_next(stream, &entry)) > 0) {
                r = take(&reader, &entry);
                if (r < 0)
                        return r;
        }
        /* Also what is behind the last entry: whoever writes it waits for that. */
        return r < 0 ? r : layer_stream_finish(stream, diff_id);
}
