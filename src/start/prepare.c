/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The first half of a start: from the file and the machine to a bundle. */
#include "start/prepare.h"

#include <errno.h>

#include "basic/files.h"
#include "basic/json.h"
#include "basic/log.h"
#include "basic/path.h"
#include "health/health-file.h"
#include "health/health-run.h"
#include "host/cgroup.h"
#include "host/mounts.h"
#include "host/runtime.h"
#include "host/unit/unit.h"
#include "host/unit/instance-limits.h"
#include "host/unit/unit-connection.h"
#include "host/user/user-root.h"
#include "kind/container/container-of-user.h"
#include "kind/container/container-socket.h"
#include "kind/load.h"
#include "kind/pod-container.h"
#include "oci/control-group.h"
#include "oci/oci-namespaces.h"
#include "oci/oci-spec.h"
#include "start/default-mounts.h"
#include "start/device-nodes.h"
#include "start/gather/gather.h"
#include "start/globs.h"
#include "start/hooks.h"
#include "start/idmapped.h"
#include "start/image-mounts.h"
#include "start/image-root.h"
#include "start/networking.h"
#include "start/notify-socket.h"
#include "start/null-device.h"
#include "start/powers.h"
#include "start/payload-output.h"
#include "start/root/mount-points.h"
#include "start/root/mtab.h"
#include "start/rootfs.h"
#include "start/undo.h"
#include "start/user/become-root.h"
#include "start/user/mapped-layers.h"
#include "start/user/user-files.h"
#include "start/user-namespace.h"
#include "start/user/user-maps.h"
#include "unit/stop-note.h"
#include "volume/volume-sources.h"

/* What of the store a container uses. */
typedef struct Images {
        ImageUse own; /* nothing for Rootfs= */
        ImageMounts mounts;
} Images;

static void images_done(Images *images) {
        image_use_done(&images->own);
        image_mounts_done(&images->mounts);
}

/* What is wrong with the file is in the diagnostics; anything else is said here. */
static int log_failure(int error, const char *what, const char *stem) {
        return log_failure_errno(error, "Failed to %s %s: %m", what, stem);
}

/* For a process that has nothing else to do than to prepare. */
static int give_up(const Prepared *prepared, int (*to)(uint64_t powers), uint64_t powers) {
        int r = prepared->alone ? to(powers) : 0;

        return r < 0 ? log_error_errno(r, "Failed to give up capabilities: %m") : 0;
}

/* An earlier life may have ended in any way; what it left is undone before anything new is done. */
static int make_bundle(Bundle *bundle) {
        int r;

        r = bundle->fd >= 0 ? bundle_lock(bundle) : 0;
        if (r >= 0)
                r = effects_undo(bundle);
        if (r < 0)
                return log_error_errno(r, "Failed to undo what an earlier start of %s left in %s: %m", bundle->stem,
                                       bundle->path);
        r = bundle_create(bundle);
        if (r < 0)
                return log_error_errno(r, "Failed to create %s: %m", bundle->path);
        return 0;
}

/* The container goes below the unit's own control group, which must therefore be ours. */
static int get_unit(const char *unit_name, int asked_fd, UnitProperties *unit) {
        _cleanup_close_ int fd = asked_fd;
        int r;

        if (!cgroup_is_unified()) {
                log_error("/sys/fs/cgroup is not cgroup v2; boot with systemd.unified_cgroup_hierarchy=1");
                return -EOPNOTSUPP;
        }
        r = unit_properties_take(TAKE_FD(fd), unit_name, unit);
        if (r < 0)
                return log_error_errno(r, "Failed to ask systemd about %s: %m", unit_name);
        /* By hand, next to a running container, all that follows would harm it. */
        if (!*unit->control_group || !cgroup_is_ours(unit->control_group)) {
                log_error("This is a part of %s, and for systemd to run; use: systemctl start %s", unit_name,
                          unit_name);
                return -EPERM;
        }
        if (!unit->delegate) {
                log_error("The control group %s is not delegated: %s needs Delegate=yes in [Service]",
                          unit->control_group, unit_name);
                return -EPERM;
        }
        return 0;
}

static int find_runtime(const Container *container, Diagnostics *diagnostics, char **ret) {
        Location where = container_where(container, KEY_Container_Runtime);
        int r;

        r = runtime_find(container->runtime, ret);
        if (r == -ENOENT)
                return diagnose_error(diagnostics, &where, "the runtime \"%s\" is not installed",
                                      container->runtime ? container->runtime : "crun");
        return r < 0 ? log_failure(r, "find the runtime of", container->stem) : 0;
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
        return r < 0 ? log_error_errno(r, "Failed to mount the root file system %s: %m", root->source) : r;
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

/* Labels and exposed ports, the image's and the file's, are for people only: no runtime is told of
 * them. */
static int write_about(const Container *container, const Bundle *bundle) {
        _cleanup_json_object_ json_object *about = NULL;
        _cleanup_string_list_ StringList labels = {}, ports = {};
        _cleanup_free_ char *text = NULL;
        _cleanup_json_ Json json = {};
        int r;

        r = string_list_extend(&labels, &container->labels);
        if (r >= 0)
                r = string_list_extend(&ports, &container->image_ports);
        if (r >= 0)
                r = string_list_extend(&ports, &container->expose_host_ports);
        if (r < 0)
                return r;
        string_list_sort(&labels);
        json_open_object(&json, NULL);
        json_add_assignments(&json, "labels", &labels);
        json_add_strings(&json, "exposedPorts", &ports);
        json_close(&json);
        r = json_take(&json, &about);
        if (r >= 0)
                r = json_to_text(about, &text);
        return r < 0 ? r : write_file_atomic_at(bundle->fd, BUNDLE_ABOUT_FILE, text, strlen(text), 0600);
}

/* From now on the container's health is known: it starts. Only a start knows of a check that comes
 * with an image, and has to see to its timer, too. */
static int settle_health(const Container *container, Prepared *prepared, Diagnostics *diagnostics) {
        Location where = container_where(container, KEY_Container_HealthLogDestination);
        const Bundle *bundle = &prepared->bundle;
        _cleanup_health_check_ HealthCheck check = {};
        uint64_t msec;
        int r;

        r = health_check_make(container, health_clock(), &check);
        if (r <= 0)
                return r;
        msec = check.interval_usec / 1000 + (check.interval_usec % 1000 > 0);
        if (container->image_health.is_used)
                prepared->health_timer_msec = msec < UINT32_MAX ? (uint32_t) msec : UINT32_MAX;
        r = health_check_write(bundle, &check);
        if (r >= 0)
                r = health_file_write(bundle, &(HealthState) {});
        if (r < 0 || !check.log_directory)
                return r;
        r = health_file_log(check.log_directory, bundle->stem, &(HealthState) {});
        return r < 0 ? diagnose_error(diagnostics, &where, "cannot write to the directory \"%s\": %s",
                                      check.log_directory, strerror(-r))
                     : 0;
}

static int get_namespaces(const Container *container, const Bundle *bundle, const RootParts *parts,
                          Diagnostics *diagnostics, Namespaces *namespaces, Networking *networking) {
        /* The network namespace has to be one of the container's user namespace. */
        bool later = has_user_namespace(container, &(Facts) {});
        int r;

        r = container_refuse_bridges_of_user(container, diagnostics);
        if (r >= 0)
                r = namespaces_open(container, diagnostics, namespaces);
        if (r < 0)
                return log_failure(r, "find the namespaces of", container->stem);
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
        r = notify_socket_label(container, &prepared->bundle, label);
        if (r < 0)
                return log_failure(r, "label the notification socket of", container->stem);
        r = secrets_place(input->secrets, &prepared->bundle, label);
        if (r < 0)
                return log_failure(r, "write the secrets of", container->stem);
        return fit_user_namespace(container, prepared, input->namespaces, facts, diagnostics);
}

/* Mounts the root and describes the container. */
static int fill_bundle(const Container *container, const Images *images, Prepared *prepared, Diagnostics *diagnostics) {
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
        GatherInput input;
        Root root;
        int r;

        r = find_root(container, &images->own, diagnostics, &root);
        if (r < 0)
                return r;
        path = rootfs_path(&root, &prepared->bundle);
        if (!path)
                return log_oom();
        r = confinement_find(container, prepared->bundle.id, &prepared->bundle, &confinement, diagnostics);
        if (r < 0)
                return log_failure(r, "look at SELinux and AppArmor for", container->stem);
        r = open_root(&root, &prepared->bundle, confinement.labels.mount, &parts);
        if (r >= 0)
                r = get_namespaces(container, &prepared->bundle, &parts, diagnostics, &namespaces, &networking);
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

/* Completes the container's keys by what the image says. */
static int open_images(Container *container, const Bundle *bundle, Images *images, Diagnostics *diagnostics) {
        int r;

        if (!container->image && !container_mounts_images(container))
                return 0;
        /* The layers can be mounted where they were opened. */
        r = mounts_unshare(bundle->path);
        if (r >= 0 && container->image)
                r = container_open_image(container, diagnostics, &images->own);
        if (r >= 0)
                r = image_mounts_open(container, diagnostics, &images->mounts);
        if (r >= 0)
                r = images_record(&images->own, &images->mounts, bundle);
        return r < 0 ? log_failure(r, "open the images of", container->stem) : 0;
}

/* Writes down which signal a stop is to begin with. The generator knows an image's from the last
 * start, if at all. */
static int settle_stop_signal(const Container *container, const UnitProperties *unit, const Bundle *bundle) {
        StopSignal signal = {
                .number = container_stop_signal(container),
                .limit_usec = container_stop_limit(container),
        };
        int r = 0;

        if (stop_note_applies(container)) {
                signal.unknown_to_systemd = signal.number != unit->kill_signal;
                r = stop_note_write(container, signal.number);
        }
        if (signal.unknown_to_systemd && !unit->stop_command)
                log_warning("The image of %s wants to be stopped by signal %d now; systemd will send %d until it is "
                            "told by: systemctl daemon-reload",
                            container->stem, signal.number, unit->kill_signal);
        if (r >= 0)
                r = bundle_write_stop_signal(bundle, signal);
        return r < 0 ? log_failure(r, "write down the stop signal of", container->stem) : 0;
}

static int choose_group(const Container *container, UnitProperties *unit, Prepared *prepared) {
        int r;

        prepared->unit_name = strdup(container->unit_name);
        if (!prepared->unit_name)
                return -ENOMEM;
        prepared->unit_group = TAKE_PTR(unit->control_group);
        if (container->cgroups_mode != CGROUPS_ENABLED) {
                prepared->control_group = strdup(prepared->unit_group);
                return prepared->control_group ? 0 : -ENOMEM;
        }
        prepared->slice = TAKE_PTR(unit->slice);
        r = container_scope_name(container->stem, &prepared->scope);
        return r < 0 ? r : container_scope_group(prepared->unit_group, prepared->scope, &prepared->control_group);
}

/* All mounts of a user's start are in a mount namespace of its user namespace, which has no power
 * over the machine's. */
static int begin(const Container *container, int asked_fd, UnitProperties *unit, Bundle *bundle,
                 Diagnostics *diagnostics) {
        int r = get_unit(container->unit_name, asked_fd, unit);

        if (r >= 0 && container->of_user) {
                r = user_files_check(container, diagnostics);
                if (r < 0)
                        return log_failure(r, "look at the files of", container->stem);
        }
        if (r >= 0)
                r = become_user_root(bundle->stem);
        if (r >= 0)
                r = make_bundle(bundle);
        if (r < 0 || !user_root_is_entered())
                return r;
        r = mounts_unshare(bundle->path);
        return r < 0 ? log_error_errno(r, "Failed to make a mount namespace for %s: %m", bundle->stem) : 0;
}

/* A start in one line is passed what systemd had at its beginning, and this comes later. */
static int take_connection(const Container *container, bool alone) {
        int r;

        if (!socket_accepts(&container->section))
                return 0;
        if (!alone) {
                log_error("%s needs its ExecStartPre= to be passed the connection that it is started for",
                          container->unit_name);
                return -EOPNOTSUPP;
        }
        r = unit_connection_take(container->stem);
        return r < 0 ? log_error_errno(r, "Failed to take the connection that %s is started for: %m", container->stem)
                     : 0;
}

static int prepare_container(Container *container, int asked_fd, Prepared *prepared, Diagnostics *diagnostics) {
        _cleanup_unit_properties_ UnitProperties unit = {};
        _cleanup_(images_done) Images images = { .own = IMAGE_USE_INIT };
        int r;

        r = begin(container, asked_fd, &unit, &prepared->bundle, diagnostics);
        if (r < 0)
                return r;
        r = instance_limits_apply(container, &unit.drop_ins, diagnostics);
        if (r < 0)
                return log_error_errno(r, "Failed to set the limits of %s, of which systemd has not read a file: %m",
                                       container->unit_name);
        r = take_connection(container, prepared->alone);
        if (r < 0)
                return r;
        r = choose_group(container, &unit, prepared);
        if (r < 0)
                return log_error_errno(r, "Failed to choose the control group of %s: %m", container->stem);
        prepared->oneshot = streq_null(unit.type, "oneshot");
        prepared->notifies = container->notify == NOTIFY_YES;
        prepared->no_cgroup = container->cgroups_mode == CGROUPS_DISABLED;
        r = payload_output_prepare(container, &unit.output, prepared);
        if (r < 0)
                return log_oom();
        r = notify_socket_link(container, &prepared->bundle, diagnostics);
        if (r < 0)
                return log_failure(r, "link the notification socket of", container->stem);
        r = user_maps_choose_user(container);
        if (r < 0)
                return log_oom();
        r = open_images(container, &prepared->bundle, &images, diagnostics);
        if (r >= 0)
                r = settle_stop_signal(container, &unit, &prepared->bundle);
        if (r < 0)
                return r;
        r = write_about(container, &prepared->bundle);
        if (r >= 0)
                r = settle_health(container, prepared, diagnostics);
        if (r < 0)
                return log_failure(r, "write to the bundle of", container->stem);
        r = find_runtime(container, diagnostics, &prepared->runtime);
        if (r < 0)
                return r;
        return fill_bundle(container, &images, prepared, diagnostics);
}

/* A name that no file can have which is read. */
static int log_bad_name(const char *instance) {
        if (endswith(instance, "@"))
                log_error("%s.container is a template; start an instance, container@%sNAME.service", instance,
                          instance);
        else if (instance[0] == '.')
                log_error("%s.container is a hidden file, and these are not read", instance);
        else
                log_error("\"%s\" cannot be the name of a .container file", instance);
        return -EINVAL;
}

/* systemd answers while the file is read. Returns what unit_properties_take() takes. */
static int ask_about_unit(const char *stem) {
        _cleanup_free_ char *unit_name = NULL;
        int r = unit_name_for(FILE_CONTAINER, stem, &unit_name);

        return r < 0 ? r : unit_properties_ask(unit_name);
}

int prepare(const char *instance, bool alone, Prepared *ret) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_container_ Container *container = NULL;
        _cleanup_prepared_ Prepared prepared = { .bundle = BUNDLE_INIT, .alone = alone };
        const StringList environment = variables_of_process();
        _cleanup_close_ int asked_fd = -EBADF;
        int r;

        r = bundle_open(instance, &prepared.bundle);
        if (r == -EINVAL)
                return log_bad_name(instance);
        if (r < 0)
                return log_error_errno(r, "Failed to open the bundle of \"%s\": %m", instance);
        asked_fd = ask_about_unit(prepared.bundle.stem);
        r = container_find(prepared.bundle.stem, &environment, &diagnostics, &container);
        if (r >= 0)
                r = container_find_pod(container, &diagnostics);
        if (r >= 0)
                r = globs_expand(container, &diagnostics);
        if (r < 0)
                log_failure(r, "read the file of", prepared.bundle.stem);
        else
                r = prepare_container(container, TAKE_FD(asked_fd), &prepared, &diagnostics);
        log_diagnostics(&diagnostics);
        if (r < 0)
                return r;
        *ret = prepared;
        prepared = (Prepared) PREPARED_INIT;
        return 0;
}
