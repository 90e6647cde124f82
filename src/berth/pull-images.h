/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* `berth pull`; argv[0] is the verb. Returns the exit status. */
int verb_pull_command(int argc, char **argv);
