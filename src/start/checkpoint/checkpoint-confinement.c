/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a restored process is held by. */
#include "start/checkpoint/checkpoint-confinement.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/pidfd.h>

#include "basic/files.h"
#include "basic/text.h"
#include "start/bundle-config.h"

static int read_process(const Bundle *bundle, json_object **ret) {
        _cleanup_free_ char *control_group = NULL;

        return bundle_config_get_process(bundle, ret, &control_group);
}

int checkpoint_is_labelled(const Bundle *bundle) {
        _cleanup_json_object_ json_object *process = NULL;
        const char *label;
        int r = read_process(bundle, &process);

        if (r < 0)
                return r;
        label = json_get_string(process, "selinuxLabel");
        return label && *label;
}

int checkpoint_get_profile(const Bundle *bundle, char **ret) {
        _cleanup_json_object_ json_object *process = NULL;
        const char *label, *profile;
        int r = read_process(bundle, &process);

        if (r < 0)
                return r;
        label = json_get_string(process, "selinuxLabel");
        profile = json_get_string(process, "apparmorProfile");
        if (label && *label)
                *ret = text_format("selinux:%s", label);
        else if (profile && *profile)
                *ret = text_format("apparmor:%s", profile);
        else
                return 0;
        return *ret ? 0 : -ENOMEM;
}

/* `found` is as the kernel has it: "label", or "profile (enforce)" and a newline. */
static bool is(char *found, const char *wanted) {
        char *mode = strstr(found, " (");

        if (mode)
                *mode = '\0';
        found[strcspn(found, "\n")] = '\0';
        return streq(found, wanted);
}

/* `wanted` may be NULL or empty: the description has none. */
static int check(const Bundle *bundle, pid_t pid, const char *attribute, const char *wanted, Diagnostics *diagnostics) {
        enum { LONGEST = 4096 };
        _cleanup_free_ char *path = text_format("/proc/%d/attr/%s", (int) pid, attribute), *found = NULL;
        int r;

        if (!wanted || !*wanted)
                return 0;
        r = path ? read_file_at(AT_FDCWD, path, LONGEST, &found, NULL) : -ENOMEM;
        if (r < 0 || is(found, wanted))
                return r;
        return diagnose_error(diagnostics, NULL,
                              "\"%s\" cannot go on from its checkpoint: CRIU has let its processes run as \"%s\" "
                              "instead of \"%s\"; they were killed",
                              bundle->stem, found, wanted);
}

static int check_all(const Bundle *bundle, pid_t pid, Diagnostics *diagnostics) {
        _cleanup_json_object_ json_object *process = NULL;
        int r = read_process(bundle, &process);

        if (r >= 0)
                r = check(bundle, pid, "current", json_get_string(process, "selinuxLabel"), diagnostics);
        return r < 0 ? r
                     : check(bundle, pid, "apparmor/current", json_get_string(process, "apparmorProfile"), diagnostics);
}

/* One that has ended is gone at once, as it is a child of PID 1's. */
int checkpoint_check_confinement(const Bundle *bundle, pid_t pid, Diagnostics *diagnostics) {
        _cleanup_close_ int pidfd = pidfd_open(pid, 0);
        int r = pidfd < 0 ? -errno : check_all(bundle, pid, diagnostics);

        if (r < 0 && pidfd >= 0)
                (void) pidfd_send_signal(pidfd, SIGKILL, NULL, 0);
        return r == -ENOENT || r == -ESRCH
                       ? diagnose_error(diagnostics, NULL,
                                        "\"%s\" has ended as soon as it went on from its checkpoint", bundle->stem)
                       : r;
}
