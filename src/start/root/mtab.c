/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The one link that a root file system is given. */
#include "start/root/mtab.h"

#include <fcntl.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "basic/files.h"
#include "basic/root.h"

/* As the container's root: on a mount that maps IDs nobody else can make anything, and where that
 * one may not, nothing is to be made. */
void mtab_make(int root_fd, const Facts *facts) {
        _cleanup_close_ int fd = root_open(root_fd, "/etc", O_PATH | O_DIRECTORY);
        uint32_t uid, gid;
        int own_uid, own_gid;

        if (fd < 0 || facts_uid_outside(facts, 0, &uid) < 0 || facts_gid_outside(facts, 0, &gid) < 0)
                return;
        own_gid = setfsgid(gid);
        own_uid = setfsuid(uid);
        (void) !symlinkat("/proc/mounts", fd, "mtab");
        (void) setfsuid((uid_t) own_uid);
        (void) setfsgid((gid_t) own_gid);
        /* The kernel takes it away with the change, and with it what a child of this process, which
         * makes a user namespace, has in /proc. */
        (void) prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}
