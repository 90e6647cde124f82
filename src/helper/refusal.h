/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a start that has failed may have failed by. */
#pragma once

/* Says which settings of systemd's the unit of a container has that hinder a start, where it has
 * any: they come from elsewhere than its file. Nothing is said when systemd does not answer. */
void log_hindrances(const char *instance);
