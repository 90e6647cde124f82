/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a service of compose may use. Each adds the lines of one word. */
#pragma once

#include "start/import/compose-value.h"

void compose_add_cpus(const ComposeService *service, const YamlItem *item, const char *key);
void compose_add_ulimits(const ComposeService *service, const YamlItem *item, const char *key);
void compose_add_deploy(const ComposeService *service, const YamlItem *item, const char *key);
