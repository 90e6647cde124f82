/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a service of compose has of the machine's files. Each adds the lines of one word. */
#pragma once

#include "start/import/compose-value.h"

void compose_add_volumes(const ComposeService *service, const YamlItem *item, const char *key);
void compose_add_secrets(const ComposeService *service, const YamlItem *item, const char *key);
void compose_add_configs(const ComposeService *service, const YamlItem *item, const char *key);
void compose_add_env_files(const ComposeService *service, const YamlItem *item, const char *key);
