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

uint64_t container_health_interval(const Container *container) {
        uint64_t image = container->image_health.interval_usec;

        if (is_set(container, KEY_Container_HealthInterval))
                return container->health_interval_usec == USEC_INFINITY ? 0 : container->health_interval_usec;
        return image > 0 ? image : HEALTH_SECONDS * UINT64_C(1000000);
}

bool container_repeats_health(const Container *container) {
        return may_have_health(container) && !container_is_oneshot(container) &&
               !is_disabled(container, KEY_Container_HealthInterval, container->health_interval_usec);
}

static void report(const Container *container, KeyId key, Diagnostics *diagnostics, const char *message) {
        Location where = container_where(container, key);

        diagnose_error(diagnostics, &where, "\"%s\" %s", keys[key].name, message);
}

/* A check may come with an image, which only a start looks into. */
static void check_needs(const Container *container, Diagnostics *diagnostics) {
        bool image = section_is_given(&container->section, KEY_Container_Image);

        for (KeyId i = 0; i < _KEY_COUNT; i++)
                if (i != KEY_Container_HealthCmd && streq(keys[i].section, "Container") &&
                    startswith(keys[i].name, "HealthStartup") && i != KEY_Container_HealthStartupCmd)
                        keys_need(&container->set, i, KEY_Container_HealthStartupCmd, diagnostics);
                else if (!image && i != KEY_Container_HealthCmd && streq(keys[i].section, "Container") &&
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

static void check_log(const Container *container, Diagnostics *diagnostics) {
        const char *to = container->health_log_destination;

        if (to && !streq(to, "local") && !streq(to, "events_logger") && to[0] != '/')
                report(container, KEY_Container_HealthLogDestination, diagnostics,
                       "must be local, events_logger, or the absolute path of a directory");
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

/* Notify=healthy */
static void check_notify(const Container *container, Diagnostics *diagnostics) {
        Location where = container_where(container, KEY_Container_Notify);

        if (container->notify != NOTIFY_HEALTHY || !is_set(container, KEY_Container_Notify))
                return;
        if (is_set(container, KEY_Container_HealthCmd) && !may_have_health(container))
                diagnose_error(diagnostics, &where, "Notify=healthy needs a health check, and HealthCmd= says none");
        else if (!section_is_given(&container->section, KEY_Container_Image))
                keys_need(&container->set, KEY_Container_Notify, KEY_Container_HealthCmd, diagnostics);
        if (container_is_oneshot(container))
                diagnose_error(diagnostics, &where, "Notify=healthy cannot be with Type=oneshot in [Service]: the "
                                                    "unit is up when the container has ended");
        if (is_disabled(container, KEY_Container_HealthInterval, container->health_interval_usec))
                diagnose_error(diagnostics, &where,
                               "Notify=healthy needs a health check that is repeated, not HealthInterval=disable");
}

void container_check_health(const Container *container, Diagnostics *diagnostics) {
        check_notify(container, diagnostics);
        /* With none, how a check would be done matters as little as to podman. */
        if (is_set(container, KEY_Container_HealthCmd) && !container_has_health(container))
                return;
        check_needs(container, diagnostics);
        check_numbers(container, diagnostics);
        check_log(container, diagnostics);
        if (may_have_health(container))
                check_surroundings(container, diagnostics);
}
