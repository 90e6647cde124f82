/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From a Container to what systemd reads: the drop-in. What berth makes of the file's own keys comes first and the [Unit] and [Service] lines that
 * the user wrote come last, so that theirs win. */
#include "config/unit-text.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>

#include "basic/path.h"
#include "basic/text.h"
#include "config/unit-install.h"
#include "config/unit-reference.h"
#include "config/values.h"
#include "config/words.h"

#define USEC_PER_SEC UINT64_C(1000000)

typedef struct Builder {
        const Container *container;
        const SpecifierContext *context;
        StringList *instances;
        Diagnostics *diagnostics;
        StringList bound, wanted; /* units that the container needs: for its namespaces, and for what it mounts and runs */
        StringList paths;         /* of the host, that must be mounted */
        Text text, service; /* the whole, and its [Service] */
} Builder;

static void builder_done(Builder *builder) {
        string_list_done(&builder->bound);
        string_list_done(&builder->wanted);
        string_list_done(&builder->paths);
        text_done(&builder->text);
        text_done(&builder->service);
}

static int add_once(StringList *list, const char *string) {
        return string_list_contains(list, string) ? 0 : string_list_add(list, string);
}

/* A container whose namespace is joined. It cannot be there without that one. */
static int add_joined(Builder *builder, const char *stem) {
        _cleanup_free_ char *unit = NULL, *template = NULL;
        int r;

        r = unit_name_for(FILE_CONTAINER, stem, &unit);
        if (r == -EINVAL)
                return 0;
        if (r >= 0)
                r = add_once(&builder->bound, unit);
        if (r >= 0)
                r = stem_template(stem, &template);
        return r > 0 ? add_once(builder->instances, stem) : r;
}

static int add_joined_namespaces(Builder *builder) {
        const Container *c = builder->container;
        const Namespace *const namespaces[] = { &c->pid_ns, &c->ipc_ns, &c->uts_ns, &c->cgroup_ns, &c->mount_ns };
        int r = 0;

        for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(namespaces); i++)
                if (namespaces[i]->kind == NAMESPACE_CONTAINER)
                        r = add_joined(builder, namespaces[i]->value);
        if (r >= 0 && c->user_ns.kind == USERNS_CONTAINER)
                r = add_joined(builder, c->user_ns.value);
        for (size_t i = 0; r >= 0 && i < c->networks.count; i++)
                if (c->networks.items[i].kind == NETWORK_CONTAINER)
                        r = add_joined(builder, c->networks.items[i].value);
        return r;
}

/* A volume, network, image … by the name of its file; anything else is not ours to start. */
static int add_file(Builder *builder, const char *reference) {
        _cleanup_free_ char *unit = NULL;
        int r;

        if (!reference || endswith(reference, ".container"))
                return 0;
        r = unit_reference_translate(reference, &unit);
        if (r <= 0)
                return r == -ENOMEM ? r : 0;
        return add_once(&builder->wanted, unit);
}

static int add_files(Builder *builder) {
        const Container *c = builder->container;
        int r;

        r = add_file(builder, c->image);
        if (r >= 0)
                r = add_file(builder, c->pod);
        for (size_t i = 0; r >= 0 && i < c->networks.count; i++)
                if (c->networks.items[i].kind == NETWORK_FILE)
                        r = add_file(builder, c->networks.items[i].value);
        for (size_t i = 0; r >= 0 && i < c->volumes.count; i++)
                if (c->volumes.items[i].kind == VOLUME_FILE)
                        r = add_file(builder, c->volumes.items[i].source);
        for (size_t i = 0; r >= 0 && i < c->mounts.count; i++)
                if (streq(c->mounts.items[i].type, "volume") || streq(c->mounts.items[i].type, "image"))
                        r = add_file(builder, c->mounts.items[i].source);
        return r;
}

static int add_path(Builder *builder, const char *path, const Location *where) {
        if (!path || path[0] != '/' || path[1] == '\0')
                return 0;
        if (!unit_line_fits(path)) {
                diagnose_warning(builder->diagnostics, where, "no unit can wait for the mount of a path with control characters");
                return 0;
        }
        return string_list_add(&builder->paths, path);
}

static int add_paths(Builder *builder) {
        const Container *c = builder->container;
        Location where = container_where(c, KEY_Container_Rootfs);
        int r;

        r = add_path(builder, c->rootfs.path, &where);
        for (size_t i = 0; r >= 0 && i < c->volumes.count; i++) {
                const VolumeMount *volume = &c->volumes.items[i];

                if (volume->kind != VOLUME_HOST_PATH)
                        continue;
                r = add_path(builder, volume->source, &volume->where);
                if (r >= 0)
                        r = add_path(builder, volume->upper_directory, &volume->where);
                if (r >= 0)
                        r = add_path(builder, volume->work_directory, &volume->where);
        }
        for (size_t i = 0; r >= 0 && i < c->mounts.count; i++)
                if (streq(c->mounts.items[i].type, "bind"))
                        r = add_path(builder, c->mounts.items[i].source, &c->mounts.items[i].where);
        /* An optional file must not make its mount a requirement. */
        for (size_t i = 0; r >= 0 && i < c->environment_files.count; i++)
                if (!c->environment_files.items[i].optional)
                        r = add_path(builder, c->environment_files.items[i].path, &c->environment_files.items[i].where);
        string_list_sort(&builder->paths);
        return r;
}

/* Whether the container talks to the world by way of the host's network. Then it is to start when that is up, as with Quadlet; but Quadlet lets
 * every container wait, because its unit also pulls the image, and that is not part of starting here. Without Network= there is a private one. */
static bool needs_network(const Builder *builder) {
        const NetworkAttachmentList *networks = &builder->container->networks;

        if (builder->context->scope != SCOPE_SYSTEM || builder->container->default_dependencies == NO)
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

static void append_units(Text *text, const char *dependency, const StringList *units) {
        for (size_t i = 0; i < units->count; i++)
                text_appendf(text, "%s=%s\nAfter=%s\n", dependency, units->items[i], units->items[i]);
}

/* With these the unit would be invalid, or the helper could not run as what it is and say in which line they are: container_check() refuses them. */
static bool breaks_unit(const char *section, const char *key) {
        static const char *const breaking[] = { "ExecStart", "RootDirectory", "RootImage", "User", "Group", "DynamicUser" };

        for (size_t i = 0; streq(section, "Service") && i < ARRAY_SIZE(breaking); i++)
                if (streq(key, breaking[i]))
                        return true;
        return false;
}

/* The lines of one section as the user wrote them. */
static int append_own_lines(Builder *builder, const char *section, Text *text) {
        const UnitFile *unit = &builder->container->unit;

        for (size_t i = 0; i < unit->count; i++) {
                const Entry *entry = &unit->entries[i];
                _cleanup_free_ char *value = NULL;
                int r;

                if (!streq(entry->section, section) || breaks_unit(section, entry->key))
                        continue;
                r = specifiers_expand_names(builder->context, entry->value, &value);
                if (r >= 0 && streq(section, "Unit") && key_takes_units(entry->key)) {
                        _cleanup_free_ char *names = TAKE_PTR(value);
                        r = unit_references_translate(names, &value, builder->instances);
                }
                if (r < 0)
                        return r;
                text_appendf(text, "%s=%s\n", entry->key, value);
        }
        return 0;
}

static int append_unit_section(Builder *builder, const UnitInstall *install) {
        Text *text = &builder->text;
        int r;

        r = add_joined_namespaces(builder);
        if (r >= 0)
                r = add_files(builder);
        if (r >= 0)
                r = add_paths(builder);
        if (r < 0)
                return r;

        text_append(text, "[Unit]\n");
        unit_output_append_source(text, builder->context->path);
        if (needs_network(builder))
                text_append(text, "Wants=network-online.target\nAfter=network-online.target\n");
        append_units(text, "BindsTo", &builder->bound);
        /* Not Requires=: a unit that does not exist would keep the helper from starting, which says in which line it is asked for. */
        append_units(text, "Wants", &builder->wanted);
        for (size_t i = 0; i < install->companions.count; i++)
                text_appendf(text, "Wants=%s\nPartOf=%s\n", install->companions.items[i], install->companions.items[i]);
        for (size_t i = 0; i < builder->paths.count; i++) {
                if (i > 0 && streq(builder->paths.items[i], builder->paths.items[i - 1]))
                        continue;
                text_append(text, "RequiresMountsFor=");
                word_append_quoted(text, builder->paths.items[i], true, false);
                text_append_char(text, '\n');
        }
        return append_own_lines(builder, "Unit", text);
}

static bool is_set(const Builder *builder, KeyId key) {
        return builder->container->set.entry[key];
}

static int append_stop(Builder *builder) {
        const Container *c = builder->container;
        bool at_once = is_set(builder, KEY_Container_StopTimeout) && c->stop_timeout_usec == 0;
        int number = at_once ? SIGKILL : container_stop_signal(c);
        _cleanup_free_ char *name = NULL;

        if (number != SIGTERM) {
                name = signal_name(number);
                if (!name)
                        return -ENOMEM;
                text_appendf(&builder->service, "KillSignal=%s\n", name);
        }
        /* For systemd 0 means for ever, and the time is also cleanup's. */
        if (!is_set(builder, KEY_Container_StopTimeout) || at_once)
                return 0;
        if (c->stop_timeout_usec == USEC_INFINITY)
                text_append(&builder->service, "TimeoutStopSec=infinity\n");
        else if (c->stop_timeout_usec % USEC_PER_SEC == 0)
                text_appendf(&builder->service, "TimeoutStopSec=%" PRIu64 "\n", c->stop_timeout_usec / USEC_PER_SEC);
        else
                text_appendf(&builder->service, "TimeoutStopSec=%" PRIu64 "us\n", c->stop_timeout_usec);
        return 0;
}

static int append_reload(Builder *builder) {
        _cleanup_free_ char *name = NULL;

        if (!is_set(builder, KEY_Container_ReloadSignal))
                return 0;
        name = signal_name(builder->container->reload_signal);
        if (!name)
                return -ENOMEM;
        /* kill(1) wants "HUP"; not every one of them takes "SIGHUP". */
        text_appendf(&builder->service, "ExecReload=/bin/kill -s %s $MAINPID\n", startswith(name, "SIG") ?: name);
        return 0;
}

/* Only crun starts a created container at once. With any other runtime a stop could meet a first process that has not been started yet and ignores it; so the
 * unit is up only when the start is done. A oneshot is up when the payload has ended. */
static void append_runtime(Builder *builder) {
        const char *runtime = builder->container->runtime;

        if (!runtime || startswith(path_basename(runtime), "crun") || container_is_oneshot(builder->container))
                return;
        text_append(&builder->service, "ExecStart=\n"
                                       "ExecStart=" LIBEXECDIR "/berth-helper create %i\n"
                                       "ExecStartPost=" LIBEXECDIR "/berth-helper start %i\n");
}

static int append_service_section(Builder *builder) {
        const Container *c = builder->container;
        Text *text = &builder->service;
        int r;

        append_runtime(builder);
        if (c->log_driver && streq(c->log_driver, "none"))
                text_append(text, "StandardOutput=null\nStandardError=null\n");
        r = append_stop(builder);
        if (r < 0)
                return r;
        if (is_set(builder, KEY_Container_PidsLimit)) {
                if (c->pids_limit < 0)
                        text_append(text, "TasksMax=infinity\n");
                else
                        text_appendf(text, "TasksMax=%" PRId64 "\n", c->pids_limit);
        }
        if (is_set(builder, KEY_Container_Memory) && c->memory_bytes != 0 && c->memory_bytes != SIZE_UNSET)
                text_appendf(text, "MemoryMax=%" PRIu64 "\n", c->memory_bytes);
        r = append_reload(builder);
        if (r >= 0)
                r = append_own_lines(builder, "Service", text);
        if (r < 0)
                return r;
        builder->text.failed |= text->failed;
        if (text->length > 0)
                text_appendf(&builder->text, "\n[Service]\n%s", text->data);
        return 0;
}

static int build_drop_in(Builder *builder, const UnitInstall *install, UnitOutputs *outputs) {
        char *content = NULL;
        int r;

        unit_output_append_header(&builder->text, builder->context->path, NULL);
        r = append_unit_section(builder, install);
        if (r >= 0)
                r = append_service_section(builder);
        if (r >= 0)
                r = text_take(&builder->text, &content);
        if (r < 0)
                return r;
        /* Before 50-MemoryMax.conf and the like, which `systemctl set-property` makes: what is set by hand shall win, also after a reload. */
        return unit_outputs_add_file(outputs, builder->context->path,
                                     text_format("%s.d/10-berth.conf", builder->container->unit_name), content);
}

int unit_text_build(const Container *container, const SpecifierContext *context, StringList *instances, Diagnostics *diagnostics,
                    UnitOutputs *outputs) {
        _cleanup_unit_install_ UnitInstall install = {};
        _cleanup_(builder_done) Builder builder = {
                .container = container,
                .context = context,
                .instances = instances,
                .diagnostics = diagnostics,
        };
        int r;

        r = unit_install_load(&container->section, context, outputs, instances, diagnostics, &install);
        if (r < 0)
                return r;
        if (stem_is_template(container->stem))
                return install.default_instance ? add_once(instances, install.default_instance) : 0;
        r = build_drop_in(&builder, &install, outputs);
        if (r < 0)
                return r;
        return unit_install_add_outputs(&install, &container->section, context->path, outputs);
}

int unit_text_mask(const char *unit_name, const char *source, UnitOutputs *outputs) {
        return unit_outputs_add_link(outputs, source, strdup(unit_name), strdup("/dev/null"));
}
