/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* All that is known of one thing, as JSON: what berth(1) documents under "inspect". */
#pragma once

#include "basic/json.h"
#include "source/places.h"

/* Each collects one object. What only root may see is null for others. Returns 0; -ENOENT when
 * there is no such thing; -EREPORTED, with the reason logged; or another -errno. Caller puts
 * `ret`. */

/* `stem` is "web" or "web@a". A container that does not run has null for what only a start
 * makes. */
int inspect_container(const char *stem, Scope scope, json_object **ret);

/* `stem` is "app" or "app@a". A pod that is not up has null for what only a start makes. */
int inspect_pod(const char *stem, Scope scope, json_object **ret);

/* `name` is canonical ("docker.io/library/nginx:1.27"), or a manifest's digest. */
int inspect_image(const char *name, json_object **ret);

/* `name` is the volume's own, or its file's without ".volume". */
int inspect_volume(const char *name, json_object **ret);

/* `name` is the network's own, or its file's without ".network". */
int inspect_network(const char *name, json_object **ret);
