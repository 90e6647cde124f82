/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Elements of the packet filter's maps. */
#include "network/elements.h"

#include <errno.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "basic/text.h"

#define TABLE "berth"

/* NFPROTO_INET, whose header does not go with all C libraries. */
enum { FAMILY_INET = 1 };

/* The numbers of the messages, by which answers are told apart. */
enum { BEGIN = 1 };

/* As libnftables writes a comment, so that nft(8) shows it: type, length, text with its NUL. */
enum { UDATA_COMMENT = 0 };

typedef struct Batch {
        Text text; /* of bytes */
        unsigned sequence;
} Batch;

static size_t aligned(size_t size) {
        return (size + NLA_ALIGNTO - 1) & ~(size_t) (NLA_ALIGNTO - 1);
}

static void pad(Text *text) {
        static const char zeros[NLA_ALIGNTO];

        text_append_n(text, zeros, aligned(text->length) - text->length);
}

static void put(Text *text, uint16_t type, const void *data, size_t size) {
        const struct nlattr header = { .nla_len = (uint16_t) (sizeof(header) + size), .nla_type = type };

        text_append_n(text, (const char *) &header, sizeof(header));
        text_append_n(text, data, size);
        pad(text);
}

static void put_nested(Text *text, uint16_t type, const Text *inner) {
        put(text, type | NLA_F_NESTED, inner->data ?: "", inner->length);
        text->failed |= inner->failed;
}

static void put_value(Text *text, uint16_t type, const ElementValue *value) {
        _cleanup_text_ Text inner = {};

        put(&inner, NFTA_DATA_VALUE, value->bytes, value->size);
        put_nested(text, type, &inner);
}

static void put_comment(Text *text, const char *comment) {
        char data[2 + ELEMENT_COMMENT_MOST + 1] = { UDATA_COMMENT };
        size_t n = strnlen(comment, ELEMENT_COMMENT_MOST);

        data[1] = (char) (n + 1);
        memcpy(data + 2, comment, n);
        put(text, NFTA_SET_ELEM_USERDATA, data, n + 3);
}

/* One message: its header, which says how long it is, comes before the rest. */
static void add_message(Batch *batch, uint16_t type, uint16_t flags, uint8_t family, uint16_t resource,
                        const Text *attributes) {
        const struct nfgenmsg body = { .nfgen_family = family, .version = NFNETLINK_V0, .res_id = htons(resource) };
        size_t size = attributes ? attributes->length : 0;
        const struct nlmsghdr header = {
                .nlmsg_len = (uint32_t) (sizeof(header) + sizeof(body) + size),
                .nlmsg_type = type,
                .nlmsg_flags = NLM_F_REQUEST | flags,
                .nlmsg_seq = batch->sequence++,
        };

        text_append_n(&batch->text, (const char *) &header, sizeof(header));
        text_append_n(&batch->text, (const char *) &body, sizeof(body));
        if (attributes)
                text_append_n(&batch->text, attributes->data ?: "", size);
        batch->text.failed |= attributes && attributes->failed;
}

static void add_element(Batch *batch, uint16_t type, uint16_t flags, const Element *element, const char *comment) {
        _cleanup_text_ Text attributes = {}, list = {}, inner = {};

        put(&attributes, NFTA_SET_ELEM_LIST_TABLE, TABLE, sizeof(TABLE));
        put(&attributes, NFTA_SET_ELEM_LIST_SET, element->map, strlen(element->map) + 1);
        put_value(&inner, NFTA_SET_ELEM_KEY, &element->key);
        if (element->end.size > 0)
                put_value(&inner, NFTA_SET_ELEM_KEY_END, &element->end);
        if (type == NFT_MSG_NEWSETELEM)
                put_value(&inner, NFTA_SET_ELEM_DATA, &element->data);
        if (comment && type == NFT_MSG_NEWSETELEM)
                put_comment(&inner, comment);
        put_nested(&list, NFTA_LIST_ELEM, &inner);
        put_nested(&attributes, NFTA_SET_ELEM_LIST_ELEMENTS, &list);
        add_message(batch, (uint16_t) (NFNL_SUBSYS_NFTABLES << 8 | type), flags, FAMILY_INET, 0, &attributes);
}

/* Errors are answered for every message, success only for the last one. Returns the first error. */
static int read_answers(int fd, unsigned last) {
        _Alignas(struct nlmsghdr) char buffer[16384];
        int first = 0;

        for (;;) {
                ssize_t n = recv(fd, buffer, sizeof(buffer), 0);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                for (size_t offset = 0; offset + NLMSG_HDRLEN + sizeof(int32_t) <= (size_t) n;) {
                        struct nlmsghdr header;
                        int32_t error;

                        memcpy(&header, buffer + offset, sizeof(header));
                        if (header.nlmsg_len < NLMSG_HDRLEN + sizeof(error) || header.nlmsg_len > (size_t) n - offset)
                                return -EBADMSG;
                        memcpy(&error, buffer + offset + NLMSG_HDRLEN, sizeof(error));
                        if (header.nlmsg_type == NLMSG_ERROR && error < 0 && first == 0)
                                first = error;
                        if (header.nlmsg_seq == last || header.nlmsg_seq == BEGIN)
                                return first;
                        offset += NLMSG_ALIGN(header.nlmsg_len);
                }
        }
}

static int commit(const Batch *batch, unsigned last) {
        const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
        const struct timeval patience = { .tv_sec = 30 };
        _cleanup_close_ int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);

        if (fd < 0)
                return -errno;
        if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) < 0 ||
            sendto(fd, batch->text.data, batch->text.length, 0, (const struct sockaddr *) &kernel, sizeof(kernel)) < 0)
                return -errno;
        return read_answers(fd, last);
}

void element_value_add(ElementValue *value, const void *part, size_t size) {
        if (value->size + aligned(size) > sizeof(value->bytes))
                return;
        memcpy(value->bytes + value->size, part, size);
        value->size += aligned(size);
}

/* What is added just before can be removed for sure, unless it is there with other data. */
int elements_change(ElementsChange change, const Element elements[], size_t count, const char *comment) {
        Batch batch = { .sequence = BEGIN };
        int r;

        if (count == 0)
                return 0;
        if (count > ELEMENTS_MOST)
                return -E2BIG;
        add_message(&batch, NFNL_MSG_BATCH_BEGIN, 0, AF_UNSPEC, NFNL_SUBSYS_NFTABLES, NULL);
        for (size_t i = 0; i < count; i++)
                add_element(&batch, NFT_MSG_NEWSETELEM,
                            (uint16_t) (NLM_F_CREATE | (change == ELEMENTS_ADD && i == count - 1 ? NLM_F_ACK : 0)),
                            &elements[i], comment);
        for (size_t i = 0; change == ELEMENTS_REMOVE && i < count; i++)
                add_element(&batch, NFT_MSG_DELSETELEM, i == count - 1 ? NLM_F_ACK : 0, &elements[i], NULL);
        add_message(&batch, NFNL_MSG_BATCH_END, 0, AF_UNSPEC, NFNL_SUBSYS_NFTABLES, NULL);
        r = batch.text.failed ? -ENOMEM : commit(&batch, batch.sequence - 2);
        text_done(&batch.text);
        /* Of what a caller can tell apart, only this: that it was the kernel's decision. */
        return r == -ENOENT || r == -EEXIST || r == -EBUSY || r == -EINVAL || r == -EOPNOTSUPP ? -EPROTO : r;
}
