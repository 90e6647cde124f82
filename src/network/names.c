/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Names by which containers find one another. */
#include "network/names.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include "basic/directory.h"
#include "basic/files.h"
#include "basic/numbers.h"
#include "basic/path.h"
#include "basic/process.h"
#include "basic/text.h"
#include "host/effects.h"
#include "kind/network-advice.h"
#include "source/places.h"

#define PID_FILE "aardvark.pid"
#define SERVICE "container-dns.service"

enum { LARGEST_FILE = 16 << 20, LONGEST_END_MSEC = 2000 };

bool names_are_served(const NetworkState *network) {
        _cleanup_free_ char *program = NULL;

        return network->names && !network->unmanaged && name_server_find(&program) >= 0;
}

int names_are_needed(void) {
        _cleanup_string_list_ StringList files = {};
        int r = directory_list(place_path(PLACE_NAMES), &files);

        string_list_remove(&files, PID_FILE);
        return r < 0 ? r : files.count > 0;
}

/* One change after the other. Returns an fd of the directory. */
static int lock(void) {
        return make_locked_directory(place_path(PLACE_NAMES));
}

/* The process that has written the file, if it is still what has done so: process IDs are used
 * again. Returns a pidfd. */
static int find_server(int directory_fd) {
        _cleanup_free_ char *text = NULL, *path = NULL, *name = NULL;
        _cleanup_close_ int pidfd = -EBADF;
        uint64_t pid;

        if (read_file_at(directory_fd, PID_FILE, 32, &text, NULL) < 0)
                return -ESRCH;
        text[strcspn(text, "\n")] = '\0';
        if (text_to_unsigned(text, INT_MAX, &pid) < 0 || pid <= 1)
                return -ESRCH;
        pidfd = pidfd_open((pid_t) pid, 0);
        path = text_format("/proc/%u/comm", (unsigned) pid);
        if (pidfd < 0 || !path || read_virtual_file(path, &name) < 0 || !startswith(name, "aardvark-dns"))
                return -ESRCH;
        return TAKE_FD(pidfd);
}

/* A program on its way out would not read what the next network's file says, and look alive to who
 * has written it. */
static void await_end(int pidfd) {
        poll(&(struct pollfd) { .fd = pidfd, .events = POLLIN }, 1, LONGEST_END_MSEC);
}

/* Without what it requires, which is there as long as there is a network: by the time that it
 * starts there may be none, and then a user's networks would begin anew for nobody. */
static int start(void) {
        const char *const command[] = {
                "systemctl", places_scope() == SCOPE_USER ? "--user" : "--system",
                "--no-block", "--job-mode=ignore-requirements", "start", SERVICE, NULL
        };
        int r = process_run(command, NULL, 0);

        return r > 0 ? -EPROTO : r;
}

/* Has the program know what the files say now. Returns -ESRCH when none runs. */
static int tell(int pidfd) {
        return pidfd < 0 ? -ESRCH : pidfd_send_signal(pidfd, SIGHUP, NULL, 0) < 0 ? -errno : 0;
}

static int tell_or_start(int directory_fd) {
        _cleanup_close_ int pidfd = find_server(directory_fd);
        int r = tell(pidfd);

        return r == -ESRCH ? start() : r;
}

/* Made outside of the directory, all files in which the program takes for networks. By the lock it
 * needs but one name: what a kill has left is written over, and nobody else can read it. */
static int replace(int directory_fd, const char *name, const Text *text) {
        _cleanup_free_ char *path = text_format("%s/names-new", place_path(PLACE_RUN));
        _cleanup_close_ int fd = -EBADF;
        int r;

        if (!path || text->failed)
                return -ENOMEM;
        fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (fd < 0)
                return -errno;
        r = write_all(fd, text->data ?: "", text->length);
        if (r >= 0 && renameat(AT_FDCWD, path, directory_fd, name) < 0)
                r = -errno;
        return r < 0 ? r : 0;
}

/* The lines of a file but those that begin with `id` and, with `without_first`, the first. */
static int append_old(int directory_fd, const char *name, const char *id, bool without_first, Text *text) {
        _cleanup_free_ char *old = NULL;
        _cleanup_string_list_ StringList lines = {};
        int r = read_file_at(directory_fd, name, LARGEST_FILE, &old, NULL);

        if (r >= 0)
                r = string_list_add_split(&lines, old, strlen(old), "\n");
        for (size_t i = without_first; r >= 0 && i < lines.count; i++) {
                const char *rest = id ? startswith(lines.items[i], id) : NULL;

                if (!rest || *rest != ' ')
                        text_appendf(text, "%s\n", lines.items[i]);
        }
        return r;
}

static void append_gateways(Text *text, const NetworkState *network) {
        char address[IP_ADDRESS_TEXT];
        size_t count = 0;

        for (size_t i = 0; i < network->subnet_count; i++)
                if (network->subnets[i].gateway.family != AF_UNSPEC)
                        text_appendf(text, "%s%s", count++ > 0 ? "," : "",
                                     ip_address_format(&network->subnets[i].gateway, address));
        text_append_char(text, '\n');
}

int names_add_network(const NetworkState *network) {
        _cleanup_free_ char *program = NULL;
        _cleanup_close_ int fd = -EBADF;
        _cleanup_text_ Text text = {};
        int r = name_server_find(&program);

        if (r < 0)
                return r;
        r = fd = lock();
        if (r < 0)
                return r;
        append_gateways(&text, network);
        r = append_old(fd, network->name, NULL, true, &text);
        if (r >= 0 || r == -ENOENT)
                r = replace(fd, network->name, &text);
        return r < 0 ? r : tell_or_start(fd);
}

/* With the last network the program ends by itself. */
int names_remove_network(const NetworkState *network) {
        _cleanup_close_ int fd = lock(), pidfd = -EBADF;
        int r;

        if (fd < 0)
                return fd;
        if (unlinkat(fd, network->name, 0) < 0)
                return errno == ENOENT ? 0 : -errno;
        pidfd = find_server(fd);
        r = tell(pidfd);
        if (r < 0)
                return r == -ESRCH ? 0 : r;
        r = names_are_needed();
        if (r == 0)
                await_end(pidfd);
        return r < 0 ? r : 0;
}

static void append_addresses(Text *text, const Attachment *attachment, int family) {
        const IpAddress *address = attachment_address(attachment, family);
        char buffer[IP_ADDRESS_TEXT];

        text_appendf(text, " %s", address ? ip_address_format(address, buffer) : "");
}

/* "ID IPV4 IPV6 NAME,NAME" */
static void append_container(Text *text, const Attachment *attachment, const StringList *names, const char *id) {
        text_append(text, id);
        append_addresses(text, attachment, AF_INET);
        append_addresses(text, attachment, AF_INET6);
        text_append_char(text, ' ');
        for (size_t i = 0; i < names->count; i++)
                text_appendf(text, "%s%s", i > 0 ? "," : "", names->items[i]);
        text_append_char(text, '\n');
}

int names_add_container(const Attachment *attachment, const StringList *names, const Bundle *bundle) {
        const char *network_name = attachment->network.name;
        _cleanup_close_ int fd = -EBADF;
        _cleanup_text_ Text text = {};
        int r = effects_append(bundle, EFFECT_NAMES, network_name, bundle->id);

        if (r >= 0)
                r = fd = lock();
        if (r >= 0)
                r = append_old(fd, network_name, bundle->id, false, &text);
        if (r < 0)
                return r;
        append_container(&text, attachment, names, bundle->id);
        r = replace(fd, network_name, &text);
        return r < 0 ? r : tell_or_start(fd);
}

int names_remove_container(const char *network_name, const char *id) {
        _cleanup_close_ int fd = -EBADF, pidfd = -EBADF;
        _cleanup_text_ Text text = {};
        int r;

        if (!file_name_is_valid(network_name))
                return -EBADMSG;
        r = fd = lock();
        if (r >= 0)
                r = append_old(fd, network_name, id, false, &text);
        if (r < 0)
                return r == -ENOENT ? 0 : r;
        r = replace(fd, network_name, &text);
        if (r < 0)
                return r;
        pidfd = find_server(fd);
        r = tell(pidfd);
        return r == -ESRCH ? 0 : r;
}
