/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The container's secrets: systemd's credentials of the unit, as files in a file system in memory
 * that only the container sees, or in its environment. */
#pragma once

#include "host/bundle.h"
#include "oci/facts.h"

typedef struct SecretFile {
        char *data;
        size_t size;
        uid_t uid; /* as the machine knows the owner */
        gid_t gid;
        mode_t mode;
} SecretFile;

/* In the order of those Secret= that are of type=mount. */
typedef struct Secrets {
        SecretFile *items;
        size_t count, allocated;
} Secrets;

/* Reads the credentials that Secret= names, from $CREDENTIALS_DIRECTORY, and notes down in `facts`
 * where each goes and what the environment gets; what is of the environment is in no place else.
 * Without `ret` nothing is read, and the environment gets a mask, for a look at the configuration.
 * `facts` must be complete but for that. A secret that is missing, or has no place, is an error in
 * `diagnostics`. Returns 0, -EREPORTED with a diagnostic, or another -errno. */
int secrets_gather(const Container *container, int root_fd, const char *bundle_path, Facts *facts, Secrets *ret,
                   Diagnostics *diagnostics);

/* Puts the files into a file system in memory, mounted in the bundle in this process's own mount
 * namespace: it is never swapped out, and gone when the container has ended. They are labelled with
 * `label`, unless it is NULL. Returns 0 or -errno. */
int secrets_place(const Secrets *secrets, const Bundle *bundle, const char *label);

/* Wipes them. */
void secrets_done(Secrets *secrets);
#define _cleanup_secrets_ _cleanup_(secrets_done)
