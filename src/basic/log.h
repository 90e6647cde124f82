/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Messages of the programs. Library code does not log: it returns -errno or fills Diagnostics. */
#pragma once

#include "basic/diagnostics.h"

/* The name before each message, unless standard error is the journal. Borrowed. */
void log_open(const char *program);

/* The same for a unit's process, whose standard error may be /dev/null for the payload's sake:
 * messages then go to the journal all the same. What the process starts keeps its standard
 * error. */
void log_open_service(const char *program);

/* The same, but the journal is connected to only when there is a message: for what is run all the
 * time and mostly says nothing. Wherever the process has gone by then, it must see the journal's
 * socket. */
void log_open_service_late(const char *program);

/* The same for a generator, whose standard error systemd opens as /dev/null: messages then go to
 * the kernel's log, which is there from the start of a boot on, or to the journal where a container
 * has no kernel log. */
void log_open_generator(const char *program);

/* One line on standard error. When that is the journal (JOURNAL_STREAM names it, see
 * systemd.exec(5)), the line gets a priority prefix (sd-daemon(3)) instead of the program's
 * name. */
void log_error(const char *format, ...) _printf_(1, 2);
void log_warning(const char *format, ...) _printf_(1, 2);
void log_info(const char *format, ...) _printf_(1, 2);

/* Logs with errno set to -`error` for %m, and returns `error`. */
int log_error_errno(int error, const char *format, ...) _printf_(2, 3);
int log_warning_errno(int error, const char *format, ...) _printf_(2, 3);

/* The same unless `error` is -EREPORTED: then diagnostics, which are logged as a whole, say what is
 * wrong. */
int log_failure_errno(int error, const char *format, ...) _printf_(2, 3);

/* Out of memory: logs it and returns -ENOMEM. */
int log_oom(void);

/* Logs every diagnostic at its severity, sorted. */
void log_diagnostics(Diagnostics *diagnostics);
