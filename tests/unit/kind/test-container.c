/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <errno.h>
#include <signal.h>

#include "kind/container/container-controllers.h"
#include "kind/container/container-load.h"
#include "kind/image.h"
#include "kind/network.h"
#include "kind/pod.h"
#include "kind/references.h"

static const SpecifierContext specifiers = { .stem = "web@a",
                                             .unit_name = "container@web@a.service",
                                             .path = "/etc/berth/web@.container" };

static void read_text(const char *name, const char *text, UnitFile *unit) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};

        ck_assert_int_eq(unit_file_read(unit, text, strlen(text), name, &diagnostics), 0);
        ck_assert_uint_eq(diagnostics.count, 0);
}

/* Loads a file and, when `drop_in` is not NULL, one that is read after it. */
static Container *load(const char *text, const char *drop_in, Diagnostics *diagnostics) {
        Container *container = NULL;
        UnitFile unit = {};

        read_text("f", text, &unit);
        if (drop_in)
                read_text("g", drop_in, &unit);
        ck_assert_int_eq(container_load(&unit, &specifiers, diagnostics, &container), 0);
        ck_assert(unit.count == 0 && !unit.entries);
        return container;
}

static void assert_diagnostics(Diagnostics *diagnostics, const char *expected) {
        _cleanup_free_ char *said = test_diagnostics(diagnostics);

        ck_assert_str_eq(said, expected);
}

static void expect_auto_update(const char *lines, AutoUpdate expected) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_free_ char *text = text_format("[Container]\nImage=docker.io/library/a:1\n%s", lines);
        _cleanup_container_ Container *container = load(text, NULL, &diagnostics);

        assert_diagnostics(&diagnostics, "");
        ck_assert_int_eq(container->auto_update, expected);
}

/* Podman keeps AutoUpdate= as a label, and so do files that were written before there was the key. */
START_TEST(auto_update_by_its_label) {
        expect_auto_update("Label=io.containers.autoupdate=registry\n", AUTO_UPDATE_REGISTRY);
        expect_auto_update("Label=io.containers.autoupdate=image\n", AUTO_UPDATE_REGISTRY);
        expect_auto_update("Label=io.containers.autoupdate=local\n", AUTO_UPDATE_LOCAL);
        expect_auto_update("Label=io.containers.autoupdate=disabled\n", AUTO_UPDATE_NO);
        expect_auto_update("Label=io.containers.autoupdate.authfile=/a\n", AUTO_UPDATE_NO);
        expect_auto_update("AutoUpdate=local\nLabel=io.containers.autoupdate=registry\n", AUTO_UPDATE_LOCAL);
}
END_TEST

START_TEST(loading) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_container_ Container *container = load(
                        "[Container]\nRootfs=/srv/%i\nVolume=/a:/a\nVolume=./b:/"
                        "b\n[Quadlet]\nDefaultDependencies=no\n[Service]\nRestart=always\n",
                        "[Container]\nVolume=/c:/c\nExec=/bin/true\n", &diagnostics);

        assert_diagnostics(&diagnostics, "");
        ck_assert_str_eq(container->rootfs.path, "/srv/a");
        ck_assert_uint_eq(container->volumes.count, 3);
        ck_assert_str_eq(container->volumes.items[1].source, "/etc/berth/b");
        ck_assert_str_eq(container->volumes.items[2].where.file, "g");
        ck_assert_str_eq(container->stem, "web@a");
        ck_assert_str_eq(container->unit_name, "container@web@a.service");
        ck_assert_str_eq(container->path, "/etc/berth/web@.container");
        ck_assert_int_eq(container->default_dependencies, NO);
        ck_assert_uint_eq(container_where(container, KEY_Container_Rootfs).line, 2);
        ck_assert_ptr_null(container_where(container, KEY_Container_Image).file);
        ck_assert_uint_eq(container->unit.count, 7);
}
END_TEST

START_TEST(faults_do_not_stop_the_rest) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_container_ Container *container = load("[Container]\nRootfs=srv\nExec=\"a\nReadOnly=x\nMemory=1g\n",
                                                        NULL, &diagnostics);

        container_check(container, &diagnostics);
        assert_diagnostics(&diagnostics,
                "f:2:8: error: a root file system must be an absolute path, not \"srv\"\n"
                "f:3:6: warning: unclosed quote: it ends with the value\n"
                "f:4:10: error: \"ReadOnly\" must be a boolean, not \"x\"\n");
        ck_assert_uint_eq(container->memory_bytes, UINT64_C(1) << 30);
}
END_TEST

static void assert_command(const char *text, const char *expected) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_container_ Container *container = load(text, NULL, &diagnostics);
        _cleanup_free_ const char **command = NULL;
        _cleanup_text_ Text all = {};

        ck_assert_int_eq(container_command(container, &command), 0);
        for (size_t i = 0; command[i]; i++)
                text_appendf(&all, "%s|", command[i]);
        ck_assert_str_eq(all.data ? all.data : "", expected);
}

START_TEST(commands) {
        assert_command("[Container]\nExec=a b\n", "a|b|");
        assert_command("[Container]\nEntrypoint=c\nExec=a b\n", "c|a|b|");
        assert_command("[Container]\nEntrypoint=[\"c\", \"d e\"]\n", "c|d e|");
        assert_command("[Container]\n", "");
}
END_TEST

START_TEST(systemd) {
        static const struct { const char *text; bool runs; int signal; } cases[] = {
                { "[Container]\nExec=/sbin/init\n", true, 0 },
                { "[Container]\nExec=init 3\n", true, 0 },
                { "[Container]\nEntrypoint=/usr/lib/systemd/systemd\nExec=a\n", true, 0 },
                { "[Container]\nEntrypoint=/bin/sh\nExec=/sbin/init\n", false, SIGTERM },
                { "[Container]\nExec=/sbin/init\nSystemd=no\n", false, SIGTERM },
                { "[Container]\nExec=/bin/sh\nSystemd=always\n", true, 0 },
                { "[Container]\nExec=/opt/init\n", false, SIGTERM },
                { "[Container]\n", false, SIGTERM },
                { "[Container]\nExec=/sbin/init\nStopSignal=INT\n", true, SIGINT },
        };

        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                _cleanup_diagnostics_ Diagnostics diagnostics = {};
                _cleanup_container_ Container *container = load(cases[i].text, NULL, &diagnostics);

                ck_assert_int_eq(container_runs_systemd(container), cases[i].runs);
                ck_assert_int_eq(container_stop_signal(container), cases[i].signal ? cases[i].signal : SIGRTMIN + 3);
        }
}
END_TEST

/* The later of two is where a fault is reported, whatever the order of the keys in the table. */
START_TEST(order) {
        _cleanup_diagnostics_ Diagnostics first = {}, second = {};
        _cleanup_container_ Container *a = load("[Container]\nRootfs=/a\nExec=x\nTmpfs=/d\n",
                                                "[Container]\nImage=q.io/b\nVolume=/x:/d\n", &first),
                                      *b = load("[Container]\nImage=q.io/b\nVolume=/x:/d\n",
                                                "[Container]\nRootfs=/a\nExec=x\nTmpfs=/d\n", &second);

        container_check(a, &first);
        assert_diagnostics(&first, "g:2:1: error: \"Image\" and \"Rootfs\" exclude each other\n"
                                   "g:3:8: error: there is another mount on \"/d\" already\n");
        container_check(b, &second);
        assert_diagnostics(&second, "g:2:1: error: \"Image\" and \"Rootfs\" exclude each other\n"
                                    "g:4:7: error: there is another mount on \"/d\" already\n");
}
END_TEST

START_TEST(resets) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_container_ Container *container = load(
                        "[Container]\nImage=q.io/x\nVolume=data:/d\nGroup=g\nExec=/bin/true\n",
                        "[Container]\nImage=\nRootfs=/a\nVolume=\nGroup=\n", &diagnostics);

        container_check(container, &diagnostics);
        container_check_supported(container, &diagnostics);
        assert_diagnostics(&diagnostics, "");
        ck_assert(!container->image && !container->group && container->volumes.count == 0);
}
END_TEST

START_TEST(references) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_container_ Container *container = load(
                "[Unit]\nAfter=other@x.container gone.volume network.target\n"
                "[Container]\nRootfs=/a\nNetwork=lan.network other@b.container lam.network\nVolume=masked.volume:/d\n",
                NULL, &diagnostics);
        /* By type and stem, as a scan gives them. */
        Source items[] = {
                { .type = FILE_CONTAINER, .stem = (char[]) { "other@" } },
                { .type = FILE_VOLUME, .stem = (char[]) { "masked" }, .masked = true },
                { .type = FILE_NETWORK, .stem = (char[]) { "lan" } },
        };
        const Sources sources = { .items = items, .count = ARRAY_SIZE(items) };

        container_check_references(container, &sources, &diagnostics);
        diagnostics_sort(&diagnostics);
        assert_diagnostics(&diagnostics,
                "f:2:25: warning: there is no \"gone.volume\"\n"
                "f:5:39: error: there is no \"lam.network\"; did you mean \"lan.network\"?\n"
                "f:6:8: error: \"masked.volume\" is masked\n");
}
END_TEST

START_TEST(limits_without_controllers) {
        static const char *const text =
                "[Container]\nRootfs=/a\nMemory=1g\nPidsLimit=5\n"
                "[Service]\nMemoryHigh=1G\nCPUQuota=50%\nCPUQuota=60%\nAllowedCPUs=0\nAllowedCPUs=\nTasksMax=infinity\n"
                "StartupIOWeight=9\nCPUAccounting=yes\n";
        static const char *const none =
                "[Container]\nRootfs=/a\nMemory=0\nPidsLimit=-1\n[Service]\nMemoryMax=infinity\n";
        _cleanup_diagnostics_ Diagnostics diagnostics = {}, quiet = {};
        _cleanup_container_ Container *container = load(text, NULL, &diagnostics), *other = load(none, NULL, &quiet);
        _cleanup_controllers_ Controllers controllers = {};

        container_check_controllers(other, &controllers, &quiet);
        assert_diagnostics(&quiet, "");
        ck_assert_int_eq(string_list_add(&controllers.of_machine, "cpu"), 0);
        ck_assert_int_eq(string_list_add(&controllers.of_machine, "memory"), 0);
        ck_assert_int_eq(string_list_add(&controllers.delegated, "memory"), 0);
        container_check_controllers(container, &controllers, &diagnostics);
        diagnostics_sort(&diagnostics);
        assert_diagnostics(&diagnostics,
                "f:4:1: warning: \"PidsLimit\" has no effect: this machine has no controller \"pids\" "
                "(/sys/fs/cgroup/cgroup.controllers)\n"
                "f:8:1: warning: \"CPUQuota\" in [Service] has no effect: the controller \"cpu\" is not delegated to "
                "the user's service manager; for all controllers, root can write Delegate=yes to [Service] of a "
                "drop-in (systemctl edit user@.service), which counts when the user's manager is started again\n"
                "f:12:1: warning: \"StartupIOWeight\" in [Service] has no effect: this machine has no controller "
                "\"io\" (/sys/fs/cgroup/cgroup.controllers)\n");
}
END_TEST

START_TEST(other_files) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_network_ Network *network = NULL;
        _cleanup_volume_ Volume *volume = NULL;
        _cleanup_image_ Image *image = NULL;
        _cleanup_pod_ Pod *pod = NULL;
        UnitFile unit = {};

        read_text("v", "[Volume]\nDevice=/dev/x\nType=ext4\n", &unit);
        ck_assert_int_eq(volume_load(&unit, &specifiers, &diagnostics, &volume), 0);
        ck_assert_str_eq(volume->type, "ext4");
        read_text("n", "[Network]\nSubnet=10.0.0.0/24\nGateway=10.0.0.1\n", &unit);
        ck_assert_int_eq(network_load(&unit, &specifiers, &diagnostics, &network), 0);
        ck_assert_str_eq(network->gateways.items[0], "10.0.0.1");
        read_text("i", "[Image]\nImage=quay.io/alpine\n", &unit);
        ck_assert_int_eq(image_load(&unit, &specifiers, &diagnostics, &image), 0);
        ck_assert_str_eq(image->image, "quay.io/alpine:latest");
        read_text("p", "[Pod]\nPodName=%p\n", &unit);
        ck_assert_int_eq(pod_load(&unit, &specifiers, &diagnostics, &pod), 0);
        ck_assert_str_eq(pod->pod_name, "web");
        assert_diagnostics(&diagnostics, "");
}
END_TEST

static Suite *suite(void) {
        Suite *s = suite_create("container");
        TCase *tcase = tcase_create("container");

        tcase_add_test(tcase, loading);
        tcase_add_test(tcase, auto_update_by_its_label);
        tcase_add_test(tcase, faults_do_not_stop_the_rest);
        tcase_add_test(tcase, commands);
        tcase_add_test(tcase, systemd);
        tcase_add_test(tcase, order);
        tcase_add_test(tcase, resets);
        tcase_add_test(tcase, references);
        tcase_add_test(tcase, limits_without_controllers);
        tcase_add_test(tcase, other_files);
        suite_add_tcase(s, tcase);
        return s;
}

int main(void) {
        return test_run(suite());
}
