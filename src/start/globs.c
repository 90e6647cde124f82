/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Mounts of type glob: what their patterns match on this machine. */
#include "start/globs.h"

#include <errno.h>
#include <glob.h>

#include "kind/container/container-mounts.h"

enum { MOST_MATCHES = 1000 };

static int find_matches(const Mount *mount, FactPathList *list, Diagnostics *diagnostics) {
        _cleanup_(globfree) glob_t matches = {};
        const char *pattern = mount->source;
        int r;

        for (size_t i = 0; i < list->count; i++)
                if (streq(list->items[i].written, pattern))
                        return 0; /* of an earlier mount */
        r = glob(pattern, 0, NULL, &matches);

        if (r == GLOB_NOSPACE)
                return -ENOMEM;
        if (r == 0 && matches.gl_pathc > MOST_MATCHES)
                return diagnose_error(diagnostics, &mount->where,
                                      "\"%s\" matches %zu files; a mount of type glob is of at most %d: mount their "
                                      "directory",
                                      pattern, (size_t) matches.gl_pathc, MOST_MATCHES);
        for (size_t i = 0; r == 0 && i < matches.gl_pathc; i++)
                if (fact_path_add(list, pattern, matches.gl_pathv[i]) < 0)
                        return -ENOMEM;
        return 0;
}

int globs_find(const Container *container, FactPathList *ret, Diagnostics *diagnostics) {
        int r = 0;

        for (size_t i = 0; i < container->mounts.count && r == 0; i++)
                if (mount_is(&container->mounts.items[i], "glob"))
                        r = find_matches(&container->mounts.items[i], ret, diagnostics);
        return r;
}

int globs_expand(Container *container, Diagnostics *diagnostics) {
        _cleanup_facts_ Facts facts = {};
        int r = globs_find(container, &facts.globs, diagnostics);

        return r < 0 ? r : facts_expand_globs(&facts, container, diagnostics);
}
