/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The OCI configuration's parts, and what is refused. The golden tests show whole
 * configurations. */
#include "oci/oci-spec.h"

#include "oci/capabilities.h"
#include "oci/mount-list.h"
#include "tests/unit/spec-fixture.h"

/* Capabilities by number, so that a wrong name table is noticed too. */
enum { CHOWN = 0, DAC_OVERRIDE = 1, NET_ADMIN = 12, SYS_ADMIN = 21 };
#define BIT(n) (UINT64_C(1) << (n))
#define DEFAULTS UINT64_C(0x800405fb)

static void check_capabilities(const char *lines, uint32_t uid, uint64_t machine, CapabilitySets expected) {
        _cleanup_free_ char *text = text_format("%s%s\n", BASE, lines);
        _cleanup_fixture_ Fixture fixture = {};
        CapabilitySets sets;

        load(&fixture, text);
        fixture.facts.uid = uid;
        fixture.facts.capabilities = machine;
        capabilities_compute(&(SpecBuild) { .container = fixture.container,
                                            .facts = &fixture.facts,
                                            .diagnostics = &fixture.diagnostics },
                             &sets);
        ck_assert_uint_eq(fixture.diagnostics.count, 0);
        ck_assert_msg(sets.bounding == expected.bounding, "%s: bounding %#lx", lines, (unsigned long) sets.bounding);
        ck_assert_msg(sets.permitted == expected.permitted, "%s: permitted %#lx", lines,
                      (unsigned long) sets.permitted);
        ck_assert_msg(sets.ambient == expected.ambient, "%s: ambient %#lx", lines, (unsigned long) sets.ambient);
}

START_TEST(capabilities_of_root) {
        const uint64_t all = (UINT64_C(1) << 41) - 1;

        check_capabilities("", 0, all, (CapabilitySets) { DEFAULTS, DEFAULTS, 0 });
        check_capabilities("AddCapability=CAP_SYS_ADMIN", 0, all,
                           (CapabilitySets) { DEFAULTS | BIT(SYS_ADMIN), DEFAULTS | BIT(SYS_ADMIN), 0 });
        check_capabilities("DropCapability=CAP_CHOWN", 0, all,
                           (CapabilitySets) { DEFAULTS & ~BIT(CHOWN), DEFAULTS & ~BIT(CHOWN), 0 });
        check_capabilities("DropCapability=all", 0, all, (CapabilitySets) {});
        check_capabilities("DropCapability=all\nAddCapability=CAP_CHOWN", 0, all,
                           (CapabilitySets) { BIT(CHOWN), BIT(CHOWN), 0 });
        check_capabilities("AddCapability=all", 0, all, (CapabilitySets) { all, all, 0 });
        check_capabilities("AddCapability=all\nDropCapability=CAP_SYS_ADMIN", 0, all,
                           (CapabilitySets) { all & ~BIT(SYS_ADMIN), all & ~BIT(SYS_ADMIN), 0 });
        check_capabilities("Privileged=yes", 0, all, (CapabilitySets) { all, all, 0 });
        check_capabilities("Privileged=yes\nDropCapability=CAP_SYS_ADMIN", 0, all,
                           (CapabilitySets) { all & ~BIT(SYS_ADMIN), all & ~BIT(SYS_ADMIN), 0 });
}
END_TEST

START_TEST(capabilities_of_another_user) {
        const uint64_t all = (UINT64_C(1) << 41) - 1, net_admin = BIT(NET_ADMIN);

        check_capabilities("", 1000, all, (CapabilitySets) { DEFAULTS, 0, 0 });
        check_capabilities("AddCapability=CAP_NET_ADMIN", 1000, all,
                           (CapabilitySets) { DEFAULTS | net_admin, net_admin, net_admin });
        check_capabilities("DropCapability=all\nAddCapability=CAP_NET_ADMIN", 1000, all,
                           (CapabilitySets) { net_admin, net_admin, net_admin });
        check_capabilities("Privileged=yes", 1000, all, (CapabilitySets) { all, 0, 0 });
        check_capabilities("AddCapability=all\nDropCapability=CAP_NET_ADMIN", 1000, all,
                           (CapabilitySets) { all & ~net_admin, all & ~net_admin, all & ~net_admin });
}
END_TEST

START_TEST(capabilities_of_the_machine) {
        const uint64_t few = BIT(CHOWN) | BIT(DAC_OVERRIDE) | BIT(SYS_ADMIN);

        check_capabilities("", 0, few,
                           (CapabilitySets) { BIT(CHOWN) | BIT(DAC_OVERRIDE), BIT(CHOWN) | BIT(DAC_OVERRIDE), 0 });
        check_capabilities("AddCapability=all", 0, few, (CapabilitySets) { few, few, 0 });
        check_capabilities("Privileged=yes", 0, few, (CapabilitySets) { few, few, 0 });
        check_refused("AddCapability=CAP_NET_ADMIN CAP_CHOWN", "{\"capabilities\": [\"CAP_CHOWN\"]}",
                      "web.container:4:1: error: this machine does not grant CAP_NET_ADMIN");
}
END_TEST

static void add_mounts(OciMountList *list, const char *const destinations[]) {
        for (size_t i = 0; destinations[i]; i++)
                ck_assert_int_eq(mount_list_add(list, destinations[i], "bind", "/source", "", NULL), 0);
}

START_TEST(mounts_are_sorted_by_depth) {
        static const char *const given[] = { "/z/y/x", "/b", "/z/y", "/a", "/", "/z", "/b/c", NULL };
        static const char *const expected[] = { "/", "/b", "/a", "/z", "/z/y", "/b/c", "/z/y/x", NULL };
        _cleanup_mount_list_ OciMountList list = {};

        add_mounts(&list, given);
        mount_list_sort(&list);
        ck_assert_uint_eq(list.count, ARRAY_SIZE(expected) - 1);
        for (size_t i = 0; expected[i]; i++)
                ck_assert_str_eq(list.items[i].destination, expected[i]);
}
END_TEST

static void check_propagation(const char *const options[], const char *expected) {
        _cleanup_mount_list_ OciMountList list = {};
        const char *propagation;

        for (size_t i = 0; options[i]; i++)
                ck_assert_int_eq(mount_list_add(&list, "/x", "bind", "/source", options[i], NULL), 0);
        propagation = mount_list_root_propagation(&list);
        ck_assert_msg(streq_null(propagation, expected), "%s: %s", options[0] ?: "none", propagation ?: "none");
}

START_TEST(root_propagation_follows_the_mounts) {
        check_propagation((const char *const[]) { NULL }, NULL);
        check_propagation((const char *const[]) { "rbind,rprivate,ro", "private", "unbindable", NULL }, NULL);
        check_propagation((const char *const[]) { "rbind,shared", NULL }, "shared");
        check_propagation((const char *const[]) { "rbind,rshared", NULL }, "shared");
        check_propagation((const char *const[]) { "rbind,slave", NULL }, "rslave");
        check_propagation((const char *const[]) { "rslave", "private", NULL }, "rslave");
        check_propagation((const char *const[]) { "shared", "rslave", NULL }, "shared");
        check_propagation((const char *const[]) { "slave", "rshared", "slave", NULL }, "shared");
}
END_TEST

START_TEST(mounts_that_meet) {
        check_refused("Volume=/srv/a:/data\nTmpfs=/data", "{}",
                      "web.container:5:7: error: there is another mount at /data");
        check_refused("Volume=/srv/kcore:/proc/kcore", "{}",
                      "a mount at /proc/kcore would be hidden: it needs Unmask=/proc/kcore");
        check_refused("Tmpfs=/sys/firmware/efi", "{}", "it needs Unmask=/sys/firmware");
        check_refused("Tmpfs=/link\nTmpfs=/other", "{\"resolved\": {\"/link\": \"/proc/acpi\"}}",
                      "a mount at /proc/acpi");
        check_accepted("Volume=/srv/kcore:/proc/kcore\nUnmask=/proc/kc*", "{}", "");
        check_accepted("Volume=/srv/hosts:/etc/hosts", "{\"bind_files\": [\"/b/hosts:/etc/hosts\"]}",
                       "web.container:4:8: warning: this mount replaces the generated /etc/hosts\n");
        check_accepted("Tmpfs=/proc/acpid", "{}", "");
}
END_TEST

START_TEST(mounts_that_are_the_same_by_a_symlink) {
        _cleanup_fixture_ Fixture fixture = {};
        _cleanup_json_object_ json_object *spec = NULL;

        load(&fixture, BASE "Tmpfs=/run\nTmpfs=/var/run\n");
        ck_assert_int_eq(facts_add_resolved(&fixture.facts, "/var/run", "/run"), 0);
        ck_assert_int_eq(oci_spec_build(fixture.container, &fixture.facts, &fixture.diagnostics, &spec), -EREPORTED);
        ck_assert_uint_eq(fixture.diagnostics.errors, 1);
        ck_assert_uint_eq(fixture.diagnostics.items[0].line, 5);
        ck_assert_str_eq(fixture.diagnostics.items[0].message, "there is another mount at /run");
}
END_TEST

START_TEST(keys_that_cannot_work) {
        check_refused("RunInit=yes", "{\"init_program\": null}",
                      "web.container:4:1: error: RunInit= needs the program catatonit");
}
END_TEST

START_TEST(all_errors_are_reported_at_once) {
        _cleanup_fixture_ Fixture fixture = {};
        _cleanup_json_object_ json_object *spec = NULL;

        load(&fixture, BASE "RunInit=yes\nTmpfs=/sys/firmware\nTmpfs=/proc/keys\n");
        read_facts(&fixture, "{\"init_program\": null}");
        ck_assert_int_eq(oci_spec_build(fixture.container, &fixture.facts, &fixture.diagnostics, &spec), -EREPORTED);
        ck_assert_uint_eq(fixture.diagnostics.errors, 3);
}
END_TEST

static void check_host_name(const char *stem, const char *expected) {
        Container container = { .stem = (char *) (uintptr_t) stem };
        _cleanup_free_ char *name = NULL;

        ck_assert_int_eq(oci_spec_host_name(&container, &(Facts) { .host_name = (char *) (uintptr_t) "host" }, &name),
                         0);
        ck_assert_str_eq(name, expected);
}

START_TEST(host_names_from_stems) {
        check_host_name("web", "web");
        check_host_name("web@a_b", "web-a-b");
        check_host_name("--web--", "web");
        check_host_name("db.example", "db-example");
        check_host_name("\xc3\xa4\xc3\xb6", "container");
        check_host_name("a123456789b123456789c123456789d123456789e123456789f123456789-23456789",
                        "a123456789b123456789c123456789d123456789e123456789f123456789-23");
        check_host_name("a123456789b123456789c123456789d123456789e123456789f12345678912--x",
                        "a123456789b123456789c123456789d123456789e123456789f12345678912");
}
END_TEST

static void check_facts_refused(const char *text, const char *expected) {
        _cleanup_json_object_ json_object *json = NULL;
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_free_ char *said = NULL;
        _cleanup_facts_ Facts facts = {};
        int r;

        r = json_parse(text, strlen(text), "facts.json", &diagnostics, &json);
        if (r == 0)
                r = facts_from_json(json, "facts.json", &facts, &diagnostics);
        ck_assert_msg(r == -EREPORTED, "not refused: %s", text);
        said = test_diagnostics(&diagnostics);
        ck_assert_msg(strstr(said, expected) != NULL, "expected \"%s\" in \"%s\"", expected, said);
        ck_assert_uint_eq(diagnostics.errors, 1);
}

START_TEST(facts_that_are_no_json) {
        check_facts_refused("", "facts.json:1:1: error: not valid JSON: ");
        check_facts_refused("{\n  \"uid\": 1,\n", "facts.json:3:1: error: not valid JSON: unexpected end of data");
        check_facts_refused("{\n  \"uid\": x\n}", "facts.json:2:10: error: not valid JSON");
        check_facts_refused("{} {}", "facts.json:1:4: error: not valid JSON: unexpected character");
        check_facts_refused("{\"home\": \"\xff\"}", "not valid JSON");
}
END_TEST

START_TEST(facts_behind_a_nul) {
        _cleanup_json_object_ json_object *json = NULL;
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        static const char text[] = "{}\0{\"uid\": 1}";

        ck_assert_int_eq(json_parse(text, sizeof(text) - 1, "facts.json", &diagnostics, &json), -EREPORTED);
        ck_assert_ptr_null(json);
        ck_assert_str_eq(diagnostics.items[0].message, "not valid JSON: something follows its end");
}
END_TEST

static void check_text(const char *json, const char *expected) {
        _cleanup_json_object_ json_object *value = json_tokener_parse(json);
        _cleanup_free_ char *text = NULL;

        ck_assert_int_eq(json_to_text(value, &text), 0);
        ck_assert_str_eq(text, expected);
}

START_TEST(json_as_text) {
#define LONG                                                                                                           \
        "012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567" \
        "8901234567890"
        check_text("[]", "[]\n");
        check_text("{}", "{}\n");
        check_text("{\"a\":[],\"b\":{}}", "{ \"a\": [], \"b\": {} }\n");
        check_text("{\"a\":[1,true,null,\"x/\\n\\\"\"]}", "{ \"a\": [1, true, null, \"x/\\n\\\"\"] }\n");
        check_text("18446744073709551615", "18446744073709551615\n");
        check_text("[\"" LONG "\"]", "[\n  \"" LONG "\"\n]\n");
        check_text("{\"a\":{\"b\":[1],\"c\":\"" LONG "\"}}",
                   "{\n  \"a\": {\n    \"b\": [1],\n    \"c\": \"" LONG "\"\n  }\n}\n");
#undef LONG
}
END_TEST

START_TEST(facts_of_the_wrong_kind) {
        check_facts_refused("[]", "facts must be an object");
        check_facts_refused("null", "facts must be an object");
        check_facts_refused("{\"nonsense\": 1}", "unknown fact \"nonsense\"");
        check_facts_refused("{\"rootfs\": null}", "the fact \"rootfs\" must be a string");
        check_facts_refused("{\"uid\": -1}", "the fact \"uid\" must be a number");
        check_facts_refused("{\"uid\": 4294967296}", "the fact \"uid\" must be a number");
        check_facts_refused("{\"uid\": 1.5}", "the fact \"uid\" must be a number");
        check_facts_refused("{\"cgroup_unified\": 1}", "\"cgroup_unified\" must be true or false");
        check_facts_refused("{\"groups\": [1, \"2\"]}", "\"groups\" must be an array of numbers");
        check_facts_refused("{\"bind_files\": [1]}", "\"bind_files\" must be an array of strings");
        check_facts_refused("{\"capabilities\": [\"CAP_NONSENSE\"]}", "\"capabilities\" must be an array of names");
        check_facts_refused("{\"resolved\": {\"/a\": 1}}", "\"resolved\" must be an object of strings");
        check_facts_refused("{\"specifiers\": {\"HH\": \"x\"}}", "\"specifiers\" must be");
        check_facts_refused("{\"architecture\": null}", "\"architecture\" must be a string");
        check_facts_refused("{\"seccomp_profile\": \"{}\"}", "\"seccomp_profile\" must be an object");
        check_facts_refused("{\"devices\": [1]}", "\"devices\" must be an array of objects");
        check_facts_refused("{\"devices\": [{\"major\": 1}]}", "has no \"path\"");
        check_facts_refused("{\"devices\": [{\"path\": \"/dev/x\", \"mode\": 438}]}",
                            "\"mode\" must be an octal number");
        check_facts_refused("{\"devices\": [{\"path\": \"/dev/x\", \"type\": \"p\"}]}", "\"type\" must be");
        check_facts_refused("{\"devices\": [{\"path\": \"/dev/x\", \"access\": \"rwmr\"}]}", "\"access\" must be");
}
END_TEST

START_TEST(facts_are_read) {
        _cleanup_fixture_ Fixture fixture = {};
        const Facts *facts = &fixture.facts;

        load(&fixture, BASE);
        read_facts(&fixture, "{\"cgroup\": null, \"uid\": 4294967295, \"groups\": [5, 6], \"capabilities\": "
                             "[\"CAP_DAC_OVERRIDE\"],"
                             " \"nproc_hard\": 18446744073709551615, \"home\": \"/h\", \"resolved\": {\"/a\": \"/b\"},"
                             " \"devices\": [{\"path\": \"/dev/sda\", \"type\": \"b\", \"major\": 8, \"minor\": 1, "
                             "\"mode\": \"0640\", \"access\": \"rw\"}]}");
        ck_assert_ptr_null(facts->cgroup);
        ck_assert_uint_eq(facts->uid, UINT32_MAX);
        ck_assert_uint_eq(facts->groups.count, 2);
        ck_assert_uint_eq(facts->groups.items[1], 6);
        ck_assert_uint_eq(facts->capabilities, BIT(DAC_OVERRIDE));
        ck_assert_uint_eq(facts->nproc_hard, UINT64_MAX);
        ck_assert_uint_eq(facts->nofile_hard, 1048576); /* the example's */
        ck_assert_str_eq(facts_resolve(facts, "/a"), "/b");
        ck_assert_str_eq(facts_resolve(facts, "/a/c"), "/a/c");
        ck_assert_uint_eq(facts->devices.count, 1);
        ck_assert_int_eq(facts->devices.items[0].type, 'b');
        ck_assert_uint_eq(facts->devices.items[0].mode, 0640);
        ck_assert_str_eq(facts->devices.items[0].access, "rw");
}
END_TEST

int main(void) {
        Suite *suite = suite_create("spec");
        TCase *cases = tcase_create("spec");

        tcase_add_test(cases, capabilities_of_root);
        tcase_add_test(cases, capabilities_of_another_user);
        tcase_add_test(cases, capabilities_of_the_machine);
        tcase_add_test(cases, mounts_are_sorted_by_depth);
        tcase_add_test(cases, root_propagation_follows_the_mounts);
        tcase_add_test(cases, mounts_that_meet);
        tcase_add_test(cases, mounts_that_are_the_same_by_a_symlink);
        tcase_add_test(cases, keys_that_cannot_work);
        tcase_add_test(cases, all_errors_are_reported_at_once);
        tcase_add_test(cases, host_names_from_stems);
        tcase_add_test(cases, facts_that_are_no_json);
        tcase_add_test(cases, facts_behind_a_nul);
        tcase_add_test(cases, json_as_text);
        tcase_add_test(cases, facts_of_the_wrong_kind);
        tcase_add_test(cases, facts_are_read);
        suite_add_tcase(suite, cases);
        return test_run(suite);
}
