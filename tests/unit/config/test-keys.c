/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <errno.h>

#include "config/key-parse.h"
#include "config/keys.h"
#include "config/quadlet.h"
#include "config/systemd-keys.h"
#include "kind/volume.h"

static const SpecifierContext specifiers = { .stem = "data",
                                             .unit_name = "container-volume@data.service",
                                             .path = "/etc/berth/data.volume" };

static void read_text(const char *text, UnitFile *unit, Diagnostics *diagnostics) {
        ck_assert_int_eq(unit_file_read(unit, text, strlen(text), "f", diagnostics), 0);
}

START_TEST(table) {
        for (KeyId i = 0; i < _KEY_COUNT; i++) {
                const Key *key = &keys[i];

                ck_assert(key->section && key->name && key->parse && key->done && key->argument && *key->argument &&
                          *key->help);
                ck_assert_ptr_eq(key_find(key->section, key->name), key);
                ck_assert_uint_eq(key_id(key), i);
                ck_assert(section_is_ours(key->section));
                ck_assert(!(key->flags & ONCE) != !(key->flags & LIST));
                ck_assert(!(key->flags & DEPRECATED) || startswith(key->help, "deprecated: use "));
                /* Two keys of one field would free it twice. */
                for (KeyId j = 0; j < i; j++)
                        ck_assert(!streq(keys[j].section, key->section) || keys[j].offset != key->offset);
        }
        ck_assert_ptr_null(key_find("Container", "image"));
        ck_assert_ptr_null(key_find("Volume", "Rootfs"));
}
END_TEST

START_TEST(suggestions) {
        ck_assert_str_eq(key_suggest("Container", "Imge"), "Image");
        ck_assert_str_eq(key_suggest("Container", "rootfs"), "Rootfs");
        ck_assert_str_eq(key_suggest("Container", "AddCapabilities"), "AddCapability");
        ck_assert_ptr_null(key_suggest("Container", "Completely"));
        ck_assert_ptr_null(key_suggest("Container", ""));
        ck_assert_str_eq(section_suggest("Contianer", "Container"), "Container");
        ck_assert_str_eq(section_suggest("service", "Container"), "Service");
        ck_assert_ptr_null(section_suggest("Contianer", "Volume"));
        ck_assert(section_is_handed_on("X-Any") && section_is_handed_on("Socket") &&
                  !section_is_handed_on("Container"));
        ck_assert(section_is_ours("Quadlet") && !section_is_ours("Service"));
}
END_TEST

START_TEST(systemd_keys) {
        ck_assert_str_eq(systemd_section_of("Restart"), "Service");
        ck_assert_str_eq(systemd_section_of("Description"), "Unit");
        ck_assert_str_eq(systemd_section_of("AssertKernelModuleLoaded"), "Unit");
        ck_assert_str_eq(systemd_section_of("DefaultInstance"), "Install");
        ck_assert_ptr_null(systemd_section_of("Restar"));
        ck_assert_ptr_null(systemd_section_of("Restarts"));
        ck_assert_ptr_null(systemd_section_of(""));
        ck_assert_ptr_null(systemd_section_of("Restart RestartSec"));
}
END_TEST

START_TEST(sections) {
        static const char text[] =
                "[Volume]\n"
                "User=a\n"
                "User=b\n"
                "Label=a=1 b=2\n"
                "Label=a=3\n"
                "Group=x\n"
                "Group=\n"
                "Copy=perhaps\n"
                "Nonsense=1\n"
                "Restart=no\n"
                "GlobalArgs=-v\n"
                "[Service]\n"
                "Nonsense=1\n"
                "[Volume]\n"
                "UID=5\n";
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        const ValueContext context = { .specifiers = &specifiers, .diagnostics = &diagnostics };
        _cleanup_unit_file_ UnitFile unit = {};
        _cleanup_free_ char *said = NULL;
        KeysSet set = {};
        Volume volume = {};

        read_text(text, &unit, &diagnostics);
        ck_assert_int_eq(keys_parse_section(&unit, "Volume", &context, &volume, &set), 0);
        ck_assert_str_eq(volume.user, "b");
        ck_assert_uint_eq(volume.labels.count, 2);
        ck_assert_str_eq(volume.labels.items[0], "a=3");
        ck_assert_ptr_null(volume.group);
        ck_assert_uint_eq(volume.uid, 5);
        ck_assert_uint_eq(set.entry[KEY_Volume_User]->where.line, 3);
        ck_assert_uint_eq(set.entry[KEY_Volume_UID]->where.line, 15);
        ck_assert_ptr_null(set.entry[KEY_Volume_Group]);
        ck_assert_ptr_null(set.entry[KEY_Volume_Copy]);
        said = test_diagnostics(&diagnostics);
        ck_assert_str_eq(said,
                "f:8:6: error: \"Copy\" must be a boolean, not \"perhaps\"\n"
                "f:9:1: error: unknown key \"Nonsense\" in [Volume]\n"
                "f:10:1: error: \"Restart\" belongs in [Service], not in [Volume]\n"
                "f:11:1: warning: \"GlobalArgs\" has no effect: there is no podman here to take it\n");
        keys_done_section("Volume", &volume);
        ck_assert(!volume.user && !volume.labels.items && volume.uid == 0);
}
END_TEST

START_TEST(foreign_sections) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_unit_file_ UnitFile unit = {};
        _cleanup_free_ char *said = NULL;

        read_text("[Volum]\nA=b\n[Pod]\n[X-Y]\nA=b\n[Quadlet]\n[Unit]\n[Whatever]\n", &unit, &diagnostics);
        sections_check(&unit, "Volume", &diagnostics);
        said = test_diagnostics(&diagnostics);
        ck_assert_str_eq(said,
                "f:2:1: error: unknown section [Volum]; did you mean [Volume]?\n"
                "f: error: [Pod] does not belong in a file for a [Volume]\n"
                "f: warning: unknown section [Whatever]; nothing reads it\n");
}
END_TEST

START_TEST(pairs) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        const ValueContext context = { .specifiers = &specifiers, .diagnostics = &diagnostics };
        _cleanup_unit_file_ UnitFile unit = {};
        _cleanup_free_ char *said = NULL;
        KeysSet set = {};
        Volume volume = {};

        read_text("[Volume]\nUser=a\nGroup=b\nType=ext4\n", &unit, &diagnostics);
        ck_assert_int_eq(keys_parse_section(&unit, "Volume", &context, &volume, &set), 0);
        keys_exclude(&set, KEY_Volume_Group, KEY_Volume_User, &diagnostics);
        keys_exclude(&set, KEY_Volume_Group, KEY_Volume_Image, &diagnostics);
        keys_need(&set, KEY_Volume_Type, KEY_Volume_Device, &diagnostics);
        keys_need(&set, KEY_Volume_Type, KEY_Volume_User, &diagnostics);
        keys_need(&set, KEY_Volume_Image, KEY_Volume_Device, &diagnostics);
        said = test_diagnostics(&diagnostics);
        ck_assert_str_eq(said, "f:3:1: error: \"Group\" and \"User\" exclude each other\nf:4:1: error: \"Type\" needs "
                               "\"Device\"\n");
        keys_done_section("Volume", &volume);
}
END_TEST

static Suite *suite(void) {
        Suite *s = suite_create("keys");
        TCase *tcase = tcase_create("keys");

        tcase_add_test(tcase, table);
        tcase_add_test(tcase, suggestions);
        tcase_add_test(tcase, systemd_keys);
        tcase_add_test(tcase, sections);
        tcase_add_test(tcase, foreign_sections);
        tcase_add_test(tcase, pairs);
        suite_add_tcase(s, tcase);
        return s;
}

int main(void) {
        return test_run(suite());
}
