/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is to be pulled. */
#include "start/requested-pull.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include "basic/numbers.h"
#include "config/short-name.h"
#include "config/value/values.h"
#include "kind/load.h"
#include "unit/pull-units.h"

static int copy(char **field, const char *text) {
        *field = text ? strdup(text) : NULL;
        return text && !*field ? -ENOMEM : 0;
}

/* Returns 0, -EREPORTED (reported) or -ENOMEM. */
static int parse_reference(const char *text, const Location *where, Diagnostics *diagnostics, PullRequest *ret) {
        _cleanup_free_ char *note = NULL, *unseen = NULL, *message = NULL;
        int r = image_reference_resolve(text, &ret->reference, &note, &message);

        if (r >= 0)
                r = image_candidates_find(text, &ret->candidates, &unseen, &message);
        if (note)
                diagnose_warning(diagnostics, where, "%s", note);
        if (r >= 0 && ret->candidates.count < 2)
                image_candidates_done(&ret->candidates);
        return r == -EINVAL ? diagnose_error(diagnostics, where, "%s", message) : r;
}

static bool is_set(const Image *image, KeyId key) {
        return image->set.entry[key];
}

int pull_request_from_image(const Image *image, Diagnostics *diagnostics, PullRequest *ret) {
        _cleanup_pull_request_ PullRequest request = PULL_REQUEST_INIT;
        Location where = section_where(&image->section, KEY_Image_Image);
        int r;

        request.all_tags = image->all_tags;
        request.policy = image->policy;
        request.tls_verify = image->tls_verify;
        if (is_set(image, KEY_Image_Retry))
                request.retries = image->retry > UINT_MAX ? UINT_MAX : (unsigned) image->retry;
        if (is_set(image, KEY_Image_RetryDelay))
                request.retry_delay_usec = image->retry_delay_usec;
        if ((r = parse_reference(image->image, &where, diagnostics, &request)) < 0 ||
            (r = copy(&request.tag, image->image_tag)) < 0 ||
            (r = copy(&request.os, image->os)) < 0 ||
            (r = copy(&request.architecture, image->arch)) < 0 ||
            (r = copy(&request.variant, image->variant)) < 0 ||
            (r = copy(&request.auth_file, image->auth_file)) < 0 ||
            (r = copy(&request.certificate_directory, image->certificate_directory)) < 0 ||
            (r = copy(&request.credentials, image->credentials)) < 0 ||
            (r = copy(&request.decryption_key, image->decryption_key)) < 0)
                return r;
        *ret = request;
        request = (PullRequest) PULL_REQUEST_INIT;
        return 0;
}

int pull_request_from_reference(const char *text, Diagnostics *diagnostics, PullRequest *ret) {
        _cleanup_pull_request_ PullRequest request = PULL_REQUEST_INIT;
        int r = parse_reference(text, NULL, diagnostics, &request);

        if (r < 0)
                return r;
        *ret = request;
        request = (PullRequest) PULL_REQUEST_INIT;
        return 0;
}

int pull_request_from_container(const Container *container, Diagnostics *diagnostics, PullRequest *ret) {
        _cleanup_free_ char *stem = NULL;
        _cleanup_image_ Image *image = NULL;
        FileType type;
        int r;

        if (!image_is_file(container->image))
                return pull_request_from_reference(container->image, diagnostics, ret);
        r = file_name_parse(container->image, &type, &stem);
        if (r >= 0)
                r = image_find(stem, NULL, diagnostics, &image);
        return r < 0 ? r : pull_request_from_image(image, diagnostics, ret);
}

/* What the generator has found in the files of containers. */
static int read_variables(PullRequest *request, Diagnostics *diagnostics) {
        static const PullPolicy policies[] = { PULL_ALWAYS, PULL_MISSING, PULL_NEWER, PULL_NEVER };
        const char *policy = getenv(PULL_POLICY_VARIABLE), *retry = getenv(PULL_RETRY_VARIABLE),
                   *delay = getenv(PULL_RETRY_DELAY_VARIABLE);
        bool known = !policy;
        uint64_t retries;

        for (size_t i = 0; policy && i < ARRAY_SIZE(policies); i++)
                if (streq(policy, pull_policy_name(policies[i]))) {
                        request->policy = policies[i];
                        known = true;
                }
        if (!known)
                return diagnose_error(diagnostics, NULL, "the variable %s is \"%s\", which is no pull policy",
                                      PULL_POLICY_VARIABLE, policy);
        if (retry) {
                if (text_to_unsigned(retry, UINT_MAX, &retries) < 0)
                        return diagnose_error(diagnostics, NULL, "the variable %s is \"%s\", which is no number",
                                              PULL_RETRY_VARIABLE, retry);
                request->retries = (unsigned) retries;
        }
        if (delay && text_to_usec(delay, &request->retry_delay_usec) < 0)
                return diagnose_error(diagnostics, NULL, "the variable %s is \"%s\", which is no time span",
                                      PULL_RETRY_DELAY_VARIABLE, delay);
        return 0;
}

int pull_request_from_instance(const char *instance, Diagnostics *diagnostics, PullRequest *ret) {
        _cleanup_free_ char *reference = NULL, *stem = NULL;
        _cleanup_image_ Image *image = NULL;
        int r;

        if (strchr(instance, ':')) {
                reference = unit_name_unescape(instance);
                if (!reference)
                        return -ENOMEM;
                r = pull_request_from_reference(reference, diagnostics, ret);
                return r < 0 ? r : read_variables(ret, diagnostics);
        }
        r = stem_from_instance(instance, &stem);
        if (r == -EINVAL)
                return diagnose_error(diagnostics, NULL,
                                      "\"%s\" is neither a reference to an image nor the name of a .image file",
                                      instance);
        if (r >= 0)
                r = image_find(stem, NULL, diagnostics, &image);
        return r < 0 ? r : pull_request_from_image(image, diagnostics, ret);
}
