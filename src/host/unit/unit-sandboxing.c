/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What of systemd's sandboxing a unit has after all: of the settings that the runtime cannot work
 * under, and that are kept out of what is generated, those that something else has set. */
#include <errno.h>
#include <linux/capability.h>
#include <sched.h>

#include "basic/dynamic.h"
#include "host/manager.h"
#include "host/unit/unit.h"

DYNAMIC_FUNCTION(sd_bus_path_encode);
DYNAMIC_FUNCTION(sd_bus_get_property);
DYNAMIC_FUNCTION(sd_bus_get_property_string);
DYNAMIC_FUNCTION(sd_bus_get_property_trivial);
DYNAMIC_FUNCTION(sd_bus_message_enter_container);
DYNAMIC_FUNCTION(sd_bus_message_read);
DYNAMIC_FUNCTION(sd_bus_message_unref);

static int load_bus(void) {
        static const DynamicSymbol symbols[] = {
                DYNAMIC_SYMBOL(sd_bus_path_encode),
                DYNAMIC_SYMBOL(sd_bus_get_property),
                DYNAMIC_SYMBOL(sd_bus_get_property_string),
                DYNAMIC_SYMBOL(sd_bus_get_property_trivial),
                DYNAMIC_SYMBOL(sd_bus_message_enter_container),
                DYNAMIC_SYMBOL(sd_bus_message_read),
                DYNAMIC_SYMBOL(sd_bus_message_unref),
        };
        return dynamic_load(SYSTEMD_LIBRARY, symbols, ARRAY_SIZE(symbols), NULL);
}

/* What all of these have, nothing is taken away from. */
#define NAMESPACE_FLAGS                                                                                                \
        ((uint64_t) CLONE_NEWCGROUP | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUSER |       \
         CLONE_NEWUTS)
#define CAPABILITIES ((UINT64_C(2) << CAP_AUDIT_READ) - 1)

typedef struct Property {
        const char *name;
        char type;         /* of D-Bus: 'b', 's', 't', or 'a' for a pair of which the second is a list */
        const char *usual; /* of 's' */
        uint64_t all;      /* of 't' */
} Property;

static const Property properties[] = {
        { "CapabilityBoundingSet", 't', NULL, CAPABILITIES },
        { "DynamicUser", 'b', NULL, 0 },
        { "PrivateDevices", 'b', NULL, 0 },
        { "PrivateNetwork", 'b', NULL, 0 },
        { "PrivateUsers", 'b', NULL, 0 },
        { "ProtectControlGroups", 'b', NULL, 0 },
        { "ProtectHome", 's', "no", 0 },
        { "ProtectHostname", 'b', NULL, 0 },
        { "ProtectKernelTunables", 'b', NULL, 0 },
        { "ProtectSystem", 's', "no", 0 },
        { "RestrictAddressFamilies", 'a', NULL, 0 },
        { "RestrictNamespaces", 't', NULL, NAMESPACE_FLAGS },
        { "RestrictSUIDSGID", 'b', NULL, 0 },
        { "RootDirectory", 's', "", 0 },
        { "SystemCallFilter", 'a', NULL, 0 },
        { "User", 's', "", 0 },
};

#define SERVICE SYSTEMD_SERVICE ".Service"

/* Of "(bas)", whether the list has anything, or is one of what alone is allowed. */
static int has_list(sd_bus *bus, const char *path, const char *name) {
        sd_bus_message *reply = NULL;
        const char *first;
        int allows = 0, r;

        r = sym_sd_bus_get_property(bus, SYSTEMD_SERVICE, path, SERVICE, name, NULL, &reply, "(bas)");
        if (r >= 0)
                r = sym_sd_bus_message_enter_container(reply, 'r', "bas");
        if (r >= 0)
                r = sym_sd_bus_message_read(reply, "b", &allows);
        if (r >= 0)
                r = sym_sd_bus_message_enter_container(reply, 'a', "s");
        if (r >= 0)
                r = sym_sd_bus_message_read(reply, "s", &first);
        sym_sd_bus_message_unref(reply);
        return r < 0 ? r : r > 0 || allows;
}

static int is_set(sd_bus *bus, const char *path, const Property *property) {
        _cleanup_free_ char *text = NULL;
        uint64_t number = 0;
        int on = 0, r;

        switch (property->type) {
        case 's':
                r = sym_sd_bus_get_property_string(bus, SYSTEMD_SERVICE, path, SERVICE, property->name, NULL, &text);
                return r < 0 ? r : !streq(text, property->usual);
        case 't':
                r = sym_sd_bus_get_property_trivial(bus, SYSTEMD_SERVICE, path, SERVICE, property->name, NULL, 't',
                                                    &number);
                return r < 0 ? r : (number & property->all) != property->all;
        case 'b':
                r = sym_sd_bus_get_property_trivial(bus, SYSTEMD_SERVICE, path, SERVICE, property->name, NULL, 'b',
                                                    &on);
                return r < 0 ? r : on;
        default:
                return has_list(bus, path, property->name);
        }
}

typedef struct Question {
        const char *unit_name;
        StringList *names;
} Question;

/* A property that this systemd does not have is not set. */
static int ask(sd_bus *bus, void *userdata) {
        const Question *question = userdata;
        _cleanup_free_ char *path = NULL;
        int r = load_bus();

        string_list_done(question->names);
        if (r >= 0)
                r = sym_sd_bus_path_encode(SYSTEMD_PATH "/unit", question->unit_name, &path);
        for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(properties); i++)
                if (is_set(bus, path, &properties[i]) > 0)
                        r = string_list_add(question->names, properties[i].name);
        return r < 0 ? r : 0;
}

int unit_get_sandboxing(const char *unit_name, StringList *ret) {
        Question question = { .unit_name = unit_name, .names = ret };

        return manager_ask(ask, &question);
}
