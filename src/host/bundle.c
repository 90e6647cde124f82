/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A container's directory below /run/berth/bundles. */
#include "host/bundle.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "basic/files.h"
#include "basic/path.h"
#include "basic/text.h"
#include "source/places.h"
#include "source/unit-name.h"

#define STOP_SIGNAL_FILE "stop-signal"

static int open_directory(Bundle *bundle) {
        int fd = open(bundle->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

        if (fd < 0)
                return errno == ENOENT ? 0 : -errno;
        fd_close(bundle->fd);
        bundle->fd = fd;
        return 0;
}

/* In the ID of a container a "+" begins two digits. */
#define POD_ENDING "+pod"

static int open_bundle(const char *instance, const char *ending, Bundle *ret) {
        _cleanup_bundle_ Bundle bundle = BUNDLE_INIT;
        _cleanup_free_ char *id = NULL;
        int r;

        r = stem_from_instance(instance, &bundle.stem);
        if (r < 0)
                return r;
        if (stem_is_template(bundle.stem))
                return -EINVAL;
        id = container_id_for(bundle.stem);
        bundle.id = id ? text_format("%s%s", id, ending) : NULL;
        if (!bundle.id)
                return -ENOMEM;
        if (!file_name_is_valid(bundle.id))
                return -EINVAL;
        bundle.path = path_join(place_path(PLACE_BUNDLES), bundle.id);
        if (!bundle.path)
                return -ENOMEM;
        r = open_directory(&bundle);
        if (r < 0)
                return r;
        *ret = bundle;
        bundle = (Bundle) BUNDLE_INIT;
        return 0;
}

int bundle_open(const char *instance, Bundle *ret) {
        return open_bundle(instance, "", ret);
}

int bundle_open_pod(const char *instance, Bundle *ret) {
        return open_bundle(instance, POD_ENDING, ret);
}

char *bundle_id_of_pod(const char *stem) {
        _cleanup_free_ char *id = container_id_for(stem);

        return id ? text_format("%s" POD_ENDING, id) : NULL;
}

char *bundle_unit_name(const Bundle *bundle) {
        return text_format(endswith(bundle->id, POD_ENDING) ? "container-pod@%s.service" : "container@%s.service",
                           bundle->stem);
}

char *bundle_describe_id(const char *id) {
        const char *end = endswith(id, POD_ENDING);

        return end ? text_format("the pod \"%.*s\"", (int) (end - id), id) : text_format("the container \"%s\"", id);
}

int bundle_lock(const Bundle *bundle) {
        while (flock(bundle->fd, LOCK_EX) < 0)
                if (errno != EINTR)
                        return -errno;
        return 0;
}

int bundle_create(Bundle *bundle) {
        int r;

        if (mkdir(bundle->path, 0700) < 0) {
                if (errno != ENOENT)
                        return -errno;
                r = make_directories_at(AT_FDCWD, place_path(PLACE_BUNDLES), 0700);
                if (r < 0)
                        return r;
                if (mkdir(bundle->path, 0700) < 0)
                        return -errno;
        }
        return open_directory(bundle);
}

int bundle_open_to_group(const Bundle *bundle, gid_t gid) {
        if (chmod(place_path(PLACE_BUNDLES), 0711) < 0 || fchown(bundle->fd, (uid_t) -1, gid) < 0 ||
            fchmod(bundle->fd, 0710) < 0)
                return -errno;
        return 0;
}

int bundle_make_mount_point(const Bundle *bundle, const char *name, int source_fd) {
        _cleanup_close_ int fd = -EBADF;
        struct stat st;

        if (fstat(source_fd, &st) < 0)
                return -errno;
        if (S_ISDIR(st.st_mode))
                return mkdirat(bundle->fd, name, 0755) < 0 ? -errno : 0;
        fd = openat(bundle->fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        return fd < 0 ? -errno : 0;
}

int bundle_write_stop_signal(const Bundle *bundle, StopSignal signal) {
        _cleanup_free_ char *text = text_format("%d %" PRIu64 "%s\n", signal.number, signal.limit_usec,
                                                signal.unknown_to_systemd ? " send" : "");

        return text ? write_file_atomic_at(bundle->fd, STOP_SIGNAL_FILE, text, strlen(text), 0600) : -ENOMEM;
}

int bundle_read_stop_signal(const Bundle *bundle, StopSignal *ret) {
        _cleanup_free_ char *text = NULL;
        uint64_t limit_usec;
        int r, number;

        if (bundle->fd < 0)
                return -ENOENT;
        r = read_file_at(bundle->fd, STOP_SIGNAL_FILE, 64, &text, NULL);
        if (r < 0)
                return r;
        if (sscanf(text, "%d %" SCNu64, &number, &limit_usec) != 2 || number < 1 || number > SIGRTMAX)
                return -EBADMSG;
        *ret = (StopSignal) {
                .number = number,
                .unknown_to_systemd = strstr(text, " send"),
                .limit_usec = limit_usec,
        };
        return 0;
}

int bundle_remove(Bundle *bundle) {
        bundle->fd = fd_close(bundle->fd);
        return remove_tree_at(AT_FDCWD, bundle->path);
}

void bundle_done(Bundle *bundle) {
        bundle->stem = x_free(bundle->stem);
        bundle->id = x_free(bundle->id);
        bundle->path = x_free(bundle->path);
        bundle->fd = fd_close(bundle->fd);
}
