/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From a Network to what systemd reads. */
#include "unit/unit-text.h"

#include "unit/drop-in.h"

/* Two files for one network's name would be told apart by nobody who uses the name. */
static int claim_name(UnitDropIn *drop_in, const Network *network) {
        Location where = section_where(&network->section, KEY_Network_NetworkName);

        return unit_drop_in_claim(drop_in, "network", network_name(network), &where);
}

static int claim_interface(UnitDropIn *drop_in, const Network *network) {
        Location where = section_where(&network->section, KEY_Network_InterfaceName);

        if (!network->interface_name || (network->driver && !streq(network->driver, "bridge")))
                return 0;
        return unit_drop_in_claim(drop_in, "interface", network->interface_name, &where);
}

int unit_text_network(const Network *network, UnitDropIn *drop_in) {
        int r = claim_name(drop_in, network);

        return r < 0 ? r : claim_interface(drop_in, network);
}
