/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What CheckpointOnStop=yes asks of a container, and of the machine. */
#pragma once

#include "kind/container/container.h"

/* Reports keys of which no checkpoint can be taken. */
void container_check_checkpoint(const Container *container, Diagnostics *diagnostics);

/* Reports what the machine lacks for it: `lack` is what runtime_can_checkpoint() returns. For a
 * start that is no error. */
void container_check_criu(const Container *container, int lack, bool is_error, Diagnostics *diagnostics);
