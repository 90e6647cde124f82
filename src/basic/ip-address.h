/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* IP addresses and prefixes as values. */
#pragma once

#include <arpa/inet.h>
#include <sys/socket.h>

#include "basic/macro.h"

typedef struct IpAddress {
        int family; /* AF_INET, AF_INET6; AF_UNSPEC: none */
        uint8_t bytes[sizeof(struct in6_addr)]; /* of which AF_INET has the first four; the rest is 0 */
} IpAddress;

/* "10.89.0.1/24": the bits behind `length` may be set. */
typedef struct IpPrefix {
        IpAddress address;
        unsigned length;
} IpPrefix;

enum { IP_ADDRESS_TEXT = INET6_ADDRSTRLEN, IP_PREFIX_TEXT = INET6_ADDRSTRLEN + sizeof("/128") };

/* Both read all of `text`. Return 0, or -EINVAL with `ret` untouched. */
int ip_address_parse(const char *text, IpAddress *ret);
int ip_prefix_parse(const char *text, IpPrefix *ret);

/* Write the text of an address or prefix, whose buffer must have the size above. Return it. */
const char *ip_address_format(const IpAddress *address, char buffer[static IP_ADDRESS_TEXT]);
const char *ip_prefix_format(const IpPrefix *prefix, char buffer[static IP_PREFIX_TEXT]);

/* Returns how many bits an address of the family has. */
static inline unsigned ip_bits(int family) {
        return family == AF_INET ? 32 : 128;
}

/* Orders by family and then by value, as memcmp(3). */
int ip_address_compare(const IpAddress *a, const IpAddress *b);

static inline bool ip_address_equal(const IpAddress *a, const IpAddress *b) {
        return ip_address_compare(a, b) == 0;
}

/* Whether every bit is 0: "any address". */
bool ip_address_is_any(const IpAddress *address);

bool ip_prefix_contains(const IpPrefix *prefix, const IpAddress *address);
bool ip_prefix_overlaps(const IpPrefix *a, const IpPrefix *b);

/* Returns the address with every bit behind the prefix's length cleared, and set. */
IpAddress ip_prefix_first(const IpPrefix *prefix);
IpAddress ip_prefix_last(const IpPrefix *prefix);

/* Adds `n`, wrapping around at the family's end. */
IpAddress ip_address_add(const IpAddress *address, uint64_t n);

/* Returns the address that 1 is to be added to for this one, wrapping around as well. */
IpAddress ip_address_before(const IpAddress *address);
