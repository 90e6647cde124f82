/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The environment of the container's first process: what every container has, the image's without
 * what is left out, then what is asked for of the service manager's, that of EnvironmentFile=,
 * Environment=, secrets, and devices. A later assignment of a name wins, at the place of the
 * earlier one. */
#include "oci/environment.h"

#include <errno.h>

#include "basic/text.h"

#define DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

static bool is_variable(const char *assignment, const char *const names[], size_t count) {
        size_t n = strcspn(assignment, "=");

        for (size_t i = 0; i < count; i++)
                if (strlen(names[i]) == n && strncmp(assignment, names[i], n) == 0)
                        return true;
        return false;
}

/* Whether a variable of the service manager's goes into the container. EnvironmentHost= does not
 * mean those by which systemd tells the service's own process what is its own alone: a socket, a
 * watchdog, a directory that the container does not see. */
static bool is_passed_on(const Container *container, const char *assignment) {
        static const char *const proxies[] = {
                "http_proxy", "https_proxy", "ftp_proxy", "no_proxy",
                "HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY",
        };
        static const char *const own[] = {
                "CREDENTIALS_DIRECTORY", "FDSTORE",       "JOURNAL_STREAM",
                "LISTEN_FDNAMES",        "LISTEN_FDS",    "LISTEN_PID",
                "LISTEN_PIDFDID",        "MAINPID",       "MEMORY_PRESSURE_WATCH",
                "MEMORY_PRESSURE_WRITE", "NOTIFY_SOCKET", "SYSTEMD_EXEC_PID",
                "WATCHDOG_PID",          "WATCHDOG_USEC",
        };

        if (container->environment_host)
                return !is_variable(assignment, own, ARRAY_SIZE(own));
        return container->http_proxy != NO && is_variable(assignment, proxies, ARRAY_SIZE(proxies));
}

/* HOSTNAME is the container's own. */
static int add_host_environment(const SpecBuild *build, StringList *list) {
        static const char *const host_name[] = { "HOSTNAME" };
        const StringList *host = &build->facts->host_environment;
        int r = 0;

        for (size_t i = 0; i < host->count && r == 0; i++)
                if (is_passed_on(build->container, host->items[i]) && !is_variable(host->items[i], host_name, 1))
                        r = string_list_assign(list, host->items[i]);
        return r;
}

/* What podman calls --unsetenv: of the defaults, not of what is asked for. */
static void leave_out(const Container *container, StringList *list) {
        for (size_t i = 0; i < container->unset_environment.count; i++) {
                const char *name = container->unset_environment.items[i], *value = string_list_value(list, name);
                _cleanup_free_ char *assignment = value ? text_format("%s=%s", name, value) : NULL;

                if (assignment)
                        string_list_remove(list, assignment);
        }
}

/* What is set already, by the service manager, stays. */
static int add_default(StringList *list, const char *name, const char *value) {
        if (!value || string_list_value(list, name))
                return 0;
        return string_list_addf(list, "%s=%s", name, value);
}

int build_environment(SpecBuild *build) {
        _cleanup_string_list_ StringList list = {};
        _cleanup_free_ char *host_name = text_format("HOSTNAME=%s", build->host_name);
        const Facts *facts = build->facts;
        /* What podman calls --unsetenv-all: libpod adds the other defaults later than it takes
         * away. */
        bool none = build->container->unset_environment_all;
        int r;

        if (!host_name)
                return -ENOMEM;
        if ((!none && (r = string_list_add(&list, "PATH=" DEFAULT_PATH)) < 0) ||
            (r = add_host_environment(build, &list)) < 0 ||
            (r = add_default(&list, "container", "berth")) < 0 ||
            (r = string_list_assign(&list, host_name)) < 0 ||
            (r = add_default(&list, "HOME", facts->home)) < 0)
                return r;
        /* systemd takes it as its machine ID when /etc/machine-id is empty; see
         * https://systemd.io/CONTAINER_INTERFACE. */
        if (container_runs_systemd(build->container) &&
            (r = add_default(&list, "container_uuid", facts->container_uuid)) < 0)
                return r;
        if (!none && (r = string_list_assign_all(&list, &build->container->image_environment)) < 0)
                return r;
        leave_out(build->container, &list);
        /* Once more: the first time was for what only stands in for it. */
        if ((r = add_host_environment(build, &list)) < 0 ||
            (r = string_list_assign_all(&list, &facts->file_environment)) < 0 ||
            (r = string_list_assign_all(&list, &build->container->environment)) < 0 ||
            (r = string_list_assign_all(&list, &facts->secret_environment)) < 0 ||
            (r = string_list_assign_all(&list, &facts->device_environment)) < 0)
                return r;
        /* Ours: there is no other socket that would lead to systemd. */
        if (build->container->notify == NOTIFY_YES &&
            (r = string_list_assign(&list, "NOTIFY_SOCKET=" NOTIFY_DESTINATION)) < 0)
                return r;
        json_add_strings(&build->json, "env", &list);
        return 0;
}
