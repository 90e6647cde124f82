/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* berth: the user's command. */
#include "basic/log.h"
#include "berth/berth-verbs.h"
#include "berth/command.h"

/* In the order of the help. */
static const Verb *const verbs[] = {
        &verb_auto_update, &verb_check, &verb_keys, &verb_pull, &verb_images,
        &verb_rmi,         &verb_prune, &verb_fsck, &verb_spec, &verb_volumes,
};

int main(int argc, char **argv) {
        log_open("berth");
        return command_main(verbs, ARRAY_SIZE(verbs), argc, argv);
}
