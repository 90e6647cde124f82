/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where secrets are kept: a directory "secrets" in each directory of the search path, with a file
 * NAME.cred that systemd-creds(1) has encrypted, or NAME as it is. */
#pragma once

#include "basic/string-list.h"

/* What the unit gets in place of a secret that is not there, so that the start fails with a word
 * about it: the fallback of SetCredential=. */
#define SECRET_MISSING "berth: there is no such secret"

/* What is shown of one. */
#define SECRET_MASK "********"

/* The file that has the secret `name`, and whether it is encrypted: of the first directory that has
 * one. Without any it is where a plain one would be in the first directory. Looks for the files
 * alone, which need not be readable. Returns 0 or -ENOMEM. Caller frees `ret_path`. */
int secret_source_find(const StringList *search_path, const char *name, char **ret_path, bool *ret_encrypted);
