/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The vocabulary as a table: which section has which key, of which type. Everything in it comes
 * from keys.def. */
#pragma once

#include "basic/diagnostics.h"
#include "config/expand-variables.h"
#include "source/ini-file.h"
#include "source/specifiers.h"

typedef enum KeyId {
#define KEY(section, name, type, field, flags, argument, help) KEY_##section##_##name,
#include "config/keys.def"
#undef KEY
        _KEY_COUNT,
} KeyId;

typedef enum KeyFlags {
        ONCE = 1 << 0,       /* a scalar: the last assignment wins */
        LIST = 1 << 1,       /* assignments add up, an empty one resets */
        DEPRECATED = 1 << 2, /* works, with a warning */
        IGNORED = 1 << 3,    /* podman's own; a warning, no effect */
        LITERAL = 1 << 4,    /* Quadlet reads it itself: "$" means nothing */
        PART = 1 << 5,       /* a part of a word of podman's command line, where "$NAME" means nothing */
} KeyFlags;

/* What a value parser knows besides the value. */
typedef struct ValueContext {
        const SpecifierContext *specifiers;
        const Variables *variables; /* NULL: "$" means nothing */
        bool part;                  /* of a word of podman's command line: the key is a PART */
        Diagnostics *diagnostics;
} ValueContext;

typedef struct Key Key;

/* Parses `entry`'s value, which is not empty, into `field`, whose type is the key's. Reports what
 * is wrong to the diagnostics, at the place of the word at fault. Returns 0, -EREPORTED (reported;
 * a scalar is as it was, a list has gained the words that are sound), or -ENOMEM. */
typedef int (*ValueParser)(const ValueContext *context, const Key *key, const Entry *entry, void *field);

/* Frees what `field` holds and zeroes it. */
typedef void (*ValueDone)(void *field);

struct Key {
        const char *section;
        const char *name;
        ValueParser parse;
        ValueDone done;
        size_t offset; /* of the field in the section's struct */
        unsigned flags;
        const char *argument;
        const char *help;
};

/* Indexed by KeyId. */
extern const Key keys[_KEY_COUNT];

/* Returns the key or NULL. Names are case-sensitive, as systemd's. */
const Key *key_find(const char *section, const char *name);

static inline KeyId key_id(const Key *key) {
        return (KeyId) (key - keys);
}

/* The nearest known name to a mistyped key of this section, or NULL when none is near. Static. */
const char *key_suggest(const char *section, const char *name);

/* Whether berth itself reads `section` ("Container", "Volume" …), rather than handing it on to
 * systemd. */
bool section_is_ours(const char *section);

/* Whether systemd knows a section of a .service unit by this name ("Unit", "Service", "Install"),
 * or it is one that is ignored ("X-…"). */
bool section_is_handed_on(const char *section);

/* The nearest section name that may stand in a file whose own section is `own`, or NULL. Static. */
const char *section_suggest(const char *section, const char *own);

/* Frees every field of the section's struct. */
void keys_done_section(const char *section, void *object);

/* Where each key of a section was last set, NULL when it was not (or was reset). A scalar's value
 * is sound then; a list may be empty for want of sound words. Borrowed from the UnitFile. */
typedef struct KeysSet {
        const Entry *entry[_KEY_COUNT];
        /* Where a key was last set to a value with variables that are not known yet: the struct has
         * nothing of it. */
        const Entry *open[_KEY_COUNT];
} KeysSet;
