/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Parts of what is known. */
#include "start/inspect/inspect-parts.h"

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
