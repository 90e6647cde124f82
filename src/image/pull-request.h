/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is to be pulled. */
#pragma once

#include "config/short-name.h"
#include "config/types.h"

/* What is pulled, and how. All is owned; initialise with PULL_REQUEST_INIT. */
typedef struct PullRequest {
        ImageReference reference;
        ImageCandidates candidates; /* none, or several that a short name may stand for: the reference is one of them */
        /* skopeo's name of what is copied in place of what the reference says
         * ("containers-storage:quay.io/a/b:1"), or NULL */
        char *source;
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

/* Returns how people call what is pulled. Borrowed. */
const char *pull_request_name(const PullRequest *request);

void pull_request_done(PullRequest *request);
#define _cleanup_pull_request_ _cleanup_(pull_request_done)
