/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Parts of what is known. */
#include "start/inspect/inspect-parts.h"

#include <errno.h>

#include "basic/text.h"

void inspect_add_text(Json *json, const char *key, const char *value) {
        if (value)
                json_add_string(json, key, value);
        else
                json_add_null(json, key);
}

int inspect_add_attachment(Json *json, const char *name, const NetworkUser *user, const Attachment *attachment) {
        _cleanup_string_list_ StringList ports = {};
        char address[IP_PREFIX_TEXT], mac[MAC_TEXT];
        int r;

        r = network_user_list_ports(user, attachment, &ports);
        if (r < 0)
                return r;
        json_open_object(json, NULL);
        json_add_string(json, "name", name);
        json_add_string(json, "interface", attachment->interface);
        json_add_string(json, "mac", mac_format(attachment->mac, mac));
        json_open_array(json, "addresses");
        for (size_t i = 0; i < attachment->address_count; i++)
                json_add_string(json, NULL, ip_prefix_format(&attachment->addresses[i], address));
        json_close(json);
        json_add_strings(json, "aliases", &attachment->aliases);
        json_add_strings(json, "ports", &ports);
        json_close(json);
        return 0;
}

static void add_number(Json *json, const char *key, uint64_t number) {
        if (number == UINT64_MAX)
                json_add_null(json, key);
        else
                json_add_unsigned(json, key, number);
}

/* A unit that is not loaded is one that has not been asked for, unless nobody could be asked. */
void inspect_add_state(Json *json, const UnitState *state, bool known) {
        static const UnitState none = { .memory_bytes = UINT64_MAX, .cpu_nsec = UINT64_MAX, .restarts = UINT64_MAX };
        _cleanup_free_ char *since = state && state->since_usec > 0 ? text_of_time(state->since_usec) : NULL;

        json->failed |= state && state->since_usec > 0 && !since;
        state = state ?: &none;
        inspect_add_text(json, "state", state->active ? state->active : known ? "inactive" : NULL);
        inspect_add_text(json, "subState", state->sub);
        inspect_add_text(json, "since", since);
        add_number(json, "memory", state->memory_bytes);
        add_number(json, "cpuNSec", state->cpu_nsec);
        add_number(json, "restarts", state->restarts);
}

static int add_attachments(Json *json, const NetworkUser *user) {
        int r = 0;

        for (size_t i = 0; i < user->attachments.count && r >= 0; i++)
                r = inspect_add_attachment(json, user->attachments.items[i].network.name, user,
                                           &user->attachments.items[i]);
        return r;
}

int inspect_add_networks(Json *json, const char *id) {
        _cleanup_network_users_ NetworkUsers users = {};
        int r;

        r = network_users_get(&users);
        if (r < 0 && r != -EACCES)
                return r;
        r = 0;
        json_open_array(json, "networks");
        for (size_t i = 0; i < users.count && r >= 0; i++)
                if (streq(users.items[i].id, id))
                        r = add_attachments(json, &users.items[i]);
        json_close(json);
        return r;
}
