/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A start that goes on with what was written down at a checkpoint. */
#include "start/checkpoint/checkpoint-wake.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "basic/files.h"
#include "basic/path.h"
#include "host/criu.h"
#include "host/effects.h"
#include "source/places.h"
#include "start/bundle-config.h"
#include "start/checkpoint/checkpoint-confinement.h"
#include "start/checkpoint/criu-log.h"
#include "start/checkpoint/limit-views.h"
#include "start/checkpoint/podman/podman-fit.h"

/* In the bundle. */
#define WOKEN_FILE "woken"
#define GIVEN_UP_FILE "given-up"

static int open_directory(const char *id) {
        _cleanup_free_ char *path = checkpoint_path(id, NULL);
        int fd = path ? open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;

        if (!path)
                return -ENOMEM;
        return fd < 0 ? -errno : fd;
}

/* One that a start has for itself, or that is kept. */
static int open_waking(const char *id, const char *name, Checkpoint *ret) {
        int r = checkpoint_open(id, name, ret);

        if (r != -ENOENT)
                return r;
        checkpoint_done(ret);
        return checkpoint_open(id, CHECKPOINT_WHOLE, ret);
}

static int rename_in(const char *id, const char *from, const char *to) {
        _cleanup_close_ int fd = open_directory(id);

        if (fd < 0)
                return fd;
        return renameat(fd, from, fd, to) < 0 || fsync(fd) < 0 ? -errno : 0;
}

int checkpoint_wake_begin(const Bundle *bundle, Checkpoint *ret) {
        int r;

        r = checkpoint_open(bundle->id, CHECKPOINT_WHOLE, ret);
        if (r < 0 || ret->options.keep)
                return r;
        checkpoint_done(ret);
        r = effects_append(bundle, EFFECT_CHECKPOINT, bundle->id, NULL);
        if (r >= 0)
                r = rename_in(bundle->id, CHECKPOINT_WHOLE, CHECKPOINT_WAKING);
        return r < 0 ? r : checkpoint_open(bundle->id, CHECKPOINT_WAKING, ret);
}

int checkpoint_wake_take_upper(const char *former_upper, const char *upper) {
        _cleanup_free_ char *directory = path_dirname(former_upper);
        _cleanup_close_ int fd = directory ? open(directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -EBADF;
        int r;

        if (!directory)
                return -ENOMEM;
        if (fd < 0)
                return errno == ENOENT ? 0 : -errno;
        if (faccessat(fd, CHECKPOINT_UPPER, F_OK, AT_SYMLINK_NOFOLLOW) < 0)
                return errno == ENOENT ? 0 : -errno;
        r = write_file_durable_at(fd, CHECKPOINT_TAKEN, "", 0, 0600);
        if (r < 0)
                return r;
        return rename(former_upper, upper) < 0 ? -errno : 0;
}

/* Processes without the files that they had are none to go on with. */
static bool is_torn(const char *waking, const char *place) {
        _cleanup_free_ char *taken = path_join(waking, CHECKPOINT_TAKEN);

        return taken && access(taken, F_OK) >= 0 && access(place, F_OK) < 0;
}

int checkpoint_wake_undo(const char *id) {
        _cleanup_free_ char *waking = checkpoint_path(id, CHECKPOINT_WAKING);
        _cleanup_free_ char *place = waking ? path_join(waking, CHECKPOINT_UPPER) : NULL;
        _cleanup_free_ char *root = path_join(place_path(PLACE_CONTAINERS), id);
        _cleanup_free_ char *upper = root ? path_join(root, "upper") : NULL;

        if (!upper || !place)
                return -ENOMEM;
        if (access(waking, F_OK) < 0)
                return errno == ENOENT ? 0 : -errno;
        if (rename(upper, place) < 0 && errno != ENOENT)
                return -errno;
        if (is_torn(waking, place))
                return remove_tree_at(AT_FDCWD, waking);
        return rename_in(id, CHECKPOINT_WAKING, CHECKPOINT_WHOLE);
}

/* Returns 1, 0 when they differ, or -errno. Both can be missing. */
static int is_same(int a_fd, int b_fd, const char *name) {
        enum { LARGEST = 16 * 1024 * 1024 };
        _cleanup_free_ char *a = NULL, *b = NULL;
        size_t a_size = 0, b_size = 0;
        int r;

        r = read_file_at(a_fd, name, LARGEST, &a, &a_size);
        if (r < 0 && r != -ENOENT)
                return r;
        r = read_file_at(b_fd, name, LARGEST, &b, &b_size);
        if (r < 0 && r != -ENOENT)
                return r;
        return (a != NULL) == (b != NULL) && a_size == b_size && (!a || memcmp(a, b, a_size) == 0);
}

static int report_other(const Bundle *bundle, const char *what, Diagnostics *diagnostics) {
        return diagnose_error(diagnostics, NULL,
                              "the checkpoint of \"%s\" is of another %s; berth start --fresh %s forgets it",
                              bundle->stem, what, bundle->stem);
}

/* Annotations are for people and for hooks, and one of them is when it was made. Returns as
 * above. */
static int has_same_config(const Checkpoint *checkpoint, const Bundle *bundle) {
        _cleanup_json_object_ json_object *a = NULL, *b = NULL;
        int r;

        r = bundle_config_read(&(Bundle) { .fd = checkpoint->fd }, &a);
        if (r >= 0)
                r = bundle_config_read(bundle, &b);
        if (r < 0)
                return r;
        json_object_object_del(a, "annotations");
        json_object_object_del(b, "annotations");
        return json_object_equal(a, b) != 0;
}

/* The bundle says all that the file, its drop-ins, the image and this machine make of it. */
static int check_bundle(const Checkpoint *checkpoint, const Bundle *bundle, Diagnostics *diagnostics) {
        int r;

        if (!checkpoint_has_inventory(checkpoint->fd))
                return diagnose_error(diagnostics, NULL,
                                      "the checkpoint of \"%s\" is not whole: images/inventory.img is missing or "
                                      "empty; berth start --fresh %s forgets it",
                                      bundle->stem, bundle->stem);
        r = is_same(checkpoint->fd, bundle->fd, BUNDLE_IMAGE_FILE);
        if (r == 0)
                return report_other(bundle, "image", diagnostics);
        if (r > 0 && checkpoint_is_podmans(checkpoint->fd))
                return podman_fit_check(checkpoint->fd, bundle, diagnostics);
        if (r > 0)
                r = has_same_config(checkpoint, bundle);
        return r == 0 ? report_other(bundle, "description", diagnostics) : r;
}

/* That which wrote it may be another one. What else this one lacks it says itself. */
static int check_criu(const Bundle *bundle, Diagnostics *diagnostics) {
        int r = checkpoint_is_labelled(bundle);

        if (r > 0 && criu_keeps_labels() == 0)
                return diagnose_error(diagnostics, NULL,
                                      "the checkpoint of \"%s\" cannot be restored: it would not have its label of "
                                      "SELinux's any more, as this criu was built without libselinux; "
                                      "berth start --fresh %s forgets it",
                                      bundle->stem, bundle->stem);
        return r < 0 ? r : 0;
}

static int restore(const char *runtime, const Bundle *bundle, const RuntimePassed *passed,
                   const Checkpoint *checkpoint, Diagnostics *diagnostics, pid_t *ret_pid) {
        _cleanup_free_ char *images = path_join(checkpoint->path, CHECKPOINT_IMAGES),
                            *work = path_join(checkpoint->path, CHECKPOINT_WORK),
                            *settings = path_join(checkpoint->path, CHECKPOINT_SETTINGS), *profile = NULL,
                            *reason = NULL;
        int r;

        if (!images || !work || !settings)
                return -ENOMEM;
        if (mkdirat(checkpoint->fd, CHECKPOINT_WORK, 0700) < 0 && errno != EEXIST)
                return -errno;
        r = checkpoint_is_podmans(checkpoint->fd) ? checkpoint_get_profile(bundle, &profile) : 0;
        if (r >= 0)
                r = criu_log_make(bundle, work, "restore.log");
        if (r < 0)
                return r;
        r = runtime_restore(runtime, bundle,
                            &(RuntimeCheckpoint) {
                                    .images = images,
                                    .work = work,
                                    .configuration = settings,
                                    .profile = profile,
                                    .tcp_established = checkpoint->options.tcp_established,
                                    .file_locks = checkpoint->options.file_locks,
                            },
                            passed, ret_pid);
        if (r != -EPROTO)
                return r;
        r = criu_log_read_error(work, "restore.log", &reason);
        if (r < 0 && r != -ENOENT)
                return r;
        return diagnose_error(diagnostics, NULL,
                              "the checkpoint of \"%s\" cannot be restored: %s; berth start --fresh %s forgets it",
                              bundle->stem, r > 0 ? reason : "the runtime has failed", bundle->stem);
}

/* From here on there may be processes. */
static int use_up(const Bundle *bundle, const Checkpoint *checkpoint, Checkpoint *ret) {
        const char *id = bundle->id;
        int r = checkpoint->options.keep ? 0 : rename_in(id, CHECKPOINT_WAKING, CHECKPOINT_USED);

        if (r >= 0)
                r = write_file_atomic_at(bundle->fd, WOKEN_FILE, "", 0, 0600);
        return r < 0 ? r : open_waking(id, CHECKPOINT_USED, ret);
}

int checkpoint_wake(const char *runtime, const Bundle *bundle, const RuntimePassed *passed, Diagnostics *diagnostics,
                    pid_t *ret_pid) {
        _cleanup_checkpoint_ Checkpoint checkpoint = CHECKPOINT_INIT, used = CHECKPOINT_INIT;
        int r;

        r = open_waking(bundle->id, CHECKPOINT_WAKING, &checkpoint);
        if (r >= 0)
                r = check_bundle(&checkpoint, bundle, diagnostics);
        if (r >= 0)
                r = check_criu(bundle, diagnostics);
        if (r >= 0)
                r = use_up(bundle, &checkpoint, &used);
        if (r < 0)
                return r;
        r = restore(runtime, bundle, passed, &used, diagnostics, ret_pid);
        if (r < 0 && !checkpoint.options.keep)
                (void) rename_in(bundle->id, CHECKPOINT_USED, CHECKPOINT_WAKING);
        if (r < 0)
                return r;
        /* It is limited as it should be, whether it sees that or not. */
        (void) limit_views_show(bundle, *ret_pid);
        return checkpoint_check_confinement(bundle, *ret_pid, diagnostics);
}

int checkpoint_wake_give_up(const Bundle *bundle) {
        return bundle->fd < 0 ? 0 : write_file_atomic_at(bundle->fd, GIVEN_UP_FILE, "", 0, 0600);
}

bool checkpoint_is_given_up(const Bundle *bundle) {
        return bundle->fd >= 0 && faccessat(bundle->fd, GIVEN_UP_FILE, F_OK, 0) == 0;
}

int checkpoint_wake_end(const char *id) {
        _cleanup_checkpoint_ Checkpoint checkpoint = CHECKPOINT_INIT;
        _cleanup_close_ int fd = open_directory(id);
        int r;

        if (fd < 0)
                return fd;
        r = open_waking(id, CHECKPOINT_USED, &checkpoint);
        if (r < 0)
                return r;
        if (!checkpoint.options.keep)
                return remove_tree_at(fd, CHECKPOINT_USED);
        return unlinkat(checkpoint.fd, CHECKPOINT_SLEEPS, 0) < 0 ? -errno : 0;
}

bool checkpoint_has_woken(const Bundle *bundle) {
        return bundle->fd >= 0 && faccessat(bundle->fd, WOKEN_FILE, F_OK, 0) == 0;
}
