/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The end of a start: what it did is undone. */
#pragma once

#include "host/bundle.h"

/* Undoes all effects of the bundle backwards and removes it. Nothing there is fine. Goes on after a
 * failure; the bundle then stays, so that it can be tried again, and the first failure is
 * returned. */
int effects_undo(Bundle *bundle);

/* The same, for a process that ends with it: when the runtime has been run, gives up the chance to
 * regain root's power by a program. */
int effects_undo_alone(Bundle *bundle);
