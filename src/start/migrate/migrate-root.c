/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The parts of a migration that are root's. */
#include "start/migrate/migrate-root.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "basic/process.h"
#include "host/user/user-root.h"
#include "source/places.h"

/* Whoever ends the migration ends this as well. That is forgotten when IDs change, so it comes
 * after them. */
static int run_job(pid_t parent, int (*job)(void *userdata), void *userdata) {
        int r = user_root_enter();

        if (r < 0)
                return r;
        if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
                return -errno;
        return getppid() == parent ? job(userdata) : -ESRCH;
}

static int run_process(int *result, int (*job)(void *userdata), void *userdata) {
        pid_t parent = getpid(), pid;
        int status;

        /* What is buffered would be written by both. */
        (void) fflush(NULL);
        pid = fork();
        if (pid < 0)
                return -errno;
        if (pid == 0) {
                *result = run_job(parent, job, userdata);
                (void) fflush(NULL);
                _exit(EXIT_SUCCESS);
        }
        status = process_wait(pid);
        return status < 0 ? status : status > 0 ? -EIO : *result;
}

int migrate_as_root(int (*job)(void *userdata), void *userdata) {
        int *result, r;

        if (places_scope() != SCOPE_USER)
                return job(userdata);
        result = mmap(NULL, sizeof(*result), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (result == MAP_FAILED)
                return -errno;
        r = run_process(result, job, userdata);
        (void) munmap(result, sizeof(*result));
        return r;
}
