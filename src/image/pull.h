/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Pulling: from a registry, a layout or an archive into the store. */
#pragma once

#include "config/image-reference.h"
#include "config/types.h"

/* What is pulled, and how. All is owned; initialise with PULL_REQUEST_INIT. */
typedef struct PullRequest {
        ImageReference reference;
        char *tag;                 /* a further canonical name, or NULL */
        bool all_tags;
        PullPolicy policy;
        unsigned retries;
        uint64_t retry_delay_usec; /* USEC_INFINITY: a second, then twice as long each time */
        char *os, *architecture, *variant; /* NULL: this machine's */
        char *auth_file, *certificate_directory, *credentials, *decryption_key;
        TriState tls_verify;
} PullRequest;

#define PULL_REQUEST_INIT { .retries = 3, .retry_delay_usec = USEC_INFINITY }

/* How far it is. */
typedef struct PullProgress {
        const char *image;
        const char *doing;    /* "Fetching", "Unpacking layer 2 of 5" … */
        uint64_t done, total; /* bytes; `total` is 0 while it is not known */
} PullProgress;

/* Who is told, and of what there is no telling by a return value. Either function may be NULL. */
typedef struct PullReporter {
        void (*progress)(const PullProgress *progress, void *userdata);
        void (*message)(const char *message, void *userdata); /* a line: a failed try, or what is wrong */
        void *userdata;
} PullReporter;

/* Sees to it that the store has the image, with all layers unpacked, as the policy wants it. One pull of an image at a time: another one waits for it, and then finds it done. Whatever
 * ends it, the store has the image as it was or as it is now, and the next pull goes on with what has been fetched. skopeo says on standard error what is wrong with a
 * registry. Returns 1 when the store has changed, 0 when it has what is wanted, -ENODATA when the image may not be pulled and is not there, -EINVAL (with a message) when it
 * cannot be used, -EREMOTEIO when skopeo failed, or another -errno. */
int pull(const PullRequest *request, const PullReporter *reporter);

/* Only looks which manifest the source has for the reference now: its digest. As pull(); 0 when it is known. Caller frees. */
int pull_look(const PullRequest *request, const PullReporter *reporter, char **ret_digest);

void pull_request_done(PullRequest *request);
#define _cleanup_pull_request_ _cleanup_(pull_request_done)
