/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* berth spec. */
#pragma once

/* `berth spec NAME|FILE [--facts=FILE] [--user]`: prints the OCI configuration that a start would
 * use. Logs what is wrong; returns the exit status. */
int verb_spec(int argc, char **argv);
