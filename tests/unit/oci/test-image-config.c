/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Configurations of images that nobody honest would write. */
#include "oci/image-config.h"

#include <errno.h>

#include "basic/json.h"
#include "tests/unit/test.h"

#define BROKEN "web.container:2:1: error: the image's configuration is broken: "

START_TEST(refuses_what_is_not_of_its_kind) {
        static const struct { const char *text, *message; } cases[] = {
                { "[]", BROKEN "\"config\" is not an object\n" },
                { "{\"Env\": {}}", BROKEN "\"Env\" is not an array of strings\n" },
                { "{\"Env\": [\"A=1\", 2]}", BROKEN "\"Env\" is not an array of strings\n" },
                { "{\"Env\": [\"=x\"]}", BROKEN "\"Env\" is not an array of NAME=VALUE\n" },
                { "{\"Env\": [\"A=\\u0000\"]}", BROKEN "\"Env\" is not an array of strings\n" },
                { "{\"Cmd\": \"sh\"}", BROKEN "\"Cmd\" is not an array of strings\n" },
                { "{\"Entrypoint\": [null]}", BROKEN "\"Entrypoint\" is not an array of strings\n" },
                { "{\"User\": 0}", BROKEN "\"User\" is not a string\n" },
                { "{\"WorkingDir\": \"/a/../../b\"}", BROKEN "\"WorkingDir\" is not made of paths without \"..\"\n" },
                { "{\"StopSignal\": \"SIGNOTHING\"}", BROKEN "\"StopSignal\" is not a signal\n" },
                { "{\"Labels\": {\"a\": 1}}", BROKEN "\"Labels\" is not an object of strings\n" },
                { "{\"Labels\": {\"a=b\": \"c\"}}", BROKEN "\"Labels\" is not an object of strings\n" },
                { "{\"ExposedPorts\": [\"80\"]}", BROKEN "\"ExposedPorts\" is not an object\n" },
                { "{\"ExposedPorts\": {\"80/http\": {}}}", BROKEN "\"ExposedPorts\" is not made of ports\n" },
                { "{\"ExposedPorts\": {\"80-\": {}}}", BROKEN "\"ExposedPorts\" is not made of ports\n" },
                { "{\"ExposedPorts\": {\"tcp\": {}}}", BROKEN "\"ExposedPorts\" is not made of ports\n" },
                { "{\"Volumes\": [\"/a\"]}", BROKEN "\"Volumes\" is not an object\n" },
                { "{\"Volumes\": {\"/\": {}}}", BROKEN "\"Volumes\" is not made of paths below \"/\"\n" },
                { "{\"Volumes\": {\"/proc/1\": {}}}",
                  BROKEN "\"Volumes\" is not made of paths outside of /proc, /sys and /dev\n" },
                { "{\"Volumes\": {\"//sys\": {}}}",
                  BROKEN "\"Volumes\" is not made of paths outside of /proc, /sys and /dev\n" },
                { "{\"Volumes\": {\"dev/./shm/\": {}}}",
                  BROKEN "\"Volumes\" is not made of paths outside of /proc, /sys and /dev\n" },
                { "{\"Healthcheck\": []}", BROKEN "\"Healthcheck\" is not an object\n" },
                { "{\"Healthcheck\": {\"Test\": \"true\"}}", BROKEN "\"Test\" is not an array of strings\n" },
                { "{\"Healthcheck\": {\"Test\": [\"true\"]}}",
                  BROKEN "\"Test\" is not NONE, or CMD or CMD-SHELL with a command\n" },
                { "{\"Healthcheck\": {\"Test\": [\"CMD\"]}}",
                  BROKEN "\"Test\" is not NONE, or CMD or CMD-SHELL with a command\n" },
                { "{\"Healthcheck\": {\"Test\": [\"CMD-SHELL\", \"a\", \"b\"]}}",
                  BROKEN "\"Test\" is not NONE, or CMD or CMD-SHELL with a command\n" },
                { "{\"Healthcheck\": {\"Interval\": -1}}", BROKEN "\"Interval\" is not a number, 0 or greater\n" },
                { "{\"Healthcheck\": {\"Retries\": \"3\"}}", BROKEN "\"Retries\" is not a number, 0 or greater\n" },
                { "{\"Env\": [\"\"]}", BROKEN "\"Env\" is not an array of NAME=VALUE\n" },
                { "{\"Volumes\": {\"/a/../etc\": {}}}", BROKEN "\"Volumes\" is not made of paths without \"..\"\n" },
        };
        const Location where = { "web.container", 2, 1 };

        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                _cleanup_json_object_ json_object *json = json_tokener_parse(cases[i].text);
                _cleanup_diagnostics_ Diagnostics diagnostics = {};
                _cleanup_image_config_ ImageConfig config = {};
                _cleanup_free_ char *text = NULL;

                ck_assert_msg(image_config_read(json, &where, &diagnostics, &config) == -EREPORTED, "accepted: %s",
                              cases[i].text);
                text = test_diagnostics(&diagnostics);
                ck_assert_str_eq(text, cases[i].message);
        }
}
END_TEST

START_TEST(reads_a_health_check) {
        _cleanup_json_object_ json_object *json = json_tokener_parse(
                        "{\"Healthcheck\": {\"Test\": [\"CMD-SHELL\", \"a | b\"], \"Interval\": 5000000000, "
                        "\"Timeout\": 1, \"Retries\": 4, \"StartInterval\": 7}}");
        _cleanup_json_object_ json_object *nothing =
                        json_tokener_parse("{\"Healthcheck\": {\"Test\": [\"\"], \"Interval\": 1000}}");
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_image_config_ ImageConfig config = {}, none = {};

        ck_assert_int_eq(image_config_read(json, &(Location) {}, &diagnostics, &config), 0);
        ck_assert_int_eq((int) config.health.test.count, 2);
        ck_assert_str_eq(config.health.test.items[1], "a | b");
        ck_assert_uint_eq(config.health.interval_usec, 5000 * 1000);
        /* Shorter than can be told is not "as ever". */
        ck_assert_uint_eq(config.health.timeout_usec, 1);
        ck_assert_uint_eq(config.health.start_period_usec, 0);
        ck_assert_uint_eq(config.health.retries, 4);
        ck_assert_int_eq(image_config_read(nothing, &(Location) {}, &diagnostics, &none), 0);
        ck_assert_int_eq((int) none.health.test.count, 0);
        ck_assert_uint_eq(none.health.interval_usec, 0);
}
END_TEST

START_TEST(takes_what_is_left_open) {
        _cleanup_json_object_ json_object *json = json_tokener_parse(
                        "{\"Env\": null, \"Cmd\": [], \"User\": \"\", \"WorkingDir\": \"\", \"Volumes\": {\"b\": {}, "
                        "\"/a//\": null, \"/b\": {}}, \"Later\": 1}");
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_image_config_ ImageConfig config = {}, none = {};

        ck_assert_int_eq(image_config_read(NULL, &(Location) {}, &diagnostics, &none), 0);
        ck_assert_int_eq(image_config_read(json, &(Location) {}, &diagnostics, &config), 0);
        ck_assert(config.environment.count == 0 && config.command.count == 0 && !config.user && !config.working_dir &&
                  config.stop_signal == 0);
        ck_assert_int_eq((int) config.volumes.count, 2);
        ck_assert_str_eq(config.volumes.items[0], "/a");
        ck_assert_str_eq(config.volumes.items[1], "/b");
}
END_TEST

/* As `berth spec --dump-facts` writes it. */
START_TEST(is_written_as_it_is_read) {
        static const char text[] =
                        "{\"Env\": [\"A=\\\"1\\\"\", \"B\", \"C=x=y\\n\"], \"Entrypoint\": [\"\"], \"Cmd\": [\"a b\", "
                        "\"\\\\\"], "
                        "\"User\": \"web:7\", \"WorkingDir\": \"/srv/./\xc3\xa4\", \"StopSignal\": \"33\", \"Labels\": "
                        "{\"a.b/c\": \"=\\t\"}, \"Volumes\": {\"/b\": {}, \"/\\\"a\": {}}, \"ExposedPorts\": "
                        "{\"80/tcp\": {}}, "
                        "\"Healthcheck\": {\"Test\": [\"NONE\"], \"Timeout\": 2000}}";
        static const char expected[] =
                        "{\"Env\":[\"A=\\\"1\\\"\",\"B=\",\"C=x=y\\n\"],\"Entrypoint\":[\"\"],\"Cmd\":[\"a b\","
                        "\"\\\\\"],"
                        "\"User\":\"web:7\",\"WorkingDir\":\"/srv/\xc3\xa4\",\"StopSignal\":\"33\","
                        "\"Labels\":{\"a.b/c\":\"=\\t\"},"
                        "\"Volumes\":{\"/\\\"a\":{},\"/b\":{}},\"ExposedPorts\":{\"80/tcp\":{}},"
                        "\"Healthcheck\":{\"Test\":[\"NONE\"],\"Interval\":0,\"Timeout\":2000,\"StartPeriod\":0,"
                        "\"Retries\":0}}";
        _cleanup_json_object_ json_object *json = json_tokener_parse(text);
        _cleanup_diagnostics_ Diagnostics diagnostics = {};

        for (int i = 0; i < 2; i++) {
                _cleanup_image_config_ ImageConfig config = {};

                ck_assert_int_eq(image_config_read(json, &(Location) {}, &diagnostics, &config), 0);
                ck_assert_int_eq(json_object_put(json), 1);
                ck_assert_int_eq(image_config_write(&config, &json), 0);
                ck_assert_str_eq(json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN |
                                                                              JSON_C_TO_STRING_NOSLASHESCAPE),
                                 expected);
        }
}
END_TEST

/* Of each as many as fit, which takes longer than a test may where one is looked up among all. */
START_TEST(many_of_each) {
        enum { VARIABLES = 130000, LABELS = 200000, PORTS = 60000 };
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_json_object_ json_object *json = json_object_new_object();
        _cleanup_image_config_ ImageConfig config = {};
        json_object *environment = json_object_new_array(), *labels = json_object_new_object(),
                    *ports = json_object_new_object();
        char text[32];

        for (int i = 0; i < VARIABLES; i++) {
                snprintf(text, sizeof(text), "%x=", i);
                json_object_array_add(environment, json_object_new_string(text));
        }
        for (int i = 0; i < LABELS; i++) {
                snprintf(text, sizeof(text), "l%d", i);
                json_object_object_add(labels, text, json_object_new_string(""));
        }
        for (int i = 0; i < PORTS; i++) {
                snprintf(text, sizeof(text), "%d", i);
                json_object_object_add(ports, text, NULL);
        }
        json_object_array_add(environment, json_object_new_string("0=again"));
        json_object_object_add(json, "Env", environment);
        json_object_object_add(json, "Labels", labels);
        json_object_object_add(json, "ExposedPorts", ports);
        ck_assert_int_eq(image_config_read(json, &(Location) {}, &diagnostics, &config), 0);
        ck_assert_uint_eq(config.environment.count, VARIABLES);
        ck_assert_str_eq(config.environment.items[0], "0=again");
        ck_assert_str_eq(config.environment.items[VARIABLES - 1], "1fbcf=");
        ck_assert_uint_eq(config.labels.count, LABELS);
        ck_assert_uint_eq(config.exposed_ports.count, PORTS);
}
END_TEST

static void check_too_many(json_object *json, const char *message) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_image_config_ ImageConfig config = {};
        _cleanup_free_ char *text = NULL;

        ck_assert_int_eq(image_config_read(json, &(Location) { "web.container", 2, 1 }, &diagnostics, &config),
                -EREPORTED);
        text = test_diagnostics(&diagnostics);
        ck_assert_str_eq(text, message);
}

START_TEST(too_many_of_each) {
        enum { BLOCK = 64 * 1024, BLOCKS = IMAGE_ARGUMENTS_MAX / BLOCK };
        _cleanup_json_object_ json_object *variables = json_object_new_object(), *volumes = json_object_new_object();
        json_object *environment = json_object_new_array(), *paths = json_object_new_object();
        char block[BLOCK + 1] = "";

        memset(block, 'x', BLOCK);
        for (int i = 0; i < BLOCKS; i++)
                json_object_array_add(environment, json_object_new_string(block));
        json_object_object_add(variables, "Env", environment);
        check_too_many(variables, BROKEN "\"Env\" is not at most 1 MiB of text\n");
        for (int i = 0; i <= IMAGE_VOLUMES_MAX; i++) {
                snprintf(block, sizeof(block), "/v%d", i);
                json_object_object_add(paths, block, NULL);
        }
        json_object_object_add(volumes, "Volumes", paths);
        check_too_many(volumes, BROKEN "\"Volumes\" is not a list of at most 1000 paths\n");
}
END_TEST

int main(void) {
        Suite *suite = suite_create("image-config");
        TCase *cases = tcase_create("image-config");

        tcase_add_test(cases, refuses_what_is_not_of_its_kind);
        tcase_add_test(cases, reads_a_health_check);
        tcase_add_test(cases, takes_what_is_left_open);
        tcase_add_test(cases, is_written_as_it_is_read);
        tcase_add_test(cases, many_of_each);
        tcase_add_test(cases, too_many_of_each);
        tcase_set_timeout(cases, 120);
        suite_add_tcase(suite, cases);
        return test_run(suite);
}
