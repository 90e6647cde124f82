/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Gathering what a container's networks bring along. */
#include "basic/text.h"
#include "kind/container/container-user-network.h"
#include "network/names.h"
#include "network/network-users.h"
#include "network/user-mode.h"
#include "source/places.h"
#include "start/gather/gather-steps.h"
#include "start/gather/gather.h"

/* What is outside is reached by the first network's gateway, in the family that more have. */
static int gather_gateway(const NetworkState *network, Facts *facts) {
        char text[IP_ADDRESS_TEXT];

        for (size_t i = 0; i < network->subnet_count && !facts->host_gateway; i++) {
                const IpAddress *gateway = &network->subnets[i].gateway;

                if (gateway->family == AF_UNSPEC)
                        continue;
                facts->host_gateway = strdup(ip_address_format(gateway, text));
                if (!facts->host_gateway)
                        return -ENOMEM;
        }
        return 0;
}

/* Names of containers are known to those at the gateways, who ask the machine's for all others. */
static int gather_name_servers(const NetworkState *network, Facts *facts) {
        char text[IP_ADDRESS_TEXT];
        int r = 0;

        for (size_t i = 0; r >= 0 && names_are_served(network) && i < network->subnet_count; i++)
                if (network->subnets[i].gateway.family != AF_UNSPEC)
                        r = string_list_add(&facts->name_servers,
                                            ip_address_format(&network->subnets[i].gateway, text));
        return r < 0 ? r : string_list_extend(&facts->name_servers, &network->dns);
}

static int add_neighbour(const Attachment *attachment, Facts *facts) {
        _cleanup_string_list_ StringList names = {};
        int r = attachment_all_names(attachment, &names);

        for (size_t i = 0; r >= 0 && i < attachment->address_count; i++) {
                _cleanup_text_ Text line = {};
                char address[IP_ADDRESS_TEXT];

                text_append(&line, ip_address_format(&attachment->addresses[i].address, address));
                for (size_t j = 0; j < names.count; j++)
                        text_appendf(&line, " %s", names.items[j]);
                r = line.failed ? -ENOMEM : string_list_add(&facts->neighbours, line.data);
        }
        return r;
}

static bool is_own(const Attachment *attachment, const Attachment *own) {
        return attachment->address_count > 0 && own->address_count > 0 &&
               ip_address_equal(&attachment->addresses[0].address, &own->addresses[0].address);
}

/* As they are now: who comes later, or elsewhere, is not found. */
static int gather_neighbours(const Attachment *own, NetworkUsers *users, Facts *facts) {
        int r = users->count == 0 ? network_users_get(users) : 0;

        for (size_t i = 0; r >= 0 && i < users->count; i++) {
                const Attachment *attachment = network_user_find(&users->items[i], own->network.stem);

                if (attachment && !is_own(attachment, own))
                        r = add_neighbour(attachment, facts);
        }
        return r == -EACCES ? 0 : r;
}

int facts_add_networks(Facts *facts, const Attachments *attachments) {
        _cleanup_network_users_ NetworkUsers users = {};
        char text[IP_ADDRESS_TEXT];
        int r = 0;

        for (size_t i = 0; r >= 0 && i < attachments->count; i++) {
                const Attachment *attachment = &attachments->items[i];

                for (size_t j = 0; r >= 0 && j < attachment->address_count; j++)
                        r = string_list_add(&facts->own_addresses,
                                            ip_address_format(&attachment->addresses[j].address, text));
                /* A user's is not the machine, but where the user's networks are. */
                if (r >= 0 && places_scope() == SCOPE_SYSTEM)
                        r = gather_gateway(&attachment->network, facts);
                if (r >= 0)
                        r = gather_name_servers(&attachment->network, facts);
                if (r >= 0 && attachment->network.named && !names_are_served(&attachment->network))
                        r = gather_neighbours(attachment, &users, facts);
        }
        return r;
}

int facts_add_user_network(Facts *facts, const NetworkAttachment *network) {
        char server[IP_ADDRESS_TEXT], own[IP_ADDRESS_TEXT], gateway[IP_ADDRESS_TEXT];
        int r = 0;

        user_mode_name_server(network, server);
        user_mode_addresses(network, own, gateway);
        if (*server)
                r = string_list_add(&facts->name_servers, server);
        if (r >= 0 && *own)
                r = string_list_add(&facts->own_addresses, own);
        if (r < 0 || !*gateway)
                return r;
        facts->host_gateway = strdup(gateway);
        return facts->host_gateway ? 0 : -ENOMEM;
}

int gather_networks(const Container *container, const GatherInput *input, Facts *facts,
                    Diagnostics *diagnostics _unused_) {
        int r;

        if (container_user_network(container))
                return facts_add_user_network(facts, container_user_network(container));
        if (!input->networking)
                return 0;
        r = facts_add_networks(facts, &input->networking->attachments);
        /* The machine's own may be reached from the machine alone, and pasta passes on to it. */
        if (r >= 0 && container->of_user && input->networking->attachments.count > 0 && facts->name_servers.count == 0)
                r = facts_add_user_network(facts, &(NetworkAttachment) { .kind = NETWORK_PASTA });
        return r;
}
