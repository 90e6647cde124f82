/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Gathers the facts about this machine. */
#include "start/gather/gather.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "basic/files.h"
#include "basic/path.h"
#include "basic/process.h"
#include "basic/root.h"
#include "basic/text.h"
#include "basic/words.h"
#include "host/bundle.h"
#include "host/cgroup.h"
#include "host/devices.h"
#include "host/environment-file.h"
#include "host/unit/unit.h"
#include "host/user/user-root.h"
#include "host/users.h"
#include "kind/container/container-id-maps.h"
#include "network/names.h"
#include "oci/container-uuid.h"
#include "source/places.h"
#include "source/trusted-file.h"
#include "source/unit-name.h"
#include "start/cdi/cdi.h"
#include "start/default-mounts.h"
#include "start/device-nodes.h"
#include "start/gather/gather-steps.h"
#include "start/hooks.h"
#include "start/idmapped.h"
#include "start/notify-socket.h"
#include "start/rootfs.h"
#include "start/user-namespace.h"
#include "start/user/user-reach.h"
#include "volume/host-sources.h"
#include "volume/volume-sources.h"

/* Far more than a profile that names every system call by itself. */
enum { SECCOMP_PROFILE_MAX = 1024 * 1024 };

/* Which key names the user or group that is missing; NULL is an error about all of them. */
static Location user_where(const Container *container, const char *missing) {
        KeyId key = KEY_Container_User;
        Location where;

        if (missing && missing == container->group)
                key = KEY_Container_Group;
        else if (missing && missing != container->user && container->group_add.count > 0)
                key = KEY_Container_GroupAdd;
        where = container_where(container, key);
        return where.file ? where : container_where(container, KEY_Container_Image); /* the image's own user */
}

static int report_no_user(int error, const Container *container, const char *missing, Diagnostics *diagnostics) {
        Location where = user_where(container, missing);

        switch (error) {
        case -ESRCH:
                return diagnose_error(diagnostics, &where,
                                      "no user or group \"%s\" in the container's root file system", missing);
        case -ERANGE:
                return diagnose_error(diagnostics, &where, "\"%s\" is too large for a user or group ID", missing);
        case -E2BIG:
                return diagnose_error(diagnostics, &where,
                                      "the container's /etc/group has the user in more groups than a process can be "
                                      "in");
        case -ENOMEM:
                return error;
        default:
                return diagnose_error(diagnostics, &where, "cannot read the container's /etc/passwd and /etc/group: %s",
                                      strerror(-error));
        }
}

static int check_user_is_mapped(const Container *container, const ContainerUser *user, const Facts *facts,
                                Diagnostics *diagnostics) {
        Location where = container->user ? container_where(container, KEY_Container_User)
                                         : user_namespace_place(container);
        uint32_t outside;

        if (facts_uid_outside(facts, user->uid, &outside) >= 0 && facts_gid_outside(facts, user->gid, &outside) >= 0)
                return 0;
        return diagnose_error(diagnostics, &where,
                              "the user %u:%u is not mapped in the container's user namespace", user->uid, user->gid);
}

static int gather_user(const Container *container, const GatherInput *input, Facts *facts, Diagnostics *diagnostics) {
        _cleanup_container_user_ ContainerUser user = {};
        _cleanup_free_ char *kept = NULL;
        UserRequest request = { .user = container->user,
                                .group = container->group,
                                .group_add = container_keeps_groups(container) ? NULL : &container->group_add };
        const char *missing = NULL;
        uint32_t uid, gid;
        int r;

        if (!container->user && container_kept_user(container, 0, 0, &uid, &gid)) {
                request.user = kept = text_format("%u:%u", uid, gid);
                if (!kept)
                        return -ENOMEM;
        }
        r = users_lookup(input->root_fd, &request, &user, &missing);
        if (r < 0)
                return report_no_user(r, container, missing, diagnostics);
        r = check_user_is_mapped(container, &user, facts, diagnostics);
        if (r < 0)
                return r;
        facts->uid = user.uid;
        facts->gid = user.gid;
        free(facts->groups.items);
        facts->groups = (FactIds) { .items = TAKE_PTR(user.groups), .count = user.group_count };
        return set_string(&facts->home, TAKE_PTR(user.home));
}

/* podman, too, refuses a bind mount of what is not there. */
static int gather_host_sources(const Container *container, const GatherInput *input, Facts *facts,
                               Diagnostics *diagnostics) {
        return host_sources_gather(container, input->bundle_path, facts, diagnostics);
}

static int gather_volumes(const Container *container, const GatherInput *input, Facts *facts,
                          Diagnostics *diagnostics) {
        return volume_uses_find(container, input->id, input->bundle_path, facts, input->volumes, diagnostics);
}

static int gather_environment(const Container *container, const GatherInput *input, Facts *facts,
                              Diagnostics *diagnostics) {
        char *const *environment = input->environment ?: environ;
        bool wanted = container->environment_host || container->http_proxy != NO;
        int result = 0;

        /* systemd's is UTF-8 throughout, and JSON can hold nothing else. */
        for (size_t i = 0; wanted && environment[i] && result == 0; i++)
                if (environment[i][0] != '=' && strchr(environment[i], '=') &&
                    utf8_is_valid(environment[i], strlen(environment[i])))
                        result = string_list_add(&facts->host_environment, environment[i]);
        for (size_t i = 0; i < container->environment_files.count; i++) {
                const EnvironmentFile *file = &container->environment_files.items[i];
                result = worse(result, environment_file_read(file->path, file->optional, &file->where,
                                                             &facts->file_environment, diagnostics));
        }
        return result;
}

static int gather_devices(const Container *container, const GatherInput *input, Facts *facts,
                          Diagnostics *diagnostics) {
        int r = devices_gather(&container->devices, &facts->devices, diagnostics);

        if (r == 0 || r == -EREPORTED)
                r = worse(r, cdi_gather(&container->devices, input->root_fd, facts, diagnostics));
        if (container->privileged)
                r = worse(r, devices_gather_all(&facts->devices));
        return worse(r, device_nodes_gather(input->bundle_path, facts));
}

static int gather_hooks(const Container *container, const GatherInput *input _unused_, Facts *facts,
                        Diagnostics *diagnostics) {
        return hooks_gather(container, &facts->hooks, diagnostics);
}

static int gather_init(const Container *container, const GatherInput *input _unused_, Facts *facts,
                       Diagnostics *diagnostics) {
        static const char *const candidates[] = {
                "catatonit",
                "/usr/libexec/podman/catatonit",
                "/usr/lib/podman/catatonit",
                "/usr/libexec/catatonit/catatonit",
        };
        Location where = container_where(container, KEY_Container_RunInit);

        if (!container->run_init)
                return 0;
        for (size_t i = 0; i < ARRAY_SIZE(candidates); i++) {
                _cleanup_free_ char *found = NULL;
                int r = process_find(candidates[i], &found);

                if (r == -ENOMEM)
                        return r;
                if (r >= 0)
                        return set_string(&facts->init_program, TAKE_PTR(found));
        }
        return diagnose_error(diagnostics, &where, "RunInit= needs the program catatonit, which is not installed");
}

static int gather_seccomp_profile(const Container *container, const GatherInput *input _unused_, Facts *facts,
                                  Diagnostics *diagnostics) {
        const char *path = container->seccomp_profile;
        Location where = container_where(container, KEY_Container_SeccompProfile);
        _cleanup_free_ char *text = NULL;
        size_t size;
        int r;

        if (!path || streq(path, "unconfined"))
                return 0;
        r = trusted_file_check(path, &where, diagnostics);
        if (r < 0)
                return r;
        r = read_file_at(AT_FDCWD, path, SECCOMP_PROFILE_MAX, &text, &size);
        if (r == -ENOMEM)
                return r;
        if (r == -EINVAL)
                return diagnose_error(diagnostics, &where, "\"%s\": not a regular file", path);
        if (r < 0)
                return diagnose_error(diagnostics, &where, "\"%s\": %s", path, strerror(-r));
        if (strlen(text) != size)
                return diagnose_error(diagnostics, &where, "\"%s\": not a text", path);
        return set_string(&facts->seccomp_profile, TAKE_PTR(text));
}

static int copy_map(const IdMap *from, IdMap *to) {
        int r = 0;

        for (size_t i = 0; i < from->count && r == 0; i++)
                r = id_map_add(to, from->items[i]);
        return r;
}

static int gather_namespaces(const Container *container, const GatherInput *input, Facts *facts,
                             Diagnostics *diagnostics) {
        Location where = user_namespace_place(container);
        uint32_t outside;
        const Namespaces *namespaces = input->namespaces;
        int r = 0;

        for (OciNamespace i = 0; i < _OCI_NAMESPACE_COUNT && r == 0; i++)
                if (namespaces->paths[i])
                        r = set_string(&facts->namespaces[i], strdup(namespaces->paths[i]));
        if (r == 0 && namespaces->host_name)
                r = set_string(&facts->joined_host_name, strdup(namespaces->host_name));
        if (r == 0 && namespaces->shm_path)
                r = set_string(&facts->joined_shm, strdup(namespaces->shm_path));
        if (r == 0)
                r = copy_map(&namespaces->uids, &facts->uid_map);
        if (r == 0)
                r = copy_map(&namespaces->gids, &facts->gid_map);
        if (r < 0)
                return r;
        /* The runtime sets the container up as its root, and gives up without saying why. */
        if (facts_uid_outside(facts, 0, &outside) < 0 || facts_gid_outside(facts, 0, &outside) < 0)
                return diagnose_error(diagnostics, &where,
                                      "the user namespace has no root: 0 is not mapped as a user and as a group ID");
        return 0;
}

static int gather_mapped(const Container *container, const GatherInput *input, Facts *facts,
                         Diagnostics *diagnostics _unused_) {
        return idmapped_gather(container, input->bundle_path, facts);
}

static int gather_confinement(const Container *container _unused_, const GatherInput *input, Facts *facts,
                              Diagnostics *diagnostics _unused_) {
        facts->selinux = input->confinement->selinux;
        input->confinement->selinux = (FactLabels) {};
        facts->apparmor = input->confinement->apparmor;
        return 0;
}

static int gather_overlays(const Container *container, const GatherInput *input, Facts *facts,
                           Diagnostics *diagnostics _unused_) {
        int r = volume_sources_gather(container, input->bundle_path, facts);

        return r < 0 ? r : facts_add_image_mounts(facts, container, input->bundle_path);
}

static int gather_default_mounts(const Container *container, const GatherInput *input, Facts *facts,
                                 Diagnostics *diagnostics) {
        return default_mounts_gather(container, input->root_fd, input->bundle_path, facts, input->default_mounts,
                                     diagnostics);
}

static int gather_secrets(const Container *container, const GatherInput *input, Facts *facts,
                          Diagnostics *diagnostics) {
        return secrets_gather(container, input->root_fd, input->bundle_path, facts, input->secrets, diagnostics);
}

static int gather_files(const Container *container, const GatherInput *input, Facts *facts, Diagnostics *diagnostics) {
        return generated_files_make(container, input->root_fd, input->bundle_path, facts, input->files, diagnostics);
}

static int gather_notify_socket(const Container *container, const GatherInput *input, Facts *facts,
                                Diagnostics *diagnostics) {
        return notify_socket_gather(container, input->root_fd, input->bundle_path, facts, diagnostics);
}

int facts_gather_at(const Container *container, const GatherInput *input, Facts *ret, Diagnostics *diagnostics) {
        static int (*const steps[])(const Container *, const GatherInput *, Facts *, Diagnostics *) = {
                gather_machine,      gather_namespaces,      gather_networks,       gather_user,
                check_kernel_places,
                gather_destinations, gather_host_sources,    check_working_dir,     gather_volumes,
                gather_mapped,       gather_environment,     gather_devices,        gather_hooks,
                gather_init,         gather_seccomp_profile, gather_confinement,    gather_overlays,
                gather_secrets,      gather_files,           gather_default_mounts,
                gather_notify_socket, gather_system_call_sets, gather_default_sysctls,
        };
        _cleanup_facts_ Facts facts = {};
        int result = 0;

        /* What is wrong with the file is told in one go; only a machine that does not answer ends
         * it at once. */
        for (size_t i = 0; i < ARRAY_SIZE(steps) && (result == 0 || result == -EREPORTED); i++)
                result = worse(result, steps[i](container, input, &facts, diagnostics));
        if (result < 0)
                return result;
        *ret = facts;
        facts = (Facts) {};
        return 0;
}

/* An fd of the root file system as it is: the image that the caller has opened, or the
 * directory. */
static int open_root(const Container *container, int image_fd, Diagnostics *diagnostics) {
        Location where = container_where(container, KEY_Container_Rootfs);
        int fd = container->image ? fcntl(image_fd, F_DUPFD_CLOEXEC, 0)
                                  : open(container->rootfs.path, O_PATH | O_DIRECTORY | O_CLOEXEC);

        if (fd >= 0 || container->image)
                return fd < 0 ? -errno : fd;
        return diagnose_error(diagnostics, &where, "the root file system \"%s\" cannot be opened as a directory: %s",
                              container->rootfs.path, strerror(errno));
}

/* Where the manager has a container whose file has no Slice=. */
static char *usual_group(const Container *container) {
        uint32_t uid, gid;

        if (!container->of_user)
                return text_format("/system.slice/system-container.slice/%s", container->unit_name);
        user_root_own_ids(&uid, &gid);
        return text_format("/user.slice/user-%u.slice/user@%u.service/app.slice/app-container.slice/%s", uid, uid,
                           container->unit_name);
}

int facts_gather(const Container *container, int image_fd, Facts *ret, Diagnostics *diagnostics) {
        _cleanup_close_ int root_fd = open_root(container, image_fd, diagnostics);
        _cleanup_free_ char *control_group = usual_group(container);
        _cleanup_free_ char *id = container_id_for(container->stem),
                            *bundle_path = id ? path_join(place_path(PLACE_BUNDLES), id) : NULL;
        _cleanup_free_ char *mount_point = bundle_path ? path_join(bundle_path, ROOTFS_MOUNT_POINT) : NULL;
        _cleanup_generated_files_ GeneratedFiles files = {};
        _cleanup_namespaces_ Namespaces namespaces = NAMESPACES_INIT;
        _cleanup_volume_uses_ VolumeUses volumes = {};
        _cleanup_confinement_ Confinement confinement = {};
        _cleanup_string_list_ StringList default_mounts = {}, environment = {};
        GatherInput input = {
                .rootfs_path = container->image || container->rootfs.overlay || container->rootfs.idmap
                                               ? mount_point
                                               : container->rootfs.path,
                .root_fd = root_fd,
                .control_group = control_group,
                .bundle_path = bundle_path,
                .namespaces = &namespaces,
                .id = id,
                .confinement = &confinement,
                .default_mounts = &default_mounts,
                .files = &files,
                .volumes = &volumes,
        };
        int r;

        if (!control_group || !mount_point)
                return -ENOMEM;
        if (root_fd < 0)
                return root_fd;
        /* Where no systemd answers, there is nothing better than one's own. */
        if (unit_get_environment(container->unit_name, &environment) >= 0 && environment.count > 0)
                input.environment = environment.items;
        r = namespaces_open(container, diagnostics, &namespaces);
        /* Where a start mounts it. */
        if (r == 0 && namespaces.shm_fd >= 0 && !namespaces.shm_path) {
                namespaces.shm_path = path_join(bundle_path, "shm");
                r = namespaces.shm_path ? 0 : -ENOMEM;
        }
        if (r == 0)
                r = user_namespace_find_maps(container, &root_fd, 1, NULL, diagnostics, &namespaces.uids,
                                             &namespaces.gids);
        if (r == 0)
                r = confinement_find(container, id, NULL, &confinement, diagnostics);
        if (r >= 0)
                r = facts_gather_at(container, &input, ret, diagnostics);
        return r < 0 ? r : user_reach_name(bundle_path, ret);
}
