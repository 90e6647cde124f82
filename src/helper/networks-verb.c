/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ExecStart= of a user's container-networks.service. */
#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include "basic/files.h"
#include "basic/log.h"
#include "basic/path.h"
#include "basic/process.h"
#include "basic/text.h"
#include "helper/verbs.h"
#include "host/mounts.h"
#include "host/notify.h"
#include "host/user/user-root.h"
#include "network/netlink-socket.h"
#include "network/user-mode.h"
#include "network/user-networks.h"
#include "source/places.h"
#include "start/user-mode/user-mode-start.h"
#include "start/user/become-root.h"

#define NAMESPACE_FILE "network-of-user"

/* Pasta brings its loopback device up. */
static int make_namespace(void) {
        _cleanup_close_ int fd = -EBADF;
        int r;

        r = become_user_root("networks");
        if (r < 0)
                return -EREPORTED;
        fd = network_namespace_new();
        if (fd < 0)
                return fd;
        r = user_networks_keep(fd);
        return r < 0 ? r : TAKE_FD(fd);
}

/* When pasta has ended and is started again, all that has been made is there still: `ret_made` is
 * whether it had to be made. */
static int get_namespace(bool *ret_made) {
        _cleanup_passed_fds_ PassedFds passed = {};
        int r = fd_store_receive(&passed), fd;

        if (r < 0)
                return r;
        fd = user_networks_find(&passed);
        *ret_made = fd < 0;
        if (fd < 0)
                return make_namespace();
        r = user_root_join(fd);
        return r < 0 ? r : fd;
}

/* Pasta gives up what lets it look at other processes, and finds the namespace by a name alone. */
static int name_namespace(int fd, const char *path) {
        _cleanup_free_ char *source = text_format("/proc/self/fd/%d", fd);
        _cleanup_close_ int mount_point = -EBADF;
        int r;

        if (!source)
                return -ENOMEM;
        mount_point = open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (mount_point < 0)
                return -errno;
        r = mounts_unshare(place_path(PLACE_RUN));
        return r < 0 ? r : mount(source, path, NULL, MS_BIND, NULL) < 0 ? -errno : 0;
}

/* Which is the unit's main process from then on. */
static int start_pasta(const char *namespace) {
        const NetworkAttachment network = { .kind = NETWORK_PASTA };
        const UserModePlaces places = { .namespace = namespace };
        _cleanup_user_mode_process_ UserModeProcess process = USER_MODE_PROCESS_INIT;
        _cleanup_string_list_ StringList arguments = {};
        int r = user_mode_command(&network, &(PublishedPorts) {}, &places, &arguments);

        if (r >= 0)
                r = user_mode_run_pasta(&arguments, &process);
        return r < 0 ? r : notify_main_process(process.pid, true, 0);
}

int verb_networks(const char *instance _unused_) {
        _cleanup_free_ char *namespace = path_join(place_path(PLACE_RUN), NAMESPACE_FILE), *program = NULL;
        bool made = false;
        int fd, r;

        if (!namespace)
                return log_oom();
        r = process_find("pasta", &program);
        if (r == -ENOENT) {
                log_error("Networks of a user's containers need pasta, which is not installed: Debian has it in the "
                          "package passt");
                return -EHOPELESS;
        }
        r = fd = get_namespace(&made);
        if (r >= 0)
                r = name_namespace(fd, namespace);
        if (r >= 0)
                r = start_pasta(namespace);
        if (r >= 0)
                return 0;
        log_failure_errno(r, "Failed to make the networks of this user: %m");
        return made ? -EHOPELESS : r;
}
