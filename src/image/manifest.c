/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Manifests, indexes and configurations of images. */
#include "image/manifest.h"

#include <errno.h>
#include <json-c/json.h>
#include <sys/utsname.h>

#include "basic/json.h"

/* What is read, and where to say what is wrong with it. */
typedef struct Reader {
        const char *name;
        Diagnostics *diagnostics;
} Reader;

static int refuse(const Reader *reader, const char *what) {
        return diagnose_error(reader->diagnostics, &(Location) { .file = reader->name }, "%s", what);
}

/* Whether a string in it has a NUL: what follows that would be seen by some who read it and not by
 * others, and of a member's name json-c itself drops it. */
static bool has_nul(const char *text, size_t size) {
        static const char escape[] = "\\u0000";

        if (memchr(text, '\0', size))
                return true;
        for (const char *p = text; (p = memchr(p, '\\', (size_t) (text + size - p)));) {
                size_t left = (size_t) (text + size - p);

                if (left >= sizeof(escape) - 1 && memcmp(p, escape, sizeof(escape) - 1) == 0)
                        return true;
                if (left < 2)
                        break;
                p += 2;
        }
        return false;
}

static int parse(const Reader *reader, const char *text, size_t size, json_object **ret) {
        _cleanup_json_object_ json_object *object = NULL;
        int r;

        if (size > IMAGE_JSON_MAX)
                return refuse(reader, "too large for a manifest or configuration of an image");
        if (has_nul(text, size))
                return refuse(reader, "there is a NUL in it");
        r = json_parse(text, size, reader->name, reader->diagnostics, &object);
        if (r < 0)
                return r;
        if (!json_object_is_type(object, json_type_object))
                return refuse(reader, "not a JSON object");
        *ret = TAKE_PTR(object);
        return 0;
}

static const char *string_member(json_object *object, const char *name) {
        return json_string_without_nul(json_object_object_get(object, name));
}

static int read_descriptor(const Reader *reader, json_object *object, ImageDescriptor *ret) {
        const char *digest = string_member(object, "digest");
        json_object *size = json_get_member(object, "size", json_type_int);
        int64_t bytes = size ? json_object_get_int64(size) : -1;

        if (!digest || bytes < 0)
                return refuse(reader, "a descriptor in it lacks its digest or size");
        if (!digest_is_valid(digest))
                return refuse(reader, "a digest in it is none of SHA-256");
        memcpy(ret->digest, digest, DIGEST_TEXT_SIZE);
        ret->size_bytes = (uint64_t) bytes;
        return 0;
}

/* By the end of the media type: "…tar+gzip", "…tar.gzip", "…tar+zstd", "…tar". Foreign layers,
 * which have to be fetched from elsewhere, are told by their name. */
static int read_compression(const Reader *reader, json_object *object, LayerCompression *ret) {
        const char *type = string_member(object, "mediaType");

        if (!type)
                return refuse(reader, "a layer in it lacks its media type");
        if (endswith(type, ".tar") || endswith(type, "/tar"))
                *ret = LAYER_PLAIN;
        else if (endswith(type, "tar+gzip") || endswith(type, "tar.gzip"))
                *ret = LAYER_GZIP;
        else if (endswith(type, "tar+zstd") || endswith(type, "tar.zstd"))
                *ret = LAYER_ZSTD;
        else if (endswith(type, "+encrypted"))
                *ret = LAYER_ENCRYPTED;
        else
                return diagnose_error(reader->diagnostics, &(Location) { .file = reader->name },
                                      "a layer of type \"%s\" cannot be unpacked", type);
        return 0;
}

static int read_layers(const Reader *reader, json_object *array, ImageManifest *manifest) {
        size_t count = json_object_array_length(array);

        if (count > IMAGE_LAYERS_MAX)
                return refuse(reader, "it has too many layers");
        manifest->layers = calloc(count ?: 1, sizeof(*manifest->layers));
        if (!manifest->layers)
                return -ENOMEM;
        for (size_t i = 0; i < count; i++) {
                json_object *object = json_object_array_get_idx(array, i);
                int r;

                r = read_descriptor(reader, object, &manifest->layers[i]);
                if (r >= 0)
                        r = read_compression(reader, object, &manifest->layers[i].compression);
                if (r < 0)
                        return r;
        }
        manifest->layer_count = count;
        return 0;
}

int image_manifest_read(const char *text, size_t size, const char *name, Diagnostics *diagnostics, ImageManifest *ret) {
        const Reader reader = { name, diagnostics };
        _cleanup_json_object_ json_object *object = NULL;
        _cleanup_image_manifest_ ImageManifest manifest = {};
        json_object *config, *layers, *version;
        int r;

        r = parse(&reader, text, size, &object);
        if (r < 0)
                return r;
        version = json_get_member(object, "schemaVersion", json_type_int);
        if (!version || json_object_get_int(version) != 2)
                return refuse(&reader, "not a manifest of schema version 2");
        if (json_get_member(object, "manifests", json_type_array))
                return -EISDIR;
        config = json_get_member(object, "config", json_type_object);
        layers = json_get_member(object, "layers", json_type_array);
        if (!config || !layers)
                return refuse(&reader, "not the manifest of an image: \"config\" or \"layers\" is missing");
        r = read_descriptor(&reader, config, &manifest.config);
        if (r >= 0)
                r = read_layers(&reader, layers, &manifest);
        if (r < 0)
                return r;
        *ret = manifest;
        manifest = (ImageManifest) {};
        return 0;
}

void image_manifest_done(ImageManifest *manifest) {
        manifest->layers = x_free(manifest->layers);
        manifest->layer_count = 0;
}

#if defined(__arm__)
/* A program for v6 may run on a machine for v7, and then wants images for that. */
static const char *arm_variant(void) {
        struct utsname name;

        if (uname(&name) < 0 || !startswith(name.machine, "armv"))
                return "v7";
        return name.machine[4] == '5' ? "v5" : name.machine[4] == '6' ? "v6" : "v7";
}
#endif

ImagePlatform image_platform_native(void) {
        return (ImagePlatform) {
                .os = "linux",
#if defined(__x86_64__)
                .architecture = "amd64",
#elif defined(__i386__)
                .architecture = "386",
#elif defined(__aarch64__)
                .architecture = "arm64",
                .variant = "v8",
#elif defined(__arm__)
                .architecture = "arm",
                .variant = arm_variant(),
#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)
                .architecture = "ppc64le",
#elif defined(__riscv) && __riscv_xlen == 64
                .architecture = "riscv64",
#elif defined(__loongarch64)
                .architecture = "loong64",
#elif defined(__s390x__)
                .architecture = "s390x",
#elif defined(__mips64) && defined(__MIPSEL__)
                .architecture = "mips64le",
#else
                .architecture = "unknown",
#endif
        };
}

/* How good an image of `variant` is where `wanted` is; the larger the better, negative when it
 * would not run: a newer variant has instructions that an older machine lacks. */
static int variant_rank(const char *variant, const char *wanted) {
        enum { ANY = 1, OLDER = 2, EXACT = 1000 };

        if (streq_null(variant, wanted))
                return EXACT;
        if (!variant || !wanted || variant[0] != 'v' || wanted[0] != 'v')
                return ANY;
        return variant[1] <= wanted[1] ? OLDER + variant[1] : -1;
}

int image_index_choose(const char *text, size_t size, const char *name, const ImagePlatform *platform,
                       Diagnostics *diagnostics, ImageDescriptor *ret) {
        const Reader reader = { name, diagnostics };
        _cleanup_json_object_ json_object *object = NULL;
        json_object *manifests, *chosen = NULL;
        int best = -1, r;

        r = parse(&reader, text, size, &object);
        if (r < 0)
                return r;
        manifests = json_get_member(object, "manifests", json_type_array);
        if (!manifests)
                return refuse(&reader, "not an index of images: \"manifests\" is missing");
        for (size_t i = 0; i < json_object_array_length(manifests); i++) {
                json_object *item = json_object_array_get_idx(manifests, i),
                            *has = json_get_member(item, "platform", json_type_object);
                int rank;

                if (!has || !streq_null(string_member(has, "os"), platform->os) ||
                    !streq_null(string_member(has, "architecture"), platform->architecture))
                        continue;
                rank = variant_rank(string_member(has, "variant"), platform->variant);
                if (rank > best) {
                        best = rank;
                        chosen = item;
                }
        }
        if (!chosen)
                return diagnose_error(diagnostics, &(Location) { .file = name },
                                      "there is no image for %s/%s%s%s in it", platform->os, platform->architecture,
                                      platform->variant ? "/" : "", platform->variant ?: "");
        return read_descriptor(&reader, chosen, ret);
}

static int read_diff_ids(const Reader *reader, json_object *config, size_t layer_count, StringList *ret) {
        json_object *list = json_get_member(json_object_object_get(config, "rootfs"), "diff_ids", json_type_array);

        if (!list)
                return refuse(reader, "not the configuration of an image: \"rootfs\" has no \"diff_ids\"");
        if (json_object_array_length(list) != layer_count)
                return refuse(reader, "it has another number of layers than the manifest");
        for (size_t i = 0; i < layer_count; i++) {
                json_object *item = json_object_array_get_idx(list, i);
                const char *digest = json_object_is_type(item, json_type_string) ? json_object_get_string(item) : "";

                if (!digest_is_valid(digest))
                        return refuse(reader, "a diff ID in it is no digest of SHA-256");
                if (string_list_add(ret, digest) < 0)
                        return -ENOMEM;
        }
        return 0;
}

int image_configuration_read(const char *text, size_t size, const char *name, size_t layer_count,
                             Diagnostics *diagnostics, StringList *ret_diff_ids, json_object **ret_config) {
        const Reader reader = { name, diagnostics };
        _cleanup_json_object_ json_object *config = NULL;
        _cleanup_string_list_ StringList diff_ids = {};
        int r;

        r = parse(&reader, text, size, &config);
        if (r >= 0)
                r = read_diff_ids(&reader, config, layer_count, &diff_ids);
        if (r < 0)
                return r;
        *ret_diff_ids = diff_ids;
        diff_ids = (StringList) {};
        *ret_config = TAKE_PTR(config);
        return 0;
}
