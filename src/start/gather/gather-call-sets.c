/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Gathering systemd's sets of system calls. They change from version to version, and the machine's
 * own say what a user of SystemCallFilter= means. */
#include <errno.h>

#include "basic/process.h"
#include "oci/confine/confine-calls.h"
#include "start/gather/gather-steps.h"

enum { CALL_SETS_MAX = 1 << 20 };

/* "@clock", and indented below it what it has. What follows the sets is told in comments. */
static int read_sets(char *text, StringList *ret) {
        _cleanup_text_ Text set = {};
        char *state = NULL;
        int r = 0;

        for (char *line = strtok_r(text, "\n", &state); line && r >= 0; line = strtok_r(NULL, "\n", &state)) {
                size_t indent = strspn(line, " \t");

                if (indent == 0 && set.length > 0) {
                        r = set.failed ? -ENOMEM : string_list_add(ret, set.data);
                        text_done(&set);
                        set = (Text) {};
                }
                if (line[0] == '@')
                        text_appendf(&set, "%s=", line);
                else if (indent > 0 && line[indent] != '#' && set.length > 0)
                        text_appendf(&set, " %s", line + indent);
        }
        if (r >= 0 && set.length > 0)
                r = set.failed ? -ENOMEM : string_list_add(ret, set.data);
        return r;
}

int gather_system_call_sets(const Container *container, const GatherInput *input _unused_, Facts *facts,
                            Diagnostics *diagnostics) {
        static const char *const command[] = { "systemd-analyze", "--no-pager", "syscall-filter", NULL };
        /* It notes what it does not know of the kernel. */
        char *const environment[] = { (char *) "SYSTEMD_LOG_LEVEL=err", NULL };
        const Entry *entry = confine_calls_needed(&container->unit);
        _cleanup_free_ char *text = NULL;
        size_t size;
        int r;

        if (!entry || !confine_calls_need_sets(&container->unit))
                return 0;
        r = process_capture(command, environment, CALL_SETS_MAX, &text, &size);
        if (r == -ENOMEM)
                return r;
        if (r == 0)
                r = read_sets(text, &facts->system_call_sets);
        if (r == 0 && facts->system_call_sets.count > 0)
                return 0;
        return diagnose_error(diagnostics, &entry->where,
                              "\"%s\" in [Service]: \"systemd-analyze syscall-filter\" does not say what is in "
                              "systemd's sets of system calls: %s",
                              entry->key, r < 0 ? strerror(-r) : "it failed");
}
