/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The first half of a start: from the file and the machine to a bundle. */
#include "start/prepare/prepare.h"

#include <errno.h>

#include "basic/files.h"
#include "basic/json.h"
#include "basic/log.h"
#include "health/health-file.h"
#include "health/health-run.h"
#include "host/mounts.h"
#include "host/runtime.h"
#include "host/unit/instance-limits.h"
#include "host/unit/unit.h"
#include "kind/container/container-checkpoint.h"
#include "kind/load.h"
#include "kind/pod-container.h"
#include "start/checkpoint/checkpoint-wake.h"
#include "start/confinement.h"
#include "start/globs.h"
#include "start/image-mounts.h"
#include "start/image-root.h"
#include "start/notify-socket.h"
#include "start/payload-output.h"
#include "start/prepare/prepare-parts.h"
#include "start/user/bridge-agent.h"
#include "start/user/user-maps.h"

static void images_done(Images *images) {
        image_use_done(&images->own);
        image_mounts_done(&images->mounts);
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

/* What sleeps goes on. A start that a loss of power has cut off, before there were processes,
 * cannot have put back what it had taken of the checkpoint. */
static void choose_life(Prepared *prepared) {
        const char *id = prepared->bundle.id;
        bool sleeps;
        int r = checkpoint_wake_undo(id);

        if (r < 0)
                log_warning_errno(r, "Failed to put back the checkpoint of %s: %m", prepared->bundle.stem);
        sleeps = checkpoint_sleeps(id);
        prepared->wakes = sleeps && !prepared->anew;
        prepared->anew &= sleeps;
}

static int prepare_container(Container *container, int asked_fd, Prepared *prepared, Diagnostics *diagnostics) {
        _cleanup_unit_properties_ UnitProperties unit = {};
        _cleanup_(images_done) Images images = { .own = IMAGE_USE_INIT };
        int r;

        r = prepare_begin(container, asked_fd, &unit, &prepared->bundle, diagnostics);
        if (r < 0)
                return r;
        r = instance_limits_apply(container, &unit.drop_ins, diagnostics);
        if (r < 0)
                return log_error_errno(r, "Failed to set the limits of %s, of which systemd has not read a file: %m",
                                       container->unit_name);
        r = prepare_take_connection(container, prepared->alone);
        if (r < 0)
                return r;
        r = prepare_choose_group(container, &unit, prepared);
        if (r < 0)
                return log_error_errno(r, "Failed to choose the control group of %s: %m", container->stem);
        choose_life(prepared);
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
                r = prepare_settle_stop_signal(container, &unit, &prepared->bundle);
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
        if (container->checkpoint_on_stop)
                container_check_criu(container,
                                     runtime_can_checkpoint(prepared->runtime, confinement_has_label(container)),
                                     false, diagnostics);
        return prepare_fill_bundle(container, &images, prepared, diagnostics);
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

int prepare(const char *instance, bool alone, bool anew, Prepared *ret) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_container_ Container *container = NULL;
        _cleanup_prepared_ Prepared prepared = { .bundle = BUNDLE_INIT, .alone = alone, .anew = anew };
        const StringList environment = variables_of_process();
        _cleanup_close_ int asked_fd = -EBADF;
        int r;

        r = bundle_open(instance, &prepared.bundle);
        if (r == -EINVAL)
                return log_bad_name(instance);
        if (r < 0)
                return log_error_errno(r, "Failed to open the bundle of \"%s\": %m", instance);
        asked_fd = prepare_ask_about_unit(prepared.bundle.stem);
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
        if (alone) /* the second half has one of its own */
                bridge_agent_end();
        if (r < 0)
                return r;
        *ret = prepared;
        prepared = (Prepared) PREPARED_INIT;
        return 0;
}
