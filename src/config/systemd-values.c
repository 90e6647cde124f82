/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Values that systemd would ignore. */
#include "config/systemd-values.h"

#include <ctype.h>

#include "basic/numbers.h"
#include "basic/text.h"

static const char *const times[] = {
        "JobRunningTimeoutSec", "JobTimeoutSec", "LogRateLimitIntervalSec", "RestartMaxDelaySec",
        "RestartSec",           "RuntimeMaxSec", "RuntimeRandomizedExtraSec", "StartLimitIntervalSec",
        "TimeoutAbortSec",      "TimeoutSec",    "TimeoutStartSec",         "TimeoutStopSec",
        "WatchdogSec",
};

static const char *const sizes[] = {
        "MemoryHigh", "MemoryLow",     "MemoryMax",         "MemoryMin",         "MemorySwapMax",
        "MemoryZSwapMax", "StartupMemoryHigh", "StartupMemoryLow", "StartupMemoryMax", "StartupMemorySwapMax",
};

static const char *const outputs[] = { "StandardError", "StandardOutput" };

static bool is_among(const char *key, const char *const names[], size_t count) {
        for (size_t i = 0; i < count; i++)
                if (streq(key, names[i]))
                        return true;
        return false;
}

/* "1.5", and what is behind it; NULL when there is no number. */
static const char *skip_number(const char *text) {
        size_t whole = strspn(text, "0123456789"), part;

        if (whole == 0)
                return NULL;
        text += whole;
        if (*text != '.')
                return text;
        part = strspn(text + 1, "0123456789");
        return part > 0 ? text + 1 + part : NULL;
}

static bool is_time(const char *text) {
        uint64_t usec;

        return streq(text, "infinity") || text_to_usec(text, &usec) >= 0;
}

/* Units are capital letters, and there is no "MB". */
static bool is_size(const char *text) {
        const char *unit = skip_number(text);

        if (!unit)
                return streq(text, "infinity");
        return streq(unit, "%") || !*unit || (strchr("BKMGTPE", *unit) && !unit[1]);
}

static bool is_share(const char *text) {
        const char *unit = skip_number(text);

        return unit && streq(unit, "%");
}

static bool is_output(const char *text) {
        static const char *const words[] = {
                "fd",           "inherit", "journal", "journal+console", "kmsg",
                "kmsg+console", "null",    "socket",  "syslog",          "syslog+console", "tty",
        };
        static const char *const prefixes[] = { "append:", "fd:", "file:", "truncate:" };

        for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++)
                if (startswith(text, prefixes[i]))
                        return true;
        return is_among(text, words, ARRAY_SIZE(words));
}

/* "512M" for "512m", "512MB" and "512MiB"; NULL when it is nothing of the kind. Caller frees. */
static char *size_meant(const char *text) {
        const char *unit = skip_number(text);
        char *meant;

        if (!unit || !strchr("kKmMgGtT", *unit) || !*unit)
                return NULL;
        if (unit[1] && strcasecmp(unit + 1, "b") != 0 && strcasecmp(unit + 1, "ib") != 0)
                return NULL;
        meant = strndup(text, (size_t) (unit - text) + 1);
        if (meant)
                meant[unit - text] = (char) toupper((unsigned char) *unit);
        return meant;
}

static void warn(const Entry *entry, const char *what, const char *meant, Diagnostics *diagnostics) {
        Location where = entry_location(entry, 0);

        if (meant)
                diagnose_warning(diagnostics, &where, "systemd ignores %s=%s, which is no %s; did you mean \"%s\"?",
                                 entry->key, entry->value, what, meant);
        else
                diagnose_warning(diagnostics, &where, "systemd ignores %s=%s, which is no %s", entry->key,
                                 entry->value, what);
}

void check_systemd_value(const Entry *entry, Diagnostics *diagnostics) {
        const char *value = entry->value;
        _cleanup_free_ char *meant = NULL;

        if (!*value || (strchr(value, '%') && !is_size(value) && !is_share(value)))
                return;
        if (is_among(entry->key, times, ARRAY_SIZE(times)) && !is_time(value))
                warn(entry, "time span", NULL, diagnostics);
        else if (is_among(entry->key, sizes, ARRAY_SIZE(sizes)) && !is_size(value)) {
                meant = size_meant(value);
                warn(entry, "size", meant, diagnostics);
        } else if (streq(entry->key, "CPUQuota") && !is_share(value)) {
                meant = skip_number(value) && !*skip_number(value) ? text_format("%s%%", value) : NULL;
                warn(entry, "share in percent", meant, diagnostics);
        } else if (is_among(entry->key, outputs, ARRAY_SIZE(outputs)) && !is_output(value))
                warn(entry, "place for output", NULL, diagnostics);
}
