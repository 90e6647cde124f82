/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Mappings of user or group IDs. */
#include "config/id-map.h"

#include <errno.h>

#include "basic/numbers.h"

/* The last one is no ID: chown(2) takes it for "leave it". */
static bool fits(IdMapping mapping) {
        return mapping.count > 0 && mapping.inside <= UINT32_MAX - mapping.count &&
               mapping.outside <= UINT32_MAX - mapping.count;
}

static bool overlap(uint32_t a, uint32_t a_count, uint32_t b, uint32_t b_count) {
        return a < (uint64_t) b + b_count && b < (uint64_t) a + a_count;
}

static bool conflict(IdMapping a, IdMapping b) {
        return overlap(a.inside, a.count, b.inside, b.count) || overlap(a.outside, a.count, b.outside, b.count);
}

static int append(IdMap *map, IdMapping mapping) {
        int r = ARRAY_RESERVE(map->items, map->allocated, map->count + 1);

        if (r < 0)
                return r;
        map->items[map->count++] = mapping;
        return 0;
}

int id_map_add(IdMap *map, IdMapping mapping) {
        if (!fits(mapping))
                return -ERANGE;
        for (size_t i = 0; i < map->count; i++)
                if (conflict(map->items[i], mapping))
                        return -EEXIST;
        return append(map, mapping);
}

/* What is left of `old` before and behind `count` IDs from its `skip`th on. */
static int append_rest(IdMap *map, IdMapping old, int64_t skip, uint32_t count) {
        int64_t end = skip + count;
        int r = 0;

        if (skip > 0)
                r = append(map,
                           (IdMapping) { old.inside, old.outside, skip < old.count ? (uint32_t) skip : old.count });
        if (r == 0 && end < old.count) {
                uint32_t from = end > 0 ? (uint32_t) end : 0;
                r = append(map, (IdMapping) { old.inside + from, old.outside + from, old.count - from });
        }
        return r;
}

/* Cuts `count` IDs from `first` on out of the map, inside or outside. */
static int cut(IdMap *map, uint32_t first, uint32_t count, bool outside) {
        _cleanup_id_map_ IdMap rest = {};

        for (size_t i = 0; i < map->count; i++) {
                IdMapping old = map->items[i];
                uint32_t start = outside ? old.outside : old.inside;
                int r = overlap(start, old.count, first, count)
                                        ? append_rest(&rest, old, (int64_t) first - start, count)
                                        : append(&rest, old);

                if (r < 0)
                        return r;
        }
        id_map_done(map);
        *map = rest;
        rest = (IdMap) {};
        return 0;
}

int id_map_insert(IdMap *map, IdMapping mapping) {
        int r;

        if (!fits(mapping))
                return -ERANGE;
        if ((r = cut(map, mapping.inside, mapping.count, false)) < 0 ||
            (r = cut(map, mapping.outside, mapping.count, true)) < 0)
                return r;
        return append(map, mapping);
}

static const IdMapping *find_outside(const IdMap *map, uint32_t outside) {
        for (size_t i = 0; i < map->count; i++)
                if (overlap(map->items[i].outside, map->items[i].count, outside, 1))
                        return &map->items[i];
        return NULL;
}

int id_map_add_of_machine(IdMap *map, IdMapping mapping, bool inserts, const IdMap *own) {
        IdMapping rest = mapping;

        while (rest.count > 0) {
                const IdMapping *found = find_outside(own, rest.outside);
                uint32_t before, n;
                IdMapping part;
                int r;

                if (!found)
                        return -ENXIO;
                before = rest.outside - found->outside;
                n = found->count - before < rest.count ? found->count - before : rest.count;
                part = (IdMapping) { rest.inside, found->inside + before, n };
                r = inserts ? id_map_insert(map, part) : id_map_add(map, part);
                if (r < 0)
                        return r;
                rest = (IdMapping) { rest.inside + n, rest.outside + n, rest.count - n };
        }
        return 0;
}

int id_map_range_to_outside(const IdMap *map, uint32_t inside, uint32_t count, uint32_t *ret) {
        for (size_t i = 0; i < map->count; i++) {
                const IdMapping *mapping = &map->items[i];

                if (inside < mapping->inside || (uint64_t) inside + count > (uint64_t) mapping->inside + mapping->count)
                        continue;
                *ret = mapping->outside + (inside - mapping->inside);
                return 0;
        }
        return -ENOENT;
}

int id_map_to_outside(const IdMap *map, uint32_t inside, uint32_t *ret) {
        return id_map_range_to_outside(map, inside, 1, ret);
}

int id_map_to_inside(const IdMap *map, uint32_t outside, uint32_t *ret) {
        const IdMapping *mapping = find_outside(map, outside);

        if (!mapping)
                return -ENOENT;
        *ret = mapping->inside + (outside - mapping->outside);
        return 0;
}

bool id_map_has_outside(const IdMap *map, uint32_t outside) {
        return find_outside(map, outside) != NULL;
}

/* The number before the next separator. Returns 1, 0 when it is the last, or -EINVAL. */
static int next_number(const char **text, char separator, uint32_t *ret) {
        size_t n = strspn(*text, "0123456789");
        char digits[16] = "";
        uint64_t number;

        if (n >= sizeof(digits) || ((*text)[n] && (*text)[n] != separator))
                return -EINVAL;
        memcpy(digits, *text, n);
        if (text_to_unsigned(digits, UINT32_MAX, &number) < 0)
                return -EINVAL;
        *ret = (uint32_t) number;
        *text += n;
        if (!**text)
                return 0;
        (*text)++;
        return 1;
}

int id_mapping_parse(const char *text, char separator, bool count_is_optional, IdMapping *ret) {
        IdMapping mapping = { .count = 1 };

        if (next_number(&text, separator, &mapping.inside) != 1)
                return -EINVAL;
        switch (next_number(&text, separator, &mapping.outside)) {
        case 0:
                if (!count_is_optional)
                        return -EINVAL;
                break;
        case 1:
                if (next_number(&text, separator, &mapping.count) != 0)
                        return -EINVAL;
                break;
        default:
                return -EINVAL;
        }
        if (!fits(mapping))
                return -EINVAL;
        *ret = mapping;
        return 0;
}

void id_map_done(IdMap *map) {
        map->items = x_free(map->items);
        map->count = map->allocated = 0;
}
