/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* IP addresses and prefixes as values. */
#include "basic/ip-address.h"

#include <errno.h>
#include <stdio.h>

#include "basic/numbers.h"

int ip_address_parse(const char *text, IpAddress *ret) {
        IpAddress address = { .family = strchr(text, ':') ? AF_INET6 : AF_INET };

        if (inet_pton(address.family, text, address.bytes) != 1)
                return -EINVAL;
        *ret = address;
        return 0;
}

int ip_prefix_parse(const char *text, IpPrefix *ret) {
        const char *slash = strchr(text, '/');
        char address[IP_ADDRESS_TEXT];
        size_t n = slash ? (size_t) (slash - text) : SIZE_MAX;
        IpPrefix prefix;
        uint64_t length;

        if (n >= sizeof(address))
                return -EINVAL;
        memcpy(address, text, n);
        address[n] = '\0';
        if (ip_address_parse(address, &prefix.address) < 0 ||
            text_to_unsigned(slash + 1, ip_bits(prefix.address.family), &length) < 0)
                return -EINVAL;
        prefix.length = (unsigned) length;
        *ret = prefix;
        return 0;
}

const char *ip_address_format(const IpAddress *address, char buffer[static IP_ADDRESS_TEXT]) {
        return inet_ntop(address->family, address->bytes, buffer, IP_ADDRESS_TEXT) ?: "";
}

const char *ip_prefix_format(const IpPrefix *prefix, char buffer[static IP_PREFIX_TEXT]) {
        char address[IP_ADDRESS_TEXT];

        snprintf(buffer, IP_PREFIX_TEXT, "%s/%u", ip_address_format(&prefix->address, address), prefix->length);
        return buffer;
}

int ip_address_compare(const IpAddress *a, const IpAddress *b) {
        if (a->family != b->family)
                return a->family < b->family ? -1 : 1;
        return memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

bool ip_address_is_any(const IpAddress *address) {
        return ip_address_equal(address, &(IpAddress) { .family = address->family });
}

/* The address with the bits behind `length` set to `fill`'s. */
static IpAddress fill_bits(const IpPrefix *prefix, uint8_t fill) {
        IpAddress address = prefix->address;

        for (unsigned i = 0; i < ip_bits(address.family) / 8; i++) {
                unsigned kept = prefix->length > i * 8 ? prefix->length - i * 8 : 0;
                uint8_t mask = kept >= 8 ? 0xff : (uint8_t) (0xff00 >> kept);

                address.bytes[i] = (uint8_t) ((address.bytes[i] & mask) | (fill & ~mask));
        }
        return address;
}

IpAddress ip_prefix_first(const IpPrefix *prefix) {
        return fill_bits(prefix, 0);
}

IpAddress ip_prefix_last(const IpPrefix *prefix) {
        return fill_bits(prefix, 0xff);
}

bool ip_prefix_contains(const IpPrefix *prefix, const IpAddress *address) {
        IpAddress first = ip_prefix_first(prefix), last = ip_prefix_last(prefix);

        return ip_address_compare(&first, address) <= 0 && ip_address_compare(address, &last) <= 0;
}

bool ip_prefix_overlaps(const IpPrefix *a, const IpPrefix *b) {
        return ip_prefix_contains(a, &b->address) || ip_prefix_contains(b, &a->address);
}

IpAddress ip_address_add(const IpAddress *address, uint64_t n) {
        IpAddress sum = *address;

        for (unsigned i = ip_bits(sum.family) / 8; i-- > 0 && n > 0;) {
                n += sum.bytes[i];
                sum.bytes[i] = (uint8_t) n;
                n >>= 8;
        }
        return sum;
}

IpAddress ip_address_before(const IpAddress *address) {
        IpAddress before = *address;

        for (unsigned i = ip_bits(before.family) / 8; i-- > 0;)
                if (before.bytes[i]-- != 0)
                        break;
        return before;
}
