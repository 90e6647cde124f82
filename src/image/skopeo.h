/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* skopeo(1), which talks to registries and knows who may: the only place that runs it. */
#pragma once

#include "basic/string-list.h"
#include "config/types.h"

/* How to reach a registry, and what of it is wanted. All is borrowed and may be NULL. */
typedef struct SkopeoOptions {
        const char *auth_file;             /* containers-auth.json(5) */
        const char *certificate_directory; /* containers-certs.d(5) */
        const char *decryption_key;        /* a file, perhaps with ":file=PATH" of its passphrase behind it */
        TriState tls_verify;
        const char *os, *architecture, *variant; /* instead of this machine's */
} SkopeoOptions;

/* Called now and then while a copy goes on. */
typedef void (*SkopeoTick)(void *userdata);

/* All take images by skopeo's names: "docker://quay.io/a/b:1", "oci:/srv/images:web". What skopeo
 * has said on standard error goes on to ours when it has ended; its beginning is in `ret_said`,
 * which the caller frees, when it failed. They return 0, -ENOENT when there is no skopeo,
 * -EREMOTEIO when it failed, or another -errno. */

/* The manifest as it is, or the index; with `config` the configuration of the image. Caller
 * frees. */
int skopeo_inspect(const SkopeoOptions *options, const char *image, bool config, char **ret, size_t *ret_size,
                   char **ret_said);

/* The list of a repository's tags, JSON. Caller frees. */
int skopeo_list_tags(const SkopeoOptions *options, const char *repository, char **ret, size_t *ret_size,
                     char **ret_said);

/* Copies the image. `shared_blobs` (NULL: none) is where an "oci:" destination keeps the blobs;
 * those that are there already are not fetched. Large temporary files go to `temporary`. */
int skopeo_copy(const SkopeoOptions *options, const char *source, const char *destination, const char *shared_blobs,
                const char *temporary, SkopeoTick tick, void *userdata, char **ret_said);
