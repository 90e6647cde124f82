/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What podman(1) keeps on this machine, by asking it: the only place that runs podman, and nothing
 * here changes anything of it. */
#pragma once

#include <json-c/json.h>

#include "basic/string-list.h"

/* Zero-initialise with {}. */
typedef struct PodmanStore {
        json_object *volumes; /* as "podman volume ls" lists them */
        StringList secrets;   /* names */
} PodmanStore;

/* Asks which volumes and secrets there are. Returns 0, -ENOENT without podman, -EREMOTEIO when it
 * has failed, which it has said on standard error, or another -errno. */
int podman_store_ask(PodmanStore *ret);

typedef enum PodmanVolumeKind {
        PODMAN_VOLUME_NONE,
        PODMAN_VOLUME_PLAIN,    /* a directory of podman's own */
        PODMAN_VOLUME_MOUNTED,  /* options or a driver say what is in it */
} PodmanVolumeKind;

/* Finds a volume; `ret_path`, of a plain one, is borrowed. */
PodmanVolumeKind podman_store_find_volume(const PodmanStore *store, const char *name, const char **ret_path);

/* Reads a secret. As podman_store_ask(). Caller frees, and wipes what is in it. */
int podman_read_secret(const char *name, char **ret, size_t *ret_size);

/* Returns 1 when podman has an image of this canonical name, 0, or -errno. */
int podman_has_image(const char *name);

void podman_store_done(PodmanStore *store);
#define _cleanup_podman_store_ _cleanup_(podman_store_done)
