/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Device nodes, and which devices the container may use. */
#include "oci/oci-devices.h"

#include "oci/oci-namespaces.h"

/* AddDevice= comes first and is more exact than the same device among all of a privileged
 * container's. */
static bool is_repeated(const FactDeviceList *devices, size_t i) {
        for (size_t j = 0; j < i; j++)
                if (streq(devices->items[j].path, devices->items[i].path))
                        return true;
        return false;
}

/* Nobody but the machine's root can make a node. */
static bool binds_devices(const SpecBuild *build) {
        return has_user_namespace(build->container, build->facts) || build->facts->user_ids > 0;
}

static void write_device(Json *json, const FactDevice *device) {
        json_open_object(json, NULL);
        json_add_string(json, "path", device->path);
        json_add_string(json, "type", device->type == 'b' ? "b" : "c");
        json_add_unsigned(json, "major", device->major);
        json_add_unsigned(json, "minor", device->minor);
        json_add_unsigned(json, "fileMode", device->mode);
        json_add_unsigned(json, "uid", device->uid);
        json_add_unsigned(json, "gid", device->gid);
        json_close(json);
}

void build_devices(SpecBuild *build) {
        const FactDeviceList *devices = &build->facts->devices;

        json_open_array(&build->json, "devices");
        for (size_t i = 0; i < devices->count && !binds_devices(build); i++)
                if (!is_repeated(devices, i))
                        write_device(&build->json, &devices->items[i]);
        json_close(&build->json);
}

int add_device_mounts(SpecBuild *build) {
        const FactDeviceList *devices = &build->facts->devices;
        int r = 0;

        if (!binds_devices(build))
                return 0;
        for (size_t i = 0; i < devices->count && r == 0; i++) {
                const FactDevice *device = &devices->items[i];

                if (!is_repeated(devices, i) && !mount_list_find(&build->mounts, device->path))
                        r = mount_list_add(&build->mounts, device->path, "bind", device->source ?: device->path,
                                           "bind,private,nosuid,noexec", NULL);
        }
        return r;
}

static void write_allow(Json *json, const FactDevice *device) {
        json_open_object(json, NULL);
        json_add_bool(json, "allow", true);
        json_add_string(json, "type", device->type == 'b' ? "b" : "c");
        json_add_unsigned(json, "major", device->major);
        json_add_unsigned(json, "minor", device->minor);
        json_add_string(json, "access", device->access);
        json_close(json);
}

/* "c 226:* rwm": what is "*" is left out. */
static void write_rule(Json *json, const char *rule) {
        const char *major = rule + 2, *minor = strchr(rule, ':') + 1, *access = strrchr(rule, ' ') + 1;
        const char type[] = { rule[0], '\0' };

        json_open_object(json, NULL);
        json_add_bool(json, "allow", true);
        json_add_string(json, "type", type);
        if (*major != '*')
                json_add_unsigned(json, "major", strtoull(major, NULL, 10));
        if (*minor != '*')
                json_add_unsigned(json, "minor", strtoull(minor, NULL, 10));
        json_add_string(json, "access", access);
        json_close(json);
}

void build_device_rules(SpecBuild *build) {
        const FactDeviceList *devices = &build->facts->devices;
        bool privileged = build->container->privileged;

        /* The filter is a control group's, and only the machine's root can load one. A user's
         * containers have the devices that are bound into them, and the user's rights to these. */
        if (build->container->cgroups_mode == CGROUPS_DISABLED || build->facts->user_ids > 0)
                return;
        if (!build->facts->device_filter) {
                diagnose_warning(build->diagnostics, NULL,
                                 "this system does not let the runtime load a device filter (no CAP_SYS_RESOURCE to "
                                 "raise "
                                 "RLIMIT_MEMLOCK); devices are restricted by what restricts the system itself");
                return;
        }
        json_open_array(&build->json, "devices");
        json_open_object(&build->json, NULL);
        json_add_bool(&build->json, "allow", privileged);
        json_add_string(&build->json, "access", "rwm");
        json_close(&build->json);
        for (size_t i = 0; i < devices->count && !privileged; i++)
                write_allow(&build->json, &devices->items[i]);
        for (size_t i = 0; i < build->container->device_rules.count && !privileged; i++)
                write_rule(&build->json, build->container->device_rules.items[i]);
        json_close(&build->json);
}
