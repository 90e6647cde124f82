/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The network namespace that all networks of a user are in. */
#include "network/user-networks.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include "basic/files.h"
#include "basic/path.h"
#include "basic/text.h"
#include "host/mounts.h"
#include "host/notify.h"
#include "host/user/user-root.h"
#include "network/user-mode.h"
#include "source/places.h"

#define STORED FD_STORE_PREFIX "networks"
#define NOTE_FILE "network-namespace"
#define RESOLVER_FILE "resolv.conf"

enum { NOTE_MAX = 64 };

static bool here; /* this process has entered */

int user_networks_keep(int namespace_fd) {
        _cleanup_free_ char *link = text_format("/proc/self/fd/%d", namespace_fd),
                            *path = path_join(place_path(PLACE_RUN), NOTE_FILE);
        char name[NOTE_MAX] = "";
        ssize_t n;
        int r;

        if (!link || !path)
                return -ENOMEM;
        n = readlink(link, name, sizeof(name) - 1);
        if (n < 0)
                return -errno;
        r = fd_store_put(STORED, &namespace_fd, 1);
        if (r >= 0)
                r = notify_barrier();
        if (r >= 0)
                r = make_directories_at(AT_FDCWD, place_path(PLACE_RUN), 0755);
        return r < 0 ? r : write_file_atomic_at(AT_FDCWD, path, name, (size_t) n, 0600);
}

int user_networks_find(const PassedFds *passed) {
        return fd_store_find(passed, STORED);
}

int user_networks_open(void) {
        _cleanup_free_ char *path = path_join(place_path(PLACE_RUN), NOTE_FILE), *name = NULL;
        int r = path ? read_file_at(AT_FDCWD, path, NOTE_MAX, &name, NULL) : -ENOMEM;

        return r < 0 ? r : fd_store_find_namespace(name);
}

int user_networks_enter(void) {
        _cleanup_close_ int fd = -EBADF;
        int r;

        if (places_scope() != SCOPE_USER)
                return 0;
        fd = user_networks_open();
        r = fd < 0 ? fd : user_root_join(fd);
        if (r < 0)
                return r;
        if (setns(fd, CLONE_NEWNET) < 0)
                return -errno;
        here = true;
        return 0;
}

bool user_networks_are_here(void) {
        return here || places_scope() == SCOPE_SYSTEM;
}

int user_networks_show_name_server(void) {
        _cleanup_free_ char *path = path_join(place_path(PLACE_RUN), RESOLVER_FILE), *text = NULL;
        char address[IP_ADDRESS_TEXT];
        int r;

        user_mode_name_server(&(NetworkAttachment) { .kind = NETWORK_PASTA }, address);
        text = text_format("nameserver %s\n", address);
        if (!path || !text)
                return -ENOMEM;
        r = write_file_atomic_at(AT_FDCWD, path, text, strlen(text), 0644);
        if (r >= 0)
                r = mounts_unshare(place_path(PLACE_RUN));
        if (r < 0)
                return r;
        return mount(path, "/etc/resolv.conf", NULL, MS_BIND, NULL) < 0 ? -errno : 0;
}
