/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The mounts that the file asks for. */
#include "oci/user-mounts.h"

#include <assert.h>
#include <errno.h>

#include "basic/path.h"
#include "kind/container/container-mounts.h"

static const char *const propagation_names[] = {
        [PROPAGATION_PRIVATE] = "private",       [PROPAGATION_RPRIVATE] = "rprivate",
        [PROPAGATION_SHARED] = "shared",         [PROPAGATION_RSHARED] = "rshared",
        [PROPAGATION_SLAVE] = "slave",           [PROPAGATION_RSLAVE] = "rslave",
        [PROPAGATION_UNBINDABLE] = "unbindable", [PROPAGATION_RUNBINDABLE] = "runbindable",
};

/* Adds a mount at the resolved `destination`. Returns 1 with `ret`, 0 when it cannot be there
 * (reported), or -ENOMEM. */
static int add_user_mount(SpecBuild *build, const char *destination, const char *type, const char *source,
                          const Location *where, OciMount **ret) {
        const char *resolved = facts_resolve(build->facts, destination);
        const StringList *masked = &build->masked_paths;
        OciMount *mount;

        if (mount_list_find(&build->mounts, resolved)) {
                diagnose_error(build->diagnostics, where, "there is another mount at %s", resolved);
                return 0;
        }
        for (size_t i = 0; i < masked->count; i++)
                if (path_is_below(resolved, masked->items[i])) {
                        diagnose_error(build->diagnostics, where, "a mount at %s would be hidden: it needs Unmask=%s",
                                       resolved, masked->items[i]);
                        return 0;
                }
        if (mount_list_add(&build->mounts, resolved, type, source, "", &mount) < 0)
                return -ENOMEM;
        mount->by_user = true;
        mount->where = *where;
        *ret = mount;
        return 1;
}

/* `yes` or `no`, or nothing when the file says neither. */
static int add_choice(StringList *options, TriState state, const char *yes, const char *no) {
        return state == UNSET ? 0 : string_list_add(options, state == YES ? yes : no);
}

/* What is not said stays as the source's mount has it, which runtimes change otherwise; and what is
 * in a volume of ours is no way to a device or to another user's ID, as with podman. */
static TriState choose(const Facts *facts, const VolumeMount *volume, TriState said, const char *no) {
        bool named = volume->kind != VOLUME_HOST_PATH && !streq(no, "noexec");

        if (said != UNSET)
                return said;
        return named || facts_volume_has_flag(facts, volume, no) ? NO : UNSET;
}

static int volume_options(const Facts *facts, const VolumeMount *volume, StringList *options) {
        bool recursive = volume->recursive != NO;
        const char *propagation = recursive ? "rprivate" : "private";
        int r;

        if (volume->propagation != PROPAGATION_UNSET)
                propagation = propagation_names[volume->propagation];
        if ((r = string_list_add(options, recursive ? "rbind" : "bind")) < 0 ||
            (r = string_list_add(options, propagation)) < 0 ||
            (r = string_list_add(options, volume->read_only == YES ? "ro" : "rw")) < 0 ||
            (r = add_choice(options, choose(facts, volume, volume->suid, "nosuid"), "suid", "nosuid")) < 0 ||
            (r = add_choice(options, choose(facts, volume, volume->dev, "nodev"), "dev", "nodev")) < 0)
                return r;
        return add_choice(options, choose(facts, volume, volume->exec, "noexec"), "exec", "noexec");
}

static int add_volume(SpecBuild *build, const VolumeMount *volume) {
        const char *source = facts_find_mapped(build->facts, volume)
                ?: facts_find_overlay(build->facts, volume)
                ?: facts_volume_source(build->facts, volume);
        OciMount *mount;
        int r;

        assert(source);
        r = add_user_mount(build, volume->destination, "bind", source, &volume->where, &mount);
        return r <= 0 ? r : volume_options(build->facts, volume, &mount->options);
}

/* Adds `fallback` unless the file has one of the `options`. */
static int add_fallback(StringList *list, const char *const options[], const char *fallback) {
        for (size_t i = 0; options[i]; i++)
                if (string_list_contains(list, options[i]))
                        return 0;
        return string_list_add(list, fallback);
}

/* "U": the owner of what is mounted anew is set by the mount. */
static int own_tmpfs(const Facts *facts, StringList *options) {
        int r = 0;

        if (!string_list_contains(options, "U"))
                return 0;
        string_list_remove(options, "U");
        if (!string_list_value(options, "uid"))
                r = string_list_addf(options, "uid=%u", facts->uid);
        if (r == 0 && !string_list_value(options, "gid"))
                r = string_list_addf(options, "gid=%u", facts->gid);
        return r;
}

static int tmpfs_options(const Facts *facts, const TmpfsMount *tmpfs, StringList *options) {
        static const char *const propagations[] = {
                "private", "rprivate", "shared", "rshared", "slave", "rslave", "unbindable", "runbindable", NULL,
        };
        int r;

        if ((r = string_list_extend(options, &tmpfs->options)) < 0 ||
            (r = own_tmpfs(facts, options)) < 0 ||
            (r = add_fallback(options, (const char *const[]) { "rw", "ro", NULL }, "rw")) < 0 ||
            (r = add_fallback(options, propagations, "rprivate")) < 0 ||
            (r = add_fallback(options, (const char *const[]) { "suid", "nosuid", NULL }, "nosuid")) < 0 ||
            (r = add_fallback(options, (const char *const[]) { "dev", "nodev", NULL }, "nodev")) < 0 ||
            (r = add_fallback(options, (const char *const[]) { "tmpcopyup", "notmpcopyup", NULL }, "tmpcopyup")) < 0)
                return r;
        string_list_remove(options, "notmpcopyup"); /* podman's; the runtimes know the other one only */
        return 0;
}

static int add_tmpfs(SpecBuild *build, const TmpfsMount *tmpfs) {
        OciMount *mount;
        int r = add_user_mount(build, tmpfs->destination, "tmpfs", "tmpfs", &tmpfs->where, &mount);

        return r <= 0 ? r : tmpfs_options(build->facts, tmpfs, &mount->options);
}

/* An image is read-only, unless the file wants what is written to be thrown away. A device node in
 * it is no way to the device. */
static int add_image(SpecBuild *build, const Mount *mount) {
        const char *source = facts_find_image_mount(build->facts, mount);
        OciMount *added;
        int r;

        assert(source);
        r = add_user_mount(build, mount->destination, "bind", source, &mount->where, &added);
        if (r <= 0 || (r = string_list_add(&added->options, "bind")) < 0 ||
            (r = string_list_add(&added->options, "rprivate")) < 0 ||
            (r = string_list_add(&added->options, string_list_contains(&mount->options, "rw") ? "rw" : "ro")) < 0)
                return r;
        return string_list_add(&added->options, "nodev");
}

/* A file system of the kernel's that has no key of its own. Its options are as written, as podman
 * has it, save that a devpts has nothing to run. */
static int add_mount(SpecBuild *build, const Mount *mount) {
        static const char *const types[] = { "devpts", "ramfs" };
        OciMount *added;
        int r;

        if (mount_is(mount, "image"))
                return add_image(build, mount);
        for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
                if (!mount_is(mount, types[i]))
                        continue;
                r = add_user_mount(build, mount->destination, types[i], types[i], &mount->where, &added);
                if (r <= 0 || (r = string_list_extend(&added->options, &mount->options)) < 0 || i > 0)
                        return r;
                r = string_list_add(&added->options, "nosuid");
                return r < 0 ? r : string_list_add(&added->options, "noexec");
        }
        return 0;
}

int add_user_mounts(SpecBuild *build) {
        const Container *container = build->container;
        int r = 0;

        for (size_t i = 0; i < container->volumes.count && r >= 0; i++)
                r = add_volume(build, &container->volumes.items[i]);
        for (size_t i = 0; i < container->tmpfs.count && r >= 0; i++)
                r = add_tmpfs(build, &container->tmpfs.items[i]);
        for (size_t i = 0; i < container->mounts.count && r >= 0; i++)
                r = add_mount(build, &container->mounts.items[i]);
        return r < 0 ? r : 0;
}
