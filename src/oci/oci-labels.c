/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a container's processes and files are called by SELinux. */
#include "oci/oci-labels.h"

#include <errno.h>

#include "basic/path.h"
#include "basic/text.h"
#include "kind/container/container-security.h"

/* The level of files of containers that are not kept apart. No pair that a container gets has one
 * of these two, so that no other may use their files. */
#define UNSEPARATED_LEVEL "s0:c1022,c1023"
#define SHARED_LEVEL "s0"

int context_make(const char *context, const char *type, const char *level, char **ret) {
        const char *role = strchr(context, ':'), *old_type = role ? strchr(role + 1, ':') : NULL, *old_level, *end;
        char *made;

        if (!old_type)
                return -EINVAL;
        end = strchrnul(++old_type, ':');
        old_level = *end ? end + 1 : NULL;
        level = level ?: old_level;
        made = text_format("%.*s%.*s%s%s", (int) (old_type - context), context,
                           type ? (int) strlen(type) : (int) (end - old_type), type ?: old_type, level ? ":" : "",
                           level ?: "");
        if (!made)
                return -ENOMEM;
        *ret = made;
        return 0;
}

int context_make_shared(const char *mount, char **ret) {
        return context_make(mount, NULL, SHARED_LEVEL, ret);
}

/* Runtimes that run a container in a virtual machine, as podman lists them. */
static bool runtime_uses_kvm(const char *runtime) {
        static const char *const names[] = { "kata", "kata-fc", "kata-qemu", "kata-runtime", "krun" };

        for (size_t i = 0; runtime && i < ARRAY_SIZE(names); i++)
                if (streq(path_basename(runtime), names[i]))
                        return true;
        return false;
}

static const char *process_context(const Container *container, const FactLabels *labels) {
        const char *special = NULL;

        if (runtime_uses_kvm(container->runtime))
                special = labels->kvm_process;
        else if (container_runs_systemd(container))
                special = labels->init_process;
        return special && !container->security_label_type ? special : labels->process;
}

int container_labels_make(const Container *container, const FactLabels *labels, ContainerLabels *ret) {
        _cleanup_container_labels_ ContainerLabels made = {};
        int r;

        if (!labels->process)
                return 0;
        if (container_shares_label(container)) {
                made.process = labels->privileged_process ? strdup(labels->privileged_process) : NULL;
                if (labels->privileged_process && !made.process)
                        return -ENOMEM;
                r = context_make(labels->file, NULL, UNSEPARATED_LEVEL, &made.mount);
        } else {
                const char *level = container->security_label_level ?: labels->level;

                r = context_make(process_context(container, labels), container->security_label_type, level,
                                 &made.process);
                if (r >= 0)
                        r = context_make(labels->file, container->security_label_file_type, level, &made.mount);
        }
        if (r < 0)
                return r;
        *ret = made;
        made = (ContainerLabels) {};
        return 0;
}

void container_labels_done(ContainerLabels *labels) {
        labels->process = x_free(labels->process);
        labels->mount = x_free(labels->mount);
}
