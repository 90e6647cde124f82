/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* host/user/user-root.h for the verbs. */
#pragma once

/* Enters the user namespace of a user's containers, in a process of a user's service manager, and
 * logs why it cannot, or what the user lacks for more; `what` it is for. Returns 0 or a negative
 * errno. */
int become_user_root(const char *what);

/* The same for user_root_enter_below(). */
int become_user_root_below(int namespace_fd, const char *what);
