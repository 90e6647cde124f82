/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What CRIU says in its log of why it has failed. */
#include "start/checkpoint/criu-log.h"

#include <errno.h>
#include <fcntl.h>

#include "basic/files.h"
#include "basic/path.h"
#include "basic/text.h"

/* "(00.002285) Error (criu/sk-unix.c:871): unix: External socket is used" is what comes behind
 * the place in the source. */
static const char *find_message(const char *line) {
        const char *error = strstr(line, "Error (");
        const char *end = error ? strstr(error, "): ") : NULL;

        return end ? end + strlen("): ") : NULL;
}

/* Of programs that it only tries out. */
static bool is_harmless(const char *message) {
        return startswith(message, "exited, status=") || startswith(message, "rlimit: ") ||
               strstr(message, "-save -V failed") != NULL;
}

int criu_log_read_error(const char *directory, const char *name, char **ret) {
        enum { LARGEST = 64 * 1024 * 1024 };
        _cleanup_free_ char *path = path_join(directory, name), *text = NULL;
        char *state = NULL;
        int r = path ? read_file_at(AT_FDCWD, path, LARGEST, &text, NULL) : -ENOMEM;

        if (r < 0)
                return r;
        for (char *line = strtok_r(text, "\n", &state); line; line = strtok_r(NULL, "\n", &state)) {
                const char *message = find_message(line);

                if (!message || is_harmless(message))
                        continue;
                *ret = text_format("CRIU says: %s", message);
                return *ret ? 1 : -ENOMEM;
        }
        return 0;
}
