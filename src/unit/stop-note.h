/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which signal the image of a container wants to be stopped by. Only a start looks into images; it
 * leaves a note for the generator, which can then tell systemd, so that a stop needs no command of
 * ours. Without a note, as before the first start, there is such a command. */
#pragma once

#include "kind/container/container.h"

/* Whether the image has a say: the file names one, and no signal. */
bool stop_note_applies(const Container *container);

/* Reads the note about the container's image. Returns 1 with the signal; 0 when there is none, or
 * it is about another image; or -ENOMEM. */
int stop_note_read(const Container *container, int *ret);

/* Leaves a note that the container's image wants `signal`, unless there is such a one. Returns 0 or
 * -errno. */
int stop_note_write(const Container *container, int signal);
