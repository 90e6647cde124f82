/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "start/user/user-files.h"

#include <errno.h>

#include "basic/safe-path.h"
#include "oci/facts.h"
#include "source/trusted-file.h"
#include "start/hooks.h"
#include "start/rootfs.h"

static int check_texts(const Container *container, Diagnostics *diagnostics) {
        const char *profile = container->seccomp_profile;
        Location where = container_where(container, KEY_Container_SeccompProfile);
        int r = 0;

        for (size_t i = 0; i < container->environment_files.count && r == 0; i++) {
                const EnvironmentFile *file = &container->environment_files.items[i];

                r = trusted_file_check(file->path, &file->where, diagnostics);
        }
        return r == 0 && profile && profile[0] == '/' ? trusted_file_check(profile, &where, diagnostics) : r;
}

static int check_hooks(const Container *container, Diagnostics *diagnostics) {
        _cleanup_facts_ Facts facts = {};

        return hooks_gather(container, &facts.hooks, diagnostics);
}

/* What is missing is for the start to say. */
static int check_source(const VolumeMount *volume, Diagnostics *diagnostics) {
        _cleanup_safe_path_ SafePath found = SAFE_PATH_INIT;
        _cleanup_free_ char *link = NULL;
        int r;

        if (!volume->source || volume->source[0] != '/')
                return 0;
        r = safe_path_open(volume->source, &found, &link);
        if (r != -ENOLINK)
                return r == -ENOMEM ? r : 0;
        return diagnose_error(diagnostics, &volume->where,
                              "\"%s\": the symbolic link \"%s\" is another user's, and leads to what that user does "
                              "not own",
                              volume->source, link ?: volume->source);
}

int user_files_check(const Container *container, Diagnostics *diagnostics) {
        Root root;
        int r;

        r = check_texts(container, diagnostics);
        if (r == 0)
                r = check_hooks(container, diagnostics);
        if (r == 0 && !container->image)
                r = rootfs_find(container, diagnostics, &root);
        for (size_t i = 0; i < container->volumes.count && r == 0; i++)
                r = check_source(&container->volumes.items[i], diagnostics);
        return r;
}
