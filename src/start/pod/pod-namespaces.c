/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The namespaces of a pod that is up. */
#include "start/pod/pod-namespaces.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <unistd.h>

#include "basic/files.h"
#include "basic/path.h"
#include "basic/text.h"
#include "host/fd-store.h"
#include "host/mounts.h"
#include "host/notify.h"
#include "host/user/user-root.h"
#include "source/places.h"
#include "source/unit-name.h"

#define NOTE_FILE "mount-namespace"
#define STORED FD_STORE_PREFIX "pod"

enum { NOTE_MAX = 64 };

static int expected_fd = -EBADF; /* of the one pod that a user's process is about */

static int open_bundle(const char *stem, Bundle *ret) {
        _cleanup_free_ char *instance = stem_escape(stem);

        return instance ? bundle_open_pod(instance, ret) : -ENOMEM;
}

int pod_namespaces_keep(const Bundle *bundle) {
        _cleanup_close_ int fd = mounts_open_namespace();
        char name[NOTE_MAX] = "";
        ssize_t n;
        int r;

        if (fd < 0)
                return fd;
        n = readlink("/proc/self/ns/mnt", name, sizeof(name) - 1);
        if (n < 0)
                return -errno;
        r = fd_store_put(STORED, &fd, 1);
        if (r >= 0)
                r = notify_barrier();
        return r < 0 ? r : write_file_atomic_at(bundle->fd, NOTE_FILE, name, strlen(name), 0600);
}

typedef struct Visit {
        const Bundle *bundle;
        PodNamespaces *namespaces;
} Visit;

/* What is there but no namespace has never been mounted on. */
static int open_pinned(const Bundle *bundle, const char *file, int flag, int *ret_fd) {
        _cleanup_free_ char *path = text_format("%s/" PINNED_PREFIX "%s", bundle->path, file);
        _cleanup_close_ int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -EBADF;

        if (!path)
                return -ENOMEM;
        if (fd < 0)
                return errno == ENOENT ? 0 : -errno;
        if (ioctl(fd, NS_GET_NSTYPE) != flag)
                return -EBADMSG;
        *ret_fd = TAKE_FD(fd);
        return 0;
}

static int open_all(void *userdata) {
        static const struct {
                OciNamespace type;
                const char *file;
                int flag;
        } pinned[] = {
                { OCI_NAMESPACE_NETWORK, "net", CLONE_NEWNET },
                { OCI_NAMESPACE_IPC, "ipc", CLONE_NEWIPC },
                { OCI_NAMESPACE_UTS, "uts", CLONE_NEWUTS },
                { OCI_NAMESPACE_USER, "user", CLONE_NEWUSER },
        };
        const Visit *visit = userdata;
        _cleanup_free_ char *shm = path_join(visit->bundle->path, PINNED_SHM);
        int r = shm ? 0 : -ENOMEM;

        for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(pinned); i++)
                r = open_pinned(visit->bundle, pinned[i].file, pinned[i].flag,
                                &visit->namespaces->fds[pinned[i].type]);
        if (r < 0)
                return r;
        visit->namespaces->shm_fd = open_tree(AT_FDCWD, shm, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
        return visit->namespaces->shm_fd < 0 ? -errno : 0;
}

static int find_mounts(const Bundle *bundle) {
        _cleanup_free_ char *name = NULL;
        int r;

        if (expected_fd >= 0) {
                int fd = fcntl(expected_fd, F_DUPFD_CLOEXEC, 0);

                return fd < 0 ? -errno : fd;
        }
        r = bundle->fd < 0 ? -ENOENT : read_file_at(bundle->fd, NOTE_FILE, NOTE_MAX, &name, NULL);
        return r < 0 ? r : fd_store_find_namespace(name);
}

int pod_namespaces_expect(const char *stem) {
        _cleanup_bundle_ Bundle bundle = BUNDLE_INIT;
        int r;

        if (places_scope() != SCOPE_USER || expected_fd >= 0)
                return 0;
        r = open_bundle(stem, &bundle);
        if (r >= 0)
                r = expected_fd = find_mounts(&bundle);
        return r < 0 ? r : user_root_join(expected_fd);
}

int pod_namespaces_open(const char *stem, PodNamespaces *ret) {
        _cleanup_bundle_ Bundle bundle = BUNDLE_INIT;
        _cleanup_close_ int fd = -EBADF;
        int r;

        r = open_bundle(stem, &bundle);
        if (r >= 0)
                r = fd = find_mounts(&bundle);
        return r < 0 ? r : mounts_visit(fd, open_all, &(Visit) { .bundle = &bundle, .namespaces = ret });
}

char *pod_namespace_path(const char *stem, const char *file) {
        _cleanup_bundle_ Bundle bundle = BUNDLE_INIT;

        return open_bundle(stem, &bundle) < 0 ? NULL : text_format("%s/" PINNED_PREFIX "%s", bundle.path, file);
}

int pod_find_file(const char *stem, const char *name, char **ret) {
        _cleanup_bundle_ Bundle bundle = BUNDLE_INIT;
        int r = open_bundle(stem, &bundle);

        if (r < 0 || bundle.fd < 0 || faccessat(bundle.fd, name, F_OK, AT_SYMLINK_NOFOLLOW) < 0)
                return r == -ENOMEM ? r : 0;
        *ret = path_join(bundle.path, name);
        return *ret ? 1 : -ENOMEM;
}

void pod_namespaces_done(PodNamespaces *namespaces) {
        for (size_t i = 0; i < _OCI_NAMESPACE_COUNT; i++)
                namespaces->fds[i] = fd_close(namespaces->fds[i]);
        namespaces->shm_fd = fd_close(namespaces->shm_fd);
}
