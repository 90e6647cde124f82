/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Messages to the kernel and its answers, and the network namespaces they are about: the only user
 * of libmnl, which is loaded when it is first needed. A Netlink belongs to the network namespace
 * that it was opened in. */
#pragma once

#include <linux/netlink.h>

#include "basic/alloc.h"

typedef struct Netlink Netlink;

/* Opens a socket in this process's own network namespace. Returns 0, -ENOPKG without libmnl, or
 * another -errno. */
int netlink_open(Netlink **ret);

/* The same in another namespace. The process is back in its own when this returns; if that fails it
 * aborts, as what it would do next would happen to the wrong machine. */
int netlink_open_in(int namespace_fd, Netlink **ret);

Netlink *netlink_close(Netlink *netlink);
static inline void netlink_closep(Netlink **netlink) { netlink_close(*netlink); }
#define _cleanup_netlink_ _cleanup_(netlink_closep)

/* Makes a new network namespace. Returns an fd that keeps it, or -errno. */
int network_namespace_new(void);

/* Runs `run` in the namespace and comes back, as netlink_open_in(). Returns what it returned. */
int network_namespace_run(int namespace_fd, int (*run)(void *userdata), void *userdata);

/* One message; more than any of ours needs. */
typedef struct Message {
        _Alignas(NLMSG_ALIGNTO) char buffer[2048];
} Message;

/* Begins a request that is to be acknowledged. */
struct nlmsghdr *message_begin(Message *message, uint16_t type, unsigned flags);

/* Appends the fixed body, zeroed. Returns it. */
void *message_extra(struct nlmsghdr *header, size_t size);

const void *message_payload(const struct nlmsghdr *header);

void message_put(struct nlmsghdr *header, uint16_t type, const void *data, size_t size);
void message_put_u32(struct nlmsghdr *header, uint16_t type, uint32_t value);
struct nlattr *message_nest(struct nlmsghdr *header, uint16_t type);
void message_nest_end(struct nlmsghdr *header, struct nlattr *nest);

/* Gets one message of an answer; other than 0: no more are wanted. */
typedef int (*MessageHandler)(const struct nlmsghdr *header, void *userdata);

/* Sends the request and hands every message of the answer to `handle`; the rest of an answer that
 * is not wanted is read all the same. Returns 0, what `handle` returned if that was other than 0,
 * the kernel's -errno, or that of the socket. */
int netlink_ask(Netlink *netlink, struct nlmsghdr *request, MessageHandler handle, void *userdata);

/* The same for an answer that is only whether it worked. */
int netlink_talk(Netlink *netlink, struct nlmsghdr *request);
