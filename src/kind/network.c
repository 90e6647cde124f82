/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A .network file as a value. */
#include "kind/network.h"

#include "config/key-parse.h"

static const SectionType section = SECTION_TYPE(FILE_NETWORK, Network);

void network_check(const Network *network, Diagnostics *diagnostics) {
        const KeysSet *set = &network->set;
        const char *driver = network->driver;

        keys_need(set, KEY_Network_Gateway, KEY_Network_Subnet, diagnostics);
        keys_need(set, KEY_Network_IPRange, KEY_Network_Subnet, diagnostics);
        /* The first gateway is of the first subnet, and so on. */
        if (network->subnets.count > 0 && network->gateways.count > network->subnets.count)
                diagnose_error(diagnostics, &set->entry[KEY_Network_Gateway]->where,
                               "there are more gateways than subnets");
        if (network->subnets.count > 0 && network->ip_ranges.count > network->subnets.count)
                diagnose_error(diagnostics, &set->entry[KEY_Network_IPRange]->where,
                               "there are more address ranges than subnets");
        if (driver && !streq(driver, "bridge") && !streq(driver, "macvlan") && !streq(driver, "ipvlan"))
                diagnose_error(diagnostics, &set->entry[KEY_Network_Driver]->where,
                               "\"Driver\" must be bridge, macvlan or ipvlan, not \"%s\"", driver);
}

int network_load(UnitFile *unit, const SpecifierContext *context, Diagnostics *diagnostics, Network **ret) {
        void *network;
        int r = section_load(&section, unit, context, diagnostics, &network);

        if (r >= 0)
                *ret = network;
        return r;
}

void network_free(Network *network) {
        section_free(&section, network);
}
