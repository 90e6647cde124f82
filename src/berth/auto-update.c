/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* berth auto-update: containers with AutoUpdate= get the image that their reference leads to now,
 * and the one before if they do not come up with it. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "basic/directory.h"
#include "basic/files.h"
#include "basic/log.h"
#include "basic/process.h"
#include "basic/text.h"
#include "berth/berth-verbs.h"
#include "host/bundle.h"
#include "host/record.h"
#include "image/store.h"
#include "kind/load.h"
#include "source/places.h"
#include "start/image-root.h"
#include "start/requested-pull.h"

enum {
        SETTLE_STEPS = 25, /* of 200 ms: a container that has not ended by then has come up */
        STEP_NSEC = 200 * 1000 * 1000,
};

/* One running container, and its image. */
typedef struct Update {
        Store store;
        Container *container;
        PullRequest request;
        char *name;    /* of the reference in the store */
        char *running; /* the digest of the manifest that it runs */
        char *wanted;  /* that of the reference */
} Update;

static void update_done(Update *update) {
        store_done(&update->store);
        container_free(update->container);
        pull_request_done(&update->request);
        free(update->name);
        free(update->running);
        free(update->wanted);
}

static void report_message(const char *message, _unused_ void *userdata) {
        log_error("%s", message);
}

static int take_manifest(const StringList *words, void *userdata) {
        char **digest = userdata;

        if (!streq(words->items[0], "manifest") || words->count < 2 || *digest)
                return 0;
        *digest = strdup(words->items[1]);
        return *digest ? 0 : -ENOMEM;
}

/* Returns 1 when the container is one to be updated, 0 when it is not, or -errno. */
static int load(const char *id, int bundles_fd, Update *update) {
        _cleanup_close_ int fd = openat(bundles_fd, id, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_free_ char *stem = container_stem_for(id);
        int r;

        if (fd < 0 || !stem)
                return fd < 0 ? 0 : -ENOMEM;
        r = record_read(fd, BUNDLE_IMAGE_FILE, false, take_manifest, &update->running);
        if (r < 0 || !update->running)
                return r == -ENOENT ? 0 : r;
        /* What is wrong with the file now, its next start says. */
        r = container_find(stem, NULL, &diagnostics, &update->container);
        if (r < 0 || !update->container->image || update->container->auto_update == AUTO_UPDATE_NO)
                return r == -ENOMEM ? r : 0;
        r = pull_request_from_container(update->container, &diagnostics, &update->request);
        log_diagnostics(&diagnostics);
        if (r < 0)
                return r;
        update->name = image_instance(update->request.reference.name);
        return update->name ? 1 : -ENOMEM;
}

/* What the reference leads to now: for AutoUpdate=registry in the registry. */
static int find_wanted(Update *update, bool dry_run) {
        static const PullReporter reporter = { .message = report_message };
        int r = 0;

        if (update->container->auto_update == AUTO_UPDATE_REGISTRY && dry_run)
                return pull_look(&update->request, &reporter, &update->wanted);
        if (update->container->auto_update == AUTO_UPDATE_REGISTRY) {
                update->request.policy = PULL_ALWAYS;
                r = pull(&update->request, &reporter);
        }
        return r < 0 ? r : store_read_reference(&update->store, update->name, &update->wanted);
}

static bool is_active(const char *unit_name) {
        const char *argv[] = { "systemctl", "--quiet", "is-active", unit_name, NULL };

        return process_run(argv, NULL, 0) == 0;
}

/* Restarts the container as a job of systemd's. Whether it is up, and stays so for a while. */
static bool restart(const char *unit_name) {
        const char *argv[] = { "systemctl", "restart", unit_name, NULL };
        const struct timespec step = { .tv_nsec = STEP_NSEC };
        bool up = process_run(argv, NULL, 0) == 0 && is_active(unit_name);

        for (int i = 0; up && i < SETTLE_STEPS; i++) {
                (void) nanosleep(&step, NULL);
                up = is_active(unit_name);
        }
        return up;
}

static int remember_failure(const Update *update) {
        _cleanup_free_ char *path = text_format("%s/%s", place_path(PLACE_UPDATE_NOTES), update->name);
        int r = path ? make_directories_at(AT_FDCWD, place_path(PLACE_UPDATE_NOTES), 0755) : -ENOMEM;

        return r < 0 ? r : write_file_atomic_at(AT_FDCWD, path, update->wanted, strlen(update->wanted), 0644);
}

static bool has_failed_before(const Update *update) {
        _cleanup_free_ char *path = text_format("%s/%s", place_path(PLACE_UPDATE_NOTES), update->name), *digest = NULL;

        return path && read_file_at(AT_FDCWD, path, DIGEST_TEXT_SIZE, &digest, NULL) >= 0 &&
               streq(digest, update->wanted);
}

/* The reference leads to what runs again. */
static int write_back(const Update *update) {
        int r = store_write_reference(&update->store, update->name, update->running);

        return r < 0 ? log_error_errno(r, "Failed to take %s back to %s: %m", update->request.reference.name,
                                       update->running)
                     : 0;
}

static int roll_back(const Update *update) {
        const char *unit_name = update->container->unit_name;
        int r;

        log_error("%s does not come up with %s, going back to %s", unit_name, update->wanted, update->running);
        r = remember_failure(update);
        if (r < 0)
                log_warning_errno(r, "Failed to write down that %s does not come up with %s: %m", unit_name,
                                  update->wanted);
        r = write_back(update);
        if (r < 0)
                return r;
        if (restart(unit_name))
                log_info("%s runs %s again", unit_name, update->running);
        else
                log_error("%s does not come up with %s either", unit_name, update->running);
        return -ECANCELED;
}

/* Returns 0, or -errno when the container is not up to date afterwards. */
static int apply(Update *update, bool dry_run) {
        const char *unit_name = update->container->unit_name;
        int r;

        r = find_wanted(update, dry_run);
        if (r < 0)
                return log_failure_errno(r, "Failed to look for a newer image of %s: %m", unit_name);
        if (streq(update->wanted, update->running))
                return 0;
        if (has_failed_before(update)) {
                log_warning("%s stays with %s: it did not come up with %s before", unit_name, update->running,
                            update->wanted);
                return dry_run ? 0 : write_back(update);
        }
        printf("%s %s %s -> %s\n", unit_name, update->request.reference.name, update->running, update->wanted);
        (void) fflush(stdout);
        if (dry_run)
                return 0;
        if (!restart(unit_name))
                return roll_back(update);
        log_info("%s runs %s", unit_name, update->wanted);
        return 0;
}

static int update_one(const char *id, int bundles_fd, bool dry_run) {
        _cleanup_(update_done) Update update = { .store = STORE_INIT, .request = PULL_REQUEST_INIT };
        int r;

        r = load(id, bundles_fd, &update);
        if (r == 0)
                return 0;
        if (r > 0)
                r = store_open_existing(NULL, &update.store);
        if (r < 0)
                return log_failure_errno(r, "Failed to look at the container %s: %m", id);
        /* One that is being started or stopped is left alone. */
        return is_active(update.container->unit_name) ? apply(&update, dry_run) : 0;
}

/* The running containers, in the order of their names. */
static int list_bundles(int *ret_fd, StringList *ret) {
        int r = directory_list(place_path(PLACE_BUNDLES), ret);

        if (r < 0 || ret->count == 0)
                return r < 0 ? log_error_errno(r, "Failed to read %s: %m", place_path(PLACE_BUNDLES)) : 0;
        *ret_fd = open(place_path(PLACE_BUNDLES), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        return *ret_fd < 0 ? log_error_errno(-errno, "Failed to open %s: %m", place_path(PLACE_BUNDLES)) : 0;
}

enum { DRY_RUN };

static int run(const Call *call) {
        _cleanup_string_list_ StringList ids = {};
        _cleanup_close_ int bundles_fd = -EBADF;
        int status = EXIT_SUCCESS;

        if (list_bundles(&bundles_fd, &ids) < 0)
                return EXIT_FAILURE;
        for (size_t i = 0; i < ids.count; i++)
                if (update_one(ids.items[i], bundles_fd, call->values[DRY_RUN]) < 0)
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
        .run = run,
};
