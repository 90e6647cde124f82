/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Network=NAME: which .network file that is. */
#include "kind/network-names.h"

#include <errno.h>

#include "basic/text.h"
#include "kind/load.h"
#include "kind/podman-network.h"

#define PODMAN_DEFAULT "podman"
#define DEFAULT_STEM "default"

/* One with errors is no network, but the name that it has is reported with those. */
static int add_name(const Source *source, NetworkNames *names) {
        const SpecifierContext machine = { .scope = places_scope() };
        _cleanup_diagnostics_ Diagnostics unseen = {};
        _cleanup_network_ Network *network = NULL;
        _cleanup_free_ char *pair = NULL;
        int r = network_read(source, &machine, &unseen, &network);

        if (r == -ENOMEM || !network || !network->network_name)
                return r == -ENOMEM ? r : 0;
        pair = text_format("%s=%s", network->network_name, source->stem);
        return pair ? string_list_add(&names->stems, pair) : -ENOMEM;
}

static int read_names(const Sources *sources, NetworkNames *names) {
        int r = 0;

        for (size_t i = 0; r >= 0 && !names->read && i < sources->count; i++)
                if (sources->items[i].type == FILE_NETWORK && !sources->items[i].masked)
                        r = add_name(&sources->items[i], names);
        names->read = true;
        return r;
}

/* ": a, b", the first `MOST` of them. */
static void append_names(Text *text, const char *before, const StringList *names) {
        enum { MOST = 20 };

        for (size_t i = 0; i < names->count && i < MOST; i++)
                text_appendf(text, "%s%s", i > 0 ? ", " : before, names->items[i]);
        if (names->count > MOST)
                text_append(text, " …");
}

static int report(const Sources *sources, const NetworkAttachment *network, Diagnostics *diagnostics) {
        _cleanup_string_list_ StringList files = {}, podman = {};
        _cleanup_text_ Text list = {};
        int r = 0;

        for (size_t i = 0; r >= 0 && i < sources->count; i++)
                if (sources->items[i].type == FILE_NETWORK && !sources->items[i].masked)
                        r = string_list_add(&files, sources->items[i].stem);
        /* One that cannot be listed has none that could be used. */
        if (r >= 0 && podman_networks_list(&podman) == -ENOMEM)
                r = -ENOMEM;
        append_names(&list, "there are: ", &files);
        append_names(&list, files.count > 0 ? "; podman has: " : "podman has: ", &podman);
        if (r < 0 || list.failed)
                return -ENOMEM;
        if (!list.data)
                return diagnose_error(diagnostics, &network->where,
                                      "there is no network \"%s\", and no other; write %s.network", network->value,
                                      network->value);
        return diagnose_error(diagnostics, &network->where, "there is no network \"%s\"; %s", network->value,
                              list.data);
}

/* Says what is wrong with it, if anything is. */
static int find_of_podman(const NetworkAttachment *network, Diagnostics *diagnostics) {
        _cleanup_network_ Network *found = NULL;

        return podman_network_read(network->value, diagnostics, &found);
}

int network_names_resolve(NetworkNames *names, const Sources *sources, const NetworkAttachment *network,
                          Diagnostics *diagnostics, char **ret_stem) {
        const char *stem = network->value;
        int r;

        if (!sources_find_or_template(sources, FILE_NETWORK, stem)) {
                r = read_names(sources, names);
                if (r < 0)
                        return r;
                stem = string_list_value(&names->stems, network->value);
        }
        if (!stem) {
                r = find_of_podman(network, diagnostics);
                if (r < 0 && r != -ENOENT)
                        return r;
                if (r >= 0)
                        stem = network->value;
                else if (streq(network->value, PODMAN_DEFAULT))
                        stem = DEFAULT_STEM;
        }
        if (!stem)
                return report(sources, network, diagnostics);
        *ret_stem = strdup(stem);
        return *ret_stem ? 0 : -ENOMEM;
}
