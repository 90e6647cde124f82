/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Running other programs. */
#include "basic/process.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "basic/files.h"
#include "basic/path.h"

#define DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin"

/* As posix_spawn(3), an error number. */
static int set_attributes(posix_spawnattr_t *attributes, unsigned flags) {
        unsigned chosen = (flags & PROCESS_DEFAULT_SIGPIPE ? POSIX_SPAWN_SETSIGDEF : 0u) |
                          (flags & PROCESS_PLAIN_SIGNALS ? POSIX_SPAWN_SETSIGMASK : 0u) |
                          (flags & PROCESS_OWN_SESSION ? POSIX_SPAWN_SETSID : 0u);
        sigset_t pipe, none;
        int r = posix_spawnattr_init(attributes);

        if (r != 0 || chosen == 0)
                return r;
        sigemptyset(&none);
        sigemptyset(&pipe);
        sigaddset(&pipe, SIGPIPE);
        r = posix_spawnattr_setsigdefault(attributes, &pipe);
        if (r == 0)
                r = posix_spawnattr_setsigmask(attributes, &none);
        return r != 0 ? r : posix_spawnattr_setflags(attributes, (short) chosen);
}

static int spawn(const char *path, const char *const argv[], char *const environment[], unsigned flags, int stdout_fd,
                 int stderr_fd, pid_t *ret) {
        int (*start)(pid_t *, const char *, const posix_spawn_file_actions_t *, const posix_spawnattr_t *,
                     char *const[], char *const[]) = path ? posix_spawn : posix_spawnp;
        posix_spawn_file_actions_t actions;
        posix_spawnattr_t attributes;
        int r;

        r = posix_spawn_file_actions_init(&actions);
        if (r != 0)
                return -r;
        r = set_attributes(&attributes, flags);
        if (r != 0) {
                posix_spawn_file_actions_destroy(&actions);
                return -r;
        }
        if (!(flags & PROCESS_INHERIT_STDIN))
                r = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        if (r == 0 && stdout_fd >= 0)
                r = posix_spawn_file_actions_adddup2(&actions, stdout_fd, STDOUT_FILENO);
        if (r == 0 && stderr_fd >= 0)
                r = posix_spawn_file_actions_adddup2(&actions, stderr_fd, STDERR_FILENO);
        if (r == 0)
                r = start(ret, path ?: argv[0], &actions, &attributes, (char *const *) argv,
                          environment ? environment : environ);
        posix_spawnattr_destroy(&attributes);
        posix_spawn_file_actions_destroy(&actions);
        return -r;
}

int process_spawn(const char *const argv[], char *const environment[], unsigned flags, int stdout_fd, int stderr_fd,
                  pid_t *ret) {
        return spawn(NULL, argv, environment, flags, stdout_fd, stderr_fd, ret);
}

int process_spawn_file(const char *path, const char *const argv[], char *const environment[], unsigned flags,
                       int stdout_fd, int stderr_fd, pid_t *ret) {
        return spawn(path, argv, environment, flags, stdout_fd, stderr_fd, ret);
}

int process_wait(pid_t pid) {
        int status;

        while (waitpid(pid, &status, 0) < 0)
                if (errno != EINTR)
                        return -errno;
        return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int process_run(const char *const argv[], char *const environment[], unsigned flags) {
        pid_t pid;
        int r;

        r = process_spawn(argv, environment, flags, -EBADF, -EBADF, &pid);
        return r < 0 ? r : process_wait(pid);
}

int process_become(const char *const argv[]) {
        (void) fflush(stdout);
        (void) execvp(argv[0], (char *const *) argv);
        return -errno;
}

int process_capture(const char *const argv[], char *const environment[], size_t max, char **ret, size_t *ret_size) {
        _cleanup_close_ int fd = memfd_create("output", MFD_CLOEXEC);
        pid_t pid;
        int r, status;

        if (fd < 0)
                return -errno;
        r = process_spawn(argv, environment, 0, fd, -EBADF, &pid);
        if (r < 0)
                return r;
        status = process_wait(pid);
        if (status != 0)
                return status;
        if (lseek(fd, 0, SEEK_SET) < 0)
                return -errno;
        return read_fd(fd, max, ret, ret_size);
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

/* It shall not outlive this process. */
static void wait_to_be_killed(pid_t parent) {
        if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 || getppid() != parent)
                _exit(EXIT_FAILURE);
        for (;;)
                pause();
}

int process_hold(unsigned long namespaces, pid_t *ret) {
        pid_t parent = getpid(), pid;

        /* As fork(), in the new namespaces from the beginning. */
        pid = (pid_t) syscall(SYS_clone, namespaces | SIGCHLD, NULL, NULL, NULL, NULL);
        if (pid < 0)
                return -errno;
        if (pid == 0)
                wait_to_be_killed(parent);
        *ret = pid;
        return 0;
}

void process_release(pid_t pid) {
        (void) kill(pid, SIGKILL);
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
                ;
}
