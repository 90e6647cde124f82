/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/test.h"

#include <errno.h>
#include <signal.h>

#include "basic/numbers.h"
#include "config/value/values.h"

static int lookup(_unused_ void *userdata, char specifier, char **ret) {
        if (specifier == 'H')
                return (*ret = strdup("machine")) ? 0 : -ENOMEM;
        return specifier == 'm' ? -ENXIO : -EINVAL;
}

static const SpecifierContext specifiers = {
        .stem = "web@a:b",
        .unit_name = "container@web@a:b.service",
        .path = "/etc/berth/sub/web@.container",
        .lookup = lookup,
};

static char *done[8];
static size_t done_count;

/* Parses "KEY=VALUE" of `section` into `field` and gives all diagnostics as text. */
static const char *parse(const char *section, const char *name, const char *value, void *field, int expected) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        const ValueContext context = { .specifiers = &specifiers, .diagnostics = &diagnostics };
        _cleanup_free_ char *owned = strdup(value), *key_name = strdup(name);
        EntryPiece piece = { .offset = 0, .line = 7, .column = (unsigned) strlen(name) + 2 };
        const Key *key = key_find(section, name);
        const Entry entry = {
                .section = section,
                .key = key_name,
                .value = owned,
                .where = { "f", 7, 1 },
                .pieces = &piece,
                .piece_count = 1,
        };

        ck_assert_ptr_nonnull(key);
        ck_assert_int_eq(key->parse(&context, key, &entry, field), expected);
        ck_assert_uint_eq(diagnostics.errors > 0, expected == -EREPORTED);
        if (done_count == ARRAY_SIZE(done))
                done_count = 0;
        free(done[done_count]);
        return done[done_count++] = test_diagnostics(&diagnostics);
}

static void forget(void) {
        for (size_t i = 0; i < ARRAY_SIZE(done); i++)
                done[i] = x_free(done[i]);
}

static void good(const char *name, const char *value, void *field) {
        ck_assert_str_eq(parse("Container", name, value, field, 0), "");
}

static void bad(const char *name, const char *value, void *field, const char *diagnostics) {
        ck_assert_str_eq(parse("Container", name, value, field, -EREPORTED), diagnostics);
}

static void warned(const char *name, const char *value, void *field, const char *diagnostics) {
        ck_assert_str_eq(parse("Container", name, value, field, 0), diagnostics);
}

static void assert_list(const StringList *list, const char *expected) {
        _cleanup_text_ Text text = {};

        for (size_t i = 0; i < list->count; i++)
                text_appendf(&text, "%s|", list->items[i]);
        ck_assert_str_eq(text.data ? text.data : "", expected);
}

START_TEST(bools) {
        static const char *const yes[] = { "1", "yes", "Y", "true", "T", "ON" }, *const no[] = { "0",     "no", "n",
                                                                                                 "False", "f",  "off" };
        static const char *const wrong[] = { "", "ye", "yes ", "2", "truee", "nope", "disable" };
        bool value;

        for (size_t i = 0; i < ARRAY_SIZE(yes); i++) {
                ck_assert(text_to_bool(yes[i], &value) == 0 && value);
                ck_assert(text_to_bool(no[i], &value) == 0 && !value);
        }
        for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
                value = true;
                ck_assert_int_eq(text_to_bool(wrong[i], &value), -EINVAL);
                ck_assert(value);
        }
}
END_TEST

START_TEST(numbers) {
        uint64_t value = 42;

        ck_assert(text_to_unsigned("18446744073709551615", UINT64_MAX, &value) == 0 && value == UINT64_MAX);
        ck_assert(text_to_unsigned("007", 7, &value) == 0 && value == 7);
        ck_assert_int_eq(text_to_unsigned("8", 7, &value), -ERANGE);
        ck_assert_int_eq(text_to_unsigned("18446744073709551616", UINT64_MAX, &value), -ERANGE);
        ck_assert_int_eq(text_to_unsigned("99999999999999999999999x", UINT64_MAX, &value), -EINVAL);
        ck_assert_int_eq(text_to_unsigned("", UINT64_MAX, &value), -EINVAL);
        ck_assert_int_eq(text_to_unsigned("-1", UINT64_MAX, &value), -EINVAL);
        ck_assert_int_eq(text_to_unsigned("+1", UINT64_MAX, &value), -EINVAL);
        ck_assert_int_eq(text_to_unsigned(" 1", UINT64_MAX, &value), -EINVAL);
        ck_assert_uint_eq(value, 7);
}
END_TEST

START_TEST(sizes) {
        static const struct { const char *text; uint64_t size;
        } right[] = {
                { "0", 0 },
                { "512", 512 },
                { "1b", 1 },
                { "64k", 65536 },
                { "64KB", 65536 },
                { "64KiB", 65536 },
                { "1.5g", 1610612736 },
                { "1 m", 1048576 },
                { "2T", UINT64_C(2) << 40 },
                { "0.5", 0 },
                { "8388607t", UINT64_C(8388607) << 40 },
        };
        static const char *const wrong[] = { "",    "m",   "-1",     "1x",  "1mm",  "1mib2",
                                             ".5g", "1.g", "1 mb x", "1bb", "0x10", "1e3" };
        uint64_t size;

        for (size_t i = 0; i < ARRAY_SIZE(right); i++) {
                ck_assert_int_eq(text_to_size(right[i].text, &size), 0);
                ck_assert_uint_eq(size, right[i].size);
        }
        for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
                ck_assert_int_eq(text_to_size(wrong[i], &size), -EINVAL);
        ck_assert_int_eq(text_to_size("8388608t", &size), -ERANGE);
        ck_assert_int_eq(text_to_size("18446744073709551616", &size), -ERANGE);
}
END_TEST

START_TEST(times) {
        static const struct { const char *text; uint64_t usec;
        } right[] = {
                { "90", 90000000 },
                { "1m30s", 90000000 },
                { "1min 30s", 90000000 },
                { "1.5h", UINT64_C(5400000000) },
                { "500ms", 500000 },
                { "10us", 10 },
                { "10µs", 10 },
                { " 2 days 3 ", UINT64_C(172803000000) },
                { "1M", UINT64_C(2629800000000) },
                { "0.00001", 10 },
                { "0", 0 },
                { "1h1min1sec1msec1usec", UINT64_C(3661001001) },
        };
        static const char *const wrong[] = { "", " ", "s", "1x", "1s-", "-1", "1..5", "1.s", "1h x" };
        uint64_t usec;

        for (size_t i = 0; i < ARRAY_SIZE(right); i++) {
                ck_assert_int_eq(text_to_usec(right[i].text, &usec), 0);
                ck_assert_uint_eq(usec, right[i].usec);
        }
        for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
                ck_assert_int_eq(text_to_usec(wrong[i], &usec), -EINVAL);
        ck_assert_int_eq(text_to_usec("300000y", &usec), -ERANGE);
        ck_assert_int_eq(text_to_usec("290000y 290000y", &usec), -ERANGE);
}
END_TEST

START_TEST(signals) {
        _cleanup_free_ char *term = signal_name(SIGTERM), *first = signal_name(SIGRTMIN),
                            *third = signal_name(SIGRTMIN + 3);
        int number = 0;

        ck_assert(text_to_signal("SIGTERM", &number) == 0 && number == SIGTERM);
        ck_assert(text_to_signal("term", &number) == 0 && number == SIGTERM);
        ck_assert(text_to_signal("sigRTMIN+3", &number) == 0 && number == SIGRTMIN + 3);
        ck_assert(text_to_signal("RTMAX-1", &number) == 0 && number == SIGRTMAX - 1);
        ck_assert(text_to_signal("RTMIN", &number) == 0 && number == SIGRTMIN);
        ck_assert(text_to_signal("9", &number) == 0 && number == SIGKILL);
        ck_assert_int_eq(text_to_signal("0", &number), -EINVAL);
        ck_assert_int_eq(text_to_signal("65", &number), -EINVAL);
        ck_assert_int_eq(text_to_signal("SIG", &number), -EINVAL);
        ck_assert_int_eq(text_to_signal("RTMIN+", &number), -EINVAL);
        ck_assert_int_eq(text_to_signal("RTMIN-1", &number), -EINVAL);
        ck_assert_int_eq(text_to_signal("RTMIN+99", &number), -EINVAL);
        ck_assert_int_eq(number, SIGKILL);
        ck_assert_str_eq(term, "SIGTERM");
        ck_assert_str_eq(first, "SIGRTMIN");
        ck_assert_str_eq(third, "SIGRTMIN+3");
        ck_assert_ptr_null(signal_name(0));
        ck_assert_ptr_null(signal_name(1000));
}
END_TEST

START_TEST(modes) {
        mode_t mode = 0;

        ck_assert(text_to_mode("0022", &mode) == 0 && mode == 0022);
        ck_assert(text_to_mode("7777", &mode) == 0 && mode == 07777);
        ck_assert_int_eq(text_to_mode("10000", &mode), -ERANGE);
        ck_assert_int_eq(text_to_mode("8", &mode), -EINVAL);
        ck_assert_int_eq(text_to_mode("", &mode), -EINVAL);
}
END_TEST

START_TEST(scalars) {
        int64_t limit = 0;
        int score = 0;
        uint64_t usec = 0;
        TriState tristate = UNSET;
        SystemdMode systemd = SYSTEMD_ALWAYS;
        NotifyMode notify = NOTIFY_NO;
        PullPolicy pull = PULL_MISSING;

        good("PidsLimit", "100", &limit);
        ck_assert_int_eq(limit, 100);
        good("PidsLimit", "0", &limit);
        ck_assert_int_eq(limit, -1);
        bad("PidsLimit", "-2", &limit, "f:7:11: error: \"PidsLimit\" must be a number, -1 or unlimited, not \"-2\"\n");
        ck_assert_int_eq(limit, -1);
        good("OomScoreAdjust", "-1000", &score);
        ck_assert_int_eq(score, -1000);
        good("HealthInterval", "disable", &usec);
        ck_assert_uint_eq(usec, USEC_INFINITY);
        good("HttpProxy", "no", &tristate);
        ck_assert_int_eq(tristate, NO);
        good("Systemd", "true", &systemd);
        ck_assert_int_eq(systemd, SYSTEMD_AUTO);
        good("Notify", "Healthy", &notify);
        ck_assert_int_eq(notify, NOTIFY_HEALTHY);
        good("Pull", "IfNotPresent", &pull);
        ck_assert_int_eq(pull, PULL_MISSING);
        bad("Pull", "nevr", &pull,
            "f:7:6: error: \"Pull\" must be always, missing, never or newer, not \"nevr\"; did you mean \"never\"?\n");
        bad("Memory", "99999999t", &usec, "f:7:8: error: \"99999999t\" in \"Memory\" is out of range\n");
}
END_TEST

START_TEST(strings) {
        char *text = NULL;

        good("User", "%p and %i on %H, 100%%", &text);
        ck_assert_str_eq(text, "web and a:b on machine, 100%");
        bad("User", "ab%", &text, "f:7:8: error: a percent sign is written \"%%\"\n");
        bad("User", "ab%!c", &text, "f:7:8: error: unknown specifier \"%!\"; a percent sign is \"%%\"\n");
        bad("User", "%m", &text, "f:7:6: error: this machine has no value for \"%m\"\n");
        ck_assert_str_eq(text, "web and a:b on machine, 100%");
        good("WorkingDir", "//srv/./a/", &text);
        ck_assert_str_eq(text, "/srv/a");
        good("ServiceName", "web.service", &text);
        ck_assert_str_eq(text, "web");
        good("Runtime", "/usr//bin/crun", &text);
        ck_assert_str_eq(text, "/usr/bin/crun");
        good("HostName", "0123456789012345678901234567890123456789012345678901234567890123", &text);
        free(text);
}
END_TEST

START_TEST(words) {
        _cleanup_string_list_ StringList list = {};

        good("GroupAdd", " a  'b c' \"%i\" d\\x41", &list);
        good("GroupAdd", "e", &list);
        assert_list(&list, "a|b c|a:b|dA|e|");
        /* What is sound is kept beside what is not, and both faults are reported at their words. */
        bad("GroupAdd", "f '%z' g \"h%1\"", &list,
                "f:7:12: error: unknown specifier \"%z\"; a percent sign is \"%%\"\n"
                "f:7:19: error: unknown specifier \"%1\"; a percent sign is \"%%\"\n");
        assert_list(&list, "a|b c|a:b|dA|e|f|g|");
        bad("GroupAdd", "x \\q", &list, "f:7:12: error: unknown escape sequence \"\\q\"; a backslash is \"\\\\\"\n");
        warned("GroupAdd", "x \"q r", &list, "f:7:12: warning: unclosed quote: it ends with the value\n");
        assert_list(&list, "a|b c|a:b|dA|e|f|g|x|x|q r|");
}
END_TEST

START_TEST(commands) {
        _cleanup_string_list_ StringList list = {};

        good("Exec", "/bin/sh -c \"a ; b\" '' %i", &list);
        assert_list(&list, "/bin/sh|-c|a ; b||a:b|");
        good("Exec", "/bin/true", &list);
        assert_list(&list, "/bin/true|");
        bad("Exec", "/bin/x %z", &list, "f:7:13: error: unknown specifier \"%z\"; a percent sign is \"%%\"\n");
        assert_list(&list, "/bin/true|");

        good("Entrypoint", "\"/opt/my app\"", &list);
        assert_list(&list, "/opt/my app|");
        good("Entrypoint", "[ \"/bin/sh\" , \"a\\\"b\\\\\\/\\n\\u00e4\\ud83d\\ude00\",\"%i\"\t]", &list);
        assert_list(&list, "/bin/sh|a\"b\\/\nä😀|a:b|");
        good("Entrypoint", "[]", &list);
        assert_list(&list, "");
        bad("Entrypoint", "[\"a\",]", &list, "f:7:17: error: \"Entrypoint\" is no JSON array of strings\n");
        bad("Entrypoint", "[\"a\"] x", &list, "f:7:17: error: \"Entrypoint\" is no JSON array of strings\n");
        bad("Entrypoint", "[1]", &list, "f:7:13: error: \"Entrypoint\" is no JSON array of strings\n");
        bad("Entrypoint", "[\"\\ud83d\"]", &list, "f:7:14: error: \"Entrypoint\" is no JSON array of strings\n");
        bad("Entrypoint", "[\"\\u0000\"]", &list, "f:7:14: error: \"Entrypoint\" is no JSON array of strings\n");
        bad("Entrypoint", "/bin/sh -c", &list,
            "f:7:20: error: \"Entrypoint\" is one program; write [\"program\", \"argument\"] for more\n");
}
END_TEST

/* As podman's --health-cmd takes them. */
START_TEST(health_commands) {
        static const struct {
                const char *value, *expected;
        } spellings[] = {
                { "pg_isready -U \"x y\" || exit 1", "CMD-SHELL|pg_isready -U \"x y\" || exit 1|" },
                { "/bin/true", "CMD-SHELL|/bin/true|" },
                { "\"curl -f http://localhost/\"", "CMD-SHELL|curl -f http://localhost/|" },
                { "CMD-SHELL  curl -f x | grep -q y", "CMD-SHELL|curl -f x | grep -q y|" },
                { "cmd-shell true", "CMD-SHELL|true|" },
                { "CMD curl  -f \"http://localhost/ x\"", "CMD|curl|-f|\"http://localhost/|x\"|" },
                { "CMDS x", "CMD-SHELL|CMDS x|" },
                { "[\"CMD\", \"curl\", \"-f\", \"two words\"]", "CMD|curl|-f|two words|" },
                { "[\"CMD-SHELL\", \"true || false\"]", "CMD-SHELL|true || false|" },
                { "[\"/bin/x\", \"a b\"]", "CMD|/bin/x|a b|" },
                { "[\"one | two\"]", "CMD-SHELL|one | two|" },
                { "[ -e /run/up ] && true", "CMD-SHELL|[ -e /run/up ] && true|" },
                { "none", "NONE|" },
                { "[\"NONE\"]", "NONE|" },
                { "echo %i", "CMD-SHELL|echo a:b|" },
        };
        _cleanup_string_list_ StringList list = {};

        for (size_t i = 0; i < ARRAY_SIZE(spellings); i++) {
                good("HealthCmd", spellings[i].value, &list);
                assert_list(&list, spellings[i].expected);
        }
        bad("HealthCmd", "CMD", &list, "f:7:11: error: \"HealthCmd\" must be a command or none, not \"CMD\"\n");
        bad("HealthCmd", "CMD-SHELL ", &list,
            "f:7:11: error: \"HealthCmd\" must be a command or none, not \"CMD-SHELL \"\n");
        bad("HealthCmd", "[]", &list, "f:7:11: error: \"HealthCmd\" must be a command or none, not \"[]\"\n");
        bad("HealthCmd", "[\"\"]", &list, "f:7:11: error: \"HealthCmd\" must be a command or none, not \"[\"\"]\"\n");
        bad("HealthStartupCmd", "[\"a\" \"b\"]", &list,
            "f:7:18: error: \"HealthStartupCmd\" is no JSON array of strings\n");
        assert_list(&list, "CMD-SHELL|echo a:b|");
}
END_TEST

START_TEST(assignments) {
        _cleanup_string_list_ StringList environment = {}, labels = {}, sysctls = {};

        good("Environment", "A=1 \"B=x y\" C=", &environment);
        good("Environment", "A=%i D=a=b", &environment);
        assert_list(&environment, "A=a:b|B=x y|C=|D=a=b|");
        warned("Environment", "E", &environment,
               "f:7:13: warning: \"E\" has no \"=\", and is passed on from the service's environment if it is there; "
               "an "
               "assignment with white space is written \"NAME=VALUE…\"\n");
        bad("Environment", "=E", &environment,
                "f:7:13: error: \"Environment\" must be assignments NAME=VALUE, not \"=E\"\n");
        good("Label", "a b=1", &labels);
        assert_list(&labels, "a|b=1|");
        good("Sysctl", "net/ipv4/conf/eth0.1/forwarding=1 net.core.somaxconn=10 kernel.sem=\"1 2/3.4\"", &sysctls);
        assert_list(&sysctls, "net.ipv4.conf.eth0/1.forwarding=1|net.core.somaxconn=10|kernel.sem=1 2/3.4|");
}
END_TEST

START_TEST(volumes) {
        VolumeMountList list = {};
        const VolumeMount *v;

        good("Volume", "/srv//%i:/data/:ro,rslave,bind,noexec,nodev,nosuid,z,U", &list);
        v = &list.items[0];
        ck_assert_int_eq(v->kind, VOLUME_HOST_PATH);
        /* The specifier's colon separates nothing. */
        ck_assert_str_eq(v->source, "/srv/a:b");
        ck_assert_str_eq(v->destination, "/data");
        ck_assert(v->read_only == YES && v->recursive == NO && v->exec == NO && v->dev == NO && v->suid == NO);
        ck_assert(v->propagation == PROPAGATION_RSLAVE && v->relabel_shared && !v->relabel_private && v->chown);
        ck_assert(v->where.line == 7 && v->where.column == 8);
        good("Volume", "data:/d", &list);
        ck_assert_int_eq(list.items[1].kind, VOLUME_NAMED);
        good("Volume", "data@x.volume:/d:O", &list);
        ck_assert_int_eq(list.items[2].kind, VOLUME_FILE);
        ck_assert_str_eq(list.items[2].source, "data@x.volume");
        good("Volume", "/d", &list);
        ck_assert_int_eq(list.items[3].kind, VOLUME_ANONYMOUS);
        ck_assert_ptr_null(list.items[3].source);
        /* Relative sources start at the file's directory, white space is part of a path, quotes are undone. */
        good("Volume", "./a:/a", &list);
        ck_assert_str_eq(list.items[4].source, "/etc/berth/sub/a");
        good("Volume", ".././/../b:/a", &list);
        ck_assert_str_eq(list.items[5].source, "/etc/b");
        good("Volume", "/my files:/f", &list);
        ck_assert_str_eq(list.items[6].source, "/my files");
        good("Volume", "\"/my files:/f\"", &list);
        ck_assert_str_eq(list.items[7].source, "/my files");
        ck_assert_uint_eq(list.count, 8);
        bad("Volume", "../a/../b:/a", &list,
            "f:7:8: error: the source of a volume must be a path without \"..\", not \"../a/../b\"\n");
        bad("Volume", "/a:/b:ro,noexecc,rw", &list,
                "f:7:8: error: unknown mount option \"noexecc\"; did you mean \"noexec\"?\n"
                "f:7:8: error: mount option \"rw\" contradicts an earlier one\n");
        ck_assert_uint_eq(list.count, 8);
        done_volumes(&list);
        ck_assert_ptr_null(list.items);
}
END_TEST

START_TEST(other_mounts) {
        TmpfsMountList tmpfs = {};
        DeviceList devices = {};
        MountList mounts = {};
        RootFs rootfs = {};

        good("Tmpfs", "/run /tmp:size=50%%,mode=1777,noexec", &tmpfs);
        ck_assert_uint_eq(tmpfs.count, 2);
        ck_assert_str_eq(tmpfs.items[1].destination, "/tmp");
        assert_list(&tmpfs.items[1].options, "size=50%|mode=1777|noexec|");
        ck_assert_uint_eq(tmpfs.items[1].where.column, 12);
        good("AddDevice", "-/dev/kvm /dev/null:/dev/nul:r /dev/zero:rw vendor.com/class=name", &devices);
        ck_assert(devices.items[0].optional && streq(devices.items[0].access, "rwm") &&
                  streq(devices.items[0].destination, "/dev/kvm"));
        ck_assert(streq(devices.items[1].access, "r") && streq(devices.items[1].destination, "/dev/nul"));
        ck_assert(streq(devices.items[2].access, "rw") && streq(devices.items[2].destination, "/dev/zero"));
        ck_assert(devices.items[3].is_cdi && streq(devices.items[3].source, "vendor.com/class=name"));
        good("Mount", "'type=bind,\"src=/a,b\",dst=/x/,ro=true'", &mounts);
        ck_assert_str_eq(mounts.items[0].source, "/a,b");
        ck_assert_str_eq(mounts.items[0].destination, "/x");
        assert_list(&mounts.items[0].options, "ro|");
        good("Mount", "dst=/y", &mounts);
        ck_assert_str_eq(mounts.items[1].type, "volume");
        good("Rootfs", "/srv/a:b/c:O:idmap=uids=0-1-1", &rootfs);
        ck_assert(streq(rootfs.path, "/srv/a:b/c") && rootfs.overlay && rootfs.idmap &&
                  streq(rootfs.idmap_mapping, "uids=0-1-1"));
        bad("Rootfs", "/srv:X", &rootfs,
            "f:7:8: error: unknown option \"X\" of a root file system: O and idmap are known\n");
        ck_assert_str_eq(rootfs.path, "/srv/a:b/c");
        done_tmpfs(&tmpfs);
        done_devices(&devices);
        done_mounts(&mounts);
        done_rootfs(&rootfs);
}
END_TEST

START_TEST(process) {
        _cleanup_string_list_ StringList capabilities = {};
        EnvironmentFileList files = {};
        UlimitList ulimits = {};
        SecretList secrets = {};
        size_t count;

        good("Ulimit", "nofile=1:2 host RLIMIT_CORE=-1 nofile=5", &ulimits);
        ck_assert(ulimits.host && ulimits.count == 2);
        ck_assert(streq(ulimits.items[0].name, "RLIMIT_NOFILE") && ulimits.items[0].soft == 5 &&
                  ulimits.items[0].hard == 5);
        ck_assert(streq(ulimits.items[1].name, "RLIMIT_CORE") && ulimits.items[1].hard == UINT64_MAX);
        good("EnvironmentFile", "-/etc/a b ../c", &files);
        ck_assert(files.items[0].optional && streq(files.items[0].path, "/etc/a"));
        ck_assert(!files.items[1].optional && streq(files.items[1].path, "/etc/berth/sub/b"));
        ck_assert_str_eq(files.items[2].path, "/etc/berth/c");
        good("AddCapability", "net_admin,CAP_CHOWN cap_net_admin ALL", &capabilities);
        assert_list(&capabilities, "CAP_NET_ADMIN|CAP_CHOWN|all|");
        ck_assert_str_eq(capability_names(&count)[0], "CAP_CHOWN");
        ck_assert_uint_eq(count, 41);
        ck_assert_str_eq(capability_names(&count)[40], "CAP_CHECKPOINT_RESTORE");
        good("Secret", "a b,type=env,target=B c,mode=0400,uid=1", &secrets);
        ck_assert(!secrets.items[0].environment && secrets.items[0].mode == -1 && secrets.items[0].uid == -1);
        ck_assert(secrets.items[1].environment && streq(secrets.items[1].target, "B"));
        ck_assert_str_eq(secrets.items[0].target, "/run/secrets/a");
        ck_assert(secrets.items[2].mode == 0400 && secrets.items[2].uid == 1);
        done_ulimits(&ulimits);
        done_environment_files(&files);
        done_secrets(&secrets);
}
END_TEST

START_TEST(namespaces_and_networks) {
        NetworkAttachmentList networks = {};
        UserNamespace user = {};
        Namespace ns = {};

        good("PidNS", "web.container", &ns);
        ck_assert(ns.kind == NAMESPACE_CONTAINER && streq(ns.value, "web"));
        good("PidNS", "ns:/run/./x", &ns);
        ck_assert(ns.kind == NAMESPACE_PATH && streq(ns.value, "/run/x"));
        good("PidNS", "private", &ns);
        ck_assert(ns.kind == NAMESPACE_PRIVATE && !ns.value);
        good("UserNS", "auto:size=10,uidmapping=0:@1:1", &user);
        ck_assert_int_eq(user.kind, USERNS_AUTO);
        assert_list(&user.options, "size=10|uidmapping=0:@1:1|");
        bad("UserNS", "automatic", &user,
            "f:7:8: error: \"UserNS\" must be host, auto, keep-id, nomap, ns:PATH, container:NAME or NAME.container, "
            "not \"automatic\"\n");
        good("Network", "host lan.network:ip=10.0.0.1 other container:x a.container", &networks);
        ck_assert_int_eq(networks.items[0].kind, NETWORK_HOST);
        ck_assert(networks.items[1].kind == NETWORK_FILE && streq(networks.items[1].value, "lan.network"));
        assert_list(&networks.items[1].options, "ip=10.0.0.1|");
        ck_assert_int_eq(networks.items[2].kind, NETWORK_NAMED);
        ck_assert(networks.items[3].kind == NETWORK_CONTAINER && streq(networks.items[3].value, "x"));
        ck_assert(networks.items[4].kind == NETWORK_CONTAINER && streq(networks.items[4].value, "a"));
        ck_assert_uint_eq(networks.items[1].where.column, 14);
        done_networks(&networks);
        done_user_namespace(&user);
        done_namespace(&ns);
}
END_TEST

static Suite *suite(void) {
        Suite *s = suite_create("values");
        TCase *texts = tcase_create("text"), *parsers = tcase_create("parsers");

        tcase_add_test(texts, bools);
        tcase_add_test(texts, numbers);
        tcase_add_test(texts, sizes);
        tcase_add_test(texts, times);
        tcase_add_test(texts, signals);
        tcase_add_test(texts, modes);
        suite_add_tcase(s, texts);
        tcase_add_checked_fixture(parsers, NULL, forget);
        tcase_add_test(parsers, scalars);
        tcase_add_test(parsers, strings);
        tcase_add_test(parsers, words);
        tcase_add_test(parsers, commands);
        tcase_add_test(parsers, health_commands);
        tcase_add_test(parsers, assignments);
        tcase_add_test(parsers, volumes);
        tcase_add_test(parsers, other_mounts);
        tcase_add_test(parsers, process);
        tcase_add_test(parsers, namespaces_and_networks);
        suite_add_tcase(s, parsers);
        return s;
}

int main(void) {
        return test_run(suite());
}
