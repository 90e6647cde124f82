/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Running other programs. */
#include "basic/process.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "basic/path.h"

#define DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin"

int process_run(const char *const argv[], char *const environment[], unsigned flags) {
        posix_spawn_file_actions_t actions;
        int status, r;
        pid_t pid;

        r = posix_spawn_file_actions_init(&actions);
        if (r != 0)
                return -r;
        if (!(flags & PROCESS_INHERIT_STDIN))
                r = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        if (r == 0)
                r = posix_spawnp(&pid, argv[0], &actions, NULL, (char *const *) argv, environment ? environment : environ);
        posix_spawn_file_actions_destroy(&actions);
        if (r != 0)
                return -r;
        while (waitpid(pid, &status, 0) < 0)
                if (errno != EINTR)
                        return -errno;
        return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static bool is_program(const char *path) {
        struct stat st;
        return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

int process_find(const char *name, char **ret) {
        const char *path = getenv("PATH");

        if (strchr(name, '/')) {
                if (!is_program(name))
                        return -ENOENT;
                *ret = strdup(name);
                return *ret ? 0 : -ENOMEM;
        }
        if (!path || !*path)
                path = DEFAULT_PATH;
        while (*path) {
                size_t n = strcspn(path, ":");
                _cleanup_free_ char *directory = strndup(path, n), *candidate = NULL;

                candidate = directory ? path_join(directory, name) : NULL;
                if (!candidate)
                        return -ENOMEM;
                if (n > 0 && is_program(candidate)) {
                        *ret = TAKE_PTR(candidate);
                        return 0;
                }
                path += n + (path[n] == ':');
        }
        return -ENOENT;
}
