/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What pasta sees of the machine until it has its network. Debian 13 has a profile of AppArmor for
 * it, by which it opens namespaces below /tmp, in /run/user those of users, and nowhere else; by
 * that of Debian 12 it opens those in /run/user/UID/netns alone. */
#pragma once

#include "basic/string-list.h"

/* Where AppArmor is, gives this process, which is to become pasta, a view of its own with the
 * namespaces that the arguments name below /tmp, or a user's in $XDG_RUNTIME_DIR/netns, and changes
 * the arguments so. What is meant to be in the real one stays with that: then nothing is done.
 * Returns 0 or -errno. */
int pasta_view_make(StringList *arguments);
