/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* firewalld(1), which rejects what is forwarded from interfaces that it knows nothing of. */
#pragma once

/* Puts a bridge of ours into firewalld's zone "trusted", where it runs; one that somebody has put
 * into another zone stays there. What is let through is then up to our own table. Returns 1 when it
 * is in there now, 0 without firewalld, or -errno. */
int firewalld_trust(const char *interface);
