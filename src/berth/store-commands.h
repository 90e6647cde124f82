/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The verbs of berth that look after the store of images. argv[0] is the verb's name; all log what
 * is wrong and return the exit status. */
#pragma once

/* `berth images [--json]`: what there is, how large it is, and who uses it. */
int verb_images(int argc, char **argv);

/* `berth rmi IMAGE…`: removes references, and what only they led to. */
int verb_rmi(int argc, char **argv);

/* `berth prune [--dry-run]`: removes what no file, container or reference needs. */
int verb_prune(int argc, char **argv);

/* `berth fsck`: verifies everything, and drops what is broken. */
int verb_fsck(int argc, char **argv);
