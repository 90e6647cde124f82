/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The steps of an update: a running container gets the image that its reference leads to now, and
 * the one before if it does not come up with that. */
#pragma once

#include "image/pull.h"
#include "image/store.h"
#include "kind/container/container.h"

/* One running container, and its image. */
typedef struct ContainerUpdate {
        Store store;
        Container *container;
        PullRequest request;
        char *name;    /* of the reference in the store */
        char *running; /* the digest of the manifest that it runs */
        char *wanted;  /* that of the reference; NULL: it was not looked for */
} ContainerUpdate;

#define CONTAINER_UPDATE_INIT { .store = STORE_INIT, .request = PULL_REQUEST_INIT }

/* Appends the IDs of the containers that run, or are about to or did until now, sorted. Returns 0
 * or -errno. */
int container_updates_list(StringList *ret_ids);

/* Looks at one of them. Returns 1 when it runs an image and its file says AutoUpdate=, 0 when not,
 * -EREPORTED with a diagnostic, or another -errno. `ret` is to be released in any case. */
int container_update_open(const char *id, Diagnostics *diagnostics, ContainerUpdate *ret);

/* Finds out what the reference leads to now: for AutoUpdate=registry in the registry, from where it
 * is pulled unless `look_only`. Returns 0, or -errno as pull() and pull_look(). */
int container_update_find(ContainerUpdate *update, bool look_only, const PullReporter *reporter);

/* Returns whether the container's unit is active: neither starting nor stopping. */
bool container_update_is_up(const ContainerUpdate *update);

/* Restarts it as a job of systemd's. Returns whether it is up, and stays so for five seconds. */
bool container_update_restart(const ContainerUpdate *update);

/* Makes the reference lead to what runs again. Returns 0 or -errno. */
int container_update_take_back(const ContainerUpdate *update);

void container_update_done(ContainerUpdate *update);
#define _cleanup_container_update_ _cleanup_(container_update_done)
