/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* berth checkpoint and berth restore: a container that sleeps and wakes up. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "basic/log.h"
#include "basic/process.h"
#include "berth/berth-verbs.h"
#include "berth/checkpoints/checkpoint-archives.h"
#include "berth/command/container-argument.h"
#include "berth/command/hand-over.h"
#include "berth/command/misuse.h"
#include "host/bundle.h"
#include "host/unit/unit.h"
#include "source/unit-name.h"
#include "start/checkpoint/checkpoint-take.h"

enum { LEAVE_RUNNING, TCP_ESTABLISHED, FILE_LOCKS, KEEP, EXPORT, VOLUMES, PRE, TRACK };
enum { RESTORE_TCP_ESTABLISHED, RESTORE_KEEP, IMPORT, IGNORE_STATIC_IP, IGNORE_VOLUMES };

/* Nothing of the container is left, but for systemd it is up until then. */
static int stop_unit(const char *stem) {
        _cleanup_free_ char *unit_name = NULL;
        int r = unit_name_for(FILE_CONTAINER, stem, &unit_name);

        if (r < 0)
                return log_oom();
        r = process_run((const char *const[]) { "systemctl", "stop", "--", unit_name, NULL }, NULL, 0);
        if (r < 0)
                return log_error_errno(r, "Failed to run systemctl: %m");
        if (r > 0)
                log_error("The checkpoint of \"%s\" is taken, but systemd could not stop %s", stem, unit_name);
        return r > 0 ? -EREPORTED : 0;
}

static int take(const Call *call, const char *stem) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        CheckpointTaking taking = {
                .options = {
                        .tcp_established = call->values[TCP_ESTABLISHED],
                        .file_locks = call->values[FILE_LOCKS],
                        .keep = call->values[KEEP],
                },
                .leave_running = call->values[LEAVE_RUNNING] || call->values[PRE],
                .pre = call->values[PRE],
                .track = call->values[TRACK],
                .stand_in = STAND_IN_INIT,
        };
        int r = checkpoint_take(stem, &taking, &diagnostics);

        log_diagnostics(&diagnostics);
        if (r < 0 && r != -EREPORTED)
                log_error_errno(r, "Failed to take a checkpoint of \"%s\": %m", stem);
        if (r >= 0 && !taking.leave_running)
                r = stop_unit(stem);
        stand_in_done(&taking.stand_in);
        return r;
}

/* One that sleeps already has what is to be exported. */
static bool sleeps(const char *stem) {
        _cleanup_bundle_ Bundle bundle = BUNDLE_INIT;

        return bundle_open(stem, &bundle) >= 0 && bundle.fd < 0 && checkpoint_sleeps(bundle.id);
}

/* It goes on from the archive, if anywhere. */
static int forget(const char *stem) {
        _cleanup_bundle_ Bundle bundle = BUNDLE_INIT;
        int r = bundle_open(stem, &bundle);

        if (r >= 0)
                r = checkpoint_forget(bundle.id);
        return r < 0 ? log_error_errno(r, "Failed to remove the checkpoint of \"%s\", which is exported: %m", stem) : 0;
}

static int run_checkpoint(const Call *call) {
        const char *file = call->values[EXPORT];
        _cleanup_free_ char *stem = NULL;
        int r;

        if (call->values[VOLUMES] && !file)
                return command_misused(call, "--volumes goes with --export");
        if (call->values[TRACK] && !call->values[PRE])
                return command_misused(call, "--track goes with --pre");
        for (int i = 0; call->values[PRE] && i < PRE; i++)
                if (call->values[i])
                        return command_misused(call, "--pre goes with --track alone: it writes no checkpoint");
        r = container_argument_find(call->arguments[0], SCOPE_SYSTEM, &stem);
        if (r >= 0 && file)
                r = checkpoint_export_check(file);
        if (r >= 0 && (!file || !sleeps(stem)))
                r = take(call, stem);
        if (r >= 0 && file)
                r = checkpoint_export(stem, file, call->values[VOLUMES]);
        if (r >= 0 && file && !call->values[KEEP])
                r = forget(stem);
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int check_stopped(const char *stem, const char *unit_name) {
        pid_t pid = 0;
        int r = unit_get_main_process(unit_name, &pid, NULL);

        if (r < 0 && r != -ENOENT)
                return log_error_errno(r, "Failed to ask systemd about %s: %m", unit_name);
        if (pid > 1) {
                log_error("The container \"%s\" runs; berth stop %s stops it", stem, stem);
                return -EREPORTED;
        }
        return 0;
}

static int check_keep(const Checkpoint *checkpoint, const char *stem) {
        if (faccessat(checkpoint->fd, CHECKPOINT_UPPER, F_OK, AT_SYMLINK_NOFOLLOW) < 0)
                return 0;
        log_error("The checkpoint of \"%s\" has what the container has changed in its root, which goes on with it; "
                  "leave out --keep",
                  stem);
        return -EREPORTED;
}

/* A start does the rest: the next one restores it, by whatever it comes. */
static int choose(const Call *call, const char *stem) {
        _cleanup_checkpoint_ Checkpoint checkpoint = CHECKPOINT_INIT;
        _cleanup_bundle_ Bundle bundle = BUNDLE_INIT;
        _cleanup_close_ int lock_fd = -EBADF;
        int r = bundle_open(stem, &bundle);

        if (r >= 0)
                r = checkpoint_open(bundle.id, CHECKPOINT_WHOLE, &checkpoint);
        if (r == -ENOENT) {
                log_error("There is no checkpoint of \"%s\"; berth checkpoint %s takes one while it runs", stem, stem);
                return -EREPORTED;
        }
        if (r >= 0 && call->values[RESTORE_KEEP]) {
                r = check_keep(&checkpoint, stem);
                if (r < 0)
                        return r;
        }
        if (r >= 0)
                r = lock_fd = checkpoint_lock(bundle.id);
        checkpoint.options.keep = call->values[RESTORE_KEEP];
        checkpoint.options.ignore_static_ip = call->values[IGNORE_STATIC_IP];
        checkpoint.options.tcp_established |= call->values[RESTORE_TCP_ESTABLISHED] != NULL;
        if (r >= 0)
                r = checkpoint_write_options(checkpoint.fd, &checkpoint.options);
        return r < 0 ? log_error_errno(r, "Failed to open the checkpoint of \"%s\": %m", stem) : 0;
}

static int run_restore(const Call *call) {
        _cleanup_free_ char *stem = NULL, *unit_name = NULL;
        _cleanup_string_list_ StringList command = {};
        int r;

        r = container_argument_find(call->arguments[0], SCOPE_SYSTEM, &stem);
        if (r < 0)
                return EXIT_FAILURE;
        if (call->values[IGNORE_VOLUMES] && !call->values[IMPORT])
                return command_misused(call, "--ignore-volumes goes with --import");
        r = unit_name_for(FILE_CONTAINER, stem, &unit_name);
        if (r < 0) {
                log_oom();
                return EXIT_FAILURE;
        }
        r = check_stopped(stem, unit_name);
        if (r >= 0 && call->values[IMPORT])
                r = checkpoint_import(stem, call->values[IMPORT], call->values[IGNORE_VOLUMES]);
        if (r >= 0)
                r = choose(call, stem);
        if (r < 0)
                return EXIT_FAILURE;
        r = string_list_add(&command, "systemctl");
        if (r >= 0)
                r = string_list_add(&command, "start");
        if (r >= 0)
                r = string_list_add(&command, "--");
        if (r >= 0)
                r = string_list_add(&command, unit_name);
        return hand_over(r, &command);
}

/* Also `criu --unprivileged` asks for that capability where the machine's user namespace is. */
#define NOT_FOR_USERS \
        "CRIU needs CAP_CHECKPOINT_RESTORE over the machine, which a user's service manager does not have; a " \
        "container that is to sleep has to be the system's"

const Verb verb_checkpoint = {
        .name = "checkpoint",
        .synopsis = "[OPTION…] NAME",
        .summary = "Write down its processes, and have it sleep",
        .help = "Write down what all processes of a container are just now, with CRIU and by its runtime, and stop its "
                "unit. The container sleeps: its next start, by whatever it comes, goes on from there.",
        .notes = "A container has one checkpoint, which takes the place of an earlier one. berth start --fresh NAME "
                 "forgets it.",
        .options = (const Option[]) {
                [LEAVE_RUNNING] = { .name = "leave-running", .letter = 'R',
                                    .help = "Have it run on; only berth restore goes back to the checkpoint" },
                [TCP_ESTABLISHED] = { .name = "tcp-established", .help = "With the TCP connections that are open" },
                [FILE_LOCKS] = { .name = "file-locks", .help = "With the locks that it has on files" },
                [KEEP] = { .name = "keep", .letter = 'k',
                           .help = "Keep CRIU's log and statistics in its \"work\", and what is exported" },
                [EXPORT] = { .name = "export", .letter = 'e', .argument = "FILE",
                             .help = "Write it to a file for restore --import: .gz, else zstd (-: standard output)" },
                [VOLUMES] = { .name = "volumes", .help = "With the content of its named volumes" },
                [PRE] = { .name = "pre", .letter = 'P',
                          .help = "Write down its memory while it runs on, for a faster checkpoint later" },
                [TRACK] = { .name = "track", .help = "Only what has changed since the --pre before" },
                {},
        },
        .least = 1,
        .most = 1,
        .not_for_users = NOT_FOR_USERS,
        .needs_root = true,
        .run = run_checkpoint,
};

const Verb verb_restore = {
        .name = "restore",
        .synopsis = "[OPTION…] NAME",
        .summary = "Have it go on from its checkpoint",
        .help = "Start a container that does not run from its checkpoint, which is used up by that. It has the "
                "addresses and ports that it had.",
        .options = (const Option[]) {
                [RESTORE_TCP_ESTABLISHED] = { .name = "tcp-established",
                                              .help = "With its TCP connections, if the checkpoint has them" },
                [RESTORE_KEEP] = { .name = "keep", .letter = 'k', .help = "Keep the checkpoint, and CRIU's log" },
                [IMPORT] = { .name = "import", .letter = 'i', .argument = "FILE",
                             .help = "From a file that checkpoint --export has written (-: standard input)" },
                [IGNORE_STATIC_IP] = { .name = "ignore-static-ip",
                                       .help = "With new addresses, when those that it had are taken" },
                [IGNORE_VOLUMES] = { .name = "ignore-volumes", .help = "Without the volumes that are in it" },
                {},
        },
        .least = 1,
        .most = 1,
        .not_for_users = NOT_FOR_USERS,
        .needs_root = true,
        .run = run_restore,
};
