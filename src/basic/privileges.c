/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Giving up root's power. */
#include "basic/privileges.h"

#include <errno.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

typedef struct Capabilities {
        struct __user_cap_header_struct header;
        struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
} Capabilities;

static int read_own(Capabilities *ret) {
        *ret = (Capabilities) { .header.version = _LINUX_CAPABILITY_VERSION_3 };
        return syscall(SYS_capget, &ret->header, ret->data) < 0 ? -errno : 0;
}

static int limit_own(Capabilities *own, uint64_t kept) {
        for (unsigned i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
                own->data[i].permitted &= (uint32_t) (kept >> (32 * i));
                own->data[i].effective = own->data[i].permitted;
                own->data[i].inheritable = 0;
        }
        return syscall(SYS_capset, &own->header, own->data) < 0 ? -errno : 0;
}

/* A capability that the kernel does not know ends the list. */
static int shrink_bounding_set(uint64_t kept) {
        for (unsigned capability = 0; capability < 64; capability++) {
                int has = prctl(PR_CAPBSET_READ, (unsigned long) capability);

                if (has < 0)
                        return errno == EINVAL ? 0 : -errno;
                if (has > 0 && !(kept & CAPABILITY(capability)) &&
                    prctl(PR_CAPBSET_DROP, (unsigned long) capability) < 0)
                        return -errno;
        }
        return 0;
}

int privileges_limit(uint64_t capabilities) {
        Capabilities own;
        int r = read_own(&own);

        return r < 0 ? r : limit_own(&own, capabilities);
}

int privileges_keep(uint64_t capabilities) {
        Capabilities own;
        int r;

        if (prctl(PR_SET_NO_NEW_PRIVS, 1UL, 0UL, 0UL, 0UL) < 0)
                return -errno;
        r = read_own(&own);
        /* Without CAP_SETPCAP the bounding set can only stay as it is. That gives nothing back: as
         * no new privileges come from a program, it cannot have more than the process has. */
        if (r >= 0 && own.data[0].effective & CAPABILITY(CAP_SETPCAP))
                r = shrink_bounding_set(capabilities);
        return r < 0 ? r : limit_own(&own, capabilities);
}
