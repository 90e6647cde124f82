/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Files' names and units' names. */
#include "source/unit-name.h"

#include <errno.h>
#include <limits.h>

#include "tests/unit/test.h"

static void check_file(const char *name, FileType expected_type, const char *expected_stem) {
        _cleanup_free_ char *stem = NULL;
        FileType type;

        ck_assert_msg(file_name_parse(name, &type, &stem) == 0, "refused: %s", name);
        ck_assert_int_eq(type, expected_type);
        ck_assert_str_eq(stem, expected_stem);
}

START_TEST(parses_file_names) {
        check_file("web.container", FILE_CONTAINER, "web");
        check_file("a.b.volume", FILE_VOLUME, "a.b");
        check_file("lan.network", FILE_NETWORK, "lan");
        check_file("base.image", FILE_IMAGE, "base");
        check_file("app.pod", FILE_POD, "app");
        check_file("site.kube", FILE_KUBE, "site");
        check_file("tool.build", FILE_BUILD, "tool");
        check_file("x.artifact", FILE_ARTIFACT, "x");
        check_file("web@.container", FILE_CONTAINER, "web@");
        check_file("web@a@b.container", FILE_CONTAINER, "web@a@b");
        check_file("my web \xc3\xa4.container", FILE_CONTAINER, "my web \xc3\xa4");
}
END_TEST

START_TEST(refuses_other_names) {
        static const char *const names[] = {
                "",
                ".container",
                "container",
                "web",
                "web.service",
                "web.Container",
                "web.container.d",
                "web.container~",
                ".hidden.container",
                "@.container",
                "@a.container",
                "a/b.container",
                "../web.container",
                "a\nb.container",
                "a\x7f.container",
                "\xff.container",
        };
        char longest[NAME_MAX + 2];

        for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
                FileType type;
                char *stem;
                ck_assert_msg(file_name_parse(names[i], &type, &stem) == -EINVAL, "accepted: %s", names[i]);
        }
        memset(longest, 'a', sizeof(longest));
        memcpy(longest + sizeof(longest) - sizeof(".container"), ".container", sizeof(".container"));
        ck_assert_int_eq(file_name_parse(longest, (FileType[]) { 0 }, (char *[]) { NULL }), -EINVAL);
}
END_TEST

START_TEST(knows_templates) {
        _cleanup_free_ char *template = NULL;

        ck_assert_int_eq(stem_template("web@a", &template), 1);
        ck_assert_str_eq(template, "web@");
        template = x_free(template);
        ck_assert_int_eq(stem_template("web@a@b", &template), 1);
        ck_assert_str_eq(template, "web@");
        ck_assert_int_eq(stem_template("web@", &template), 0);
        ck_assert_int_eq(stem_template("web", &template), 0);
        ck_assert(stem_is_template("web@"));
        ck_assert(!stem_is_template("web@a"));
        ck_assert(!stem_is_template("web"));
        ck_assert(!stem_is_template("web@a@"));
}
END_TEST

static void check_unit(FileType type, const char *stem, const char *expected) {
        _cleanup_free_ char *name = NULL, *back = NULL, *instance = NULL;

        ck_assert_int_eq(unit_name_for(type, stem, &name), 0);
        ck_assert_str_eq(name, expected);
        instance = strdup(strchr(name, '@') + 1);
        *strrchr(instance, '.') = '\0';
        ck_assert_int_eq(stem_from_instance(instance, &back), 0);
        ck_assert_str_eq(back, stem);
}

START_TEST(names_units_and_back) {
        check_unit(FILE_CONTAINER, "web", "container@web.service");
        check_unit(FILE_CONTAINER, "web-app_1.2:3", "container@web-app_1.2:3.service");
        check_unit(FILE_CONTAINER, "web@a", "container@web@a.service");
        check_unit(FILE_VOLUME, "data", "container-volume@data.service");
        check_unit(FILE_NETWORK, "lan", "container-network@lan.service");
        check_unit(FILE_IMAGE, "base", "container-image@base.service");
        check_unit(FILE_POD, "app", "container-pod@app.service");
        check_unit(FILE_BUILD, "tool", "container-build@tool.service");
        check_unit(FILE_KUBE, "site", "container-kube@site.service");
        check_unit(FILE_ARTIFACT, "x", "container-artifact@x.service");
        check_unit(FILE_CONTAINER, "my web", "container@my\\x20web.service");
        check_unit(FILE_CONTAINER, "\xc3\xa4+%", "container@\\xc3\\xa4\\x2b\\x25.service");
        check_unit(FILE_CONTAINER, "a\\b", "container@a\\x5cb.service");
        /* As systemd-escape --path writes srv/my-data: not the same as srv/my/data. */
        check_unit(FILE_CONTAINER, "w@srv-my\\x2ddata", "container@w@srv-my\\x2ddata.service");
        check_unit(FILE_CONTAINER, "a\\x20b", "container@a\\x5cx20b.service");
        check_unit(FILE_CONTAINER, "\\x5cx2d", "container@\\x5cx5cx2d.service");
}
END_TEST

START_TEST(refuses_long_units) {
        char stem[NAME_MAX + 1] = "";
        char *name;

        memset(stem, 'a', 255 - strlen("container@.service"));
        ck_assert_int_eq(unit_name_for(FILE_CONTAINER, stem, &name), 0);
        ck_assert_uint_eq(strlen(name), 255);
        free(name);
        stem[strlen(stem)] = 'a';
        ck_assert_int_eq(unit_name_for(FILE_CONTAINER, stem, &name), -EINVAL);
}
END_TEST

START_TEST(refuses_instances) {
        static const char *const instances[] = { "",        "\\x00", "a\\x0ab", "\\xff",
                                                 ".hidden", "@a",    "a/b",     "../../etc/shadow" };
        _cleanup_free_ char *kept = NULL;
        char *stem;

        for (size_t i = 0; i < ARRAY_SIZE(instances); i++)
                ck_assert_msg(stem_from_instance(instances[i], &stem) == -EINVAL, "accepted: %s", instances[i]);
        /* A slash can never come out of an escape. */
        ck_assert_int_eq(stem_from_instance("\\x2e\\x2e\\x2fa", &kept), 0);
        ck_assert_str_eq(kept, "\\x2e\\x2e\\x2fa");
}
END_TEST

START_TEST(parses_unit_names) {
        static const char *const others[] = { "web.service",         "container@.service",
                                              "container@web.timer", "containers@web.service",
                                              "@web.service",        "" };
        char *stem = NULL;
        FileType type;

        ck_assert_int_eq(unit_name_parse("container@web@a\\x20b.service", &type, &stem), 0);
        ck_assert_str_eq(stem, "web@a b");
        ck_assert_int_eq(type, FILE_CONTAINER);
        free(stem);
        ck_assert_int_eq(unit_name_parse("container-volume@data.service", &type, &stem), 0);
        ck_assert_str_eq(stem, "data");
        ck_assert_int_eq(type, FILE_VOLUME);
        free(stem);
        for (size_t i = 0; i < ARRAY_SIZE(others); i++)
                ck_assert_msg(unit_name_parse(others[i], &type, &stem) == -EINVAL, "accepted: %s", others[i]);
}
END_TEST

START_TEST(makes_container_ids) {
        static const char *const expected[][2] = {
                { "web", "web" },   { "a_b.c-D9", "a_b.c-D9" },   { "web@a", "web+40a" },
                { "a+b", "a+2Bb" }, { "\xc3\xa4 ", "+C3+A4+20" }, { "a\\b", "a+5Cb" },
        };

        for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
                _cleanup_free_ char *id = container_id_for(expected[i][0]);
                ck_assert_str_eq(id, expected[i][1]);
        }
}
END_TEST

START_TEST(translates_references) {
        char *name = NULL;

        ck_assert_int_eq(unit_reference_translate("web.container", &name), 1);
        ck_assert_str_eq(name, "container@web.service");
        free(name);
        ck_assert_int_eq(unit_reference_translate("data@%i.volume", &name), 1);
        ck_assert_str_eq(name, "container-volume@data@%i.service");
        free(name);
        ck_assert_int_eq(unit_reference_translate("network-online.target", &name), 0);
        ck_assert_int_eq(unit_reference_translate("web.service", &name), 0);
        ck_assert_int_eq(unit_reference_translate("a/b.container", &name), 0);
}
END_TEST

START_TEST(unescapes_like_systemd) {
        _cleanup_free_ char *path = unit_name_unescape("srv-my\\x2ddata"), *odd = unit_name_unescape("\\x2\\xzz\\");

        ck_assert_str_eq(path, "srv/my-data");
        ck_assert_str_eq(odd, "\\x2\\xzz\\");
}
END_TEST

int main(void) {
        Suite *suite = suite_create("unit-name");
        TCase *cases = tcase_create("unit-name");

        tcase_add_test(cases, parses_file_names);
        tcase_add_test(cases, refuses_other_names);
        tcase_add_test(cases, knows_templates);
        tcase_add_test(cases, names_units_and_back);
        tcase_add_test(cases, refuses_long_units);
        tcase_add_test(cases, refuses_instances);
        tcase_add_test(cases, parses_unit_names);
        tcase_add_test(cases, makes_container_ids);
        tcase_add_test(cases, translates_references);
        tcase_add_test(cases, unescapes_like_systemd);
        suite_add_tcase(suite, cases);
        return test_run(suite);
}
