/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Running a container's unit in the foreground. The unit's own command fetches the streams from
 * here, and says when the container is there. What is given away are pipes: the
 * terminal, or the file, that this process writes to is nothing that a container is to have. All of
 * it is done by one loop; a thread waits for the unit's end, as that is asked of systemd. */
#include "start/foreground/foreground-run.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/pidfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "basic/byte-stream.h"
#include "basic/path.h"
#include "basic/process.h"
#include "host/unit/unit-end.h"
#include "source/places.h"
#include "start/exec/exec-run.h"
#include "start/exec/exec-terminal.h"
#include "start/foreground/foreground-socket.h"

enum {
        SLOT_SIGNAL,
        SLOT_END,
        SLOT_LISTEN,
        SLOT_CONSOLE,
        SLOT_CONNECTION,
        SLOT_IN,
        SLOT_OUT,
        SLOT_ERR,
        _SLOT_COUNT,

        SAID_MAX = 64 * 1024,
};

typedef struct Session {
        const ForegroundRun *run;
        int listen_fd, console_fd, connection_fd, terminal_fd;
        int first_pidfd;                      /* the container's first process */
        int theirs[_FOREGROUND_STREAM_COUNT]; /* what the container gets */
        int end_fd;                           /* readable when it has ended */
        int signal_fd;
        ByteStream in, out, err;
        ExecTerminal terminal;
        ForegroundOffer offer;
        Text said;   /* on standard error before the container was there: by the runtime */
        bool told;   /* the container is there, or has been */
        unsigned asked; /* how often to end */
        UnitEnd end;
        int end_result;
        pthread_t waiter;
} Session;

#define SESSION_INIT                                                                                                   \
        {                                                                                                              \
                .listen_fd = -EBADF, .console_fd = -EBADF, .connection_fd = -EBADF, .terminal_fd = -EBADF,             \
                .first_pidfd = -EBADF, .theirs = { -EBADF, -EBADF, -EBADF }, .end_fd = -EBADF, .signal_fd = -EBADF,    \
                .in = BYTE_STREAM_INIT, .out = BYTE_STREAM_INIT, .err = BYTE_STREAM_INIT,            \
                .terminal = EXEC_TERMINAL_INIT,                                                                        \
        }

static void session_done(Session *session) {
        if (session->listen_fd >= 0)
                foreground_forget(session->run->stem);
        if (session->console_fd >= 0)
                foreground_forget(path_basename(session->offer.console));
        fd_close(session->listen_fd);
        fd_close(session->console_fd);
        fd_close(session->connection_fd);
        fd_close(session->first_pidfd);
        for (size_t i = 0; i < _FOREGROUND_STREAM_COUNT; i++)
                fd_close(session->theirs[i]);
        byte_stream_done(&session->in);
        byte_stream_done(&session->out);
        byte_stream_done(&session->err);
        fd_close(session->terminal_fd);
        fd_close(session->end_fd);
        fd_close(session->signal_fd);
        text_done(&session->said);
}
#define _cleanup_session_ _cleanup_(session_done)

/* Beforehand */

static int make_streams(Session *session) {
        const ForegroundRun *run = session->run;
        int r = 0;

        if (run->interactive && !run->terminal)
                r = byte_stream_open_input(&session->in, STDIN_FILENO, &session->theirs[FOREGROUND_STDIN]);
        else {
                session->theirs[FOREGROUND_STDIN] = open("/dev/null", O_RDONLY | O_CLOEXEC);
                r = session->theirs[FOREGROUND_STDIN] < 0 ? -errno : 0;
        }
        if (r >= 0)
                r = byte_stream_open_output(&session->err, STDERR_FILENO, &session->theirs[FOREGROUND_STDERR]);
        if (r < 0)
                return r;
        if (!run->terminal)
                return byte_stream_open_output(&session->out, STDOUT_FILENO, &session->theirs[FOREGROUND_STDOUT]);
        session->theirs[FOREGROUND_STDOUT] = open("/dev/null", O_WRONLY | O_CLOEXEC);
        return session->theirs[FOREGROUND_STDOUT] < 0 ? -errno : 0;
}

static int make_console(Session *session) {
        char name[32];
        int n;

        if (!session->run->terminal)
                return 0;
        (void) snprintf(name, sizeof(name), "%d.tty", (int) getpid());
        n = snprintf(session->offer.console, sizeof(session->offer.console), "%s/%s", place_path(PLACE_FOREGROUND),
                     name);
        if (n < 0 || (size_t) n >= sizeof(session->offer.console))
                return -ENAMETOOLONG;
        session->console_fd = foreground_listen(name, SOCK_STREAM);
        return session->console_fd < 0 ? session->console_fd : exec_terminal_keep(&session->terminal);
}

static int make_session(Session *session, const sigset_t *signals) {
        int r;

        session->signal_fd = signalfd(-1, signals, SFD_CLOEXEC);
        session->end_fd = eventfd(0, EFD_CLOEXEC);
        if (session->signal_fd < 0 || session->end_fd < 0)
                return -errno;
        r = make_streams(session);
        if (r >= 0)
                r = make_console(session);
        if (r < 0)
                return r;
        session->listen_fd = foreground_listen(session->run->stem, SOCK_SEQPACKET);
        return session->listen_fd < 0 ? session->listen_fd : 0;
}

/* The unit's command, and the container's terminal */

/* It may come again: Restart= starts the container anew. */
static void answer(Session *session) {
        int fd = accept4(session->listen_fd, NULL, NULL, SOCK_CLOEXEC);

        if (fd < 0)
                return;
        fd_close(session->connection_fd);
        session->connection_fd = fd;
        (void) foreground_send(fd, &session->offer, sizeof(session->offer), session->theirs, _FOREGROUND_STREAM_COUNT);
}

static void take_news(Session *session) {
        char byte;
        int pidfd, r = foreground_receive(session->connection_fd, &byte, 1, &pidfd, 1);

        if (r == -EAGAIN || r == -EINTR)
                return;
        if (r >= 0) {
                session->told = true;
                fd_close(session->first_pidfd);
                session->first_pidfd = pidfd;
        }
        session->connection_fd = fd_close(session->connection_fd);
}

static void copy_size(const Session *session) {
        struct winsize size;

        if (session->terminal_fd >= 0 && ioctl(STDIN_FILENO, TIOCGWINSZ, &size) >= 0)
                (void) ioctl(session->terminal_fd, TIOCSWINSZ, &size);
}

/* All that is typed is the container's from now on. */
static void make_raw(Session *session) {
        struct termios raw = session->terminal.before;

        cfmakeraw(&raw);
        (void) tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
        if (session->terminal.guard == 0)
                (void) exec_terminal_guard(&session->terminal, -EBADF);
}

static void take_terminal(Session *session) {
        _cleanup_close_ int fd = accept4(session->console_fd, NULL, NULL, SOCK_CLOEXEC);
        int terminal_fd = fd < 0 ? fd : foreground_receive_terminal(fd);

        if (terminal_fd < 0)
                return;
        fd_close(session->terminal_fd);
        session->terminal_fd = terminal_fd;
        (void) fcntl(terminal_fd, F_SETFL, O_RDWR | O_NONBLOCK);
        session->in = (ByteStream) { .from = STDIN_FILENO, .to = terminal_fd };
        session->out = (ByteStream) { .from = terminal_fd, .to = STDOUT_FILENO };
        copy_size(session);
        make_raw(session);
}

/* Signals */

/* By systemd, which knows how long to wait for it. */
static void stop_unit(const Session *session) {
        const char *argv[6];
        size_t n = 0;
        pid_t pid;

        argv[n++] = "systemctl";
        if (places_scope() == SCOPE_USER)
                argv[n++] = "--user";
        argv[n++] = "stop";
        argv[n++] = "--no-block";
        argv[n++] = session->run->unit_name;
        argv[n] = NULL;
        if (process_spawn(argv, NULL, PROCESS_PLAIN_SIGNALS | PROCESS_OWN_SESSION, -EBADF, -EBADF, &pid) >= 0)
                (void) process_wait(pid);
}

static bool asks_to_end(int number) {
        return number == SIGINT || number == SIGTERM || number == SIGHUP || number == SIGQUIT;
}

/* The first process of a container does not hear what it has no handler for: who says it again
 * means it. */
static void take_signal(Session *session) {
        struct signalfd_siginfo information;
        int number;

        if (read(session->signal_fd, &information, sizeof(information)) != sizeof(information))
                return;
        number = (int) information.ssi_signo;
        if (number == SIGWINCH) {
                copy_size(session);
                return;
        }
        if (session->first_pidfd >= 0)
                (void) pidfd_send_signal(session->first_pidfd, number, NULL, 0);
        if (asks_to_end(number) && (session->first_pidfd < 0 || ++session->asked > 1))
                stop_unit(session);
}

/* The loop */

static void step_err(Session *session) {
        byte_stream_step(&session->err, session->told || session->said.length > SAID_MAX ? NULL : &session->said);
}

static int wait_for_something(const Session *session, struct pollfd slots[_SLOT_COUNT], int timeout_msec) {
        slots[SLOT_SIGNAL] = (struct pollfd) { .fd = session->signal_fd, .events = POLLIN };
        slots[SLOT_END] = (struct pollfd) { .fd = session->end_fd, .events = POLLIN };
        slots[SLOT_LISTEN] = (struct pollfd) { .fd = session->listen_fd, .events = POLLIN };
        slots[SLOT_CONSOLE] = (struct pollfd) { .fd = session->console_fd, .events = POLLIN };
        slots[SLOT_CONNECTION] = (struct pollfd) { .fd = session->connection_fd, .events = POLLIN };
        slots[SLOT_IN] = byte_stream_poll(&session->in);
        slots[SLOT_OUT] = byte_stream_poll(&session->out);
        slots[SLOT_ERR] = byte_stream_poll(&session->err);
        return poll(slots, _SLOT_COUNT, timeout_msec) < 0 && errno != EINTR ? -errno : 0;
}

static int loop(Session *session) {
        struct pollfd slots[_SLOT_COUNT];
        int r;

        for (;;) {
                r = wait_for_something(session, slots, -1);
                if (r < 0)
                        return r;
                if (slots[SLOT_SIGNAL].revents)
                        take_signal(session);
                /* Before what it has written: that is the runtime's words as long as this is not
                 * known. */
                if (slots[SLOT_CONNECTION].revents)
                        take_news(session);
                if (slots[SLOT_CONSOLE].revents)
                        take_terminal(session);
                else if (slots[SLOT_OUT].revents)
                        byte_stream_step(&session->out, NULL);
                if (slots[SLOT_ERR].revents)
                        step_err(session);
                if (slots[SLOT_IN].revents && !slots[SLOT_CONSOLE].revents)
                        byte_stream_step(&session->in, NULL);
                if (slots[SLOT_LISTEN].revents)
                        answer(session);
                if (slots[SLOT_END].revents)
                        return 0;
        }
}

static void *wait_for_end(void *userdata) {
        Session *session = userdata;

        session->end_result = unit_start_and_wait(&session->end);
        (void) eventfd_write(session->end_fd, 1);
        return NULL;
}

static int run_session(Session *session) {
        int r = -pthread_create(&session->waiter, NULL, wait_for_end, session);

        if (r < 0)
                return r;
        r = loop(session);
        if (r < 0)
                stop_unit(session);
        (void) pthread_join(session->waiter, NULL);
        if (r < 0)
                return r;
        /* What came with the end. */
        if (session->connection_fd >= 0)
                take_news(session);
        byte_stream_drain(&session->out, session->signal_fd, NULL);
        byte_stream_drain(&session->err, session->signal_fd, session->told ? NULL : &session->said);
        return session->end_result;
}

static int status_of(Session *session) {
        if (session->told)
                return unit_end_status(&session->end, EXEC_NOT_DONE);
        return session->said.data && !session->said.failed ? exec_status_of(session->said.data) : EXEC_NOT_DONE;
}

static void block_signals(sigset_t *ret_signals) {
        static const int numbers[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGWINCH };

        sigemptyset(ret_signals);
        for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
                sigaddset(ret_signals, numbers[i]);
        (void) sigprocmask(SIG_BLOCK, ret_signals, NULL);
        (void) signal(SIGPIPE, SIG_IGN);
}

int foreground_run(const ForegroundRun *run, bool *ret_started, int *ret_error) {
        _cleanup_session_ Session session = SESSION_INIT;
        sigset_t signals;
        int r;

        session.run = run;
        session.end.unit_name = run->unit_name;
        block_signals(&signals);
        r = make_session(&session, &signals);
        if (r >= 0)
                r = run_session(&session);
        exec_terminal_restore(&session.terminal);
        if (r < 0)
                return r;
        *ret_started = session.told;
        *ret_error = session.out.error != -EPIPE ? session.out.error : 0;
        return status_of(&session);
}
