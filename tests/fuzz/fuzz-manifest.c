/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Feeds arbitrary text to the readers of what registries send: manifests, indexes and
 * configurations of images. */
#include <errno.h>
#include <json-c/json.h>

#include "basic/json.h"
#include "image/manifest.h"
#include "oci/image-config.h"
#include "tests/fuzz/fuzz.h"

static void check(int r, const Diagnostics *diagnostics, size_t errors_before) {
        require(r == 0 || r == -EREPORTED || r == -EISDIR, "it is taken, refused, or an index");
        require((r == -EREPORTED) == (diagnostics->errors > errors_before),
                "what is refused is said, and nothing else");
}

static void try_manifest(const char *text, size_t size, Diagnostics *diagnostics) {
        _cleanup_image_manifest_ ImageManifest manifest = {};
        size_t errors = diagnostics->errors;

        check(image_manifest_read(text, size, "fuzz", diagnostics, &manifest), diagnostics, errors);
        for (size_t i = 0; i < manifest.layer_count; i++)
                require(digest_is_valid(manifest.layers[i].digest), "a layer has a digest");
}

static void try_index(const char *text, size_t size, Diagnostics *diagnostics) {
        ImagePlatform platform = { "linux", "arm", "v7" };
        ImageDescriptor chosen = {};
        size_t errors = diagnostics->errors;
        int r = image_index_choose(text, size, "fuzz", &platform, diagnostics, &chosen);

        check(r, diagnostics, errors);
        require(r < 0 || digest_is_valid(chosen.digest), "what is chosen has a digest");
}

static void try_configuration(const char *text, size_t size, Diagnostics *diagnostics) {
        const Location where = { .file = "fuzz" };
        _cleanup_string_list_ StringList diff_ids = {};
        _cleanup_json_object_ json_object *configuration = NULL;
        _cleanup_image_config_ ImageConfig config = {};
        json_object *member = NULL;
        size_t errors = diagnostics->errors;
        int r = image_configuration_read(text, size, "fuzz", 1, diagnostics, &diff_ids, &configuration);

        check(r, diagnostics, errors);
        if (r < 0)
                return;
        require(diff_ids.count == 1 && digest_is_valid(diff_ids.items[0]), "there are as many layers as there must be");
        json_object_object_get_ex(configuration, "config", &member);
        errors = diagnostics->errors;
        check(image_config_read(member, &where, diagnostics, &config), diagnostics, errors);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_free_ char *text = malloc(size + 1);

        if (!text)
                return 0;
        memcpy(text, data, size);
        text[size] = '\0';
        try_manifest(text, size, &diagnostics);
        try_index(text, size, &diagnostics);
        try_configuration(text, size, &diagnostics);
        return 0;
}
