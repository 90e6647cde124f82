/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Messages to the kernel and its answers, by libmnl. */
#include "network/netlink-socket.h"

#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <sched.h>

#include "basic/dynamic.h"
#include "basic/process.h"
#include "basic/text.h"
#include "host/user/user-root.h"
#include "kind/network-needs.h"

DYNAMIC_FUNCTION(mnl_socket_open2);
DYNAMIC_FUNCTION(mnl_socket_bind);
DYNAMIC_FUNCTION(mnl_socket_get_portid);
DYNAMIC_FUNCTION(mnl_socket_sendto);
DYNAMIC_FUNCTION(mnl_socket_recvfrom);
DYNAMIC_FUNCTION(mnl_socket_close);
DYNAMIC_FUNCTION(mnl_nlmsg_put_header);
DYNAMIC_FUNCTION(mnl_nlmsg_put_extra_header);
DYNAMIC_FUNCTION(mnl_nlmsg_get_payload);
DYNAMIC_FUNCTION(mnl_attr_put);
DYNAMIC_FUNCTION(mnl_attr_nest_start);
DYNAMIC_FUNCTION(mnl_attr_nest_end);
DYNAMIC_FUNCTION(mnl_cb_run);

struct Netlink {
        struct mnl_socket *socket;
        unsigned port;
        unsigned sequence;
};

static int load(void) {
        static const DynamicSymbol symbols[] = {
                DYNAMIC_SYMBOL(mnl_socket_open2),      DYNAMIC_SYMBOL(mnl_socket_bind),
                DYNAMIC_SYMBOL(mnl_socket_get_portid), DYNAMIC_SYMBOL(mnl_socket_sendto),
                DYNAMIC_SYMBOL(mnl_socket_recvfrom),   DYNAMIC_SYMBOL(mnl_socket_close),
                DYNAMIC_SYMBOL(mnl_nlmsg_put_header),  DYNAMIC_SYMBOL(mnl_nlmsg_put_extra_header),
                DYNAMIC_SYMBOL(mnl_nlmsg_get_payload), DYNAMIC_SYMBOL(mnl_attr_put),
                DYNAMIC_SYMBOL(mnl_attr_nest_start),   DYNAMIC_SYMBOL(mnl_attr_nest_end),
                DYNAMIC_SYMBOL(mnl_cb_run),
        };
        return dynamic_load(MNL_LIBRARY, symbols, ARRAY_SIZE(symbols), NULL);
}

struct nlmsghdr *message_begin(Message *message, uint16_t type, unsigned flags) {
        struct nlmsghdr *header = sym_mnl_nlmsg_put_header(message->buffer);

        header->nlmsg_type = type;
        header->nlmsg_flags = (uint16_t) (NLM_F_REQUEST | NLM_F_ACK | flags);
        return header;
}

void *message_extra(struct nlmsghdr *header, size_t size) {
        return sym_mnl_nlmsg_put_extra_header(header, size);
}

const void *message_payload(const struct nlmsghdr *header) {
        return sym_mnl_nlmsg_get_payload(header);
}

void message_put(struct nlmsghdr *header, uint16_t type, const void *data, size_t size) {
        sym_mnl_attr_put(header, type, size, data);
}

void message_put_u32(struct nlmsghdr *header, uint16_t type, uint32_t value) {
        message_put(header, type, &value, sizeof(value));
}

struct nlattr *message_nest(struct nlmsghdr *header, uint16_t type) {
        return sym_mnl_attr_nest_start(header, type);
}

void message_nest_end(struct nlmsghdr *header, struct nlattr *nest) {
        sym_mnl_attr_nest_end(header, nest);
}

int netlink_open(Netlink **ret) {
        _cleanup_netlink_ Netlink *netlink = NULL;
        int r = load();

        if (r < 0)
                return r;
        netlink = calloc(1, sizeof(*netlink));
        if (!netlink)
                return -ENOMEM;
        netlink->socket = sym_mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
        if (!netlink->socket || sym_mnl_socket_bind(netlink->socket, 0, MNL_SOCKET_AUTOPID) < 0)
                return -errno;
        netlink->port = sym_mnl_socket_get_portid(netlink->socket);
        *ret = TAKE_PTR(netlink);
        return 0;
}

Netlink *netlink_close(Netlink *netlink) {
        if (netlink && netlink->socket)
                (void) sym_mnl_socket_close(netlink->socket);
        free(netlink);
        return NULL;
}

int network_namespace_run(int namespace_fd, int (*run)(void *userdata), void *userdata) {
        _cleanup_close_ int own_fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
        int r;

        if (own_fd < 0 || setns(namespace_fd, CLONE_NEWNET) < 0)
                return -errno;
        r = run(userdata);
        if (setns(own_fd, CLONE_NEWNET) < 0)
                abort();
        return r;
}

static int open_here(void *userdata) {
        return netlink_open(userdata);
}

int netlink_open_in(int namespace_fd, Netlink **ret) {
        return network_namespace_run(namespace_fd, open_here, ret);
}

/* Who has come into a user namespace cannot go back to the network outside of it. */
static int new_by_another(void) {
        _cleanup_free_ char *path = NULL;
        pid_t pid;
        int r, fd;

        r = process_hold(CLONE_NEWNET, &pid);
        if (r < 0)
                return r;
        path = text_format("/proc/%d/ns/net", (int) pid);
        fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -ENOMEM;
        if (path && fd < 0)
                fd = -errno;
        process_release(pid);
        return fd;
}

int network_namespace_new(void) {
        _cleanup_close_ int own_fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), new_fd = -EBADF;

        if (user_root_is_entered())
                return new_by_another();
        if (own_fd < 0 || unshare(CLONE_NEWNET) < 0)
                return -errno;
        new_fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
        if (new_fd < 0)
                new_fd = -errno;
        if (setns(own_fd, CLONE_NEWNET) < 0)
                abort();
        return TAKE_FD(new_fd);
}

typedef struct Answer {
        MessageHandler handle;
        void *userdata;
        int result;
} Answer;

static int take_message(const struct nlmsghdr *header, void *userdata) {
        Answer *answer = userdata;

        if (answer->handle && answer->result == 0)
                answer->result = answer->handle(header, answer->userdata);
        return MNL_CB_OK;
}

int netlink_ask(Netlink *netlink, struct nlmsghdr *request, MessageHandler handle, void *userdata) {
        Answer answer = { .handle = handle, .userdata = userdata };
        _Alignas(NLMSG_ALIGNTO) char buffer[32768];
        int r = MNL_CB_OK;

        request->nlmsg_seq = ++netlink->sequence;
        if (sym_mnl_socket_sendto(netlink->socket, request, request->nlmsg_len) < 0)
                return -errno;
        while (r > MNL_CB_STOP) {
                ssize_t n = sym_mnl_socket_recvfrom(netlink->socket, buffer, sizeof(buffer));

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                r = sym_mnl_cb_run(buffer, (size_t) n, netlink->sequence, netlink->port, take_message, &answer);
        }
        if (r < 0)
                return -errno;
        return answer.result < 0 ? answer.result : 0;
}

int netlink_talk(Netlink *netlink, struct nlmsghdr *request) {
        return netlink_ask(netlink, request, NULL, NULL);
}
