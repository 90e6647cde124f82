/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a container's file says about the IDs of its user namespace. */
#include "kind/container/container-id-maps.h"

#include <errno.h>

#include "basic/numbers.h"

bool container_has_user_namespace(const Container *container) {
        UserNamespaceKind kind = container->user_ns.kind;

        return kind == USERNS_AUTO || kind == USERNS_KEEP_ID || kind == USERNS_NOMAP || container->uid_map.count > 0 ||
               container->gid_map.count > 0 || container->sub_uid_map || container->sub_gid_map;
}

/* With "+", without anything to extend, what there was is all that there is, as it is. */
static int begin_extended(const IdMap *own, IdMap *map) {
        uint32_t count = own ? 0 : UINT32_MAX;

        for (size_t i = 0; own && i < own->count; i++)
                count += own->items[i].count;
        return map->count == 0 && count > 0 ? id_map_add(map, (IdMapping) { 0, 0, count }) : 0;
}

/* One word of UIDMap= or GIDMap= into the map of `kind`, 'u' or 'g'. Its flags say whom it is for,
 * and "+" that it takes IDs from what came before. "@" marks a number of the machine where others
 * are not: for a user's containers, whose `own` maps say which; without them it is only looked
 * at. */
static int add_word(const char *word, char kind, bool other_kind_too, bool of_user, const IdMap *own, IdMap *map) {
        size_t n = strspn(word, "+ug");
        bool users = memchr(word, 'u', n), groups = memchr(word, 'g', n), extends = memchr(word, '+', n);
        const char *colon;
        IdMapping mapping;
        char plain[64];
        int r;

        if (users || groups ? !(kind == 'u' ? users : groups) : !other_kind_too)
                return 0;
        word += n;
        colon = strchr(word, ':');
        if (strlen(word) >= sizeof(plain) || !colon)
                return -EINVAL;
        (void) snprintf(plain, sizeof(plain), "%.*s%s", (int) (colon + 1 - word), word,
                        colon[1] == '@' ? colon + 2 : colon + 1);
        r = id_mapping_parse(plain, ':', true, &mapping);
        if (r == 0 && extends)
                r = begin_extended(own, map);
        if (r < 0)
                return r;
        if (!of_user || colon[1] != '@')
                return extends ? id_map_insert(map, mapping) : id_map_add(map, mapping);
        return own ? id_map_add_of_machine(map, mapping, extends, own) : 0;
}

static int add_words(const Container *container, KeyId key, const StringList *words, char kind, bool other_kind_too,
                     const IdMap *own, Diagnostics *diagnostics, IdMap *map) {
        Location where = container_where(container, key);
        int result = 0;

        for (size_t i = 0; i < words->count; i++) {
                int r = add_word(words->items[i], kind, other_kind_too, container->of_user, own, map);

                if (r == -ENOMEM)
                        return r;
                if (r == -EEXIST)
                        result = diagnose_error(diagnostics, &where, "the mapping \"%s\" overlaps an earlier one",
                                                words->items[i]);
                else if (r == -ENXIO)
                        result = diagnose_error(diagnostics, &where,
                                                "the mapping \"%s\" has a %s ID of the machine that is neither yours "
                                                "nor one of your subordinate IDs",
                                                words->items[i], kind == 'u' ? "user" : "group");
                else if (r < 0)
                        result = diagnose_error(diagnostics, &where, "\"%s\" is no mapping", words->items[i]);
        }
        if (map->count > ID_MAP_LONGEST)
                result = diagnose_error(diagnostics, &where, "\"%s\" has more mappings than the kernel takes, %d",
                                        keys[key].name, ID_MAP_LONGEST);
        return result;
}

int container_id_maps(const Container *container, const IdMap *own_uids, const IdMap *own_gids,
                      Diagnostics *diagnostics, IdMap *ret_uids, IdMap *ret_gids) {
        const StringList *uid_words = &container->uid_map, *gid_words = &container->gid_map;
        _cleanup_id_map_ IdMap uids = {}, gids = {};
        int r, result = 0;

        /* Each word of either key goes where its flags say; without flags, to the key's own kind,
         * and to the other kind when that has no key. */
        for (unsigned i = 0; i < 4; i++) {
                bool own_kind = i < 2;
                char kind = i % 2 == 0 ? 'u' : 'g';
                bool of_uid_map = (kind == 'u') == own_kind;
                const StringList *words = of_uid_map ? uid_words : gid_words;
                bool alone = (kind == 'u' ? uid_words : gid_words)->count == 0;

                /* An overlap in both kinds is one mistake. */
                if (!own_kind && result < 0)
                        continue;
                r = add_words(container, of_uid_map ? KEY_Container_UIDMap : KEY_Container_GIDMap, words, kind,
                              own_kind || alone, kind == 'u' ? own_uids : own_gids, diagnostics,
                              kind == 'u' ? &uids : &gids);
                if (r == -ENOMEM)
                        return r;
                if (r < 0)
                        result = r;
        }
        if (result < 0)
                return result;
        *ret_uids = uids;
        *ret_gids = gids;
        uids = gids = (IdMap) {};
        return 0;
}

int container_auto_user_namespace(const Container *container, Diagnostics *diagnostics, AutoUserNamespace *ret) {
        const UserNamespace *ns = &container->user_ns;
        _cleanup_auto_user_namespace_ AutoUserNamespace result = {};
        uint64_t size;

        for (size_t i = 0; i < ns->options.count; i++) {
                const char *option = ns->options.items[i], *value;
                bool of_users = (value = startswith(option, "uidmapping="));
                IdMapping mapping;
                int r;

                if (!value && !(value = startswith(option, "gidmapping="))) {
                        if ((value = startswith(option, "size=")) &&
                            text_to_unsigned(value, UINT32_MAX - 1, &size) == 0)
                                result.size = (uint32_t) size;
                        continue;
                }
                r = id_mapping_parse(value, ':', false, &mapping);
                if (r == 0)
                        r = id_map_add(of_users ? &result.uids : &result.gids, mapping);
                if (r == -ENOMEM)
                        return r;
                if (r < 0)
                        return diagnose_error(diagnostics, &ns->where, "the mapping \"%s\" overlaps an earlier one",
                                              value);
        }
        *ret = result;
        result = (AutoUserNamespace) {};
        return 0;
}

bool container_kept_user(const Container *container, uint32_t own_uid, uint32_t own_gid, uint32_t *ret_uid,
                         uint32_t *ret_gid) {
        const StringList *options = &container->user_ns.options;
        const char *uid = string_list_value(options, "uid"), *gid = string_list_value(options, "gid");
        uint64_t uid_number = own_uid, gid_number = own_gid;

        if (container->user_ns.kind != USERNS_KEEP_ID || (!uid && !gid && !container->of_user))
                return false;
        if ((uid && text_to_unsigned(uid, UINT32_MAX - 1, &uid_number) < 0) ||
            (gid && text_to_unsigned(gid, UINT32_MAX - 1, &gid_number) < 0))
                return false;
        *ret_uid = (uint32_t) uid_number;
        *ret_gid = (uint32_t) gid_number;
        return true;
}

/* The end of the gap that begins at `id`, which is in none of the mappings, or `id` itself when it
 * is in one; `ret_next` is where that one ends. */
static uint32_t gap_end(const IdMap *taken, uint32_t id, uint32_t size, uint32_t *ret_next) {
        uint32_t end = size;

        for (size_t i = 0; i < taken->count; i++) {
                const IdMapping *mapping = &taken->items[i];

                if (id >= mapping->inside && id - mapping->inside < mapping->count) {
                        *ret_next = mapping->inside + mapping->count;
                        return id;
                }
                if (mapping->inside > id && mapping->inside < end)
                        end = mapping->inside;
        }
        *ret_next = end;
        return end;
}

int id_map_fill(const IdMap *taken, uint32_t size, uint32_t base, IdMap *rest) {
        for (uint32_t id = 0, next; id < size; id = next) {
                uint32_t end = gap_end(taken, id, size, &next);
                int r = end > id ? id_map_add(rest, (IdMapping) { id, base, end - id }) : 0;

                if (r < 0)
                        return r;
                base += end - id;
        }
        return 0;
}

uint32_t id_map_missing(const IdMap *taken, uint32_t size) {
        uint32_t missing = 0;

        for (uint32_t id = 0, next; id < size; id = next)
                missing += gap_end(taken, id, size, &next) - id;
        return missing;
}

/* What "idmap" takes when it is not followed by mappings. */
static bool has_any_user_namespace(const Container *container) {
        return container_has_user_namespace(container) || container->user_ns.kind == USERNS_PATH ||
               container->user_ns.kind == USERNS_CONTAINER;
}

/* Whether a value that only a start knows may ask for a user namespace. */
static bool may_have_user_namespace(const Container *container) {
        static const KeyId ids[] = { KEY_Container_UserNS, KEY_Container_UIDMap, KEY_Container_GIDMap,
                                     KEY_Container_SubUIDMap, KEY_Container_SubGIDMap };
        bool may = has_any_user_namespace(container);

        for (size_t i = 0; i < ARRAY_SIZE(ids); i++)
                may |= !!container->set.open[ids[i]];
        return may;
}

static void drop_idle_idmap(bool *idmap, const char *mapping, const Location *where, Diagnostics *diagnostics) {
        if (!*idmap || mapping)
                return;
        diagnose_warning(diagnostics, where,
                         "\"idmap\" has no effect without a user namespace, as of UserNS= or UIDMap=, or "
                         "mappings of its own");
        *idmap = false;
}

void container_drop_idle_idmaps(Container *container, Diagnostics *diagnostics) {
        Location where = container_where(container, KEY_Container_Rootfs);

        if (may_have_user_namespace(container))
                return;
        drop_idle_idmap(&container->rootfs.idmap, container->rootfs.idmap_mapping, &where, diagnostics);
        for (size_t i = 0; i < container->volumes.count; i++) {
                VolumeMount *volume = &container->volumes.items[i];

                drop_idle_idmap(&volume->idmap, volume->idmap_mapping, &volume->where, diagnostics);
        }
}

void container_check_user_namespace(const Container *container, Diagnostics *diagnostics) {
        _cleanup_auto_user_namespace_ AutoUserNamespace ns = {};
        _cleanup_id_map_ IdMap uids = {}, gids = {};

        (void) container_id_maps(container, NULL, NULL, diagnostics, &uids, &gids);
        if (container->user_ns.kind == USERNS_AUTO)
                (void) container_auto_user_namespace(container, diagnostics, &ns);
}

void auto_user_namespace_done(AutoUserNamespace *ns) {
        id_map_done(&ns->uids);
        id_map_done(&ns->gids);
}
