/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* All networks: those of files, and those that are up. */
#include "network/network-list.h"

#include <errno.h>

#include "basic/directory.h"
#include "kind/load.h"
#include "network/networks.h"
#include "source/places.h"
#include "source/sources.h"
#include "source/unit-name.h"

static NetworkEntry *get_entry(NetworkEntries *entries, const char *stem) {
        NetworkEntry *entry;

        for (size_t i = 0; i < entries->count; i++)
                if (streq(entries->items[i].stem, stem))
                        return &entries->items[i];
        if (ARRAY_RESERVE(entries->items, entries->allocated, entries->count + 1) < 0)
                return NULL;
        entry = &entries->items[entries->count++];
        *entry = (NetworkEntry) { .stem = strdup(stem) };
        return entry->stem && unit_name_for(FILE_NETWORK, stem, &entry->unit_name) >= 0 ? entry : NULL;
}

static int set_text(char **field, const char *text) {
        free(*field);
        *field = text && *text ? strdup(text) : NULL;
        return text && *text && !*field ? -ENOMEM : 0;
}

/* A file with errors is a network's all the same. */
static int add_file(NetworkEntries *entries, const Source *source) {
        const SpecifierContext machine = { .scope = places_scope() };
        _cleanup_diagnostics_ Diagnostics unseen = {};
        _cleanup_network_ Network *network = NULL;
        NetworkEntry *entry = get_entry(entries, source->stem);
        int r = network_read(source, &machine, &unseen, &network);

        if (!entry || r == -ENOMEM)
                return -ENOMEM;
        r = set_text(&entry->path, source->path);
        if (r >= 0)
                r = set_text(&entry->name, network ? network_name(network) : source->stem);
        if (r < 0 || !network)
                return r;
        entry->internal = network->internal;
        r = set_text(&entry->driver, network->driver ?: "bridge");
        if (r >= 0)
                r = set_text(&entry->interface, network->interface_name);
        if (r >= 0)
                r = string_list_extend(&entry->subnets, &network->subnets);
        return r < 0 ? r : string_list_extend(&entry->gateways, &network->gateways);
}

static int add_files(NetworkEntries *entries) {
        _cleanup_sources_ Sources sources = {};
        int r = sources_scan_scope(places_scope(), &sources, NULL);

        for (size_t i = 0; r >= 0 && i < sources.count; i++) {
                const Source *source = &sources.items[i];

                if (source->type == FILE_NETWORK && !source->masked && !stem_is_template(source->stem))
                        r = add_file(entries, source);
        }
        return r;
}

static int set_subnets(NetworkEntry *entry, const NetworkState *state) {
        char text[IP_PREFIX_TEXT];
        int r = 0;

        string_list_done(&entry->subnets);
        string_list_done(&entry->gateways);
        for (size_t i = 0; r >= 0 && i < state->subnet_count; i++) {
                const NetworkSubnet *subnet = &state->subnets[i];

                r = string_list_add(&entry->subnets, ip_prefix_format(&subnet->subnet, text));
                if (r >= 0 && subnet->gateway.family != AF_UNSPEC)
                        r = string_list_add(&entry->gateways, ip_address_format(&subnet->gateway, text));
        }
        return r;
}

static int add_state(NetworkEntries *entries, const NetworkState *state) {
        NetworkEntry *entry = get_entry(entries, state->stem);
        int r;

        if (!entry)
                return -ENOMEM;
        entry->up = true;
        entry->internal = state->internal;
        r = set_text(&entry->name, state->name);
        if (r >= 0)
                r = set_text(&entry->driver, state->driver);
        if (r >= 0)
                r = set_text(&entry->interface, state->interface);
        return r < 0 ? r : set_subnets(entry, state);
}

static int add_states(NetworkEntries *entries) {
        _cleanup_string_list_ StringList stems = {};
        int r = directory_list(place_path(PLACE_NETWORKS), &stems);

        for (size_t i = 0; r >= 0 && i < stems.count; i++) {
                _cleanup_network_state_ NetworkState state = {};
                int s = network_state_read(stems.items[i], &state);

                if (s >= 0)
                        r = add_state(entries, &state);
                else if (s != -ENOENT && s != -EBADMSG && s != -ENOTDIR)
                        r = s;
        }
        return r;
}

static int compare(const void *x, const void *y) {
        const NetworkEntry *a = x, *b = y;

        return strcmp(a->stem, b->stem);
}

int network_entries_get(NetworkEntries *ret) {
        int r;

        *ret = (NetworkEntries) {};
        r = add_files(ret);
        if (r >= 0)
                r = add_states(ret);
        if (r >= 0 && ret->count > 1)
                qsort(ret->items, ret->count, sizeof(NetworkEntry), compare);
        return r;
}

void network_entries_done(NetworkEntries *entries) {
        for (size_t i = 0; i < entries->count; i++) {
                NetworkEntry *entry = &entries->items[i];
                char *const texts[] = { entry->stem,      entry->name, entry->driver,
                                        entry->interface, entry->path, entry->unit_name };

                for (size_t j = 0; j < ARRAY_SIZE(texts); j++)
                        free(texts[j]);
                string_list_done(&entry->subnets);
                string_list_done(&entry->gateways);
        }
        free(entries->items);
        *entries = (NetworkEntries) {};
}
