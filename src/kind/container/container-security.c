/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a container's file says about SELinux, as a whole. */
#include "kind/container/container-security.h"


bool container_shares_label(const Container *container) {
        return container->privileged || container->security_label_disable || container->pid_ns.kind == NAMESPACE_HOST ||
               container->ipc_ns.kind == NAMESPACE_HOST;
}

bool path_keeps_label(const char *path) {
        static const char *const system[] = {
                "/",     "/bin", "/boot",  "/dev",   "/etc", "/etc/passwd", "/etc/pki", "/etc/shadow",
                "/home", "/lib", "/lib64", "/media", "/opt", "/proc",       "/root",    "/run",
                "/sbin", "/srv", "/sys",   "/tmp",   "/usr", "/var",        "/var/lib", "/var/log",
        };

        for (size_t i = 0; i < ARRAY_SIZE(system); i++)
                if (streq(path, system[i]))
                        return true;
        return false;
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
