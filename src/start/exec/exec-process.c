/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "start/exec/exec-process.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "basic/root.h"
#include "config/value/values.h"
#include "source/places.h"

#define SHELL "/bin/sh"

static int put(json_object *object, const char *name, json_object *value) {
        if (value && json_object_object_add(object, name, value) >= 0)
                return 0;
        json_object_put(value);
        return -ENOMEM;
}

/* A member that is missing has none. */
static int read_strings(json_object *object, const char *name, StringList *ret) {
        int r = json_get_strings(object, name, ret);

        return r == -ENOENT ? 0 : r;
}

static uint32_t read_id(json_object *process, const char *name) {
        return (uint32_t) json_object_get_int64(json_object_object_get(json_object_object_get(process, "user"), name));
}

int exec_find_user(const ExecRequest *request, json_object *process, int root_fd, ContainerUser *ret,
                   const char **ret_missing) {
        _cleanup_free_ char *own = text_format("%u:%u", read_id(process, "uid"), read_id(process, "gid"));

        if (!own)
                return -ENOMEM;
        return users_lookup(root_fd, &(UserRequest) { .user = request->user ?: own }, ret, ret_missing);
}

static int apply_user(const ContainerUser *user, json_object *process) {
        json_object *object = json_object_new_object(), *groups = json_object_new_array();
        int r = object && groups ? 0 : -ENOMEM;

        for (size_t i = 0; r >= 0 && i < user->group_count; i++)
                if (json_object_array_add(groups, json_object_new_int64(user->groups[i])) < 0)
                        r = -ENOMEM;
        if (r >= 0)
                r = put(object, "uid", json_object_new_int64(user->uid));
        if (r >= 0)
                r = put(object, "gid", json_object_new_int64(user->gid));
        if (r < 0) {
                json_object_put(groups);
                json_object_put(object);
                return r;
        }
        r = put(object, "additionalGids", groups);
        return r < 0 ? r : put(process, "user", object);
}

/* Root has what the container's bounding set leaves, as if it had been started as root; nobody else
 * has any, as after setuid(2). */
static int apply_capabilities(const ExecRequest *request, const ContainerUser *user, json_object *process) {
        static const char *const kept[] = { "effective", "permitted" }, *const never[] = { "inheritable", "ambient" };
        _cleanup_string_list_ StringList bounding = {}, none = {};
        json_object *sets;
        size_t count;
        const char *const *names = capability_names(&count);
        int r = 0;

        if (!request->user && !request->privileged)
                return 0;
        if (!json_object_object_get_ex(process, "capabilities", &sets)) {
                r = put(process, "capabilities", json_object_new_object());
                (void) json_object_object_get_ex(process, "capabilities", &sets);
        } else if (!request->privileged)
                r = read_strings(sets, "bounding", &bounding);
        /* What this process cannot have, it cannot give. */
        for (size_t i = 0; request->privileged && r >= 0 && i < count; i++)
                if (prctl(PR_CAPBSET_READ, i, 0, 0, 0) > 0)
                        r = string_list_add(&bounding, names[i]);
        if (r >= 0)
                r = put(sets, "bounding", json_from_strings(&bounding));
        for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(kept); i++)
                r = put(sets, kept[i], json_from_strings(user->uid == 0 ? &bounding : &none));
        for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(never); i++)
                r = put(sets, never[i], json_from_strings(&none));
        if (r >= 0 && request->privileged)
                r = put(process, "noNewPrivileges", json_object_new_boolean(false));
        return r;
}

static int apply_environment(const ExecRequest *request, const ContainerUser *user, json_object *process) {
        static const char *const own[] = { "LISTEN_", "WATCHDOG_" };
        _cleanup_string_list_ StringList old = {}, list = {};
        _cleanup_free_ char *home = text_format("HOME=%s", user->home),
                            *term = text_format("TERM=%s", getenv("TERM") ?: "xterm");
        int r = home && term ? read_strings(process, "env", &old) : -ENOMEM;

        for (size_t i = 0; r >= 0 && i < old.count; i++) {
                bool dropped = false;

                for (size_t j = 0; j < ARRAY_SIZE(own); j++)
                        dropped |= startswith(old.items[i], own[j]) != NULL;
                if (!dropped)
                        r = string_list_add(&list, old.items[i]);
        }
        if (r >= 0 && request->user)
                r = string_list_assign(&list, home);
        if (r >= 0 && request->terminal && !string_list_value(&list, "TERM"))
                r = string_list_assign(&list, term);
        if (r >= 0)
                r = string_list_assign_all(&list, &request->environment);
        return r < 0 ? r : put(process, "env", json_from_strings(&list));
}

static bool is_program(int root_fd, const char *path) {
        _cleanup_close_ int fd = path && *path == '/' ? root_open(root_fd, path, O_PATH) : -EBADF;
        struct stat st;

        return fd >= 0 && fstat(fd, &st) >= 0 && S_ISREG(st.st_mode) && (st.st_mode & 0111);
}

static bool lets_nobody_in(const char *shell) {
        return endswith(shell, "/nologin") || endswith(shell, "/false");
}

static int apply_command(const ExecRequest *request, const ContainerUser *user, int root_fd, json_object *process) {
        _cleanup_string_list_ StringList command = {};
        int r = 0;

        for (char *const *word = request->command; r >= 0 && *word; word++)
                r = string_list_add(&command, *word);
        if (r >= 0 && command.count == 0)
                r = string_list_add(&command, user->shell && !lets_nobody_in(user->shell) &&
                                                              is_program(root_fd, user->shell)
                                                      ? user->shell
                                                      : SHELL);
        return r < 0 ? r : put(process, "args", json_from_strings(&command));
}

static bool find_own_limit(const char *name, struct rlimit *ret) {
        static const struct {
                const char *name;
                int resource;
        } limits[] = {
                { "RLIMIT_AS", RLIMIT_AS },           { "RLIMIT_CORE", RLIMIT_CORE },
                { "RLIMIT_CPU", RLIMIT_CPU },         { "RLIMIT_DATA", RLIMIT_DATA },
                { "RLIMIT_FSIZE", RLIMIT_FSIZE },     { "RLIMIT_LOCKS", RLIMIT_LOCKS },
                { "RLIMIT_MEMLOCK", RLIMIT_MEMLOCK }, { "RLIMIT_MSGQUEUE", RLIMIT_MSGQUEUE },
                { "RLIMIT_NICE", RLIMIT_NICE },       { "RLIMIT_NOFILE", RLIMIT_NOFILE },
                { "RLIMIT_NPROC", RLIMIT_NPROC },     { "RLIMIT_RSS", RLIMIT_RSS },
                { "RLIMIT_RTPRIO", RLIMIT_RTPRIO },   { "RLIMIT_RTTIME", RLIMIT_RTTIME },
                { "RLIMIT_STACK", RLIMIT_STACK },     { "RLIMIT_SIGPENDING", RLIMIT_SIGPENDING },
        };

        for (size_t i = 0; i < ARRAY_SIZE(limits); i++)
                if (streq_null(name, limits[i].name))
                        return getrlimit(limits[i].resource, ret) >= 0;
        return false;
}

static int lower_limit(json_object *limit, const char *member, rlim_t most) {
        if (most == RLIM_INFINITY || json_object_get_uint64(json_object_object_get(limit, member)) <= most)
                return 0;
        return put(limit, member, json_object_new_uint64(most));
}

/* A user's session may have lower limits than the manager that the container is of, and nobody but
 * the machine's root can raise them. */
static int apply_own_limits(json_object *process) {
        json_object *limits = json_get_member(process, "rlimits", json_type_array);
        int r = 0;

        if (places_scope() != SCOPE_USER || !limits)
                return 0;
        for (size_t i = 0; r >= 0 && i < json_object_array_length(limits); i++) {
                json_object *limit = json_object_array_get_idx(limits, i);
                struct rlimit own;

                if (!find_own_limit(json_get_string(limit, "type"), &own))
                        continue;
                r = lower_limit(limit, "hard", own.rlim_max);
                if (r >= 0)
                        r = lower_limit(limit, "soft", own.rlim_max);
        }
        return r;
}

int exec_process_apply(const ExecRequest *request, const ContainerUser *user, int root_fd, json_object *process) {
        int r;

        r = request->user ? apply_user(user, process) : 0;
        if (r >= 0)
                r = apply_capabilities(request, user, process);
        if (r >= 0)
                r = apply_environment(request, user, process);
        if (r >= 0)
                r = apply_command(request, user, root_fd, process);
        if (r >= 0 && request->working_dir)
                r = put(process, "cwd", json_object_new_string(request->working_dir));
        if (r >= 0)
                r = apply_own_limits(process);
        return r < 0 ? r : put(process, "terminal", json_object_new_boolean(request->terminal));
}
