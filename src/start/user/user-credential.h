/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Secrets that `systemd-creds --user encrypt` has made. A user's manager decrypts them itself from
 * systemd 258 on; before that, it fails, as it cannot read the machine's key. */
#pragma once

#include <stddef.h>

/* The credential in which a user's unit has the file NAME.cred as it is. */
#define USER_CREDENTIAL_ENDING ".cred"

/* Has systemd decrypt the `size` bytes of such a file, as the user that this process is of, by its
 * service for users (systemd-creds.socket, from systemd 256 on; Varlink's io.systemd.Credentials).
 * `name` is what it was encrypted for. Returns 0; -EOPNOTSUPP when there is no such service;
 * -EBADMSG when that refuses, for the reason `ret_refusal`, which the caller frees; -ENOPKG
 * without nettle; or another -errno. Caller frees `ret`, which a NUL follows, and wipes it. */
int user_credential_decrypt(const char *name, const char *encrypted, size_t size, char **ret, size_t *ret_size,
                            char **ret_refusal);
