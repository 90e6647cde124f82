/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Options of podman run that limit a container, as settings of [Service]. */
#include "config/podman-limits.h"

#include <errno.h>
#include <inttypes.h>

#include "basic/numbers.h"
#include "basic/text.h"

static int done(char *text, char **ret) {
        *ret = text;
        return text ? 1 : -ENOMEM;
}

/* "1.5" CPUs, down to a hundredth. */
static int from_cpus(const char *value, char **ret) {
        size_t whole = strspn(value, "0123456789"), parts = 0;
        _cleanup_free_ char *digits = strndup(value, whole);
        uint64_t cpus = 0, hundredths = 0;

        if (!digits)
                return -ENOMEM;
        if (whole > 0 && text_to_unsigned(digits, 100000, &cpus) < 0)
                return -EINVAL;
        if (value[whole] == '.')
                parts = strspn(value + whole + 1, "0123456789");
        if (value[whole + (value[whole] == '.') + parts] || whole + parts == 0)
                return -EINVAL;
        for (size_t i = 0; i < 2; i++)
                hundredths = hundredths * 10 + (i < parts ? (uint64_t) (value[whole + 1 + i] - '0') : 0);
        hundredths += cpus * 100;
        return hundredths == 0 ? 0 : done(text_format("%" PRIu64 "%%", hundredths), ret);
}

/* Microseconds of each tenth of a second. */
static int from_quota(const char *value, char **ret) {
        uint64_t quota;

        if (streq(value, "-1") || streq(value, "0"))
                return done(strdup(""), ret);
        if (text_to_unsigned(value, INT64_MAX, &quota) < 0)
                return -EINVAL;
        return done(text_format("%" PRIu64 "%%", quota < 1000 ? 1 : quota / 1000), ret);
}

static int from_weight(const char *value, uint64_t least, uint64_t most, char **ret) {
        uint64_t weight;

        if (text_to_unsigned(value, most, &weight) < 0 || weight < least)
                return -EINVAL;
        return done(text_format("%" PRIu64, 1 + (weight - least) * 9999 / (most - least)), ret);
}

static int from_shares(const char *value, char **ret) {
        return from_weight(value, 2, 262144, ret);
}

static int from_blkio(const char *value, char **ret) {
        return from_weight(value, 10, 1000, ret);
}

static int from_size(const char *value, char **ret) {
        uint64_t size;

        if (streq(value, "max"))
                return done(strdup("infinity"), ret);
        if (text_to_size(value, &size) < 0)
                return -EINVAL;
        return done(text_format("%" PRIu64, size), ret);
}

/* "PATH:VALUE" is "PATH VALUE". */
static int from_device(const char *value, int (*convert)(const char *value, char **ret), char **ret) {
        const char *colon = strrchr(value, ':');
        _cleanup_free_ char *number = NULL;
        int r;

        if (!colon || value[0] != '/' || strpbrk(value, " \t\"'\\%"))
                return -EINVAL;
        r = convert(colon + 1, &number);
        return r <= 0 ? r : done(text_format("%.*s %s", (int) (colon - value), value, number), ret);
}

static int from_rate(const char *value, char **ret) {
        return from_device(value, from_size, ret);
}

static int from_device_weight(const char *value, char **ret) {
        return from_device(value, from_blkio, ret);
}

static int from_list(const char *value, char **ret) {
        return value[strspn(value, "0123456789,-")] ? -EINVAL : done(strdup(value), ret);
}

static int from_slice(const char *value, char **ret) {
        return strpbrk(value, "/ \t%") || !endswith(value, ".slice") ? 0 : done(strdup(value), ret);
}

static int from_seconds(const char *value, char **ret) {
        uint64_t seconds;

        if (text_to_unsigned(value, UINT32_MAX, &seconds) < 0)
                return -EINVAL;
        return done(seconds > 0 ? strdup(value) : strdup("infinity"), ret);
}

static int from_restart(const char *value, char **ret) {
        if (streq(value, "no") || streq(value, "never"))
                return done(strdup("no"), ret);
        if (streq(value, "always") || streq(value, "unless-stopped"))
                return done(strdup("always"), ret);
        return streq(value, "on-failure") || startswith(value, "on-failure:") ? done(strdup("on-failure"), ret)
                                                                             : -EINVAL;
}

static int from_number(const char *value, char **ret) {
        uint64_t number;

        if (streq(value, "max"))
                return done(strdup("infinity"), ret);
        return text_to_unsigned(value, INT64_MAX, &number) < 0 ? -EINVAL : done(strdup(value), ret);
}

/* Whether all of it dies with one. */
static int from_group_kill(const char *value, char **ret) {
        if (!streq(value, "0") && !streq(value, "1"))
                return -EINVAL;
        return done(strdup(streq(value, "1") ? "kill" : "continue"), ret);
}

/* Files of the container's control group that systemd has a setting for. */
static const struct Limit {
        const char *option;
        const char *key;
        int (*convert)(const char *value, char **ret);
} options[] = {
        { "--blkio-weight", "IOWeight", from_blkio },
        { "--blkio-weight-device", "IODeviceWeight", from_device_weight },
        { "--cgroup-parent", "Slice", from_slice },
        { "--cpu-quota", "CPUQuota", from_quota },
        { "--cpu-shares", "CPUWeight", from_shares },
        { "-c", "CPUWeight", from_shares },
        { "--cpus", "CPUQuota", from_cpus },
        { "--cpuset-cpus", "AllowedCPUs", from_list },
        { "--cpuset-mems", "AllowedMemoryNodes", from_list },
        { "--device-read-bps", "IOReadBandwidthMax", from_rate },
        { "--device-read-iops", "IOReadIOPSMax", from_rate },
        { "--device-write-bps", "IOWriteBandwidthMax", from_rate },
        { "--device-write-iops", "IOWriteIOPSMax", from_rate },
        { "--memory", "MemoryMax", from_size },
        { "-m", "MemoryMax", from_size },
        { "--memory-reservation", "MemoryLow", from_size },
        { "--restart", "Restart", from_restart },
        { "--timeout", "RuntimeMaxSec", from_seconds },
        {},
}, files[] = {
        { "cpu.weight", "CPUWeight", from_number },
        { "memory.high", "MemoryHigh", from_size },
        { "memory.low", "MemoryLow", from_size },
        { "memory.max", "MemoryMax", from_size },
        { "memory.min", "MemoryMin", from_size },
        { "memory.oom.group", "OOMPolicy", from_group_kill },
        { "memory.swap.max", "MemorySwapMax", from_size },
        { "pids.max", "TasksMax", from_number },
        {},
};

static int translate(const struct Limit *limit, const char *name, size_t n, const char *value, const char **ret_key,
                     char **ret_value) {
        for (; limit->option; limit++)
                if (strlen(limit->option) == n && strncmp(limit->option, name, n) == 0) {
                        *ret_key = limit->key;
                        return limit->convert(value, ret_value);
                }
        return 0;
}

int podman_limit_translate(const char *option, const char *value, const char **ret_key, char **ret_value) {
        size_t n = strcspn(value, "=");

        if (!streq(option, "--cgroup-conf"))
                return translate(options, option, strlen(option), value, ret_key, ret_value);
        return value[n] ? translate(files, value, n, value + n + 1, ret_key, ret_value) : -EINVAL;
}

int podman_swap_translate(const char *memory, const char *value, const char **ret_key, char **ret_value) {
        uint64_t size, both;

        *ret_key = "MemorySwapMax";
        if (streq(value, "-1"))
                return done(strdup("infinity"), ret_value);
        if (!memory || text_to_size(memory, &size) < 0 || text_to_size(value, &both) < 0 || both < size)
                return -EINVAL;
        return done(text_format("%" PRIu64, both - size), ret_value);
}
