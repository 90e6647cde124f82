/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What an image says of the containers that run it, and how a container's file overrides it, as
 * podman does. */
#pragma once

#include "kind/container/container.h"

typedef struct json_object json_object;

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
} ImageConfig;

/* Reads it; NULL stands for an empty one. Unknown members are left alone. What is not of its kind
 * is an error in `diagnostics` at `where`. Returns 0, -EINVAL or -ENOMEM. */
int image_config_read(json_object *config, const Location *where, Diagnostics *diagnostics, ImageConfig *ret);

/* Completes the container with what its file leaves open; environment and labels of the image come
 * before the file's. What cannot work together is an error in `diagnostics`. Returns 0, -EINVAL or
 * -ENOMEM. */
int image_config_apply(const ImageConfig *config, Container *container, Diagnostics *diagnostics);

void image_config_done(ImageConfig *config);
#define _cleanup_image_config_ _cleanup_(image_config_done)
