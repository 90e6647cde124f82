/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What an image says of the containers that run it, and how a container's file overrides it, as
 * podman does. Its author is a stranger: where each member may go, and where it may not, is in
 * image/FIELDS.md. */
#pragma once

#include "kind/container/container.h"

typedef struct json_object json_object;

enum {
        IMAGE_ARGUMENTS_MAX = 1024 * 1024, /* bytes of Env, of Entrypoint, and of Cmd */
        IMAGE_VOLUMES_MAX = 1000,          /* each can become a mount */
};

/* A health check, as Docker has it in images (it is not in the specification): "NONE", or "CMD" or
 * "CMD-SHELL" with what is to be run; an empty list when there is none. Numbers are 0 where it does
 * not say. */
typedef struct ImageHealth {
        StringList test;
        uint64_t interval_usec, timeout_usec, start_period_usec, retries;
} ImageHealth;

/* The member "config" of an image's configuration (config.md of the OCI image specification), as
 * far as it is used. Zero-initialise with {}. */
typedef struct ImageConfig {
        StringList environment; /* assignments */
        StringList entrypoint, command;
        char *user;             /* "USER[:GROUP]", or NULL */
        char *working_dir;      /* absolute and normalized, or NULL */
        int stop_signal;        /* 0: none */
        StringList labels;      /* assignments */
        StringList volumes;     /* absolute paths, sorted */
        StringList exposed_ports; /* "80/tcp", sorted */
        ImageHealth health;
} ImageConfig;

/* Reads it; NULL stands for an empty one. Unknown members are left alone. What is not of its kind
 * is an error in `diagnostics` at `where`. Returns 0, -EREPORTED or -ENOMEM. */
int image_config_read(json_object *config, const Location *where, Diagnostics *diagnostics, ImageConfig *ret);

/* Writes it as the object that image_config_read() makes the same of. Returns 0 or -ENOMEM. Caller
 * puts `ret`. */
int image_config_write(const ImageConfig *config, json_object **ret);

/* Whether a normalized path, which an image calls a volume, lies where the kernel and the runtime
 * show the machine: /proc, /sys or /dev. */
bool image_volume_is_refused(const char *path);

/* Completes the container with what its file leaves open; environment and labels of the image come
 * before the file's. What cannot work together is an error in `diagnostics`. Returns 0, -EREPORTED
 * or -ENOMEM. */
int image_config_apply(const ImageConfig *config, Container *container, Diagnostics *diagnostics);

void image_config_done(ImageConfig *config);
#define _cleanup_image_config_ _cleanup_(image_config_done)
