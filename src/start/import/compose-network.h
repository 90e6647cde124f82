/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a service of compose reaches and is reached by. Each adds the lines of one word. */
#pragma once

#include "start/import/compose-value.h"

void compose_add_ports(const ComposeService *service, const YamlItem *item, const char *key);
void compose_add_hosts(const ComposeService *service, const YamlItem *item, const char *key);
void compose_add_networks(const ComposeService *service, const YamlItem *item, const char *key);
void compose_add_network_mode(const ComposeService *service, const YamlItem *item, const char *key);

/* Puts the service on the network that the project has by itself. */
void compose_add_default_network(const ComposeService *service);

/* Appends the name of a network's file: of "default" the project's own. */
void compose_append_network(const Compose *compose, const char *name, Text *text);
