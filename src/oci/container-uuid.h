/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A container's own UUID, which a systemd in it takes as its machine ID. */
#pragma once

/* Makes the UUID, 32 hexadecimal digits with the bits of version 4 and of the variant of RFC 4122
 * (as machine-id(5) has it): the same at each start of the container `name` on the machine
 * `machine_id`, and, by HMAC-SHA256 with the machine's ID as the key, no way from it to that ID or
 * to another container's. Returns 0, -ENOPKG without nettle, or -ENOMEM. Caller frees. */
int container_uuid_make(const char *machine_id, const char *name, char **ret);
