/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* keys.def as the table that config/keys.h declares: here the structs are known that the keys
 * fill. */
#include "config/keys.h"
#include "config/quadlet.h"
#include "config/value/values.h"
#include "kind/container/container.h"
#include "kind/image.h"
#include "kind/network.h"
#include "kind/pod.h"
#include "kind/volume.h"

static void done_scalar(_unused_ void *field) {}

/* release_TYPE(): frees and zeroes a field. */
#define DEFINE_RELEASE(name, ctype, done)                                                                              \
        static void release_##name(void *field) {                                                                      \
                done_##done(field);                                                                                    \
                memset(field, 0, sizeof(ctype));                                                                       \
        }
VALUE_TYPES(DEFINE_RELEASE)
#undef DEFINE_RELEASE

#define KEY(section, name, type, field, flags, argument, help)                                                         \
        _Static_assert(__builtin_types_compatible_p(typeof(((section *) NULL)->field), ValueType_##type),              \
                       #section "." #field " is not of the type that parse_" #type "() fills");
#include "config/keys.def"
#undef KEY

const Key keys[_KEY_COUNT] = {
#define KEY(section, name, type, field, flags, argument, help)                                                         \
        [KEY_##section##_##name] = { #section, #name,    parse_##type, release_##type, offsetof(section, field),       \
                                     flags,    argument, help },
#include "config/keys.def"
#undef KEY
};
