/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The program criu(8), which the runtimes run for checkpoints. */
#include "host/criu.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "basic/files.h"
#include "basic/process.h"
#include "basic/text.h"

static int find(char **ret) {
        int r = process_find("criu", ret);

        return r == -ENOENT ? -ENOPKG : r;
}

/* Its answer is "Version: 4.1.1", and more lines. */
int criu_version(char **ret) {
        enum { LONGEST_VERSION = 64 * 1024 };
        _cleanup_free_ char *criu = NULL, *answer = NULL;
        const char *number;
        int r;

        r = find(&criu);
        if (r >= 0)
                r = process_capture((const char *[]) { criu, "--version", NULL }, NULL, LONGEST_VERSION, &answer, NULL);
        if (r < 0)
                return r;
        number = r == 0 ? startswith(answer, "Version: ") : NULL;
        if (!number)
                return -ENOSYS;
        *ret = strndup(number, strcspn(number, " \n"));
        return *ret ? 0 : -ENOMEM;
}

/* What it is linked with is among the strings of the file, each behind a NUL. That such a string is
 * there for another reason does no harm: what was restored is looked at. */
int criu_keeps_labels(void) {
        enum { LARGEST = 64 * 1024 * 1024 };
        static const char library[] = "\0libselinux.so."; /* in any version */
        _cleanup_free_ char *criu = NULL, *program = NULL;
        size_t size = 0;
        int r;

        r = find(&criu);
        if (r >= 0)
                r = read_file_at(AT_FDCWD, criu, LARGEST, &program, &size);
        return r < 0 ? r : memmem(program, size, library, sizeof(library) - 1) != NULL;
}

int criu_knows_changed_memory(void) {
        enum { LONGEST_ANSWER = 64 * 1024 };
        const char *argv[] = { "criu", "-v0", "check", "--feature", "mem_dirty_track", NULL };
        _cleanup_free_ char *criu = NULL, *answer = NULL;
        int r;

        r = find(&criu);
        if (r >= 0) {
                argv[0] = criu;
                r = process_capture(argv, NULL, LONGEST_ANSWER, &answer, NULL);
        }
        return r < 0 ? r : r == 0;
}
