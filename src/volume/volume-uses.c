/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The volumes that a container mounts. */
#include "volume/volume-uses.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "basic/directory.h"
#include "basic/files.h"
#include "basic/path.h"
#include "basic/root.h"
#include "host/effects.h"
#include "host/mounts.h"
#include "host/record.h"
#include "kind/container/container-security.h"
#include "kind/load.h"
#include "source/places.h"
#include "volume/volume-file.h"
#include "volume/volume-origin.h"
#include "volume/volumes.h"

#define IN_USE_FILE "volumes" /* in the bundle: the names of volumes */

static void volume_use_done(VolumeUse *use) {
        volume_free(use->volume);
        free(use->name);
        free(use->directory);
        free(use->place);
}

/* Which they are */

/* "data.volume" */
static int find_file(const char *reference, const Location *where, VolumeUse *use, Diagnostics *diagnostics) {
        _cleanup_free_ char *stem = strndup(reference, strlen(reference) - strlen(".volume"));
        int r;

        r = stem ? volume_look_up(stem, NULL, diagnostics, &use->volume) : -ENOMEM;
        if (r == -ENOENT)
                return diagnose_error(diagnostics, where, "there is no \"%s\"", reference);
        if (r == -EREPORTED)
                return diagnose_error(diagnostics, where, "\"%s\" has errors", reference);
        if (r < 0)
                return r;
        use->name = strdup(volume_name(use->volume));
        return use->name ? 0 : -ENOMEM;
}

/* A plain name is that of its file, if there is one. */
static int find_named(const char *name, const Location *where, VolumeUse *use, Diagnostics *diagnostics) {
        int r;

        r = volume_look_up(name, NULL, diagnostics, &use->volume);
        if (r == -EREPORTED)
                return diagnose_error(diagnostics, where, "\"%s.volume\" has errors", name);
        if (r == -ENOENT)
                r = volume_file_check_plain(name, where, diagnostics);
        if (r < 0)
                return r;
        use->name = strdup(use->volume ? volume_name(use->volume) : name);
        return use->name ? 0 : -ENOMEM;
}

/* Returns 0 or -ENOMEM. */
static int find_place(const VolumeMount *mount, const char *bundle_path, size_t index, const Facts *facts,
                      VolumeUse *use) {
        if (!mount->subpath && facts->uid_map.count == 0)
                return 0;
        use->place = text_format("%s/data-%zu", bundle_path, index);
        return use->place ? 0 : -ENOMEM;
}

static int find(const VolumeMount *mount, const char *id, size_t index, VolumeUse *use, Diagnostics *diagnostics) {
        int r = 0;

        if (mount->kind == VOLUME_ANONYMOUS) {
                use->name = text_format("%zu", index);
                use->directory = text_format("%s/%s/volumes", place_path(PLACE_CONTAINERS), id);
                return use->name && use->directory ? 0 : -ENOMEM;
        }
        r = mount->kind == VOLUME_FILE ? find_file(mount->source, &mount->where, use, diagnostics) :
                                         find_named(mount->source, &mount->where, use, diagnostics);
        if (r < 0)
                return r;
        use->directory = strdup(place_path(PLACE_VOLUMES));
        return use->directory ? 0 : -ENOMEM;
}

static int add_use(const VolumeMount *mount, const char *id, const char *bundle_path, size_t index, Facts *facts,
                   VolumeUses *uses, Diagnostics *diagnostics) {
        _cleanup_(volume_use_done) VolumeUse use = { .mount = mount };
        _cleanup_free_ char *path = NULL;
        struct statvfs st;
        int r;

        r = find(mount, id, index, &use, diagnostics);
        if (r >= 0)
                r = find_place(mount, bundle_path, index, facts, &use);
        if (r < 0)
                return r;
        path = volume_data_path(use.directory, use.name);
        if (!path || ARRAY_RESERVE(uses->items, uses->allocated, uses->count + 1) < 0)
                return -ENOMEM;
        r = use.place ? facts_add_volume(facts, mount->destination, use.place)
                      : facts_add_volume(facts, facts_volume_key(mount), path);
        /* One that is not there yet is on nothing that is mounted for it. */
        if (r >= 0 && statvfs(path, &st) >= 0)
                r = facts_add_volume_flags(facts, mount->destination, st.f_flag);
        if (r < 0)
                return r;
        uses->items[uses->count++] = use;
        use = (VolumeUse) {};
        return 0;
}

int volume_uses_find(const Container *container, const char *id, const char *bundle_path, Facts *facts, VolumeUses *ret,
                     Diagnostics *diagnostics) {
        int result = 0, r;

        for (size_t i = 0; i < container->volumes.count; i++) {
                const VolumeMount *mount = &container->volumes.items[i];

                if (mount->kind == VOLUME_HOST_PATH)
                        continue;
                r = add_use(mount, id, bundle_path, i, facts, ret, diagnostics);
                if (r < 0 && r != -EREPORTED)
                        return r;
                result = result ?: r;
        }
        return result;
}

/* Making them ready */

/* What runs in the container may lead the path anywhere, but not out of its root. Returns the fd,
 * or -EBADF when no directory is there. */
static int open_source(int root_fd, const char *path) {
        int fd = root_open(root_fd, path, O_RDONLY | O_DIRECTORY);
        return fd == -ENOENT || fd == -ENOTDIR ? -EBADF : fd;
}

/* The container's root file system has the IDs that it has outside. Through an idmapped mount, a
 * volume is to have those inside on disk; what has none stays as it is. */
static void translate_to_inside(const void *userdata, uid_t *uid, gid_t *gid) {
        const Facts *facts = userdata;

        (void) id_map_to_inside(&facts->uid_map, *uid, uid);
        (void) id_map_to_inside(&facts->gid_map, *gid, gid);
}

/* Who the container's process is for a volume: outside of its user namespace, but for an idmapped
 * volume. */
static VolumeOwner find_process(const VolumeUse *use, const Facts *facts) {
        uint32_t uid = facts->uid, gid = facts->gid;

        if (facts->uid_map.count > 0 && !use->mount->idmap) {
                (void) id_map_to_outside(&facts->uid_map, uid, &uid);
                (void) id_map_to_outside(&facts->gid_map, gid, &gid);
        }
        return (VolumeOwner) { uid, gid };
}

static int use_volume(const VolumeUse *use, const VolumeOrigin *origin, const LockedVolume *locked, int root_fd,
                      const Facts *facts) {
        const CopyOwners inside = { translate_to_inside, facts };
        const Volume *volume = use->volume;
        VolumeFirstUse first = {
                .copy = !use->mount->no_copy && !(volume && volume->copy == NO),
                .keep_owner = (volume && volume_has_owner(volume)) || origin->may_be_chosen ||
                              (origin->path && path_keeps_owner(origin->path)),
                .process = find_process(use, facts),
                .owners = facts->uid_map.count > 0 && use->mount->idmap ? &inside : NULL,
        };
        _cleanup_close_ int source_fd = open_source(root_fd, facts_resolve(facts, use->mount->destination));

        if (source_fd < 0 && source_fd != -EBADF)
                return source_fd;
        first.source_fd = source_fd;
        return volume_use(locked, &first);
}

/* The service mounts, and fills from an image; what a container writes before would be gone from
 * sight, or keep the volume from being filled. */
static int check_service(const VolumeUse *use, const LockedVolume *locked, Diagnostics *diagnostics) {
        const Volume *volume = use->volume;
        int r;

        if (volume && volume->device)
                r = volume_is_mounted(locked);
        else if (volume && volume_is_image(volume) && (r = volume_is_new(locked)) >= 0)
                r = r == 0;
        else
                return 0;
        if (r > 0 || (r < 0 && r != -ENOENT))
                return r < 0 ? r : 0;
        return diagnose_error(diagnostics, &use->mount->where,
                              "the volume \"%s\" is not %s; use: systemctl %srestart %s",
                              use->name, volume->device ? "mounted" : "filled", places_manager_option(),
                              volume->unit_name);
}

/* What is done to a directory of the machine's through a volume is as when it is mounted itself. */
static int check_origin(const VolumeUse *use, const VolumeOrigin *origin, const Facts *facts,
                        Diagnostics *diagnostics) {
        const VolumeMount *mount = use->mount;
        bool relabels = (mount->relabel_shared || mount->relabel_private) && facts->selinux.file;
        _cleanup_free_ char *path = NULL;
        VolumeOwner process = find_process(use, facts);

        if (!origin->path || (!mount->chown && !mount->idmap && !relabels))
                return 0;
        path = mount->subpath ? path_join(origin->path, mount->subpath) : strdup(origin->path);
        if (!path)
                return -ENOMEM;
        if (mount->chown && path_keeps_owner(path))
                return diagnose_kept_owner(mount, path, diagnostics);
        if (relabels && path_keeps_label(path))
                return diagnose_kept_label(mount, path, diagnostics);
        if (!origin->may_be_chosen || (!mount->idmap && !relabels && process.uid == 0 && process.gid == 0))
                return 0;
        return volume_origin_diagnose_chosen(&mount->where, mount->chown   ? "mount option \"U\""
                                                            : mount->idmap ? "mount option \"idmap\""
                                                                           : "mount option \"z\" or \"Z\"",
                                             path, diagnostics);
}

static int open_part(const VolumeUse *use, const char *data_path) {
        _cleanup_close_ int data_fd = open(data_path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

        if (data_fd < 0)
                return -errno;
        return use->mount->subpath ? root_open(data_fd, use->mount->subpath, O_PATH) : TAKE_FD(data_fd);
}

/* Mounts the volume, or the part of it that is asked for, in the bundle, as seen in this process's
 * own mount namespace. */
static int place_volume(const VolumeUse *use, const LockedVolume *locked, const Bundle *bundle,
                        Diagnostics *diagnostics) {
        _cleanup_close_ int fd = -EBADF;
        int r;

        r = mounts_unshare(bundle->path);
        if (r < 0)
                return r;
        fd = open_part(use, locked->data_path);
        if (use->mount->subpath && fd < 0)
                return diagnose_error(diagnostics, &use->mount->where, "\"%s\" in the volume \"%s\": %s",
                                      use->mount->subpath, use->name, strerror(-fd));
        if (fd < 0)
                return fd;
        r = bundle_make_mount_point(bundle, path_basename(use->place), fd);
        return r < 0 ? r : mounts_attach(fd, use->place, true);
}

static int lock_and_use(const VolumeUse *use, const Bundle *bundle, int root_fd, const Facts *facts,
                        Diagnostics *diagnostics) {
        _cleanup_locked_volume_ LockedVolume locked = LOCKED_VOLUME_INIT;
        _cleanup_volume_origin_ VolumeOrigin origin = {};
        int r;

        r = volume_lock(use->directory, use->name, !use->mount->no_create, &locked);
        if (r == -ENOENT)
                return diagnose_error(diagnostics, &use->mount->where, "there is no volume \"%s\"", use->name);
        if (r >= 0)
                r = check_service(use, &locked, diagnostics);
        if (r >= 0)
                r = volume_origin_find(locked.data_path, &origin);
        if (r >= 0)
                r = check_origin(use, &origin, facts, diagnostics);
        if (r >= 0)
                r = volume_file_make(use->volume, &locked, diagnostics);
        if (r >= 0)
                r = use_volume(use, &origin, &locked, root_fd, facts);
        return r < 0 || !use->place ? r : place_volume(use, &locked, bundle, diagnostics);
}

static int ready(const VolumeUse *use, const Bundle *bundle, int root_fd, const Facts *facts,
                 Diagnostics *diagnostics) {
        size_t errors = diagnostics->errors;
        int r = lock_and_use(use, bundle, root_fd, facts, diagnostics);

        if (r >= 0 || r == -ENOMEM || diagnostics->errors > errors)
                return r;
        return diagnose_error(diagnostics, &use->mount->where, "the volume \"%s\" cannot be used: %s", use->name,
                              strerror(-r));
}

/* Before any is touched: whoever removes volumes looks here with the lock held. */
static int write_in_use(const VolumeUses *uses, const Bundle *bundle) {
        _cleanup_text_ Text text = {};

        for (size_t i = 0; i < uses->count; i++)
                if (uses->items[i].mount->kind != VOLUME_ANONYMOUS)
                        record_append(&text, uses->items[i].name, NULL);
        if (text.failed)
                return -ENOMEM;
        return text.length > 0 ? write_file_atomic_at(bundle->fd, IN_USE_FILE, text.data, text.length, 0600) : 0;
}

/* They go with the container, as podman's do with --rm. */
static int record_anonymous(const VolumeUses *uses, const Bundle *bundle) {
        _cleanup_free_ char *path = NULL;
        const char *directory = NULL;
        int r;

        for (size_t i = 0; i < uses->count; i++)
                if (uses->items[i].mount->kind == VOLUME_ANONYMOUS)
                        directory = uses->items[i].directory;
        if (!directory)
                return 0;
        path = path_dirname(directory);
        if (!path)
                return -ENOMEM;
        r = effects_append(bundle, EFFECT_TREE, path, NULL);
        /* A power failure leaves some behind that are on no record. */
        return r < 0 ? r : remove_tree_at(AT_FDCWD, directory);
}

int volume_uses_ready(const VolumeUses *uses, const Bundle *bundle, int root_fd, const Facts *facts,
                      Diagnostics *diagnostics) {
        int result, r;

        result = write_in_use(uses, bundle);
        if (result >= 0)
                result = record_anonymous(uses, bundle);
        for (size_t i = 0; i < uses->count && (result == 0 || result == -EREPORTED); i++) {
                r = ready(&uses->items[i], bundle, root_fd, facts, diagnostics);
                if (r < 0)
                        result = r;
        }
        return result;
}

/* Who uses them */

typedef struct Wanted {
        const char *name;
        bool found;
} Wanted;

static int compare_name(const StringList *words, void *userdata) {
        Wanted *wanted = userdata;

        wanted->found |= streq(words->items[0], wanted->name);
        return 0;
}

int volume_find_users(const char *name, StringList *ids) {
        _cleanup_closedir_ DIR *bundles = NULL;
        const struct dirent *entry;
        int r;

        r = directory_open(place_path(PLACE_BUNDLES), &bundles);
        if (r < 0)
                return r == -ENOENT ? 0 : r;
        while ((r = directory_next(bundles, &entry)) > 0) {
                _cleanup_free_ char *path = path_join(entry->d_name, IN_USE_FILE);
                Wanted wanted = { .name = name };

                if (!path)
                        return -ENOMEM;
                if (entry->d_name[0] == '.')
                        continue;
                r = record_read(dirfd(bundles), path, false, compare_name, &wanted);
                if (r >= 0 && wanted.found)
                        r = string_list_add(ids, entry->d_name);
                if (r < 0 && r != -ENOENT && r != -ENOTDIR)
                        return r;
        }
        return r;
}

void volume_uses_done(VolumeUses *uses) {
        for (size_t i = 0; i < uses->count; i++)
                volume_use_done(&uses->items[i]);
        uses->items = x_free(uses->items);
        uses->count = uses->allocated = 0;
}
