/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The OCI runtime, run as the program it is: crun, runc, or another with their command line. */
#pragma once

#include <sys/types.h>

#include "host/bundle.h"

/* The program for Runtime= (NULL: crun): absolute path. Returns 0, -ENOENT when it is not
 * installed, or -ENOMEM. Caller frees. */
int runtime_find(const char *name, char **ret);

/* Returns whether the program is crun, by the name of its file. */
bool runtime_is_crun(const char *program);

enum {
        RUNTIME_NO_CGROUP = 1 << 0, /* crun only: the container stays in this process's control group */
};

/* What a container's first process gets from this one. */
typedef struct RuntimePassed {
        size_t sockets;           /* descriptors from 3 on */
        int stdout_fd, stderr_fd; /* negative: this process's own */
        const char *console;      /* the path of a socket that takes the container's terminal; NULL: it has none */
} RuntimePassed;

/* Creates the container of the bundle; its first process then waits for a start. Returns 0 with
 * that process's ID, -EPROTO when the runtime failed (it has said why), or -errno when it could not
 * be run. */
int runtime_create(const char *program, const Bundle *bundle, unsigned flags, const RuntimePassed *passed,
                   pid_t *ret_pid);

/* Lets the first process go on. With `by_program` the runtime is asked in any case, which then runs
 * the hooks of the stage poststart, too. As above. */
int runtime_start(const char *program, const char *id, bool by_program);

/* Becomes `runtime start`; returns only on failure, -errno. */
int runtime_exec_start(const char *program, const char *id);

/* Becomes `runtime exec`, which runs a further process in the container and waits for it. `process`
 * is a file that describes it, as "process" in config.json does. Returns only on failure,
 * -errno. */
int runtime_exec_in(const char *program, const char *id, const char *process);

/* Starts the same without waiting. The process is in `group`, "/NAME" below the container's control
 * group, which exists; its output, and the runtime's messages, go to `output_fd`. Returns 0 with
 * the runtime's process ID, or -errno. */
int runtime_spawn_exec(const char *program, const char *id, const char *group, const char *process, int output_fd,
                       pid_t *ret_pid);

typedef struct RuntimeExec {
        const char *process;  /* the file that describes it */
        const char *log;      /* a file for what the runtime says of what has gone wrong */
        const char *pid_file; /* is written when the process runs, and not if it cannot */
        const char *group;    /* as above; NULL: the container has no group of its own */
        int stdout_fd, stderr_fd; /* negative: this process's own; not looked at when detached: then there is none */
        bool inherit_stdin, detach, own_session;
} RuntimeExec;

/* Starts the same with other streams. As above. */
int runtime_spawn_session(const char *program, const char *id, const RuntimeExec *how, pid_t *ret_pid);

/* How a checkpoint is taken, or one is restored. */
typedef struct RuntimeCheckpoint {
        const char *images;        /* the directory of what CRIU writes or reads, which exists */
        const char *work;          /* the same of its log and statistics */
        const char *configuration; /* a file of settings for CRIU */
        const char *parent;        /* what it has written before, relative to `images`; NULL: nothing */
        const char *profile;       /* "apparmor:NAME", "selinux:LABEL", in place of what is written down; or NULL */
        bool memory_alone;         /* and it runs on: for a checkpoint to come */
        bool leave_running, tcp_established, file_locks;
} RuntimeCheckpoint;

/* Whether the runtime, and CRIU with it, can take checkpoints, of what is `labelled` by SELinux,
 * too. Returns 0, -ENOPKG when criu(8) is not installed, -ENOSYS when it is older than version 4,
 * -ELIBACC when it does not keep labels, -EOPNOTSUPP when the runtime was built without, or another
 * -errno. */
int runtime_can_checkpoint(const char *program, bool labelled);

/* Has the runtime begin to take a checkpoint of a container that runs, of which nothing is left
 * when it has ended, unless that says otherwise. Returns 0 or -errno. */
int runtime_spawn_checkpoint(const char *program, const char *id, const RuntimeCheckpoint *how, pid_t *ret_pid);

/* Makes the container of the bundle what it was at a checkpoint. It runs then, and waits for
 * nothing. As runtime_create(). */
int runtime_restore(const char *program, const Bundle *bundle, const RuntimeCheckpoint *how,
                    const RuntimePassed *passed, pid_t *ret_pid);

/* Kills and forgets the container, when the runtime knows it. Returns 0, also when there is
 * nothing, or as above. */
int runtime_delete(const char *program, const char *id);
