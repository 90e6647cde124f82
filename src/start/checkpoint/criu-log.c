/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What CRIU says in its log of why it has failed. */
#include "start/checkpoint/criu-log.h"

#include <errno.h>
#include <fcntl.h>

#include "basic/files.h"
#include "basic/json.h"
#include "basic/path.h"
#include "basic/text.h"
#include "host/labels.h"
#include "start/bundle-config.h"

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
               startswith(message, "execvp(") || endswith(message, "-save -V failed") ||
               endswith(message, "-restore -V failed");
}

int criu_log_make(const Bundle *bundle, const char *directory, const char *name) {
        _cleanup_free_ char *path = path_join(directory, name);
        _cleanup_json_object_ json_object *config = NULL;
        _cleanup_close_ int fd = -EBADF;
        const char *label;
        int r;

        if (!path)
                return -ENOMEM;
        fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
        r = fd < 0 ? -errno : bundle_config_read(bundle, &config);
        if (r < 0)
                return r;
        label = json_get_string(json_object_object_get(config, "linux"), "mountLabel");
        r = label && *label ? labels_set(fd, label) : 0;
        return r == -ENOTSUP ? 0 : r;
}

int criu_log_read_error(const char *directory, const char *name, char **ret) {
        enum { LARGEST = 64 * 1024 * 1024 };
        _cleanup_free_ char *path = path_join(directory, name), *text = NULL;
        char *state = NULL;
        int r = path ? read_file_at(AT_FDCWD, path, LARGEST, &text, NULL) : -ENOMEM;

        if (r < 0)
                return r;
        if (!*text)
                return -ENOENT;
        for (char *line = strtok_r(text, "\n", &state); line; line = strtok_r(NULL, "\n", &state)) {
                const char *message = find_message(line);

                if (!message || is_harmless(message))
                        continue;
                *ret = text_format("CRIU says: %s", message);
                return *ret ? 1 : -ENOMEM;
        }
        return 0;
}
