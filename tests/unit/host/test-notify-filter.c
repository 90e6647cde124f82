/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a payload may tell systemd, and what it may not. */
#include "host/notifications/notify-filter.h"

#include "tests/unit/test.h"

static void expect(const char *message, size_t size, size_t fds, const char *text, bool barrier, bool with_fds) {
        _cleanup_notification_ Notification notification = {};

        notification_filter(message, size, fds, &notification);
        ck_assert(!notification.text.failed);
        ck_assert_str_eq(notification.text.data ?: "", text);
        ck_assert_int_eq(notification.barrier, barrier);
        ck_assert_int_eq(notification.with_fds, with_fds);
}

static void expect_text(const char *message, size_t fds, const char *text) {
        expect(message, strlen(message), fds, text, false, false);
}

START_TEST(passes_on_what_is_about_the_payload) {
        expect_text("READY=1", 0, "READY=1");
        expect_text("READY=1\nSTATUS=two words = \xc3\xa4\n", 0, "READY=1\nSTATUS=two words = \xc3\xa4");
        expect_text("RELOADING=1\nMONOTONIC_USEC=123", 0, "RELOADING=1\nMONOTONIC_USEC=123");
        expect_text("STOPPING=1\nERRNO=5\nBUSERROR=org.x.Y\nEXTEND_TIMEOUT_USEC=1", 0,
                    "STOPPING=1\nERRNO=5\nBUSERROR=org.x.Y\nEXTEND_TIMEOUT_USEC=1");
        expect_text("WATCHDOG=trigger\nWATCHDOG_USEC=7\nEXIT_STATUS=SIGKILL", 0,
                    "WATCHDOG=trigger\nWATCHDOG_USEC=7\nEXIT_STATUS=SIGKILL");
        expect_text("STATUS=", 0, "STATUS=");
        expect("READY=1\0", 8, 0, "READY=1", false, false);
}
END_TEST

START_TEST(drops_what_is_not) {
        expect_text("", 0, "");
        expect_text("MAINPID=2", 0, "");
        expect_text("READY=1\nMAINPID=2\nMAINPIDFD=1\nMAINPIDFDID=3\nNOTIFYACCESS=all\nX_OWN=1\nstatus=x", 0,
                    "READY=1");
        expect_text("READY=0\nERRNO=x\nMONOTONIC_USEC=-1\nWATCHDOG=\nBUSERROR=a b\nREADY", 0, "");
        expect_text("ERRNO=123456789012345678901", 0, "");
        expect_text("STATUS=\x1b[2J", 0, "");
        expect_text(" READY=1", 0, "");
        expect("READY=1\0MAINPID=2", 17, 0, "", false, false);
        expect("\0READY=1", 8, 0, "", false, false);
        expect("\0", 1, 0, "", false, false);
}
END_TEST

START_TEST(knows_whose_descriptors_are_in_the_store) {
        expect("FDSTORE=1\nFDNAME=mine", 21, 2, "FDSTORE=1\nFDNAME=mine", false, true);
        expect("FDSTORE=1\nREADY=1", 17, 1, "READY=1\nFDSTORE=1", false, true);
        expect_text("FDSTOREREMOVE=1\nFDNAME=mine", 0, "FDSTOREREMOVE=1\nFDNAME=mine");
        /* berth's own */
        expect_text("FDSTORE=1\nFDNAME=berth-mounts\nREADY=1", 1, "READY=1");
        expect_text("FDSTOREREMOVE=1\nFDNAME=berth-ports", 0, "");
        expect_text("FDSTORE=1\nFDNAME=mine\nFDNAME=berth-mounts", 1, "");
        expect_text("FDSTORE=1\nFDNAME=mine\nFDNAME=other", 1, "");
        expect_text("FDSTORE=1\nFDNAME=a:b", 1, "");
        expect_text("FDSTORE=1\nFDSTOREREMOVE=1\nFDNAME=a", 1, "");
        /* Nothing to store, nothing to be named, nothing that asks for it. */
        expect_text("FDSTORE=1\nFDNAME=mine", 0, "");
        expect_text("FDSTOREREMOVE=1", 0, "");
        expect_text("FDNAME=mine", 1, "");
        expect_text("READY=1", 3, "READY=1");
}
END_TEST

START_TEST(knows_a_barrier) {
        expect("BARRIER=1", 9, 1, "BARRIER=1", true, false);
        expect("BARRIER=1\n", 10, 1, "BARRIER=1", true, false);
        expect_text("BARRIER=1", 0, "");
        expect_text("BARRIER=1", 2, "");
        expect_text("BARRIER=1\nREADY=1", 1, "READY=1");
}
END_TEST

START_TEST(takes_no_more_than_systemd) {
        char text[NOTIFICATION_MAX + 1];

        memset(text, 'x', sizeof(text));
        memcpy(text, "STATUS=", strlen("STATUS="));
        expect(text, sizeof(text), 0, "", false, false);
        text[NOTIFICATION_MAX] = '\0';
        {
                _cleanup_notification_ Notification notification = {};

                notification_filter(text, sizeof(text), 0, &notification);
                ck_assert_uint_eq(notification.text.length, NOTIFICATION_MAX);
        }
}
END_TEST

int main(void) {
        Suite *suite = suite_create("notify-filter");
        TCase *cases = tcase_create("notify-filter");

        tcase_add_test(cases, passes_on_what_is_about_the_payload);
        tcase_add_test(cases, drops_what_is_not);
        tcase_add_test(cases, knows_whose_descriptors_are_in_the_store);
        tcase_add_test(cases, knows_a_barrier);
        tcase_add_test(cases, takes_no_more_than_systemd);
        suite_add_tcase(suite, cases);
        return test_run(suite);
}
