/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The mappings that "idmap=" of Volume= and Rootfs= may give. */
#include "config/mount-mapping.h"

#include <errno.h>

#include "basic/string-list.h"

static int add_range(const char *text, const IdMap *namespace, IdMap *map) {
        bool relative = *text == '@';
        IdMapping range;
        int r;

        r = id_mapping_parse(text + relative, '-', false, &range);
        if (r == 0 && relative && namespace->count > 0)
                r = id_map_range_to_outside(namespace, range.outside, range.count, &range.outside);
        if (r == 0)
                r = id_map_add(map, range);
        return r == -EEXIST || r == -ERANGE ? -EINVAL : r;
}

static int add_ranges(const char *text, const IdMap *namespace, IdMap *map) {
        _cleanup_string_list_ StringList ranges = {};
        int r;

        if (map->count > 0)
                return -EINVAL;
        r = string_list_add_split(&ranges, text, strlen(text), "#");
        for (size_t i = 0; i < ranges.count && r == 0; i++)
                r = add_range(ranges.items[i], namespace, map);
        return r < 0 || (map->count > 0 && map->count <= ID_MAP_LONGEST) ? r : -EINVAL;
}

static int complete(const IdMap *namespace, IdMap *map) {
        int r = 0;

        if (map->count > 0)
                return 0;
        for (size_t i = 0; i < namespace->count && r == 0; i++)
                r = id_map_add(map, namespace->items[i]);
        return r < 0 || map->count > 0 ? r : id_map_add(map, (IdMapping) { 0, 0, UINT32_MAX });
}

int mount_mapping_parse(const char *text, const IdMap *uids, const IdMap *gids, IdMap *ret_uids, IdMap *ret_gids) {
        _cleanup_id_map_ IdMap uid_map = {}, gid_map = {};
        _cleanup_string_list_ StringList parts = {};
        int r;

        r = string_list_add_split(&parts, text, strlen(text), ";");
        for (size_t i = 0; i < parts.count && r == 0; i++) {
                const char *value;

                if ((value = startswith(parts.items[i], "uids=")))
                        r = add_ranges(value, uids, &uid_map);
                else if ((value = startswith(parts.items[i], "gids=")))
                        r = add_ranges(value, gids, &gid_map);
                else
                        r = -EINVAL;
        }
        if (r == 0 && parts.count == 0)
                r = -EINVAL;
        if (r < 0 || (r = complete(uids, &uid_map)) < 0 || (r = complete(gids, &gid_map)) < 0)
                return r;
        *ret_uids = uid_map;
        *ret_gids = gid_map;
        uid_map = gid_map = (IdMap) {};
        return 0;
}

bool mount_mapping_is_valid(const char *text) {
        _cleanup_id_map_ IdMap uids = {}, gids = {};
        return mount_mapping_parse(text, &(IdMap) {}, &(IdMap) {}, &uids, &gids) != -EINVAL;
}
