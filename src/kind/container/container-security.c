/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a container's file says about SELinux, as a whole. */
#include "kind/container/container-security.h"

#include "basic/path.h"
#include "source/places.h"

bool container_shares_label(const Container *container) {
        return container->privileged || container->security_label_disable || container->pid_ns.kind == NAMESPACE_HOST ||
               container->ipc_ns.kind == NAMESPACE_HOST;
}

typedef struct Tree {
        const char *path;
        bool below; /* and all that is below it */
} Tree;

static bool is_listed(const char *path, const Tree *trees, size_t count) {
        for (size_t i = 0; i < count; i++)
                if (trees[i].below ? path_is_below(path, trees[i].path) : streq(path, trees[i].path))
                        return true;
        return false;
}

bool path_keeps_label(const char *path) {
        static const Tree system[] = {
                /* What everything else is below of */
                { "/", false },
                { "/etc", false },
                { "/home", false },
                { "/media", false },
                { "/mnt", false },
                { "/opt", false },
                { "/root", false },
                { "/run", false },
                { "/run/user", false },
                { "/srv", false },
                { "/tmp", false },
                { "/var", false },
                { "/var/cache", false },
                { "/var/lib", false },
                { "/var/log", false },
                { "/var/spool", false },
                { "/var/tmp", false },
                /* What programs and the kernel are made of */
                { "/bin", true },
                { "/boot", true },
                { "/dev", true },
                { "/efi", true },
                { "/lib", true },
                { "/lib32", true },
                { "/lib64", true },
                { "/libx32", true },
                { "/proc", true },
                { "/sbin", true },
                { "/sys", true },
                { "/usr", true },
                /* What says who may do what */
                { "/etc/cron.d", true },
                { "/etc/group", true },
                { "/etc/gshadow", true },
                { "/etc/ld.so.cache", true },
                { "/etc/ld.so.conf", true },
                { "/etc/ld.so.conf.d", true },
                { "/etc/ld.so.preload", true },
                { "/etc/pam.d", true },
                { "/etc/passwd", true },
                { "/etc/pki", true },
                { "/etc/polkit-1", true },
                { "/etc/security", true },
                { "/etc/selinux", true },
                { "/etc/shadow", true },
                { "/etc/ssh", true },
                { "/etc/sudoers", true },
                { "/etc/sudoers.d", true },
                { "/etc/systemd", true },
                { "/etc/udev", true },
                { "/root/.ssh", true },
                { "/run/dbus", true },
                { "/run/systemd", true },
                { "/run/udev", true },
                { "/var/spool/cron", true },
        };

        return is_listed(path, system, ARRAY_SIZE(system)) || streq(path, place_path(PLACE_STATE)) ||
               path_is_below(path, place_path(PLACE_RUN));
}

bool path_keeps_owner(const char *path) {
        static const Tree system[] = {
                { "/etc", true },
                { "/root", true },
        };

        return is_listed(path, system, ARRAY_SIZE(system)) || path_keeps_label(path);
}

/* What podman, too, lets win over the others. */
static const char *why_shared(const Container *container) {
        if (container->privileged)
                return "\"Privileged\"";
        if (container->security_label_disable)
                return "\"SecurityLabelDisable\"";
        return container->pid_ns.kind == NAMESPACE_HOST ? "the host's PID namespace" : "the host's IPC namespace";
}

void container_check_security(const Container *container, Diagnostics *diagnostics) {
        static const KeyId of_labels[] = { KEY_Container_SecurityLabelType, KEY_Container_SecurityLabelLevel,
                                           KEY_Container_SecurityLabelFileType };

        for (size_t i = 0; i < ARRAY_SIZE(of_labels) && container_shares_label(container); i++) {
                Location where = container_where(container, of_labels[i]);

                if (container->set.entry[of_labels[i]])
                        diagnose_warning(diagnostics, &where, "\"%s\" has no effect with %s", keys[of_labels[i]].name,
                                         why_shared(container));
        }
        for (size_t i = 0; i < container->volumes.count; i++) {
                const VolumeMount *volume = &container->volumes.items[i];

                if ((volume->relabel_shared || volume->relabel_private) && volume->kind == VOLUME_HOST_PATH &&
                    path_keeps_label(volume->source))
                        diagnose_warning(diagnostics, &volume->where,
                                         "\"%s\" is the system's: where SELinux is on, it is not relabelled, and a "
                                         "start fails",
                                         volume->source);
        }
}
