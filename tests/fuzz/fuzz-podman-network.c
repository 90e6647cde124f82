/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Feeds arbitrary text to the reader of networks that podman keeps, and what it makes of one to the
 * parsers of .network files. */
#include <errno.h>

#include "basic/ip-address.h"
#include "basic/numbers.h"
#include "kind/podman-network.h"
#include "tests/fuzz/fuzz.h"

static void check_route(const char *route) {
        _cleanup_string_list_ StringList words = {};
        IpAddress gateway;
        IpPrefix destination;
        uint64_t metric;

        require(string_list_add_split(&words, route, strlen(route), " ") == 0 && words.count == 3 &&
                                ip_prefix_parse(words.items[0], &destination) == 0 &&
                                ip_address_parse(words.items[1], &gateway) == 0 &&
                                text_to_unsigned(words.items[2], UINT32_MAX, &metric) == 0,
                "a route is a destination, a gateway and a metric");
}

static void load(UnitFile *unit) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_network_ Network *network = NULL;
        size_t count = unit->count;

        require(network_load(unit, &(SpecifierContext) { .stem = "lan", .unit_name = "container-network@lan.service" },
                             &diagnostics, &network) == 0,
                "what was translated can be loaded");
        require(network->unit.count == count, "every assignment is one");
        network_check(network, &diagnostics);
        if (diagnostics.errors > 0)
                return;
        require(network->gateways.count == network->subnets.count && network->ip_ranges.count == network->subnets.count,
                "every subnet has its gateway and its range");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_free_ char *text = strndup((const char *) data, size);
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_string_list_ StringList routes = {};
        _cleanup_unit_file_ UnitFile unit = {};
        int r;

        if (!text)
                return 0;
        r = podman_network_translate(text, strlen(text), "fuzz.json", &diagnostics, &unit, &routes);
        require(r == 0 || r == -EREPORTED, "a network is taken or refused");
        require((r < 0) == (diagnostics.errors > 0), "what is refused is said, and nothing else");
        for (size_t i = 0; i < routes.count; i++)
                check_route(routes.items[i]);
        if (r == 0)
                load(&unit);
        return 0;
}
