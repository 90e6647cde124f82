/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* When a service of compose starts, and again. Each adds the lines of one word. */
#pragma once

#include "start/import/compose-value.h"

void compose_add_restart(const ComposeService *service, const YamlItem *item, const char *key);
void compose_add_logging(const ComposeService *service, const YamlItem *item, const char *key);
void compose_add_depends(const ComposeService *service, const YamlItem *item, const char *key);
void compose_add_links(const ComposeService *service, const YamlItem *item, const char *key);

/* Adds the names by which others find it that are linked to it. */
void compose_add_link_aliases(const ComposeService *service);

/* Adds when its unit has started, by what others wait for. */
void compose_add_readiness(const ComposeService *service);
