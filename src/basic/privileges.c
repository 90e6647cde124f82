/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Giving up root's power. */
#include "basic/privileges.h"

#include <errno.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What a process without the capability may not give up, it cannot get by a program either, as no
 * new privileges come from there; and one that the kernel does not know ends the list. */
static int shrink_bounding_set(uint64_t kept) {
        for (unsigned capability = 0; capability < 64; capability++) {
                int has = prctl(PR_CAPBSET_READ, (unsigned long) capability);

                if (has < 0)
                        return errno == EINVAL ? 0 : -errno;
                if (has > 0 && !(kept & CAPABILITY(capability)) &&
                    prctl(PR_CAPBSET_DROP, (unsigned long) capability) < 0 && errno != EPERM)
                        return -errno;
        }
        return 0;
}

int privileges_limit(uint64_t capabilities) {
        struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
        struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {};

        if (syscall(SYS_capget, &header, data) < 0)
                return -errno;
        for (unsigned i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
                data[i].permitted &= (uint32_t) (capabilities >> (32 * i));
                data[i].effective = data[i].permitted;
                data[i].inheritable = 0;
        }
        return syscall(SYS_capset, &header, data) < 0 ? -errno : 0;
}

int privileges_keep(uint64_t capabilities) {
        int r;

        if (prctl(PR_SET_NO_NEW_PRIVS, 1UL, 0UL, 0UL, 0UL) < 0)
                return -errno;
        r = shrink_bounding_set(capabilities);
        return r < 0 ? r : privileges_limit(capabilities);
}
