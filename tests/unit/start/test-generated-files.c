/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Generated files: the texts, and where in a root file system, which may be hostile, they find a
 * place. */
#include "host/mount-point.h"
#include "host/users.h"
#include "kind/container/container-load.h"
#include "oci/example-facts.h"
#include "start/generated-files.h"
#include "start/hosts-file.h"
#include "start/resolv-conf.h"
#include "start/time-zone.h"
#include "tests/unit/test.h"

static char *root;
static int root_fd = -EBADF;

static void set_up(void) {
        root = test_directory();
        root_fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
        ck_assert_int_ge(root_fd, 0);
}

static void tear_down(void) {
        root_fd = fd_close(root_fd);
        test_directory_done(&root);
}

static void put(const char *path, const char *text) {
        test_write(root, path, text);
}

static StringList list_of(const char *words) {
        StringList list = {};

        ck_assert_int_eq(string_list_add_split(&list, words, strlen(words), " "), 0);
        return list;
}

START_TEST(splitting) {
        _cleanup_string_list_ StringList list = {};

        ck_assert_int_eq(string_list_add_split(&list, ",,a,,b,", 7, ","), 0);
        ck_assert_int_eq(string_list_add_split(&list, "c dxyz", 3, " "), 0); /* no further than told */
        ck_assert_int_eq(string_list_add_split(&list, "e\0f", 3, ","), 0);
        ck_assert_int_eq(string_list_add_split(&list, "", 0, ","), 0);
        ck_assert_uint_eq(list.count, 5);
        ck_assert_str_eq(list.items[0], "a");
        ck_assert_str_eq(list.items[1], "b");
        ck_assert_str_eq(list.items[3], "d");
        ck_assert_str_eq(list.items[4], "e");
}
END_TEST

/* Texts */

static void expect_hosts(const char *base, const char *added, const char *own, const char *expected) {
        _cleanup_string_list_ StringList added_list = list_of(added), own_list = list_of(own);
        HostsRequest request = { .base = base,
                                 .added = &added_list,
                                 .gateway = "10.0.0.254",
                                 .own_addresses = &(StringList) {},
                                 .neighbours = &(StringList) {},
                                 .own_names = own_list };
        _cleanup_free_ char *text = NULL;

        ck_assert_int_eq(hosts_file_text(&request, &text), 0);
        ck_assert_str_eq(text, expected);
}

START_TEST(hosts_text) {
        expect_hosts("", "", "", "127.0.0.1\tlocalhost\n::1\tlocalhost\n");
        expect_hosts("127.0.0.1 localhost\n", "", "web", "127.0.0.1\tlocalhost\n127.0.0.1\tweb\n");
        expect_hosts("127.0.0.1 localhost", "", "web other web", "127.0.0.1\tlocalhost\n127.0.0.1\tweb other\n");
        expect_hosts("  ::1\tlocalhost   ip6 # a comment\r\n# 1.2.3.4 commented\n\n1.2.3.4\nlast", "", "",
                     "::1\tlocalhost ip6\n");
        /* What has an entry gets no other. */
        expect_hosts("127.0.0.1 localhost web\n", "", "web", "127.0.0.1\tlocalhost web\n");
        expect_hosts("127.0.0.1 localhost\n", "web:10.0.0.1", "web", "10.0.0.1\tweb\n127.0.0.1\tlocalhost\n");
        /* A name that is added is taken from the machine's entries, and only from those. */
        expect_hosts("127.0.0.1 localhost\n::1 localhost\n10.0.0.9 db db.lan\n10.0.0.8 db\n",
                     "db:10.0.0.1 a;db:fd00::1", "",
                     "10.0.0.1\tdb\nfd00::1\ta db\n127.0.0.1\tlocalhost\n::1\tlocalhost\n10.0.0.9\tdb.lan\n");
        expect_hosts("127.0.0.1 localhost\n", "host:host-gateway", "", "10.0.0.254\thost\n127.0.0.1\tlocalhost\n");
}
END_TEST

/* Of others on its networks, those names that nobody else has. */
START_TEST(hosts_of_neighbours) {
        _cleanup_string_list_ StringList added = list_of("store:10.9.9.9"), own = list_of("web"), neighbours = {};
        HostsRequest request = { .base = "127.0.0.1 localhost\n",
                                 .added = &added,
                                 .own_addresses = &(StringList) {},
                                 .neighbours = &neighbours,
                                 .own_names = own };
        _cleanup_free_ char *text = NULL;

        ck_assert_int_eq(string_list_add(&neighbours, "10.0.0.2 db store"), 0);
        ck_assert_int_eq(string_list_add(&neighbours, "10.0.0.3 web"), 0);
        ck_assert_int_eq(string_list_add(&neighbours, "fd00::4 cache web"), 0);
        ck_assert_int_eq(hosts_file_text(&request, &text), 0);
        ck_assert_str_eq(text, "10.9.9.9\tstore\n127.0.0.1\tlocalhost\n127.0.0.1\tweb\n"
                               "10.0.0.2\tdb\nfd00::4\tcache\n");
}
END_TEST

static void expect_joined(const char *base, const char *added, const char *own, int result, const char *expected) {
        _cleanup_string_list_ StringList added_list = list_of(added), own_list = list_of(own);
        HostsRequest request = { .base = base, .added = &added_list, .own_names = own_list };
        _cleanup_free_ char *text = NULL;

        ck_assert_int_eq(hosts_file_joined(&request, &text), result);
        if (result == 0)
                ck_assert_str_eq(text, expected);
}

START_TEST(hosts_of_another) {
        expect_joined("127.0.0.1\tlocalhost\n", "", "side", 0, "127.0.0.1\tside\n");
        expect_joined("127.0.0.1\tlocalhost\n10.0.0.254\thost.containers.internal h\n", "a;b:10.0.0.1 m:host-gateway",
                      "side", 0, "10.0.0.1\ta b\n10.0.0.254\tm\n127.0.0.1\tside\n");
        /* Once, however often it starts. */
        expect_joined("10.0.0.1\ta b\n127.0.0.1\tside\n", "a;b:10.0.0.1", "side", 0, "");
        expect_joined("10.0.0.1\ta b\n127.0.0.1\tsid", "a;b:10.0.0.1", "side", 0, "\n127.0.0.1\tside\n");
        expect_joined("10.0.0.9\tbase\n", "", "base side", 0, "127.0.0.1\tside\n");
        expect_joined("", "m:host-gateway", "", -ENOKEY, NULL);
        expect_joined("", "m:10.0.0.1", "", 0, "10.0.0.1\tm\n");
}
END_TEST

static void expect_resolver(const char *base, bool host_network, const char *servers, const char *search,
                            const char *options, const char *expected) {
        _cleanup_string_list_ StringList server_list = list_of(servers), search_list = list_of(search),
                                         option_list = list_of(options);
        ResolvConfRequest request = {
                .base = base,
                .servers = &server_list,
                .search = &search_list,
                .options = &option_list,
                .host_network = host_network,
        };
        _cleanup_free_ char *text = NULL;

        ck_assert_int_eq(resolv_conf_text(&request, &text), 0);
        ck_assert_str_eq(text, expected);
}

#define STUB "# the stub\nnameserver 127.0.0.53\noptions edns0 trust-ad\nsearch lan\n"
#define PUBLIC                                                                                                         \
        "nameserver 8.8.8.8\nnameserver 8.8.4.4\nnameserver 2001:4860:4860::8888\nnameserver 2001:4860:4860::8844\n"

START_TEST(resolver_of_the_machine) {
        expect_resolver(STUB, true, "", "", "", STUB);
        expect_resolver("", true, "", "", "", "");
        expect_resolver(STUB, true, "10.0.0.1", "", "", "search lan\nnameserver 10.0.0.1\noptions edns0 trust-ad\n");
        expect_resolver(STUB, true, "", "a.org b.org", "",
                        "search a.org b.org\nnameserver 127.0.0.53\noptions edns0 trust-ad\n");
        expect_resolver(STUB, true, "", "", "ndots:1", "search lan\nnameserver 127.0.0.53\noptions ndots:1\n");
        expect_resolver(STUB, true, "", ".", "", "nameserver 127.0.0.53\noptions edns0 trust-ad\n");
        /* The last of search and domain counts, options add up, and what is no line of either stays
         * out. */
        expect_resolver("search a b\ndomain c d\n; options no\nnameserver\nsortlist 1.2.3.4\noptions x\noptions y\n  "
                        "nameserver 10.0.0.2 rest",
                        true, "", "", "",
                        "search a b\ndomain c d\n; options no\nnameserver\nsortlist 1.2.3.4\noptions x\noptions y\n  "
                        "nameserver 10.0.0.2 rest");
        expect_resolver("search a b\ndomain c d\n;options no\nnameserver\nsortlist 1.2.3.4\noptions x\noptions y\n  "
                        "nameserver 10.0.0.2 rest",
                        false, "", "", "", "search c\nnameserver 10.0.0.2\noptions x y\n");
}
END_TEST

START_TEST(resolver_of_a_private_network) {
        expect_resolver(STUB, false, "", "", "", "search lan\n" PUBLIC "options edns0 trust-ad\n");
        expect_resolver("nameserver ::1\nnameserver 127.1.2.3\nnameserver 10.0.0.2\n", false, "", "", "",
                        "nameserver 10.0.0.2\n");
        /* what the file says is so */
        expect_resolver("nameserver 127.0.0.1", false, "127.0.0.1", "", "", "nameserver 127.0.0.1\n");
        expect_resolver("", false, "", "", "", PUBLIC);
}
END_TEST

START_TEST(passwd_entries) {
        _cleanup_free_ char *passwd = NULL, *group = NULL, *home = NULL, *none = NULL;

        ck_assert_int_eq(users_add_user(root_fd, 5, 0, "/", &none), 1);
        ck_assert_str_eq(none, "5:*:5:0:container user:/:/bin/sh\n");
        put("etc/passwd", "root:x:0:0:root:/root:/bin/sh\nbroken:x:5\nlast:x:7:7::/:/bin/sh");
        put("etc/group", "root:x:0:\n");
        ck_assert_int_eq(users_add_user(root_fd, 0, 0, "/", &passwd), 0);
        ck_assert_int_eq(users_add_user(root_fd, 7, 0, "/", &passwd), 0);
        ck_assert_ptr_null(passwd);
        ck_assert_int_eq(users_add_user(root_fd, 5, 6, "/srv", &passwd), 1);
        ck_assert_str_eq(passwd, "root:x:0:0:root:/root:/bin/sh\nbroken:x:5\nlast:x:7:7::/:/bin/sh\n5:*:5:6:container "
                                 "user:/srv:/bin/sh\n");
        /* no other entry by way of a name */
        ck_assert_int_eq(users_add_user(root_fd, 4294967294, 6, "/a:b\nroot::0:0", &home), 1);
        ck_assert_ptr_nonnull(endswith(home, "\n4294967294:*:4294967294:6:container user:/:/bin/sh\n"));
        ck_assert_int_eq(users_add_group(root_fd, 0, &group), 0);
        ck_assert_int_eq(users_add_group(root_fd, 6, &group), 1);
        ck_assert_str_eq(group, "root:x:0:\n6:*:6:\n");
}
END_TEST

START_TEST(passwd_that_is_no_file) {
        char *text;

        put("etc/x", "");
        ck_assert_int_eq(mkfifoat(root_fd, "etc/passwd", 0644), 0); /* must not block */
        ck_assert_int_eq(users_add_user(root_fd, 5, 6, "/", &text), -EINVAL);
        ck_assert_int_eq(mkdirat(root_fd, "etc/group", 0755), 0);
        ck_assert_int_eq(users_add_group(root_fd, 5, &text), -EISDIR);
}
END_TEST

START_TEST(zones_that_are_not_there) {
        size_t size;
        char *data;

        ck_assert_int_eq(time_zone_read("Nowhere/At_All", &data, &size), -ENOENT);
        ck_assert_int_eq(time_zone_read(".", &data, &size) == -EBADMSG || access("/usr/share/zoneinfo", F_OK) < 0,
                         true);
}
END_TEST

/* Places */

/* The Container of a file with these further lines. */
static Container *load(const char *lines) {
        SpecifierContext context = { .stem = "web", .unit_name = "container@web.service", .path = "/x/web.container" };
        _cleanup_free_ char *text = text_format("[Container]\nRootfs=%s\nExec=/bin/true\n%s", root, lines);
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_unit_file_ UnitFile unit = {};
        Container *container = NULL;

        ck_assert_int_eq(unit_file_read(&unit, text, strlen(text), "web.container", &diagnostics), 0);
        ck_assert_int_eq(container_load(&unit, &context, &diagnostics, &container), 0);
        ck_assert_uint_eq(diagnostics.errors, 0);
        return container;
}

/* NULL: there is no place. */
static void expect_place(const char *lines, const char *path, const char *expected) {
        _cleanup_container_ Container *container = load(lines);
        _cleanup_free_ char *place = NULL;
        const Facts facts = {};

        ck_assert_int_eq(mount_point_find(container, root_fd, &facts, path, &place), expected ? 1 : 0);
        if (expected)
                ck_assert_str_eq(place, expected);
}

START_TEST(places) {
        put("etc/there", "");
        test_link(root, "etc/link", "/run/missing/file");
        test_link(root, "etc/up", "../../../../etc/there");
        test_link(root, "loop", "loop");
        test_link(root, "etc/proc", "/proc/sys/kernel/core_pattern");
        test_link(root, "etc/null", "../dev/null");
        test_link(root, "etc/root", "/");
        ck_assert_int_eq(mkdirat(root_fd, "etc/directory", 0755), 0);
        ck_assert_int_eq(mkfifoat(root_fd, "etc/fifo", 0644), 0);
        expect_place("", "/etc/there", "/etc/there");
        expect_place("", "/etc/missing", "/etc/missing");
        expect_place("", "/etc/link", "/run/missing/file");
        expect_place("", "/etc/up", "/etc/there");
        expect_place("", "/loop", NULL);
        expect_place("", "/loop/x", NULL);
        expect_place("", "/etc/proc", NULL);
        expect_place("", "/etc/null", NULL);
        expect_place("", "/etc/root", NULL);
        expect_place("", "/etc/directory", NULL);
        expect_place("", "/etc/fifo", NULL);
        expect_place("", "/etc/there/below", NULL);
}
END_TEST

START_TEST(places_below_mounts) {
        _cleanup_test_directory_ char *data = test_directory();
        _cleanup_free_ char *volume = text_format("Volume=%s:/etc\n", data),
                            *file = text_format("Volume=%s/there:/etc/hosts\n", data);

        test_write(data, "there", "");
        test_link(data, "link", "there");
        expect_place(volume, "/etc/there", "/etc/there");
        expect_place(volume, "/etc/link", NULL);
        expect_place(volume, "/etc/missing", NULL);
        expect_place(volume, "/run/missing", "/run/missing");
        expect_place(file, "/etc/hosts", "/etc/hosts"); /* gives way to the volume elsewhere, with a warning */
        expect_place("Tmpfs=/etc\n", "/etc/missing", "/etc/missing");
        expect_place("Tmpfs=/etc:ro\n", "/etc/missing", NULL);
}
END_TEST

/* What keys ask for and the root has no place for is refused, the rest left out. */
START_TEST(files_without_a_place) {
        _cleanup_container_ Container *container = NULL;
        _cleanup_generated_files_ GeneratedFiles files = {};
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_free_ char *message = NULL;
        _cleanup_facts_ Facts facts = {};

        put("etc", "a file");
        ck_assert_int_eq(mkdirat(root_fd, "run", 0755), 0);
        container = load("AddHost=a:10.0.0.1\n");
        ck_assert_int_eq(facts_init_example(&facts, container), 0);
        ck_assert_int_eq(generated_files_make(container, root_fd, "/run/berth/bundles/web", &facts, &files,
                                              &diagnostics),
                         -EREPORTED);
        ck_assert_uint_eq(diagnostics.errors, 1);
        ck_assert_int_eq(diagnostic_format(&diagnostics.items[0], &message), 0);
        ck_assert_str_eq(message, "web.container:4:1: error: \"AddHost\" needs a /etc/hosts, for which the root file "
                                  "system has no place");
        ck_assert_uint_eq(files.count, 1);
        ck_assert_str_eq(files.items[0].name, "containerenv");
        ck_assert_str_eq(facts.bind_files.items[0], "/run/berth/bundles/web/containerenv:/run/.containerenv");
}
END_TEST

START_TEST(files_are_written) {
        _cleanup_container_ Container *container = load("User=1000\nContainerName=other\n");
        _cleanup_close_ int bundle_fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        _cleanup_generated_files_ GeneratedFiles files = {};
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_free_ char *name = NULL, *hosts = NULL;
        _cleanup_facts_ Facts facts = {};
        struct stat st;

        ck_assert_int_eq(facts_init_example(&facts, container), 0);
        ck_assert_int_eq(generated_files_make(container, root_fd, "/b", &facts, &files, &diagnostics), 0);
        ck_assert_uint_eq(files.count, 5); /* no resolv.conf, no localtime */
        ck_assert_uint_eq(facts.bind_files.count, 5);
        (void) umask(0077);
        ck_assert_int_eq(generated_files_write(&files, &facts, bundle_fd, NULL), 0);
        ck_assert_int_eq(fstatat(root_fd, "hosts", &st, 0), 0);
        ck_assert_uint_eq(st.st_mode & 07777, 0644);
        ck_assert_int_eq(read_file_at(bundle_fd, "hostname", 100, &name, NULL), 0);
        ck_assert_str_eq(name, "other\n");
        ck_assert_int_eq(read_file_at(bundle_fd, "hosts", 1 << 20, &hosts, NULL), 0);
        ck_assert_ptr_nonnull(endswith(hosts, "127.0.0.1\tother\n"));
}
END_TEST

/* Two IDs whose sum is 0 in 32 bits. */
START_TEST(files_of_high_ids) {
        IdMapping half = { .inside = 0, .outside = UINT32_C(1) << 31, .count = 1 << 30 };
        const Facts facts = { .uid_map = { .items = &half, .count = 1 }, .gid_map = { .items = &half, .count = 1 } };
        GeneratedFile file = { .name = "hosts", .data = (char *) "text", .size = 4 };
        const GeneratedFiles files = { .items = &file, .count = 1 };
        struct stat st;

        if (geteuid() != 0)
                return;
        ck_assert_int_eq(generated_files_write(&files, &facts, root_fd, NULL), 0);
        ck_assert_int_eq(fstatat(root_fd, "hosts", &st, 0), 0);
        ck_assert_uint_eq(st.st_uid, half.outside);
        ck_assert_uint_eq(st.st_gid, half.outside);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("generated files");
        TCase *texts = tcase_create("texts"), *places_case = tcase_create("places");

        tcase_add_checked_fixture(texts, set_up, tear_down);
        tcase_add_test(texts, splitting);
        tcase_add_test(texts, hosts_text);
        tcase_add_test(texts, hosts_of_neighbours);
        tcase_add_test(texts, hosts_of_another);
        tcase_add_test(texts, resolver_of_the_machine);
        tcase_add_test(texts, resolver_of_a_private_network);
        tcase_add_test(texts, passwd_entries);
        tcase_add_test(texts, passwd_that_is_no_file);
        tcase_add_test(texts, zones_that_are_not_there);
        suite_add_tcase(suite, texts);
        tcase_add_checked_fixture(places_case, set_up, tear_down);
        tcase_add_test(places_case, places);
        tcase_add_test(places_case, places_below_mounts);
        tcase_add_test(places_case, files_without_a_place);
        tcase_add_test(places_case, files_are_written);
        tcase_add_test(places_case, files_of_high_ids);
        suite_add_tcase(suite, places_case);
        return test_run(suite);
}
