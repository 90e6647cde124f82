/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The container's first process: what runs, as whom, with which limits. */
#include "oci/oci-process.h"

#include <errno.h>

#include "config/sandbox.h"
#include "oci/capabilities.h"
#include "oci/environment.h"
#include "oci/oci-mounts.h"

enum { DEFAULT_UMASK = 0022 };

static void build_user(SpecBuild *build) {
        const Facts *facts = build->facts;
        Json *json = &build->json;

        json_open_object(json, "user");
        json_add_unsigned(json, "uid", facts->uid);
        json_add_unsigned(json, "gid", facts->gid);
        json_add_unsigned(json, "umask",
                          build_is_set(build, KEY_Container_Umask) ? build->container->umask : DEFAULT_UMASK);
        if (facts->groups.count > 0 && !container_keeps_groups(build->container)) {
                json_open_array(json, "additionalGids");
                for (size_t i = 0; i < facts->groups.count; i++)
                        json_add_unsigned(json, NULL, facts->groups.items[i]);
                json_close(json);
        }
        json_close(json);
}

static int build_arguments(SpecBuild *build) {
        const Container *container = build->container;
        _cleanup_free_ const char **command = NULL;
        Json *json = &build->json;
        int r;

        r = container_command(container, &command);
        if (r < 0)
                return r;
        json_open_array(json, "args");
        if (container->run_init) {
                json_add_string(json, NULL, INIT_DESTINATION);
                json_add_string(json, NULL, "--");
        }
        for (size_t i = 0; command[i]; i++)
                json_add_string(json, NULL, command[i]);
        json_close(json);
        return 0;
}

static void write_limit(Json *json, const char *type, uint64_t soft, uint64_t hard) {
        json_open_object(json, NULL);
        json_add_string(json, "type", type);
        json_add_unsigned(json, "soft", soft);
        json_add_unsigned(json, "hard", hard);
        json_close(json);
}

/* The last item of a name counts; the OCI configuration may have only one. */
static const Ulimit *find_ulimit(const UlimitList *list, const char *name) {
        for (size_t i = list->count; i > 0; i--)
                if (streq(list->items[i - 1].name, name))
                        return &list->items[i - 1];
        return NULL;
}

/* What every container has, as with podman: the number of processes is counted for a user of the
 * whole machine. A limit of the service's own is inherited instead. */
static void build_default_limits(SpecBuild *build) {
        const struct {
                const char *type, *setting;
                uint64_t limit;
        } defaults[] = {
                { "RLIMIT_NOFILE", "LimitNOFILE", build->facts->nofile_hard },
                { "RLIMIT_NPROC", "LimitNPROC", build->facts->nproc_hard },
        };

        for (size_t i = 0; i < ARRAY_SIZE(defaults); i++)
                if (!find_ulimit(&build->container->ulimits, defaults[i].type) &&
                    !sandbox_find(&build->container->unit, defaults[i].setting))
                        write_limit(&build->json, defaults[i].type, defaults[i].limit, defaults[i].limit);
}

static void build_rlimits(SpecBuild *build) {
        const UlimitList *ulimits = &build->container->ulimits;
        Json *json = &build->json;

        json_open_array(json, "rlimits");
        if (!ulimits->host)
                build_default_limits(build);
        for (size_t i = 0; i < ulimits->count; i++) {
                const Ulimit *ulimit = &ulimits->items[i];

                if (find_ulimit(ulimits, ulimit->name) == ulimit)
                        write_limit(json, ulimit->name, ulimit->soft, ulimit->hard);
        }
        json_close(json);
}

/* What is privileged is confined by neither, as with podman. */
static void build_apparmor(SpecBuild *build) {
        const Container *container = build->container;
        const char *profile = container->apparmor ?: container->privileged ? "unconfined" : APPARMOR_DEFAULT_PROFILE;

        if (build->facts->apparmor)
                json_add_string(&build->json, "apparmorProfile", profile);
        else if (container->apparmor && !streq(container->apparmor, "unconfined"))
                build_error(build, KEY_Container_AppArmor, "AppArmor is not enabled on this machine");
}

int build_process(SpecBuild *build) {
        const Container *container = build->container;
        Json *json = &build->json;
        int r;

        json_open_object(json, "process");
        json_add_bool(json, "terminal", false);
        build_user(build);
        r = build_arguments(build);
        if (r < 0)
                return r;
        r = build_environment(build);
        if (r < 0)
                return r;
        json_add_string(json, "cwd", container->working_dir ?: "/");
        build_capabilities(build);
        build_rlimits(build);
        json_add_bool(json, "noNewPrivileges", container->no_new_privileges);
        if (build->labels.process)
                json_add_string(json, "selinuxLabel", build->labels.process);
        build_apparmor(build);
        if (build_is_set(build, KEY_Container_OomScoreAdjust))
                json_add_integer(json, "oomScoreAdj", container->oom_score_adjust);
        json_close(json);
        return 0;
}
