/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Silence in a network namespace whose sockets are still to come. As soon as it has an address, the
 * kernel answers what is sent to a connection that it does not know by that there is none, and the
 * other side gives the connection up; what gets no answer is sent again. */
#pragma once

/* Has whatever comes from outside be dropped, but for what IPv6 finds its neighbours by. Addresses
 * are to be given to the namespace only then. Returns 0, -ENOPKG without libnftables, -EPROTO when
 * the kernel refuses, or another -errno. */
int silence_begin(int namespace_fd);

/* Ends that. As above. */
int silence_end(int namespace_fd);
