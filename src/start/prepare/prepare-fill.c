/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Fills the bundle: namespaces, the root, what is mounted below it, and config.json. */
#include "start/prepare/prepare-parts.h"

#include <errno.h>

#include "basic/files.h"
#include "basic/json.h"
#include "basic/log.h"
#include "basic/path.h"
#include "host/log/pipe-label.h"
#include "host/mounts.h"
#include "host/throw-away.h"
#include "host/user/user-root.h"
#include "oci/oci-namespaces.h"
#include "oci/oci-spec.h"
#include "source/places.h"
#include "start/checkpoint/former.h"
#include "start/default-mounts.h"
#include "start/device-nodes.h"
#include "start/gather/gather.h"
#include "start/hooks.h"
#include "start/idmapped.h"
#include "start/image-mounts.h"
#include "start/image-root.h"
#include "start/networking.h"
#include "start/notify-socket.h"
#include "start/null-device.h"
#include "start/passed-sockets.h"
#include "start/powers.h"
#include "start/root/mount-points.h"
#include "start/root/mtab.h"
#include "start/rootfs.h"
#include "start/user-namespace.h"
#include "start/user/mapped-layers.h"
#include "start/user/user-reach.h"
#include "volume/volume-sources.h"

/* For a process that has nothing else to do than to prepare. */
static int give_up(const Prepared *prepared, int (*to)(uint64_t powers), uint64_t powers) {
        int r = prepared->alone ? to(powers) : 0;

        return r < 0 ? log_error_errno(r, "Failed to give up capabilities: %m") : 0;
}

static int open_root(const Root *root, const Bundle *bundle, const char *label, RootParts *parts) {
        _cleanup_free_ char *message = NULL;
        int r = rootfs_open(root, bundle, label, parts, &message);

        if (r < 0)
                return log_error_errno(r, message ? "Failed to open the root file system %s: %s"
                                                  : "Failed to open the root file system %s: %m",
                                       root->source, message);
        return 0;
}

static int use_mapped_layers(const Root *root, const Bundle *bundle, const Namespaces *namespaces,
                             const Location *where, Diagnostics *diagnostics, RootParts *parts) {
        int r = mapped_layers_use(root->manifest, &namespaces->uids, &namespaces->gids, bundle, parts);

        if (r == -ERANGE)
                return diagnose_error(diagnostics, where,
                                      "the image has files of users or groups that the container's user namespace does "
                                      "not map");
        return r;
}

static int tell_mount_failure(const Root *root, int r) {
        _cleanup_free_ char *reason = rootfs_is_overlay(root) ? throw_away_reason(r) : NULL;

        return log_error_errno(r, reason ? "Failed to mount the root file system %s: %s"
                                         : "Failed to mount the root file system %s: %m",
                               root->source, reason);
}

/* Returns an fd of the root. */
static int mount_root(const Container *container, const Root *root, const Bundle *bundle, RootParts *parts,
                      const Namespaces *namespaces, const char *label, Diagnostics *diagnostics) {
        Location where = container_where(container, container->image ? KEY_Container_Image : KEY_Container_Rootfs);
        _cleanup_close_ int namespace_fd = -EBADF;
        int r;

        if (root->idmap && root->kind == ROOT_LAYERS && container->of_user) {
                r = use_mapped_layers(root, bundle, namespaces, &where, diagnostics, parts);
                if (r < 0)
                        return log_failure(r, "copy the image for the IDs of", container->stem);
        } else if (root->idmap) {
                r = namespace_fd = idmapped_open(namespaces, container->rootfs.idmap_mapping, &where, diagnostics);
                if (r >= 0)
                        r = idmapped_diagnose(rootfs_idmap(root, bundle, namespace_fd, parts), root->source, &where,
                                              diagnostics);
                if (r < 0)
                        return log_failure(r, "map the IDs of", container->stem);
        }
        r = rootfs_mount(root, bundle, parts, label);
        return r < 0 ? tell_mount_failure(root, r) : r;
}

static int write_spec(const Container *container, const Facts *facts, const Bundle *bundle, int root_fd,
                      Diagnostics *diagnostics) {
        _cleanup_json_object_ json_object *spec = NULL;
        _cleanup_free_ char *text = NULL;
        int r;

        r = oci_spec_build(container, facts, diagnostics, &spec);
        if (r >= 0)
                r = hooks_run_precreate(bundle, &spec, diagnostics);
        if (r >= 0)
                r = mount_points_make(spec, root_fd, facts);
        if (r < 0)
                return r;
        text = oci_spec_to_text(spec, false);
        if (!text)
                return -ENOMEM;
        return write_file_atomic_at(bundle->fd, "config.json", text, strlen(text), 0600);
}

static int get_namespaces(const Container *container, const Bundle *bundle, const RootParts *parts,
                          const Former *former, const char *label, Diagnostics *diagnostics, Namespaces *namespaces,
                          Networking *networking) {
        /* The network namespace has to be one of the container's user namespace. */
        bool later = has_user_namespace(container, &(Facts) {});
        int r;

        r = namespaces_open(container, diagnostics, namespaces);
        if (r < 0)
                return log_failure(r, "find the namespaces of", container->stem);
        r = former_restore_shm(former, container, bundle, label, namespaces);
        if (r < 0)
                return log_failure(r, "restore /dev/shm of", container->stem);
        networking->former = former;
        r = networking_prepare(container, bundle, later, diagnostics, networking);
        if (r < 0)
                return log_failure(r, "make the networks of", container->stem);
        if (networking->namespace_fd >= 0)
                namespaces->fds[OCI_NAMESPACE_NETWORK] = TAKE_FD(networking->namespace_fd);
        r = namespaces_pin(namespaces, bundle);
        if (r < 0)
                return log_failure(r, "mount the namespaces of", container->stem);
        r = user_namespace_find_maps(container, parts->fds, parts->count, bundle, diagnostics, &namespaces->uids,
                                     &namespaces->gids);
        return r < 0 ? log_failure(r, "find user and group IDs for", container->stem) : 0;
}

/* An image's owners are those that its author had in mind, and so the container's, as podman has
 * it. */
static int find_root(const Container *container, const ImageUse *image, Diagnostics *diagnostics, Root *ret) {
        int r;

        if (!container->image) {
                r = rootfs_find(container, diagnostics, ret);
                return r < 0 ? log_failure(r, "look at the root file system of", container->stem) : 0;
        }
        *ret = (Root) {
                .kind = ROOT_LAYERS,
                .source = container->image,
                .layer_fds = image->layer_fds,
                .layer_count = image->layer_count,
                .manifest = image->manifest,
                .idmap = has_user_namespace(container, &(Facts) {}),
        };
        return 0;
}

/* What IDs that are not the machine's ask for: mounts that show other owners, and that the
 * container's root gets to what is its own. */
static int fit_user_namespace(const Container *container, const Prepared *prepared, const Namespaces *namespaces,
                              const Facts *facts, Diagnostics *diagnostics) {
        const Bundle *bundle = &prepared->bundle;
        int r;

        r = idmapped_mount(container, namespaces, bundle, facts, diagnostics);
        if (r < 0)
                return log_failure(r, "mount the volumes of", container->stem);
        if (prepared->root_gid != 0)
                r = bundle_open_to_group(bundle, prepared->root_gid);
        if (r == 0 && prepared->root_uid != 0 && !user_root_is_entered())
                r = null_device_make(bundle);
        return r < 0 ? log_failure(r, "give the root of a user namespace what is its own in", container->stem) : 0;
}

/* Makes what is mounted besides the root. */
static int fill_places(const Container *container, const ImageMounts *mounts, const Prepared *prepared,
                       const GatherInput *input, const Facts *facts, Diagnostics *diagnostics) {
        const char *label = input->confinement->labels.mount;
        int r;

        r = container->image ? make_image_directories(container, input->root_fd, facts, diagnostics) : 0;
        if (r < 0)
                return log_failure(r, "make the directories of the image of", container->stem);
        mtab_make(input->root_fd, facts);
        r = image_mounts_mount(mounts, input->namespaces, &prepared->bundle, facts, label, diagnostics);
        if (r < 0)
                return log_failure(r, "mount images for", container->stem);
        r = volume_uses_ready(input->volumes, &prepared->bundle, input->root_fd, facts, diagnostics);
        if (r < 0)
                return log_failure(r, "make the volumes of", container->stem);
        r = generated_files_write(input->files, facts, prepared->bundle.fd, label);
        if (r < 0)
                return log_failure(r, "write the generated files of", container->stem);
        r = volume_sources_ready(container, &prepared->bundle, facts, label, diagnostics);
        if (r < 0)
                return log_failure(r, "make the volumes of", container->stem);
        r = default_mounts_copy(input->default_mounts, &prepared->bundle, facts, label, diagnostics);
        if (r < 0)
                return log_failure(r, "copy the default mounts of", container->stem);
        r = device_nodes_make(&prepared->bundle, facts, label);
        if (r < 0)
                return log_failure(r, "make the devices of", container->stem);
        r = notify_socket_label(container, &prepared->bundle, &input->confinement->labels, diagnostics);
        if (r < 0)
                return log_failure(r, "label the notification socket of", container->stem);
        passed_sockets_check(container, input->confinement->labels.process, diagnostics);
        r = pipe_label_note(&prepared->bundle, label);
        if (r < 0)
                return log_failure(r, "note down the label of", container->stem);
        r = secrets_place(input->secrets, &prepared->bundle, label);
        if (r < 0)
                return log_failure(r, "write the secrets of", container->stem);
        return fit_user_namespace(container, prepared, input->namespaces, facts, diagnostics);
}

int prepare_fill_bundle(const Container *container, const Images *images, Prepared *prepared,
                        Diagnostics *diagnostics) {
        _cleanup_root_parts_ RootParts parts = {};
        _cleanup_close_ int root_fd = -EBADF;
        _cleanup_free_ char *path = NULL;
        _cleanup_namespaces_ Namespaces namespaces = NAMESPACES_INIT;
        _cleanup_networking_ Networking networking = NETWORKING_INIT;
        _cleanup_generated_files_ GeneratedFiles files = {};
        _cleanup_volume_uses_ VolumeUses volumes = {};
        _cleanup_confinement_ Confinement confinement = {};
        _cleanup_secrets_ Secrets secrets = {};
        _cleanup_string_list_ StringList default_mounts = {};
        _cleanup_facts_ Facts facts = {};
        _cleanup_former_ Former former = FORMER_INIT;
        GatherInput input;
        Root root;
        int r;

        r = find_root(container, &images->own, diagnostics, &root);
        if (r >= 0 && prepared->wakes) {
                r = former_find(&prepared->bundle, &former);
                if (r < 0)
                        log_error_errno(r, "Failed to read the checkpoint of %s: %m", container->stem);
        }
        if (r < 0)
                return r;
        root.former_upper = former.upper;
        path = rootfs_path(&root, &prepared->bundle);
        if (!path)
                return log_oom();
        r = confinement_find(container, prepared->bundle.id, &prepared->bundle, &confinement, diagnostics);
        if (r < 0)
                return log_failure(r, "look at SELinux and AppArmor for", container->stem);
        r = open_root(&root, &prepared->bundle, confinement.labels.mount, &parts);
        if (r >= 0)
                r = get_namespaces(container, &prepared->bundle, &parts, &former, confinement.labels.mount, diagnostics,
                                   &namespaces, &networking);
        if (r < 0)
                return r;
        root_fd = mount_root(container, &root, &prepared->bundle, &parts, &namespaces, confinement.labels.mount,
                             diagnostics);
        if (root_fd < 0)
                return root_fd;
        r = give_up(prepared, privileges_limit, FILL_POWERS);
        if (r < 0)
                return r;
        input = (GatherInput) {
                .rootfs_path = path,
                .root_fd = root_fd,
                .control_group = prepared->unit_group,
                .bundle_path = prepared->bundle.path,
                .namespaces = &namespaces,
                .networking = &networking,
                .id = prepared->bundle.id,
                .confinement = &confinement,
                .secrets = &secrets,
                .default_mounts = &default_mounts,
                .files = &files,
                .volumes = &volumes,
        };
        r = facts_gather_at(container, &input, &facts, diagnostics);
        if (r < 0)
                return log_failure(r, "look at this machine for", container->stem);
        (void) facts_uid_outside(&facts, 0, &prepared->root_uid);
        (void) facts_gid_outside(&facts, 0, &prepared->root_gid);
        r = fill_places(container, &images->mounts, prepared, &input, &facts, diagnostics);
        if (r >= 0) {
                r = user_reach_make(&prepared->bundle, &facts);
                if (r < 0)
                        log_error_errno(r, "Failed to show %s its bundle: %m", container->stem);
        }
        if (r >= 0)
                /* Precreate hooks are still to be run, with all of it. */
                r = give_up(prepared, facts.hooks.count > 0 ? privileges_limit : privileges_keep, NO_POWERS);
        if (r < 0)
                return r;
        r = write_spec(container, &facts, &prepared->bundle, root_fd, diagnostics);
        if (r < 0)
                return log_failure(r, "write the configuration of", container->stem);
        return 0;
}
