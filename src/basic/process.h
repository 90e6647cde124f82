/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Running other programs as what they are. */
#pragma once

#include <sys/types.h>

#include "basic/alloc.h"

enum {
        PROCESS_INHERIT_STDIN = 1 << 0,   /* instead of /dev/null */
        PROCESS_DEFAULT_SIGPIPE = 1 << 1, /* which systemd has its services ignore, and some do not expect */
        PROCESS_PLAIN_SIGNALS = 1 << 2,   /* none is blocked for it */
        PROCESS_OWN_SESSION = 1 << 3,     /* without this process's terminal as its own */
};

/* Runs argv[0] (an absolute path or a name to look up in PATH) with `environment` (NULL: this
 * process's own) and waits. Standard output and standard error are inherited. Returns its exit
 * status (0…255), 128 + signal when a signal ended it, or -errno when it could not be started. */
int process_run(const char *const argv[], char *const environment[], unsigned flags);

/* The same without waiting; `stdout_fd` and `stderr_fd` become its standard output and error unless
 * they are negative. Returns 0 or -errno. */
int process_spawn(const char *const argv[], char *const environment[], unsigned flags, int stdout_fd, int stderr_fd,
                  pid_t *ret);

/* The same with the program at `path`, which is not looked up, whatever argv[0] calls it. */
int process_spawn_file(const char *path, const char *const argv[], char *const environment[], unsigned flags,
                       int stdout_fd, int stderr_fd, pid_t *ret);

/* Waits for it. Returns as process_run(). */
int process_wait(pid_t pid);

/* Becomes that program, as which this process goes on: what is typed and the signals of a terminal
 * are its own. Returns only when it could not be started: -errno. */
int process_become(const char *const argv[]);

/* Runs it and reads its standard output, of at most `max` bytes. Returns 0 with what read_fd()
 * gives, its exit status when that is another one, or -errno (-EFBIG: it has said too much). Caller
 * frees `ret`. */
int process_capture(const char *const argv[], char *const environment[], size_t max, char **ret, size_t *ret_size);

/* Where the program `name` is: itself when it holds a slash, else the first executable regular file
 * in PATH, or in systemd's default PATH when the environment has none. Returns 0, -ENOENT or
 * another -errno. Caller frees `ret`. */
int process_find(const char *name, char **ret);

/* Starts a copy of this process in new namespaces (CLONE_NEW… of clone(2)), which does nothing, and
 * holds them until it is released. Returns 0 or -errno. */
int process_hold(unsigned long namespaces, pid_t *ret);

/* Ends it. */
void process_release(pid_t pid);
