/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Messages of the programs. */
#include "basic/log.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#include "basic/files.h"
#include "basic/text.h"

enum { PRIORITY_ERROR = 3, PRIORITY_WARNING = 4, PRIORITY_INFO = 6 };

enum { KERNEL_LINE_LONGEST = 900 }; /* the kernel refuses records of about 1,000 bytes */

static const char *program_name = "berth";
static enum { TO_TERMINAL, TO_JOURNAL, TO_JOURNAL_LATER, TO_KERNEL } destination;
static int log_fd = STDERR_FILENO;

void log_open(const char *program) {
        const char *stream = getenv("JOURNAL_STREAM");
        uintmax_t device, inode;
        struct stat st;

        program_name = program;
        destination = stream && sscanf(stream, "%" SCNuMAX ":%" SCNuMAX, &device, &inode) == 2 &&
                                      fstat(STDERR_FILENO, &st) == 0 && st.st_dev == device && st.st_ino == inode ?
                              TO_JOURNAL :
                              TO_TERMINAL;
}

/* The service whose control group this process is in, cgroup v2, or "". */
static char *own_service(void) {
        _cleanup_free_ char *groups = NULL;
        char *found = NULL;

        if (read_virtual_file("/proc/self/cgroup", &groups) < 0)
                return strdup("");
        for (char *rest = groups, *name; (name = strsep(&rest, "/\n"));)
                if (endswith(name, ".service"))
                        found = name;
        return strdup(found ?: "");
}

/* A stream to the journal as sd_journal_stream_fd(3) makes one. Never blocks: PID 1 waits for its
 * generators, and journald may wait for PID 1. */
static int open_journal(void) {
        static const struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "/run/systemd/journal/stdout" };
        _cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        _cleanup_free_ char *header = NULL, *unit = own_service();

        if (fd < 0 || connect(fd, (const struct sockaddr *) &address, sizeof(address)) < 0)
                return -errno;
        /* The identifier, the unit, the default priority, prefixes heeded, nothing forwarded. Whose
         * a line is the journal looks up by itself, unless the process is gone by then. */
        header = text_format("%s\n%s\n%d\n1\n0\n0\n0\n", program_name, unit ?: "", PRIORITY_INFO);
        if (!header)
                return -ENOMEM;
        if (send(fd, header, strlen(header), MSG_NOSIGNAL) < 0)
                return -errno;
        return TAKE_FD(fd);
}

static bool stderr_is_null(void) {
        struct stat st;
        return fstat(STDERR_FILENO, &st) == 0 && S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3);
}

static void log_to_journal(void) {
        int fd = open_journal();

        if (fd >= 0)
                log_fd = fd;
        destination = fd >= 0 ? TO_JOURNAL : TO_TERMINAL;
}

void log_open_service_late(const char *program) {
        log_open(program);
        /* Who runs it by hand and throws the messages away means it. */
        if (getenv("INVOCATION_ID") && stderr_is_null())
                destination = TO_JOURNAL_LATER;
}

void log_open_service(const char *program) {
        log_open_service_late(program);
        if (destination == TO_JOURNAL_LATER)
                log_to_journal();
}

void log_open_generator(const char *program) {
        int fd;

        log_open(program);
        if (!getenv("SYSTEMD_SCOPE") || !stderr_is_null())
                return;
        destination = TO_KERNEL;
        fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC | O_NOCTTY);
        if (fd < 0) {
                destination = TO_JOURNAL;
                fd = open_journal();
        }
        if (fd >= 0)
                log_fd = fd;
}

_printf_(2, 0) static void vlog(int priority, const char *format, va_list arguments) {
        _cleanup_text_ Text message = {}, line = {};

        /* First of all: %m is what errno is now. */
        text_vappendf(&message, format, arguments);
        if (message.failed)
                return;
        if (destination == TO_JOURNAL_LATER)
                log_to_journal();
        if (destination != TO_TERMINAL)
                text_appendf(&line, "<%d>", priority);
        if (destination == TO_KERNEL)
                text_appendf(&line, "%s[%ld]: ", program_name, (long) getpid());
        else if (destination == TO_TERMINAL)
                text_appendf(&line, "%s: ", program_name);
        /* Whatever a message quotes gives no orders to a terminal. */
        if (destination == TO_TERMINAL && isatty(log_fd))
                text_append_visible_lines(&line, message.data, message.length);
        else
                text_append(&line, message.data);
        if (destination == TO_KERNEL && line.length > KERNEL_LINE_LONGEST)
                line.data[line.length = KERNEL_LINE_LONGEST] = '\0';
        text_append_char(&line, '\n');
        if (line.failed)
                return;
        /* One write, so that lines of several processes do not mix. */
        (void) !write(log_fd, line.data, line.length);
}

#define DEFINE_LOG(name, priority)                                                                                     \
        void name(const char *format, ...) {                                                                           \
                va_list arguments;                                                                                     \
                                                                                                                       \
                va_start(arguments, format);                                                                           \
                vlog(priority, format, arguments);                                                                     \
                va_end(arguments);                                                                                     \
        }

DEFINE_LOG(log_error, PRIORITY_ERROR)
DEFINE_LOG(log_warning, PRIORITY_WARNING)
DEFINE_LOG(log_info, PRIORITY_INFO)

#define DEFINE_LOG_ERRNO(name, priority, silent)                                                                       \
        int name(int error, const char *format, ...) {                                                                 \
                va_list arguments;                                                                                     \
                                                                                                                       \
                if (error == (silent))                                                                                 \
                        return error;                                                                                  \
                va_start(arguments, format);                                                                           \
                errno = error < 0 ? -error : error;                                                                    \
                vlog(priority, format, arguments);                                                                     \
                va_end(arguments);                                                                                     \
                return error;                                                                                          \
        }

DEFINE_LOG_ERRNO(log_error_errno, PRIORITY_ERROR, 0)
DEFINE_LOG_ERRNO(log_warning_errno, PRIORITY_WARNING, 0)
DEFINE_LOG_ERRNO(log_failure_errno, PRIORITY_ERROR, -EREPORTED)

int log_oom(void) {
        log_error("Out of memory");
        return -ENOMEM;
}

void log_diagnostics(Diagnostics *diagnostics) {
        diagnostics_sort(diagnostics);
        for (size_t i = 0; i < diagnostics->count; i++) {
                _cleanup_free_ char *line = NULL;

                if (diagnostic_format(&diagnostics->items[i], &line) < 0) {
                        log_oom();
                        return;
                }
                if (diagnostics->items[i].severity == SEVERITY_ERROR)
                        log_error("%s", line);
                else
                        log_warning("%s", line);
        }
}
