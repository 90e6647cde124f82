/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which idmapped mounts a container has. */
#include "start/idmapped.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "basic/path.h"
#include "basic/text.h"
#include "config/mount-mapping.h"
#include "host/idmap.h"
#include "host/mounts.h"

int idmapped_open(const Namespaces *namespaces, const char *mapping, const Location *where, Diagnostics *diagnostics) {
        _cleanup_id_map_ IdMap uids = {}, gids = {};
        int r;

        if (!mapping)
                return idmapped_diagnose(idmap_open_namespace(&namespaces->uids, &namespaces->gids), "the container",
                                         where, diagnostics);
        r = mount_mapping_parse(mapping, &namespaces->uids, &namespaces->gids, &uids, &gids);
        if (r == -ENOENT)
                return diagnose_error(
                                diagnostics, where,
                                "\"idmap=%s\" has an ID behind \"@\" that the container's user namespace does not map",
                                mapping);
        if (r < 0)
                return r;
        return idmapped_diagnose(idmap_open_namespace(&uids, &gids), mapping, where, diagnostics);
}

int idmapped_diagnose(int error, const char *what, const Location *where, Diagnostics *diagnostics) {
        const char *reason = error < 0 ? idmap_reason(error) : NULL;

        return reason ? diagnose_error(diagnostics, where, "\"%s\" cannot be idmapped: %s", what, reason) : error;
}

static int mount_volume(const VolumeMount *volume, const char *source, const char *target, int namespace_fd,
                        const Bundle *bundle, Diagnostics *diagnostics) {
        _cleanup_close_ int source_fd = -EBADF, fd = -EBADF;
        int r;

        r = mounts_unshare(bundle->path);
        if (r < 0)
                return r;
        source_fd = open(source, O_PATH | O_CLOEXEC);
        if (source_fd < 0)
                return diagnose_error(diagnostics, &volume->where, "\"%s\": %s", source, strerror(errno));
        r = bundle_make_mount_point(bundle, path_basename(target), source_fd);
        if (r < 0)
                return r;
        fd = idmap_mount(source_fd, namespace_fd, volume->recursive != NO, target);
        return fd < 0 ? idmapped_diagnose(fd, source, &volume->where, diagnostics) : 0;
}

int idmapped_gather(const Container *container, const char *bundle_path, Facts *facts) {
        for (size_t i = 0; i < container->volumes.count; i++) {
                const VolumeMount *volume = &container->volumes.items[i];
                _cleanup_free_ char *path = volume->idmap ? text_format("%s/volume-%zu", bundle_path, i) : NULL;
                int r;

                if (!volume->idmap)
                        continue;
                r = path ? facts_add_mapped(facts, volume->destination, path) : -ENOMEM;
                if (r < 0)
                        return r;
        }
        return 0;
}

int idmapped_mount(const Container *container, const Namespaces *namespaces, const Bundle *bundle, const Facts *facts,
                   Diagnostics *diagnostics) {
        for (size_t i = 0; i < container->volumes.count; i++) {
                const VolumeMount *volume = &container->volumes.items[i];
                const char *target = facts_find_mapped(facts, volume);
                _cleanup_close_ int namespace_fd = -EBADF;
                int r;

                if (!target)
                        continue;
                namespace_fd = idmapped_open(namespaces, volume->idmap_mapping, &volume->where, diagnostics);
                if (namespace_fd < 0)
                        return namespace_fd;
                r = mount_volume(volume, facts_volume_source(facts, volume), target, namespace_fd, bundle, diagnostics);
                if (r < 0)
                        return r;
        }
        return 0;
}
