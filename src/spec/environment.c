/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The environment of the container's first process: ours, then that of EnvironmentFile=, then Environment=; a later assignment of a name wins
 * and keeps the earlier one's place. */
#include "spec/environment.h"

#define DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

int build_environment(SpecBuild *build) {
        _cleanup_string_list_ StringList list = {};
        const Facts *facts = build->facts;
        int r;

        if ((r = string_list_add(&list, "PATH=" DEFAULT_PATH)) < 0 ||
            (r = string_list_add(&list, "container=berth")) < 0 ||
            (r = string_list_addf(&list, "HOSTNAME=%s", build->host_name)) < 0)
                return r;
        if (facts->home && (r = string_list_addf(&list, "HOME=%s", facts->home)) < 0)
                return r;
        /* systemd takes it as its machine ID when /etc/machine-id is empty; see https://systemd.io/CONTAINER_INTERFACE. */
        if (container_runs_systemd(build->container) && (r = string_list_addf(&list, "container_uuid=%s", facts->container_uuid)) < 0)
                return r;
        if ((r = string_list_assign_all(&list, &facts->file_environment)) < 0 ||
            (r = string_list_assign_all(&list, &build->container->environment)) < 0)
                return r;
        json_add_strings(&build->json, "env", &list);
        return 0;
}
