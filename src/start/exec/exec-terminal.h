/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The terminal on standard input, which the runtime makes raw: as it was in the end, whoever is
 * killed. */
#pragma once

#include <sys/types.h>
#include <termios.h>

#include "basic/alloc.h"

typedef struct ExecTerminal {
        struct termios before;
        bool kept;
        pid_t guard;
        int alive_fd; /* its other end is with the guard, and hangs up when this process ends */
} ExecTerminal;

#define EXEC_TERMINAL_INIT { .alive_fd = -EBADF }

/* Notes how it is. Returns 0, -ENOTTY when standard input is no terminal, or another -errno. */
int exec_terminal_keep(ExecTerminal *ret);

/* Starts a process that ends the runtime and puts the terminal right if this one is killed. Returns
 * 0 or -errno. */
int exec_terminal_guard(ExecTerminal *terminal, int runtime_fd);

/* Gives a terminal in the container, which is on standard input of a process there, the size of
 * this one. */
void exec_terminal_resize(pid_t pid);

/* Puts it right, and ends that process. */
void exec_terminal_restore(ExecTerminal *terminal);
#define _cleanup_exec_terminal_ _cleanup_(exec_terminal_restore)
