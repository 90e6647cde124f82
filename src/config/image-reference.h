/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What names an image: "docker.io/library/nginx:1.27", "oci:/srv/images:web" … Text only; whether
 * there is such an image is not asked. */
#pragma once

#include "basic/alloc.h"

typedef enum ImageTransport {
        TRANSPORT_REGISTRY,
        TRANSPORT_OCI,            /* oci:DIRECTORY[:TAG] */
        TRANSPORT_OCI_ARCHIVE,    /* oci-archive:FILE[:TAG] */
        TRANSPORT_DOCKER_ARCHIVE, /* docker-archive:FILE[:REFERENCE] */
} ImageTransport;

/* Zero-initialise with {}. */
typedef struct ImageReference {
        ImageTransport transport;
        /* the one way to write it, by which the store knows it: with the registry, and a tag or
         * digest */
        char *name;
        char *registry;   /* "docker.io", "localhost:5000"; of a registry, as are the next three */
        char *repository; /* with the registry: "docker.io/library/nginx" */
        char *tag;        /* NULL with a digest, which says more than a tag beside it */
        char *digest;     /* "sha256:…" or NULL */
        char *path;       /* of the other transports: an absolute path, normalized */
        char *selector;   /* what is behind it, or NULL */
} ImageReference;

/* Parses a reference as people write it: without a tag, "latest" is meant. A short name (without a
 * registry) is refused: short-name.h is for those. Returns 0, -EINVAL with what is wrong in
 * `ret_message`, or -ENOMEM. Caller frees both. */
int image_reference_parse(const char *text, ImageReference *ret, char **ret_message);

/* Finds the name in a reference that has no registry: "redis" in "redis:7". Returns 1, 0 when it is
 * none of that kind, or -ENOMEM. Caller frees. */
int image_reference_short_name(const char *text, char **ret);

/* How many bytes of `text` are the name of a transport other than a registry, with its colon; 0
 * when there is none. */
size_t image_transport_prefix(const char *text);

/* Whether `text` is the name of a file, "base.image" or "base.build", rather than a reference. */
bool image_is_file(const char *text);

/* The instance of container-image@.service that pulls the image of this canonical name, as
 * systemd-escape(1) would write it; it has a ":", which no file's has. It is also how the store
 * calls the image's file. NULL when memory is short. Caller frees. */
char *image_instance(const char *name);

/* The unit that pulls an image: by its canonical name, or by that of a .image file. Returns 0, or
 * -ENOMEM. Caller frees. */
int image_unit_name(const char *image, char **ret);

void image_reference_done(ImageReference *reference);
#define _cleanup_image_reference_ _cleanup_(image_reference_done)
