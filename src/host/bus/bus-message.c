/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Messages of D-Bus as bytes. */
#include "host/bus/bus-message.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
        CALL = 1, REPLY = 2, ERROR = 3,                                        /* types of messages */
        PATH = 1, INTERFACE = 2, MEMBER = 3, ERROR_NAME = 4, REPLY_SERIAL = 5, /* fields of headers */
        DESTINATION = 6, SIGNATURE = 8,
        NO_AUTO_START = 2,
        PROTOCOL_VERSION = 1,
        FIXED_SIZE = 16, /* of a header, before its fields */
        LARGEST = 1024 * 1024,
};

#define OWN_ENDIANNESS (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? 'l' : 'B')

/* Everything stands at a multiple of its own size, counted from the beginning of the message. */
static void append_padding(Text *text, size_t start, size_t alignment) {
        while (!text->failed && (text->length - start) % alignment != 0)
                text_append_char(text, '\0');
}

static void append_number(Text *text, size_t start, uint32_t number) {
        append_padding(text, start, sizeof(number));
        text_append_n(text, (const char *) &number, sizeof(number));
}

static void append_string(Text *text, size_t start, const char *string) {
        size_t n = strlen(string);

        append_number(text, start, (uint32_t) n);
        text_append_n(text, string, n + 1);
}

static void append_signature(Text *text, const char *signature) {
        size_t n = strlen(signature);

        text_append_char(text, (char) n);
        text_append_n(text, signature, n + 1);
}

static void append_field(Text *text, size_t start, char field, const char *type, const char *value) {
        append_padding(text, start, 8);
        text_append_char(text, field);
        append_signature(text, type);
        if (*type == 'g')
                append_signature(text, value);
        else
                append_string(text, start, value);
}

static void put_number(Text *text, size_t at, size_t number) {
        uint32_t value = (uint32_t) number;

        if (!text->failed)
                memcpy(text->data + at, &value, sizeof(value));
}

static void append_call(Text *text, uint32_t serial, const char *service, const char *object, const char *interface,
                        const char *member, const char *const arguments[], size_t count) {
        const char fixed[] = { OWN_ENDIANNESS, CALL, NO_AUTO_START, PROTOCOL_VERSION, 0, 0, 0, 0 };
        const char *const strings = "ss";
        size_t start = text->length, fields, body;

        text_append_n(text, fixed, sizeof(fixed));
        append_number(text, start, serial);
        append_number(text, start, 0);
        fields = text->length;
        append_field(text, start, PATH, "o", object);
        append_field(text, start, DESTINATION, "s", service);
        append_field(text, start, INTERFACE, "s", interface);
        append_field(text, start, MEMBER, "s", member);
        if (count > 0)
                append_field(text, start, SIGNATURE, "g", strings + strlen(strings) - count);
        put_number(text, start + 12, text->length - fields);
        append_padding(text, start, 8);
        body = text->length;
        for (size_t i = 0; i < count; i++)
                append_string(text, start, arguments[i]);
        put_number(text, start + 4, text->length - body);
}

void bus_append_hello(Text *text, uint32_t serial) {
        append_call(text, serial, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "Hello",
                    NULL, 0);
}

void bus_append_get(Text *text, uint32_t serial, const char *service, const char *object, const char *interface,
                    const char *name) {
        append_call(text, serial, service, object, "org.freedesktop.DBus.Properties", "Get",
                    (const char *const[]) { interface, name }, 2);
}

/* Where reading has come to. The first thing that is not as it should be is the last. */
typedef struct Reader {
        const char *data;
        size_t size, at;
        bool failed;
} Reader;

/* Returns what stands next, or NULL. */
static const char *read_bytes(Reader *reader, size_t alignment, size_t n) {
        size_t at = (reader->at + alignment - 1) / alignment * alignment;

        if (reader->failed || at > reader->size || n > reader->size - at) {
                reader->failed = true;
                return NULL;
        }
        reader->at = at + n;
        return reader->data + at;
}

static uint32_t read_number(Reader *reader) {
        uint32_t number = 0;
        const char *bytes = read_bytes(reader, sizeof(number), sizeof(number));

        if (bytes)
                memcpy(&number, bytes, sizeof(number));
        return number;
}

/* `n` characters, their end, and nothing that ends them before. */
static const char *read_characters(Reader *reader, size_t n) {
        const char *string = read_bytes(reader, 1, n + 1);

        if (string && strnlen(string, n + 1) != n) {
                reader->failed = true;
                return NULL;
        }
        return string;
}

static const char *read_string(Reader *reader) {
        return read_characters(reader, read_number(reader));
}

static const char *read_signature(Reader *reader) {
        const char *n = read_bytes(reader, 1, 1);

        return n ? read_characters(reader, (unsigned char) *n) : NULL;
}

ssize_t bus_message_size(const char *data, size_t size) {
        uint32_t body, fields;
        uint64_t whole;

        if (size >= 1 && data[0] != OWN_ENDIANNESS)
                return -EBADMSG;
        if (size < FIXED_SIZE)
                return 0;
        if (data[3] != PROTOCOL_VERSION)
                return -EBADMSG;
        memcpy(&body, data + 4, sizeof(body));
        memcpy(&fields, data + 12, sizeof(fields));
        whole = FIXED_SIZE + ((uint64_t) fields + 7) / 8 * 8 + body;
        if (whole > LARGEST)
                return -EMSGSIZE;
        return whole > size ? 0 : (ssize_t) whole;
}

static void read_field(Reader *reader, BusMessage *message) {
        const char *field = read_bytes(reader, 8, 1), *type = read_signature(reader), *text = NULL;
        uint32_t number = 0;

        if (!field || !type)
                return;
        if (streq(type, "u"))
                number = read_number(reader);
        else if (streq(type, "g"))
                text = read_signature(reader);
        else if (streq(type, "s") || streq(type, "o"))
                text = read_string(reader);
        else
                reader->failed = true;
        if (*field == REPLY_SERIAL)
                message->reply_to = number;
        else if (*field == ERROR_NAME)
                message->error = text;
        else if (*field == SIGNATURE)
                message->signature = text;
}

int bus_message_parse(const char *data, size_t size, BusMessage *ret) {
        BusMessage message = {};
        Reader reader = { .data = data };
        uint32_t fields;

        if (size == 0 || bus_message_size(data, size) != (ssize_t) size)
                return -EBADMSG;
        memcpy(&fields, data + 12, sizeof(fields));
        reader.at = FIXED_SIZE;
        reader.size = FIXED_SIZE + fields;
        while (!reader.failed && reader.at < reader.size)
                read_field(&reader, &message);
        if (reader.failed)
                return -EBADMSG;
        if (data[1] != REPLY && data[1] != ERROR)
                message.reply_to = 0;
        if (data[1] != ERROR)
                message.error = NULL;
        else if (!message.error)
                return -EBADMSG;
        message.signature = message.signature ?: "";
        message.body = data + FIXED_SIZE + ((size_t) fields + 7) / 8 * 8;
        message.body_size = (size_t) (data + size - message.body);
        *ret = message;
        return 0;
}

static int read_string_value(Reader *reader, char **ret) {
        const char *string = read_string(reader);
        char *copy;

        if (!string)
                return -EBADMSG;
        copy = strdup(string);
        if (!copy)
                return -ENOMEM;
        free(*ret);
        *ret = copy;
        return 0;
}

static int read_strings(Reader *reader, StringList *ret) {
        _cleanup_string_list_ StringList strings = {};
        uint32_t n = read_number(reader);
        int r = 0;

        if (reader->failed || n > reader->size - reader->at)
                return -EBADMSG;
        reader->size = reader->at + n;
        while (r >= 0 && reader->at < reader->size) {
                const char *string = read_string(reader);
                r = string ? string_list_add(&strings, string) : -EBADMSG;
        }
        if (r < 0)
                return r;
        string_list_done(ret);
        *ret = strings;
        strings = (StringList) {};
        return 0;
}

static int read_value(Reader *reader, const char *signature, void *ret) {
        uint64_t wide;
        const char *bytes;

        if (streq(signature, "s"))
                return read_string_value(reader, ret);
        if (streq(signature, "as"))
                return read_strings(reader, ret);
        if (streq(signature, "t")) {
                bytes = read_bytes(reader, sizeof(wide), sizeof(wide));
                if (bytes)
                        memcpy(ret, bytes, sizeof(wide));
        } else {
                uint32_t number = read_number(reader);

                if (*signature == 'a')
                        *(bool *) ret = number > 0;
                else
                        memcpy(ret, &number, sizeof(number));
        }
        return reader->failed ? -EBADMSG : 0;
}

int bus_message_read_value(const BusMessage *message, const char *signature, void *ret) {
        /* The body begins where a header ends, at a multiple of eight. */
        Reader reader = { .data = message->body, .size = message->body_size };
        const char *type;

        if (!streq(message->signature, "v"))
                return -EBADMSG;
        type = read_signature(&reader);
        return type && streq(type, signature) ? read_value(&reader, signature, ret) : -EBADMSG;
}
