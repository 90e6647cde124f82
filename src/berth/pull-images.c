/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* berth pull: fetches images by hand, with a bar on a terminal. */
#include <errno.h>
#include <stdio.h>

#include "basic/log.h"
#include "basic/numbers.h"
#include "basic/text.h"
#include "berth/berth-verbs.h"
#include "berth/command/misuse.h"
#include "berth/command/output.h"
#include "berth/pull-images.h"
#include "config/value/values.h"
#include "kind/load.h"
#include "start/requested-pull.h"
#include "start/user/system-images.h"
#include "unit/pull-units.h"

/* What the command line says, instead of what a file may say; NULL: nothing. */
typedef struct Overrides {
        const char *os, *architecture, *variant, *auth_file, *certificate_directory;
        TriState tls_verify;
        PullPolicy policy;
        bool all_tags, quiet;
} Overrides;

typedef struct Bar {
        bool terminal;
        bool drawn;
} Bar;

/* "Fetching  [########        ]  12.3 of 45.6 MiB" */
static void draw(const PullProgress *progress, void *userdata) {
        enum { BAR_WIDTH = 30 };
        static const double mib = 1024.0 * 1024.0;
        Bar *bar = userdata;
        int filled = progress->total > 0 && progress->done < progress->total
                                     ? (int) (progress->done * BAR_WIDTH / progress->total)
                                     : BAR_WIDTH;
        char cells[BAR_WIDTH + 1];

        if (!bar->terminal)
                return;
        for (int i = 0; i < BAR_WIDTH; i++)
                cells[i] = i < filled && progress->total > 0 ? '#' : ' ';
        cells[BAR_WIDTH] = '\0';
        fprintf(stderr, "\r%-24s [%s] %.1f", progress->doing, cells, (double) progress->done / mib);
        if (progress->total > 0)
                fprintf(stderr, " of %.1f", (double) progress->total / mib);
        fputs(" MiB\033[K", stderr);
        bar->drawn = true;
}

static void erase(Bar *bar) {
        if (bar->drawn)
                fputs("\r\033[K", stderr);
        bar->drawn = false;
}

static void report_message(const char *message, void *userdata) {
        erase(userdata);
        log_error("%s", message);
}

static void report_note(const char *message, void *userdata) {
        erase(userdata);
        log_info("%s", message);
}

static int replace(char **field, const char *text) {
        char *copy = text ? strdup(text) : NULL;

        if (!text)
                return 0;
        if (!copy)
                return -ENOMEM;
        free(*field);
        *field = copy;
        return 0;
}

static int override(const Overrides *overrides, PullRequest *request) {
        int r;

        request->policy = overrides->policy;
        request->all_tags |= overrides->all_tags;
        if (overrides->tls_verify != UNSET)
                request->tls_verify = overrides->tls_verify;
        if ((r = replace(&request->os, overrides->os)) < 0 ||
            (r = replace(&request->architecture, overrides->architecture)) < 0 ||
            (r = replace(&request->variant, overrides->variant)) < 0 ||
            (r = replace(&request->auth_file, overrides->auth_file)) < 0 ||
            (r = replace(&request->certificate_directory, overrides->certificate_directory)) < 0)
                return r;
        return 0;
}

static int make_request(const char *name, const Overrides *overrides, Diagnostics *diagnostics, PullRequest *ret) {
        _cleanup_free_ char *stem = NULL;
        _cleanup_image_ Image *image = NULL;
        FileType type;
        int r;

        if (image_is_file(name) && file_name_parse(name, &type, &stem) >= 0 && type == FILE_IMAGE) {
                r = image_find(stem, NULL, diagnostics, &image);
                if (r >= 0)
                        r = pull_request_from_image(image, diagnostics, ret);
        } else
                r = pull_request_from_reference(name, diagnostics, ret);
        return r < 0 ? r : override(overrides, ret);
}

int pull_shown(const PullRequest *request, bool quiet) {
        Bar bar = { .terminal = !quiet && output_errors_are_seen() };
        const PullReporter reporter = {
                .progress = draw,
                .message = report_message,
                .note = report_note,
                .userdata = &bar,
        };
        int r = pull(request, &reporter);

        erase(&bar);
        if (r >= 0)
                printf("%s %s\n", pull_request_name(request), r > 0 ? "pulled" : "is up to date");
        else if (r == -EACCES || r == -EPERM)
                log_error_errno(r, "The store is root's: %m");
        else if (r != -EREMOTEIO)
                log_failure_errno(r, "Failed to pull %s: %m", pull_request_name(request));
        if (r < 0)
                system_images_tell(request, &reporter);
        return r;
}

static int pull_one(const char *name, const Overrides *overrides) {
        _cleanup_pull_request_ PullRequest request = PULL_REQUEST_INIT;
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        int r;

        r = make_request(name, overrides, &diagnostics, &request);
        log_diagnostics(&diagnostics);
        if (r < 0)
                return log_failure_errno(r, "Failed to read %s: %m", name);
        return pull_shown(&request, overrides->quiet);
}

/* Returns 0, or EXIT_USAGE. */
static int parse_policy(const Call *call, const char *text, PullPolicy *ret) {
        static const PullPolicy policies[] = { PULL_ALWAYS, PULL_MISSING, PULL_NEWER };

        for (size_t i = 0; i < ARRAY_SIZE(policies); i++)
                if (streq(text, pull_policy_name(policies[i]))) {
                        *ret = policies[i];
                        return 0;
                }
        return command_misused(call, "--policy= must be always, missing or newer, not \"%s\"", text);
}

/* As above. */
static int parse_tls_verify(const Call *call, const char *text, TriState *ret) {
        bool yes = true;

        if (*text && text_to_bool(text, &yes) < 0)
                return command_misused(call, "--tls-verify= must be a boolean, not \"%s\"", text);
        *ret = yes ? YES : NO;
        return 0;
}

enum { POLICY, ALL_TAGS, ARCHITECTURE, OS, VARIANT, AUTH_FILE, CERTIFICATES, TLS_VERIFY, QUIET };

static int run(const Call *call) {
        Overrides overrides = {
                .policy = PULL_ALWAYS,
                .all_tags = call->values[ALL_TAGS],
                .architecture = call->values[ARCHITECTURE],
                .os = call->values[OS],
                .variant = call->values[VARIANT],
                .auth_file = call->values[AUTH_FILE],
                .certificate_directory = call->values[CERTIFICATES],
                .quiet = call->values[QUIET],
        };
        int status = EXIT_SUCCESS;

        if (call->values[POLICY])
                status = parse_policy(call, call->values[POLICY], &overrides.policy);
        if (status == EXIT_SUCCESS && call->values[TLS_VERIFY])
                status = parse_tls_verify(call, call->values[TLS_VERIFY], &overrides.tls_verify);
        if (status != EXIT_SUCCESS)
                return status;
        for (char **name = call->arguments; *name; name++)
                if (pull_one(*name, &overrides) < 0)
                        status = EXIT_FAILURE;
        return status;
}

const Verb verb_pull = {
        .name = "pull",
        .synopsis = "[OPTION…] REFERENCE|NAME.image…",
        .summary = "Fetch images into the store",
        .help = "Fetch images into the store, also when they are there already.",
        .options = (const Option[]) {
                [POLICY] = { .name = "policy", .argument = "WHEN",
                             .help = "always, missing or newer; always is the default" },
                [ALL_TAGS] = { .name = "all-tags", .help = "Fetch all tags of the repository" },
                [ARCHITECTURE] = { .name = "arch", .argument = "ARCH", .help = "For another machine than this one" },
                [OS] = { .name = "os", .argument = "OS", .help = "The same" },
                [VARIANT] = { .name = "variant", .argument = "VARIANT", .help = "The same" },
                [AUTH_FILE] = { .name = "authfile", .argument = "FILE",
                                .help = "The credentials, see containers-auth.json(5)" },
                [CERTIFICATES] = { .name = "cert-dir", .argument = "DIRECTORY",
                                   .help = "The certificates, see containers-certs.d(5)" },
                [TLS_VERIFY] = { .name = "tls-verify", .argument = "[BOOL]",
                                 .help = "Whether to check the registry's certificate" },
                [QUIET] = { .name = "quiet", .help = "Draw no bar", .letter = 'q' },
                {},
        },
        .least = 1,
        .most = ANY_NUMBER,
        .for_users = FOR_USERS_AS_ROOT,
        .needs_root = true,
        .run = run,
};
