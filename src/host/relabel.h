/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SELinux labels for what a container gets of the host's files: "z" and "Z" of a volume, and named
 * volumes. */
#pragma once


/* Gives `label` to what `fd` (which may be O_PATH) stands for, and to all below it when it is a
 * directory. The tree may be hostile and change meanwhile: no symlink is followed, no mount point
 * below it entered. What has the label already is left alone. Returns 0, -ENOTSUP where the file
 * system has no labels, or another -errno; what was labelled until then stays so. */
int relabel_tree(int fd, const char *label);

/* For a named volume that is being made or filled: labels what is in its directory `fd`, and that
 * itself, as podman does, for all containers. Does nothing, with one access(2), where SELinux is
 * off. Returns 0 or as relabel_tree(). */
int relabel_named_volume(int fd);
