/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Settings of [Service] as restrictions of system calls, as systemd's own filters have them. */
#include "oci/confine/confine-calls.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "basic/numbers.h"
#include "config/sandbox-values.h"
#include "oci/confine/seccomp-restrict.h"

enum { SET_DEPTH = 8 };

/* What the kernel looks at of an argument that is an int: a filter sees the rest of the register,
 * too, and what is refused must be so whatever is there. */
#define INT_BITS UINT64_C(0xffffffff)

/* Calls that a setting refuses altogether. */
static const struct {
        const char *key, *names;
} refusals[] = {
        { "ProtectClock", "adjtimex clock_adjtime clock_adjtime64 clock_settime clock_settime64 settimeofday stime" },
        { "ProtectHostname", "sethostname setdomainname" },
        { "ProtectKernelModules", "delete_module finit_module init_module" },
        { "ProtectKernelLogs", "syslog" },
        { "PrivateDevices", "ioperm iopl pciconfig_iobase pciconfig_read pciconfig_write s390_pci_mmio_read "
                            "s390_pci_mmio_write" },
};

const Entry *confine_calls_needed(const UnitFile *unit) {
        static const char *const lists[] = { "SystemCallFilter", "RestrictAddressFamilies" };
        uint64_t denied = 0;

        for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
                if (sandbox_find(unit, lists[i]))
                        return sandbox_find(unit, lists[i]);
        for (size_t i = 0; i < ARRAY_SIZE(refusals); i++)
                if (sandbox_is_on(unit, refusals[i].key))
                        return sandbox_find(unit, refusals[i].key);
        if (sandbox_is_on(unit, "RestrictSUIDSGID"))
                return sandbox_find(unit, "RestrictSUIDSGID");
        return sandbox_namespaces(unit, &denied) >= 0 && denied ? sandbox_find(unit, "RestrictNamespaces") : NULL;
}

static int look_for_set(const SandboxWord *word, void *userdata) {
        bool *any = userdata;

        *any = true;
        (void) word;
        return 0;
}

/* What is allowed has "@default" in it besides. */
bool confine_calls_need_sets(const UnitFile *unit) {
        bool any = false;

        return sandbox_each_word(unit, "SystemCallFilter", look_for_set, &any) >= 0 && any;
}

/* What the runtime's library cannot say is an error at the line. */
static int told(SpecBuild *build, const char *key, const char *call, int result) {
        const Entry *entry = sandbox_find(&build->container->unit, key);

        if (result != -ENOTSUP)
                return result;
        if (entry)
                diagnose_error(build->diagnostics, &entry->where,
                               "\"%s\" in [Service] does not go with what SeccompProfile= says of %s", key, call);
        return 0;
}

static int restrict_call(SpecBuild *build, json_object *filter, const char *key,
                         const SeccompRestriction *restriction) {
        return told(build, key, restriction->name, seccomp_restrict(filter, restriction));
}

static int refuse(json_object *filter, const char *words, int error) {
        _cleanup_string_list_ StringList names = {};
        int r = string_list_add_split(&names, words, strlen(words), " ");

        return r < 0 ? r : seccomp_refuse(filter, &names, error);
}

/* Modes with either bit. That of a file that is only opened is no argument at all. */
static int restrict_modes(SpecBuild *build, json_object *filter) {
        static const char key[] = "RestrictSUIDSGID";
        static const struct {
                const char *name;
                unsigned mode, flags; /* numbers of arguments; flags 0: there are none */
        } calls[] = {
                { "chmod", 1, 0 },  { "fchmod", 1, 0 },  { "fchmodat", 2, 0 }, { "fchmodat2", 2, 0 }, { "mknod", 1, 0 },
                { "mknodat", 2, 0 }, { "creat", 1, 0 },  { "open", 2, 1 },     { "openat", 3, 2 },
        };
        const uint64_t bits[] = { S_ISUID, S_ISGID }, makers[] = { O_CREAT, O_TMPFILE & ~O_DIRECTORY };

        if (!sandbox_is_on(&build->container->unit, key))
                return 0;
        for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
                unsigned mode = calls[i].mode, flags = calls[i].flags;
                SeccompCase allowed[2] = { { { { mode, S_ISUID | S_ISGID, 0 } }, 1 } }, refused[4] = {};
                SeccompRestriction restriction = { calls[i].name, allowed, refused, 1, 0, EPERM };
                int r;

                if (flags)
                        allowed[restriction.allowed_count++] = (SeccompCase) {
                                { { flags, makers[0] | makers[1], 0 } }, 1,
                        };
                for (size_t j = 0; j < 2; j++)
                        for (size_t k = 0; k < (flags ? 2 : 1); k++)
                                refused[restriction.refused_count++] = (SeccompCase) {
                                        { { mode, bits[j], bits[j] }, { flags, makers[k], makers[k] } }, flags ? 2 : 1,
                                };
                r = restrict_call(build, filter, key, &restriction);
                if (r < 0)
                        return r;
        }
        /* Its mode is in memory, where no filter looks. Programs fall back to openat(2). */
        return refuse(filter, "openat2", ENOSYS);
}

/* setns(2) with a type that is allowed; with 0 it takes any. */
static int restrict_setns(SpecBuild *build, json_object *filter, uint64_t denied) {
        static const uint64_t types[] = { CLONE_NEWCGROUP, CLONE_NEWIPC,  CLONE_NEWNET, CLONE_NEWNS,
                                          CLONE_NEWPID,    CLONE_NEWUSER, CLONE_NEWUTS };
        SeccompCase allowed[ARRAY_SIZE(types)] = {}, refused[ARRAY_SIZE(types) + 1] = { { { { 1, INT_BITS, 0 } }, 1 } };
        SeccompRestriction restriction = { "setns", allowed, refused, 0, 1, EPERM };

        for (size_t i = 0; i < ARRAY_SIZE(types); i++)
                if (denied & types[i])
                        refused[restriction.refused_count++] = (SeccompCase) { { { 1, types[i], types[i] } }, 1 };
                else
                        allowed[restriction.allowed_count++] = (SeccompCase) { { { 1, 0, types[i] } }, 1 };
        return restrict_call(build, filter, "RestrictNamespaces", &restriction);
}

static int restrict_namespaces(SpecBuild *build, json_object *filter) {
        static const char *const calls[] = { "clone", "unshare" };
        bool swapped = startswith(build->facts->architecture, "s390");
        uint64_t denied;
        int r = sandbox_namespaces(&build->container->unit, &denied);

        if (r < 0 || denied == 0)
                return r;
        for (size_t i = 0; i < ARRAY_SIZE(calls) && r >= 0; i++) {
                unsigned argument = swapped && i == 0 ? 1 : 0;
                const SeccompCase allowed = { { { argument, denied, 0 } }, 1 };
                SeccompCase refused[64] = {};
                SeccompRestriction restriction = { calls[i], &allowed, refused, 1, 0, EPERM };

                for (uint64_t left = denied; left; left &= left - 1) {
                        uint64_t bit = left & -left;
                        refused[restriction.refused_count++] = (SeccompCase) { { { argument, bit, bit } }, 1 };
                }
                r = restrict_call(build, filter, "RestrictNamespaces", &restriction);
        }
        if (r >= 0)
                r = restrict_setns(build, filter, denied);
        /* Its flags are in memory, where no filter looks. Libraries fall back to clone(2). */
        return r < 0 ? r : refuse(filter, "clone3", ENOSYS);
}

static int restrict_families(SpecBuild *build, json_object *filter) {
        enum { KNOWN = 46 };
        SeccompCase allowed[SANDBOX_FAMILIES] = {}, refused[KNOWN] = {};
        SeccompRestriction restriction = { "socket", allowed, refused, 0, 0, EAFNOSUPPORT };
        bool families[SANDBOX_FAMILIES];
        int r = sandbox_families(&build->container->unit, families);

        if (r <= 0)
                return r;
        for (unsigned i = 0; i < SANDBOX_FAMILIES; i++)
                if (families[i])
                        allowed[restriction.allowed_count++] = (SeccompCase) { { { 0, 0, i } }, 1 };
                else if (i < KNOWN)
                        refused[restriction.refused_count++] = (SeccompCase) { { { 0, INT_BITS, i } }, 1 };
        r = restrict_call(build, filter, "RestrictAddressFamilies", &restriction);
        /* The old way of 32-bit programs, with all of it in memory. */
        return r < 0 ? r : refuse(filter, "socketcall", EAFNOSUPPORT);
}

/* Appends the calls that a name stands for. */
static int expand(SpecBuild *build, const char *name, unsigned depth, StringList *ret) {
        const char *words = string_list_value(&build->facts->system_call_sets, name);
        const Entry *entry = sandbox_find(&build->container->unit, "SystemCallFilter");
        _cleanup_string_list_ StringList names = {};
        int r = 0;

        if (name[0] != '@')
                return string_list_add(ret, name);
        if (!words || depth > SET_DEPTH) {
                if (entry)
                        diagnose_error(build->diagnostics, &entry->where,
                                       "\"SystemCallFilter\" in [Service]: %s no set \"%s\"",
                                       build->facts->system_call_sets.count > 0 ? "systemd knows" : "the facts have",
                                       name);
                return 0;
        }
        r = string_list_add_split(&names, words, strlen(words), " ");
        for (size_t i = 0; i < names.count && r >= 0; i++)
                r = expand(build, names.items[i], depth + 1, ret);
        return r;
}

/* SystemCallFilter= while it is read: assignments NAME=ERRNO. */
typedef struct Calls {
        StringList listed;  /* in the sense of the first line: what is allowed, or what is refused */
        StringList refused; /* out of what is allowed, with an errno */
} Calls;

static void calls_done(Calls *calls) {
        string_list_done(&calls->listed);
        string_list_done(&calls->refused);
}

static int forget(StringList *list, const char *name) {
        const char *value = string_list_value(list, name);
        _cleanup_free_ char *item = value ? text_format("%s=%s", name, value) : NULL;

        if (!value)
                return 0;
        if (!item)
                return -ENOMEM;
        string_list_remove(list, item);
        return 0;
}

static int set(StringList *list, const char *name, int error) {
        _cleanup_free_ char *item = text_format("%s=%d", name, error < 0 ? 0 : error);

        return item ? string_list_assign(list, item) : -ENOMEM;
}

static int apply(const SandboxFilter *filter, const SandboxCall *call, const char *name, Calls *calls) {
        int error = call->error ?: filter->error, r;

        if (call->allowed == filter->allows) {
                r = forget(&calls->refused, name);
                return r < 0 ? r : set(&calls->listed, name, error);
        }
        r = forget(&calls->listed, name);
        return r < 0 || !filter->allows || !call->error ? r : set(&calls->refused, name, error);
}

static int read_calls(SpecBuild *build, const SandboxFilter *filter, Calls *calls) {
        const SandboxCall always = { .name = (char *) "@default", .allowed = true };
        int r = 0;

        for (size_t i = filter->allows ? 0 : 1; i <= filter->count && r >= 0; i++) {
                const SandboxCall *call = i == 0 ? &always : &filter->items[i - 1];
                _cleanup_string_list_ StringList names = {};

                r = expand(build, call->name, 0, &names);
                for (size_t j = 0; j < names.count && r >= 0; j++)
                        r = apply(filter, call, names.items[j], calls);
        }
        return r;
}

/* Refuses what the list has, all of one errno together. */
static int refuse_listed(json_object *filter, StringList *list) {
        while (list->count > 0) {
                const char *equals = strchr(list->items[0], '=');
                _cleanup_string_list_ StringList names = {}, others = {};
                uint64_t error = 0;
                int r = text_to_unsigned(equals + 1, INT32_MAX, &error);

                for (size_t i = 0; i < list->count && r >= 0; i++) {
                        const char *item = list->items[i];
                        size_t n = strcspn(item, "=");

                        r = streq(item + n, equals) ? string_list_add_n(&names, item, n)
                                                    : string_list_add(&others, item);
                }
                if (r >= 0)
                        r = seccomp_refuse(filter, &names, (int) error);
                if (r < 0)
                        return r;
                string_list_done(list);
                *list = others;
                others = (StringList) {};
        }
        return 0;
}

static int leave_listed(SpecBuild *build, json_object *filter, const StringList *list, int error) {
        _cleanup_string_list_ StringList names = {};
        int r = 0;

        for (size_t i = 0; i < list->count && r >= 0; i++)
                r = string_list_add_n(&names, list->items[i], strcspn(list->items[i], "="));
        return r < 0 ? r : told(build, "SystemCallFilter", "single arguments", seccomp_leave(filter, &names, error));
}

static int filter_calls(SpecBuild *build, json_object *json) {
        _cleanup_sandbox_filter_ SandboxFilter filter = {};
        _cleanup_(calls_done) Calls calls = {};
        int r = sandbox_filter(&build->container->unit, &filter);

        if (r <= 0)
                return r;
        r = read_calls(build, &filter, &calls);
        if (r >= 0)
                r = refuse_listed(json, filter.allows ? &calls.refused : &calls.listed);
        return r < 0 || !filter.allows ? r : leave_listed(build, json, &calls.listed, filter.error);
}

int confine_calls(SpecBuild *build, json_object *filter) {
        int r = 0;

        for (size_t i = 0; i < ARRAY_SIZE(refusals) && r >= 0; i++)
                if (sandbox_is_on(&build->container->unit, refusals[i].key))
                        r = refuse(filter, refusals[i].names, EPERM);
        if (r >= 0)
                r = restrict_modes(build, filter);
        if (r >= 0)
                r = restrict_namespaces(build, filter);
        if (r >= 0)
                r = restrict_families(build, filter);
        return r < 0 ? r : filter_calls(build, filter);
}
