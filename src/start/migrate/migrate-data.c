/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What podman keeps, copied. */
#include "start/migrate/migrate-data.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "basic/disk-usage.h"
#include "basic/files.h"
#include "basic/process.h"
#include "basic/text.h"
#include "host/user/user-root.h"
#include "source/places.h"
#include "start/migrate/migrate-root.h"
#include "start/user/user-credential.h"
#include "volume/volumes.h"

typedef struct ImageJob {
        const PullRequest *request;
        const PullReporter *reporter;
} ImageJob;

/* skopeo takes podman's store for root's unless it is told that this is the user's namespace, as
 * "podman unshare" tells it. It mounts what it reads. */
static int be_as_podman_unshare(void) {
        _cleanup_free_ char *uid_text = NULL, *gid_text = NULL;
        uint32_t uid, gid;

        user_root_own_ids(&uid, &gid);
        uid_text = text_format("%" PRIu32, uid);
        gid_text = text_format("%" PRIu32, gid);
        if (!uid_text || !gid_text)
                return -ENOMEM;
        if (setenv("_CONTAINERS_USERNS_CONFIGURED", "done", true) < 0 ||
            setenv("_CONTAINERS_ROOTLESS_UID", uid_text, true) < 0 ||
            setenv("_CONTAINERS_ROOTLESS_GID", gid_text, true) < 0)
                return -errno;
        return unshare(CLONE_NEWNS) < 0 ? -errno : 0;
}

static int bring_image(void *userdata) {
        const ImageJob *job = userdata;
        int r = job->request->source && user_root_is_entered() ? be_as_podman_unshare() : 0;

        return r < 0 ? r : pull(job->request, job->reporter);
}

int migrate_image(const PullRequest *request, const PullReporter *reporter) {
        ImageJob job = { request, reporter };

        return migrate_as_root(bring_image, &job);
}

/* Secrets */

/* Encrypted by systemd-creds(1), with the TPM or the machine's key. The secret goes by memory, and
 * nothing of it is in the arguments. Returns 0, or what the failure was, for which it is kept
 * plain. */
static int encrypt_secret(const char *name, int secret_fd, char **ret, size_t *ret_size) {
        enum { CREDENTIAL_MAX = 4 << 20 };
        _cleanup_free_ char *option = text_format("--name=%s", name);
        const FdPath input = fd_path(secret_fd);
        const char *const argv[] = { "systemd-creds", places_scope() == SCOPE_USER ? "--user" : "--quiet", "encrypt",
                                     option, "--", input.text, "-", NULL };
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

/* Whether a user's start gets at it, too, as it does (start/secrets.c). */
static int check_encrypted(const char *name, const char *credential, size_t credential_size, const char *secret,
                           size_t size) {
        _cleanup_free_ char *decrypted = NULL, *refusal = NULL;
        size_t decrypted_size;
        int r;

        if (places_scope() != SCOPE_USER)
                return 0;
        r = user_credential_decrypt(name, credential, credential_size, &decrypted, &decrypted_size, &refusal);
        if (r < 0)
                return r;
        r = decrypted_size == size && memcmp(decrypted, secret, size) == 0 ? 0 : -EBADMSG;
        explicit_bzero(decrypted, decrypted_size);
        return r;
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
                r = check_encrypted(name, credential, credential_size, secret, size);
        if (r >= 0)
                r = put_secret(home, name, ".cred", credential, credential_size) ?: 1;
        else
                r = put_secret(home, name, "", secret, size);
        explicit_bzero(secret, size);
        return r;
}

/* Volumes */

static int look_at_volume(const MigrateVolume *volume, MigrateVolumeLook *ret) {
        _cleanup_locked_volume_ LockedVolume locked = LOCKED_VOLUME_INIT;
        int r = disk_usage_at(AT_FDCWD, volume->path, &ret->bytes);

        if (r < 0 && r != -ENOENT)
                return r;
        r = volume_lock(place_path(PLACE_VOLUMES), volume->name, false, &locked);
        if (r >= 0)
                r = volume_is_empty(&locked);
        ret->is_occupied = r == 0;
        return r == -ENOENT || r == -EINVAL ? 0 : r;
}

static int look_at_volumes(void *userdata) {
        const MigratePlan *plan = userdata;
        int r = 0;

        for (size_t i = 0; r >= 0 && i < plan->volume_count; i++)
                r = look_at_volume(&plan->volumes[i], &plan->looks[i]);
        return r;
}

/* What another process finds is seen here by shared memory. */
int migrate_look_at_volumes(MigratePlan *plan) {
        _cleanup_free_ MigrateVolumeLook *looks = calloc(plan->volume_count, sizeof(*looks));
        size_t size = plan->volume_count * sizeof(*looks);
        void *shared;
        int r;

        if (size == 0)
                return 0;
        if (!looks)
                return -ENOMEM;
        shared = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (shared == MAP_FAILED)
                return -errno;
        plan->looks = shared;
        r = migrate_as_root(look_at_volumes, plan);
        memcpy(looks, shared, size);
        (void) munmap(shared, size);
        plan->looks = TAKE_PTR(looks);
        return r;
}

int migrate_check_space(const MigratePlan *plan) {
        uint64_t wanted = 0;
        struct statvfs fs;

        for (size_t i = 0; i < plan->volume_count; i++)
                if (__builtin_add_overflow(wanted, plan->looks[i].bytes, &wanted))
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

static int bring_volume(void *userdata) {
        const MigrateVolume *volume = userdata;
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

int migrate_volume(MigrateVolume *volume) {
        return migrate_as_root(bring_volume, volume);
}
