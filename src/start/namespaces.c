/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The namespaces that a container is started with. */
#include "start/namespaces.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "basic/files.h"
#include "basic/json.h"
#include "basic/path.h"
#include "basic/text.h"
#include "host/mounts.h"
#include "oci/oci-namespaces.h"
#include "source/places.h"
#include "source/unit-name.h"
#include "start/peer.h"
#include "start/pod/pod-namespaces.h"
#include "start/user-namespace.h"

/* By OciNamespace: its file below /proc/PID/ns, and its flag of clone(2). */
static const struct {
        const char *file;
        int flag;
} kinds[_OCI_NAMESPACE_COUNT] = {
        [OCI_NAMESPACE_PID] = { "pid", CLONE_NEWPID },          [OCI_NAMESPACE_NETWORK] = { "net", CLONE_NEWNET },
        [OCI_NAMESPACE_IPC] = { "ipc", CLONE_NEWIPC },          [OCI_NAMESPACE_UTS] = { "uts", CLONE_NEWUTS },
        [OCI_NAMESPACE_MOUNT] = { "mnt", CLONE_NEWNS },         [OCI_NAMESPACE_CGROUP] = { "cgroup", CLONE_NEWCGROUP },
        [OCI_NAMESPACE_USER] = { "user", CLONE_NEWUSER },
};

typedef struct Opener {
        const Container *container;
        Diagnostics *diagnostics;
        Namespaces *namespaces;
        Peer peers[_OCI_NAMESPACE_COUNT];
        size_t peer_count;
        PodNamespaces pod;
        bool has_pod;
} Opener;

static int find_peer(Opener *opener, const Namespace *namespace, const Peer **ret) {
        int r;

        for (size_t i = 0; i < opener->peer_count; i++)
                if (streq(opener->peers[i].stem, namespace->value)) {
                        *ret = &opener->peers[i];
                        return 0;
                }
        r = peer_open(namespace, opener->diagnostics, &opener->peers[opener->peer_count]);
        if (r < 0)
                return r;
        *ret = &opener->peers[opener->peer_count++];
        return 0;
}

/* Without privileges, for a look, the place is enough. */
static int open_of_peer(Opener *opener, OciNamespace type, const Namespace *namespace) {
        _cleanup_free_ char *file = text_format("ns/%s", kinds[type].file);
        Namespaces *namespaces = opener->namespaces;
        const Peer *peer = NULL;
        int r;

        if (!file)
                return -ENOMEM;
        r = find_peer(opener, namespace, &peer);
        if (r < 0)
                return r;
        namespaces->paths[type] = text_format("/proc/%d/%s", (int) peer->pid, file);
        if (!namespaces->paths[type])
                return -ENOMEM;
        namespaces->fds[type] = openat(peer->fd, file, O_RDONLY | O_CLOEXEC);
        if (namespaces->fds[type] < 0 && errno == EACCES && geteuid() != 0)
                return 0;
        if (namespaces->fds[type] < 0)
                return diagnose_error(opener->diagnostics, &namespace->where,
                                      "the container \"%s\" does not run any more: %s", namespace->value,
                                      strerror(errno));
        if (type == OCI_NAMESPACE_IPC && geteuid() == 0) {
                namespaces->shm_fd = mounts_clone_from(peer->fd, "/dev/shm");
                if (namespaces->shm_fd == -EINVAL)
                        return diagnose_error(opener->diagnostics, &namespace->where,
                                              "the /dev/shm of \"%s\" cannot be shared: it is mounted as unbindable",
                                              namespace->value);
                if (namespaces->shm_fd < 0 && namespaces->shm_fd != -ENOENT && namespaces->shm_fd != -ENOTDIR &&
                    namespaces->shm_fd != -ELOOP)
                        return namespaces->shm_fd;
        }
        return 0;
}

static int find_pod(Opener *opener, const Namespace *namespace) {
        _cleanup_free_ char *unit_name = NULL;
        int r;

        if (opener->has_pod)
                return 0;
        r = pod_namespaces_open(namespace->value, &opener->pod);
        opener->has_pod = r >= 0;
        if (r != -ENOENT)
                return r;
        r = unit_name_for(FILE_POD, namespace->value, &unit_name);
        if (r < 0)
                return r;
        return diagnose_error(opener->diagnostics, &namespace->where, "the pod \"%s\" is not up; its unit is %s",
                              namespace->value, unit_name);
}

/* Without privileges, for a look, the place where the runtime will find it is enough. */
static int open_of_pod(Opener *opener, OciNamespace type, const Namespace *namespace) {
        Namespaces *namespaces = opener->namespaces;
        int r;

        namespaces->paths[type] = pod_namespace_path(namespace->value, kinds[type].file);
        if (!namespaces->paths[type])
                return -ENOMEM;
        if (geteuid() != 0)
                return 0;
        r = find_pod(opener, namespace);
        if (r < 0)
                return r;
        if (opener->pod.fds[type] < 0)
                return diagnose_error(opener->diagnostics, &namespace->where,
                                      "the pod \"%s\" has no %s namespace: its file has changed; use: systemctl "
                                      "%srestart container-pod@%s",
                                      namespace->value, namespace_type(type), places_manager_option(),
                                      namespace->value);
        namespaces->fds[type] = TAKE_FD(opener->pod.fds[type]);
        if (type == OCI_NAMESPACE_IPC)
                namespaces->shm_fd = TAKE_FD(opener->pod.shm_fd);
        return 0;
}

static int open_path(Opener *opener, OciNamespace type, const Namespace *namespace) {
        int fd = open(namespace->value, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC), found;
        Namespaces *namespaces = opener->namespaces;

        namespaces->fds[type] = fd;
        if (fd < 0)
                return diagnose_error(opener->diagnostics, &namespace->where, "the namespace \"%s\": %s",
                                      namespace->value, strerror(errno));
        found = ioctl(fd, NS_GET_NSTYPE);
        if (found < 0)
                return diagnose_error(opener->diagnostics, &namespace->where, "\"%s\" is no namespace",
                                      namespace->value);
        if (found != kinds[type].flag)
                return diagnose_error(opener->diagnostics, &namespace->where, "\"%s\" is no %s namespace",
                                      namespace->value, namespace_type(type));
        namespaces->paths[type] = strdup(namespace->value);
        return namespaces->paths[type] ? 0 : -ENOMEM;
}

static int read_host_name(const Namespace *uts, char **ret) {
        _cleanup_free_ char *path = NULL, *name = NULL;
        int r;

        r = uts->kind == NAMESPACE_POD ? pod_find_file(uts->value, "hostname", &path)
                                       : namespaces_find_file(uts->value, "hostname", &path);
        if (r <= 0)
                return r;
        r = read_file_at(AT_FDCWD, path, HOST_NAME_MAX + 1, &name, NULL);
        if (r < 0)
                return r == -ENOMEM ? r : 0;
        name[strcspn(name, "\n")] = '\0';
        *ret = TAKE_PTR(name);
        return 0;
}

/* What goes with a namespace. */
static int complete(Opener *opener, OciNamespace type, const Namespace *namespace) {
        Namespaces *namespaces = opener->namespaces;
        int r;

        if (type == OCI_NAMESPACE_UTS && (namespace->kind == NAMESPACE_CONTAINER || namespace->kind == NAMESPACE_POD))
                return read_host_name(namespace, &namespaces->host_name);
        if (type != OCI_NAMESPACE_USER || namespaces->fds[type] < 0)
                return 0;
        r = user_namespace_read_maps(namespaces->fds[type], &namespaces->uids, &namespaces->gids);
        if (r == -EINVAL) /* this process's own, which nothing can join again */
                return diagnose_error(opener->diagnostics, &namespace->where,
                                      "\"UserNS\" joins the machine's own user namespace; use UserNS=host");
        return r;
}

int namespaces_open(const Container *container, Diagnostics *diagnostics, Namespaces *namespaces) {
        Opener opener = {
                .container = container,
                .diagnostics = diagnostics,
                .namespaces = namespaces,
                .pod = POD_NAMESPACES_INIT,
        };
        int result = 0;

        for (OciNamespace type = 0; type < _OCI_NAMESPACE_COUNT && (result == 0 || result == -EREPORTED); type++) {
                Namespace namespace = get_namespace(container, &(Facts) {}, type);
                int r = 0;

                if (namespace.kind == NAMESPACE_CONTAINER)
                        r = open_of_peer(&opener, type, &namespace);
                else if (namespace.kind == NAMESPACE_POD)
                        r = open_of_pod(&opener, type, &namespace);
                else if (namespace.kind == NAMESPACE_PATH)
                        r = open_path(&opener, type, &namespace);
                if (r == 0)
                        r = complete(&opener, type, &namespace);
                if (r < 0)
                        result = r;
        }
        for (size_t i = 0; i < opener.peer_count; i++)
                peer_done(&opener.peers[i]);
        pod_namespaces_done(&opener.pod);
        return result;
}

static int pin_namespace(const Bundle *bundle, int fd, const char *file, char **path) {
        _cleanup_free_ char *source = text_format("/proc/self/fd/%d", fd),
                            *name = text_format(PINNED_PREFIX "%s", file);
        _cleanup_free_ char *target = name ? path_join(bundle->path, name) : NULL;
        _cleanup_close_ int mount_point = -EBADF;

        if (!source || !target)
                return -ENOMEM;
        mount_point = openat(bundle->fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (mount_point < 0)
                return -errno;
        if (mount(source, target, NULL, MS_BIND, NULL) < 0)
                return -errno;
        free(*path);
        *path = TAKE_PTR(target);
        return 0;
}

static int pin_shm(Namespaces *namespaces, const Bundle *bundle) {
        _cleanup_free_ char *target = path_join(bundle->path, "shm");
        int r;

        if (!target)
                return -ENOMEM;
        r = mounts_unshare(bundle->path);
        if (r < 0)
                return r;
        if (mkdirat(bundle->fd, "shm", 0700) < 0 ||
            move_mount(namespaces->shm_fd, "", AT_FDCWD, target, MOVE_MOUNT_F_EMPTY_PATH) < 0)
                return -errno;
        namespaces->shm_path = TAKE_PTR(target);
        return 0;
}

int namespaces_pin(Namespaces *namespaces, const Bundle *bundle) {
        int r = 0;

        for (OciNamespace type = 0; type < _OCI_NAMESPACE_COUNT && r == 0; type++) {
                if (namespaces->fds[type] < 0)
                        continue;
                r = mounts_unshare(bundle->path);
                if (r == 0)
                        r = pin_namespace(bundle, namespaces->fds[type], kinds[type].file, &namespaces->paths[type]);
        }
        if (r == 0 && namespaces->shm_fd >= 0)
                r = pin_shm(namespaces, bundle);
        return r;
}

int namespaces_pin_again(const Bundle *bundle, pid_t pid) {
        int r = mounts_unshare(bundle->path);

        for (OciNamespace type = 0; type < _OCI_NAMESPACE_COUNT && r >= 0; type++) {
                _cleanup_free_ char *source = text_format("/proc/%d/ns/%s", (int) pid, kinds[type].file);
                _cleanup_free_ char *target = text_format("%s/" PINNED_PREFIX "%s", bundle->path, kinds[type].file);

                if (!source || !target)
                        return -ENOMEM;
                if (access(target, F_OK) >= 0 && mount(source, target, NULL, MS_BIND, NULL) < 0)
                        return -errno;
        }
        return r;
}

int namespaces_open_pinned(const Bundle *bundle, OciNamespace type) {
        _cleanup_free_ char *path = text_format("%s/" PINNED_PREFIX "%s", bundle->path, kinds[type].file);
        int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;

        if (!path)
                return -ENOMEM;
        return fd < 0 ? -errno : fd;
}

/* The source of the bind mount in a config.json that is the generated file `name` of any container.
 * Borrowed, or NULL. */
static const char *find_source(json_object *spec, const char *name) {
        json_object *mounts = json_get_member(spec, "mounts", json_type_array);

        for (size_t i = 0; mounts && i < json_object_array_length(mounts); i++) {
                const char *path = json_get_string(json_object_array_get_idx(mounts, i), "source");

                if (path && path_is_below(path, place_path(PLACE_BUNDLES)) &&
                    path_depth(path) == path_depth(place_path(PLACE_BUNDLES)) + 2 && streq(path_basename(path), name))
                        return path;
        }
        return NULL;
}

int namespaces_find_file(const char *stem, const char *name, char **ret) {
        enum { LARGEST = 16 << 20 };
        _cleanup_free_ char *id = container_id_for(stem),
                            *path = id ? text_format("%s/%s/config.json", place_path(PLACE_BUNDLES), id) : NULL;
        _cleanup_json_object_ json_object *spec = NULL;
        const char *source;
        int r;

        if (!path)
                return -ENOMEM;
        r = json_read_file_at(AT_FDCWD, path, LARGEST, json_type_object, &spec);
        if (r < 0)
                return r == -ENOMEM ? r : 0;
        source = find_source(spec, name);
        if (!source)
                return 0;
        *ret = strdup(source);
        return *ret ? 1 : -ENOMEM;
}

void namespaces_done(Namespaces *namespaces) {
        for (size_t i = 0; i < _OCI_NAMESPACE_COUNT; i++) {
                namespaces->fds[i] = fd_close(namespaces->fds[i]);
                namespaces->paths[i] = x_free(namespaces->paths[i]);
        }
        id_map_done(&namespaces->uids);
        id_map_done(&namespaces->gids);
        namespaces->shm_fd = fd_close(namespaces->shm_fd);
        namespaces->shm_path = x_free(namespaces->shm_path);
        namespaces->host_name = x_free(namespaces->host_name);
}
