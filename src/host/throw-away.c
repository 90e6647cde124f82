/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An overlay that is written to, and what was written thrown away with the container. */
#include "host/throw-away.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "basic/files.h"
#include "basic/path.h"
#include "basic/text.h"
#include "source/places.h"

/* The upper directory stands for the topmost lower one itself, so it takes over its owner and
 * mode. */
static int make_upper(const char *path, int lower_fd) {
        struct stat st;
        int r;

        if (access(path, F_OK) >= 0)
                return 0;
        r = make_directories_at(AT_FDCWD, path, 0755);
        if (r < 0)
                return r;
        if (fstat(lower_fd, &st) < 0 || chown(path, st.st_uid, st.st_gid) < 0 || chmod(path, st.st_mode & 07777) < 0)
                return -errno;
        return 0;
}

int throw_away_mount(const char *base, OverlayMount overlay) {
        _cleanup_free_ char *upper = path_join(base, "upper"), *work = path_join(base, "work");
        int r;

        if (!upper || !work)
                return -ENOMEM;
        r = make_directories_at(AT_FDCWD, base, 0700);
        if (r >= 0)
                r = make_upper(upper, overlay.lower_fds[0]);
        if (r >= 0)
                r = make_directories_at(AT_FDCWD, work, 0700);
        if (r < 0)
                return r;
        overlay.upper = upper;
        overlay.work = work;
        return mounts_overlay(&overlay);
}

char *throw_away_reason(int error) {
        _cleanup_free_ char *upper = text_format("below %s", place_path(PLACE_CONTAINERS));

        return upper ? mounts_overlay_reason(error, upper) : NULL;
}
