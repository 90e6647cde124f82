/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Files that say what root, or a user's manager, is to do. */
#include "source/trusted-file.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "basic/safe-path.h"

static const char *who(void) {
        return geteuid() == 0 ? "root" : "root and you";
}

static int refuse(const char *path, const char *loose, const struct stat *st, const Location *where,
                  Diagnostics *diagnostics) {
        const Location here = { .file = path };

        if (!where)
                where = &here;
        if (loose)
                return diagnose_error(diagnostics, where,
                                      "refused, as others than %s can change what is in %s, on the way to \"%s\"",
                                      who(), loose, path);
        if (safe_path_owner_is_trusted(st))
                return diagnose_error(diagnostics, where,
                                      "refused, as others than %s can write to \"%s\" (mode %04o); use: chmod go-w %s",
                                      who(), path, st->st_mode & 07777, path);
        return diagnose_error(diagnostics, where, "refused, as \"%s\" belongs to another user than %s (%u); use: chown",
                              path, who(), st->st_uid);
}

/* The directory that the last file was in which was good: its files come one after the other, and
 * who cannot change the way to it cannot change a name in it. */
static char good_directory[PATH_MAX];

static size_t directory_length(const char *path) {
        const char *slash = strrchr(path, '/');

        return slash ? (size_t) (slash - path) : 0;
}

/* Whether that is so for `path` without walking it again. A symlink in there is walked. */
static bool is_known_to_be_good(const char *path) {
        size_t n = directory_length(path);
        struct stat st;

        return n > 0 && strlen(good_directory) == n && memcmp(good_directory, path, n) == 0 && lstat(path, &st) >= 0 &&
               S_ISREG(st.st_mode) && safe_path_is_for_trusted_alone(&st);
}

static void remember_directory(const char *path) {
        size_t n = directory_length(path);

        if (n >= sizeof(good_directory))
                return;
        memcpy(good_directory, path, n);
        good_directory[n] = '\0';
}

int trusted_file_check(const char *path, const Location *where, Diagnostics *diagnostics) {
        _cleanup_safe_path_ SafePath file = SAFE_PATH_INIT;
        _cleanup_free_ char *link = NULL;
        struct stat st;
        int r;

        if (is_known_to_be_good(path))
                return 0;
        r = safe_path_open(path, &file, &link);
        if (r == -ENOLINK)
                return refuse(path, link ?: path, NULL, where, diagnostics);
        if (r < 0)
                return r == -ENOMEM ? r : 0;
        if (fstat(file.fd, &st) < 0 || !S_ISREG(st.st_mode))
                return 0;
        if (!file.fixed || !safe_path_is_for_trusted_alone(&st))
                return refuse(path, file.loose, &st, where, diagnostics);
        /* By way of a symlink its directory has not been looked at in the end. */
        if (streq(file.path, path))
                remember_directory(path);
        return 0;
}
