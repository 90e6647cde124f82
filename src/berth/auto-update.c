/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* berth auto-update: containers with AutoUpdate= get the image that their reference leads to now,
 * and the one before if they do not come up with it. */
#include <errno.h>
#include <stdio.h>

#include "basic/log.h"
#include "berth/berth-verbs.h"
#include "start/leftover/update-notes.h"
#include "start/update/container-update.h"

static void report_message(const char *message, _unused_ void *userdata) {
        log_error("%s", message);
}

/* The reference leads to what runs again. */
static int write_back(const ContainerUpdate *update) {
        int r = container_update_take_back(update);

        return r < 0 ? log_error_errno(r, "Failed to take %s back to %s: %m", update->request.reference.name,
                                       update->running)
                     : 0;
}

static int roll_back(const ContainerUpdate *update) {
        const char *unit_name = update->container->unit_name;
        int r;

        log_error("%s does not come up with %s, going back to %s", unit_name, update->wanted, update->running);
        r = update_note_write(update->name, update->wanted);
        if (r < 0)
                log_warning_errno(r, "Failed to write down that %s does not come up with %s: %m", unit_name,
                                  update->wanted);
        r = write_back(update);
        if (r < 0)
                return r;
        if (container_update_restart(update))
                log_info("%s runs %s again", unit_name, update->running);
        else
                log_error("%s does not come up with %s either", unit_name, update->running);
        return -ECANCELED;
}

/* Returns 0, or -errno when the container is not up to date afterwards. */
static int apply(ContainerUpdate *update, bool dry_run) {
        static const PullReporter reporter = { .message = report_message };
        const char *unit_name = update->container->unit_name;
        int r;

        r = container_update_find(update, dry_run, &reporter);
        if (r < 0)
                return log_failure_errno(r, "Failed to look for a newer image of %s: %m", unit_name);
        if (streq(update->wanted, update->running))
                return 0;
        if (update_note_is_about(update->name, update->wanted)) {
                log_warning("%s stays with %s: it did not come up with %s before", unit_name, update->running,
                            update->wanted);
                return dry_run ? 0 : write_back(update);
        }
        printf("%s %s %s -> %s\n", unit_name, update->request.reference.name, update->running, update->wanted);
        (void) fflush(stdout);
        if (dry_run)
                return 0;
        if (!container_update_restart(update))
                return roll_back(update);
        log_info("%s runs %s", unit_name, update->wanted);
        return 0;
}

static int update_one(const char *id, bool dry_run) {
        _cleanup_container_update_ ContainerUpdate update = CONTAINER_UPDATE_INIT;
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        int r;

        r = container_update_open(id, &diagnostics, &update);
        log_diagnostics(&diagnostics);
        if (r < 0)
                return log_failure_errno(r, "Failed to look at the container %s: %m", id);
        /* One that is being started or stopped is left alone. */
        return r > 0 && container_update_is_up(&update) ? apply(&update, dry_run) : 0;
}

enum { DRY_RUN };

static int run(const Call *call) {
        _cleanup_string_list_ StringList ids = {};
        int status = EXIT_SUCCESS, r;

        r = container_updates_list(&ids);
        if (r < 0) {
                log_error_errno(r, "Failed to find the containers that run: %m");
                return EXIT_FAILURE;
        }
        for (size_t i = 0; i < ids.count; i++)
                if (update_one(ids.items[i], call->values[DRY_RUN]) < 0)
                        status = EXIT_FAILURE;
        return status;
}

const Verb verb_auto_update = {
        .name = "auto-update",
        .synopsis = "[OPTION…]",
        .summary = "Bring containers to newer images",
        .help = "Bring running containers with AutoUpdate= to the image that their reference leads to now, and "
                "back if they do not come up with it.",
        .options = (const Option[]) {
                [DRY_RUN] = { .name = "dry-run", .help = "Say what would be done" },
                {},
        },
        .needs_root = true,
        .for_users = FOR_USERS_AS_ROOT,
        .run = run,
};
