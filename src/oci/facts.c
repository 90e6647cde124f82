/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Looking into facts, and adding to them. */
#include "oci/facts.h"

#include <errno.h>
#include <sys/statvfs.h>

#include "basic/json.h"
#include "basic/text.h"
#include "kind/container/container-mounts.h"

const char *namespace_type(OciNamespace type) {
        static const char *const types[_OCI_NAMESPACE_COUNT] = { "pid",   "network", "ipc", "uts",
                                                                 "mount", "cgroup",  "user" };
        return types[type];
}

int fact_path_add(FactPathList *list, const char *written, const char *resolved) {
        _cleanup_free_ char *key = strdup(written), *value = strdup(resolved);

        if (!key || !value || ARRAY_RESERVE(list->items, list->allocated, list->count + 1) < 0)
                return -ENOMEM;
        list->items[list->count++] = (FactPath) { .written = TAKE_PTR(key), .resolved = TAKE_PTR(value) };
        return 0;
}

static const char *find_path(const FactPathList *list, const char *written) {
        /* The last one added counts: what a file says comes after the example. */
        for (size_t i = list->count; i > 0; i--)
                if (streq(list->items[i - 1].written, written))
                        return list->items[i - 1].resolved;
        return NULL;
}

int facts_add_resolved(Facts *facts, const char *written, const char *resolved) {
        return fact_path_add(&facts->resolved, written, resolved);
}

int facts_add_mapped(Facts *facts, const char *destination, const char *source) {
        return fact_path_add(&facts->mapped, destination, source);
}

const char *facts_find_mapped(const Facts *facts, const VolumeMount *volume) {
        return find_path(&facts->mapped, volume->destination);
}

static int to_outside(const IdMap *map, uint32_t id, uint32_t *ret) {
        if (map->count > 0)
                return id_map_to_outside(map, id, ret);
        *ret = id;
        return 0;
}

int facts_uid_outside(const Facts *facts, uint32_t uid, uint32_t *ret) {
        return to_outside(&facts->uid_map, uid, ret);
}

int facts_gid_outside(const Facts *facts, uint32_t gid, uint32_t *ret) {
        return to_outside(&facts->gid_map, gid, ret);
}

int facts_add_image_mounts(Facts *facts, const Container *container, const char *bundle_path) {
        for (size_t i = 0; i < container->mounts.count; i++) {
                const Mount *mount = &container->mounts.items[i];
                _cleanup_free_ char *path = mount_is(mount, "image") ? text_format("%s/image-%zu", bundle_path, i)
                                                                     : NULL;

                if (mount_is(mount, "image") &&
                    (!path || fact_path_add(&facts->image_mounts, mount->destination, path) < 0))
                        return -ENOMEM;
        }
        return 0;
}

const char *facts_find_image_mount(const Facts *facts, const Mount *mount) {
        return find_path(&facts->image_mounts, mount->destination);
}

const char *facts_find_overlay(const Facts *facts, const VolumeMount *volume) {
        return find_path(&facts->overlays, volume->destination);
}

/* Returns how many files match, or -ENOMEM. */
static int expand_glob(const Facts *facts, Container *container, const Mount *glob) {
        int matches = 0;

        for (size_t i = 0; i < facts->globs.count; i++) {
                const FactPath *match = &facts->globs.items[i];

                if (!streq(match->written, glob->source))
                        continue;
                if (container_add_glob_match(container, glob, match->resolved) < 0)
                        return -ENOMEM;
                matches++;
        }
        return matches;
}

int facts_expand_globs(const Facts *facts, Container *container, Diagnostics *diagnostics) {
        int result = 0;

        for (size_t i = 0; i < container->mounts.count; i++) {
                const Mount *mount = &container->mounts.items[i];
                int r = mount_is(mount, "glob") ? expand_glob(facts, container, mount) : 1;

                if (r < 0)
                        return r;
                if (r == 0)
                        result = diagnose_error(diagnostics, &mount->where, "nothing matches \"%s\"", mount->source);
        }
        return result;
}

const char *facts_resolve(const Facts *facts, const char *path) {
        return find_path(&facts->resolved, path) ?: path;
}

int facts_add_volume(Facts *facts, const char *written, const char *path) {
        return fact_path_add(&facts->volumes, written, path);
}

const char *facts_volume_key(const VolumeMount *volume) {
        return volume->source ?: volume->destination;
}

const char *facts_volume_source(const Facts *facts, const VolumeMount *volume) {
        const char *place = find_path(&facts->volumes, volume->destination);

        if (place)
                return place;
        return volume->kind == VOLUME_HOST_PATH ? volume->source
                                                : find_path(&facts->volumes, facts_volume_key(volume));
}

int facts_add_volume_flags(Facts *facts, const char *destination, unsigned long flags) {
        static const struct { unsigned long flag; const char *option;
        } names[] = { { ST_NOSUID, "nosuid" }, { ST_NODEV, "nodev" }, { ST_NOEXEC, "noexec" } };
        _cleanup_text_ Text options = {};

        for (size_t i = 0; i < ARRAY_SIZE(names); i++)
                if (flags & names[i].flag)
                        text_appendf(&options, "%s%s", options.length > 0 ? "," : "", names[i].option);
        if (options.failed)
                return -ENOMEM;
        return options.length > 0 ? fact_path_add(&facts->volume_flags, destination, options.data) : 0;
}

bool facts_volume_has_flag(const Facts *facts, const VolumeMount *volume, const char *option) {
        const char *flags = find_path(&facts->volume_flags, volume->destination);
        size_t n = strlen(option);

        for (const char *p = flags; p && *p; p += p[strcspn(p, ",")] == ',' ? strcspn(p, ",") + 1 : strlen(p))
                if (strcspn(p, ",") == n && strncmp(p, option, n) == 0)
                        return true;
        return false;
}
