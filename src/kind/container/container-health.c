/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kind/container/container-health.h"

#include "config/key-parse.h"

static bool is_set(const Container *container, KeyId key) {
        return container->set.entry[key];
}

static bool is_a_check(const StringList *command) {
        return command->count > 0 && !streq(command->items[0], "NONE");
}

bool container_has_health(const Container *container) {
        return is_a_check(&container->health_command);
}

/* Before a start, one whose command has variables that only a start knows counts as a check. */
static bool may_have_health(const Container *container) {
        return container_has_health(container) || container->set.open[KEY_Container_HealthCmd];
}

/* Podman's word for it is a time of 0. */
static bool is_disabled(const Container *container, KeyId key, uint64_t usec) {
        return is_set(container, key) && (usec == 0 || usec == USEC_INFINITY);
}

bool container_repeats_health(const Container *container) {
        return may_have_health(container) && !container_is_oneshot(container) &&
               !is_disabled(container, KEY_Container_HealthInterval, container->health_interval_usec);
}

static void report(const Container *container, KeyId key, Diagnostics *diagnostics, const char *message) {
        Location where = container_where(container, key);

        diagnose_error(diagnostics, &where, "\"%s\" %s", keys[key].name, message);
}

/* A check that comes with an image is not looked for when the unit is made, so the file has to say
 * what is to be run. */
static void check_needs(const Container *container, Diagnostics *diagnostics) {
        for (KeyId i = 0; i < _KEY_COUNT; i++)
                if (i != KEY_Container_HealthCmd && streq(keys[i].section, "Container") &&
                    startswith(keys[i].name, "HealthStartup") && i != KEY_Container_HealthStartupCmd)
                        keys_need(&container->set, i, KEY_Container_HealthStartupCmd, diagnostics);
                else if (i != KEY_Container_HealthCmd && streq(keys[i].section, "Container") &&
                         startswith(keys[i].name, "Health"))
                        keys_need(&container->set, i, KEY_Container_HealthCmd, diagnostics);
}

static void check_numbers(const Container *container, Diagnostics *diagnostics) {
        if (is_set(container, KEY_Container_HealthRetries) && container->health_retries == 0)
                report(container, KEY_Container_HealthRetries, diagnostics, "must be at least 1");
        if (is_set(container, KEY_Container_HealthTimeout) && container->health_timeout_usec == 0)
                report(container, KEY_Container_HealthTimeout, diagnostics, "must be longer than 0s");
        if (is_set(container, KEY_Container_HealthStartupTimeout) && container->health_startup_timeout_usec == 0)
                report(container, KEY_Container_HealthStartupTimeout, diagnostics, "must be longer than 0s");
        if (is_disabled(container, KEY_Container_HealthStartupInterval, container->health_startup_interval_usec))
                report(container, KEY_Container_HealthStartupInterval, diagnostics,
                       "cannot be disabled: the health check itself would never begin");
}

static void check_surroundings(const Container *container, Diagnostics *diagnostics) {
        enum { UNIT_NAME_MAX = 255 };
        Location where = container_where(container, KEY_Container_HealthCmd);

        if (container_is_oneshot(container))
                diagnose_warning(diagnostics, &where, "\"HealthCmd\" has no effect with Type=oneshot");
        if (container->cgroups_mode == CGROUPS_DISABLED)
                report(container, KEY_Container_HealthCmd, diagnostics,
                       "needs a control group of the container's, and CgroupsMode=disabled leaves it without");
        if (container->unit_name && strlen(container->unit_name) + strlen("-health") > UNIT_NAME_MAX)
                report(container, KEY_Container_HealthCmd, diagnostics, "needs a shorter name of the file");
}

void container_check_health(const Container *container, Diagnostics *diagnostics) {
        /* With none, how a check would be done matters as little as to podman. */
        if (is_set(container, KEY_Container_HealthCmd) && !container_has_health(container))
                return;
        check_needs(container, diagnostics);
        check_numbers(container, diagnostics);
        if (may_have_health(container))
                check_surroundings(container, diagnostics);
}
