/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Kernel parameters for the namespaces of a pod. */
#include "start/pod/pod-parameters.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "basic/files.h"
#include "basic/log.h"
#include "basic/path.h"
#include "config/value/values.h"
#include "start/gather/gather-steps.h"

static int add(const char *parameter, bool network, StringList *list) {
        _cleanup_free_ char *name = strndup(parameter, strcspn(parameter, "="));

        if (!name)
                return -ENOMEM;
        if (!value_sysctl_is_namespaced(name)) {
                log_error("default_sysctls of containers.conf: \"%s\" belongs to no namespace of a pod: it would be "
                          "the host's",
                          name);
                return -EINVAL;
        }
        return startswith(name, "net.") && !network ? 0 : string_list_add(list, parameter);
}

int pod_parameters_find(bool network, StringList *ret) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_facts_ Facts facts = {};
        int r = gather_default_sysctls(NULL, NULL, &facts, &diagnostics);

        log_diagnostics(&diagnostics);
        for (size_t i = 0; r >= 0 && i < facts.default_sysctls.count; i++)
                r = add(facts.default_sysctls.items[i], network, ret);
        return r;
}

/* As sysctl(8) has it, dots separate, and a slash is a dot of a name. */
static int set(const char *parameter) {
        size_t n = strcspn(parameter, "=");
        _cleanup_free_ char *name = strndup(parameter, n), *path = NULL;
        _cleanup_close_ int fd = -EBADF;

        if (!name)
                return -ENOMEM;
        for (char *c = name; *c; c++)
                *c = *c == '.' ? '/' : *c == '/' ? '.' : *c;
        path = path_join("/proc/sys", name);
        if (!path)
                return -ENOMEM;
        /* Which would lead to what is the machine's. */
        if (strstr(path, "/../"))
                return -EINVAL;
        fd = open(path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
        return fd < 0 || write(fd, parameter + n + 1, strlen(parameter + n + 1)) < 0 ? -errno : 0;
}

int pod_parameters_set(const StringList *parameters, size_t *ret_failed) {
        int r = 0;

        for (size_t i = 0; i < parameters->count && r >= 0; i++) {
                r = set(parameters->items[i]);
                if (r < 0)
                        *ret_failed = i;
        }
        return r;
}
