/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Checkpoints of podman's: what is in their archives, hostile or not, and whether a container is
 * what podman's was. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "basic/files.h"
#include "basic/path.h"
#include "start/checkpoint/checkpoint-archive.h"
#include "start/checkpoint/checkpoint-store.h"
#include "start/checkpoint/podman/podman-dump.h"
#include "start/checkpoint/podman/podman-fit.h"
#include "start/checkpoint/podman/podman-parts.h"
#include "tests/unit/tar.h"

/* Archives */

static int unpack(const char *directory, const Text *tar, Diagnostics *diagnostics) {
        _cleanup_checkpoint_archive_ CheckpointArchive archive = {};
        _cleanup_close_ int in_fd = -EBADF, lock_fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        int r;

        ck_assert_int_eq(write_file_atomic_at(lock_fd, "archive", tar->data, tar->length, 0600), 0);
        in_fd = openat(lock_fd, "archive", O_RDONLY | O_CLOEXEC);
        r = checkpoint_archive_open(in_fd, "archive", diagnostics, &archive);
        if (r < 0)
                return r;
        ck_assert(archive.is_podmans);
        return checkpoint_archive_unpack_podmans(&archive, lock_fd, diagnostics);
}

static void begin(Text *tar) {
        tar_add(tar, &(TarEntry) { .path = "artifacts/", .type = '5' });
        tar_add(tar, &(TarEntry) { .path = "devshm-checkpoint.tar", .content = "shm" });
        tar_add(tar, &(TarEntry) { .path = "config.dump", .content = "{}" });
        tar_add(tar, &(TarEntry) { .path = "spec.dump", .content = "{}" });
        tar_add(tar, &(TarEntry) { .path = "checkpoint/", .type = '5' });
        tar_add(tar, &(TarEntry) { .path = "checkpoint/inventory.img", .content = "x", .uid = 7, .mode = 04777 });
}

START_TEST(a_whole_one) {
        _cleanup_test_directory_ char *directory = test_directory();
        _cleanup_free_ char *inventory = path_join(directory, "new/images/inventory.img");
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_text_ Text tar = {};
        struct stat st;

        begin(&tar);
        tar_add(&tar, &(TarEntry) { .path = "stats-dump", .content = "x" });
        tar_add(&tar, &(TarEntry) { .path = "rootfs-diff.tar", .content = "x" });
        tar_add(&tar, &(TarEntry) { .path = "volumes/data.tar", .content = "x" });
        tar_end(&tar);
        ck_assert_int_eq(unpack(directory, &tar, &diagnostics), 0);
        ck_assert_int_eq(stat(inventory, &st), 0);
        ck_assert_uint_eq(st.st_mode, S_IFREG | 0600);
        ck_assert_uint_eq(st.st_uid, 0);
        ck_assert(test_exists(directory, "new/podman/config.dump"));
        ck_assert(test_exists(directory, "new/podman/rootfs-diff.tar"));
        ck_assert(test_exists(directory, "new/podman/volumes/data.tar"));
        ck_assert(!test_exists(directory, "new/podman/stats-dump"));
        ck_assert(!test_exists(directory, "new/podman/artifacts"));
}
END_TEST

START_TEST(what_has_no_place) {
        static const TarEntry entries[] = {
                { .path = "evil" },
                { .path = "criu.conf" },
                { .path = "about.json" },
                { .path = "../evil" },
                { .path = "/evil" },
                { .path = "checkpoint/../../evil" },
                { .path = "checkpoint/below/evil" },
                { .path = "checkpoint/parent", .type = '2', .link = "../pre-checkpoint" },
                { .path = "checkpoint/evil", .type = '2', .link = "/etc/shadow" },
                { .path = "checkpoint/evil", .type = '1', .link = "checkpoint/inventory.img" },
                { .path = "checkpoint/evil", .type = '3', .major = 1, .minor = 3 },
                { .path = "spec.dump", .type = '2', .link = "/etc/shadow" },
                { .path = "spec.dump", .type = '5' },
                { .path = "spec.dump/evil" },
                { .path = "network.status", .type = '2', .link = "/etc/shadow" },
                { .path = "volumes/../evil" },
                { .path = "volumes/evil.tar", .type = '2', .link = "/etc/shadow" },
                { .path = "volumes/below/evil.tar" },
        };

        for (size_t i = 0; i < ARRAY_SIZE(entries); i++) {
                _cleanup_test_directory_ char *directory = test_directory();
                _cleanup_diagnostics_ Diagnostics diagnostics = {};
                _cleanup_text_ Text tar = {};

                begin(&tar);
                tar_add(&tar, &entries[i]);
                tar_end(&tar);
                ck_assert_msg(unpack(directory, &tar, &diagnostics) == -EREPORTED, "%s", entries[i].path);
                ck_assert_uint_eq(diagnostics.count, 1);
                ck_assert(!test_exists(directory, CHECKPOINT_NEW));
                ck_assert(!test_exists(directory, "evil"));
        }
}
END_TEST

START_TEST(a_part_of_one) {
        static const TarEntry entries[] = {
                { .path = "checkpoint/parent", .type = '2', .link = "../pre-checkpoint" },
                { .path = "pre-checkpoint/", .type = '5' },
        };

        for (size_t i = 0; i < ARRAY_SIZE(entries); i++) {
                _cleanup_test_directory_ char *directory = test_directory();
                _cleanup_diagnostics_ Diagnostics diagnostics = {};
                _cleanup_text_ Text tar = {};

                tar_add(&tar, &entries[i]);
                tar_end(&tar);
                ck_assert_int_eq(unpack(directory, &tar, &diagnostics), -EREPORTED);
                ck_assert_str_eq(diagnostics.items[0].message,
                                 "archive: a part of it is in an archive of podman's --pre-checkpoint; without "
                                 "--with-previous podman writes all of it into one");
        }
}
END_TEST

/* What podman says */

static void put(int fd, const char *name, const char *text) {
        ck_assert_int_eq(write_file_atomic_at(fd, name, text, strlen(text), 0600), 0);
}

static int read_dump(const char *config, const char *volume, Diagnostics *diagnostics, CheckpointAbout *about) {
        _cleanup_test_directory_ char *directory = test_directory();
        _cleanup_close_ int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        if (config)
                put(fd, PODMAN_CONFIG, config);
        ck_assert_int_eq(mkdirat(fd, PODMAN_VOLUMES, 0755), 0);
        if (volume)
                put(fd, volume, "");
        return podman_dump_read(fd, "archive", diagnostics, about);
}

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

START_TEST(what_it_is_of) {
        _cleanup_checkpoint_about_ CheckpointAbout about = { .runtime = strdup("crun") };
        _cleanup_diagnostics_ Diagnostics diagnostics = {};

        ck_assert_int_eq(read_dump("{\"name\":\"web\",\"rootfsImageID\":\"" ID "\",\"rootfsImageName\":\"a/b:c\","
                                   "\"runtime\":\"/opt/bin/runc\"}",
                                   PODMAN_VOLUMES "/data.tar", &diagnostics, &about),
                         0);
        ck_assert_str_eq(about.container, "web");
        ck_assert_str_eq(about.configuration, "sha256:" ID);
        ck_assert_str_eq(about.image, "a/b:c");
        ck_assert_str_eq(about.runtime, "runc");
        ck_assert_ptr_null(about.manifest);
        ck_assert_uint_eq(about.volumes.count, 1);
        ck_assert_str_eq(about.volumes.items[0], "data");
}
END_TEST

START_TEST(what_podman_does_not_say) {
        static const struct {
                const char *config, *volume, *message;
        } cases[] = {
                { NULL, NULL, "archive: the checkpoint in it is not whole" },
                { "[]", NULL, "archive: its \"config.dump\" is none of podman's" },
                { "null", NULL, "archive: its \"config.dump\" is none of podman's" },
                { "{", NULL, "archive: its \"config.dump\" is none of podman's" },
                { "{}", NULL, "archive: its \"config.dump\" is none of podman's" },
                { "{\"name\":\"a\\nb\"}", NULL, "archive: its \"config.dump\" is none of podman's" },
                { "{\"name\":\"a\",\"rootfsImageID\":\"../x\"}", NULL,
                  "archive: its \"config.dump\" is none of podman's" },
                { "{\"name\":\"a\",\"pod\":\"b\"}", NULL,
                  "archive: this is a checkpoint of a container in a pod, whose namespaces are others' as well" },
                { "{\"name\":\"a\"}", PODMAN_VOLUMES "/data", "archive: its \"volumes\" is none of podman's" },
                { "{\"name\":\"a\"}", PODMAN_VOLUMES "/-.tar", "archive: its \"volumes\" is none of podman's" },
        };

        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                _cleanup_checkpoint_about_ CheckpointAbout about = {};
                _cleanup_diagnostics_ Diagnostics diagnostics = {};

                ck_assert_int_eq(read_dump(cases[i].config, cases[i].volume, &diagnostics, &about), -EREPORTED);
                ck_assert_str_eq(diagnostics.items[0].message, cases[i].message);
        }
}
END_TEST

static void check_addresses(const char *text, const char *expected) {
        _cleanup_test_directory_ char *directory = test_directory();
        _cleanup_close_ int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_string_list_ StringList addresses = {};
        _cleanup_text_ Text found = {};

        if (text)
                put(fd, PODMAN_NETWORK, text);
        if (podman_dump_read_addresses(fd, "archive", &diagnostics, &addresses) < 0) {
                ck_assert_ptr_null(expected);
                ck_assert_str_eq(diagnostics.items[0].message, "archive: its \"network.status\" is none of podman's");
                return;
        }
        for (size_t i = 0; i < addresses.count; i++)
                text_appendf(&found, "%s ", addresses.items[i]);
        ck_assert_str_eq(found.data ?: "", expected);
}

START_TEST(which_addresses_it_had) {
        check_addresses(NULL, "");
        check_addresses("null", "");
        check_addresses("{}", "");
        check_addresses("{\"podman\":{\"interfaces\":{\"eth0\":{\"mac_address\":\"7e:1a:00:00:00:01\",\"subnets\":"
                        "[{\"gateway\":\"10.88.0.1\",\"ipnet\":\"10.88.0.5/16\"},{\"ipnet\":\"fd00::5/64\"}]}}},"
                        "\"other\":{\"interfaces\":{\"eth1\":{\"subnets\":[{\"ipnet\":\"10.90.0.2/24\"}]}}}}",
                        "10.88.0.5 fd00::5 10.90.0.2 ");
        check_addresses("[]", NULL);
        check_addresses("{\"podman\":{\"interfaces\":{\"eth0\":{\"subnets\":[{\"ipnet\":\"evil\"}]}}}}", NULL);
        check_addresses("{\"podman\":{\"interfaces\":{\"eth0\":{\"subnets\":[7]}}}}", NULL);
}
END_TEST

/* Comparison */

#define BEGIN(args, rest) "{\"process\":{\"args\":" args "}," rest
#define SPACES "\"linux\":{\"namespaces\":[{\"type\":\"network\"},{\"type\":\"pid\"}]}}"
#define DATA "{\"destination\":\"/data\",\"type\":\"bind\",\"source\":\"/x\"}"
#define PROC "{\"destination\":\"/proc\",\"type\":\"proc\"}"
#define HOSTS "{\"destination\":\"/etc/hosts\",\"source\":\"/y\",\"options\":[\"rbind\"]}"
#define LIMIT "{\"destination\":\"/sys/fs/cgroup/memory.max\",\"type\":\"bind\",\"source\":\"/z\"}"

static void check_fit(const char *theirs, const char *ours, const char *message) {
        _cleanup_test_directory_ char *directory = test_directory();
        _cleanup_close_ int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        int r;

        put(fd, CHECKPOINT_PODMANS, theirs);
        put(fd, "config.json", ours);
        r = podman_fit_check(fd, &(Bundle) { .fd = fd, .stem = (char[]) { "web" } }, &diagnostics);
        ck_assert_int_eq(r, message ? -EREPORTED : 0);
        if (message)
                ck_assert_str_eq(diagnostics.items[0].message, message);
}

START_TEST(what_has_to_be_the_same) {
        const char *whole = BEGIN("[\"sh\"]", "\"mounts\":[" DATA "," PROC "]," SPACES);

        check_fit(whole, whole, NULL);
        check_fit(whole, BEGIN("[\"sh\"]", "\"mounts\":[" HOSTS "," PROC "," DATA "," LIMIT "]," SPACES), NULL);
        check_fit(whole, BEGIN("[\"ash\"]", "\"mounts\":[" DATA "," PROC "]," SPACES),
                  "the checkpoint is of a container with another command than \"web\" has");
        check_fit(whole, BEGIN("[\"sh\"],\"terminal\":true", "\"mounts\":[" DATA "," PROC "]," SPACES),
                  "the checkpoint is of a container without a terminal, and \"web\" has one");
        check_fit(BEGIN("[\"sh\"],\"terminal\":true", "\"mounts\":[" DATA "," PROC "]," SPACES), whole,
                  "the checkpoint is of a container with a terminal, and \"web\" has none");
        check_fit(whole, BEGIN("[\"sh\"]", "\"mounts\":[" PROC "]," SPACES),
                  "the checkpoint is of a container with a mount on \"/data\", where \"web\" has none");
        check_fit(BEGIN("[\"sh\"]", "\"mounts\":[" PROC "]," SPACES), whole,
                  "the checkpoint is of a container without a mount on \"/data\", where \"web\" has one");
        check_fit(whole,
                  BEGIN("[\"sh\"]",
                        "\"mounts\":[{\"destination\":\"/data\",\"type\":\"tmpfs\"}," PROC "]," SPACES),
                  "the checkpoint is of a container whose \"/data\" is bound, and that of \"web\" is a file system of "
                  "its own");
        check_fit(BEGIN("[\"sh\"]", "\"mounts\":[" HOSTS "]," SPACES), BEGIN("[\"sh\"]", "\"mounts\":[]," SPACES),
                  "the checkpoint is of a container with a mount on \"/etc/hosts\", where \"web\" has none");
}
END_TEST

START_TEST(namespaces_have_to_be_alike) {
        const char *own = BEGIN("[]", SPACES);

        check_fit(own,
                  BEGIN("[]", "\"linux\":{\"namespaces\":[{\"type\":\"network\",\"path\":\"/x\"},"
                              "{\"type\":\"pid\"}]}}"),
                  "the checkpoint is of a container whose network namespace is one that is on no network, and that of "
                  "\"web\" is one that is on networks");
        check_fit(BEGIN("[]", "\"linux\":{\"namespaces\":[{\"type\":\"network\"}]}}"), own,
                  "the checkpoint is of a container whose pid namespace is the machine's, and that of \"web\" is one "
                  "of its own");
}
END_TEST

/* A hostile description says nothing that is not understood, or nothing at all. */
START_TEST(what_is_no_description) {
        static const char *const texts[] = {
                "{", "[]", "{\"mounts\":[7]}", "{\"mounts\":[{\"destination\":7}]}",
        };

        for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
                check_fit(texts[i], "{}",
                          "the checkpoint of \"web\" is not whole: how podman described it cannot be read; berth start "
                          "--fresh web forgets it");
        check_fit("{\"linux\":{\"namespaces\":[7,[],null]},\"process\":7,\"mounts\":{}}", "{}", NULL);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("checkpoint-podman");
        TCase *cases = tcase_create("checkpoint-podman");

        tcase_add_test(cases, what_it_is_of);
        tcase_add_test(cases, what_podman_does_not_say);
        tcase_add_test(cases, which_addresses_it_had);
        tcase_add_test(cases, what_has_to_be_the_same);
        tcase_add_test(cases, namespaces_have_to_be_alike);
        tcase_add_test(cases, what_is_no_description);
        /* What CRIU reads is given to root. */
        if (geteuid() == 0) {
                tcase_add_test(cases, a_whole_one);
                tcase_add_test(cases, what_has_no_place);
                tcase_add_test(cases, a_part_of_one);
        }
        suite_add_tcase(suite, cases);
        return test_run(suite);
}
