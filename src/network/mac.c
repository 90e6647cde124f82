/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Ethernet addresses of interfaces. */
#include "network/mac.h"

#include <errno.h>
#include <stdio.h>

static uint64_t hash(uint64_t state, const void *data, size_t size) {
        const uint8_t *bytes = data;

        for (size_t i = 0; i < size; i++)
                state = (state ^ bytes[i]) * 0x100000001b3; /* FNV-1a */
        return state;
}

static void take(uint64_t value, uint8_t ret[static MAC_SIZE]) {
        for (unsigned i = 0; i < MAC_SIZE; i++)
                ret[i] = (uint8_t) (value >> (8 * i));
        ret[0] = (uint8_t) ((ret[0] & 0xfc) | 0x02);
}

void mac_for_name(const char *name, uint8_t ret[static MAC_SIZE]) {
        take(hash(0xcbf29ce484222325, name, strlen(name)), ret);
}

void mac_for_address(const char *interface, const IpAddress *address, uint8_t ret[static MAC_SIZE]) {
        uint64_t state = hash(0xcbf29ce484222325, interface, strlen(interface));

        take(hash(state, address->bytes, sizeof(address->bytes)), ret);
}

int mac_parse(const char *text, uint8_t ret[static MAC_SIZE]) {
        unsigned bytes[MAC_SIZE];
        int end = 0;

        if (sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x%n", &bytes[0], &bytes[1], &bytes[2], &bytes[3], &bytes[4], &bytes[5],
                   &end) != MAC_SIZE || text[end])
                return -EINVAL;
        for (unsigned i = 0; i < MAC_SIZE; i++)
                ret[i] = (uint8_t) bytes[i];
        return 0;
}

const char *mac_format(const uint8_t mac[static MAC_SIZE], char buffer[static MAC_TEXT]) {
        snprintf(buffer, MAC_TEXT, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
        return buffer;
}
