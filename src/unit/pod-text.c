/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From a Pod to what systemd reads. */
#include "unit/unit-text.h"

#include <errno.h>

#include "kind/container/container-user-network.h"
#include "kind/pod-container.h"
#include "unit/pod-units.h"
#include "unit/unit-needs.h"

/* What limits the pod limits all of it, and is of its slice. */
static bool is_limit(const Entry *entry) {
        static const char *const beginnings[] = {
                "AllowedCPUs",    "AllowedMemoryNodes", "CPUAccounting", "CPUQuota", "CPUWeight", "DefaultMemory",
                "DefaultStartup", "DeviceAllow",        "DevicePolicy",  "IO",       "IP",        "ManagedOOM",
                "Memory",         "SocketBind",         "Startup",       "Tasks",
        };
        static const char *const others[] = { "IOScheduling", "IPCNamespacePath", "MemoryDenyWriteExecute",
                                              "MemoryKSM" };

        if (!streq(entry->section, "Service"))
                return false;
        for (size_t i = 0; i < ARRAY_SIZE(others); i++)
                if (startswith(entry->key, others[i]))
                        return false;
        for (size_t i = 0; i < ARRAY_SIZE(beginnings); i++)
                if (startswith(entry->key, beginnings[i]))
                        return true;
        return false;
}

static int append_limits(const UnitDropIn *drop_in, Text *text) {
        const UnitFile *unit = &drop_in->section->unit;

        for (size_t i = 0; i < unit->count; i++) {
                const Entry *entry = &unit->entries[i];
                _cleanup_free_ char *value = NULL;
                int r;

                if (!is_limit(entry))
                        continue;
                r = specifiers_expand_names(drop_in->context, entry->value, &value);
                if (r < 0)
                        return r;
                text_appendf(text, "%s=%s\n", entry->key, value);
        }
        return 0;
}

static int add_limits(const UnitDropIn *drop_in, const char *slice) {
        const char *source = drop_in->context->path;
        _cleanup_text_ Text text = {}, limits = {};
        char *content = NULL;
        int r;

        r = append_limits(drop_in, &limits);
        if (r < 0 || limits.length == 0)
                return r < 0 || !limits.failed ? r : -ENOMEM;
        unit_output_append_header(&text, source, "its limits");
        text_append(&text, "[Slice]\n");
        text_append(&text, limits.data);
        text.failed |= limits.failed;
        if (text_take(&text, &content) < 0)
                return -ENOMEM;
        return unit_outputs_add_file(drop_in->outputs, source, text_format("%s.d/10-berth.conf", slice), content);
}

/* Behind the user's own Slice=, which names the slice that this one is below. */
static int add_slice(UnitDropIn *drop_in, const Pod *pod) {
        _cleanup_free_ char *slice = unit_pod_slice(pod);

        if (!slice)
                return -ENOMEM;
        text_appendf(&drop_in->service_end, "Slice=%s\n", slice);
        return add_limits(drop_in, slice);
}

/* The program that is the pod's network is limited with the pod, and ends with it, also when
 * pod-down is killed. */
static int add_program(UnitDropIn *drop_in, const Pod *pod) {
        _cleanup_free_ char *instance = unit_pod_instance(pod), *slice = unit_pod_slice(pod);
        const char *source = drop_in->context->path;
        _cleanup_text_ Text text = {};
        char *content = NULL;

        if (!instance || !slice)
                return -ENOMEM;
        unit_output_append_header(&text, source, "its network");
        text_appendf(&text, "[Service]\nSlice=%s\n", slice);
        if (text_take(&text, &content) < 0)
                return -ENOMEM;
        text_appendf(&drop_in->service_end,
                     "ExecStopPost=-systemctl%s --no-block stop container-pod-network@%%i.service\n",
                     pod->of_user ? " --user" : "");
        return unit_outputs_add_file(drop_in->outputs, source,
                                     text_format("container-pod-network@%s.service.d/10-berth.conf", instance),
                                     content);
}

int unit_text_pod(const Pod *pod, UnitDropIn *drop_in) {
        Container container;
        int r;

        pod_as_container(pod, &container);
        r = unit_needs_add(&container, drop_in);
        if (r >= 0)
                r = add_slice(drop_in, pod);
        /* Ports of users' pods on bridges are such a program's, too. */
        if (r < 0 || (!container_user_network(&container) && !(pod->of_user && pod->publish_ports.count > 0)))
                return r;
        return add_program(drop_in, pod);
}
