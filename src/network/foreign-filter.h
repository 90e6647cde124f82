/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Other tables of the packet filter than ours: one that drops what is forwarded by default does so
 * whatever another lets through. */
#pragma once

/* Lets what comes from and goes to the bridge pass docker's chain for such rules, DOCKER-USER, with
 * `owner` as a comment; where it has been done before, nothing is. `ret_dropping` gets the first
 * chain that drops what is forwarded by default and has no such place, as 'chain "forward" of the
 * table "inet filter"', or NULL; caller frees. Returns 0, -EPROTO when the packet filter refuses,
 * or another -errno. */
int foreign_filter_open(const char *interface, const char *owner, char **ret_dropping);

/* Takes that back. Returns 0 or -errno. */
int foreign_filter_close(const char *owner);
