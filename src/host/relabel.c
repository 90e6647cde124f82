/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SELinux labels for what a container gets of the host's files. */
#include "host/relabel.h"

#include "basic/tree.h"
#include "host/labels.h"
#include "oci/oci-labels.h"

static int relabel(int fd, const struct stat *st, void *userdata) {
        const char *label = userdata;

        (void) st;
        return labels_is(fd, label) ? 0 : labels_set(fd, label);
}

int relabel_tree(int fd, const char *label) {
        return tree_walk(fd, &(TreeWalk) { .visit = relabel, .userdata = (void *) label });
}

int relabel_named_volume(int fd) {
        _cleanup_diagnostics_ Diagnostics ignored = {};
        _cleanup_free_ char *label = NULL;
        FactLabels labels = {};
        int r;

        r = labels_gather("", &labels, &ignored);
        if (r > 0)
                r = context_make_shared(labels.file, &label);
        fact_labels_done(&labels);
        return r < 0 || !label ? r : relabel_tree(fd, label);
}
