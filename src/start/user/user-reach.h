/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A container's way to its bundle, where its user namespace leaves out the user's own ID
 * (UserNS=auto, nomap): its root is then nobody on the machine who could go through the user's
 * directories, as to $XDG_RUNTIME_DIR. */
#pragma once

#include "host/bundle.h"
#include "oci/facts.h"

/* Shows the bundle with all that is mounted in it at a place where everybody comes to, in this
 * process's mount namespace alone, and says so of what `facts` have of it. Does nothing where the
 * mappings have the user's own ID. Returns 0 or -errno. */
int user_reach_make(const Bundle *bundle, Facts *facts);

/* Says so of what `facts` have of a bundle that is not there yet. Returns 0 or -ENOMEM. */
int user_reach_name(const char *bundle_path, Facts *facts);

/* Shows it there once more, to a runtime that comes later, in a mount namespace of this process's
 * own: runc begins in the root that config.json says, and crun does not need it. Does nothing where
 * that is elsewhere. Returns 0 or -errno. */
int user_reach_make_again(const Bundle *bundle, const char *runtime);
