/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* berth: the user's command. */
#include "basic/log.h"
#include "berth/berth-verbs.h"
#include "berth/command/command.h"

/* In the order of the help. */
static const Verb *const verbs[] = {
        &verb_list, &verb_inspect, &verb_status, &verb_stats, &verb_logs, &verb_cat, &verb_check, &verb_keys,
        &verb_spec, &verb_new, &verb_edit, &verb_run,
        &verb_start, &verb_stop, &verb_restart, &verb_enable, &verb_disable,
        &verb_checkpoint, &verb_restore,
        &verb_kill, &verb_wait, &verb_exec, &verb_cp, &verb_diff, &verb_auto_update, &verb_images, &verb_pull,
        &verb_rmi, &verb_prune, &verb_fsck, &verb_volumes, &verb_df, &verb_network, &verb_port,
        &verb_migrate, &verb_import,
};

int main(int argc, char **argv) {
        log_open("berth");
        return command_main(verbs, ARRAY_SIZE(verbs), argc, argv);
}
