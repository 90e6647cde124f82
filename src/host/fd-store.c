/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Our unit's file descriptor store. */
#include "host/fd-store.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "basic/directory.h"
#include "basic/numbers.h"
#include "basic/text.h"
#include "host/notify.h"
#include "source/places.h"

int fd_store_remove(const char *name) {
        _cleanup_free_ char *message = text_format("FDSTOREREMOVE=1\nFDNAME=%s", name);

        return message ? notify_send(message, NULL, 0) : -ENOMEM;
}

int fd_store_put(const char *name, const int fds[], size_t count) {
        /* Not watched: a namespace has nothing to poll for, and a socket is not to be thrown away
         * because its other end has hung up. */
        _cleanup_free_ char *message = text_format("FDSTORE=1\nFDPOLL=0\nFDNAME=%s", name);
        int r;

        if (!message)
                return -ENOMEM;
        /* The store keeps any number under one name, and an automatic restart keeps the store. */
        r = fd_store_remove(name);
        return r < 0 ? r : notify_send(message, fds, count);
}

static int hide(int fd) {
        int flags = fcntl(fd, F_GETFD);

        if (flags < 0 || fcntl(fd, F_SETFD, flags | FD_CLOEXEC) < 0)
                return errno == EBADF ? -EPROTO : -errno;
        return 0;
}

static int split_names(const char *text, StringList *ret) {
        int r = 0;

        for (const char *name = text; r >= 0 && *name;) {
                size_t n = strcspn(name, ":");

                r = string_list_add_n(ret, name, n);
                name += n + (name[n] == ':');
        }
        return r;
}

static bool is_ours(const char *name) {
        return startswith(name, FD_STORE_PREFIX);
}

/* The descriptor that is to be the n-th. */
static int move(const int copies[], size_t from, size_t to, bool ours) {
        return dup3(copies[from], PASSED_FDS_FIRST + (int) to, ours ? O_CLOEXEC : 0) < 0 ? -errno : 0;
}

static int reorder(const int copies[], PassedFds *passed) {
        _cleanup_string_list_ StringList names = {};
        int r = 0;

        for (int ours = 0; ours <= 1; ours++)
                for (size_t i = 0; r >= 0 && i < passed->names.count; i++) {
                        if (is_ours(passed->names.items[i]) != ours)
                                continue;
                        r = move(copies, i, names.count, ours);
                        if (r >= 0)
                                r = string_list_add(&names, passed->names.items[i]);
                }
        if (r < 0)
                return r;
        string_list_done(&passed->names);
        passed->names = names;
        names = (StringList) {};
        return 0;
}

/* Puts the payload's first. Those that it has put into the store itself, in an earlier life before
 * an automatic restart, may come behind ours. */
static int arrange(PassedFds *passed) {
        size_t n = passed->names.count;
        _cleanup_free_ int *copies = calloc(n, sizeof(*copies));
        size_t copied = 0;
        int r = 0;

        if (!copies)
                return -ENOMEM;
        for (; r >= 0 && copied < n; copied++) {
                copies[copied] = fcntl(PASSED_FDS_FIRST + (int) copied, F_DUPFD_CLOEXEC, PASSED_FDS_FIRST + (int) n);
                if (copies[copied] < 0)
                        r = errno == EBADF ? -EPROTO : -errno;
        }
        if (r >= 0)
                r = reorder(copies, passed);
        for (size_t i = 0; i < copied; i++)
                fd_close(copies[i]);
        return r;
}

int fd_store_receive(PassedFds *ret) {
        const char *pid = getenv("LISTEN_PID"), *count_text = getenv("LISTEN_FDS"), *names = getenv("LISTEN_FDNAMES");
        _cleanup_passed_fds_ PassedFds passed = {};
        bool in_order = true;
        uint64_t number;
        int r;

        *ret = (PassedFds) {};
        if (!pid || !count_text || text_to_unsigned(pid, INT_MAX, &number) < 0 || number != (uint64_t) getpid())
                return 0;
        r = split_names(names ?: "", &passed.names);
        if (r < 0)
                return r;
        if (text_to_unsigned(count_text, INT_MAX, &number) < 0 || number != passed.names.count)
                return -EPROTO;
        for (size_t i = 0; i < passed.names.count; i++) {
                if (!is_ours(passed.names.items[i])) {
                        in_order &= i == passed.socket_count++;
                        continue;
                }
                r = hide(PASSED_FDS_FIRST + (int) i);
                if (r < 0)
                        return r;
        }
        r = in_order ? 0 : arrange(&passed);
        if (r < 0)
                return r;
        *ret = passed;
        passed = (PassedFds) {};
        return 0;
}

int fd_store_find(const PassedFds *passed, const char *name) {
        for (size_t i = 0; i < passed->names.count; i++)
                if (streq(passed->names.items[i], name))
                        return PASSED_FDS_FIRST + (int) i;
        return -ENOENT;
}

void fd_store_drop(PassedFds *passed) {
        while (passed->names.count > passed->socket_count) {
                char *name = passed->names.items[--passed->names.count];

                fd_close(PASSED_FDS_FIRST + (int) passed->names.count);
                (void) fd_store_remove(name);
                free(name);
        }
}

/* By its text: to ask for more of what others have given the manager could take for ever. */
static bool is_link_to(int directory_fd, const char *link, const char *name) {
        char target[64];
        ssize_t n = readlinkat(directory_fd, link, target, sizeof(target));

        return n == (ssize_t) strlen(name) && memcmp(target, name, (size_t) n) == 0;
}

/* What the manager of users has said to its services. What is inherited may be old, or anybody's: a
 * wrong process has no such namespace open, or one that is open to us. */
static pid_t manager_by_environment(void) {
        const char *text = getenv("MANAGERPID");
        uint64_t pid;

        return text && text_to_unsigned(text, INT_MAX, &pid) >= 0 ? (pid_t) pid : 0;
}

/* Who listens at the socket that it has for its own programs. A connection that says nothing costs
 * the manager a line in the journal. */
static int manager_by_socket(pid_t *ret) {
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        const char *path = place_path(PLACE_MANAGER_SOCKET);
        _cleanup_close_ int fd = -EBADF;
        struct ucred credentials;

        if (strlen(path) >= sizeof(address.sun_path))
                return -ENAMETOOLONG;
        memcpy(address.sun_path, path, strlen(path));
        fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd < 0 || connect(fd, (const struct sockaddr *) &address, sizeof(address)) < 0 ||
            getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &(socklen_t) { sizeof(credentials) }) < 0)
                return -errno;
        *ret = credentials.pid;
        return credentials.pid > 0 ? 0 : -ESRCH;
}

static int find_namespace_of(pid_t pid, const char *name) {
        _cleanup_free_ char *directory_path = text_format("/proc/%d/fd", (int) pid);
        _cleanup_closedir_ DIR *directory = NULL;
        const struct dirent *entry;
        int r = directory_path ? directory_open(directory_path, &directory) : -ENOMEM;

        if (r < 0)
                return r;
        while ((r = directory_next(directory, &entry)) > 0) {
                _cleanup_free_ char *path = NULL;
                _cleanup_close_ int fd = -EBADF;

                if (!is_link_to(dirfd(directory), entry->d_name, name))
                        continue;
                fd = openat(dirfd(directory), entry->d_name, O_RDONLY | O_CLOEXEC);
                path = fd >= 0 ? text_format("/proc/self/fd/%d", fd) : NULL;
                /* The number may have become another one's in between. */
                if (path && is_link_to(AT_FDCWD, path, name))
                        return TAKE_FD(fd);
        }
        return r < 0 ? r : -ENOENT;
}

int fd_store_find_namespace(const char *name) {
        pid_t pid;
        int r;

        if (places_scope() != SCOPE_USER)
                return find_namespace_of(1, name);
        pid = manager_by_environment();
        r = pid > 0 ? find_namespace_of(pid, name) : -ENOENT;
        if (r >= 0)
                return r;
        r = manager_by_socket(&pid);
        return r < 0 ? r : find_namespace_of(pid, name);
}

void passed_fds_done(PassedFds *passed) {
        string_list_done(&passed->names);
        passed->socket_count = 0;
}
