/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A runtime as a program. What a container's processes could reach of it (/proc/PID/exe) must not
 * be a file that they could write to (CVE-2019-5736), so crun begins by running itself once more,
 * from a read-only mount of its file that it makes and takes away, and is loaded twice. When it is
 * on a read-only mount already, which it asks fstatfs(2), it does not. */
#pragma once

/* Opens the program on a read-only mount that is nowhere in the file system, for exec. Returns the
 * descriptor, which the caller closes, or -errno where it cannot be had: for lack of power or in an
 * older kernel, and for scripts, whose interpreter would look for the file (-ENOEXEC). Then the
 * program itself is what to run. */
int runtime_program_open(const char *program);
