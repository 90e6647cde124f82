/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Mount= as the keys that have a notation of their own for the same: whatever is done with a volume
 * or tmpfs is done in one way. */
#include "kind/container/container-mounts.h"

#include <errno.h>

#include "basic/path.h"
#include "config/value/value-internal.h"

bool mount_is(const Mount *mount, const char *type) {
        return streq(mount->type, type);
}

static int set_options(VolumeMount *volume, const StringList *options) {
        for (size_t i = 0; i < options->count; i++) {
                const char *option = options->items[i], *mapping = startswith(option, "idmap="),
                           *subpath = startswith(option, "subpath=");
                int r = 0;

                if (mapping) {
                        volume->idmap = true;
                        r = value_replace(&volume->idmap_mapping, mapping);
                } else if (subpath)
                        r = value_replace(&volume->subpath, subpath);
                else
                        (void) value_volume_word(volume, option);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int add_volume(Container *container, const Mount *mount, VolumeSource kind, const char *source,
                      const char *destination) {
        VolumeMountList *list = &container->volumes;
        VolumeMount *volume;
        int r;

        r = ARRAY_RESERVE(list->items, list->allocated, list->count + 1);
        if (r < 0)
                return r;
        volume = &list->items[list->count++];
        *volume = (VolumeMount) {
                .kind = kind,
                .source = source ? strdup(source) : NULL,
                .destination = strdup(destination),
                .where = mount->where,
        };
        if ((source && !volume->source) || !volume->destination)
                return -ENOMEM;
        return set_options(volume, &mount->options);
}

static int add_tmpfs(Container *container, const Mount *mount) {
        TmpfsMountList *list = &container->tmpfs;
        TmpfsMount *tmpfs;
        int r;

        r = ARRAY_RESERVE(list->items, list->allocated, list->count + 1);
        if (r < 0)
                return r;
        tmpfs = &list->items[list->count++];
        *tmpfs = (TmpfsMount) { .destination = strdup(mount->destination), .where = mount->where };
        return tmpfs->destination ? string_list_extend(&tmpfs->options, &mount->options) : -ENOMEM;
}

/* What is not for a volume of the key Volume=. */
static bool says_more(const Mount *mount) {
        return string_list_contains(&mount->options, "no-dereference") ||
               string_list_value(&mount->options, "volume-opt");
}

/* Returns 1 when the mount has become something else, 0, or -ENOMEM. */
static int take(Container *container, const Mount *mount) {
        VolumeSource kind = VOLUME_HOST_PATH;
        int r;

        if (mount_is(mount, "tmpfs"))
                r = add_tmpfs(container, mount);
        else if (says_more(mount) || (!mount_is(mount, "bind") && !mount_is(mount, "volume")))
                return 0;
        else {
                if (mount_is(mount, "volume"))
                        kind = !mount->source                       ? VOLUME_ANONYMOUS
                               : endswith(mount->source, ".volume") ? VOLUME_FILE
                                                                    : VOLUME_NAMED;
                r = add_volume(container, mount, kind, mount->source, mount->destination);
        }
        return r < 0 ? r : 1;
}

int container_take_mounts(Container *container) {
        MountList *list = &container->mounts;
        size_t kept = 0;
        int result = 0;

        for (size_t i = 0; i < list->count; i++) {
                Mount mount = list->items[i];
                int r = result < 0 ? 0 : take(container, &mount);

                if (r < 0)
                        result = r;
                list->items[i] = (Mount) {};
                if (r > 0)
                        mount_done(&mount);
                else
                        list->items[kept++] = mount;
        }
        list->count = kept;
        return result;
}

int container_add_glob_match(Container *container, const Mount *glob, const char *path) {
        _cleanup_free_ char *below = NULL;

        if (!glob->destination)
                return add_volume(container, glob, VOLUME_HOST_PATH, path, path);
        below = path_join(glob->destination, path_basename(path));
        return below ? add_volume(container, glob, VOLUME_HOST_PATH, path, below) : -ENOMEM;
}
