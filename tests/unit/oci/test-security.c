/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SELinux contexts and levels, and AppArmor's list of profiles, as texts: what a machine does with
 * them is for the guests to show. */
#include <errno.h>

#include "host/apparmor.h"
#include "host/label-levels.h"
#include "host/labels.h"
#include "kind/container/container-security.h"
#include "source/places.h"
#include "tests/unit/test.h"

START_TEST(contexts) {
        static const struct { const char *context, *type, *level, *made; } cases[] = {
                { "u:r:t:s0", NULL, NULL, "u:r:t:s0" },
                { "u:r:t:s0:c1,c2", "x_t", NULL, "u:r:x_t:s0:c1,c2" },
                { "u:r:t:s0-s0:c0.c1023", NULL, "s0:c4,c5", "u:r:t:s0:c4,c5" },
                { "u:r:t", "x", NULL, "u:r:x" },
                { "u:r:t", NULL, "s0", "u:r:t:s0" },
        };
        static const char *const none[] = { "", "u", "u:r" };
        _cleanup_free_ char *shared = NULL;
        char *made;

        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                ck_assert_int_eq(context_make(cases[i].context, cases[i].type, cases[i].level, &made), 0);
                ck_assert_str_eq(made, cases[i].made);
                free(made);
        }
        for (size_t i = 0; i < ARRAY_SIZE(none); i++)
                ck_assert_int_eq(context_make(none[i], "t", NULL, &made), -EINVAL);
        ck_assert_int_eq(context_make_shared("u:object_r:f_t:s0:c1,c2", &shared), 0);
        ck_assert_str_eq(shared, "u:object_r:f_t:s0");
}
END_TEST

START_TEST(contexts_of_a_policy) {
        FactLabels labels = {};

        ck_assert_int_eq(lxc_contexts_parse("# process = \"no\"\n\n  process = "
                                            "\"u:r:container_t:s0\"\r\nfile=\"u:object_r:f_t:s0\"\nnonsense\n=\n"
                                            "init_process\t=\t\"u:r:init_t:s0\"\nro_file = "
                                            "\"u:object_r:ro_t:s0\"\nkvm_process = \"\"\nprocesses = \"x\"",
                                            &labels),
                         0);
        ck_assert_str_eq(labels.process, "u:r:container_t:s0");
        ck_assert_str_eq(labels.file, "u:object_r:f_t:s0");
        ck_assert_str_eq(labels.init_process, "u:r:init_t:s0");
        ck_assert_ptr_null(labels.kvm_process);
        fact_labels_done(&labels);
}
END_TEST

START_TEST(contexts_of_no_policy) {
        static const char *const texts[] = { "", "process", "process = \"u:r:t\"", "file = \"u:r:t\"\n",
                                             "process =\nfile = \"\"\n" };
        FactLabels labels = {};

        for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
                ck_assert_int_eq(lxc_contexts_parse(texts[i], &labels), -ENOENT);
        ck_assert_ptr_null(labels.process);
}
END_TEST

START_TEST(levels) {
        _cleanup_free_ char *web = label_level_preferred("web"), *again = label_level_preferred("web"),
                            *other = label_level_preferred("web2");

        ck_assert_str_eq(web, again);
        ck_assert_str_ne(web, other);
        for (unsigned i = 0; i < 5000; i++) {
                _cleanup_free_ char *name = text_format("container-%u", i), *level = label_level_preferred(name);
                unsigned first, second;
                int end = 0;

                ck_assert_int_eq(sscanf(level, "s0:c%u,c%u%n", &first, &second, &end), 2);
                ck_assert_int_eq(level[end], '\0');
                ck_assert_uint_lt(first, second);
                ck_assert_uint_lt(second, 1022);
        }
}
END_TEST

START_TEST(levels_of_a_user) {
        _cleanup_free_ char *of_system = label_level_preferred("web"), *of_user = NULL, *again = NULL;

        ck_assert_int_eq(setenv("HOME", "/home/x", 1), 0);
        ck_assert_int_eq(setenv("XDG_RUNTIME_DIR", "/run/user/7", 1), 0);
        ck_assert_int_eq(places_choose(SCOPE_USER), 0);
        of_user = label_level_preferred("web");
        again = label_level_preferred("web");
        ck_assert_str_ne(of_user, of_system);
        ck_assert_str_eq(of_user, again);
        ck_assert_int_eq(places_choose(SCOPE_SYSTEM), 0);
}
END_TEST

/* The effects are written by us alone, but a damaged line shall remove nothing. */
START_TEST(damaged_levels) {
        ck_assert_int_eq(label_level_release("../bundles", "web"), -EBADMSG);
        ck_assert_int_eq(label_level_release("s0:c1/../../x", "web"), -EBADMSG);
        ck_assert_int_eq(label_level_release("", "web"), -EBADMSG);
}
END_TEST

START_TEST(paths_of_the_system) {
        static const char *const kept[] = {
                "/",
                "/etc",
                "/boot/efi/EFI",
                "/dev/shm",
                "/efi",
                "/lib64/ld-linux-x86-64.so.2",
                "/proc/self",
                "/usr",
                "/usr/bin",
                "/usr/share/web",
                "/etc/apt/sources.list.d",
                "/etc/cron.daily",
                "/etc/default/grub",
                "/etc/group-",
                "/etc/hosts",
                "/etc/ld.so.conf.d/x.conf",
                "/etc/modprobe.d",
                "/etc/passwd",
                "/etc/pki/tls/private",
                "/etc/profile.d/x.sh",
                "/etc/resolv.conf",
                "/etc/shadow",
                "/etc/ssh/keys",
                "/etc/ssl/certs",
                "/etc/sudoers.d",
                "/etc/sysctl.d",
                "/etc/systemd/system/x.service",
                "/etc/berth/web.container",
                "/home",
                "/home/web",
                "/home/web/.ssh/authorized_keys",
                "/root",
                "/root/.ssh",
                "/run/berth/bundles/web",
                "/run/systemd/private",
                "/run/user/1000",
                "/var/lib",
                "/var/lib/berth",
                "/var/lib/containers/storage/overlay-images",
                "/var/lib/dpkg/info",
                "/var/lib/rpm",
                "/var/lib/selinux",
                "/var/lib/systemd/random-seed",
                "/var/log",
                "/var/log/journal/x",
                "/var/spool/cron/crontabs",
        };
        static const char *const others[] = {
                "",
                "/data",
                "/etc/caddy",
                "/etc/hostapd",
                "/etc/letsencrypt/live",
                "/etc/nginx/conf.d",
                "/etc/opt/web",
                "/etc/rclone",
                "/etc/web",
                "/etcetera",
                "/home/web/data",
                "/library",
                "/home/web/.config/web",
                "/mnt/disk",
                "/opt/web",
                "/root/web",
                "/run/user/1000/podman/podman.sock",
                "/run/web",
                "/srv/etc",
                "/srv/usr",
                "/var/lib/berth/volumes/web/_data",
                "/var/lib/containers/storage/volumes/web/_data",
                "/var/lib/mysql",
                "/var/lib/web",
                "/var/log/nginx",
                "/var/www",
        };

        for (size_t i = 0; i < ARRAY_SIZE(kept); i++) {
                ck_assert_msg(path_keeps_label(kept[i]), "%s", kept[i]);
                ck_assert_msg(path_keeps_owner(kept[i]), "%s", kept[i]);
        }
        for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
                bool all_of_it = path_is_below(others[i], "/etc") || path_is_below(others[i], "/root");

                ck_assert_msg(!path_keeps_label(others[i]), "%s", others[i]);
                ck_assert_msg(path_keeps_owner(others[i]) == all_of_it, "%s", others[i]);
        }
}
END_TEST

static bool list_has(const char *list, const char *profile, const char *expected_nearest) {
        _cleanup_free_ char *text = strdup(list);
        const char *nearest = NULL;
        bool has;

        ck_assert_ptr_nonnull(text);
        has = apparmor_list_has(text, profile, &nearest);
        ck_assert_str_eq(nearest ?: "", expected_nearest);
        return has;
}

START_TEST(profiles) {
        static const char list[] =
                        "berth-default (enforce)\n/usr/bin/man (complain)\nwith (brackets) (unconfined)\ncut (of";

        ck_assert(list_has(list, "berth-default", ""));
        ck_assert(list_has(list, "/usr/bin/man", ""));
        ck_assert(list_has(list, "with (brackets)", ""));
        ck_assert(list_has(list, "cut", ""));
        ck_assert(!list_has(list, "berth", ""));
        ck_assert(!list_has(list, "berth-defualt", "berth-default"));
        ck_assert(!list_has("", "berth-default", ""));
        ck_assert(!list_has("\n\n(\n", "berth-default", ""));
}
END_TEST

int main(void) {
        Suite *suite = suite_create("security");
        TCase *tests = tcase_create("security");

        tcase_add_test(tests, contexts);
        tcase_add_test(tests, contexts_of_a_policy);
        tcase_add_test(tests, contexts_of_no_policy);
        tcase_add_test(tests, levels);
        tcase_add_test(tests, levels_of_a_user);
        tcase_add_test(tests, damaged_levels);
        tcase_add_test(tests, paths_of_the_system);
        tcase_add_test(tests, profiles);
        suite_add_tcase(suite, tests);
        return test_run(suite);
}
