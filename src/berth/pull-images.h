/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A pull by hand, which is seen. */
#pragma once

#include "image/pull-request.h"

/* Pulls it, with a bar on a terminal unless `quiet`, and says what came of it. Returns 0 or a
 * negative errno. */
int pull_shown(const PullRequest *request, bool quiet);
