/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From a Container to what systemd reads. */
#include "unit/unit-text.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>

#include "basic/numbers.h"
#include "basic/path.h"
#include "kind/container/container-health.h"
#include "kind/container/container-mounts.h"
#include "kind/secret-source.h"
#include "source/unit-reference.h"
#include "unit/drop-in.h"
#include "unit/pull-units.h"
#include "unit/stop-note.h"

#define USEC_PER_SEC UINT64_C(1000000)

/* A container whose namespace is joined. It cannot be there without that one. */
static int add_joined(UnitDropIn *drop_in, const char *stem) {
        _cleanup_free_ char *unit = NULL;
        int r;

        r = unit_name_for(FILE_CONTAINER, stem, &unit);
        if (r == -EINVAL)
                return 0;
        if (r >= 0)
                r = unit_drop_in_add_unit(&drop_in->bound, unit);
        return r < 0 ? r : instances_add(drop_in->instances, FILE_CONTAINER, stem);
}

static int add_joined_namespaces(const Container *c, UnitDropIn *drop_in) {
        const Namespace *const namespaces[] = { &c->pid_ns, &c->ipc_ns, &c->uts_ns, &c->cgroup_ns, &c->mount_ns };
        int r = 0;

        for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(namespaces); i++)
                if (namespaces[i]->kind == NAMESPACE_CONTAINER)
                        r = add_joined(drop_in, namespaces[i]->value);
        if (r >= 0 && c->user_ns.kind == USERNS_CONTAINER)
                r = add_joined(drop_in, c->user_ns.value);
        for (size_t i = 0; r >= 0 && i < c->networks.count; i++)
                if (c->networks.items[i].kind == NETWORK_CONTAINER)
                        r = add_joined(drop_in, c->networks.items[i].value);
        return r;
}

/* The service makes the volume and mounts it, and whoever stops it means that nothing uses the
 * volume any more. */
static int add_volume(UnitDropIn *drop_in, const char *source, bool create) {
        _cleanup_free_ char *unit = NULL;
        int r;

        if (!source || endswith(source, ".volume"))
                return unit_drop_in_add_file(drop_in, &drop_in->required, source);
        r = create ? unit_name_for(FILE_VOLUME, source, &unit) : -EINVAL;
        if (r < 0)
                return r == -EINVAL ? 0 : r;
        return unit_drop_in_add_unit(&drop_in->required, unit);
}

static int add_volumes(const Container *c, UnitDropIn *drop_in) {
        int r = 0;

        for (size_t i = 0; r >= 0 && i < c->volumes.count; i++)
                if (c->volumes.items[i].kind != VOLUME_HOST_PATH)
                        r = add_volume(drop_in, c->volumes.items[i].source, !c->volumes.items[i].no_create);
        return r;
}

/* Only wanted: where it cannot be, the helper says in which line it is asked for. */
static int add_network(UnitDropIn *drop_in, const NetworkAttachment *network) {
        _cleanup_free_ char *stem = NULL, *file = NULL;
        int r;

        if (!network_is_ours(network))
                return 0;
        r = container_network_stem(network, &stem);
        if (r < 0)
                return r;
        file = text_format("%s.network", stem);
        return file ? unit_drop_in_add_file(drop_in, &drop_in->wanted, file) : -ENOMEM;
}

static int add_files(const Container *c, UnitDropIn *drop_in) {
        /* Not Requires=: a unit that does not exist would keep the helper from starting, which says
         * in which line it is asked for. */
        StringList *wanted = &drop_in->wanted;
        int r;

        r = unit_pull_add(c, drop_in);
        if (r >= 0)
                r = unit_drop_in_add_file(drop_in, wanted, c->pod);
        for (size_t i = 0; r >= 0 && i < c->networks.count; i++)
                r = add_network(drop_in, &c->networks.items[i]);
        for (size_t i = 0; r >= 0 && i < c->mounts.count; i++)
                if (mount_is(&c->mounts.items[i], "image"))
                        r = unit_pull_add_mount(c, c->mounts.items[i].source, drop_in);
        return r;
}

/* The directory that has all that it can match. */
static int add_glob(UnitDropIn *drop_in, const Mount *glob) {
        _cleanup_free_ char *fixed = strndup(glob->source, strcspn(glob->source, "*?[\\{")),
                            *directory = fixed ? path_dirname(fixed) : NULL;

        return directory ? unit_drop_in_add_path(drop_in, directory, &glob->where) : -ENOMEM;
}

static int add_paths(const Container *c, UnitDropIn *drop_in) {
        Location where = container_where(c, KEY_Container_Rootfs);
        int r;

        r = unit_drop_in_add_path(drop_in, c->rootfs.path, &where);
        for (size_t i = 0; r >= 0 && i < c->volumes.count; i++) {
                const VolumeMount *volume = &c->volumes.items[i];

                if (volume->kind != VOLUME_HOST_PATH)
                        continue;
                r = unit_drop_in_add_path(drop_in, volume->source, &volume->where);
                if (r >= 0)
                        r = unit_drop_in_add_path(drop_in, volume->upper_directory, &volume->where);
                if (r >= 0)
                        r = unit_drop_in_add_path(drop_in, volume->work_directory, &volume->where);
        }
        for (size_t i = 0; r >= 0 && i < c->mounts.count; i++)
                if (mount_is(&c->mounts.items[i], "glob"))
                        r = add_glob(drop_in, &c->mounts.items[i]);
        where = container_where(c, KEY_Container_OCIHooksDir);
        for (size_t i = 0; r >= 0 && i < c->hooks_directories.count; i++)
                r = unit_drop_in_add_path(drop_in, c->hooks_directories.items[i], &where);
        /* An optional file must not make its mount a requirement. */
        for (size_t i = 0; r >= 0 && i < c->environment_files.count; i++)
                if (!c->environment_files.items[i].optional)
                        r = unit_drop_in_add_path(drop_in, c->environment_files.items[i].path,
                                                  &c->environment_files.items[i].where);
        return r;
}

/* Whether the container talks to the world by way of the host's network. Then it is to start when
 * that is up, as with Quadlet; but Quadlet lets every container wait, because its unit also pulls
 * the image, and that is not part of starting here. */
static bool needs_network(const Container *c, Scope scope) {
        const NetworkAttachmentList *networks = &c->networks;

        if (scope != SCOPE_SYSTEM || c->default_dependencies == NO)
                return false;
        for (size_t i = 0; i < networks->count; i++)
                switch (networks->items[i].kind) {
                case NETWORK_NONE:
                case NETWORK_PRIVATE:
                case NETWORK_PATH:
                case NETWORK_CONTAINER:
                        break;
                default:
                        return true;
                }
        return false;
}

static bool is_set(const Container *c, KeyId key) {
        return c->set.entry[key];
}

/* A command of ours before the stop signal: where only a start knows which one the image wants,
 * where the time is short, and where the runtime may still be at work when the unit is up. */
static void append_stop_command(const Container *c, bool knows_signal, Text *service) {
        if (!knows_signal || container_stop_limit(c) > 0 || !container_has_crun(c))
                text_append(service, "ExecStop=-" LIBEXECDIR "/berth-helper stop %i\n");
}

static int append_stop(const Container *c, Text *service) {
        bool at_once = is_set(c, KEY_Container_StopTimeout) && c->stop_timeout_usec == 0;
        int number = at_once ? SIGKILL : container_stop_signal(c), noted = 0, r;
        _cleanup_free_ char *name = NULL;

        r = stop_note_applies(c) ? stop_note_read(c, &noted) : 1;
        if (r < 0)
                return r;
        append_stop_command(c, r > 0, service);
        if (noted > 0)
                number = noted;
        if (number != SIGTERM) {
                name = signal_name(number);
                if (!name)
                        return -ENOMEM;
                text_appendf(service, "KillSignal=%s\n", name);
        }
        /* For systemd 0 means for ever, and the time is also cleanup's. */
        if (!is_set(c, KEY_Container_StopTimeout) || at_once || container_stop_limit(c) > 0)
                return 0;
        if (c->stop_timeout_usec == USEC_INFINITY)
                text_append(service, "TimeoutStopSec=infinity\n");
        else if (c->stop_timeout_usec % USEC_PER_SEC == 0)
                text_appendf(service, "TimeoutStopSec=%" PRIu64 "\n", c->stop_timeout_usec / USEC_PER_SEC);
        else
                text_appendf(service, "TimeoutStopSec=%" PRIu64 "us\n", c->stop_timeout_usec);
        return 0;
}

static int append_reload(const Container *c, Text *service) {
        _cleanup_free_ char *name = NULL;

        if (is_set(c, KEY_Container_ReloadCmd) || c->set.open[KEY_Container_ReloadCmd])
                text_append(service, "ExecReload=" LIBEXECDIR "/berth-helper reload %i\n");
        if (!is_set(c, KEY_Container_ReloadSignal))
                return 0;
        name = signal_name(c->reload_signal);
        if (!name)
                return -ENOMEM;
        /* kill(1) wants "HUP"; not every one of them takes "SIGHUP". */
        text_appendf(service, "ExecReload=/bin/kill -s %s $MAINPID\n", startswith(name, "SIG") ?: name);
        return 0;
}

/* Only crun starts a created container at once. With any other runtime a stop could meet a first
 * process that has not been started yet and ignores it; so the unit is up only when the start is
 * done. A oneshot is up when the payload has ended. */
static void append_runtime(const Container *c, Text *service) {
        if (container_has_crun(c) || container_is_oneshot(c))
                return;
        text_append(service, "ExecStart=\n"
                             "ExecStart=" LIBEXECDIR "/berth-helper create %i\n"
                             "ExecStartPost=" LIBEXECDIR "/berth-helper start %i\n");
}

/* The user's own lines come first, as they do before podman in a Quadlet file: they may make what
 * the container is about to use. Those of a drop-in, which is read later, come after. */
static void append_prepare(const Container *c, UnitDropIn *drop_in) {
        for (size_t i = 0; i < c->unit.count; i++)
                if (streq(c->unit.entries[i].section, "Service") && streq(c->unit.entries[i].key, "ExecStartPre")) {
                        text_append(&drop_in->service, "ExecStartPre=\n");
                        text_append(&drop_in->service_end, "ExecStartPre=" LIBEXECDIR "/berth-helper prepare %i\n");
                        return;
                }
}

/* LogOpt=tag= */
static void append_log_tag(const Container *c, Text *service) {
        const char *tag = string_list_value(&c->log_options, "tag");

        if (!tag)
                return;
        text_append(service, "SyslogIdentifier=");
        for (; *tag; tag++) {
                if (*tag == '%')
                        text_append_char(service, '%');
                text_append_char(service, *tag);
        }
        text_append_char(service, '\n');
}

/* The init ends with 128 and the signal that its child was ended by: the same ends are clean
 * without it. */
static void append_init(const Container *c, Text *text) {
        static const int clean[] = { SIGHUP, SIGINT, SIGPIPE, SIGTERM };
        int stop_signal = container_stop_signal(c);
        bool known = false;

        if (!c->run_init)
                return;
        text_append(text, "SuccessExitStatus=");
        for (size_t i = 0; i < ARRAY_SIZE(clean); i++) {
                text_appendf(text, "%s%d", i > 0 ? " " : "", 128 + clean[i]);
                known |= clean[i] == stop_signal;
        }
        text_appendf(text, known ? "\n" : " %d\n", 128 + stop_signal);
}

static int append_service(const Container *c, UnitDropIn *drop_in) {
        Text *text = &drop_in->service;
        int r;

        append_prepare(c, drop_in);
        append_runtime(c, text);
        append_log_tag(c, text);
        append_init(c, text);
        if (c->log_driver && streq(c->log_driver, "none"))
                text_append(text, "StandardOutput=null\nStandardError=null\n");
        r = append_stop(c, text);
        if (r < 0)
                return r;
        if (is_set(c, KEY_Container_PidsLimit)) {
                if (c->pids_limit < 0)
                        text_append(text, "TasksMax=infinity\n");
                else
                        text_appendf(text, "TasksMax=%" PRId64 "\n", c->pids_limit);
        }
        if (is_set(c, KEY_Container_Memory) && c->memory_bytes != 0 && c->memory_bytes != SIZE_UNSET)
                text_appendf(text, "MemoryMax=%" PRIu64 "\n", c->memory_bytes);
        return append_reload(c, text);
}

/* The helper, which reads the file, says in which line a secret is that is not there; systemd could
 * not. */
static int append_secrets(const Container *c, const StringList *search_path, Text *service) {
        for (size_t i = 0; i < c->secrets.count; i++) {
                const char *name = c->secrets.items[i].name;
                _cleanup_free_ char *path = NULL;
                bool encrypted;
                int r;

                for (size_t j = 0; j < i && name; j++)
                        if (streq(c->secrets.items[j].name, name))
                                name = NULL;
                if (!name)
                        continue;
                r = secret_source_find(search_path, name, &path, &encrypted);
                if (r < 0)
                        return r;
                text_appendf(service, "LoadCredential%s=%s:", encrypted ? "Encrypted" : "", name);
                for (const char *p = path; *p; p++) {
                        if (*p == '%')
                                text_append_char(service, '%');
                        text_append_char(service, *p);
                }
                text_appendf(service, "\nSetCredential=%s:" SECRET_MISSING "\n", name);
        }
        return 0;
}

/* The template has podman's interval. A check that is not repeated by itself is run by whoever
 * starts its service. */
static int add_health_timer(const Container *c, UnitDropIn *drop_in) {
        _cleanup_text_ Text text = {};
        const char *at = strchr(c->unit_name, '@'), *end = endswith(c->unit_name, ".service");
        char *content = NULL;

        if (drop_in->context->scope != SCOPE_SYSTEM || !container_repeats_health(c) || !at || !end)
                return 0;
        text_append(&drop_in->unit, "Wants=container-health@%i.timer\n");
        if (!is_set(c, KEY_Container_HealthInterval))
                return 0;
        unit_output_append_header(&text, c->path, NULL);
        text_append(&text, "[Timer]\nOnActiveSec=\nOnActiveSec=1ms\n");
        text_appendf(&text, "OnUnitInactiveSec=%" PRIu64 "us\n", c->health_interval_usec);
        if (text_take(&text, &content) < 0)
                return -ENOMEM;
        return unit_outputs_add_file(drop_in->outputs, c->path,
                                     text_format("container-health%.*s.timer.d/10-berth.conf", (int) (end - at), at),
                                     content);
}

int unit_text_container(const Container *container, const SpecifierContext *context, const StringList *search_path,
                        StringList *instances, Diagnostics *diagnostics, UnitOutputs *outputs) {
        _cleanup_unit_drop_in_ UnitDropIn drop_in = {
                .section = &container->section,
                .context = context,
                .instances = instances,
                .diagnostics = diagnostics,
                .outputs = outputs,
        };
        int r;

        r = unit_drop_in_begin(&drop_in);
        if (r <= 0)
                return r;
        if (needs_network(container, context->scope))
                text_append(&drop_in.unit, "Wants=network-online.target\nAfter=network-online.target\n");
        r = add_joined_namespaces(container, &drop_in);
        if (r >= 0)
                r = add_volumes(container, &drop_in);
        if (r >= 0)
                r = add_files(container, &drop_in);
        if (r >= 0)
                r = add_paths(container, &drop_in);
        if (r >= 0)
                r = append_secrets(container, search_path, &drop_in.service);
        if (r >= 0)
                r = append_service(container, &drop_in);
        if (r >= 0)
                r = add_health_timer(container, &drop_in);
        return r < 0 ? r : unit_drop_in_finish(&drop_in);
}

int unit_text_mask(const char *unit_name, const char *source, UnitOutputs *outputs) {
        return unit_outputs_add_link(outputs, source, strdup(unit_name), strdup("/dev/null"));
}
