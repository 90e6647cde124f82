/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ExecStart= of container-image@.service: pulls the image, and says in the unit's status how far it
 * is. */
#include <errno.h>
#include <inttypes.h>

#include "basic/log.h"
#include "basic/process.h"
#include "basic/text.h"
#include "helper/verbs.h"
#include "host/notify.h"
#include "source/places.h"
#include "start/powers.h"
#include "start/requested-pull.h"
#include "start/user/become-root.h"
#include "start/user/system-images.h"

#define MIB (1024.0 * 1024.0)

static void report_progress(const PullProgress *progress, _unused_ void *userdata) {
        _cleanup_free_ char *status = NULL;

        if (progress->total > 0)
                status = text_format("%s: %.1f of %.1f MiB, %" PRIu64 "%%", progress->doing,
                                     (double) progress->done / MIB, (double) progress->total / MIB,
                                     progress->done * 100 / progress->total);
        else
                status = text_format("%s: %.1f MiB", progress->doing, (double) progress->done / MIB);
        /* Who started this by hand has no status. */
        if (status)
                (void) notify_status(status);
}

/* What the unit's status says in the end. */
static void report_hopeless(const char *message, void *userdata) {
        bool *hopeless = userdata;

        log_error("%s", message);
        (void) notify_status(message);
        *hopeless = true;
}

static void report_message(const char *message, _unused_ void *userdata) {
        log_error("%s", message);
}

static void report_note(const char *message, _unused_ void *userdata) {
        log_info("%s", message);
}

/* Waits for the network, if a registry may have to be asked. Not by the unit's dependencies: the
 * containers of an image that is there would wait as well. */
static void wait_for_network(const PullRequest *request) {
        const char *argv[] = { "systemctl", "start", "--quiet", "network-online.target", NULL };

        /* A user may not start it; what is tried again is all that there is. */
        if (places_scope() == SCOPE_USER)
                return;
        if (request->reference.transport == TRANSPORT_REGISTRY && request->policy != PULL_NEVER)
                (void) process_run(argv, NULL, 0);
}

static int log_result(int r, const PullRequest *request) {
        const char *name = pull_request_name(request);

        if (r > 0)
                log_info("Pulled %s", name);
        else if (r == -ENODATA)
                log_error("%s is not there, and its policy is never to pull it; to pull it by hand: berth pull %s",
                          name, name);
        else if (r == -EREMOTEIO)
                log_error("Failed to pull %s", name);
        else if (r < 0)
                log_failure_errno(r, "Failed to pull %s: %m", name);
        return r < 0 ? r : 0;
}

int verb_pull(const char *instance) {
        bool hopeless = false;
        const PullReporter reporter = { report_progress, report_message, report_hopeless, report_note, &hopeless };
        _cleanup_pull_request_ PullRequest request = PULL_REQUEST_INIT;
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        int r;

        r = pull_request_from_instance(instance, &diagnostics, &request);
        log_diagnostics(&diagnostics);
        if (r < 0)
                return log_failure_errno(r, "Failed to read what \"%s\" is to pull: %m", instance);
        r = become_user_root(request.reference.name);
        if (r < 0)
                return r;
        /* The unit of the system says so, too; that of a user cannot: newuidmap(1) is a set-user-ID
         * program, which has been run now. */
        r = privileges_keep(UNPACK_POWERS);
        if (r < 0)
                return log_error_errno(r, "Failed to drop privileges: %m");
        wait_for_network(&request);
        r = log_result(pull(&request, &reporter), &request);
        if (r < 0)
                system_images_tell(&request, &reporter);
        return r < 0 && hopeless ? -EHOPELESS : r;
}
