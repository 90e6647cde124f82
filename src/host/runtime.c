/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The OCI runtime, run as the program it is. */
#include "host/runtime.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "basic/files.h"
#include "basic/json.h"
#include "basic/path.h"
#include "basic/process.h"
#include "basic/text.h"
#include "host/cgroup.h"
#include "host/criu.h"
#include "host/runtime-program.h"
#include "host/user/user-root.h"
#include "source/places.h"

#define DEFAULT_RUNTIME "crun"
#define PID_FILE "pid"

int runtime_find(const char *name, char **ret) {
        return process_find(name ? name : DEFAULT_RUNTIME, ret);
}

bool runtime_is_crun(const char *program) {
        return startswith(path_basename(program), "crun") != NULL;
}

/* The runtime would pass the notification socket on to the payload, which could then, as the host's
 * uid 0, make any process of the host the unit's main process; and the watchdog is not the
 * runtime's. Fills `environment` with borrowed strings, NULL-terminated. */
static int make_environment(char ***ret) {
        static const char *const dropped[] = {
                "NOTIFY_SOCKET=", "WATCHDOG_PID=", "WATCHDOG_USEC=", "LISTEN_FDS=", "LISTEN_PID=", "LISTEN_FDNAMES=",
        };
        size_t n = 0, kept = 0;
        char **environment;

        while (environ[n])
                n++;
        environment = calloc(n + 1, sizeof(*environment));
        if (!environment)
                return -ENOMEM;
        for (size_t i = 0; i < n; i++) {
                bool drop = false;

                for (size_t j = 0; j < ARRAY_SIZE(dropped); j++)
                        drop = drop || startswith(environ[i], dropped[j]);
                if (!drop)
                        environment[kept++] = environ[i];
        }
        *ret = environment;
        return 0;
}

/* A user's own runs in a namespace where what it may do can go by its path (AppArmor). */
static int open_program(const char *program) {
        return runtime_is_crun(program) && places_scope() == SCOPE_SYSTEM ? runtime_program_open(program) : -ENOEXEC;
}

static int spawn(const char *const argv[], unsigned flags, int stdout_fd, int stderr_fd, pid_t *ret_pid) {
        _cleanup_close_ int program = open_program(argv[0]);
        _cleanup_free_ char **environment = NULL;
        int r;

        r = make_environment(&environment);
        if (r < 0)
                return r;
        return program >= 0 ? process_spawn_file(fd_path(program).text, argv, environment, flags, stdout_fd, stderr_fd,
                                                 ret_pid)
                            : process_spawn(argv, environment, flags, stdout_fd, stderr_fd, ret_pid);
}

static int run_with(const char *const argv[], unsigned flags, int stdout_fd, int stderr_fd) {
        pid_t pid;
        int r;

        r = spawn(argv, flags, stdout_fd, stderr_fd, &pid);
        if (r >= 0)
                r = process_wait(pid);
        return r <= 0 ? r : -EPROTO;
}

static int run(const char *const argv[]) {
        return run_with(argv, 0, -EBADF, -EBADF);
}

static int read_pid(const Bundle *bundle, pid_t *ret) {
        _cleanup_free_ char *text = NULL;
        char *end;
        long pid;
        int r;

        r = read_file_at(bundle->fd, PID_FILE, 64, &text, NULL);
        if (r < 0)
                return r;
        errno = 0;
        pid = strtol(text, &end, 10);
        if (errno != 0 || end == text || (*end && *end != '\n') || pid <= 1 || pid > INT32_MAX)
                return -EBADMSG;
        *ret = (pid_t) pid;
        return 0;
}

/* What runc reads when the container is to go on is for its owner to read, the container's root. Of
 * a user's container that may be another ID than the user, who alone gets to it. */
static int open_exec_fifo(const char *id) {
        _cleanup_free_ char *path = text_format("%s/%s/exec.fifo", place_path(PLACE_RUNTIME_STATE), id);

        if (!path)
                return -ENOMEM;
        return chmod(path, 0666) < 0 && errno != ENOENT ? -errno : 0;
}

int runtime_create(const char *program, const Bundle *bundle, unsigned flags, const RuntimePassed *passed,
                   pid_t *ret_pid) {
        _cleanup_free_ char *pid_file = path_join(bundle->path, PID_FILE);
        _cleanup_free_ char *preserve = text_format("--preserve-fds=%zu", passed->sockets);
        const char *argv[15];
        size_t n = 0;
        int r;

        if (!pid_file || !preserve)
                return -ENOMEM;
        argv[n++] = program;
        argv[n++] = "--root";
        argv[n++] = place_path(PLACE_RUNTIME_STATE);
        /* crun asks systemd for a scope unless it is told otherwise; runc, and what follows its
         * command line, does so only with --systemd-cgroup. */
        if (runtime_is_crun(program))
                argv[n++] = flags & RUNTIME_NO_CGROUP ? "--cgroup-manager=disabled" : "--cgroup-manager=cgroupfs";
        argv[n++] = "create";
        argv[n++] = "--bundle";
        argv[n++] = bundle->path;
        argv[n++] = "--pid-file";
        argv[n++] = pid_file;
        if (passed->sockets > 0)
                argv[n++] = preserve;
        if (passed->console) {
                argv[n++] = "--console-socket";
                argv[n++] = passed->console;
        }
        argv[n++] = bundle->id;
        argv[n] = NULL;
        r = run_with(argv, PROCESS_INHERIT_STDIN, passed->stdout_fd, passed->stderr_fd);
        if (r >= 0 && user_root_is_entered() && !runtime_is_crun(program))
                r = open_exec_fifo(bundle->id);
        if (r < 0)
                return r;
        return read_pid(bundle, ret_pid);
}

/* A container that crun has created waits for a byte in its FIFO, and its absence says that it
 * runs. `crun start` does no more than this, but takes as long as all that we do: it loads itself
 * twice. Returns -errno when anything is not as expected. */
static int write_exec_fifo(const char *id) {
        _cleanup_free_ char *path = text_format("%s/%s/exec.fifo", place_path(PLACE_RUNTIME_STATE), id);
        _cleanup_close_ int fd = -EBADF;
        struct stat st;

        if (!path)
                return -ENOMEM;
        /* Not to wait for a reader: a container that waits has it open. */
        fd = open(path, O_WRONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        if (fstat(fd, &st) < 0)
                return -errno;
        if (!S_ISFIFO(st.st_mode))
                return -EBADMSG;
        if (unlink(path) < 0)
                return -errno;
        return write(fd, "", 1) == 1 ? 0 : -EIO;
}

int runtime_start(const char *program, const char *id, bool by_program) {
        const char *argv[] = { program, "--root", place_path(PLACE_RUNTIME_STATE), "start", id, NULL };

        if (!by_program && runtime_is_crun(program) && write_exec_fifo(id) >= 0)
                return 0;
        return run(argv);
}

static int become(const char *const argv[]) {
        _cleanup_close_ int program = open_program(argv[0]);
        _cleanup_free_ char **environment = NULL;
        int r;

        r = make_environment(&environment);
        if (r < 0)
                return r;
        (void) execve(program >= 0 ? fd_path(program).text : argv[0], (char *const *) argv, environment);
        return -errno;
}

int runtime_exec_start(const char *program, const char *id) {
        const char *argv[] = { program, "--root", place_path(PLACE_RUNTIME_STATE), "start", id, NULL };

        return become(argv);
}

int runtime_exec_in(const char *program, const char *id, const char *process) {
        const char *argv[] = { program, "--root", place_path(PLACE_RUNTIME_STATE), "exec", "--process", process,
                               id,      NULL };

        return become(argv);
}

int runtime_spawn_exec(const char *program, const char *id, const char *group, const char *process, int output_fd,
                       pid_t *ret_pid) {
        const char *argv[] = { program,   "--root",    place_path(PLACE_RUNTIME_STATE), "exec", "--cgroup", group,
                               "--process", process, id,                              NULL };

        return spawn(argv, 0, output_fd, output_fd, ret_pid);
}

/* What only crun can do at the end: run hooks, free what it has from the processor's caches, ask a
 * handler. Looked for by name in its copy of the configuration: one that stands there for another
 * reason costs a run of crun, and so does a text that could spell it otherwise. */
static bool has_more_to_undo(int state_fd) {
        static const char *const names[] = { "poststop", "intelRdt", "run.oci.handler", "\\u" };
        enum { LARGEST_CONFIG = 16 * 1024 * 1024 };
        _cleanup_free_ char *config = NULL;
        bool more = read_file_at(state_fd, "config.json", LARGEST_CONFIG, &config, NULL) < 0;

        for (size_t i = 0; i < ARRAY_SIZE(names) && !more; i++)
                more = strstr(config, names[i]) != NULL;
        return more;
}

/* The control group of a container, as crun noted it down; NULL when it is not known. Caller
 * frees. */
static char *get_noted_group(int state_fd) {
        enum { LARGEST_STATUS = 64 * 1024 };
        _cleanup_free_ char *text = NULL;
        _cleanup_json_object_ json_object *status = NULL;
        const char *group;

        if (read_file_at(state_fd, "status", LARGEST_STATUS, &text, NULL) < 0)
                return NULL;
        status = json_tokener_parse(text);
        group = json_get_string(status, "cgroup-path");
        return group && group[0] == '/' && group[1] && !strstr(group, "/..") ? strdup(group) : NULL;
}

/* When the container's last process has ended, `crun delete` does no more than to remove its
 * control group and what it knows of it, but takes longer than all the rest of a stop: it loads
 * itself twice. */
static bool has_ended(const char *state) {
        _cleanup_close_ int fd = open(state, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        _cleanup_free_ char *group = fd < 0 || has_more_to_undo(fd) ? NULL : get_noted_group(fd);

        return group && cgroup_remove_unused(group) > 0;
}

int runtime_spawn_session(const char *program, const char *id, const RuntimeExec *how, pid_t *ret_pid) {
        /* What goes on is not to hold on to what its caller waits for the end of. */
        _cleanup_close_ int null_fd = how->detach ? open("/dev/null", O_RDWR | O_CLOEXEC) : -EBADF;
        unsigned flags = PROCESS_PLAIN_SIGNALS | PROCESS_DEFAULT_SIGPIPE;
        const char *argv[20];
        size_t n = 0;

        argv[n++] = program;
        argv[n++] = "--root";
        argv[n++] = place_path(PLACE_RUNTIME_STATE);
        argv[n++] = "--log";
        argv[n++] = how->log;
        if (runtime_is_crun(program))
                argv[n++] = how->group ? "--cgroup-manager=cgroupfs" : "--cgroup-manager=disabled";
        argv[n++] = "exec";
        if (how->group)
                argv[n++] = "--cgroup";
        if (how->group)
                argv[n++] = how->group;
        if (how->detach)
                argv[n++] = "--detach";
        argv[n++] = "--pid-file";
        argv[n++] = how->pid_file;
        argv[n++] = "--process";
        argv[n++] = how->process;
        argv[n++] = id;
        argv[n] = NULL;
        flags |= how->inherit_stdin ? PROCESS_INHERIT_STDIN : 0;
        flags |= how->own_session ? PROCESS_OWN_SESSION : 0;
        return how->detach ? spawn(argv, flags, null_fd, null_fd, ret_pid)
                           : spawn(argv, flags, how->stdout_fd, how->stderr_fd, ret_pid);
}

/* crun is built with or without. */
static int check_crun(const char *program) {
        enum { LONGEST_VERSION = 64 * 1024 };
        const char *argv[] = { program, "--version", NULL };
        _cleanup_free_ char *version = NULL;
        int r;

        r = process_capture(argv, NULL, LONGEST_VERSION, &version, NULL);
        if (r < 0)
                return r;
        return r == 0 && strstr(version, "+CRIU") ? 0 : -EOPNOTSUPP;
}

int runtime_can_checkpoint(const char *program, bool labelled) {
        enum { OLDEST = 4 };
        _cleanup_free_ char *version = NULL;
        int r = criu_version(&version);

        if (r < 0)
                return r;
        /* CRIU 3.17, Debian 12's, writes with runc what it cannot restore: "A few mount points
         * can't be mounted". */
        if (strtol(version, NULL, 10) < OLDEST)
                return -ENOSYS;
        r = labelled ? criu_keeps_labels() : 1;
        if (r <= 0)
                return r < 0 ? r : -ELIBACC;
        return runtime_is_crun(program) ? check_crun(program) : 0;
}

/* What both commands begin with: the program and its own options, the command, and where CRIU is
 * to read or write. */
static size_t begin_checkpoint(const char *argv[], const char *program, const char *command,
                               const RuntimeCheckpoint *how) {
        size_t n = 0;

        argv[n++] = program;
        argv[n++] = "--root";
        argv[n++] = place_path(PLACE_RUNTIME_STATE);
        if (runtime_is_crun(program))
                argv[n++] = "--cgroup-manager=cgroupfs";
        argv[n++] = command;
        /* Beside groups of version 1 CRIU would restore what those have set, and cannot. */
        if (runtime_is_crun(program) && cgroup_has_v1())
                argv[n++] = "--manage-cgroups-mode=ignore";
        argv[n++] = "--image-path";
        argv[n++] = how->images;
        argv[n++] = "--work-path";
        argv[n++] = how->work;
        if (how->tcp_established)
                argv[n++] = "--tcp-established";
        if (how->file_locks)
                argv[n++] = "--file-locks";
        return n;
}

/* criu(8) reads one more file of settings, of this name. */
static int configure(const RuntimeCheckpoint *how) {
        return setenv("CRIU_CONFIG_FILE", how->configuration, 1) < 0 ? -errno : 0;
}

int runtime_spawn_checkpoint(const char *program, const char *id, const RuntimeCheckpoint *how, pid_t *ret_pid) {
        const char *argv[20];
        size_t n = begin_checkpoint(argv, program, "checkpoint", how);
        int r = configure(how);

        if (how->parent) {
                argv[n++] = "--parent-path";
                argv[n++] = how->parent;
        }
        if (how->memory_alone)
                argv[n++] = "--pre-dump";
        if (how->leave_running)
                argv[n++] = "--leave-running";
        argv[n++] = id;
        argv[n] = NULL;
        return r < 0 ? r : spawn(argv, 0, -EBADF, -EBADF, ret_pid);
}

int runtime_restore(const char *program, const Bundle *bundle, const RuntimeCheckpoint *how,
                    const RuntimePassed *passed, pid_t *ret_pid) {
        _cleanup_free_ char *pid_file = path_join(bundle->path, PID_FILE);
        const char *argv[20];
        size_t n = begin_checkpoint(argv, program, "restore", how);
        int r = pid_file ? configure(how) : -ENOMEM;

        if (r < 0)
                return r;
        if (how->profile) {
                argv[n++] = "--lsm-profile";
                argv[n++] = how->profile;
        }
        argv[n++] = "--detach";
        argv[n++] = "--bundle";
        argv[n++] = bundle->path;
        argv[n++] = "--pid-file";
        argv[n++] = pid_file;
        argv[n++] = bundle->id;
        argv[n] = NULL;
        r = run_with(argv, PROCESS_INHERIT_STDIN, passed->stdout_fd, passed->stderr_fd);
        return r < 0 ? r : read_pid(bundle, ret_pid);
}

int runtime_delete(const char *program, const char *id) {
        const char *argv[] = { program, "--root", place_path(PLACE_RUNTIME_STATE), "delete", "--force", id, NULL };
        _cleanup_free_ char *state = path_join(place_path(PLACE_RUNTIME_STATE), id);
        int r;

        if (!state)
                return -ENOMEM;
        if (access(state, F_OK) < 0 && errno == ENOENT)
                return 0;
        r = runtime_is_crun(program) && has_ended(state) ? 0 : run(argv);
        if (r < 0 && r != -EPROTO)
                return r;
        /* A runtime that was killed half-way may leave a state that it cannot read itself. Its
         * processes are the unit's, and systemd has killed them or will; what is left is the
         * directory. */
        return remove_tree_at(AT_FDCWD, state);
}
