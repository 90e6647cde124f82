/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Manifests, indexes and configurations of images, good and bad. */
#include <errno.h>

#include "basic/json.h"
#include "image/manifest.h"
#include "tests/unit/test.h"

#define A "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define C "sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"
#define D "sha256:dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd"

#define DESCRIPTOR(type, digest, size) "{\"mediaType\":\"" type "\",\"digest\":\"" digest "\",\"size\":" size "}"
#define CONFIG DESCRIPTOR("application/vnd.oci.image.config.v1+json", A, "7")

static int read_manifest(const char *text, ImageManifest *ret, char **ret_diagnostic) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        int r = image_manifest_read(text, strlen(text), "img", &diagnostics, ret);

        if (diagnostics.count > 0)
                ck_assert_int_eq(diagnostic_format(&diagnostics.items[0], ret_diagnostic), 0);
        return r;
}

START_TEST(manifests) {
        _cleanup_image_manifest_ ImageManifest manifest = {}, docker = {};
        _cleanup_free_ char *diagnostic = NULL;

        ck_assert_int_eq(read_manifest("{\"schemaVersion\":2,\"config\":" CONFIG ","
                                       "\"layers\":[" DESCRIPTOR("application/vnd.oci.image.layer.v1.tar", B, "1") ","
                                       DESCRIPTOR("application/vnd.oci.image.layer.v1.tar+gzip", C, "2") ","
                                       DESCRIPTOR("application/vnd.oci.image.layer.v1.tar+zstd", D, "3") ","
                                       DESCRIPTOR("application/vnd.oci.image.layer.v1.tar+gzip+encrypted", A,
                                               "4") "]}", &manifest, &diagnostic), 0);
        ck_assert_str_eq(manifest.config.digest, A);
        ck_assert_uint_eq(manifest.layer_count, 4);
        ck_assert_int_eq(manifest.layers[3].compression, LAYER_ENCRYPTED);
        ck_assert_int_eq(manifest.layers[0].compression, LAYER_PLAIN);
        ck_assert_int_eq(manifest.layers[1].compression, LAYER_GZIP);
        ck_assert_int_eq(manifest.layers[2].compression, LAYER_ZSTD);
        ck_assert_str_eq(manifest.layers[2].digest, D);
        ck_assert_uint_eq(manifest.layers[2].size_bytes, 3);
        ck_assert_int_eq(read_manifest("{\"schemaVersion\":2,"
                                       "\"mediaType\":\"application/vnd.docker.distribution.manifest.v2+json\","
                                       "\"config\":" CONFIG
                                       ",\"layers\":[" DESCRIPTOR("application/vnd.docker.image.rootfs.diff.tar.gzip",
                                       B, "1") "]}", &docker, &diagnostic), 0);
        ck_assert_int_eq(docker.layers[0].compression, LAYER_GZIP);
}
END_TEST

START_TEST(bad_manifests) {
        static const struct { const char *text, *expected; } cases[] = {
                { "[]", "img: error: not a JSON object" },
                { "{\"a\\u0000b\":1}", "img: error: there is a NUL in it" },
                { "{\"a\":\"\\\\\\u0000\"}", "img: error: there is a NUL in it" },
                { "{\"a\":\"\\\\u0000\"}", "img: error: not a manifest of schema version 2" },
                { "{\"a\":\"\\", "img:1:8: error: not valid JSON: unexpected end of data" },
                { "{}", "img: error: not a manifest of schema version 2" },
                { "{\"schemaVersion\":1}", "img: error: not a manifest of schema version 2" },
                { "{\"schemaVersion\":2}", "img: error: not the manifest of an image: \"config\" or \"layers\" is "
                  "missing" },
                { "{\"schemaVersion\":2,\"config\":{},\"layers\":[]}",
                  "img: error: a descriptor in it lacks its digest or size" },
                { "{\"schemaVersion\":2,\"config\":" DESCRIPTOR("x", "sha256:1", "1") ",\"layers\":[]}",
                  "img: error: a digest in it is none of SHA-256" },
                { "{\"schemaVersion\":2,\"config\":" DESCRIPTOR("x", A, "-1") ",\"layers\":[]}",
                  "img: error: a descriptor in it lacks its digest or size" },
                { "{\"schemaVersion\":2,\"config\":" CONFIG ",\"layers\":[7]}",
                  "img: error: a descriptor in it lacks its digest or size" },
                { "{\"schemaVersion\":2,\"config\":" CONFIG ",\"layers\":[" DESCRIPTOR("application/x-lzma", B,
                  "1") "]}",
                  "img: error: a layer of type \"application/x-lzma\" cannot be unpacked" },
                { "{\"schemaVersion\":2,\"config\":" CONFIG ",\"layers\":[{\"digest\":\"" B "\",\"size\":1}]}",
                  "img: error: a layer in it lacks its media type" },
        };

        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                _cleanup_image_manifest_ ImageManifest manifest = {};
                _cleanup_free_ char *diagnostic = NULL;

                ck_assert_int_eq(read_manifest(cases[i].text, &manifest, &diagnostic), -EREPORTED);
                ck_assert_str_eq(diagnostic, cases[i].expected);
                ck_assert_ptr_null(manifest.layers);
        }
}
END_TEST

#define PLATFORM(os, architecture, more) \
        "\"platform\":{\"os\":\"" os "\",\"architecture\":\"" architecture "\"" more "}"

START_TEST(indexes) {
        static const char text[] = "{\"schemaVersion\":2,\"manifests\":["
                                   "{\"digest\":\"" A "\",\"size\":1," PLATFORM("linux", "amd64", "") "},"
                                   "{\"digest\":\"" B "\",\"size\":2," PLATFORM("linux", "arm",
                                   ",\"variant\":\"v6\"") "},"
                                   "{\"digest\":\"" C "\",\"size\":3," PLATFORM("linux", "arm",
                                   ",\"variant\":\"v7\"") "},"
                                   "{\"digest\":\"" D "\",\"size\":4}]}";
        const struct { ImagePlatform platform; const char *expected; } cases[] = {
                { { "linux", "amd64", NULL }, A }, { { "linux", "arm", "v7" }, C }, { { "linux", "arm", "v8" }, C },
                    { { "linux", "arm", "v6" }, B }, { { "linux", "arm", NULL }, B },
        };
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_free_ char *diagnostic = NULL;
        _cleanup_image_manifest_ ImageManifest manifest = {};
        ImageDescriptor chosen = {};

        ck_assert_int_eq(read_manifest(text, &manifest, &diagnostic), -EISDIR);
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                ck_assert_int_eq(image_index_choose(text, strlen(text), "img", &cases[i].platform, &diagnostics,
                        &chosen), 0);
                ck_assert_str_eq(chosen.digest, cases[i].expected);
        }
        ck_assert_int_eq(image_index_choose(text, strlen(text), "img", &(ImagePlatform) { "plan9", "arm", "v7" },
                &diagnostics, &chosen), -EREPORTED);
        ck_assert_int_eq(image_index_choose(text, strlen(text), "img", &(ImagePlatform) { "linux", "arm", "v5" },
                &diagnostics, &chosen), -EREPORTED);
        ck_assert_int_eq(diagnostic_format(&diagnostics.items[0], &diagnostic), 0);
        ck_assert_str_eq(diagnostic, "img: error: there is no image for plan9/arm/v7 in it");
}
END_TEST

START_TEST(configurations) {
        static const char good[] = "{\"config\":{\"Cmd\":[\"sh\"]},\"rootfs\":{\"type\":\"layers\","
                                   "\"diff_ids\":[\"" A "\",\"" B "\"]}}";
        static const char *const bad[] = {
                "{}", "{\"rootfs\":{}}", "{\"rootfs\":{\"diff_ids\":[\"" A "\"]}}",
                "{\"rootfs\":{\"diff_ids\":[\"" A "\",7]}}",
                "{\"rootfs\":{\"diff_ids\":[\"" A "\",\"sha256:../..\"]}}",
        };
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_json_object_ json_object *config = NULL;
        _cleanup_string_list_ StringList diff_ids = {};

        ck_assert_int_eq(image_configuration_read(good, strlen(good), "img", 2, &diagnostics, &diff_ids, &config), 0);
        ck_assert_uint_eq(diff_ids.count, 2);
        ck_assert_str_eq(diff_ids.items[1], B);
        for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
                StringList none = {};
                json_object *unset = NULL;

                ck_assert_int_eq(image_configuration_read(bad[i], strlen(bad[i]), "img", 2, &diagnostics, &none,
                        &unset), -EREPORTED);
                ck_assert_uint_eq(diagnostics.errors, i + 1);
                ck_assert_uint_eq(none.count, 0);
                ck_assert_ptr_null(unset);
        }
}
END_TEST

int main(void) {
        Suite *suite = suite_create("manifest");
        TCase *tests = tcase_create("manifest");

        tcase_add_test(tests, manifests);
        tcase_add_test(tests, bad_manifests);
        tcase_add_test(tests, indexes);
        tcase_add_test(tests, configurations);
        suite_add_tcase(suite, tests);
        return test_run(suite);
}
