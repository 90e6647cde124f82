/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who on this machine has a port, by proc(5). */
#include "network/port-user.h"

#include <ctype.h>
#include <errno.h>
#include <netinet/in.h>
#include <unistd.h>

#include "basic/directory.h"
#include "basic/files.h"
#include "basic/text.h"

typedef struct Socket {
        unsigned long inode; /* 0: there is none */
        unsigned user;       /* its number in this process's user namespace */
} Socket;

/* The first socket at the port in one of the kernel's tables. */
static Socket find_in(const char *path, uint16_t port) {
        _cleanup_fclose_ FILE *file = fopen(path, "re");
        char line[512];

        while (file && fgets(line, sizeof(line), file)) {
                unsigned local, remote;
                Socket found;

                if (sscanf(line, " %*u: %*[0-9A-Fa-f]:%x %*[0-9A-Fa-f]:%x %*x %*x:%*x %*x:%*x %*x %u %*u %lu", &local,
                           &remote, &found.user, &found.inode) == 4 && local == port && remote == 0 && found.inode != 0)
                        return found;
        }
        return (Socket) {};
}

static Socket find_socket(int protocol, uint16_t port) {
        static const char *const tables[][2] = {
                { "/proc/net/tcp", "/proc/net/tcp6" },
                { "/proc/net/udp", "/proc/net/udp6" },
        };
        Socket found = {};

        if (protocol != IPPROTO_TCP && protocol != IPPROTO_UDP)
                return found;
        for (size_t i = 0; found.inode == 0 && i < 2; i++)
                found = find_in(tables[protocol == IPPROTO_UDP][i], port);
        return found;
}

static bool has_inode(const char *process, const char *wanted) {
        _cleanup_free_ char *path = text_format("/proc/%s/fd", process);
        _cleanup_closedir_ DIR *directory = NULL;
        const struct dirent *entry;

        /* A process may end meanwhile, and not everybody may look. */
        if (!path || directory_open(path, &directory) < 0)
                return false;
        while (directory_next(directory, &entry) > 0) {
                char target[64];
                ssize_t n = readlinkat(dirfd(directory), entry->d_name, target, sizeof(target) - 1);

                if (n <= 0)
                        continue;
                target[n] = '\0';
                if (streq(target, wanted))
                        return true;
        }
        return false;
}

static char *describe(const char *process) {
        _cleanup_free_ char *path = text_format("/proc/%s/comm", process), *name = NULL;

        if (!path || read_virtual_file(path, &name) < 0)
                return text_format("process %s", process);
        return text_format("%s (process %s)", name, process);
}

/* Into other users' processes a user cannot look. */
static int describe_stranger(const Socket *held, char **ret) {
        if (held->user == getuid())
                return 0;
        *ret = strdup("a program of another user");
        return *ret ? 1 : -ENOMEM;
}

int port_user_find(int protocol, uint16_t port, char **ret) {
        const Socket held = find_socket(protocol, port);
        _cleanup_free_ char *wanted = text_format("socket:[%lu]", held.inode);
        _cleanup_closedir_ DIR *processes = NULL;
        const struct dirent *entry;
        int r;

        if (!wanted)
                return -ENOMEM;
        if (held.inode == 0)
                return 0;
        r = directory_open("/proc", &processes);
        if (r < 0)
                return r;
        while ((r = directory_next(processes, &entry)) > 0) {
                if (!isdigit((unsigned char) entry->d_name[0]) || !has_inode(entry->d_name, wanted))
                        continue;
                *ret = describe(entry->d_name);
                return *ret ? 1 : -ENOMEM;
        }
        return r < 0 ? r : describe_stranger(&held, ret);
}

bool port_is_given_up(int protocol, uint16_t port) {
        const Socket held = find_socket(protocol, port);
        _cleanup_free_ char *wanted = text_format("socket:[%lu]", held.inode), *user = NULL;

        if (protocol != IPPROTO_TCP && protocol != IPPROTO_UDP)
                return false;
        return held.inode == 0 || (wanted && has_inode("1", wanted)) || port_user_find(protocol, port, &user) == 0;
}
