/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lists of the kernel's words in [Service]. Each begins with what is allowed or, after a "~", with
 * what is not; later lines add to it or take from it. */
#include "config/sandbox-values.h"

#include <errno.h>
#include <sched.h>
#include <sys/socket.h>

#include "basic/numbers.h"
#include "config/value/values.h"

/* A list as a bit mask while it is read. */
typedef struct Mask {
        int (*bits)(const char *word, uint64_t *ret);
        const char *key, *what;
        Diagnostics *diagnostics; /* NULL: it has been told */
        bool set;
        uint64_t mask;
} Mask;

static int add_word(const SandboxWord *word, void *userdata) {
        Mask *mask = userdata;
        uint64_t bits = 0;

        if (!mask->set)
                mask->mask = word->inverted ? UINT64_MAX : 0;
        mask->set = true;
        if (*word->text && mask->bits(word->text, &bits) < 0 && mask->diagnostics)
                diagnose_error(mask->diagnostics, &word->where, "\"%s\" in [Service]: no %s \"%s\"", mask->key,
                               mask->what, word->text);
        if (word->inverted)
                mask->mask &= ~bits;
        else
                mask->mask |= bits;
        return 0;
}

static bool is_emptied(const UnitFile *unit, const char *key) {
        for (size_t i = 0; i < unit->count; i++)
                if (streq(unit->entries[i].key, key) && streq(unit->entries[i].section, "Service") &&
                    !*unit->entries[i].value)
                        return true;
        return false;
}

static int capability_bit(const char *word, uint64_t *ret) {
        size_t count;
        const char *const *names = capability_names(&count);

        for (size_t i = 0; i < count; i++)
                if (strcasecmp(names[i], word) == 0) {
                        *ret = UINT64_C(1) << i;
                        return 0;
                }
        return -EINVAL;
}

/* An empty assignment leaves none. */
static int read_capabilities(const UnitFile *unit, Diagnostics *diagnostics, uint64_t *ret) {
        static const char key[] = "CapabilityBoundingSet";
        Mask mask = { .bits = capability_bit, .key = key, .what = "capability", .diagnostics = diagnostics,
                      .set = is_emptied(unit, key) };
        const Entry *last = sandbox_find(unit, key);
        int r = sandbox_each_word(unit, key, add_word, &mask);

        if (r < 0)
                return r;
        /* "~" alone */
        *ret = mask.set && !(last && streq(last->value, "~")) ? mask.mask : UINT64_MAX;
        return 0;
}

int sandbox_capabilities(const UnitFile *unit, uint64_t *ret) {
        return read_capabilities(unit, NULL, ret);
}

static const struct {
        const char *name;
        uint64_t flag;
} namespaces[] = {
        { "cgroup", CLONE_NEWCGROUP }, { "ipc", CLONE_NEWIPC },   { "net", CLONE_NEWNET }, { "mnt", CLONE_NEWNS },
        { "pid", CLONE_NEWPID },       { "user", CLONE_NEWUSER }, { "uts", CLONE_NEWUTS },
};

static int namespace_bit(const char *word, uint64_t *ret) {
        for (size_t i = 0; i < ARRAY_SIZE(namespaces); i++)
                if (streq(namespaces[i].name, word)) {
                        *ret = namespaces[i].flag;
                        return 0;
                }
        return -EINVAL;
}

static int read_namespaces(const UnitFile *unit, Diagnostics *diagnostics, uint64_t *ret) {
        static const char key[] = "RestrictNamespaces";
        Mask mask = { .bits = namespace_bit, .key = key, .what = "type of namespace", .diagnostics = diagnostics };
        const Entry *last = sandbox_find(unit, key);
        uint64_t all = 0;
        bool on = false;
        int r = 0;

        for (size_t i = 0; i < ARRAY_SIZE(namespaces); i++)
                all |= namespaces[i].flag;
        if (last && text_to_bool(last->value, &on) >= 0)
                mask = (Mask) { .set = true, .mask = on ? 0 : UINT64_MAX };
        else
                r = sandbox_each_word(unit, key, add_word, &mask);
        if (r >= 0)
                *ret = mask.set ? all & ~mask.mask : 0;
        return r;
}

int sandbox_namespaces(const UnitFile *unit, uint64_t *ret) {
        return read_namespaces(unit, NULL, ret);
}

static int family_bit(const char *word, uint64_t *ret) {
        static const struct {
                const char *name;
                unsigned number;
        } families[] = {
#define FAMILY(name) { #name, name }
                FAMILY(AF_UNIX),      FAMILY(AF_LOCAL),   FAMILY(AF_INET),    FAMILY(AF_INET6),     FAMILY(AF_NETLINK),
                FAMILY(AF_PACKET),    FAMILY(AF_VSOCK),   FAMILY(AF_ALG),     FAMILY(AF_BLUETOOTH), FAMILY(AF_CAN),
                FAMILY(AF_X25),       FAMILY(AF_AX25),    FAMILY(AF_IPX),     FAMILY(AF_APPLETALK), FAMILY(AF_NETROM),
                FAMILY(AF_BRIDGE),    FAMILY(AF_ATMPVC),  FAMILY(AF_ROSE),    FAMILY(AF_SECURITY),  FAMILY(AF_KEY),
                FAMILY(AF_ASH),       FAMILY(AF_ECONET),  FAMILY(AF_ATMSVC),  FAMILY(AF_RDS),       FAMILY(AF_SNA),
                FAMILY(AF_IRDA),      FAMILY(AF_PPPOX),   FAMILY(AF_WANPIPE), FAMILY(AF_LLC),       FAMILY(AF_IB),
                FAMILY(AF_MPLS),      FAMILY(AF_TIPC),    FAMILY(AF_IUCV),    FAMILY(AF_RXRPC),     FAMILY(AF_ISDN),
                FAMILY(AF_PHONET),    FAMILY(AF_CAIF),    FAMILY(AF_NFC),     FAMILY(AF_KCM),       FAMILY(AF_QIPCRTR),
                FAMILY(AF_SMC),       FAMILY(AF_XDP),     FAMILY(AF_IEEE802154),
#undef FAMILY
        };

        for (size_t i = 0; i < ARRAY_SIZE(families); i++)
                if (streq(families[i].name, word)) {
                        *ret = UINT64_C(1) << families[i].number;
                        return 0;
                }
        return streq(word, "none") ? 0 : -EINVAL;
}

/* Returns whether it is set, too. */
static int read_families(const UnitFile *unit, Diagnostics *diagnostics, uint64_t *ret) {
        static const char key[] = "RestrictAddressFamilies";
        Mask mask = { .bits = family_bit, .key = key, .what = "address family", .diagnostics = diagnostics };
        int r = sandbox_each_word(unit, key, add_word, &mask);

        if (r < 0)
                return r;
        *ret = mask.mask;
        return mask.set;
}

int sandbox_families(const UnitFile *unit, bool ret[SANDBOX_FAMILIES]) {
        uint64_t mask;
        int r = read_families(unit, NULL, &mask);

        for (unsigned i = 0; r > 0 && i < SANDBOX_FAMILIES; i++)
                ret[i] = mask >> i & 1;
        return r;
}

/* "EPERM", "1" or "kill", for which it gives -1. */
static int error_number(const char *word, int *ret) {
        enum { LARGEST = 4095, KILL = -1 };
        uint64_t number = 0;

        if (streq(word, "kill")) {
                *ret = KILL;
                return 0;
        }
        if (text_to_unsigned(word, LARGEST, &number) >= 0 && number > 0) {
                *ret = (int) number;
                return 0;
        }
        for (int i = 1; i <= LARGEST; i++) {
                const char *name = strerrorname_np(i);

                if (name && streq(name, word)) {
                        *ret = i;
                        return 0;
                }
        }
        return -EINVAL;
}

typedef struct FilterReader {
        SandboxFilter *filter;
        Diagnostics *diagnostics; /* as in Mask */
        bool set;
} FilterReader;

static int add_call(const SandboxWord *word, void *userdata) {
        FilterReader *reader = userdata;
        SandboxFilter *filter = reader->filter;
        const char *colon = strchrnul(word->text, ':');
        SandboxCall call = { .allowed = !word->inverted };
        int r;

        if (!reader->set)
                filter->allows = !word->inverted;
        reader->set = true;
        if (*colon && error_number(colon + 1, &call.error) < 0 && reader->diagnostics)
                diagnose_error(reader->diagnostics, &word->where, "\"SystemCallFilter\" in [Service]: no error \"%s\"",
                               colon + 1);
        if (colon == word->text)
                return 0;
        r = ARRAY_RESERVE(filter->items, filter->allocated, filter->count + 1);
        if (r < 0)
                return r;
        call.name = strndup(word->text, (size_t) (colon - word->text));
        if (!call.name)
                return -ENOMEM;
        filter->items[filter->count++] = call;
        return 0;
}

static int read_filter(const UnitFile *unit, Diagnostics *diagnostics, SandboxFilter *ret) {
        const Entry *number = sandbox_find(unit, "SystemCallErrorNumber");
        _cleanup_sandbox_filter_ SandboxFilter filter = {};
        FilterReader reader = { .filter = &filter, .diagnostics = diagnostics };
        int r;

        if (number && error_number(number->value, &filter.error) < 0 && diagnostics)
                diagnose_error(diagnostics, &number->where, "\"SystemCallErrorNumber\" in [Service]: no error \"%s\"",
                               number->value);
        if (filter.error < 0)
                filter.error = 0;
        r = sandbox_each_word(unit, "SystemCallFilter", add_call, &reader);
        if (r < 0 || !reader.set)
                return r;
        *ret = filter;
        filter = (SandboxFilter) {};
        return 1;
}

int sandbox_filter(const UnitFile *unit, SandboxFilter *ret) {
        return read_filter(unit, NULL, ret);
}

void sandbox_filter_done(SandboxFilter *filter) {
        for (size_t i = 0; i < filter->count; i++)
                free(filter->items[i].name);
        free(filter->items);
        *filter = (SandboxFilter) {};
}

int sandbox_check_values(const UnitFile *unit, Diagnostics *diagnostics) {
        _cleanup_sandbox_filter_ SandboxFilter filter = {};
        uint64_t mask;
        int r;

        r = read_capabilities(unit, diagnostics, &mask);
        if (r >= 0)
                r = read_namespaces(unit, diagnostics, &mask);
        if (r >= 0)
                r = read_families(unit, diagnostics, &mask);
        if (r >= 0)
                r = read_filter(unit, diagnostics, &filter);
        return r < 0 ? r : 0;
}
