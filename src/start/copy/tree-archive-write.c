/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Writing archives. Everything is pinned by an O_PATH descriptor before it is looked at, and opened
 * through that. */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <locale.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "basic/directory.h"
#include "basic/dynamic.h"
#include "basic/files.h"
#include "basic/path.h"
#include "basic/text.h"
#include "basic/tree.h"
#include "image/tree-list.h"
#include "start/copy/tree-archive.h"

DYNAMIC_FUNCTION(archive_entry_copy_stat);
DYNAMIC_FUNCTION(archive_entry_free);
DYNAMIC_FUNCTION(archive_entry_hardlink);
DYNAMIC_FUNCTION(archive_entry_linkify);
DYNAMIC_FUNCTION(archive_entry_linkresolver_free);
DYNAMIC_FUNCTION(archive_entry_linkresolver_new);
DYNAMIC_FUNCTION(archive_entry_linkresolver_set_strategy);
DYNAMIC_FUNCTION(archive_entry_new);
DYNAMIC_FUNCTION(archive_entry_set_mode);
DYNAMIC_FUNCTION(archive_entry_set_pathname);
DYNAMIC_FUNCTION(archive_entry_set_symlink);
DYNAMIC_FUNCTION(archive_entry_sparse_add_entry);
DYNAMIC_FUNCTION(archive_entry_unset_atime);
DYNAMIC_FUNCTION(archive_entry_unset_ctime);
DYNAMIC_FUNCTION(archive_entry_xattr_add_entry);
DYNAMIC_FUNCTION(archive_errno);
DYNAMIC_FUNCTION(archive_write_add_filter_gzip);
DYNAMIC_FUNCTION(archive_write_add_filter_zstd);
DYNAMIC_FUNCTION(archive_write_close);
DYNAMIC_FUNCTION(archive_write_data);
DYNAMIC_FUNCTION(archive_write_free);
DYNAMIC_FUNCTION(archive_write_header);
DYNAMIC_FUNCTION(archive_write_new);
DYNAMIC_FUNCTION(archive_write_open_fd);
DYNAMIC_FUNCTION(archive_write_set_bytes_in_last_block);
DYNAMIC_FUNCTION(archive_write_set_format_pax);
DYNAMIC_FUNCTION(archive_write_set_format_pax_restricted);

enum {
        DEPTH_MOST = 128,
        BUFFER_SIZE = 128 * 1024,
        PIECES_MOST = 64 * 1024, /* of a file with holes; what is behind them is one, holes and all */
};

static int load(void) {
        static const DynamicSymbol symbols[] = {
                DYNAMIC_SYMBOL(archive_entry_copy_stat),
                DYNAMIC_SYMBOL(archive_entry_free),
                DYNAMIC_SYMBOL(archive_entry_hardlink),
                DYNAMIC_SYMBOL(archive_entry_linkify),
                DYNAMIC_SYMBOL(archive_entry_linkresolver_free),
                DYNAMIC_SYMBOL(archive_entry_linkresolver_new),
                DYNAMIC_SYMBOL(archive_entry_linkresolver_set_strategy),
                DYNAMIC_SYMBOL(archive_entry_new),
                DYNAMIC_SYMBOL(archive_entry_set_mode),
                DYNAMIC_SYMBOL(archive_entry_set_pathname),
                DYNAMIC_SYMBOL(archive_entry_set_symlink),
                DYNAMIC_SYMBOL(archive_entry_sparse_add_entry),
                DYNAMIC_SYMBOL(archive_entry_unset_atime),
                DYNAMIC_SYMBOL(archive_entry_unset_ctime),
                DYNAMIC_SYMBOL(archive_entry_xattr_add_entry),
                DYNAMIC_SYMBOL(archive_errno),
                DYNAMIC_SYMBOL(archive_write_add_filter_gzip),
                DYNAMIC_SYMBOL(archive_write_add_filter_zstd),
                DYNAMIC_SYMBOL(archive_write_close),
                DYNAMIC_SYMBOL(archive_write_data),
                DYNAMIC_SYMBOL(archive_write_free),
                DYNAMIC_SYMBOL(archive_write_header),
                DYNAMIC_SYMBOL(archive_write_new),
                DYNAMIC_SYMBOL(archive_write_open_fd),
                DYNAMIC_SYMBOL(archive_write_set_bytes_in_last_block),
                DYNAMIC_SYMBOL(archive_write_set_format_pax),
                DYNAMIC_SYMBOL(archive_write_set_format_pax_restricted),
        };
        return dynamic_load("libarchive.so.13", symbols, ARRAY_SIZE(symbols), NULL);
}

typedef struct TreeArchive {
        struct archive *archive;
        struct archive_entry_linkresolver *links; /* of a whole tree */
        TreeArchiveMode mode;                     /* of the tree that is being added */
        char *buffer;
        locale_t locale;
} Writer;

static int failure(const Writer *writer) {
        int error = sym_archive_errno(writer->archive);

        return error > 0 && error < 4096 ? -error : -EIO;
}

static int add_attribute(struct archive_entry *entry, const char *path, const char *name) {
        _cleanup_free_ char *value = NULL;
        ssize_t size = getxattr(path, name, NULL, 0);

        /* It may go, or grow, meanwhile. */
        if (size < 0)
                return errno == ENODATA ? 0 : -errno;
        value = malloc((size_t) size + 1);
        if (!value)
                return -ENOMEM;
        size = getxattr(path, name, value, (size_t) size);
        if (size < 0)
                return errno == ENODATA ? 0 : -errno;
        sym_archive_entry_xattr_add_entry(entry, name, value, (size_t) size);
        return 0;
}

static int add_attributes(struct archive_entry *entry, int pinned) {
        FdPath path = fd_path(pinned);
        char names[XATTR_LIST_MAX];
        ssize_t n = listxattr(path.text, names, sizeof(names));
        int r = 0;

        if (n < 0)
                return errno == EOPNOTSUPP ? 0 : -errno;
        for (const char *name = names; name < names + n && r >= 0; name += strlen(name) + 1)
                if (tree_attribute_is_kept(name))
                        r = add_attribute(entry, path.text, name);
        return r;
}

/* Where there is something in the file. A whole archive's reader makes holes of the rest. */
static void add_pieces(struct archive_entry *entry, int fd, off_t size) {
        off_t start, end = 0;

        for (size_t i = 0; i < PIECES_MOST; i++) {
                start = lseek(fd, end, SEEK_DATA);
                if (start < 0 || start >= size) {
                        if (end == 0 && start < 0 && errno == ENXIO)
                                sym_archive_entry_sparse_add_entry(entry, 0, 0); /* nothing but a hole */
                        return;
                }
                end = i + 1 < PIECES_MOST ? lseek(fd, start, SEEK_HOLE) : size;
                if (end < 0 || end > size)
                        end = size;
                sym_archive_entry_sparse_add_entry(entry, start, end - start);
                if (end >= size)
                        return;
        }
}

/* What a whole archive has of it, too. `fd` is a regular file's, for reading. Returns 1 when the
 * archive has it already, by another name; else 0 or -errno. */
static int complete_entry(const Writer *writer, struct archive_entry *entry, int pinned, int fd,
                          const struct stat *st) {
        struct archive_entry *spare = NULL;
        int r;

        sym_archive_entry_unset_atime(entry);
        sym_archive_entry_unset_ctime(entry);
        sym_archive_entry_linkify(writer->links, &entry, &spare);
        if (sym_archive_entry_hardlink(entry))
                return 1;
        r = S_ISLNK(st->st_mode) || pinned < 0 ? 0 : add_attributes(entry, pinned);
        if (r >= 0 && fd >= 0)
                add_pieces(entry, fd, st->st_size);
        return r;
}

/* Returns 1 when its content is in the archive already, else 0 or -errno. */
static int write_header(const Writer *writer, int pinned, const char *name, const struct stat *st, const char *link,
                        int fd) {
        bool whole = writer->mode != TREE_ARCHIVE_PLAIN;
        struct archive_entry *entry = sym_archive_entry_new();
        int status, r = 0;

        if (!entry)
                return -ENOMEM;
        sym_archive_entry_copy_stat(entry, st);
        /* What is set-user-ID in a container is nobody's business outside. */
        sym_archive_entry_set_mode(entry, st->st_mode & (S_IFMT | (whole ? 07777 : S_ISVTX | 0777)));
        sym_archive_entry_set_pathname(entry, name);
        if (link)
                sym_archive_entry_set_symlink(entry, link);
        if (whole)
                r = complete_entry(writer, entry, pinned, fd, st);
        status = r < 0 ? ARCHIVE_OK : sym_archive_write_header(writer->archive, entry);
        sym_archive_entry_free(entry);
        return status < ARCHIVE_WARN ? failure(writer) : r;
}

/* As many bytes as the header says: a file that has become shorter ends in zeros, which
 * archive_write_header() of the next one sees to. Of holes libarchive, which leaves them out, wants
 * the zeros, too. */
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
        r = write_header(writer, pinned, name, st, NULL, fd);
        if (r == 0 && lseek(fd, 0, SEEK_SET) < 0)
                r = -errno;
        return r != 0 ? r < 0 ? r : 0 : write_content(writer, fd, st->st_size);
}

static int write_symlink(const Writer *writer, int pinned, const char *name, const struct stat *st) {
        char target[PATH_MAX];
        ssize_t n = readlinkat(pinned, "", target, sizeof(target));
        int r;

        if (n < 0)
                return -errno;
        if ((size_t) n >= sizeof(target))
                return -ENAMETOOLONG;
        target[n] = '\0';
        r = write_header(writer, pinned, name, st, target, -EBADF);
        return r < 0 ? r : 0;
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

/* What an overlay's upper directory says of those below it, as the names that a layer has for it.
 * What could not be told from such a name is an error, and so is what an overlay has elsewhere, as
 * it has with redirect_dir and metacopy. */

static int write_mark(const Writer *writer, const char *directory, const char *name) {
        const struct stat st = { .st_mode = S_IFREG | 0600, .st_nlink = 1 };
        _cleanup_free_ char *path = path_join(directory, name);
        int r = path ? write_header(writer, -EBADF, path, &st, NULL, -EBADF) : -ENOMEM;

        return r < 0 ? r : 0;
}

static bool has_attribute(int pinned, const char *name, char *ret) {
        return getxattr(fd_path(pinned).text, name, ret, 1) >= 0 || errno == ERANGE;
}

static int write_opaque(const Writer *writer, int pinned, const char *name) {
        char value = 0;

        if (has_attribute(pinned, "trusted.overlay.redirect", &value))
                return -EOPNOTSUPP;
        return has_attribute(pinned, "trusted.overlay.opaque", &value) && value == 'y'
                       ? write_mark(writer, name, ".wh..wh..opq")
                       : 0;
}

/* Returns 1 for a whiteout, which is written then; 0 for anything else, or -errno. */
static int write_whiteout(const Writer *writer, int pinned, const char *directory, const char *name) {
        _cleanup_free_ char *mark = text_format(".wh.%s", name);
        struct stat st;
        char value;
        int r;

        if (!mark)
                return -ENOMEM;
        if (fstat(pinned, &st) < 0)
                return -errno;
        if (S_ISCHR(st.st_mode) && st.st_rdev == 0) {
                r = write_mark(writer, directory, mark);
                return r < 0 ? r : 1;
        }
        if (startswith(name, ".wh.") ||
            (S_ISREG(st.st_mode) && has_attribute(pinned, "trusted.overlay.metacopy", &value)))
                return -EOPNOTSUPP;
        return 0;
}

static int write_pinned(const Writer *writer, int pinned, const char *name, unsigned depth);

static int pin(const Writer *writer, int directory, const char *entry) {
        int fd;

        if (writer->mode != TREE_ARCHIVE_PLAIN)
                return tree_pin(directory, entry);
        fd = openat(directory, entry, O_PATH | O_NOFOLLOW | O_CLOEXEC);
        return fd < 0 ? -errno : fd;
}

static int write_child(const Writer *writer, int directory, const char *entry, const char *parent, unsigned depth) {
        _cleanup_close_ int pinned = pin(writer, directory, entry);
        _cleanup_free_ char *name = path_join(parent, entry);
        int r;

        if (!name)
                return -ENOMEM;
        if (pinned < 0) /* it has gone meanwhile, or is another's, mounted there */
                return pinned == -ENOENT || pinned == -EXDEV ? 0 : pinned;
        r = writer->mode == TREE_ARCHIVE_LAYER ? write_whiteout(writer, pinned, parent, entry) : 0;
        return r < 0 ? r : r > 0 ? 0 : write_pinned(writer, pinned, name, depth);
}

static int write_directory(const Writer *writer, int pinned, const char *name, const struct stat *st, unsigned depth) {
        _cleanup_string_list_ StringList names = {};
        int r;

        if (depth > DEPTH_MOST)
                return -ELOOP;
        r = write_header(writer, pinned, name, st, NULL, -EBADF);
        if (r >= 0 && writer->mode == TREE_ARCHIVE_LAYER)
                r = write_opaque(writer, pinned, name);
        if (r < 0 || is_made_up(pinned))
                return r;
        r = list(pinned, &names);
        for (size_t i = 0; i < names.count && r >= 0; i++)
                r = write_child(writer, pinned, names.items[i], name, depth + 1);
        return r;
}

static int write_pinned(const Writer *writer, int pinned, const char *name, unsigned depth) {
        struct stat st;
        int r;

        if (fstat(pinned, &st) < 0)
                return -errno;
        switch (st.st_mode & S_IFMT) {
        case S_IFDIR:
                return write_directory(writer, pinned, name, &st, depth);
        case S_IFREG:
                return write_file(writer, pinned, name, &st);
        case S_IFLNK:
                return write_symlink(writer, pinned, name, &st);
        case S_IFIFO:
                r = writer->mode != TREE_ARCHIVE_PLAIN ? write_header(writer, pinned, name, &st, NULL, -EBADF) : 0;
                return r < 0 ? r : 0;
        default:
                return 0;
        }
}

/* That of a whole one has times by the nanosecond, too. */
static int set_format(const Writer *writer, TreeArchivePacking packing) {
        if (packing == TREE_ARCHIVE_ZSTD && sym_archive_write_add_filter_zstd(writer->archive) != ARCHIVE_OK)
                return -ENOPKG;
        if (packing == TREE_ARCHIVE_GZIP && sym_archive_write_add_filter_gzip(writer->archive) != ARCHIVE_OK)
                return -ENOPKG;
        /* Zeros behind what is packed, which a pipe would get, are no part of it. */
        if (packing != TREE_ARCHIVE_UNPACKED)
                (void) sym_archive_write_set_bytes_in_last_block(writer->archive, 1);
        return writer->mode == TREE_ARCHIVE_PLAIN ? sym_archive_write_set_format_pax_restricted(writer->archive)
                                                  : sym_archive_write_set_format_pax(writer->archive);
}

int tree_archive_open(int out_fd, TreeArchiveMode mode, TreeArchivePacking packing, TreeArchive **ret) {
        _cleanup_tree_archive_ TreeArchive *writer = NULL;
        int r = load();

        if (r < 0)
                return r;
        writer = calloc(1, sizeof(*writer));
        if (!writer)
                return -ENOMEM;
        writer->mode = mode;
        writer->buffer = malloc(BUFFER_SIZE);
        writer->archive = sym_archive_write_new();
        /* libarchive takes names for those of the locale. */
        writer->locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t) 0);
        if (!writer->buffer || !writer->archive)
                return -ENOMEM;
        r = set_format(writer, packing);
        if (r == -ENOPKG)
                return r;
        if (r != ARCHIVE_OK || sym_archive_write_open_fd(writer->archive, out_fd) != ARCHIVE_OK)
                return failure(writer);
        *ret = TAKE_PTR(writer);
        return 0;
}

static locale_t begin(const TreeArchive *archive) {
        return archive->locale ? uselocale(archive->locale) : (locale_t) 0;
}

static void end(const TreeArchive *archive, locale_t previous) {
        if (archive->locale)
                uselocale(previous);
}

int tree_archive_add(TreeArchive *archive, int fd, const char *name, TreeArchiveMode mode) {
        locale_t previous;
        int r;

        /* A further name is one of this tree's. */
        if (archive->links)
                sym_archive_entry_linkresolver_free(archive->links);
        archive->links = sym_archive_entry_linkresolver_new();
        if (!archive->links)
                return -ENOMEM;
        sym_archive_entry_linkresolver_set_strategy(archive->links, ARCHIVE_FORMAT_TAR_PAX_INTERCHANGE);
        archive->mode = mode;
        previous = begin(archive);
        r = write_pinned(archive, fd, name, 0);
        end(archive, previous);
        return r;
}

int tree_archive_close(TreeArchive *archive) {
        return sym_archive_write_close(archive->archive) != ARCHIVE_OK ? failure(archive) : 0;
}

void tree_archive_free(TreeArchive *archive) {
        if (!archive)
                return;
        if (archive->links)
                sym_archive_entry_linkresolver_free(archive->links);
        if (archive->archive)
                sym_archive_write_free(archive->archive);
        if (archive->locale)
                freelocale(archive->locale);
        free(archive->buffer);
        free(archive);
}

int tree_archive_write(int fd, const char *name, TreeArchiveMode mode, int out_fd) {
        _cleanup_tree_archive_ TreeArchive *archive = NULL;
        int r = tree_archive_open(out_fd, mode, TREE_ARCHIVE_UNPACKED, &archive);

        if (r >= 0)
                r = tree_archive_add(archive, fd, name, mode);
        return r < 0 ? r : tree_archive_close(archive);
}
