/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* AppArmor: whether the profile of a container is there, and loading our own. */
#pragma once

#include "kind/container/container.h"

/* Looks whether the profile that the container is to have is loaded. With `load`, the default one
 * is loaded when it is not (by apparmor_parser(8), where that is installed; else the container goes
 * without, with a warning, as with podman). `ret` is whether it can have its profile; false where
 * AppArmor is off, which is one access(2). Returns 0, -EREPORTED with a diagnostic when AppArmor=
 * names a profile that is not loaded, or another -errno. */
int apparmor_gather(const Container *container, bool load, bool *ret, Diagnostics *diagnostics);

/* Whether `profile` is in the text of the kernel's list: "NAME (MODE)", one a line. Looks for the
 * name that is nearest to it, when `ret_nearest` is not NULL: borrowed, and NULL when none is near.
 * Changes `text`. */
bool apparmor_list_has(char *text, const char *profile, const char **ret_nearest);
