/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Mappings of user or group IDs, as user_namespaces(7) has them. */
#pragma once

#include "basic/alloc.h"

/* `count` IDs from `inside` on, in the user namespace, are those from `outside` on of the machine.
 * For an idmapped mount (mount_setattr(2)) "inside" is what the file system has on disk. */
typedef struct IdMapping {
        uint32_t inside, outside, count;
} IdMapping;

/* Zero-initialise with {}. No ID is mapped twice, inside or outside. */
typedef struct IdMap {
        IdMapping *items;
        size_t count, allocated;
} IdMap;

enum { ID_MAP_LONGEST = 340 }; /* lines that the kernel takes */

/* Appends a mapping. Returns 0, -EEXIST when one of its IDs is mapped already, -ERANGE when it is
 * empty or goes past the last ID, or -ENOMEM. */
int id_map_add(IdMap *map, IdMapping mapping);

/* The same, where what was there gives way: earlier mappings are cut around it. */
int id_map_insert(IdMap *map, IdMapping mapping);

/* Appends (or inserts) a mapping whose outside are IDs of the machine, by the numbers that they
 * have in the user namespace that `own` is of, where they may be in several pieces. Returns as the
 * above, or -ENXIO for what is not mapped there. */
int id_map_add_of_machine(IdMap *map, IdMapping mapping, bool inserts, const IdMap *own);

/* What `inside` is outside. Returns 0 or -ENOENT. */
int id_map_to_outside(const IdMap *map, uint32_t inside, uint32_t *ret);

/* What `outside` is inside. As above. */
int id_map_to_inside(const IdMap *map, uint32_t outside, uint32_t *ret);

/* Whether all of `count` IDs from `inside` on are in one mapping, with where that begins outside.
 * Returns 0 or -ENOENT. */
int id_map_range_to_outside(const IdMap *map, uint32_t inside, uint32_t count, uint32_t *ret);

/* Whether the ID of the machine is one of those that are mapped. */
bool id_map_has_outside(const IdMap *map, uint32_t outside);

/* Three numbers between `separator`, of which the last may be left out with `count_is_optional` and
 * is then 1. Returns 0 or -EINVAL. */
int id_mapping_parse(const char *text, char separator, bool count_is_optional, IdMapping *ret);

void id_map_done(IdMap *map);
#define _cleanup_id_map_ _cleanup_(id_map_done)
