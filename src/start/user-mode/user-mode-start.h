/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Networks that pasta(1) or slirp4netns(1) makes: beside the container, in its unit; for a pod, in
 * a unit of its own. */
#pragma once

#include "host/bundle.h"
#include "host/log/log-relay.h"
#include "kind/container/container.h"

/* Looks whether the program of `network` and the container's ports are to be had, and writes down
 * in the bundle what is to be run; `later`: in a user namespace, that of the runtime or of a pod.
 * What cannot be is in `diagnostics`. Returns 0, -EREPORTED, or another -errno. */
int user_mode_prepare(const Container *container, const NetworkAttachment *network, const Bundle *bundle, bool later,
                      Diagnostics *diagnostics);

/* Returns whether that has written something down. */
bool user_mode_is_prepared(const Bundle *bundle);

/* A program that was started, and whose network may not be ready yet. */
typedef struct UserModeBegun {
        pid_t pid; /* 0: there is none */
        int fd;    /* where it writes its number */
} UserModeBegun;

#define USER_MODE_BEGUN_INIT { .fd = -EBADF }

/* Starts what user_mode_prepare() has written down for a container that is not created yet, where
 * that can be done: pasta(1), for a namespace that is there. Returns 0, also when nothing was
 * started, or -errno. `ret` is to be released, which ends a start that user_mode_start() has not
 * waited for. */
int user_mode_begin(const Bundle *bundle, UserModeBegun *ret);

void user_mode_begun_done(UserModeBegun *begun);
#define _cleanup_user_mode_begun_ _cleanup_(user_mode_begun_done)

/* Runs what user_mode_prepare() has written down for the container, which was created with `pid`
 * and not started, until its network is ready; or waits for that where `begun` has it running. The
 * program's end is made the unit's: by a user's relay, where that has the container's `output`, or
 * else by a process that is left and waits for it. All are in the control group of this process,
 * and end with the unit. Returns 1; 0 when there is nothing to run; -EPROTO when the program has
 * said what is wrong; or another -errno. */
int user_mode_start(const Bundle *bundle, const char *unit_name, pid_t pid, UserModeBegun *begun,
                    const LogPipes *output);

/* What the program is for; -EBADF for the machine's user namespace. Borrowed. */
typedef struct UserModeNamespaces {
        int network_fd, user_fd;
} UserModeNamespaces;

/* The program as it runs. */
typedef struct UserModeProcess {
        pid_t pid;
        int fd; /* a pidfd */
} UserModeProcess;

#define USER_MODE_PROCESS_INIT { .fd = -EBADF }

/* Runs what user_mode_prepare() has written down for a pod, until its network is ready; also
 * again, after an end. This process gets a mount namespace of its own. Returns 0, -ENOENT when
 * there is nothing to run, or as user_mode_start(). `ret` is to be released, which does not end the
 * program. */
int user_mode_run(const Bundle *bundle, const UserModeNamespaces *namespaces, UserModeProcess *ret);

/* Runs pasta(1) by a command of user_mode_command(), until its network is ready. May change the
 * arguments. As above. */
int user_mode_run_pasta(StringList *arguments, UserModeProcess *ret);

void user_mode_process_done(UserModeProcess *process);
#define _cleanup_user_mode_process_ _cleanup_(user_mode_process_done)
