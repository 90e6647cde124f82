/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* `berth auto-update`; argv[0] is the verb. Returns the exit status. */
int verb_auto_update(int argc, char **argv);
