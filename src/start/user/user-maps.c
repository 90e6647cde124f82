/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "start/user/user-maps.h"

#include <errno.h>

#include "basic/numbers.h"
#include "basic/text.h"
#include "host/user/user-root.h"
#include "kind/container/container-id-maps.h"
#include "source/places.h"

/* `subordinate` IDs, all but that of the user. */
static int keep(uint32_t id, uint32_t subordinate, IdMap *ret) {
        uint32_t below = id < subordinate ? id : subordinate;
        _cleanup_id_map_ IdMap map = {};
        int r = below > 0 ? id_map_add(&map, (IdMapping) { 0, 1, below }) : 0;

        if (r == 0)
                r = id_map_add(&map, (IdMapping) { id, 0, 1 });
        if (r == 0 && subordinate > below)
                r = id_map_add(&map, (IdMapping) { id + 1, below + 1, subordinate - below });
        if (r < 0)
                return r;
        *ret = map;
        map = (IdMap) {};
        return 0;
}

/* What "size=" leaves of `count` IDs, the user's own among them; as podman, 0 is all, and so is
 * more than there are. */
static uint32_t keep_count(const Container *container, uint32_t count) {
        const char *text = string_list_value(&container->user_ns.options, "size");
        uint64_t size = 0;

        if (text)
                (void) text_to_unsigned(text, UINT32_MAX - 1, &size); /* checked where it was read */
        return size > 0 && size < count ? (uint32_t) size : count;
}

int user_maps_keep_id(const Container *container, IdMap *ret_uids, IdMap *ret_gids) {
        _cleanup_id_map_ IdMap uids = {}, gids = {};
        uint32_t count, uid, gid;
        int r = user_root_count_ids(&count);

        if (r < 0)
                return r;
        count = keep_count(container, count);
        user_root_own_ids(&uid, &gid);
        (void) container_kept_user(container, uid, gid, &uid, &gid);
        r = keep(uid, count - 1, &uids);
        if (r == 0)
                r = keep(gid, count - 1, &gids);
        if (r < 0)
                return r;
        *ret_uids = uids;
        *ret_gids = gids;
        uids = gids = (IdMap) {};
        return 0;
}

int user_maps_without_own(IdMap *ret_uids, IdMap *ret_gids) {
        _cleanup_id_map_ IdMap uids = {}, gids = {};
        IdMapping all = { 0, 1, 0 };
        uint32_t count;
        int r = user_root_count_ids(&count);

        if (r < 0)
                return r;
        if (count < 2)
                return -ENOSPC;
        all.count = count - 1;
        r = id_map_add(&uids, all);
        if (r == 0)
                r = id_map_add(&gids, all);
        if (r < 0)
                return r;
        *ret_uids = uids;
        *ret_gids = gids;
        uids = gids = (IdMap) {};
        return 0;
}

int user_maps_choose_user(Container *container) {
        uint32_t uid, gid;

        user_root_own_ids(&uid, &gid);
        if (!container->of_user || container->user || !container_kept_user(container, uid, gid, &uid, &gid))
                return 0;
        container->user = text_format("%u:%u", uid, gid);
        return container->user ? 0 : -ENOMEM;
}

/* The part of `whole` that is mapped together with its first ID; all of it where that is not
 * mapped, which the kernel will say. */
static uint32_t count_together(const IdMap *own, IdMapping whole) {
        for (size_t i = 0; i < own->count; i++) {
                const IdMapping *mapping = &own->items[i];
                uint32_t before = whole.outside - mapping->inside;

                if (whole.outside >= mapping->inside && before < mapping->count)
                        return mapping->count - before < whole.count ? mapping->count - before : whole.count;
        }
        return whole.count;
}

int user_maps_split(const IdMap *own, IdMap *map) {
        _cleanup_id_map_ IdMap parts = {}, before = {};

        for (size_t i = 0; i < map->count; i++) {
                IdMapping rest = map->items[i];

                while (rest.count > 0) {
                        uint32_t n = count_together(own, rest);
                        int r = id_map_add(&parts, (IdMapping) { rest.inside, rest.outside, n });

                        if (r < 0)
                                return r;
                        rest = (IdMapping) { rest.inside + n, rest.outside + n, rest.count - n };
                }
        }
        before = *map;
        *map = parts;
        parts = (IdMap) {};
        return 0;
}

static int check(const IdMap *map, const char *what, uint32_t count, const Location *where, Diagnostics *diagnostics) {
        for (size_t i = 0; i < map->count; i++) {
                uint64_t last = (uint64_t) map->items[i].outside + map->items[i].count - 1;

                if (last >= count)
                        return diagnose_error(diagnostics, where,
                                              "the %s ID %llu is to be mapped, and this user has 0 to %u: itself, and "
                                              "the subordinate IDs of %s and %s",
                                              what, (unsigned long long) last, count - 1, place_path(PLACE_SUB_UIDS),
                                              place_path(PLACE_SUB_GIDS));
        }
        return 0;
}

int user_maps_check(const IdMap *uids, const IdMap *gids, const Location *where, Diagnostics *diagnostics) {
        uint32_t count;
        int r = user_root_count_ids(&count);

        if (r < 0 || count == 0)
                return r;
        r = check(uids, "user", count, where, diagnostics);
        return r == 0 ? check(gids, "group", count, where, diagnostics) : r;
}
