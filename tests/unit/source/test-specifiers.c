/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* "%" specifiers. */
#include "source/specifiers.h"

#include <errno.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "basic/text.h"
#include "tests/unit/test.h"

/* A machine that has no value for "v", and counts how often it is asked. */
static int fake_lookup(void *userdata, char specifier, char **ret) {
        unsigned *asked = userdata;

        if (asked)
                (*asked)++;
        if (specifier == 'v')
                return -ENXIO;
        if (!strchr("abmHlqABMowWuUgGhstSCLETV", specifier))
                return -EINVAL;
        *ret = text_format("<%c>", specifier);
        return *ret ? 0 : -ENOMEM;
}

static SpecifierContext context_for(const char *stem, const char *unit_name) {
        return (SpecifierContext) {
                .stem = stem,
                .unit_name = unit_name,
                .path = "/etc/berth/sub/file.container",
                .lookup = fake_lookup,
        };
}

static void check_in(const SpecifierContext *context, const char *text, const char *expected) {
        _cleanup_free_ char *expanded = NULL;

        ck_assert_msg(specifiers_expand(context, text, &expanded, NULL) == 0, "not expanded: %s", text);
        ck_assert_str_eq(expanded, expected);
}

static void check(const char *stem, const char *text, const char *expected) {
        const SpecifierContext context = context_for(stem, "container@unit.service");
        check_in(&context, text, expected);
}

static void check_refused(const SpecifierContext *context, const char *text, int error, size_t offset) {
        char *expanded = (char *) "untouched";
        size_t where = SIZE_MAX;

        ck_assert_int_eq(specifiers_expand(context, text, &expanded, &where), error);
        ck_assert_uint_eq(where, offset);
        ck_assert_str_eq(expanded, "untouched");
}

START_TEST(leaves_other_text) {
        check("web", "", "");
        check("web", "plain \xc3\xa4 $A \\x25", "plain \xc3\xa4 $A \\x25");
        check("web", "%%", "%");
        check("web", "100%% %%i %%%i", "100% %i %");
}
END_TEST

START_TEST(names_a_plain_file) {
        check("web-app", "%N|%p|%P|%j|%J|%i|%I|%f", "web-app|web-app|web/app|app|app|||/web/app");
        check("web", "%N|%p|%j|%f", "web|web|web|/web");
}
END_TEST

START_TEST(names_an_instance) {
        check("web@a", "%N|%p|%i|%I|%f", "web@a|web|a|a|/a");
        check("web-x@srv-my\\x2ddata", "%p|%j|%i|%I|%f", "web-x|x|srv-my\\x2ddata|srv/my-data|/srv/my-data");
        check("w@a@b", "%p|%i", "w|a@b");
        /* What a unit name cannot hold is escaped in %i, as it is in systemd's. */
        check("w@a b", "%i|%I|%N", "a\\x20b|a b|w@a\\x20b");
        check("web@", "%p|%i|%N", "web||web@");
        check("w@-", "%I|%f", "/|/");
}
END_TEST

START_TEST(names_the_unit) {
        const SpecifierContext context = context_for("web@a", "container@web@a.service");

        check_in(&context, "%n", "container@web@a.service");
        check_in(&context, "%y|%Y", "/etc/berth/sub/file.container|/etc/berth/sub");
        check_in(&context, "%d/key", "/run/credentials/container@web@a.service/key");
}
END_TEST

START_TEST(system_directories_do_not_depend_on_the_machine) {
        check("web", "%t|%S|%C|%L|%E|%T|%V", "/run|/var/lib|/var/cache|/var/log|/etc|/tmp|/var/tmp");
}
END_TEST

START_TEST(asks_for_the_rest) {
        check("web", "%a%b%m%H%l%q%A%B%M%o%w%W%u%U%g%G%h%s", "<a><b><m><H><l><q><A><B><M><o><w><W><u><U><g><G><h><s>");
}
END_TEST

START_TEST(asks_only_when_used) {
        SpecifierContext context = context_for("web@a", "u.service");
        unsigned asked = 0;

        context.userdata = &asked;
        check_in(&context, "%i %n %N %p %y %d %t %S %f %% text", "a u.service web@a web /etc/berth/sub/file.container "
                                                               "/run/credentials/u.service /run /var/lib /a % text");
        ck_assert_uint_eq(asked, 0);
        check_in(&context, "%m", "<m>");
        ck_assert_uint_eq(asked, 1);
}
END_TEST

START_TEST(refuses) {
        SpecifierContext context = context_for("web", "u.service"), parent = context_for("w@..-x", "u.service");

        check_refused(&context, "a%", -EINVAL, 1);
        check_refused(&context, "%i%Q", -EINVAL, 2);
        check_refused(&context, "% x", -EINVAL, 0);
        check_refused(&context, "%%%", -EINVAL, 2);
        check_refused(&context, "xx %v", -ENXIO, 3);
        check_refused(&context, "%\xc3\xa4", -EINVAL, 0);
        check_refused(&parent, "%f", -ENXIO, 0);
        context.path = NULL;
        check_refused(&context, "%y", -ENXIO, 0);
        check_refused(&context, "%Y", -ENXIO, 0);
        context.lookup = NULL;
        check_refused(&context, "%Q", -EINVAL, 0);
}
END_TEST

START_TEST(expands_only_names) {
        const SpecifierContext context = context_for("my web@50%-x", "container@unit.service");
        _cleanup_free_ char *expanded = NULL, *rest = NULL;

        ck_assert_int_eq(specifiers_expand_names(&context, "%i|%I|%p|%P|%j|%J|%N", &expanded), 0);
        ck_assert_str_eq(expanded, "50\\x25-x|50%%/x|my\\x20web|my web|my\\x20web|my web|my\\x20web@50\\x25-x");
        ck_assert_int_eq(specifiers_expand_names(&context, "%n %t %% %%i %f %H %Q 100%", &rest), 0);
        ck_assert_str_eq(rest, "%n %t %% %%i %f %H %Q 100%");
}
END_TEST

static char *ask(Scope scope, char specifier) {
        char *value = NULL;

        ck_assert_msg(specifiers_lookup_machine(&scope, specifier, &value) == 0, "no value for %%%c", specifier);
        ck_assert_ptr_nonnull(value);
        return value;
}

static void check_asked(Scope scope, char specifier, const char *expected) {
        _cleanup_free_ char *value = ask(scope, specifier);
        ck_assert_str_eq(value, expected);
}

START_TEST(asks_this_machine) {
        _cleanup_free_ char *boot = ask(SCOPE_SYSTEM, 'b'), *id = ask(SCOPE_SYSTEM, 'o'),
                            *version = ask(SCOPE_SYSTEM, 'A'), *shell = ask(SCOPE_SYSTEM, 's'),
                            *architecture = ask(SCOPE_SYSTEM, 'a'), *shortened = ask(SCOPE_SYSTEM, 'l'),
                            *pretty = ask(SCOPE_SYSTEM, 'q');
        struct utsname name;

        ck_assert_int_eq(uname(&name), 0);
        ck_assert_uint_eq(strspn(boot, "0123456789abcdef"), 32);
        ck_assert_uint_eq(strlen(boot), 32);
        ck_assert(*id && !strchr(id, '"') && !strchr(id, '\n'));
        ck_assert(!strchr(shortened, '.'));
        ck_assert(*pretty && !strchr(pretty, '\n'));
        ck_assert(!strchr(version, '\n'));
        ck_assert(shell[0] == '/');
        ck_assert(!strchr(architecture, '_') || streq(architecture, name.machine));
        check_asked(SCOPE_SYSTEM, 'v', name.release);
        check_asked(SCOPE_SYSTEM, 'H', name.nodename);
        ck_assert_int_eq(specifiers_lookup_machine(NULL, 'Q', NULL), -EINVAL);
}
END_TEST

START_TEST(system_scope_is_root) {
        check_asked(SCOPE_SYSTEM, 'u', "root");
        check_asked(SCOPE_SYSTEM, 'g', "root");
        check_asked(SCOPE_SYSTEM, 'U', "0");
        check_asked(SCOPE_SYSTEM, 'G', "0");
        check_asked(SCOPE_SYSTEM, 'h', "/root");
}
END_TEST

START_TEST(user_scope_follows_the_environment) {
        _cleanup_free_ char *uid = text_format("%lu", (unsigned long) getuid());

        ck_assert_int_eq(setenv("HOME", "/home/x", 1), 0);
        ck_assert_int_eq(setenv("SHELL", "/bin/fish", 1), 0);
        ck_assert_int_eq(setenv("XDG_RUNTIME_DIR", "/run/user/7", 1), 0);
        ck_assert_int_eq(setenv("XDG_CACHE_HOME", "/cache", 1), 0);
        ck_assert_int_eq(setenv("XDG_CONFIG_HOME", "relative", 1), 0);
        ck_assert_int_eq(unsetenv("XDG_STATE_HOME"), 0);
        ck_assert_int_eq(unsetenv("TMPDIR"), 0);
        ck_assert_int_eq(unsetenv("TEMP"), 0);
        ck_assert_int_eq(setenv("TMP", "/x/tmp", 1), 0);
        check_asked(SCOPE_USER, 'U', uid);
        check_asked(SCOPE_USER, 'h', "/home/x");
        check_asked(SCOPE_USER, 's', "/bin/fish");
        check_asked(SCOPE_USER, 't', "/run/user/7");
        check_asked(SCOPE_USER, 'C', "/cache");
        check_asked(SCOPE_USER, 'E', "/home/x/.config");
        check_asked(SCOPE_USER, 'S', "/home/x/.local/state");
        check_asked(SCOPE_USER, 'L', "/home/x/.local/state/log");
        check_asked(SCOPE_USER, 'T', "/x/tmp");
        ck_assert_int_eq(unsetenv("TMP"), 0);
        check_asked(SCOPE_USER, 'V', "/var/tmp");
}
END_TEST

START_TEST(user_scope_has_a_runtime_directory) {
        const SpecifierContext context = { .stem = "web", .unit_name = "u.service", .path = "/f", .scope = SCOPE_USER };
        _cleanup_free_ char *runtime = text_format("x /run/user/%lu", (unsigned long) getuid());

        ck_assert_int_eq(unsetenv("XDG_RUNTIME_DIR"), 0);
        check_in(&context, "x %t", runtime);
        ck_assert_int_eq(setenv("XDG_RUNTIME_DIR", "/run/user/7", 1), 0);
        check_in(&context, "%d", "/run/user/7/credentials/u.service");
}
END_TEST

int main(void) {
        Suite *suite = suite_create("specifiers");
        TCase *cases = tcase_create("specifiers");

        tcase_add_test(cases, leaves_other_text);
        tcase_add_test(cases, names_a_plain_file);
        tcase_add_test(cases, names_an_instance);
        tcase_add_test(cases, names_the_unit);
        tcase_add_test(cases, system_directories_do_not_depend_on_the_machine);
        tcase_add_test(cases, asks_for_the_rest);
        tcase_add_test(cases, asks_only_when_used);
        tcase_add_test(cases, refuses);
        tcase_add_test(cases, expands_only_names);
        tcase_add_test(cases, asks_this_machine);
        tcase_add_test(cases, system_scope_is_root);
        tcase_add_test(cases, user_scope_follows_the_environment);
        tcase_add_test(cases, user_scope_has_a_runtime_directory);
        suite_add_tcase(suite, cases);
        return test_run(suite);
}
