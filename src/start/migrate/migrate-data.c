/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What podman keeps, copied. */
#include "start/migrate/migrate-data.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "basic/files.h"
#include "basic/process.h"
#include "basic/text.h"
#include "volume/volumes.h"

int migrate_image(const PullRequest *request, const PullReporter *reporter) {
        return pull(request, reporter);
}

/* Secrets */

/* Encrypted by systemd-creds(1), with the TPM or the machine's key. The secret goes by memory, and
 * nothing of it is in the arguments. Returns 0, or what the failure was, for which it is kept
 * plain. */
static int encrypt_secret(const char *name, int secret_fd, char **ret, size_t *ret_size) {
        enum { CREDENTIAL_MAX = 4 << 20 };
        _cleanup_free_ char *option = text_format("--name=%s", name);
        const FdPath input = fd_path(secret_fd);
        const char *const argv[] = { "systemd-creds", "--quiet", "encrypt", option, "--", input.text, "-", NULL };
        int r = option ? process_capture(argv, NULL, CREDENTIAL_MAX, ret, ret_size) : -ENOMEM;

        return r > 0 ? -EREMOTEIO : r;
}

static int open_secret(const char *text, size_t size) {
        _cleanup_close_ int fd = memfd_create("secret", 0); /* systemd-creds opens it */
        int r = fd < 0 ? -errno : write_all(fd, text, size);

        return r < 0 ? r : TAKE_FD(fd);
}

static int put_secret(const char *home, const char *name, const char *ending, const char *data, size_t size) {
        _cleanup_free_ char *path = text_format("%s/secrets/%s%s", home, name, ending),
                            *directory = text_format("%s/secrets", home);
        int r;

        if (!path || !directory)
                return -ENOMEM;
        r = make_directories_at(AT_FDCWD, directory, 0700);
        return r < 0 ? r : write_file_durable_at(AT_FDCWD, path, data, size, 0600);
}

int migrate_secret(const char *name, const char *home) {
        _cleanup_free_ char *secret = NULL, *credential = NULL;
        _cleanup_close_ int fd = -EBADF;
        size_t size, credential_size;
        int r;

        r = podman_read_secret(name, &secret, &size);
        if (r < 0)
                return r;
        fd = open_secret(secret, size);
        r = fd < 0 ? fd : encrypt_secret(name, fd, &credential, &credential_size);
        if (r >= 0)
                r = put_secret(home, name, ".cred", credential, credential_size) ?: 1;
        else
                r = put_secret(home, name, "", secret, size);
        explicit_bzero(secret, size);
        return r;
}

/* Volumes */

int migrate_check_space(const MigratePlan *plan) {
        uint64_t wanted = 0;
        struct statvfs fs;

        for (size_t i = 0; i < plan->volume_count; i++)
                if (__builtin_add_overflow(wanted, plan->volumes[i].bytes, &wanted))
                        return -ENOSPC;
        if (wanted == 0)
                return 0;
        if (statvfs(place_path(PLACE_STATE), &fs) < 0)
                return -errno;
        return wanted / fs.f_frsize < fs.f_bavail ? 0 : -ENOSPC;
}

static int copy_content(const LockedVolume *locked, const char *path) {
        _cleanup_close_ int source_fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), fd = -EBADF;

        if (source_fd < 0)
                return -errno;
        fd = volume_begin(locked);
        return fd < 0 ? fd : copy_tree(source_fd, fd, NULL);
}

int migrate_volume(const MigrateVolume *volume) {
        _cleanup_locked_volume_ LockedVolume locked = LOCKED_VOLUME_INIT;
        int r;

        r = volume_lock(place_path(PLACE_VOLUMES), volume->name, true, &locked);
        if (r < 0)
                return r;
        r = copy_content(&locked, volume->path);
        if (r < 0) {
                (void) volume_give_up(&locked);
                return r;
        }
        return volume_replace(&locked);
}
