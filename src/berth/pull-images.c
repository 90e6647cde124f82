/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* berth pull: fetches images by hand, with a bar on a terminal. */
#include "berth/pull-images.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "basic/log.h"
#include "basic/numbers.h"
#include "basic/text.h"
#include "config/value/values.h"
#include "kind/load.h"
#include "source/places.h"
#include "start/requested-pull.h"
#include "unit/pull-units.h"

enum { EXIT_USAGE = 2 };

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

static int usage(FILE *stream) {
        fputs("Usage: berth pull [OPTION…] REFERENCE|NAME.image…\n\n"
              "Fetch images into the store, also when they are there already.\n\n"
              "Options:\n"
              "  --policy=always|missing|newer  When to fetch; always is the default\n"
              "  --all-tags                     Fetch all tags of the repository\n"
              "  --arch=ARCH --os=OS --variant=VARIANT\n"
              "                                 For another machine than this one\n"
              "  --authfile=FILE                The credentials, see containers-auth.json(5)\n"
              "  --cert-dir=DIRECTORY           The certificates, see containers-certs.d(5)\n"
              "  --tls-verify=BOOL              Whether to check the registry's certificate\n"
              "  --quiet                        No bar\n"
              "  --help                         Show this text\n",
              stream);
        return stream == stdout ? EXIT_SUCCESS : EXIT_USAGE;
}

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
                r = image_find(stem, places_scope(), diagnostics, &image);
                if (r >= 0)
                        r = pull_request_from_image(image, diagnostics, ret);
        } else
                r = pull_request_from_reference(name, diagnostics, ret);
        return r < 0 ? r : override(overrides, ret);
}

static int pull_one(const char *name, const Overrides *overrides) {
        _cleanup_pull_request_ PullRequest request = PULL_REQUEST_INIT;
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        Bar bar = { .terminal = !overrides->quiet && isatty(STDERR_FILENO) };
        const PullReporter reporter = { draw, report_message, &bar };
        int r;

        r = make_request(name, overrides, &diagnostics, &request);
        log_diagnostics(&diagnostics);
        if (r < 0)
                return log_failure_errno(r, "Failed to read %s: %m", name);
        r = pull(&request, &reporter);
        erase(&bar);
        if (r >= 0)
                printf("%s %s\n", request.reference.name, r > 0 ? "pulled" : "is up to date");
        else if (r == -EACCES || r == -EPERM)
                log_error_errno(r, "The store is root's: %m");
        else if (r != -EREMOTEIO)
                log_failure_errno(r, "Failed to pull %s: %m", request.reference.name);
        return r;
}

static bool parse_policy(const char *text, PullPolicy *ret) {
        static const PullPolicy policies[] = { PULL_ALWAYS, PULL_MISSING, PULL_NEWER };

        for (size_t i = 0; i < ARRAY_SIZE(policies); i++)
                if (streq(text, pull_policy_name(policies[i]))) {
                        *ret = policies[i];
                        return true;
                }
        log_error("--policy= must be always, missing or newer, not \"%s\"", text);
        return false;
}

static bool parse_tls_verify(const char *text, TriState *ret) {
        bool yes = true;

        if (text && text_to_bool(text, &yes) < 0) {
                log_error("--tls-verify= must be a boolean, not \"%s\"", text);
                return false;
        }
        *ret = yes ? YES : NO;
        return true;
}

/* Returns 1 when there is something to do, else the exit status, negated. */
static int parse_arguments(int argc, char **argv, Overrides *ret) {
        enum { POLICY = 256, ALL_TAGS, ARCH, OS, VARIANT, AUTH_FILE, CERTIFICATES, TLS_VERIFY, QUIET, HELP };
        static const struct option options[] = {
                { "policy", required_argument, NULL, POLICY },
                { "all-tags", no_argument, NULL, ALL_TAGS },
                { "arch", required_argument, NULL, ARCH },
                { "os", required_argument, NULL, OS },
                { "variant", required_argument, NULL, VARIANT },
                { "authfile", required_argument, NULL, AUTH_FILE },
                { "cert-dir", required_argument, NULL, CERTIFICATES },
                { "tls-verify", optional_argument, NULL, TLS_VERIFY },
                { "quiet", no_argument, NULL, QUIET },
                { "help", no_argument, NULL, HELP },
                {},
        };
        int option;

        while ((option = getopt_long(argc, argv, "", options, NULL)) >= 0)
                switch (option) {
                case POLICY:
                        if (!parse_policy(optarg, &ret->policy))
                                return -EXIT_USAGE;
                        break;
                case ALL_TAGS:
                        ret->all_tags = true;
                        break;
                case ARCH:
                        ret->architecture = optarg;
                        break;
                case OS:
                        ret->os = optarg;
                        break;
                case VARIANT:
                        ret->variant = optarg;
                        break;
                case AUTH_FILE:
                        ret->auth_file = optarg;
                        break;
                case CERTIFICATES:
                        ret->certificate_directory = optarg;
                        break;
                case TLS_VERIFY:
                        if (!parse_tls_verify(optarg, &ret->tls_verify))
                                return -EXIT_USAGE;
                        break;
                case QUIET:
                        ret->quiet = true;
                        break;
                case HELP:
                        return -usage(stdout);
                default:
                        return -EXIT_USAGE;
                }
        return optind < argc ? 1 : -usage(stderr);
}

int verb_pull_command(int argc, char **argv) {
        Overrides overrides = { .policy = PULL_ALWAYS };
        int status = EXIT_SUCCESS, r;

        r = parse_arguments(argc, argv, &overrides);
        if (r <= 0)
                return -r;
        for (int i = optind; i < argc; i++)
                if (pull_one(argv[i], &overrides) < 0)
                        status = EXIT_FAILURE;
        return status;
}
