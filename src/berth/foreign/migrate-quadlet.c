/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* berth migrate: from Quadlet to berth, and back. */
#include <errno.h>
#include <stdio.h>

#include "basic/log.h"
#include "basic/path.h"
#include "basic/text.h"
#include "berth/berth-verbs.h"
#include "berth/command/misuse.h"
#include "berth/command/output.h"
#include "host/user/user-root.h"
#include "source/places.h"
#include "start/migrate/migrate.h"

/* Below the directory with the configuration, which is a user's own as well. */
#define QUADLETS "containers/systemd"

enum { DRY_RUN, BACK, USER };

/* What is said while it goes on, at once: a copy may take its time. */
static void say(const char *line, _unused_ void *userdata) {
        output_line(line);
        fflush(stdout);
}

static void say_error(const char *message, _unused_ void *userdata) {
        log_error("%s", message);
}

static void say_failed(int error, const char *what, _unused_ void *userdata) {
        const char *reason = places_scope() == SCOPE_USER && error < 0 ? user_root_reason(error) : NULL;

        if (reason)
                log_error("%s: %s", what, reason);
        else if (error < 0)
                log_error_errno(error, "%s: %m", what);
        else
                log_error("%s", what);
}

static const MigrateReporter reporter = {
        .pull = { .message = say_error },
        .say = say,
        .failed = say_failed,
};

/* The plan, for people */

static void print(const char *format, ...) _printf_(1, 2);

static void print(const char *format, ...) {
        _cleanup_text_ Text text = {};
        va_list arguments;

        va_start(arguments, format);
        text_vappendf(&text, format, arguments);
        va_end(arguments);
        if (!text.failed)
                output_line(text.data);
}

static void print_volume(const MigrateVolume *volume, uint64_t bytes) {
        _cleanup_free_ char *size = text_of_bytes(bytes);

        print("volume %s: from podman's %s, %s", volume->name, volume->podman_name, size ?: "?");
}

static void print_plan(const MigratePlan *plan) {
        for (size_t i = 0; i < plan->file_count; i++)
                print("file %s: to %s", plan->files[i].from, plan->files[i].to);
        for (size_t i = 0; i < plan->drop_in_count; i++)
                print("file %s: made, with what podman has chosen", plan->drop_ins[i].path);
        for (size_t i = 0; i < plan->image_count; i++)
                print("image %s: from %s", pull_request_name(&plan->images[i]),
                      plan->images[i].source ? "podman's store" : "where it is pulled from");
        for (size_t i = 0; i < plan->secrets.count; i++)
                print("secret %s: to %s/secrets", plan->secrets.items[i], plan->home);
        for (size_t i = 0; i < plan->volume_count; i++)
                print_volume(&plan->volumes[i], plan->looks[i].bytes);
        for (size_t i = 0; i < plan->running.services.count; i++)
                print("service %s: stopped for %s", plan->running.services.items[i], plan->running.units.items[i]);
        for (size_t i = 0; i < plan->notes.count; i++)
                output_line(plan->notes.items[i]);
        fflush(stdout);
}

/* Doing it */

/* What is brought over. */
typedef struct What {
        StringList directories, files; /* all of the directories when no files are named */
} What;

static void what_done(What *what) {
        string_list_done(&what->directories);
        string_list_done(&what->files);
}

static int make_plan(const What *what, MigratePlan *plan) {
        int r = migrate_plan_make(&what->directories, &what->files, plan);

        if (r == -ENOENT)
                log_error("There is no podman on this machine, whose images, volumes and secrets are to be brought "
                          "over; without them, copy the files to %s", place_path(PLACE_CONFIGURATION));
        else if (r == -EREMOTEIO)
                log_error("Failed to ask podman what it has");
        else if (r < 0)
                say_failed(r, "Failed to look at what there is", NULL);
        if (r < 0)
                return r;
        log_diagnostics(&plan->diagnostics);
        if (plan->diagnostics.errors == 0)
                return 0;
        log_error("Nothing is brought over as long as there are errors");
        return -EREPORTED;
}

static int migrate(const What *what, bool dry_run) {
        _cleanup_migrate_plan_ MigratePlan plan = {};
        int r;

        r = dry_run ? 0 : migrate_recover(&what->directories, &reporter);
        if (r >= 0)
                r = make_plan(what, &plan);
        if (r < 0)
                return r;
        if (plan.file_count == 0) {
                log_info("There is nothing to bring over");
                return 0;
        }
        print_plan(&plan);
        return dry_run ? 0 : migrate_run(&plan, &reporter);
}

/* Where Quadlet has the files of who runs this. Those that an administrator has for users are the
 * administrator's to bring over. */
static int find_standard(char **ret) {
        _cleanup_free_ char *base = NULL;
        int r;

        if (places_scope() == SCOPE_USER)
                r = base_directory_of_user(BASE_CONFIGURATION, &base);
        else {
                base = strdup(base_directory_of_system(BASE_CONFIGURATION));
                r = base ? 0 : -ENOMEM;
        }
        if (r < 0)
                return r;
        *ret = path_join(base, QUADLETS);
        return *ret ? 0 : -ENOMEM;
}

static int find_what(const Call *call, What *ret) {
        _cleanup_string_list_ StringList named = {};
        _cleanup_free_ char *standard = NULL;
        const char *failed = NULL;
        int r = find_standard(&standard);

        for (char **argument = call->arguments; r >= 0 && *argument; argument++)
                r = string_list_add(&named, *argument);
        if (r >= 0 && named.count == 0)
                r = string_list_add(&named, standard);
        if (r < 0)
                return log_error_errno(r, "Failed to find Quadlet's files: %m");
        r = migrate_directories(&named, standard, &ret->directories, &ret->files, &failed);
        return r < 0 ? log_error_errno(r, "Failed to look into %s: %m", failed) : 0;
}

static int run(const Call *call) {
        _cleanup_(what_done) What what = {};
        _cleanup_close_ int lock_fd = -EBADF;
        int r;

        if (call->values[DRY_RUN] && call->values[BACK])
                return command_misused(call, "--back cannot be tried by --dry-run");
        r = call->values[USER] ? places_choose(SCOPE_USER) : 0;
        if (r < 0)
                log_error_errno(r, "Failed to find the user's directories: %m");
        else
                r = find_what(call, &what);
        if (r < 0)
                return EXIT_FAILURE;
        lock_fd = migrate_record_lock();
        if (lock_fd < 0) {
                log_error_errno(lock_fd, "Failed to keep other migrations from beginning: %m");
                return EXIT_FAILURE;
        }
        r = call->values[BACK] ? migrate_back(&what.directories, &what.files, &reporter)
                               : migrate(&what, call->values[DRY_RUN]);
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

const Verb verb_migrate = {
        .name = "migrate",
        .synopsis = "[OPTION…] [DIRECTORY|FILE…]",
        .summary = "Bring over what Quadlet runs",
        .help = "Bring over containers that podman's Quadlet runs, by the files in a DIRECTORY "
                "(/etc/containers/systemd, or a user's ~/.config/containers/systemd) or by a FILE: the files, and from "
                "podman images, named volumes with their data, secrets and the subnets of networks. "
                "Then what Quadlet runs is stopped, the volumes are copied, and the same is started as units of "
                "berth's. If one of them does not come up, or is not healthy, all goes back to what it was.",
        .notes = "Nothing of podman's is deleted; its files get the ending .migrated, so that Quadlet does not see "
                 "them. Whatever ends it, it can be run again. With --user, and for who is not root, it is the user's "
                 "Quadlet and the user's podman.",
        .options = (const Option[]) {
                [DRY_RUN] = { .name = "dry-run", .help = "Say what would be done, and what differs" },
                [BACK] = { .name = "back", .help = "Go back to Quadlet, with podman's data as they were" },
                [USER] = { .name = "user", .help = "Bring over what the user's own Quadlet runs" },
                {},
        },
        .most = ANY_NUMBER,
        .for_users = FOR_USERS,
        .needs_root = true,
        .run = run,
};
