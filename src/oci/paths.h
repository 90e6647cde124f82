/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which paths of /proc and /sys are hidden or protected: Mask=, Unmask=. Private to this folder. */
#pragma once

#include "oci/oci-build.h"

/* Whether Unmask= names `path`, by itself, by a glob, or by ALL. */
bool path_is_unmasked(const Container *container, const char *path);

/* Whether the container may write to its control groups: it is privileged, asks for it by Unmask=,
 * or runs systemd, which needs that. They are mounted read-only otherwise, which is why
 * /sys/fs/cgroup is none of the read-only paths: crun would mount it once more, without nosuid,
 * nodev and noexec. */
bool cgroup_is_writable(const Container *container, const Facts *facts);

/* Fills `build->masked_paths` and `build->readonly_paths`. */
int compute_paths(SpecBuild *build);

/* linux.maskedPaths, linux.readonlyPaths */
void build_paths(SpecBuild *build);
