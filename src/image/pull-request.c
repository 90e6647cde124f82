/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is to be pulled. */
#include "image/pull-request.h"

#include "basic/alloc.h"

const char *pull_request_name(const PullRequest *request) {
        return request->candidates.name ?: request->reference.name;
}

void pull_request_done(PullRequest *request) {
        image_reference_done(&request->reference);
        image_candidates_done(&request->candidates);
        request->source = x_free(request->source);
        request->tag = x_free(request->tag);
        request->os = x_free(request->os);
        request->architecture = x_free(request->architecture);
        request->variant = x_free(request->variant);
        request->auth_file = x_free(request->auth_file);
        request->certificate_directory = x_free(request->certificate_directory);
        request->credentials = x_free(request->credentials);
        request->decryption_key = x_free(request->decryption_key);
}
