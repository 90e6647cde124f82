/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The architectures that a system call filter is for. */
#include "oci/seccomp-architectures.h"

#include "basic/text.h"

/* Architectures that Debian has releases or ports for. */
static const struct {
        const char *name;
        const char *const names[4];
} architectures[] = {
        { "amd64", { "SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32" } },
        { "x86", { "SCMP_ARCH_X86" } },
        { "x32", { "SCMP_ARCH_X32" } },
        { "arm64", { "SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM" } },
        { "arm", { "SCMP_ARCH_ARM" } },
        { "mipsel64", { "SCMP_ARCH_MIPSEL64", "SCMP_ARCH_MIPSEL", "SCMP_ARCH_MIPSEL64N32" } },
        { "mipsel", { "SCMP_ARCH_MIPSEL" } },
        { "ppc64le", { "SCMP_ARCH_PPC64LE" } },
        { "ppc64", { "SCMP_ARCH_PPC64" } },
        { "riscv64", { "SCMP_ARCH_RISCV64" } },
        { "loongarch64", { "SCMP_ARCH_LOONGARCH64" } },
        { "s390x", { "SCMP_ARCH_S390X", "SCMP_ARCH_S390" } },
};

const char *const *seccomp_architectures(const char *name) {
        for (size_t i = 0; i < ARRAY_SIZE(architectures); i++)
                if (streq(architectures[i].name, name))
                        return architectures[i].names;
        return NULL;
}
