/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From a Network to what systemd reads. */
#include "unit/unit-text.h"

#include <errno.h>

#include "unit/drop-in.h"

/* Two files for one network's name would be told apart by nobody who uses the name. No unit's name
 * has a slash. */
static int claim_name(UnitDropIn *drop_in, const Network *network) {
        Location where = section_where(&network->section, KEY_Network_NetworkName);
        _cleanup_free_ char *claim = text_format("/network/%s", network_name(network));
        const char *owner;
        int r;

        if (!claim)
                return -ENOMEM;
        r = unit_outputs_claim(drop_in->outputs, claim, drop_in->context->path, &owner);
        if (r == 0)
                diagnose_error(drop_in->diagnostics,
                               where.file ? &where : &(Location) { .file = drop_in->context->path },
                               "\"%s\" is the network of %s already", network_name(network), owner);
        return r < 0 ? r : 0;
}

static int claim_interface(UnitDropIn *drop_in, const Network *network) {
        Location where = section_where(&network->section, KEY_Network_InterfaceName);
        _cleanup_free_ char *claim = NULL;
        const char *owner;
        int r;

        if (!network->interface_name || (network->driver && !streq(network->driver, "bridge")))
                return 0;
        claim = text_format("/interface/%s", network->interface_name);
        if (!claim)
                return -ENOMEM;
        r = unit_outputs_claim(drop_in->outputs, claim, drop_in->context->path, &owner);
        if (r == 0)
                diagnose_error(drop_in->diagnostics, &where, "\"%s\" is the interface of %s already",
                               network->interface_name, owner);
        return r < 0 ? r : 0;
}

int unit_text_network(const Network *network, UnitDropIn *drop_in) {
        int r = claim_name(drop_in, network);

        return r < 0 ? r : claim_interface(drop_in, network);
}
