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
                { "{\"Volumes\": {\"/a/../etc\": {}}}", BROKEN "\"Volumes\" is not made of paths without \"..\"\n" },
        };
        const Location where = { "web.container", 2, 1 };

        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                _cleanup_json_object_ json_object *json = json_tokener_parse(cases[i].text);
                _cleanup_diagnostics_ Diagnostics diagnostics = {};
                _cleanup_image_config_ ImageConfig config = {};
                _cleanup_free_ char *text = NULL;

                ck_assert_msg(image_config_read(json, &where, &diagnostics, &config) == -EINVAL, "accepted: %s",
                              cases[i].text);
                text = test_diagnostics(&diagnostics);
                ck_assert_str_eq(text, cases[i].message);
        }
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

int main(void) {
        Suite *suite = suite_create("image-config");
        TCase *cases = tcase_create("image-config");

        tcase_add_test(cases, refuses_what_is_not_of_its_kind);
        tcase_add_test(cases, takes_what_is_left_open);
        suite_add_tcase(suite, cases);
        return test_run(suite);
}
