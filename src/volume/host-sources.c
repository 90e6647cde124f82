/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What Volume= mounts of the machine itself. */
#include "volume/host-sources.h"

#include <errno.h>
#include <sys/statvfs.h>

#include "basic/path.h"
#include "basic/text.h"
#include "host/mounts.h"

int host_source_open(const char *path, const Location *where, SafePath *ret, Diagnostics *diagnostics) {
        _cleanup_free_ char *link = NULL;
        int r = safe_path_open(path, ret, &link);

        if (r == -ENOLINK)
                return diagnose_error(diagnostics, where,
                                      "\"%s\": the symbolic link \"%s\" is a user's, and leads to what that user does "
                                      "not own",
                                      path, link ?: path);
        if (r < 0 && r != -ENOMEM)
                return diagnose_error(diagnostics, where, "\"%s\": %s", path, strerror(-r));
        return r;
}

int host_sources_gather(const Container *container, const char *bundle_path, Facts *facts, Diagnostics *diagnostics) {
        int result = 0;

        for (size_t i = 0; i < container->volumes.count; i++) {
                const VolumeMount *volume = &container->volumes.items[i];
                _cleanup_safe_path_ SafePath source = SAFE_PATH_INIT;
                _cleanup_free_ char *place = NULL;
                struct statvfs st;
                int r;

                if (volume->kind != VOLUME_HOST_PATH)
                        continue;
                r = host_source_open(volume->source, &volume->where, &source, diagnostics);
                if (r >= 0)
                        r = fstatvfs(source.fd, &st) < 0 ? -errno : facts_add_volume_flags(facts, volume->destination,
                                                                                            st.f_flag);
                if (r >= 0 && !source.fixed) {
                        place = text_format("%s/source-%zu", bundle_path, i);
                        r = place ? facts_add_volume(facts, volume->destination, place) : -ENOMEM;
                }
                if (r < 0 && r != -EREPORTED)
                        return r;
                result = result ?: r;
        }
        return result;
}

/* Returns 0 or -errno. */
static int attach(const VolumeMount *volume, const Bundle *bundle, const char *place, int fd) {
        int r = bundle_make_mount_point(bundle, path_basename(place), fd);

        return r < 0 ? r : mounts_attach(fd, place, volume->recursive != NO);
}

int host_source_ready(const VolumeMount *volume, const Bundle *bundle, const Facts *facts, SafePath *ret,
                      Diagnostics *diagnostics) {
        _cleanup_safe_path_ SafePath source = SAFE_PATH_INIT;
        const char *place = facts_volume_source(facts, volume);
        int r = 0;

        if (streq(place, volume->source))
                place = NULL;
        else
                r = mounts_unshare(bundle->path);
        if (r >= 0)
                r = host_source_open(volume->source, &volume->where, &source, diagnostics);
        if (r < 0)
                return r;
        if (!place && !source.fixed)
                return diagnose_error(diagnostics, &volume->where, "\"%s\": somebody has changed what leads there",
                                      volume->source);
        r = place ? attach(volume, bundle, place, source.fd) : 0;
        if (r < 0)
                return r;
        *ret = source;
        source = (SafePath) SAFE_PATH_INIT;
        return 0;
}
