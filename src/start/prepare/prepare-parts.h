/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The parts of prepare(), in the order in which they come. All of them log what is wrong, unless it
 * is in the diagnostics, and return 0 or a negative errno. */
#pragma once

#include "basic/diagnostics.h"
#include "basic/log.h"
#include "host/unit/unit.h"
#include "kind/container/container.h"
#include "start/image-mounts.h"
#include "start/image-root.h"
#include "start/prepare/prepared.h"

/* What of the store a container uses. */
typedef struct Images {
        ImageUse own; /* nothing for Rootfs= */
        ImageMounts mounts;
} Images;

/* What is wrong with the file is in the diagnostics; anything else is said here. */
static inline int log_failure(int error, const char *what, const char *stem) {
        return log_failure_errno(error, "Failed to %s %s: %m", what, stem);
}

/* Asks systemd about the container's unit, which answers while the file is read. Returns what
 * unit_properties_take() takes. */
int prepare_ask_about_unit(const char *stem);

/* Takes the answer, and makes the bundle, after what an earlier life has left is undone. Closes the
 * fd. */
int prepare_begin(const Container *container, int asked_fd, UnitProperties *unit, Bundle *bundle,
                  Diagnostics *diagnostics);

/* Takes the connection that the unit is started for, if the file has Accept=yes. */
int prepare_take_connection(const Container *container, bool alone);

/* Chooses the control group that the container is to be below. Takes strings out of `unit`. */
int prepare_choose_group(const Container *container, UnitProperties *unit, Prepared *prepared);

/* Writes down which signal a stop is to begin with, as the generator knows an image's from the last
 * start, if at all; and what systemd knows of the unit. */
int prepare_settle_stop_signal(const Container *container, const UnitProperties *unit, const Bundle *bundle);

/* Mounts the root, makes all else that is mounted, and writes config.json. */
int prepare_fill_bundle(const Container *container, const Images *images, Prepared *prepared,
                        Diagnostics *diagnostics);
