/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "oci/container-uuid.h"
#include "tests/unit/test.h"

#define MACHINE "0123456789abcdef0123456789abcdef"
#define OTHER_MACHINE "0123456789abcdef0123456789abcdee"

static char *make(const char *machine_id, const char *name) {
        char *uuid;

        ck_assert_int_eq(container_uuid_make(machine_id, name, &uuid), 0);
        ck_assert_uint_eq(strlen(uuid), 32);
        ck_assert_uint_eq(strspn(uuid, "0123456789abcdef"), 32);
        /* RFC 4122: version 4, variant 10. */
        ck_assert_int_eq(uuid[12], '4');
        ck_assert_ptr_nonnull(strchr("89ab", uuid[16]));
        return uuid;
}

/* The first, but for those bits, by: printf 'berth container_uuid web' | openssl dgst -sha256 -hmac
 * $MACHINE */
START_TEST(is_a_keyed_hash) {
        _cleanup_free_ char *web = make(MACHINE, "web"), *again = make(MACHINE, "web"), *db = make(MACHINE, "db"),
                            *elsewhere = make(OTHER_MACHINE, "web");

        ck_assert_str_eq(web, "082abce65cbc48f9bff45fddba022148");
        ck_assert_str_eq(web, again);
        ck_assert_str_ne(web, db);
        ck_assert_str_ne(web, elsewhere);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("container-uuid");
        TCase *cases = tcase_create("container-uuid");

        tcase_add_test(cases, is_a_keyed_hash);
        suite_add_tcase(suite, cases);
        return test_run(suite);
}
