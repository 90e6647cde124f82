/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Gathers the facts about this machine that a container's configuration depends on. Reads only. */
#pragma once

#include "start/gather/gather-input.h"

/* Fills `ret`. What is wrong with the file on this machine (an unknown user, a missing device,
 * volume source or environment file) is an error in `diagnostics` at the key's place. Returns 0,
 * -EREPORTED when there was such an error, or another -errno when the machine could not be
 * asked. */
int facts_gather_at(const Container *container, const GatherInput *input, Facts *ret, Diagnostics *diagnostics);

/* Fills in what networks bring along: addresses, gateway, name servers. Returns 0 or -ENOMEM. */
int facts_add_networks(Facts *facts, const Attachments *attachments);

/* The same for a network that pasta or slirp4netns makes. */
int facts_add_user_network(Facts *facts, const NetworkAttachment *network);

/* Fills in the machine's own name. As above. */
int facts_add_host_name(Facts *facts);

/* The same as facts_gather_at() for a look without a start (`berth spec`): a Rootfs= directory is
 * opened, a disk image cannot be looked into and is an error, and for Image= `image_fd` is of the
 * image's root; the control group is the one that systemd would give. */
int facts_gather(const Container *container, int image_fd, Facts *ret, Diagnostics *diagnostics);
