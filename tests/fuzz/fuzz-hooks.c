/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Feeds arbitrary text to the reader of OCI hooks' files. */
#include <errno.h>

#include "oci/oci-hooks.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_free_ char *text = strndup((const char *) data, size);
        _cleanup_json_object_ json_object *hook = NULL;
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        int r = text ? hook_parse(text, "fuzz", &diagnostics, &hook) : -ENOMEM;

        require(r == 0 || r == -EREPORTED, "a hook is taken or refused");
        require((r < 0) == (diagnostics.errors > 0), "what is refused is said, and nothing else");
        require(r < 0 || hook_program(hook)[0] == '/', "a hook has a program");
        require(r < 0 || json_object_array_length(json_object_object_get(hook, "stages")) > 0, "and a stage");
        return 0;
}
