/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A .container file as a value: loading it, and what follows from several of its keys together. */
#include "kind/container/container.h"

#include <errno.h>
#include <signal.h>

#include "basic/path.h"
#include "kind/pod.h"

const SectionType container_section = SECTION_TYPE(FILE_CONTAINER, Container);

int container_command(const Container *container, const char ***ret) {
        size_t count = container->entrypoint.count + container->exec.count, n = 0;
        const char **command = calloc(count + 1, sizeof(*command));

        if (!command)
                return -ENOMEM;
        for (size_t i = 0; i < container->entrypoint.count; i++)
                command[n++] = container->entrypoint.items[i];
        for (size_t i = 0; i < container->exec.count; i++)
                command[n++] = container->exec.items[i];
        *ret = command;
        return 0;
}

bool container_runs_systemd(const Container *container) {
        static const char *const inits[] = { "init", "/sbin/init", "/usr/sbin/init", "/usr/local/sbin/init",
                                             "systemd" };
        const StringList *command = container->entrypoint.count > 0 ? &container->entrypoint : &container->exec;

        if (container->systemd != SYSTEMD_AUTO)
                return container->systemd == SYSTEMD_ALWAYS;
        if (command->count == 0)
                return false;
        for (size_t i = 0; i < ARRAY_SIZE(inits); i++)
                if (streq(command->items[0], inits[i]))
                        return true;
        return endswith(command->items[0], "/lib/systemd/systemd");
}

uint64_t container_shm_size_bytes(const Container *container) {
        enum { DEFAULT = 64 << 20 };

        return container->set.entry[KEY_Container_ShmSize] ? container->shm_size_bytes : DEFAULT;
}

bool container_has_type(const Container *container, const char *type) {
        const UnitFile *unit = &container->unit;
        bool found = false;

        for (size_t i = 0; i < unit->count; i++)
                if (streq(unit->entries[i].section, "Service") && streq(unit->entries[i].key, "Type"))
                        found = streq(unit->entries[i].value, type);
        return found;
}

bool container_is_oneshot(const Container *container) {
        return container_has_type(container, "oneshot");
}

/* Whether [Service] has a value for the key in the end. */
static bool service_says(const Container *container, const char *key) {
        const UnitFile *unit = &container->unit;
        bool given = false;

        for (size_t i = 0; i < unit->count; i++)
                if (streq(unit->entries[i].section, "Service") && streq(unit->entries[i].key, key))
                        given = *unit->entries[i].value;
        return given;
}

bool container_sends_stop_signal(const Container *container) {
        return !service_says(container, "KillSignal") &&
               (!container->set.entry[KEY_Container_StopTimeout] || container->stop_timeout_usec != 0);
}

uint64_t container_stop_limit(const Container *container) {
        const uint64_t usual_usec = UINT64_C(10) * 1000 * 1000; /* of the template */

        if (!container->set.entry[KEY_Container_StopTimeout] || container->stop_timeout_usec >= usual_usec ||
            service_says(container, "TimeoutStopSec") || service_says(container, "TimeoutSec"))
                return 0;
        return container->stop_timeout_usec;
}

bool container_keeps_groups(const Container *container) {
        return string_list_contains(&container->group_add, "keep-groups");
}

bool container_has_crun(const Container *container) {
        return !container->runtime || startswith(path_basename(container->runtime), "crun");
}

int container_stop_signal(const Container *container) {
        if (container->stop_signal != 0)
                return container->stop_signal;
        return container_runs_systemd(container) ? SIGRTMIN + 3 : SIGTERM;
}

Location container_where(const Container *container, KeyId key) {
        return section_where(&container->section, key);
}

void container_free(Container *container) {
        if (!container)
                return;
        string_list_done(&container->image_environment);
        string_list_done(&container->image_ports);
        string_list_done(&container->image_volumes);
        pod_free(container->joined_pod);
        section_free(&container_section, container);
}

bool network_is_ours(const NetworkAttachment *network) {
        return network->kind == NETWORK_BRIDGE || network->kind == NETWORK_FILE || network->kind == NETWORK_NAMED;
}

int container_network_stem(const NetworkAttachment *network, char **ret) {
        const char *name = network->kind == NETWORK_BRIDGE ? "default" : network->value,
                   *ending = endswith(name, ".network");

        *ret = strndup(name, ending ? (size_t) (ending - name) : strlen(name));
        return *ret ? 0 : -ENOMEM;
}
