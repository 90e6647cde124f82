/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What [Unit] and [Service] of a file cannot say whose unit is a command of berth's own, that does
 * its work and ends: .volume and .image. */
#pragma once

#include "config/section.h"

/* Whether it is a Restart= that a oneshot cannot have, for which systemd would refuse its unit. */
bool helper_service_restarts_for_ever(const Entry *entry);

void check_helper_service(const Section *section, Diagnostics *diagnostics);
