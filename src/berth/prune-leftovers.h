/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The part of berth prune that is about what lies beside the store. All say what they remove, or
 * with `dry_run` would, and log what goes wrong. Return 0 or -errno. */
#pragma once

#include "berth/store-view.h"

/* What interrupted pulls have fetched so far, save where one goes on with it now. */
int prune_downloads(bool dry_run);

/* What the starts of containers have left that have ended without a cleanup. */
int prune_bundles(bool dry_run);

/* What killed imports into volumes, and removals of some, have left. */
int prune_volumes(bool dry_run);

/* The checkpoints of containers that no file describes. */
int prune_checkpoints(bool dry_run);

/* The files of `berth run --rm` that were killed. */
int prune_run_files(bool dry_run);

/* The notes of `berth auto-update` about images that no file asks for any more. */
int prune_update_notes(const StoreView *view, bool dry_run);
