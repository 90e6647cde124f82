/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Ethernet addresses of interfaces. All are of the kind that anyone may use as he likes. */
#pragma once

#include <stdint.h>

#include "basic/ip-address.h"

enum { MAC_SIZE = 6, MAC_TEXT = sizeof("02:00:00:00:00:00") };

/* The same for the same name, so that nothing changes for those who remember it. */
void mac_for_name(const char *name, uint8_t ret[static MAC_SIZE]);

/* The same for the same address: what neighbours remember of it stays true when the next container
 * has it. `interface` is the bridge's name. */
void mac_for_address(const char *interface, const IpAddress *address, uint8_t ret[static MAC_SIZE]);

/* Writes its text, as mac_parse() reads it. Returns it. */
const char *mac_format(const uint8_t mac[static MAC_SIZE], char buffer[static MAC_TEXT]);

/* Reads "02:00:0a:59:01:02". Returns 0 or -EINVAL. */
int mac_parse(const char *text, uint8_t ret[static MAC_SIZE]);
