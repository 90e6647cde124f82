/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What networks need of this machine. */
#include "kind/network-needs.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "basic/dynamic.h"
#include "basic/text.h"

/* For all that loads them, in this folder and in network/. */
DYNAMIC_NOTE(mnl, MNL_LIBRARY, "networks", "recommended", "Networks for containers");
DYNAMIC_NOTE(nftables, NFTABLES_LIBRARY, "networks", "recommended", "Networks for containers, and published ports");

static bool is_installed(const char *library) {
        return dynamic_load(library, NULL, 0, NULL) >= 0;
}

/* Asks for the number of its generation, which loads the module where it is one. */
static int send_question(int fd) {
        const struct {
                struct nlmsghdr header;
                struct nfgenmsg body;
        } question = {
                .header = {
                        .nlmsg_len = sizeof(question),
                        .nlmsg_type = NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETGEN,
                        .nlmsg_flags = NLM_F_REQUEST,
                },
                .body = { .nfgen_family = AF_UNSPEC, .version = NFNETLINK_V0 },
        };
        const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };

        return sendto(fd, &question, sizeof(question), 0, (const struct sockaddr *) &kernel, sizeof(kernel)) < 0
                               ? -errno
                               : 0;
}

static int read_answer(int fd) {
        _Alignas(struct nlmsghdr) char buffer[4096];
        ssize_t n = recv(fd, buffer, sizeof(buffer), 0);
        struct nlmsghdr header;
        int32_t error;

        if (n < 0)
                return -errno;
        if ((size_t) n < NLMSG_HDRLEN + sizeof(error))
                return -EBADMSG;
        memcpy(&header, buffer, sizeof(header));
        memcpy(&error, buffer + NLMSG_HDRLEN, sizeof(error));
        return header.nlmsg_type == NLMSG_ERROR ? error : 0;
}

/* Whether the kernel has nf_tables cannot be known by everybody; who may not ask takes it for
 * there. */
static bool has_packet_filter(void) {
        const struct timeval patience = { .tv_sec = 10 };
        _cleanup_close_ int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
        int r;

        if (fd < 0)
                return errno != EPROTONOSUPPORT && errno != EAFNOSUPPORT;
        r = setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) < 0 ? -errno : send_question(fd);
        if (r >= 0)
                r = read_answer(fd);
        return r != -EINVAL && r != -EOPNOTSUPP;
}

/* The package of the first library that is not there, or NULL. */
static const char *missing_package(bool filter) {
        if (!is_installed(MNL_LIBRARY))
                return "libmnl0";
        return filter && !is_installed(NFTABLES_LIBRARY) ? "libnftables1" : NULL;
}

static char *describe_lack(const char *package, bool has_power) {
        if (package)
                return text_format("networks need %s, which is not installed: Debian has it in the package of that "
                                   "name", package);
        if (!has_power)
                return strdup("networks need CAP_NET_ADMIN, which nobody can have here: CapabilityBoundingSet= of "
                              "the unit, or the container that this machine is, leaves it out");
        return strdup("networks need nf_tables, which the kernel does not have: its module is not there for the "
                      "kernel that runs");
}

int network_find_lack(bool filter, char **ret) {
        const char *package = missing_package(filter);
        bool has_power = prctl(PR_CAPBSET_READ, CAP_NET_ADMIN) != 0;

        if (!package && has_power && (!filter || has_packet_filter()))
                return 0;
        *ret = describe_lack(package, has_power);
        return *ret ? 1 : -ENOMEM;
}

int network_require(bool filter, Diagnostics *diagnostics) {
        _cleanup_free_ char *lack = NULL;
        int r = network_find_lack(filter, &lack);

        return r > 0 ? diagnose_error(diagnostics, NULL, "%s", lack) : r;
}
