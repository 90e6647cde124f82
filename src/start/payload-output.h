/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The payload's standard output and error: pipes to the relay, where systemd would have them in the
 * journal. What a unit has elsewhere (StandardOutput=file:…) is left alone. */
#pragma once

#include "host/log/log-relay.h"
#include "host/unit/unit.h"
#include "kind/container/container.h"
#include "start/prepare/prepared.h"

/* Notes how the lines are to look in the journal, for what follows. Returns 0 or -ENOMEM. */
int payload_output_prepare(const Container *container, UnitOutput *output, Prepared *prepared);

/* Makes the pipes, of which there are none if none are wanted. Logs what is wrong; the payload then
 * gets the journal's own socket. */
void payload_output_open(const Prepared *prepared, LogPipes *ret);

/* Says whose the lines are from now on. */
void payload_output_set_main(const LogPipes *pipes, pid_t pid);
