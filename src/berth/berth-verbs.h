/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The verbs of berth(1). */
#pragma once

#include "berth/command/verb.h"

extern const Verb verb_auto_update;
extern const Verb verb_cat;
extern const Verb verb_check;
extern const Verb verb_checkpoint;
extern const Verb verb_cp;
extern const Verb verb_df;
extern const Verb verb_diff;
extern const Verb verb_disable;
extern const Verb verb_edit;
extern const Verb verb_enable;
extern const Verb verb_exec;
extern const Verb verb_fsck;
extern const Verb verb_images;
extern const Verb verb_import;
extern const Verb verb_inspect;
extern const Verb verb_keys;
extern const Verb verb_kill;
extern const Verb verb_list;
extern const Verb verb_logs;
extern const Verb verb_migrate;
extern const Verb verb_network;
extern const Verb verb_new;
extern const Verb verb_port;
extern const Verb verb_prune;
extern const Verb verb_pull;
extern const Verb verb_restart;
extern const Verb verb_restore;
extern const Verb verb_rmi;
extern const Verb verb_run;
extern const Verb verb_spec;
extern const Verb verb_start;
extern const Verb verb_stats;
extern const Verb verb_status;
extern const Verb verb_stop;
extern const Verb verb_volumes;
extern const Verb verb_wait;
