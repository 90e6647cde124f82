/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Writing archives. Everything is pinned by an O_PATH descriptor before it is looked at, and opened
 * through that. */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <locale.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "basic/directory.h"
#include "basic/dynamic.h"
#include "basic/files.h"
#include "basic/path.h"
#include "start/copy/tree-archive.h"

DYNAMIC_FUNCTION(archive_entry_copy_stat);
DYNAMIC_FUNCTION(archive_entry_free);
DYNAMIC_FUNCTION(archive_entry_new);
DYNAMIC_FUNCTION(archive_entry_set_mode);
DYNAMIC_FUNCTION(archive_entry_set_pathname);
DYNAMIC_FUNCTION(archive_entry_set_symlink);
DYNAMIC_FUNCTION(archive_errno);
DYNAMIC_FUNCTION(archive_write_close);
DYNAMIC_FUNCTION(archive_write_data);
DYNAMIC_FUNCTION(archive_write_free);
DYNAMIC_FUNCTION(archive_write_header);
DYNAMIC_FUNCTION(archive_write_new);
DYNAMIC_FUNCTION(archive_write_open_fd);
DYNAMIC_FUNCTION(archive_write_set_format_pax_restricted);

enum { DEPTH_MOST = 128, BUFFER_SIZE = 128 * 1024 };

static int load(void) {
        static const DynamicSymbol symbols[] = {
                DYNAMIC_SYMBOL(archive_entry_copy_stat),
                DYNAMIC_SYMBOL(archive_entry_free),
                DYNAMIC_SYMBOL(archive_entry_new),
                DYNAMIC_SYMBOL(archive_entry_set_mode),
                DYNAMIC_SYMBOL(archive_entry_set_pathname),
                DYNAMIC_SYMBOL(archive_entry_set_symlink),
                DYNAMIC_SYMBOL(archive_errno),
                DYNAMIC_SYMBOL(archive_write_close),
                DYNAMIC_SYMBOL(archive_write_data),
                DYNAMIC_SYMBOL(archive_write_free),
                DYNAMIC_SYMBOL(archive_write_header),
                DYNAMIC_SYMBOL(archive_write_new),
                DYNAMIC_SYMBOL(archive_write_open_fd),
                DYNAMIC_SYMBOL(archive_write_set_format_pax_restricted),
        };
        return dynamic_load("libarchive.so.13", symbols, ARRAY_SIZE(symbols), NULL);
}

typedef struct Writer {
        struct archive *archive;
        char *buffer;
} Writer;

static void writer_done(Writer *writer) {
        if (writer->archive)
                sym_archive_write_free(writer->archive);
        free(writer->buffer);
}

static int failure(const Writer *writer) {
        int error = sym_archive_errno(writer->archive);

        return error > 0 && error < 4096 ? -error : -EIO;
}

static int write_header(const Writer *writer, const char *name, const struct stat *st, const char *link) {
        struct archive_entry *entry = sym_archive_entry_new();
        int status;

        if (!entry)
                return -ENOMEM;
        sym_archive_entry_copy_stat(entry, st);
        /* What is set-user-ID in a container is nobody's business outside. */
        sym_archive_entry_set_mode(entry, st->st_mode & (S_IFMT | S_ISVTX | 0777));
        sym_archive_entry_set_pathname(entry, name);
        if (link)
                sym_archive_entry_set_symlink(entry, link);
        status = sym_archive_write_header(writer->archive, entry);
        sym_archive_entry_free(entry);
        return status < ARCHIVE_WARN ? failure(writer) : 0;
}

/* As many bytes as the header says: a file that has become shorter ends in zeros, which
 * archive_write_header() of the next one sees to. */
static int write_content(const Writer *writer, int fd, off_t left) {
        while (left > 0) {
                ssize_t n = read(fd, writer->buffer, left < BUFFER_SIZE ? (size_t) left : (size_t) BUFFER_SIZE);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n <= 0)
                        return n < 0 ? -errno : 0;
                if (sym_archive_write_data(writer->archive, writer->buffer, (size_t) n) != n)
                        return failure(writer);
                left -= n;
        }
        return 0;
}

static int write_file(const Writer *writer, int pinned, const char *name, const struct stat *st) {
        _cleanup_close_ int fd = open(fd_path(pinned).text, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        int r;

        if (fd < 0)
                return -errno;
        r = write_header(writer, name, st, NULL);
        return r < 0 ? r : write_content(writer, fd, st->st_size);
}

static int write_symlink(const Writer *writer, int pinned, const char *name, const struct stat *st) {
        char target[PATH_MAX];
        ssize_t n = readlinkat(pinned, "", target, sizeof(target));

        if (n < 0)
                return -errno;
        if ((size_t) n >= sizeof(target))
                return -ENAMETOOLONG;
        target[n] = '\0';
        return write_header(writer, name, st, target);
}

/* What the kernel makes up as one reads it. */
static bool is_made_up(int pinned) {
        static const unsigned long kinds[] = { PROC_SUPER_MAGIC, SYSFS_MAGIC,   CGROUP2_SUPER_MAGIC, DEBUGFS_MAGIC,
                                               TRACEFS_MAGIC,    DEVPTS_SUPER_MAGIC };
        struct statfs fs;

        if (fstatfs(pinned, &fs) < 0)
                return true;
        for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
                if ((unsigned long) fs.f_type == kinds[i])
                        return true;
        return false;
}

static int list(int pinned, StringList *ret) {
        _cleanup_closedir_ DIR *directory = NULL;
        const struct dirent *entry;
        int r = directory_open_at(pinned, ".", 0, &directory);

        while (r >= 0) {
                r = directory_next(directory, &entry);
                if (r <= 0)
                        break;
                r = string_list_add(ret, entry->d_name);
        }
        string_list_sort(ret);
        return r;
}

static int write_pinned(const Writer *writer, int pinned, const char *name, unsigned depth);

static int write_child(const Writer *writer, int directory, const char *entry, const char *parent, unsigned depth) {
        _cleanup_close_ int pinned = openat(directory, entry, O_PATH | O_NOFOLLOW | O_CLOEXEC);
        _cleanup_free_ char *name = path_join(parent, entry);

        if (!name)
                return -ENOMEM;
        if (pinned < 0)
                return errno == ENOENT ? 0 : -errno; /* it has gone meanwhile */
        return write_pinned(writer, pinned, name, depth);
}

static int write_directory(const Writer *writer, int pinned, const char *name, const struct stat *st, unsigned depth) {
        _cleanup_string_list_ StringList names = {};
        int r;

        if (depth > DEPTH_MOST)
                return -ELOOP;
        r = write_header(writer, name, st, NULL);
        if (r < 0 || is_made_up(pinned))
                return r;
        r = list(pinned, &names);
        for (size_t i = 0; i < names.count && r >= 0; i++)
                r = write_child(writer, pinned, names.items[i], name, depth + 1);
        return r;
}

static int write_pinned(const Writer *writer, int pinned, const char *name, unsigned depth) {
        struct stat st;

        if (fstat(pinned, &st) < 0)
                return -errno;
        switch (st.st_mode & S_IFMT) {
        case S_IFDIR:
                return write_directory(writer, pinned, name, &st, depth);
        case S_IFREG:
                return write_file(writer, pinned, name, &st);
        case S_IFLNK:
                return write_symlink(writer, pinned, name, &st);
        default:
                return 0;
        }
}

static int write_archive(Writer *writer, int fd, const char *name, int out_fd) {
        int r;

        writer->buffer = malloc(BUFFER_SIZE);
        writer->archive = sym_archive_write_new();
        if (!writer->buffer || !writer->archive)
                return -ENOMEM;
        if (sym_archive_write_set_format_pax_restricted(writer->archive) != ARCHIVE_OK ||
            sym_archive_write_open_fd(writer->archive, out_fd) != ARCHIVE_OK)
                return failure(writer);
        r = write_pinned(writer, fd, name, 0);
        return r < 0 ? r : sym_archive_write_close(writer->archive) != ARCHIVE_OK ? failure(writer) : 0;
}

int tree_archive_write(int fd, const char *name, int out_fd) {
        _cleanup_(writer_done) Writer writer = {};
        locale_t locale, previous;
        int r = load();

        if (r < 0)
                return r;
        /* libarchive takes names for those of the locale. */
        locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t) 0);
        previous = locale ? uselocale(locale) : (locale_t) 0;
        r = write_archive(&writer, fd, name, out_fd);
        if (locale) {
                uselocale(previous);
                freelocale(locale);
        }
        return r;
}
