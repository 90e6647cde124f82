/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The units that pull the images of containers, container-image@REFERENCE.service: several
 * containers may want one, each with settings of its own. */
#pragma once

#include "kind/container/container.h"
#include "unit/drop-in.h"

/* The variables by which a unit tells berth-helper how to pull. */
#define PULL_POLICY_VARIABLE "BERTH_PULL"
#define PULL_RETRY_VARIABLE "BERTH_RETRY"
#define PULL_RETRY_DELAY_VARIABLE "BERTH_RETRY_DELAY"

/* Adds the unit of the container's image to those that it waits for, and what the file says of the
 * pull to `outputs->pulls`. Returns 0 or -ENOMEM. */
int unit_pull_add(const Container *container, UnitDropIn *drop_in);

/* The same for the image of a Mount=, which is pulled when it is missing, unless the container has
 * nothing pulled. */
int unit_pull_add_mount(const Container *container, const char *image, UnitDropIn *drop_in);

/* The same for the image that a volume is filled from. */
int unit_pull_add_volume(const char *image, UnitDropIn *drop_in);

/* Adds a drop-in for each unit that is not as its template says. Where containers differ, the image
 * is pulled as the most demanding one wants. Returns 0 or -ENOMEM. */
int unit_pull_add_outputs(UnitOutputs *outputs);

/* Appends the condition that the store has nothing of what a short name may stand for; none where
 * that is one image, or cannot be found. Returns 1, 0 without a line, or -ENOMEM. */
int unit_pull_append_conditions(const char *image, Text *text);

/* "always", "missing", "newer", "never". Static. */
const char *pull_policy_name(PullPolicy policy);
