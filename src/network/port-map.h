/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Ports of the machine that lead to containers, as text: in effects, which undo them, and in the
 * bundle's file "ports", for those who look. */
#pragma once

#include "host/bundle.h"
#include "network/tables.h"

typedef struct PortMap {
        char *owner;      /* the container's unit, of what was read; or NULL */
        bool by_program;  /* which listens there, and not by the packet filter */
        TablePort *items; /* the protocols are static */
        size_t count, allocated;
} PortMap;

int port_map_add(PortMap *map, const TablePort *port);

/* Records the ports, and how many sockets reserve them, as an effect, and writes them down in the
 * bundle. To be called before either is brought about. Returns 0 or -errno. */
int port_map_record(const PortMap *map, size_t sockets, const Bundle *bundle);

/* Writes them down in the bundle for those who look, as ports that a program passes on. Returns 0
 * or -errno. */
int port_map_note(const PortMap *map, const Bundle *bundle);

/* Has the ports lead to the container. Returns 0, -EPROTO when the packet filter refuses, or
 * another -errno. */
int port_map_apply(const PortMap *map, const Bundle *bundle);

/* Takes back what an effect says. Returns 0 or -errno. */
int port_map_undo(const char *text);

/* Reads a bundle's ports. Returns 0, also when there are none, or -errno. `ret` is to be
 * released. */
int port_map_read(int bundle_fd, PortMap *ret);

/* Has the ports of all containers lead to them again, by what their bundles say: somebody may have
 * emptied the packet filter. Those of a container that is being stopped meanwhile are gone in the
 * end. Goes on after a failure. Returns 0 or the first -errno. */
int port_map_restore_all(void);

/* Finds the container that has a port of the machine, by what all bundles say. Returns 1, 0, or
 * -errno. Caller frees `ret_id`. */
int port_map_find_owner(int protocol, const IpAddress *host, uint16_t port, char **ret_id);

/* The ports are no longer the container's: what they lead to is about to be taken back. */
int port_map_forget(const Bundle *bundle);

void port_map_done(PortMap *map);
#define _cleanup_port_map_ _cleanup_(port_map_done)
