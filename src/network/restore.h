/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The packet filter as it was, after somebody else has emptied it or made another: from what is
 * below PLACE_RUN. */
#pragma once

#include "basic/diagnostics.h"

/* Puts our table, the networks that are up, with all that is said of them, and the ports of running
 * containers back. What is there already stays as it is. Goes on after a failure. Returns 0 or the
 * first -errno. */
int networks_restore_all(Diagnostics *diagnostics);
