/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A pager between standard output and the terminal, as systemctl(1) has one. */
#pragma once

#include "basic/alloc.h"

/* Lets what is printed from now on go through a pager, or not. */
void pager_allow(bool allowed);

/* Starts it, once, where it is allowed, standard output is a terminal, and there is a pager. */
void pager_open(void);

/* Returns the terminal that standard output is seen on, also through a pager, or -EBADF. */
int pager_terminal(void);

/* Waits until the pager ends, whoever has had enough. Returns whether there was one: then it is no
 * failure that standard output took nothing any more. */
bool pager_close(void);
