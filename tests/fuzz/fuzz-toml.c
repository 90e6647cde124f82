/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Feeds arbitrary bytes to the reader of TOML. */
#include "source/toml.h"
#include "tests/fuzz/fuzz.h"

#include <errno.h>

static int look(const TomlValue *value, void *userdata) {
        unsigned *last = userdata;

        require(value->path->count > 0, "a value has a name");
        require(value->where.line > 0, "and a line");
        require(value->kind != TOML_STRING || value->strings->count == 1, "a string is one string");
        *last = value->where.line;
        return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        unsigned line = 0;
        int r = toml_read((const char *) data, size, "fuzz", &diagnostics, look, &line);

        require(r == 0 || r == -EREPORTED, "a text is taken or refused");
        require((r < 0) == (diagnostics.errors > 0), "what is refused is said, and nothing else");
        return 0;
}
