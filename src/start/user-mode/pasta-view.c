/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What pasta sees of the machine. */
#include "start/user-mode/pasta-view.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "basic/files.h"
#include "basic/path.h"
#include "basic/text.h"
#include "host/mounts.h"
#include "source/places.h"

#define PROFILES "/sys/kernel/security/apparmor/profiles"

static bool is_namespace_option(const char *argument) {
        return streq(argument, "--netns") || streq(argument, "--userns");
}

/* Debian 13's profile lets root's read below /tmp; Debian 12's lets a user's read what podman has
 * for it, and no more. Caller frees; NULL when memory is short. */
static char *choose_place(void) {
        _cleanup_free_ char *runtime = NULL;

        if (places_scope() == SCOPE_SYSTEM)
                return strdup("/tmp");
        return base_directory_of_user(BASE_RUNTIME, &runtime) < 0 ? NULL : path_join(runtime, "netns");
}

static bool is_needed(const StringList *arguments, const char *place) {
        if (access(PROFILES, F_OK) < 0)
                return false;
        for (size_t i = 0; i < arguments->count; i++)
                if (strstr(arguments->items[i], place))
                        return false;
        return true;
}

static int show(int namespace_fd, const char *target) {
        _cleanup_close_ int fd = open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

        return fd < 0 || mount(fd_path(namespace_fd).text, target, NULL, MS_BIND, NULL) < 0 ? -errno : 0;
}

static int show_argument(char **argument, int namespace_fd, const char *place) {
        char *target = path_join(place, path_basename(*argument));
        int r = target ? show(namespace_fd, target) : -ENOMEM;

        if (r < 0) {
                free(target);
                return r;
        }
        free(*argument);
        *argument = target;
        return 0;
}

static int show_all(StringList *arguments, const char *place) {
        int r = 0;

        for (size_t i = 0; r >= 0 && i + 1 < arguments->count; i++) {
                _cleanup_close_ int fd = -EBADF;

                if (!is_namespace_option(arguments->items[i]))
                        continue;
                fd = open(arguments->items[i + 1], O_RDONLY | O_CLOEXEC);
                r = fd < 0 ? -errno : show_argument(&arguments->items[i + 1], fd, place);
        }
        return r;
}

int pasta_view_make(StringList *arguments) {
        _cleanup_free_ char *place = choose_place();
        int r;

        if (!place)
                return -ENOMEM;
        if (!is_needed(arguments, place))
                return 0;
        r = make_directories_at(AT_FDCWD, place, 0700);
        if (r >= 0)
                r = mounts_leave_shared();
        if (r < 0)
                return r;
        if (mount("tmpfs", place, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0755,size=64k,nr_inodes=16") < 0)
                return -errno;
        return show_all(arguments, place);
}
