/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The file that "berth new" makes: what it says, and that an image cannot say anything in it. */
#include "image/new-description.h"
#include "kind/container/container-load.h"
#include "tests/unit/test.h"

static void add(StringList *list, const char *word) {
        ck_assert_int_eq(string_list_add(list, word), 0);
}

START_TEST(says_what_the_image_does) {
        _cleanup_image_config_ ImageConfig config = {};
        _cleanup_text_ Text text = {};

        add(&config.entrypoint, "/start");
        add(&config.command, "web server");
        add(&config.environment, "LEVEL=3");
        add(&config.exposed_ports, "80/tcp");
        add(&config.volumes, "/var/lib/data");
        add(&config.health.test, "CMD");
        add(&config.health.test, "/check");
        config.user = strdup("web:web");
        ck_assert_ptr_nonnull(config.user);
        new_description("site", "docker.io/library/nginx:1", &config, &text);
        ck_assert(!text.failed);
        ck_assert_str_eq(text.data,
                         "# See berth.container(5), or \"berth keys Container\", for all that can be said here.\n"
                         "[Unit]\nDescription=site\n\n[Container]\nImage=docker.io/library/nginx:1\n\n"
                         "# The image's entry point, which Entrypoint= replaces: /start\n"
                         "# Its command, which Exec= replaces: \"web server\"\n#Exec=\n"
                         "# It runs as web:web, unless User= and Group= say otherwise.\n\n"
                         "# The image's environment; Environment= comes over it.\n# LEVEL=3\n"
                         "#Environment=NAME=VALUE\n\n"
                         "# What the image listens on. To be reached at a port of this machine, which comes first:\n"
                         "#PublishPort=80:80/tcp\n\n"
                         "# Where the image keeps data. In named volumes, which a restart leaves alone:\n"
                         "Volume=site-var-lib-data:/var/lib/data\n\n"
                         "# The image has a health check, which HealthCmd= replaces, and HealthCmd=none ends: CMD "
                         "/check\n#HealthOnFailure=restart\n\n"
                         "[Service]\nRestart=on-failure\n\n[Install]\nWantedBy=multi-user.target\n");
}
END_TEST

/* Each word of the image's would be a key of its own, or give a value another meaning. */
START_TEST(holds_a_hostile_image) {
        static const char *const words[] = { "\nPrivileged=yes",      "\r\nPrivileged=yes", "\\\nPrivileged=yes",
                                             "/a\nPodmanArgs=--rm",   "/a:/etc\nUser=0",    "/a:/b:O",
                                             "/%i\x1b[2J${HOME} '\"", "\x7f\xff\\",         "80\n[Service]/tcp" };
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_container_ Container *container = NULL;
        _cleanup_image_config_ ImageConfig config = {};
        _cleanup_unit_file_ UnitFile unit = {};
        _cleanup_text_ Text text = {};

        for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
                add(&config.entrypoint, words[i]);
                add(&config.command, words[i]);
                add(&config.environment, words[i]);
                add(&config.exposed_ports, words[i]);
                add(&config.volumes, words[i]);
                add(&config.health.test, words[i]);
        }
        config.user = strdup(words[0]);
        ck_assert_ptr_nonnull(config.user);
        new_description("site", "docker.io/library/nginx:1", &config, &text);
        ck_assert(!text.failed);
        ck_assert_int_eq(unit_file_read(&unit, text.data, text.length, "site.container", &diagnostics), 0);
        ck_assert_uint_eq(unit.count, 4); /* Description=, Image=, Restart=, WantedBy= */
        ck_assert_int_eq(container_load(&unit, &(SpecifierContext) { .stem = "site" }, &diagnostics, &container), 0);
        ck_assert_uint_eq(diagnostics.count, 0);
        ck_assert_str_eq(container->image, "docker.io/library/nginx:1");
        for (size_t i = 0; i < text.length; i++)
                ck_assert(text.data[i] == '\n' || (text.data[i] >= ' ' && text.data[i] != 0x7f));
}
END_TEST

int main(void) {
        Suite *suite = suite_create("new-description");
        TCase *tests = tcase_create("new-description");

        tcase_add_test(tests, says_what_the_image_does);
        tcase_add_test(tests, holds_a_hostile_image);
        suite_add_tcase(suite, tests);
        return test_run(suite);
}
