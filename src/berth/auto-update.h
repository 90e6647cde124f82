/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Newer images for containers that want them. */
#pragma once

/* A file per image, named by image_instance(): the digest that a container did not come up with,
 * not to be tried again. */

/* `berth auto-update`; argv[0] is the verb. Returns the exit status. */
int verb_auto_update(int argc, char **argv);
