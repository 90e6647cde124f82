/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a unit uses, from its control group and its network namespace. */
#include "host/unit/unit-usage.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "basic/files.h"
#include "basic/numbers.h"
#include "basic/text.h"
#include "host/cgroup.h"

/* Returns 1 with the text of one of the group's files, 0 without one, or -ENOMEM. */
static int read_file(const char *control_group, const char *name, char **ret) {
        _cleanup_free_ char *path = text_format(CGROUP_ROOT "%s/%s", control_group, name);
        int r = path ? read_virtual_file(path, ret) : -ENOMEM;

        return r == -ENOMEM ? r : r >= 0;
}

/* A file that is one number, or "max". */
static int read_number(const char *control_group, const char *name, uint64_t *ret) {
        _cleanup_free_ char *text = NULL;
        uint64_t number;
        int r = read_file(control_group, name, &text);

        if (r > 0 && text_to_unsigned(text, UINT64_MAX, &number) >= 0)
                *ret = number;
        return r < 0 ? r : 0;
}

static int read_cpu(const char *control_group, uint64_t *ret) {
        _cleanup_free_ char *text = NULL;
        int r = read_file(control_group, "cpu.stat", &text);

        for (char *rest = text, *line; r > 0 && (line = strsep(&rest, "\n"));) {
                const char *value = startswith(line, "usage_usec ");

                if (value && text_to_unsigned(value, UINT64_MAX, ret) >= 0)
                        break;
        }
        return r < 0 ? r : 0;
}

static void add_to(uint64_t *sum, const char *text) {
        uint64_t number;

        if (text_to_unsigned(text, UINT64_MAX, &number) >= 0)
                *sum += number;
}

/* Lines "8:0 rbytes=1 wbytes=2 rios=…", one a device. */
static int read_devices(const char *control_group, UnitUsage *usage) {
        _cleanup_free_ char *text = NULL;
        int r = read_file(control_group, "io.stat", &text);

        if (r <= 0)
                return r;
        usage->read_bytes = usage->written_bytes = 0;
        for (char *rest = text, *word; (word = strsep(&rest, " \n"));) {
                const char *value;

                if ((value = startswith(word, "rbytes=")))
                        add_to(&usage->read_bytes, value);
                else if ((value = startswith(word, "wbytes=")))
                        add_to(&usage->written_bytes, value);
        }
        return 0;
}

/* Only root may look at the machine's; whoever else asks is in it. */
static bool find_network_of_machine(struct stat *ret) {
        return stat("/proc/1/ns/net", ret) == 0 || stat("/proc/self/ns/net", ret) == 0;
}

/* Returns 1 when the process has a network namespace that is not the machine's. */
static int has_own_network(pid_t pid) {
        _cleanup_free_ char *path = text_format("/proc/%d/ns/net", pid);
        struct stat own, of_machine;

        if (!path)
                return -ENOMEM;
        return stat(path, &own) == 0 && find_network_of_machine(&of_machine) &&
               (own.st_ino != of_machine.st_ino || own.st_dev != of_machine.st_dev);
}

/* Lines of 17 words after two of headings: "  eth0: RECEIVED-BYTES … SENT-BYTES …", the ninth. */
static void count_interface(char *line, UnitUsage *usage) {
        enum { SENT = 8 };
        char *rest = strchr(line, ':');

        line += strspn(line, " ");
        if (!rest || startswith(line, "lo:"))
                return;
        rest++;
        for (unsigned i = 0; i <= SENT; i++) {
                const char *word;

                rest += strspn(rest, " ");
                word = strsep(&rest, " ");
                if (!word || !rest)
                        return;
                if (i == 0)
                        add_to(&usage->received_bytes, word);
                else if (i == SENT)
                        add_to(&usage->sent_bytes, word);
        }
}

static int read_network(pid_t pid, UnitUsage *usage) {
        _cleanup_free_ char *path = NULL, *text = NULL;
        int r = pid > 0 ? has_own_network(pid) : 0;

        if (r <= 0)
                return r;
        path = text_format("/proc/%d/net/dev", pid);
        r = path ? read_virtual_file(path, &text) : -ENOMEM;
        if (r < 0)
                return r == -ENOMEM ? r : 0; /* it has ended */
        usage->received_bytes = usage->sent_bytes = 0;
        for (char *rest = text, *line; (line = strsep(&rest, "\n"));)
                count_interface(line, usage);
        return 0;
}

static uint64_t memory_of_machine(void) {
        long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);

        return pages > 0 && size > 0 ? (uint64_t) pages * (uint64_t) size : UINT64_MAX;
}

int unit_usage_read(const char *control_group, pid_t main_pid, UnitUsage *ret) {
        UnitUsage usage = { UINT64_MAX, UINT64_MAX, UINT64_MAX, memory_of_machine(),
                            UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX };
        int r;

        r = read_cpu(control_group, &usage.cpu_usec);
        if (r >= 0)
                r = read_number(control_group, "memory.current", &usage.memory_bytes);
        if (r >= 0)
                r = read_number(control_group, "memory.max", &usage.memory_limit);
        if (r >= 0)
                r = read_number(control_group, "pids.current", &usage.tasks);
        if (r >= 0)
                r = read_devices(control_group, &usage);
        if (r >= 0)
                r = read_network(main_pid, &usage);
        if (r < 0)
                return r;
        *ret = usage;
        return 0;
}

int unit_usage_read_basics(const char *control_group, uint64_t *memory_bytes, uint64_t *cpu_nsec) {
        enum { NSEC_PER_USEC = 1000 };
        uint64_t usec = UINT64_MAX;
        int r;

        r = read_number(control_group, "memory.current", memory_bytes);
        if (r >= 0)
                r = read_cpu(control_group, &usec);
        if (r >= 0 && usec <= UINT64_MAX / NSEC_PER_USEC)
                *cpu_nsec = usec * NSEC_PER_USEC;
        return r;
}
