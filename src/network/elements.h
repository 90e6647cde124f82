/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Elements of the packet filter's maps, by messages of our own to the kernel: a start has few of
 * them, and libnftables takes longer to be loaded than all the rest of a network. */
#pragma once

#include "basic/alloc.h"

enum {
        ELEMENTS_MOST = 128,      /* in a transaction */
        ELEMENT_KEY_MOST = 24,    /* bytes: an IPv6 address, a protocol, a port */
        ELEMENT_COMMENT_MOST = 120,
};

/* A key or the data of an element: its parts, each padded to four bytes, in network order. */
typedef struct ElementValue {
        uint8_t bytes[ELEMENT_KEY_MOST];
        size_t size;
} ElementValue;

typedef struct Element {
        const char *map;
        ElementValue key, end; /* `end` of a range; without one its size is 0 */
        ElementValue data;
} Element;

typedef enum ElementsChange {
        ELEMENTS_ADD,    /* what is there already is fine, with other data it is not */
        ELEMENTS_REMOVE, /* what is not there is fine, with other data it is not */
} ElementsChange;

/* Appends a part of `size` bytes. */
void element_value_add(ElementValue *value, const void *part, size_t size);

/* Changes up to ELEMENTS_MOST elements of the table "inet berth", all or none. `comment` goes with
 * what is added; may be NULL. Returns 0, -EPROTO when the kernel refuses, or another -errno. */
int elements_change(ElementsChange change, const Element elements[], size_t count, const char *comment);
