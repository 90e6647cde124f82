/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Files of docker compose: the common subset of the compose specification. */
#pragma once

#include "basic/diagnostics.h"
#include "basic/string-list.h"
#include "start/import/imported.h"

/* Makes files of the text. `directory` is what relative paths are below, absolute; `project` is
 * what the file's networks are named after unless it has a name. Variables are those of the
 * environment and the assignments in `variables`. A word that has no equivalent is a warning at its
 * place, what cannot be meant is an error. Returns 0, also with errors, -EREPORTED when it cannot
 * be read at all, or -ENOMEM. */
int import_compose(const char *text, size_t size, const char *file, const char *directory, const char *project,
                   const StringList *variables, Diagnostics *diagnostics, Imported *ret);
