/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Networks that pasta or slirp4netns makes. */
#include "start/user-mode/user-mode-start.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include "basic/files.h"
#include "basic/numbers.h"
#include "basic/path.h"
#include "basic/process.h"
#include "basic/text.h"
#include "host/mounts.h"
#include "host/record.h"
#include "kind/container/container-user-network.h"
#include "network/published-ports.h"
#include "network/user-mode.h"
#include "start/user-mode/pasta-view.h"
#include "start/user-mode/slirp-ports.h"
#include "start/user-mode/user-mode-watch.h"

#define COMMAND_FILE "network-program" /* "argument WORD" for each, and "later" */
#define NAMESPACE_FILE "ns-net"        /* where namespaces_pin() mounts it, too */
#define USER_NAMESPACE_FILE "ns-user-of-net"
#define SOCKET_FILE "slirp"

/* What is to be run, read back. */
typedef struct Command {
        StringList arguments;
        bool later;
} Command;

static void command_done(Command *command) {
        string_list_done(&command->arguments);
}

typedef struct Paths {
        char *namespace, *user_namespace, *socket;
} Paths;

static void paths_done(Paths *paths) {
        free(paths->namespace);
        free(paths->user_namespace);
        free(paths->socket);
}

static int find_paths(const Bundle *bundle, Paths *ret) {
        *ret = (Paths) {
                .namespace = path_join(bundle->path, NAMESPACE_FILE),
                .user_namespace = path_join(bundle->path, USER_NAMESPACE_FILE),
                .socket = path_join(bundle->path, SOCKET_FILE),
        };
        return ret->namespace && ret->user_namespace && ret->socket ? 0 : -ENOMEM;
}

static int write_command(const Bundle *bundle, const StringList *arguments, bool later) {
        _cleanup_text_ Text text = {};

        for (size_t i = 0; i < arguments->count; i++)
                record_append(&text, "argument", arguments->items[i], NULL);
        if (later)
                record_append(&text, "later", NULL);
        return text.failed ? -ENOMEM : write_file_atomic_at(bundle->fd, COMMAND_FILE, text.data, text.length, 0600);
}

/* The kernel has not said which, but there is a limit. */
static int refuse_low_ports(const Container *container, Diagnostics *diagnostics) {
        Location where = container_where(container, KEY_Container_PublishPort);

        return diagnose_error(diagnostics, &where,
                              "a user may not have a port as low as this one; use a port from 1024 on, or let root "
                              "lower the sysctl net.ipv4.ip_unprivileged_port_start");
}

int user_mode_prepare(const Container *container, const NetworkAttachment *network, const Bundle *bundle, bool later,
                      Diagnostics *diagnostics) {
        _cleanup_published_ports_ PublishedPorts ports = {};
        _cleanup_string_list_ StringList arguments = {};
        _cleanup_(paths_done) Paths paths = {};
        _cleanup_free_ char *path = NULL;
        const char *program, *package;
        int r;

        program = user_network_program(network, &package);
        r = process_find(program, &path);
        if (r == -ENOENT)
                return diagnose_error(diagnostics, &network->where,
                                      "%s is not installed: Debian has it in the package %s", program, package);
        if (r >= 0)
                r = published_ports_leave(container, network->kind == NETWORK_PASTA, bundle, diagnostics, &ports);
        if (r == -EACCES && container->of_user)
                return refuse_low_ports(container, diagnostics);
        if (r >= 0)
                r = find_paths(bundle, &paths);
        if (r >= 0)
                r = user_mode_command(network, &ports,
                                      &(UserModePlaces) {
                                              .namespace = paths.namespace,
                                              .user_namespace = later ? paths.user_namespace : NULL,
                                              .api_socket = paths.socket,
                                      },
                                      &arguments);
        return r < 0 ? r : write_command(bundle, &arguments, later);
}

bool user_mode_is_prepared(const Bundle *bundle) {
        return faccessat(bundle->fd, COMMAND_FILE, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static int read_line(const StringList *words, void *userdata) {
        Command *command = userdata;

        if (streq(words->items[0], "later"))
                command->later = true;
        return words->count == 2 ? string_list_add(&command->arguments, words->items[1]) : 0;
}

/* A program that gives up what lets it look at other processes finds the namespaces by these names
 * alone. */
static int mount_namespace(const Bundle *bundle, int namespace_fd, const char *name, const char *path) {
        _cleanup_free_ char *source = text_format("/proc/self/fd/%d", namespace_fd);
        _cleanup_close_ int fd = openat(bundle->fd, name, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

        if (!source)
                return -ENOMEM;
        return fd < 0 || mount(source, path, NULL, MS_BIND, NULL) < 0 ? -errno : 0;
}

static int mount_namespaces(const Bundle *bundle, const UserModeNamespaces *namespaces, const Paths *paths) {
        int r = mounts_unshare(bundle->path);

        if (r >= 0)
                r = mount_namespace(bundle, namespaces->network_fd, NAMESPACE_FILE, paths->namespace);
        if (r >= 0 && namespaces->user_fd >= 0)
                r = mount_namespace(bundle, namespaces->user_fd, USER_NAMESPACE_FILE, paths->user_namespace);
        return r;
}

static int open_namespace(pid_t pid, const char *kind) {
        _cleanup_free_ char *path = text_format("/proc/%d/ns/%s", (int) pid, kind);
        int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -ENOMEM;

        return path && fd < 0 ? -errno : fd;
}

/* They are the payload's, which does not run yet. */
static int mount_namespaces_of(const Bundle *bundle, pid_t pid, const Paths *paths) {
        _cleanup_close_ int network_fd = open_namespace(pid, "net"), user_fd = open_namespace(pid, "user");

        if (network_fd < 0 || user_fd < 0)
                return network_fd < 0 ? network_fd : user_fd;
        return mount_namespaces(bundle, &(UserModeNamespaces) { network_fd, user_fd }, paths);
}

/* What the program has written; it has opened the file anew, at its beginning. */
static int read_pid(int fd, pid_t *ret) {
        char text[32] = "";
        uint64_t pid;

        if (pread(fd, text, sizeof(text) - 1, 0) < 0)
                return -errno;
        text[strcspn(text, "\n")] = '\0';
        if (text_to_unsigned(text, INT_MAX, &pid) < 0 || pid < 2)
                return -EBADMSG;
        *ret = (pid_t) pid;
        return 0;
}

/* It says itself what it cannot open. */
static _Noreturn void become_pasta(StringList *arguments, int pid_fd) {
        int null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

        (void) pasta_view_make(arguments);
        (void) signal(SIGPIPE, SIG_DFL);
        if (null_fd >= 0 && dup2(null_fd, STDIN_FILENO) >= 0 && dup2(pid_fd, STDOUT_FILENO) >= 0)
                (void) process_become((const char *const *) arguments->items);
        _exit(EXIT_FAILURE);
}

static int begin_pasta(StringList *arguments, UserModeBegun *ret) {
        _cleanup_close_ int fd = memfd_create("pid", MFD_CLOEXEC);
        pid_t pid;

        if (fd < 0)
                return -errno;
        pid = fork();
        if (pid == 0)
                become_pasta(arguments, fd);
        if (pid < 0)
                return -errno;
        *ret = (UserModeBegun) { pid, TAKE_FD(fd) };
        return 0;
}

/* It goes into the background when the network is ready, and its last words are in the journal. */
static int await_pasta(UserModeBegun *begun, UserModeProcess *ret) {
        int r = process_wait(begun->pid);

        begun->pid = 0;
        if (r != 0)
                return r < 0 ? r : -EPROTO;
        r = read_pid(begun->fd, &ret->pid);
        if (r < 0)
                return r;
        ret->fd = pidfd_open(ret->pid, 0);
        return ret->fd < 0 ? -errno : 0;
}

int user_mode_run_pasta(StringList *arguments, UserModeProcess *ret) {
        _cleanup_user_mode_begun_ UserModeBegun begun = USER_MODE_BEGUN_INIT;
        int r = begin_pasta(arguments, &begun);

        return r < 0 ? r : await_pasta(&begun, ret);
}

/* What it has put into the background is in the control group, and ends with that. */
void user_mode_begun_done(UserModeBegun *begun) {
        if (begun->pid > 0 && kill(begun->pid, SIGKILL) >= 0)
                (void) process_wait(begun->pid);
        begun->pid = 0;
        begun->fd = fd_close(begun->fd);
}

/* Waits for the byte that says so; the end of the pipe without one is that of the program. */
static int await_ready(int fd) {
        enum { LONGEST_WAIT_MSEC = 30 * 1000 };
        char byte;

        if (poll(&(struct pollfd) { .fd = fd, .events = POLLIN }, 1, LONGEST_WAIT_MSEC) <= 0)
                return -ETIMEDOUT;
        return read(fd, &byte, 1) == 1 ? 0 : -EPROTO;
}

static int run_slirp(const Bundle *bundle, const Paths *paths, StringList *arguments, UserModeProcess *ret) {
        _cleanup_close_ int read_fd = -EBADF, write_fd = -EBADF, null_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
        _cleanup_free_ char *ready = NULL;
        int r, fds[2];

        if (null_fd < 0 || pipe(fds) < 0)
                return -errno;
        read_fd = fds[0];
        write_fd = fds[1]; /* for the program, so not close-on-exec */
        ready = text_format("--ready-fd=%d", write_fd);
        if (!ready)
                return -ENOMEM;
        if (fcntl(read_fd, F_SETFD, FD_CLOEXEC) < 0)
                return -errno;
        /* The program pivots to a root of its own, which it could not below a shared mount, as
         * systemd has all of them. This process mounts nothing more. */
        r = mounts_leave_shared();
        if (r >= 0)
                r = string_list_insert(arguments, 1, ready);
        if (r >= 0)
                r = process_spawn((const char *const *) arguments->items, NULL, PROCESS_DEFAULT_SIGPIPE, null_fd,
                                  -EBADF, &ret->pid);
        if (r < 0)
                return r;
        ret->fd = pidfd_open(ret->pid, 0);
        if (ret->fd < 0)
                return -errno;
        write_fd = fd_close(write_fd);
        r = await_ready(read_fd);
        return r < 0 ? r : slirp_publish(bundle, paths->socket);
}

static int read_command(const Bundle *bundle, Command *ret, Paths *ret_paths) {
        int r = record_read(bundle->fd, COMMAND_FILE, false, read_line, ret);

        if (r < 0)
                return r;
        return ret->arguments.count > 0 ? find_paths(bundle, ret_paths) : -EBADMSG;
}

static bool is_pasta(const Command *command) {
        return streq(command->arguments.items[0], "pasta");
}

int user_mode_begin(const Bundle *bundle, UserModeBegun *ret) {
        _cleanup_(command_done) Command command = {};
        _cleanup_(paths_done) Paths paths = {};
        int r = read_command(bundle, &command, &paths);

        if (r < 0)
                return r == -ENOENT ? 0 : r;
        return is_pasta(&command) && !command.later ? begin_pasta(&command.arguments, ret) : 0;
}

static int run(const Bundle *bundle, const Paths *paths, Command *command, UserModeProcess *ret) {
        if (is_pasta(command))
                return user_mode_run_pasta(&command->arguments, ret);
        return run_slirp(bundle, paths, &command->arguments, ret);
}

/* To end a container of root's is not the relay's, which has no power to. */
static int watch(const char *program, const char *unit_name, int pidfd, const LogPipes *output) {
        int r = places_scope() == SCOPE_USER ? log_relay_watch_network(output, pidfd) : -ENOTCONN;

        return r < 0 ? user_mode_watch(program, unit_name, pidfd) : r;
}

int user_mode_start(const Bundle *bundle, const char *unit_name, pid_t pid, UserModeBegun *begun,
                    const LogPipes *output) {
        _cleanup_user_mode_process_ UserModeProcess process = USER_MODE_PROCESS_INIT;
        _cleanup_(command_done) Command command = {};
        _cleanup_(paths_done) Paths paths = {};
        int r;

        r = read_command(bundle, &command, &paths);
        if (r < 0)
                return r == -ENOENT ? 0 : r;
        if (command.later)
                r = mount_namespaces_of(bundle, pid, &paths);
        if (r >= 0)
                r = begun->pid > 0 ? await_pasta(begun, &process) : run(bundle, &paths, &command, &process);
        if (r >= 0)
                r = watch(command.arguments.items[0], unit_name, process.fd, output);
        return r < 0 ? r : 1;
}

int user_mode_run(const Bundle *bundle, const UserModeNamespaces *namespaces, UserModeProcess *ret) {
        _cleanup_(command_done) Command command = {};
        _cleanup_(paths_done) Paths paths = {};
        int r;

        r = read_command(bundle, &command, &paths);
        if (r < 0)
                return r;
        /* An earlier run's. */
        if (unlinkat(bundle->fd, SOCKET_FILE, 0) < 0 && errno != ENOENT)
                return -errno;
        r = mount_namespaces(bundle, namespaces, &paths);
        return r < 0 ? r : run(bundle, &paths, &command, ret);
}

void user_mode_process_done(UserModeProcess *process) {
        process->fd = fd_close(process->fd);
}
