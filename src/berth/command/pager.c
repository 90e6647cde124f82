/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A pager. Which one, with which options, and how little of it is trusted, is as in the section
 * ENVIRONMENT of systemctl(1). */
#include "berth/command/pager.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "basic/files.h"
#include "basic/numbers.h"
#include "basic/process.h"
#include "basic/string-list.h"
#include "basic/words.h"

static struct {
        bool allowed, tried;
        pid_t pid;
        int stdout_fd, stderr_fd; /* as they were; stderr_fd is negative where it has stayed */
} pager = { .stdout_fd = -EBADF, .stderr_fd = -EBADF };

void pager_allow(bool allowed) {
        pager.allowed = allowed;
}

int pager_terminal(void) {
        if (pager.pid > 0)
                return pager.stdout_fd;
        return isatty(STDOUT_FILENO) ? STDOUT_FILENO : -EBADF;
}

/* Ours, or systemd's. */
static const char *setting(const char *ours, const char *theirs) {
        return getenv(ours) ?: getenv(theirs);
}

/* Whoever has logged in is somebody else: by sudo(8), say. */
static bool is_of_another_user(void) {
        _cleanup_free_ char *text = NULL;
        uint64_t uid;

        if (getuid() != geteuid())
                return true;
        if (read_virtual_file("/proc/self/loginuid", &text) >= 0 && text_to_unsigned(text, UINT32_MAX, &uid) >= 0 &&
            uid != UINT32_MAX)
                return uid != geteuid();
        return getenv("SUDO_UID") || getenv("PKEXEC_UID");
}

/* A pager can run programs, and write files: not as somebody else, unless that is wanted. Sets
 * `ret_said` when the environment says which it is to be. */
static bool is_secure(bool *ret_said) {
        const char *text = setting("BERTH_PAGERSECURE", "SYSTEMD_PAGERSECURE");
        bool secure;

        *ret_said = text && text_to_bool(text, &secure) >= 0;
        return *ret_said ? secure : is_of_another_user();
}

static void set_environment(bool secure) {
        (void) setenv("LESS", setting("BERTH_LESS", "SYSTEMD_LESS") ?: "FRSXMK", 1);
        (void) setenv("LESSCHARSET", setting("BERTH_LESSCHARSET", "SYSTEMD_LESSCHARSET") ?: "utf-8", 1);
        if (secure)
                (void) setenv("LESSSECURE", "1", 1);
}

static bool start(const char *command) {
        _cleanup_string_list_ StringList words = {};

        return words_split(command, &words) >= 0 && words.count > 0 &&
               process_spawn((const char *const *) words.items, NULL, PROCESS_INHERIT_STDIN | PROCESS_PLAIN_SIGNALS,
                             pager.stdout_fd, pager.stderr_fd, &pager.pid) >= 0;
}

static bool is_there(const char *command) {
        _cleanup_string_list_ StringList words = {};
        _cleanup_free_ char *path = NULL;

        return words_split(command, &words) >= 0 && words.count > 0 && process_find(words.items[0], &path) >= 0;
}

/* The command, or NULL for none. Without a word about security, the environment of another user may
 * not say which program it is. */
static const char *choose(void) {
        static const char *const known[] = { "pager", "less", "more" };
        bool said, secure = is_secure(&said);
        const char *given = getenv("BERTH_PAGER") ?: getenv("SYSTEMD_PAGER") ?: getenv("PAGER");

        set_environment(secure);
        if (given && (!*given || streq(given, "cat")))
                return NULL;
        if (given && (said || !secure) && is_there(given))
                return given;
        for (size_t i = 0; i < ARRAY_SIZE(known); i++)
                /* Of others it is not known that they listen to LESSSECURE. */
                if ((!secure || streq(known[i], "less")) && is_there(known[i]))
                        return known[i];
        return NULL;
}

/* Its standard input is a pipe: for a moment that is ours. */
static bool start_on(const char *command, int read_fd) {
        _cleanup_close_ int stdin_fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
        bool started;

        if (stdin_fd < 0 || dup2(read_fd, STDIN_FILENO) < 0)
                return false;
        started = start(command);
        (void) dup2(stdin_fd, STDIN_FILENO);
        return started;
}

static void forget(void) {
        pager.stdout_fd = fd_close(pager.stdout_fd);
        pager.stderr_fd = fd_close(pager.stderr_fd);
        pager.pid = 0;
}

void pager_open(void) {
        _cleanup_close_ int read_fd = -EBADF, write_fd = -EBADF;
        const char *command, *terminal = getenv("TERM");

        if (!pager.allowed || pager.tried)
                return;
        pager.tried = true;
        command = !isatty(STDOUT_FILENO) || !terminal || streq(terminal, "dumb") ? NULL : choose();
        if (!command || fflush(stdout) < 0 || pipe_open(&read_fd, &write_fd) < 0)
                return;
        pager.stdout_fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
        /* Complaints go where they can be read, too. */
        if (isatty(STDERR_FILENO))
                pager.stderr_fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
        if (pager.stdout_fd < 0 || !start_on(command, read_fd)) {
                forget();
                return;
        }
        /* Ctrl-C is the pager's, and its end no signal for us. */
        (void) signal(SIGINT, SIG_IGN);
        (void) signal(SIGPIPE, SIG_IGN);
        (void) dup2(write_fd, STDOUT_FILENO);
        if (pager.stderr_fd >= 0)
                (void) dup2(write_fd, STDERR_FILENO);
}

bool pager_close(void) {
        if (pager.pid <= 0)
                return false;
        (void) fflush(stdout);
        (void) dup2(pager.stdout_fd, STDOUT_FILENO);
        if (pager.stderr_fd >= 0)
                (void) dup2(pager.stderr_fd, STDERR_FILENO);
        (void) process_wait(pager.pid);
        forget();
        return true;
}
