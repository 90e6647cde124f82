/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SHA-256 digests, as images are named by: "sha256:" and 64 lower-case hexadecimal digits
 * (descriptor.md of the OCI image specification). The only user of nettle. */
#pragma once

#include "basic/alloc.h"

#define DIGEST_PREFIX "sha256:"
enum { DIGEST_TEXT_SIZE = sizeof(DIGEST_PREFIX) + 64 };

/* Whether `text` is such a digest. Other algorithms are none that we can verify. */
bool digest_is_valid(const char *text);

/* The digits of a valid digest; borrowed from it. */
const char *digest_hex(const char *digest);

/* A digest that is being computed. */
typedef struct Digester Digester;

/* Returns 0, -ENOPKG without libnettle, or -ENOMEM. Caller frees. */
int digester_new(Digester **ret);
void digester_update(Digester *digester, const void *data, size_t size);
/* The digest of all since digester_new(), or since this was called last. */
void digester_finish(Digester *digester, char ret[DIGEST_TEXT_SIZE]);
void digester_free(Digester *digester);

static inline void digester_freep(Digester **digester) { digester_free(*digester); }
#define _cleanup_digester_ _cleanup_(digester_freep)

/* The digest of what is left to read in `fd`, and its size. Returns 0, -ENOPKG, -ENOMEM, or the
 * -errno of reading. */
int digest_of_fd(int fd, char ret[DIGEST_TEXT_SIZE], uint64_t *ret_size);

/* The same of bytes in memory. */
int digest_of_bytes(const void *data, size_t size, char ret[DIGEST_TEXT_SIZE]);
