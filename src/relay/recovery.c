/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What became of a batch whose relay was killed while it sent it. */
#include "relay/recovery.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <systemd/sd-journal.h>
#include <unistd.h>

#include "basic/alloc.h"
#include "basic/dynamic.h"

enum { SYNCHRONIZE_TIMEOUT_SEC = 10 };

DYNAMIC_FUNCTION(sd_journal_open_namespace);
DYNAMIC_FUNCTION(sd_journal_close);
DYNAMIC_FUNCTION(sd_journal_add_match);
DYNAMIC_FUNCTION(sd_journal_seek_realtime_usec);
DYNAMIC_FUNCTION(sd_journal_next);
DYNAMIC_FUNCTION(sd_journal_get_realtime_usec);
DYNAMIC_FUNCTION(sd_journal_get_data);

static int load_journal(void) {
        static const DynamicSymbol symbols[] = {
                DYNAMIC_SYMBOL(sd_journal_open_namespace),
                DYNAMIC_SYMBOL(sd_journal_close),
                DYNAMIC_SYMBOL(sd_journal_add_match),
                DYNAMIC_SYMBOL(sd_journal_seek_realtime_usec),
                DYNAMIC_SYMBOL(sd_journal_next),
                DYNAMIC_SYMBOL(sd_journal_get_realtime_usec),
                DYNAMIC_SYMBOL(sd_journal_get_data),
        };
        return dynamic_load("libsystemd.so.0", symbols, ARRAY_SIZE(symbols), NULL);
}

static void journal_closep(sd_journal **journal) {
        if (*journal)
                sym_sd_journal_close(*journal);
}

/* As `journalctl --sync` does it. */
static int synchronize(const char *journal_namespace) {
        static const struct timeval timeout = { .tv_sec = SYNCHRONIZE_TIMEOUT_SEC };
        static const char call[] = "{\"method\":\"io.systemd.Journal.Synchronize\"}";
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        _cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        char answer[256];
        int n;

        n = snprintf(address.sun_path, sizeof(address.sun_path), "/run/systemd/journal%s%s/io.systemd.journal",
                     *journal_namespace ? "." : "", journal_namespace);
        if (n < 0 || (size_t) n >= sizeof(address.sun_path))
                return -ENAMETOOLONG;
        if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)) < 0 ||
            connect(fd, (const struct sockaddr *) &address, sizeof(address)) < 0 ||
            send(fd, call, sizeof(call), MSG_NOSIGNAL) < 0)
                return -errno;
        /* Whatever it says, it has come to this message. */
        return recv(fd, answer, sizeof(answer), 0) < 0 ? -ETIMEDOUT : 0;
}

static bool is_line_end(const char *batch, size_t size, size_t i) {
        return i == size || batch[i] == '\n' || batch[i] == '\0';
}

/* A line begins here, or after its level (sd-daemon(3)). */
static bool is_line_start(const char *batch, size_t i) {
        enum { PREFIX = 3 };

        if (i == 0 || batch[i - 1] == '\n' || batch[i - 1] == '\0')
                return true;
        return i >= PREFIX && batch[i - 1] == '>' && batch[i - PREFIX] == '<' &&
               (i == PREFIX || is_line_end(batch, i, i - PREFIX - 1));
}

bool recovery_has_line(const char *batch, size_t size, const char *line, size_t length) {
        for (const char *p = batch; length > 0;) {
                size_t left = size - (size_t) (p - batch);
                const char *found = memmem(p, left, line, length);
                size_t at = found ? (size_t) (found - batch) : 0;

                if (!found)
                        return false;
                if (is_line_start(batch, at) && is_line_end(batch, size, at + length))
                        return true;
                p = found + 1;
        }
        return false;
}

static int is_of_batch(sd_journal *journal, const Intent *intent, const char *batch) {
        static const size_t prefix = sizeof("MESSAGE=") - 1;
        const void *data;
        uint64_t usec;
        size_t size;
        int r = sym_sd_journal_get_realtime_usec(journal, &usec);

        if (r < 0 || usec < intent->since_usec)
                return 0;
        r = sym_sd_journal_get_data(journal, "MESSAGE", &data, &size);
        if (r < 0 || size < prefix)
                return 0;
        return recovery_has_line(batch, intent->size, (const char *) data + prefix, size - prefix);
}

static int search(const char *journal_namespace, const Intent *intent, const char *batch) {
        _cleanup_(journal_closep) sd_journal *journal = NULL;
        char match[32];
        int r = load_journal();

        if (r >= 0)
                r = synchronize(journal_namespace);
        if (r >= 0)
                r = sym_sd_journal_open_namespace(&journal, *journal_namespace ? journal_namespace : NULL,
                                                  SD_JOURNAL_LOCAL_ONLY);
        if (r < 0)
                return r;
        snprintf(match, sizeof(match), "_PID=%d", (int) intent->pid);
        r = sym_sd_journal_add_match(journal, match, 0);
        if (r >= 0)
                r = sym_sd_journal_add_match(journal, "_TRANSPORT=stdout", 0);
        if (r >= 0)
                r = sym_sd_journal_seek_realtime_usec(journal, intent->since_usec);
        while (r >= 0 && (r = sym_sd_journal_next(journal)) > 0)
                if (is_of_batch(journal, intent, batch))
                        return 1;
        return r;
}

int recovery_was_sent(const char *journal_namespace, const Intent *intent, const char *batch) {
        enum { SENT, NOT_SENT, TIMED_OUT, FAILED };
        int status;
        pid_t pid;

        /* The library and what it maps go with the child. */
        pid = fork();
        if (pid < 0)
                return -errno;
        if (pid == 0) {
                int r = search(journal_namespace, intent, batch);

                _exit(r > 0 ? SENT : r == 0 ? NOT_SENT : r == -ETIMEDOUT ? TIMED_OUT : FAILED);
        }
        while (waitpid(pid, &status, 0) < 0)
                if (errno != EINTR)
                        return -errno;
        if (!WIFEXITED(status) || WEXITSTATUS(status) == FAILED)
                return -EIO;
        return WEXITSTATUS(status) == TIMED_OUT ? -ETIMEDOUT : WEXITSTATUS(status) == SENT;
}
