/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SELinux's policy and what it says of containers: the only user of libselinux, which is loaded
 * where SELinux is on. */
#pragma once

#include "oci/oci-labels.h"

/* What the policy's lxc_contexts (selinux_lxc_contexts_path(3)) has for containers, with the level
 * that the container `id` would like to have. Returns 1; 0 with nothing in `ret` where SELinux is
 * off, or where its policy lacks the types, which is a warning; -ENOPKG without libselinux; or
 * another -errno. Where SELinux is off, this is one access(2). */
int labels_gather(const char *id, FactLabels *ret, Diagnostics *diagnostics);

/* Asks the policy whether there are such labels; of a SecurityLabelType=, SecurityLabelLevel= or
 * SecurityLabelFileType= that it does not know, an error there. Returns 0, -EREPORTED with a
 * diagnostic, or another -errno. After labels_gather(). */
int labels_check(const Container *container, const FactLabels *facts, Diagnostics *diagnostics);

/* Labels a file by descriptor, which may be O_PATH. Returns 0, -ENOTSUP where the file system has
 * no labels, or -errno. */
int labels_set(int fd, const char *label);

/* Asks the policy whether a process with the label `process` has that permission ("sendto") on a
 * socket of that class ("unix_dgram_socket") of systemd's, of the manager that has started this
 * process, for a service whose program is `program`: it has the label which the service would get.
 * Returns true also where nothing is enforced, or the policy cannot be asked. After
 * labels_gather(). */
bool labels_may_use_socket(const char *process, const char *program, const char *class, const char *permission);

/* Gives the file `to` the label of `from`, if there is one; neither is a symlink. Returns 0 or
 * -errno. */
int labels_copy(const char *from, const char *to);

/* Whether it has that label. */
bool labels_is(int fd, const char *label);

/* The text of an lxc_contexts; lines that say nothing we know are skipped. Returns 0, -ENOENT when
 * it lacks process or file, or -ENOMEM. */
int lxc_contexts_parse(const char *text, FactLabels *ret);
