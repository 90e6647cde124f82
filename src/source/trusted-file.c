/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Files that say what root, or a user's manager, is to do. */
#include "source/trusted-file.h"

#include <errno.h>
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

int trusted_file_check(const char *path, const Location *where, Diagnostics *diagnostics) {
        _cleanup_safe_path_ SafePath file = SAFE_PATH_INIT;
        _cleanup_free_ char *link = NULL;
        struct stat st;
        int r = safe_path_open(path, &file, &link);

        if (r == -ENOLINK)
                return refuse(path, link ?: path, NULL, where, diagnostics);
        if (r < 0)
                return r == -ENOMEM ? r : 0;
        if (fstat(file.fd, &st) < 0 || !S_ISREG(st.st_mode))
                return 0;
        return file.fixed && safe_path_is_for_trusted_alone(&st) ? 0
                                                                : refuse(path, file.loose, &st, where, diagnostics);
}
