/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What names an image. */
#include "config/image-reference.h"

#include <errno.h>

#include "tests/unit/test.h"

#define DIGEST "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

START_TEST(canonical_names) {
        static const struct { const char *text, *name;
        } cases[] = {
                { "docker.io/library/nginx:1.27", "docker.io/library/nginx:1.27" },
                { "docker.io/nginx", "docker.io/library/nginx:latest" },
                { "index.docker.io/a/b", "docker.io/a/b:latest" },
                { "docker://quay.io/a/b:x", "quay.io/a/b:x" },
                { "localhost/a", "localhost/a:latest" },
                { "localhost:5000/a/b/c:V-1.0_x", "localhost:5000/a/b/c:V-1.0_x" },
                { "[::1]:5000/a", "[::1]:5000/a:latest" },
                { "Registry.example/a", "Registry.example/a:latest" },
                { "q.io/a@" DIGEST, "q.io/a@" DIGEST },
                { "q.io/a:tag@" DIGEST, "q.io/a@" DIGEST },
                { "q.io/a__b-.-", NULL },
                { "q.io/a__b---c.d_e", "q.io/a__b---c.d_e:latest" },
                { "oci:/srv/images", "oci:/srv/images" },
                { "oci:/srv//images/:a:b", "oci:/srv/images:a:b" },
                { "oci-archive:/srv/web.tar:1", "oci-archive:/srv/web.tar:1" },
                { "docker-archive:/srv/web.tar:docker.io/library/web:1",
                  "docker-archive:/srv/web.tar:docker.io/library/web:1" },
        };

        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                _cleanup_image_reference_ ImageReference reference = {}, again = {};
                _cleanup_free_ char *message = NULL;
                int r = image_reference_parse(cases[i].text, &reference, &message);

                ck_assert_msg(r == (cases[i].name ? 0 : -EINVAL), "%s: %d %s", cases[i].text, r,
                              message ? message : "");
                if (r < 0)
                        continue;
                ck_assert_str_eq(reference.name, cases[i].name);
                ck_assert_int_eq(image_reference_parse(reference.name, &again, &message), 0);
                ck_assert_str_eq(again.name, reference.name);
        }
}
END_TEST

START_TEST(parts) {
        _cleanup_image_reference_ ImageReference registry = {}, digest = {}, archive = {};
        char *message = NULL;

        ck_assert_int_eq(image_reference_parse("localhost:5000/a/b", &registry, &message), 0);
        ck_assert_int_eq(registry.transport, TRANSPORT_REGISTRY);
        ck_assert_str_eq(registry.registry, "localhost:5000");
        ck_assert_str_eq(registry.repository, "localhost:5000/a/b");
        ck_assert_str_eq(registry.tag, "latest");
        ck_assert_ptr_null(registry.digest);
        ck_assert_int_eq(image_reference_parse("q.io/a:x@" DIGEST, &digest, &message), 0);
        ck_assert_ptr_null(digest.tag);
        ck_assert_str_eq(digest.digest, DIGEST);
        ck_assert_int_eq(image_reference_parse("docker-archive:/a/b.tar:q.io/c:d", &archive, &message), 0);
        ck_assert_int_eq(archive.transport, TRANSPORT_DOCKER_ARCHIVE);
        ck_assert_str_eq(archive.path, "/a/b.tar");
        ck_assert_str_eq(archive.selector, "q.io/c:d");
}
END_TEST

START_TEST(refusals) {
        static const struct { const char *text, *message;
        } cases[] = {
                { "alpine", "\"alpine\" is a short name; did you mean \"docker.io/library/alpine\"?" },
                { "alpine:3", "\"alpine:3\" is a short name; did you mean \"docker.io/library/alpine:3\"?" },
                { "me/web", "\"me/web\" is a short name; did you mean \"docker.io/me/web\"?" },
                { "", "\"\" is no reference to an image" },
                { "q.io/", "\"q.io/\" is no reference to an image" },
                { "q.io/a//b", "\"q.io/a//b\" is no reference to an image" },
                { "q.io/../b", "\"q.io/../b\" is no reference to an image" },
                { "q.io/A", "\"q.io/A\": the name of an image has no capital letters" },
                { "q.io/a:", "\"\" is no tag" },
                { "q.io/a:-x", "\"-x\" is no tag" },
                { "q.io/a:x/y", "\"q.io/a:x/y\" is no reference to an image" },
                { "q_.io/a", "\"q_.io\" is no registry" },
                { "q.io:x/a", "\"q.io:x\" is no registry" },
                { "[::1/a", "\"[::1\" is no registry" },
                { "q.io/a@sha256:12",
                  "\"q.io/a@sha256:12\" has no digest of the form sha256:… with 64 hexadecimal digits behind \"@\"" },
                { "q.io/a b", "\"q.io/a b\" is no reference to an image: it has white space in it" },
                { "dir:/srv/x", "images of \"dir:\" are not supported" },
                { "oci:", "\"oci:\" has no absolute path without \"..\" behind \"oci:\"" },
                { "oci:images", "\"oci:images\" has no absolute path without \"..\" behind \"oci:\"" },
                { "oci-archive:/a/../b",
                  "\"oci-archive:/a/../b\" has no absolute path without \"..\" behind \"oci-archive:\"" },
                { "oci:/srv:", "\"oci:/srv:\" ends with a colon" },
        };
        char longest[300] = "q.io/";

        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                _cleanup_image_reference_ ImageReference reference = {};
                _cleanup_free_ char *message = NULL;

                ck_assert_msg(image_reference_parse(cases[i].text, &reference, &message) == -EINVAL, "accepted: %s",
                              cases[i].text);
                ck_assert_str_eq(message, cases[i].message);
        }
        memset(longest + strlen("q.io/"), 'a', 250);
        {
                _cleanup_image_reference_ ImageReference reference = {};
                _cleanup_free_ char *message = NULL;

                ck_assert_int_eq(image_reference_parse(longest, &reference, &message), -EINVAL);
                ck_assert_ptr_nonnull(strstr(message, "too long"));
        }
}
END_TEST

START_TEST(units) {
        static const struct { const char *image, *unit; } cases[] = {
                { "base.image", "container-image@base.service" },
                { "tool.build", "container-build@tool.service" },
                { "docker.io/library/nginx:1.27", "container-image@docker.io-library-nginx:1.27.service" },
                { "q.io/a-b@sha256:01", "container-image@q.io-a\\x2db\\x40sha256:01.service" },
                { "oci:/srv/my images:x", "container-image@oci:-srv-my\\x20images:x.service" },
        };

        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                _cleanup_free_ char *unit = NULL;

                ck_assert_int_eq(image_unit_name(cases[i].image, &unit), 0);
                ck_assert_str_eq(unit, cases[i].unit);
        }
        ck_assert(image_is_file("base.image"));
        ck_assert(!image_is_file("q.io/base.image"));
        ck_assert(!image_is_file("q.io:80"));
}
END_TEST

int main(void) {
        Suite *suite = suite_create("image-reference");
        TCase *cases = tcase_create("image-reference");

        tcase_add_test(cases, canonical_names);
        tcase_add_test(cases, parts);
        tcase_add_test(cases, refusals);
        tcase_add_test(cases, units);
        suite_add_tcase(suite, cases);
        return test_run(suite);
}
