/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Time zones of this machine. */
#include "start/time-zone.h"

#include <errno.h>
#include <fcntl.h>

#include "basic/files.h"
#include "basic/path.h"

enum { ZONE_MAX = 1 << 20 };

int time_zone_read(const char *zone, char **ret, size_t *ret_size) {
        _cleanup_free_ char *path = NULL, *data = NULL;
        size_t size;
        int r = -ENOENT;

        if (streq(zone, "local"))
                r = read_file_at(AT_FDCWD, "/etc/localtime", ZONE_MAX, &data, &size);
        if (r == -ENOENT) {
                /* A machine without /etc/localtime is in UTC: localtime(5). */
                path = path_join("/usr/share/zoneinfo", streq(zone, "local") ? "UTC" : zone);
                if (!path)
                        return -ENOMEM;
                r = read_file_at(AT_FDCWD, path, ZONE_MAX, &data, &size);
        }
        if (r == -EISDIR || r == -EINVAL || r == -EFBIG)
                return -EBADMSG;
        if (r < 0)
                return r;
        if (!startswith(data, "TZif"))
                return -EBADMSG;
        *ret = TAKE_PTR(data);
        *ret_size = size;
        return 0;
}
