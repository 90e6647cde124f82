/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which IDs of the machine a container's user namespace has. */
#include "start/user-namespace.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "basic/files.h"
#include "basic/numbers.h"
#include "basic/text.h"
#include "host/id-ranges.h"
#include "host/sub-ids.h"
#include "host/user/user-root.h"
#include "host/users.h"
#include "kind/container/container-id-maps.h"
#include "source/places.h"
#include "source/unit-name.h"
#include "start/user/user-maps.h"

/* What podman takes at least, and at most unless it is told */
enum { AUTO_LEAST = 1024, AUTO_MOST = 65536 };

static int read_map(const char *process, const char *name, IdMap *map) {
        _cleanup_free_ char *path = text_format("/proc/%s/%s", process, name), *text = NULL;
        int r = path ? read_virtual_file(path, &text) : -ENOMEM;

        if (r < 0)
                return r;
        for (char *rest = text, *line; (line = strsep(&rest, "\n"));) {
                IdMapping mapping;

                if (sscanf(line, "%u %u %u", &mapping.inside, &mapping.outside, &mapping.count) != 3)
                        return *line ? -EBADMSG : 0;
                r = id_map_add(map, mapping);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int read_maps(const char *process, IdMap *ret_uids, IdMap *ret_gids) {
        _cleanup_id_map_ IdMap uids = {}, gids = {};
        int r;

        if ((r = read_map(process, "uid_map", &uids)) < 0 || (r = read_map(process, "gid_map", &gids)) < 0)
                return r;
        *ret_uids = uids;
        *ret_gids = gids;
        uids = gids = (IdMap) {};
        return 0;
}

/* In a process of ours: goes into the namespace and waits there, stopped. */
static void stay_in(int namespace_fd, pid_t parent) {
        if (setns(namespace_fd, CLONE_NEWUSER) < 0)
                _exit(errno);
        if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 || getppid() != parent)
                _exit(EIO);
        for (;;)
                (void) raise(SIGSTOP);
}

int user_namespace_read_maps(int namespace_fd, IdMap *ret_uids, IdMap *ret_gids) {
        pid_t parent = getpid(), pid;
        char process[16];
        int status, r;

        /* A namespace is asked by way of a process that is in it. */
        pid = fork();
        if (pid < 0)
                return -errno;
        if (pid == 0)
                stay_in(namespace_fd, parent);
        while ((r = waitpid(pid, &status, WUNTRACED)) < 0 && errno == EINTR)
                ;
        if (r < 0)
                return -errno;
        if (!WIFSTOPPED(status))
                return WIFEXITED(status) && WEXITSTATUS(status) > 0 ? -WEXITSTATUS(status) : -EIO;
        (void) snprintf(process, sizeof(process), "%d", (int) pid);
        r = read_maps(process, ret_uids, ret_gids);
        (void) kill(pid, SIGKILL);
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
                ;
        return r;
}

/* A number in User= or Group= that is to be mapped as well; 0 for a name. */
static uint32_t written_id(const char *text) {
        char digits[16] = "";
        size_t n = text ? strcspn(text, ":") : 0;
        uint64_t number;

        if (n >= sizeof(digits))
                return 0;
        memcpy(digits, text ?: "", n);
        return text_to_unsigned(digits, UINT32_MAX - 1, &number) == 0 ? (uint32_t) number : 0;
}

/* How many IDs UserNS=auto maps when the file does not say. A chunk of systemd's range is the
 * container's as a whole. */
static int choose_auto_size(const Container *container, const int root_fds[], size_t root_count, const Location *where,
                            Diagnostics *diagnostics, uint32_t *ret) {
        const char *colon = container->user ? strchr(container->user, ':') : NULL;
        uint32_t needed = 0, more[] = { written_id(container->user), written_id(container->group),
                                        written_id(colon ? colon + 1 : NULL) };
        int r = id_ranges_are_subordinate();

        if (r < 0)
                return r;
        *ret = r > 0 ? AUTO_LEAST : ID_CHUNK;
        for (size_t i = 0; i < root_count && r >= 0; i++)
                r = users_highest_id(root_fds[i], &needed);
        if (r < 0)
                return r == -ENOMEM ? r
                                    : diagnose_error(diagnostics, where,
                                                     "cannot read the container's /etc/passwd and /etc/group: %s",
                                                     strerror(-r));
        for (size_t i = 0; i < ARRAY_SIZE(more); i++)
                needed = more[i] > needed ? more[i] : needed;
        if (needed >= AUTO_MOST)
                return diagnose_error(diagnostics, where,
                                      "the container has an ID of %u, too many for \"auto\" by itself; use "
                                      "UserNS=auto:size=%u",
                                      needed, needed + 1);
        if (needed >= *ret)
                *ret = needed + 1;
        return 0;
}

static int find_auto(const Container *container, const int root_fds[], size_t root_count, const Bundle *bundle,
                     Diagnostics *diagnostics, IdMap *uids, IdMap *gids) {
        _cleanup_auto_user_namespace_ AutoUserNamespace ns = {};
        Location where = container->user_ns.where;
        uint32_t uid_count, gid_count, first;
        _cleanup_free_ char *id = container_id_for(container->stem);
        IdRangeRequest request;
        int r;

        if (!id)
                return -ENOMEM;
        r = container_auto_user_namespace(container, diagnostics, &ns);
        if (r == 0 && ns.size == 0)
                r = choose_auto_size(container, root_fds, root_count, &where, diagnostics, &ns.size);
        if (r < 0)
                return r;
        uid_count = id_map_missing(&ns.uids, ns.size);
        gid_count = id_map_missing(&ns.gids, ns.size);
        request = (IdRangeRequest) {
                .id = id,
                .count = uid_count > gid_count ? uid_count : gid_count,
                .avoid_uids = &ns.uids,
                .avoid_gids = &ns.gids,
        };
        r = request.count > 0 ? id_ranges_take(&request, bundle, &first) : 0;
        if (r == -ENOSPC && id_ranges_are_subordinate() > 0)
                return diagnose_error(diagnostics, &where,
                                      "there is no free range of %u IDs for \"auto\" among those of %s in %s and %s",
                                      request.count, container->of_user ? "this user" : "\"containers\"",
                                      place_path(PLACE_SUB_UIDS), place_path(PLACE_SUB_GIDS));
        if (r == -ENOSPC)
                return diagnose_error(diagnostics, &where, "there is no free range of %u IDs for \"auto\"",
                                      request.count);
        if (r == 0 && request.count > 0 && (r = id_map_fill(&ns.uids, ns.size, first, &ns.uids)) == 0)
                r = id_map_fill(&ns.gids, ns.size, first, &ns.gids);
        if (r < 0)
                return r;
        *uids = ns.uids;
        *gids = ns.gids;
        ns = (AutoUserNamespace) {};
        return 0;
}

/* IDs of the machine become what they are in a user's own namespace, whose maps are `own`. */
static int of_users_namespace(const IdMap *own, IdMap *map) {
        _cleanup_id_map_ IdMap machine = *map;
        int r = 0;

        *map = (IdMap) {};
        for (size_t i = 0; i < machine.count && r == 0; i++)
                r = id_map_add_of_machine(map, machine.items[i], false, own);
        return r;
}

/* SubUIDMap= or SubGIDMap=, of which one stands for both. `own` is NULL for the system's. */
static int add_sub_ids(const Container *container, bool of_users, const IdMap *own, Diagnostics *diagnostics,
                       IdMap *map) {
        const char *said = of_users ? container->sub_uid_map : container->sub_gid_map;
        const char *name = said ?: (of_users ? container->sub_gid_map : container->sub_uid_map);
        Location where = container_where(container,
                                         of_users == !!said ? KEY_Container_SubUIDMap : KEY_Container_SubGIDMap);
        const char *file = of_users ? place_path(PLACE_SUB_UIDS) : place_path(PLACE_SUB_GIDS);
        int r;

        if (map->count > 0 || !name)
                return 0;
        r = sub_ids_read(file, name, map);
        if (r == -ENOMEM)
                return r;
        if (r == -EEXIST)
                return diagnose_error(diagnostics, &where, "the ranges of \"%s\" in %s overlap", name, file);
        if (r < 0)
                return diagnose_error(diagnostics, &where, "%s: %s", file, strerror(-r));
        if (map->count == 0)
                return diagnose_error(diagnostics, &where, "there are no IDs for \"%s\" in %s", name, file);
        r = own ? of_users_namespace(own, map) : 0;
        if (r == -ENXIO)
                return diagnose_error(diagnostics, &where,
                                      "the IDs of \"%s\" in %s are not all yours; a user's container can have the "
                                      "entry of its user, or those that UIDMap= and GIDMap= say",
                                      name, file);
        return r;
}

static int find_given(const Container *container, Diagnostics *diagnostics, IdMap *uids, IdMap *gids) {
        Location where = container_where(container,
                                         container->uid_map.count > 0 ? KEY_Container_UIDMap : KEY_Container_GIDMap);
        _cleanup_id_map_ IdMap own_uids = {}, own_gids = {};
        bool of_user = container->of_user && user_root_is_entered();
        int r = of_user ? read_maps("self", &own_uids, &own_gids) : 0;

        if (r == 0)
                r = container_id_maps(container, of_user ? &own_uids : NULL, of_user ? &own_gids : NULL, diagnostics,
                                      uids, gids);
        if (r < 0 || (r = add_sub_ids(container, true, of_user ? &own_uids : NULL, diagnostics, uids)) < 0 ||
            (r = add_sub_ids(container, false, of_user ? &own_gids : NULL, diagnostics, gids)) < 0)
                return r;
        if (uids->count == 0 || gids->count == 0)
                return diagnose_error(diagnostics, &where, "no %s IDs are mapped", uids->count == 0 ? "user" : "group");
        return user_maps_check(uids, gids, &where, diagnostics);
}

Location user_namespace_place(const Container *container) {
        static const KeyId maps[] = { KEY_Container_UIDMap, KEY_Container_GIDMap, KEY_Container_SubUIDMap,
                                      KEY_Container_SubGIDMap };

        for (size_t i = 0; i < ARRAY_SIZE(maps) && container->user_ns.kind == USERNS_HOST; i++)
                if (container->set.entry[maps[i]])
                        return container_where(container, maps[i]);
        return container->user_ns.where;
}

static int find_without_own(const Container *container, Diagnostics *diagnostics, IdMap *uids, IdMap *gids) {
        int r = user_maps_without_own(uids, gids);

        return r == -ENOSPC ? diagnose_error(diagnostics, &container->user_ns.where,
                                             "\"nomap\" leaves nothing to map: %s and %s have no IDs for this user; "
                                             "use keep-id",
                                             place_path(PLACE_SUB_UIDS), place_path(PLACE_SUB_GIDS))
                            : r;
}

static int find_maps(const Container *container, const int root_fds[], size_t root_count, const Bundle *bundle,
                     Diagnostics *diagnostics, IdMap *ret_uids, IdMap *ret_gids) {
        switch (container->user_ns.kind) {
        case USERNS_AUTO:
                return find_auto(container, root_fds, root_count, bundle, diagnostics, ret_uids, ret_gids);
        case USERNS_NOMAP: /* only a user's */
                return find_without_own(container, diagnostics, ret_uids, ret_gids);
        case USERNS_KEEP_ID: /* for the system's, the current mapping: the service manager's user is root */
                return container->of_user ? user_maps_keep_id(container, ret_uids, ret_gids)
                                          : read_maps("self", ret_uids, ret_gids);
        default:
                return container_has_user_namespace(container) ? find_given(container, diagnostics, ret_uids, ret_gids)
                                                               : 0;
        }
}

static int split_maps(IdMap *uids, IdMap *gids) {
        _cleanup_id_map_ IdMap own_uids = {}, own_gids = {};
        int r = read_maps("self", &own_uids, &own_gids);

        if (r >= 0)
                r = user_maps_split(&own_uids, uids);
        return r < 0 ? r : user_maps_split(&own_gids, gids);
}

int user_namespace_find_maps(const Container *container, const int root_fds[], size_t root_count, const Bundle *bundle,
                             Diagnostics *diagnostics, IdMap *ret_uids, IdMap *ret_gids) {
        int r = find_maps(container, root_fds, root_count, bundle, diagnostics, ret_uids, ret_gids);

        return r >= 0 && container->of_user ? split_maps(ret_uids, ret_gids) : r;
}
