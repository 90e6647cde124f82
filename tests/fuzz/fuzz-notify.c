/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Feeds arbitrary bytes to the filter of notifications: the first says how many descriptors come
 * along. Besides what the sanitizers see, it holds the filter to what it promises of its output. */

#include "host/fd-store.h"
#include "host/notifications/notify-filter.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        static const char *const never[] = { "MAINPID", "NOTIFYACCESS", ("FDNAME=" FD_STORE_PREFIX) };
        _cleanup_notification_ Notification notification = {};
        size_t fds = size > 0 ? data[0] % 4 : 0;
        const char *text;

        if (size == 0)
                return 0;
        notification_filter((const char *) data + 1, size - 1, fds, &notification);
        text = notification.text.data ?: "";
        require(notification.text.length == strlen(text), "a text has no NUL");
        require(notification.text.length <= size, "nothing is added but an end of line");
        for (size_t i = 0; i < ARRAY_SIZE(never); i++)
                for (const char *p = strstr(text, never[i]); p; p = strstr(p + 1, never[i]))
                        require(p != text && p[-1] != '\n', "no line of those that are never let through");
        require(!notification.barrier || (fds == 1 && streq(text, "BARRIER=1")), "a barrier is alone");
        require(!notification.with_fds || (fds > 0 && strstr(text, "FDSTORE=1")), "descriptors are for the store");
        return 0;
}
