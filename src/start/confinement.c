/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What this machine's security modules have for a container. */
#include "start/confinement.h"

#include <errno.h>

#include "host/apparmor.h"
#include "host/label-levels.h"
#include "host/labels.h"
#include "kind/container/container-security.h"
#include "kind/pod.h"
#include "source/unit-name.h"

/* Containers with the same processes or shared memory, or of one pod, must be able to use what the
 * other made; so podman gives them the same level. Returns 1, 0 when there is no other, or it has
 * none, or -errno. */
static int find_joined_level(const Container *container, char **ret) {
        const Namespace *const shared[] = { &container->pid_ns, &container->ipc_ns };
        _cleanup_free_ char *pod = container->joined_pod ? bundle_id_of_pod(container->joined_pod->stem) : NULL;

        if (container->joined_pod)
                return pod ? label_level_find(pod, ret) : -ENOMEM;

        for (size_t i = 0; i < ARRAY_SIZE(shared); i++) {
                _cleanup_free_ char *id = NULL;
                int r;

                if (shared[i]->kind != NAMESPACE_CONTAINER)
                        continue;
                id = container_id_for(shared[i]->value);
                r = id ? label_level_find(id, ret) : -ENOMEM;
                if (r != 0)
                        return r;
        }
        return 0;
}

/* What is not kept apart needs no level of its own. Without a bundle none is taken. */
static int choose_level(const Container *container, const Bundle *bundle, FactLabels *labels) {
        char *level;
        int r;

        if (container_shares_label(container))
                return 0;
        if (container->security_label_level)
                return bundle ? label_level_note(bundle, container->security_label_level) : 0;
        r = find_joined_level(container, &level);
        if (r == 0 && !bundle)
                return 0;
        if (r == 0)
                r = label_level_take(bundle, &level);
        if (r < 0)
                return r;
        free(labels->level);
        labels->level = level;
        return 0;
}

int confinement_find(const Container *container, const char *id, const Bundle *bundle, Confinement *ret,
                     Diagnostics *diagnostics) {
        _cleanup_confinement_ Confinement found = {};
        int r, s;

        r = labels_gather(id, &found.selinux, diagnostics);
        if (r > 0)
                r = labels_check(container, &found.selinux, diagnostics);
        if (r >= 0 && found.selinux.process)
                r = choose_level(container, bundle, &found.selinux);
        if (r >= 0)
                r = container_labels_make(container, &found.selinux, &found.labels);
        if (r < 0 && r != -EREPORTED)
                return r;
        s = apparmor_gather(container, bundle, &found.apparmor, diagnostics);
        if (r < 0 || s < 0)
                return s < 0 && s != -EREPORTED ? s : -EREPORTED;
        *ret = found;
        found = (Confinement) {};
        return 0;
}

bool confinement_has_label(const Container *container) {
        _cleanup_diagnostics_ Diagnostics unheard = {};
        _cleanup_confinement_ Confinement confinement = {};

        return confinement_find(container, "", NULL, &confinement, &unheard) >= 0 && confinement.labels.process;
}

void confinement_done(Confinement *confinement) {
        fact_labels_done(&confinement->selinux);
        container_labels_done(&confinement->labels);
}
