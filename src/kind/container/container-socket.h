/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The section [Socket] of a container's file: a socket that starts it. */
#pragma once

#include "kind/container/container.h"

/* Whether there is one. */
bool container_has_socket(const Container *container);

/* Finds a line that makes it listen on a socket, not on a FIFO. Borrowed; NULL: there is none. */
const Entry *container_find_socket(const Container *container);

/* Whether its connections are accepted by systemd, each for an instance of its own (Accept=yes). */
bool socket_accepts(const Section *section);

/* A part of container_check(). */
void container_check_socket(const Container *container, Diagnostics *diagnostics);
