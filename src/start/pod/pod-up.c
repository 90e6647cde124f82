/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A pod's start. */
#include "start/pod/pod-up.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "basic/log.h"
#include "basic/path.h"
#include "basic/process.h"
#include "basic/text.h"
#include "host/idmap.h"
#include "host/mounts.h"
#include "host/unit/unit.h"
#include "host/user/user-root.h"
#include "kind/container/container-id-maps.h"
#include "kind/container/container-user-network.h"
#include "kind/load.h"
#include "kind/pod-container.h"
#include "network/netlink.h"
#include "network/user-networks.h"
#include "oci/oci-spec.h"
#include "start/gather/gather.h"
#include "start/peer.h"
#include "start/pod/pod-namespaces.h"
#include "start/pod/pod-parameters.h"
#include "start/pod/pod-program.h"
#include "start/undo.h"
#include "start/user-mode/user-mode-start.h"
#include "start/user/become-root.h"
#include "start/user/bridge-agent.h"
#include "start/user-namespace.h"

/* A pod on its way. */
typedef struct Upping {
        const Pod *pod;
        Container container; /* the pod as one; borrowed from it */
        Bundle bundle;
        Namespaces namespaces;
        Networking networking;
        Facts facts;
        Confinement confinement; /* what its containers' files and memory are labelled with */
        Diagnostics *diagnostics;
} Upping;

static void upping_done(Upping *up) {
        bundle_done(&up->bundle);
        namespaces_done(&up->namespaces);
        networking_done(&up->networking);
        facts_done(&up->facts);
        confinement_done(&up->confinement);
}

static int log_failure(const Upping *up, int error, const char *what) {
        return log_failure_errno(error, "Failed to %s the pod %s: %m", what, up->bundle.stem);
}

/* What a new process opens for this one. */
typedef struct Opened {
        int result, ipc_fd, uts_fd, network_fd;
        size_t parameter; /* which one could not be set, or as many as there are */
} Opened;

/* What namespaces are made, and how. */
typedef struct Wanted {
        bool network;
        const char *host_name;
        StringList parameters;
} Wanted;

static int open_own(const char *name) {
        int fd = open(name, O_RDONLY | O_CLOEXEC);

        return fd < 0 ? -errno : fd;
}

/* There is one whatever else there will be. */
static int set_loopback_up(void) {
        _cleanup_netlink_ Netlink *netlink = NULL;
        int r = netlink_open(&netlink);

        return r < 0 ? r : netlink_set_up(netlink, 1);
}

/* In a process of ours, which shares our descriptors. */
static Opened open_new(int user_fd, const Wanted *wanted) {
        Opened opened = { .ipc_fd = -EBADF, .uts_fd = -EBADF, .network_fd = -EBADF };
        bool network = wanted->network;

        opened.parameter = wanted->parameters.count;

        if ((user_fd >= 0 && setns(user_fd, CLONE_NEWUSER) < 0) ||
            unshare(CLONE_NEWIPC | CLONE_NEWUTS | (network ? CLONE_NEWNET : 0)) < 0 ||
            sethostname(wanted->host_name, strlen(wanted->host_name)) < 0) {
                opened.result = -errno;
                return opened;
        }
        opened.result = pod_parameters_set(&wanted->parameters, &opened.parameter);
        if (opened.result >= 0 && network)
                opened.result = set_loopback_up();
        if (opened.result < 0)
                return opened;
        opened.ipc_fd = open_own("/proc/self/ns/ipc");
        opened.uts_fd = open_own("/proc/self/ns/uts");
        if (network)
                opened.network_fd = open_own("/proc/self/ns/net");
        opened.result = opened.ipc_fd < 0                 ? opened.ipc_fd
                        : opened.uts_fd < 0               ? opened.uts_fd
                        : network && opened.network_fd < 0 ? opened.network_fd
                                                          : 0;
        return opened;
}

static int receive(int fd, const Wanted *wanted, Namespaces *namespaces) {
        Opened opened = { .result = -EIO };

        if (read(fd, &opened, sizeof(opened)) != sizeof(opened))
                return -EIO;
        if (opened.parameter < wanted->parameters.count)
                log_error_errno(opened.result, "Failed to set \"%s\", of default_sysctls in containers.conf: %m",
                                wanted->parameters.items[opened.parameter]);
        namespaces->fds[OCI_NAMESPACE_IPC] = opened.ipc_fd;
        namespaces->fds[OCI_NAMESPACE_UTS] = opened.uts_fd;
        namespaces->fds[OCI_NAMESPACE_NETWORK] = opened.network_fd;
        return opened.result;
}

/* Namespaces belong to the user namespace that they were made in, and so another process makes
 * them. It may be killed before it answers: what it says is read when it has ended, and the pipe
 * with it. */
static int make_new(const Wanted *wanted, Namespaces *namespaces) {
        int user_fd = namespaces->fds[OCI_NAMESPACE_USER], ends[2], r;
        pid_t pid;

        if (pipe2(ends, O_CLOEXEC) < 0)
                return -errno;
        pid = (pid_t) syscall(SYS_clone, CLONE_FILES | SIGCHLD, NULL, NULL, NULL, NULL);
        if (pid == 0) {
                Opened opened = open_new(user_fd, wanted);

                _exit(write(ends[1], &opened, sizeof(opened)) == sizeof(opened) ? EXIT_SUCCESS : EXIT_FAILURE);
        }
        r = pid < 0 ? -errno : process_wait(pid);
        fd_close(ends[1]);
        if (r >= 0)
                r = receive(ends[0], wanted, namespaces);
        fd_close(ends[0]);
        return r;
}

/* What is shared memory for all: /dev/shm, as each container would have one. Mounted where nobody
 * else sees it. */
static int mount_shm(const Upping *up) {
        enum { SHM_BYTES = 64 << 20 };
        uint64_t size_bytes = up->container.set.entry[KEY_Container_ShmSize] ? up->container.shm_size_bytes : SHM_BYTES;
        _cleanup_free_ char *target = path_join(up->bundle.path, PINNED_SHM), *options = NULL;
        const char *label = up->confinement.labels.mount;
        uint32_t uid = 0, gid = 0;

        (void) facts_uid_outside(&up->facts, 0, &uid);
        (void) facts_gid_outside(&up->facts, 0, &gid);
        options = text_format("mode=1777,size=%" PRIu64 ",uid=%u,gid=%u%s%s%s", size_bytes, uid, gid,
                              label ? ",context=\"" : "", label ?: "", label ? "\"" : "");
        if (!target || !options)
                return -ENOMEM;
        if (mkdirat(up->bundle.fd, PINNED_SHM, 0700) < 0 ||
            mount("shm", target, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, options) < 0)
                return -errno;
        return 0;
}

static bool has_own_network(const Container *container) {
        NetworkKind kind = container->networks.count > 0 ? container->networks.items[0].kind : NETWORK_PRIVATE;

        return kind != NETWORK_HOST && kind != NETWORK_PATH && kind != NETWORK_CONTAINER;
}

static int copy_map(const IdMap *from, IdMap *to) {
        int r = 0;

        for (size_t i = 0; i < from->count && r >= 0; i++)
                r = id_map_add(to, from->items[i]);
        return r;
}

static int make_user_namespace(Upping *up) {
        Namespaces *namespaces = &up->namespaces;
        int r;

        r = user_namespace_find_maps(&up->container, NULL, 0, &up->bundle, up->diagnostics, &namespaces->uids,
                                     &namespaces->gids);
        if (r < 0 || namespaces->uids.count == 0)
                return r;
        r = copy_map(&namespaces->uids, &up->facts.uid_map);
        if (r >= 0)
                r = copy_map(&namespaces->gids, &up->facts.gid_map);
        if (r < 0)
                return r;
        r = idmap_open_namespace(&namespaces->uids, &namespaces->gids);
        if (r >= 0)
                namespaces->fds[OCI_NAMESPACE_USER] = r;
        return r;
}

static int make_networks(Upping *up) {
        int network_fd = up->namespaces.fds[OCI_NAMESPACE_NETWORK], r;

        if (network_fd < 0)
                return 0;
        up->networking.namespace_fd = fcntl(network_fd, F_DUPFD_CLOEXEC, 0);
        if (up->networking.namespace_fd < 0)
                return -errno;
        if (container_user_network(&up->container))
                r = user_mode_prepare(&up->container, container_user_network(&up->container), &up->bundle,
                                      up->namespaces.fds[OCI_NAMESPACE_USER] >= 0, up->diagnostics);
        else
                r = networking_prepare(&up->container, &up->bundle, false, up->diagnostics, &up->networking);
        return r;
}

static int make_namespaces(Upping *up) {
        _cleanup_string_list_ StringList parameters = {};
        _cleanup_free_ char *host_name = NULL;
        bool network = has_own_network(&up->container);
        int r;

        r = facts_add_host_name(&up->facts);
        if (r >= 0)
                r = oci_spec_host_name(&up->container, &up->facts, &host_name);
        if (r < 0)
                return log_failure(up, r, "find the name of");
        r = pod_parameters_find(network, &parameters);
        if (r >= 0)
                r = make_user_namespace(up);
        if (r >= 0)
                r = make_new(&(Wanted) { network, host_name, parameters }, &up->namespaces);
        if (r < 0)
                return log_failure(up, r, "make the namespaces of");
        r = make_networks(up);
        if (r < 0)
                return log_failure(up, r, "make the networks of");
        r = namespaces_pin(&up->namespaces, &up->bundle);
        if (r >= 0)
                r = mount_shm(up);
        if (r >= 0)
                r = pod_namespaces_keep(&up->bundle);
        return r < 0 ? log_failure(up, r, "keep the namespaces of") : 0;
}

static int write_files(Upping *up) {
        const NetworkAttachment *by_program = container_user_network(&up->container);
        _cleanup_generated_files_ GeneratedFiles files = {};
        uint32_t gid = 0;
        int r;

        r = by_program ? facts_add_user_network(&up->facts, by_program)
                       : facts_add_networks(&up->facts, &up->networking.attachments);
        if (r >= 0)
                r = generated_files_make_of_pod(&up->container, &up->facts, &files, up->diagnostics);
        if (r >= 0)
                r = generated_files_write(&files, &up->facts, up->bundle.fd, up->confinement.labels.mount);
        (void) facts_gid_outside(&up->facts, 0, &gid);
        if (r >= 0 && gid != 0)
                r = bundle_open_to_group(&up->bundle, gid);
        return r < 0 ? log_failure(up, r, "write the files of") : 0;
}

/* What an earlier life has left is undone first. */
static int make_bundle(Upping *up) {
        int r;

        r = effects_undo(&up->bundle);
        if (r < 0)
                return log_error_errno(r, "Failed to undo what an earlier start of the pod %s left in %s: %m",
                                       up->bundle.stem, up->bundle.path);
        r = bundle_create(&up->bundle);
        return r < 0 ? log_error_errno(r, "Failed to create %s: %m", up->bundle.path) : 0;
}

/* They wait for this unit, and this process does not wait for them. That there is nothing to start
 * is fine. */
static void start_containers(const char *instance) {
        _cleanup_free_ char *target = text_format("container-pod-start@%s.target", instance);
        int r = target ? unit_start(target) : -ENOMEM;

        if (r < 0)
                log_warning_errno(r, "Failed to have the containers of the pod start: %m");
}

static bool has_bridge(const Container *container) {
        return container->networks.count > 0 && network_is_ours(&container->networks.items[0]);
}

/* As a container's start: the pod's containers will be in this user namespace. */
static int become_root(const Upping *up) {
        _cleanup_close_ int fd = -EBADF;
        int r = peer_enter_user_root(&up->container, up->diagnostics);

        if (r < 0)
                return log_failure(up, r, "enter the user namespace that is joined by");
        if (r > 0)
                return 0;
        if (!up->pod->of_user || !has_bridge(&up->container))
                return become_user_root(up->bundle.stem);
        fd = user_networks_open();
        r = fd < 0 ? fd : bridge_agent_start();
        if (r < 0)
                return log_error_errno(r, "Failed to reach the networks for the pod %s: %m", up->bundle.stem);
        return become_user_root_below(fd, up->bundle.stem);
}

static int go_up(Upping *up, const char *instance) {
        int r;

        r = become_root(up);
        if (r >= 0)
                r = make_bundle(up);
        if (r < 0)
                return r;
        r = user_root_is_entered() ? mounts_unshare(up->bundle.path) : 0;
        if (r < 0)
                return log_error_errno(r, "Failed to make a mount namespace for the pod %s: %m", up->bundle.stem);
        r = confinement_find(&up->container, up->bundle.id, &up->bundle, &up->confinement, up->diagnostics);
        if (r < 0)
                log_failure(up, r, "look at SELinux and AppArmor for");
        else
                r = make_namespaces(up);
        if (r >= 0)
                r = write_files(up);
        if (r >= 0 && user_mode_is_prepared(&up->bundle))
                r = pod_program_start(&up->bundle, instance);
        if (r >= 0)
                start_containers(instance);
        return r;
}

int pod_up(const char *instance) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        const StringList environment = variables_of_process();
        _cleanup_pod_ Pod *pod = NULL;
        _cleanup_(upping_done) Upping up = {
                .bundle = BUNDLE_INIT,
                .namespaces = NAMESPACES_INIT,
                .networking = NETWORKING_INIT,
                .diagnostics = &diagnostics,
        };
        int r;

        r = bundle_open_pod(instance, &up.bundle);
        if (r < 0)
                return log_error_errno(r, "Failed to open the bundle of the pod \"%s\": %m", instance);
        r = pod_find(up.bundle.stem, &environment, &diagnostics, &pod);
        if (r < 0)
                log_failure(&up, r, "read the file of");
        else {
                up.pod = pod;
                pod_as_container(pod, &up.container);
                r = go_up(&up, instance);
        }
        log_diagnostics(&diagnostics);
        return r;
}
