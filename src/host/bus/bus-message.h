/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Messages of D-Bus as bytes, as far as asking for properties needs them: the D-Bus specification,
 * "Type System" and "Message Protocol". */
#pragma once

#include <sys/types.h>

#include "basic/string-list.h"
#include "basic/text.h"

/* Appends the call that a bus wants to be the first. Its reply is to be skipped. */
void bus_append_hello(Text *text, uint32_t serial);

/* Appends a call of org.freedesktop.DBus.Properties.Get on an object of `service`, for which
 * nothing is to be started. */
void bus_append_get(Text *text, uint32_t serial, const char *service, const char *object, const char *interface,
                    const char *name);

/* How long the message is that the `size` bytes begin with. Returns its bytes, 0 when more are
 * needed to say, -EBADMSG when it is none, or -EMSGSIZE when it is more than anybody wants to
 * read. */
ssize_t bus_message_size(const char *data, size_t size);

/* A message that came; borrowed from the bytes. */
typedef struct BusMessage {
        uint32_t reply_to;     /* the serial of the call; 0: it is no reply */
        const char *error;     /* "org.freedesktop.DBus.Error.UnknownObject"; NULL: it is none */
        const char *signature; /* of what it carries, "" for nothing */
        const char *body;
        size_t body_size;
} BusMessage;

/* Takes a whole message apart. Returns 0, or -EBADMSG. */
int bus_message_parse(const char *data, size_t size, BusMessage *ret);

/* Reads the value that the reply to such a call carries, which must be of type `signature`:
 *   s   char **, which is freed before
 *   as  StringList *
 *   b   int *
 *   i   int32_t *
 *   u   uint32_t *
 *   t   uint64_t *
 *   any other array: bool *, whether there is anything in it
 * Returns 0, -EBADMSG, or -ENOMEM. */
int bus_message_read_value(const BusMessage *message, const char *signature, void *ret);
