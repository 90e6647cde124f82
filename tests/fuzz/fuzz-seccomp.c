/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Feeds arbitrary text to the reader of seccomp profiles, and what it makes of one back to it: that
 * is a profile, too, and says the same again. */
#include <errno.h>

#include "basic/json.h"
#include "basic/text.h"
#include "oci/seccomp-profile.h"
#include "tests/fuzz/fuzz.h"

static int resolve(char *text, uint64_t capabilities, Diagnostics *diagnostics, json_object **ret) {
        static char architecture[] = "amd64", kernel[] = "5.10.0-28-amd64";
        const Facts facts = {
                .architecture = architecture, .kernel = kernel, .seccomp = true, .seccomp_profile = text
        };
        size_t errors = diagnostics->errors;
        int r = seccomp_profile_resolve("fuzz", &facts, capabilities, diagnostics, ret);

        require(r == 0 || r == -EREPORTED, "a profile is taken or refused");
        require((r < 0) == (diagnostics->errors > errors), "what is refused is said, and nothing else");
        return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_free_ char *text = strndup((const char *) data, size), *once = NULL;
        _cleanup_json_object_ json_object *profile = NULL, *again = NULL;
        _cleanup_diagnostics_ Diagnostics diagnostics = {};

        if (!text || resolve(text, 0x5, &diagnostics, &profile) < 0)
                return 0;
        once = strdup(json_object_to_json_string_ext(profile, JSON_C_TO_STRING_PLAIN));
        require(once && resolve(once, 0, &diagnostics, &again) == 0, "what is resolved is a profile");
        require(streq(once, json_object_to_json_string_ext(again, JSON_C_TO_STRING_PLAIN)),
                "what is resolved needs no more");
        return 0;
}
