/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The OCI runtime configuration as a whole; see config.md and config-linux.md of the OCI runtime
 * specification. */
#include "oci/oci-spec.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>

#include "basic/text.h"
#include "oci/capabilities.h"
#include "oci/confine/confine.h"
#include "oci/control-group.h"
#include "oci/oci-build.h"
#include "oci/oci-devices.h"
#include "oci/oci-hooks.h"
#include "oci/oci-mounts.h"
#include "oci/oci-namespaces.h"
#include "oci/oci-process.h"
#include "oci/paths.h"
#include "oci/seccomp.h"

static void build_done(SpecBuild *build) {
        json_done(&build->json);
        free(build->host_name);
        free(build->cgroups_path);
        container_labels_done(&build->labels);
        string_list_done(&build->masked_paths);
        string_list_done(&build->readonly_paths);
        mount_list_done(&build->mounts);
}

/* "web@a" → "web-a": letters, digits and "-", neither first nor last; see hostname(7). */
static char *host_name_from(const char *name) {
        char label[HOST_NAME_MAX] = "";
        size_t n = 0;

        for (const char *p = name; *p && n < sizeof(label) - 1; p++)
                if (isalnum((unsigned char) *p))
                        label[n++] = *p;
                else if (n > 0 && label[n - 1] != '-')
                        label[n++] = '-';
        if (n > 0 && label[n - 1] == '-')
                n--;
        return n > 0 ? strndup(label, n) : strdup("container");
}

int oci_spec_host_name(const Container *container, const Facts *facts, char **ret) {
        Namespace uts = get_namespace(container, facts, OCI_NAMESPACE_UTS);
        bool shared = uts.kind == NAMESPACE_HOST ||
                      namespace_kind(container, facts, OCI_NAMESPACE_NETWORK) == NAMESPACE_HOST;
        char *name;

        if ((uts.kind == NAMESPACE_CONTAINER || uts.kind == NAMESPACE_POD) && facts->joined_host_name)
                name = strdup(facts->joined_host_name);
        else if (container->host_name)
                name = strdup(container->host_name);
        else if (shared)
                name = strdup(facts->host_name);
        else
                name = host_name_from(container->container_name ?: container->stem);
        if (!name)
                return -ENOMEM;
        *ret = name;
        return 0;
}

static void build_root(SpecBuild *build) {
        json_open_object(&build->json, "root");
        json_add_string(&build->json, "path", build->facts->rootfs);
        json_add_bool(&build->json, "readonly", build->container->read_only);
        json_close(&build->json);
}

static void build_host_name(SpecBuild *build) {
        if (namespace_kind(build->container, build->facts, OCI_NAMESPACE_UTS) == NAMESPACE_PRIVATE)
                json_add_string(&build->json, "hostname", build->host_name);
}

/* Nothing that an image says is among them, save the number of its stop signal: runtimes obey
 * annotations ("run.oci.seccomp_bpf_data" replaces crun's system call filter), and an image is not
 * asked. See image-config.h. */
static int build_annotations(SpecBuild *build) {
        _cleanup_string_list_ StringList list = {};
        int r;

        if ((r = string_list_add(&list, "io.container.manager=berth")) < 0 ||
            (r = string_list_addf(&list, "io.kubernetes.cri-o.Created=%s", build->facts->created)) < 0 ||
            (r = string_list_addf(&list, STOP_SIGNAL_ANNOTATION "=%d",
                                  container_stop_signal(build->container))) < 0 ||
            (container_keeps_groups(build->container) &&
             (r = string_list_add(&list, "run.oci.keep_original_groups=1")) < 0) ||
            (r = string_list_assign_all(&list, &build->container->annotations)) < 0)
                return r;
        string_list_sort(&list);
        json_add_assignments(&build->json, "annotations", &list);
        return 0;
}

/* Whether the namespace that a kernel parameter belongs to is the container's to set. Those of a
 * joined one are set already. */
static bool has_own_parameter(const SpecBuild *build, const char *parameter) {
        OciNamespace namespace = OCI_NAMESPACE_IPC;

        if (startswith(parameter, "net."))
                namespace = OCI_NAMESPACE_NETWORK;
        else if (startswith(parameter, "kernel.domainname"))
                namespace = OCI_NAMESPACE_UTS;
        return namespace_kind(build->container, build->facts, namespace) == NAMESPACE_PRIVATE;
}

static int build_sysctls(SpecBuild *build) {
        const StringList *defaults = &build->facts->default_sysctls;
        _cleanup_string_list_ StringList list = {};
        int r = 0;

        for (size_t i = 0; i < defaults->count && r >= 0; i++)
                if (has_own_parameter(build, defaults->items[i]))
                        r = string_list_assign(&list, defaults->items[i]);
        if (r >= 0)
                r = string_list_assign_all(&list, &build->container->sysctls);
        if (r >= 0 && list.count > 0)
                json_add_assignments(&build->json, "sysctl", &list);
        return r;
}

static int build_linux(SpecBuild *build) {
        const char *propagation = mount_list_root_propagation(&build->mounts);
        Json *json = &build->json;
        int r;

        json_open_object(json, "linux");
        r = build_sysctls(build);
        if (r < 0)
                return r;
        json_open_object(json, "resources");
        build_device_rules(build);
        json_close(json);
        if (build->cgroups_path)
                json_add_string(json, "cgroupsPath", build->cgroups_path);
        build_namespaces(build);
        build_devices(build);
        build_paths(build);
        r = build_seccomp(build);
        if (r < 0)
                return r;
        if (build->labels.mount)
                json_add_string(json, "mountLabel", build->labels.mount);
        if (propagation)
                json_add_string(json, "rootfsPropagation", propagation);
        json_close(json);
        return 0;
}

static int compute_cgroups_path(SpecBuild *build) {
        _cleanup_free_ char *scope = NULL, *group = NULL;
        const char *unit_group = build->facts->cgroup;
        int r = 0;

        if (!unit_group || build->container->cgroups_mode == CGROUPS_DISABLED)
                return 0;
        if (build->container->cgroups_mode == CGROUPS_ENABLED) {
                r = container_scope_name(build->container->stem, &scope);
                if (r >= 0)
                        r = container_scope_group(unit_group, scope, &group);
                if (r < 0)
                        return r;
        }
        build->cgroups_path = text_format("%s/container", group ? group : unit_group);
        return build->cgroups_path ? 0 : -ENOMEM;
}

/* What several members need to know, before any of them is written. */
static int compute(SpecBuild *build) {
        int r;

        r = compute_cgroups_path(build);
        if (r < 0)
                return r;
        if ((r = capabilities_compute(build, &build->capabilities)) < 0 ||
            (r = oci_spec_host_name(build->container, build->facts, &build->host_name)) < 0 ||
            (r = container_labels_make(build->container, &build->facts->selinux, &build->labels)) < 0 ||
            (r = compute_paths(build)) < 0 ||
            (r = compute_mounts(build)) < 0)
                return r;
        /* What the user mounts is the user's to protect. */
        for (size_t i = 0; i < build->mounts.count; i++)
                if (build->mounts.items[i].by_user)
                        string_list_remove(&build->readonly_paths, build->mounts.items[i].destination);
        return confine_paths(build);
}

static int build_all(SpecBuild *build) {
        Json *json = &build->json;
        int r;

        json_open_object(json, NULL);
        json_add_string(json, "ociVersion", "1.0.2");
        r = build_process(build);
        if (r < 0)
                return r;
        build_root(build);
        build_host_name(build);
        mount_list_write(&build->mounts, json, "mounts");
        r = build_annotations(build);
        if (r < 0)
                return r;
        r = build_hooks(build);
        if (r < 0)
                return r;
        r = build_linux(build);
        if (r < 0)
                return r;
        json_close(json);
        return 0;
}

int oci_spec_build(const Container *container, const Facts *facts, Diagnostics *diagnostics, json_object **ret) {
        _cleanup_(build_done) SpecBuild build = { .container = container, .facts = facts, .diagnostics = diagnostics };
        size_t errors = diagnostics->errors;
        int r;

        if ((r = compute(&build)) < 0 || (r = build_all(&build)) < 0)
                return r;
        if (diagnostics->errors > errors)
                return -EREPORTED;
        return json_take(&build.json, ret);
}

char *oci_spec_to_text(json_object *spec, bool pretty) {
        const char *compact;
        char *text;

        if (pretty)
                return json_to_text(spec, &text) < 0 ? NULL : text;
        compact = json_object_to_json_string_ext(spec, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
        return compact ? text_format("%s\n", compact) : NULL;
}
