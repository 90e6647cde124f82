/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What [Unit] and [Service] of a file cannot say whose unit is a command of berth's own, that does
 * its work and ends: .volume and .image. */
#pragma once

#include "config/section.h"

void check_helper_service(const Section *section, Diagnostics *diagnostics);
