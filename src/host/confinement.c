/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What this machine's security modules have for a container. */
#include "host/confinement.h"

#include <errno.h>

#include "config/container-security.h"
#include "host/apparmor.h"
#include "host/label-levels.h"
#include "host/labels.h"

/* What is not kept apart needs no level of its own. */
static int take_level(const Container *container, const Bundle *bundle, FactLabels *labels) {
        char *level;
        int r;

        if (container_shares_label(container))
                return 0;
        if (container->security_label_level)
                return label_level_note(bundle, container->security_label_level);
        r = label_level_take(bundle, &level);
        if (r < 0)
                return r;
        free(labels->level);
        labels->level = level;
        return 0;
}

int confinement_find(const Container *container, const char *id, const Bundle *bundle, Confinement *ret, Diagnostics *diagnostics) {
        _cleanup_confinement_ Confinement found = {};
        int r, s;

        r = labels_gather(id, &found.selinux, diagnostics);
        if (r > 0)
                r = labels_check(container, &found.selinux, diagnostics);
        if (r >= 0 && found.selinux.process && bundle)
                r = take_level(container, bundle, &found.selinux);
        if (r >= 0)
                r = container_labels_make(container, &found.selinux, &found.labels);
        if (r < 0 && r != -EINVAL)
                return r;
        s = apparmor_gather(container, bundle, &found.apparmor, diagnostics);
        if (r < 0 || s < 0)
                return s < 0 && s != -EINVAL ? s : -EINVAL;
        *ret = found;
        found = (Confinement) {};
        return 0;
}

void confinement_done(Confinement *confinement) {
        fact_labels_done(&confinement->selinux);
        container_labels_done(&confinement->labels);
}
