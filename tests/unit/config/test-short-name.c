/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Names of images without a registry. */
#include "config/short-name.h"

#include <errno.h>

#include "tests/unit/test.h"

#define DIGEST "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* Replaces the test's directory, which every run has at another place, by a word. */
static char *shown(const char *text, const char *directory) {
        const char *found = text ? strstr(text, directory) : NULL;

        return found ? text_format("%.*sDIR%s", (int) (found - text), text, found + strlen(directory)) :
               text ? strdup(text) : NULL;
}

static void search_in(const char *directory) {
        _cleanup_free_ char *path = text_format("%s/etc:%s/usr", directory, directory);

        ck_assert_int_eq(setenv("BERTH_CONTAINERS_PATH", path, 1), 0);
}

static void expect(const char *directory, const char *text, const char *name, const char *said) {
        _cleanup_image_candidates_ ImageCandidates candidates = {};
        _cleanup_free_ char *note = NULL, *message = NULL, *line = NULL;
        int r = image_candidates_find(text, &candidates, &note, &message);

        line = shown(note ?: message, directory);
        ck_assert_msg(r == (name ? 0 : -EINVAL), "%s: %d %s", text, r, line ?: "");
        if (name)
                ck_assert_str_eq(candidates.name, name);
        ck_assert_str_eq(line ?: "", said);
}

static void expect_candidates(const char *text, const char *names) {
        _cleanup_image_candidates_ ImageCandidates candidates = {};
        _cleanup_free_ char *note = NULL, *message = NULL, *all = NULL;
        _cleanup_text_ Text joined = {};

        ck_assert_int_eq(image_candidates_find(text, &candidates, &note, &message), 0);
        for (size_t i = 0; i < candidates.count; i++)
                text_appendf(&joined, "%s%s", i > 0 ? " " : "", candidates.items[i].name);
        ck_assert_int_eq(text_take(&joined, &all), 0);
        ck_assert_str_eq(all, names);
}

START_TEST(without_configuration) {
        _cleanup_test_directory_ char *directory = test_directory();

        search_in(directory);
        expect(directory, "redis:7", NULL, "\"redis:7\" is a short name; did you mean \"docker.io/library/redis:7\"?");
        expect(directory, "me/web", NULL, "\"me/web\" is a short name; did you mean \"docker.io/me/web\"?");
        expect(directory, "quay.io/a", "quay.io/a:latest", "");
        expect(directory, "Redis", NULL, "\"Redis\" is no reference to an image");
        test_write(directory, "etc/registries.conf", "unqualified-search-registries = []\n");
        expect(directory, "redis", NULL, "\"redis\" is a short name; did you mean \"docker.io/library/redis\"?");
}
END_TEST

START_TEST(aliases) {
        _cleanup_test_directory_ char *directory = test_directory();

        search_in(directory);
        test_write(directory, "usr/registries.conf.d/000-shortnames.conf",
                   "[aliases]\n\"redis\" = \"docker.io/library/redis\"\n'me/web'='quay.io/me/web'\n"
                   "\"gone\"='q.io/g'\n");
        expect(directory, "redis:7", "docker.io/library/redis:7",
               "\"redis:7\" is a short name, taken as \"docker.io/library/redis:7\": that is its alias in "
               "DIR/usr/registries.conf.d/000-shortnames.conf:2");
        expect(directory, "me/web@" DIGEST, "quay.io/me/web@" DIGEST,
               "\"me/web@" DIGEST "\" is a short name, taken as \"quay.io/me/web@" DIGEST "\": that is its alias in "
               "DIR/usr/registries.conf.d/000-shortnames.conf:3");
        expect(directory, "web", NULL, "\"web\" is a short name; did you mean \"docker.io/library/web\"?");
        /* The later by name says otherwise, of redis and of what is no alias any more. */
        test_write(directory, "etc/registries.conf.d/100-own.conf",
                   "[aliases]\nredis = \"registry.example:5000/redis\"\ngone = \"\"\n");
        expect(directory, "redis", "registry.example:5000/redis:latest",
               "\"redis\" is a short name, taken as \"registry.example:5000/redis:latest\": that is its alias in "
               "DIR/etc/registries.conf.d/100-own.conf:2");
        expect(directory, "gone", NULL, "\"gone\" is a short name; did you mean \"docker.io/library/gone\"?");
        /* One of the same name hides another. */
        test_write(directory, "etc/registries.conf.d/000-shortnames.conf", "");
        expect(directory, "me/web", NULL, "\"me/web\" is a short name; did you mean \"docker.io/me/web\"?");
        test_write(directory, "etc/registries.conf.d/200-bad.conf", "[aliases]\nbad = \"library/bad\"\n");
        expect(directory, "bad:1", NULL,
               "\"bad:1\" is a short name, but that is its alias in DIR/etc/registries.conf.d/200-bad.conf:2: "
               "\"library/bad:1\" is a short name; did you mean \"docker.io/library/bad:1\"?");
}
END_TEST

START_TEST(registries) {
        _cleanup_test_directory_ char *directory = test_directory();

        search_in(directory);
        test_write(directory, "usr/registries.conf", "unqualified-search-registries = ['not.read']\n");
        test_write(directory, "etc/registries.conf", "# ours\nunqualified-search-registries = [\"docker.io\"]\n");
        expect(directory, "redis", "docker.io/library/redis:latest",
               "\"redis\" is a short name, taken as \"docker.io/library/redis:latest\": docker.io is the registry of "
               "DIR/etc/registries.conf:2");
        test_write(directory, "etc/registries.conf.d/1.conf",
                   "unqualified-search-registries = [ 'q.io', 'docker.io' ]");
        expect(directory, "redis:7", "redis:7",
               "\"redis:7\" is a short name, taken from the first that has it: q.io and docker.io are the "
               "registries of DIR/etc/registries.conf.d/1.conf:1");
        expect_candidates("redis:7", "q.io/redis:7 docker.io/library/redis:7");
        expect_candidates("a/b", "q.io/a/b:latest docker.io/a/b:latest");
        expect(directory, "redis@" DIGEST, "redis@" DIGEST,
               "\"redis@" DIGEST "\" is a short name, taken from the first that has it: q.io and docker.io are "
               "the registries of DIR/etc/registries.conf.d/1.conf:1");
        test_write(directory, "etc/registries.conf.d/2.conf", "short-name-mode = \"enforcing\"\n");
        expect(directory, "redis:7", NULL,
               "\"redis:7\" is a short name, which q.io and docker.io may have: short-name-mode in "
               "DIR/etc/registries.conf.d/2.conf:1 wants one to be chosen; did you mean \"q.io/redis:7\"?");
        test_write(directory, "etc/registries.conf.d/3.conf", "short-name-mode = 'disabled'\n");
        expect(directory, "a/b", "a/b:latest",
               "\"a/b\" is a short name, taken from the first that has it: q.io and docker.io are the "
               "registries of DIR/etc/registries.conf.d/1.conf:1");
        test_write(directory, "etc/registries.conf.d/3.conf", "short-name-mode = 'strict'\n");
        expect(directory, "redis", NULL,
               "\"redis\" is a short name, and short-name-mode in DIR/etc/registries.conf.d/3.conf:1 is none of "
               "enforcing, permissive and disabled");
}
END_TEST

START_TEST(damaged) {
        _cleanup_test_directory_ char *directory = test_directory();

        search_in(directory);
        test_write(directory, "etc/registries.conf", "unqualified-search-registries = \"docker.io\"\n");
        expect(directory, "redis", NULL,
               "\"redis\" is a short name, and what says whose cannot be used: DIR/etc/registries.conf:1: error: "
               "unqualified-search-registries is no array of strings");
        test_write(directory, "etc/registries.conf", "[aliases]\nredis = 7\n");
        expect(directory, "redis", NULL,
               "\"redis\" is a short name, and what says whose cannot be used: DIR/etc/registries.conf:2: error: "
               "redis is no string");
        test_write(directory, "etc/registries.conf", "\n[aliases\n");
        expect(directory, "redis", NULL,
               "\"redis\" is a short name, and what says whose cannot be used: DIR/etc/registries.conf:2: error: "
               "a table's name has no closing bracket");
        /* What needs none of it is not kept from anything. */
        expect(directory, "docker.io/redis", "docker.io/library/redis:latest", "");
}
END_TEST

int main(void) {
        Suite *suite = suite_create("short-name");
        TCase *tests = tcase_create("short-name");

        tcase_add_test(tests, without_configuration);
        tcase_add_test(tests, aliases);
        tcase_add_test(tests, registries);
        tcase_add_test(tests, damaged);
        suite_add_tcase(suite, tests);
        return test_run(suite);
}
