/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Failures of a pull that will not go away by trying again: what they are known by, and what to do
 * about them. */
#pragma once

#include "config/image-reference.h"

typedef enum Failure {
        FAILURE_OTHER, /* it may be gone in a while */
        FAILURE_NOT_THERE,
        FAILURE_NOT_ALLOWED,
        FAILURE_CERTIFICATE,
        FAILURE_NO_TLS,
        FAILURE_UNKNOWN_HOST,
        FAILURE_NOBODY_HERE, /* no registry on this machine, which has none by accident */
        FAILURE_REJECTED,  /* by this machine's policy.json, or by whose signature it has */
        FAILURE_NO_POLICY, /* that file cannot be read, so nothing is trusted */
        FAILURE_NO_SPACE,
        FAILURE_NO_SKOPEO,
} Failure;

/* Finds the cause in what skopeo has said. It has one exit status for all, so its words are what
 * there is: those of registries (the error codes of the distribution specification) and of Go's
 * libraries, which have been the same for years. What is not known is FAILURE_OTHER. */
Failure failure_of_words(const char *said, const ImageReference *reference);

/* Finds the cause in the -errno of something done in the store. */
Failure failure_of_errno(int error);

/* Puts the cause and what to do about it in one line; none for FAILURE_OTHER. Returns NULL when
 * memory is short. Caller frees. */
char *failure_message(Failure failure, const ImageReference *reference);
