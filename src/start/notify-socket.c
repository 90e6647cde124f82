/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "start/notify-socket.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "basic/path.h"
#include "host/labels.h"
#include "host/mount-point.h"
#include "source/places.h"

#define NAME "notify.sock"

int notify_socket_gather(const Container *container, int root_fd, const char *bundle_path, Facts *facts,
                         Diagnostics *diagnostics) {
        Location where = container_where(container, KEY_Container_Notify);
        _cleanup_free_ char *destination = NULL;
        int r;

        if (container->notify != NOTIFY_YES)
                return 0;
        r = mount_point_find(container, root_fd, facts, NOTIFY_DESTINATION, &destination);
        if (r == 0)
                return diagnose_error(diagnostics, &where,
                                      "Notify=yes needs a %s, for which the root file system has no place; a "
                                      "Tmpfs=/run would be one",
                                      NOTIFY_DESTINATION);
        return r < 0 ? r : string_list_addf(&facts->bind_files, "%s/" NAME ":%s", bundle_path, destination);
}

int notify_socket_link(const Container *container, const Bundle *bundle, Diagnostics *diagnostics) {
        Location where = container_where(container, KEY_Container_Notify);
        _cleanup_free_ char *path = path_join(place_path(PLACE_NOTIFICATIONS), container->stem);
        _cleanup_close_ int fd = -EBADF;

        if (container->notify != NOTIFY_YES)
                return 0;
        if (!path)
                return -ENOMEM;
        /* The unit requires its socket where the generator has seen the key. The bundle may have
         * been opened in another mount namespace, where all mounts are others. */
        fd = open(bundle->path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        if (linkat(AT_FDCWD, path, fd, NAME, 0) >= 0)
                return 0;
        return errno == ENOENT ? diagnose_error(diagnostics, &where,
                                                "there is no container-notify@%s.socket; a daemon-reload is due",
                                                container->stem)
                               : -errno;
}

/* Its start would wait for a word that never comes. */
static void check_policy(const Container *container, const char *process, Diagnostics *diagnostics) {
        Location where = container_where(container, KEY_Container_Notify);

        if (process && !labels_may_use_socket(process, LIBEXECDIR "/berth-notify", "unix_dgram_socket", "sendto"))
                diagnose_warning(diagnostics, &where,
                                 "SELinux's policy does not let the container tell systemd anything: it needs "
                                 "berth's module, and " LIBEXECDIR "/berth-notify the label that the module has for "
                                 "it, see SELINUX in berth.container(5)");
}

int notify_socket_label(const Container *container, const Bundle *bundle, const ContainerLabels *labels,
                        Diagnostics *diagnostics) {
        _cleanup_close_ int fd = -EBADF;

        if (container->notify != NOTIFY_YES || !labels->mount)
                return 0;
        check_policy(container, labels->process, diagnostics);
        fd = openat(bundle->fd, NAME, O_PATH | O_NOFOLLOW | O_CLOEXEC);
        return fd < 0 ? -errno : labels_set(fd, labels->mount);
}
