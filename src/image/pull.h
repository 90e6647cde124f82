/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Pulling: from a registry, a layout or an archive into the store. */
#pragma once

#include <stdint.h>

#include "image/pull-request.h"

/* How far it is. */
typedef struct PullProgress {
        const char *image;
        const char *doing;    /* "Fetching", "Unpacking layer 2 of 5" … */
        uint64_t done, total; /* bytes; `total` is 0 while it is not known */
} PullProgress;

/* Who is told, and of what there is no telling by a return value. Every function may be NULL. */
typedef struct PullReporter {
        void (*progress)(const PullProgress *progress, void *userdata);
        void (*message)(const char *message, void *userdata); /* a line: a failed try, or what is wrong */
        /* the line about what will not go away by itself, its cause and what to do; NULL: as
         * another message */
        void (*hopeless)(const char *message, void *userdata);
        /* a line about which of several candidates was taken, and why not an earlier one */
        void (*note)(const char *message, void *userdata);
        void *userdata;
} PullReporter;

/* A variable of the environment: with a true value the compressed layers stay in the store. */
#define KEEP_BLOBS_VARIABLE "BERTH_KEEP_BLOBS"

/* Sees to it that the store has the image, with all layers unpacked, as the policy wants it. One
 * pull of an image at a time: another one waits for it, and then finds it done. Whatever ends it,
 * the store has the image as it was or as it is now, and the next pull goes on with what has been
 * fetched. skopeo says on standard error what is wrong with a registry; what will not be better by
 * itself is not tried again, and the reporter is told. Of several candidates, one that is there
 * will do for who does not want to ask; else they are tried in order until one can be pulled.
 * Returns 1 when the store has changed, 0 when it has what is wanted, -ENODATA when the image may
 * not be pulled and is not there, -EREPORTED (with a message) when it cannot be used, -EREMOTEIO
 * when skopeo failed, or another -errno. */
int pull(const PullRequest *request, const PullReporter *reporter);

/* Only looks which manifest the source has for the reference now: its digest. As pull(); 0 when it
 * is known. Caller frees. */
int pull_look(const PullRequest *request, const PullReporter *reporter, char **ret_digest);
