/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Gathering what is the machine's own. */
#include <limits.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "basic/files.h"
#include "basic/numbers.h"
#include "basic/text.h"
#include "host/cgroup.h"
#include "host/user/user-root.h"
#include "oci/container-uuid.h"
#include "source/places.h"
#include "start/gather/gather-steps.h"
#include "start/gather/gather.h"

int facts_add_host_name(Facts *facts) {
        char name[HOST_NAME_MAX + 1] = "";

        if (gethostname(name, sizeof(name) - 1) < 0)
                return -errno;
        return set_string(&facts->host_name, strdup(name));
}

static int gather_time(Facts *facts) {
        return set_string(&facts->created, text_of_now());
}

/* For who has a machine ID, and a use for it: without one, systemd makes itself an ID that is gone
 * with the container. */
static int gather_uuid(const Container *container, Facts *facts) {
        enum { MACHINE_ID_SIZE = 32 };
        _cleanup_free_ char *machine = NULL;
        int r;

        if (!container_runs_systemd(container))
                return 0;
        r = read_virtual_file("/etc/machine-id", &machine);
        if (r < 0)
                return r == -ENOENT ? 0 : r;
        if (strlen(machine) != MACHINE_ID_SIZE) /* "uninitialized", in the first boot */
                return 0;
        r = container_uuid_make(machine, container->stem, &facts->container_uuid);
        return r == -ENOPKG ? 0 : r;
}

/* What podman gives a container, where it can be given: without the capability not more than this
 * process has, and never more than the kernel's `most`. */
static uint64_t settle_limit(const struct rlimit *own, uint64_t capabilities, uint64_t most) {
        const uint64_t usual = 1048576;
        uint64_t limit = capabilities & UINT64_C(1) << CAP_SYS_RESOURCE || own->rlim_max == RLIM_INFINITY
                                         ? UINT64_MAX
                                         : own->rlim_max;

        if (most < limit)
                limit = most;
        return usual < limit ? usual : limit;
}

static uint64_t read_most_files(void) {
        _cleanup_free_ char *text = NULL;
        uint64_t most = UINT64_MAX;

        if (read_virtual_file("/proc/sys/fs/nr_open", &text) < 0 || text_to_unsigned(text, UINT64_MAX, &most) < 0)
                return UINT64_MAX;
        return most;
}

static int gather_limits(Facts *facts) {
        struct rlimit nofile, nproc, memlock;
        uint64_t capabilities = 0, to_raise;

        if (getrlimit(RLIMIT_NOFILE, &nofile) < 0 || getrlimit(RLIMIT_NPROC, &nproc) < 0 ||
            getrlimit(RLIMIT_MEMLOCK, &memlock) < 0)
                return -errno;
        for (unsigned capability = 0; capability < 64; capability++) {
                int r = prctl(PR_CAPBSET_READ, capability, 0, 0, 0);

                if (r < 0)
                        break; /* one past the kernel's last */
                if (r > 0)
                        capabilities |= UINT64_C(1) << capability;
        }
        facts->capabilities = capabilities;
        /* Limits are the machine's to raise, and a user's namespace has no say in them. */
        to_raise = places_scope() == SCOPE_SYSTEM ? capabilities : 0;
        facts->nofile_hard = settle_limit(&nofile, to_raise, read_most_files());
        facts->nproc_hard = settle_limit(&nproc, to_raise, UINT64_MAX);
        /* crun raises the limit before it loads the program. Inside another container, which may
         * not, it would fail. */
        facts->device_filter = memlock.rlim_max == RLIM_INFINITY || (capabilities & UINT64_C(1) << CAP_SYS_RESOURCE);
        return 0;
}

/* By libseccomp's name. The runtime's filter is for what it was compiled for, not for what the
 * kernel could run besides; and it comes from the same distribution as this program. */
#if defined(__x86_64__) && defined(__ILP32__)
#define NATIVE_ARCHITECTURE "x32"
#elif defined(__x86_64__)
#define NATIVE_ARCHITECTURE "amd64"
#elif defined(__i386__)
#define NATIVE_ARCHITECTURE "x86"
#elif defined(__aarch64__)
#define NATIVE_ARCHITECTURE "arm64"
#elif defined(__arm__)
#define NATIVE_ARCHITECTURE "arm"
#elif defined(__mips64) && defined(__MIPSEL__)
#define NATIVE_ARCHITECTURE "mipsel64"
#elif defined(__mips__) && defined(__MIPSEL__)
#define NATIVE_ARCHITECTURE "mipsel"
#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)
#define NATIVE_ARCHITECTURE "ppc64le"
#elif defined(__powerpc64__)
#define NATIVE_ARCHITECTURE "ppc64"
#elif defined(__riscv) && __riscv_xlen == 64
#define NATIVE_ARCHITECTURE "riscv64"
#elif defined(__loongarch64)
#define NATIVE_ARCHITECTURE "loongarch64"
#elif defined(__s390x__)
#define NATIVE_ARCHITECTURE "s390x"
#else
#define NATIVE_ARCHITECTURE "other"
#endif

static int gather_kernel(Facts *facts) {
        struct utsname name;
        int r;

        if (uname(&name) < 0)
                return -errno;
        r = set_string(&facts->kernel, strdup(name.release));
        if (r >= 0)
                r = set_string(&facts->architecture, strdup(NATIVE_ARCHITECTURE));
        /* A kernel without filters says EINVAL before it looks for the filter, which is not
         * there. */
        facts->seccomp = prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, NULL) < 0 && errno == EFAULT;
        return r;
}

int gather_machine(const Container *container, const GatherInput *input, Facts *facts,
                          Diagnostics *diagnostics _unused_) {
        int r;

        r = set_string(&facts->rootfs, strdup(input->rootfs_path));
        if (r >= 0 && input->control_group)
                r = set_string(&facts->cgroup, strdup(input->control_group));
        if (r >= 0)
                r = facts_add_host_name(facts);
        if (r >= 0)
                r = gather_time(facts);
        if (r >= 0)
                r = gather_uuid(container, facts);
        if (r >= 0)
                r = gather_limits(facts);
        if (r >= 0)
                r = gather_kernel(facts);
        if (r >= 0)
                r = user_root_count_ids(&facts->user_ids);
        facts->cgroup_unified = cgroup_is_unified();
        if (r >= 0 && input->control_group && facts->cgroup_unified)
                r = cgroup_list_limits(input->control_group, &facts->limit_files);
        return r;
}
