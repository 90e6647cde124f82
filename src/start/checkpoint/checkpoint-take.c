/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Taking a checkpoint of a container that runs. */
#include "start/checkpoint/checkpoint-take.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "basic/files.h"
#include "basic/path.h"
#include "basic/process.h"
#include "basic/text.h"
#include "host/criu.h"
#include "host/effects.h"
#include "host/runtime.h"
#include "host/unit/unit.h"
#include "image/image-use.h"
#include "kind/container/container-id-maps.h"
#include "kind/load.h"
#include "source/places.h"
#include "start/checkpoint/checkpoint-about.h"
#include "start/checkpoint/checkpoint-confinement.h"
#include "start/checkpoint/checkpoint-hold.h"
#include "start/checkpoint/checkpoint-pre.h"
#include "start/checkpoint/checkpoint-progress.h"
#include "start/checkpoint/checkpoint-shm.h"
#include "start/checkpoint/criu-log.h"
#include "start/checkpoint/limit-views.h"
#include "start/checkpoint/namespace-end.h"
#include "start/namespaces.h"

/* Who it is of. */
typedef struct Sleeper {
        Bundle bundle;
        char *unit_name, *control_group, *runtime;
        char *upper; /* the upper directory of its root, NULL: it has none */
        int shm_fd;  /* of its /dev/shm, -EBADF: CRIU sees to that */
        pid_t pid;
        int pre; /* how much of its memory has been written down before: directories */
} Sleeper;

static void sleeper_done(Sleeper *sleeper) {
        bundle_done(&sleeper->bundle);
        free(sleeper->unit_name);
        free(sleeper->control_group);
        free(sleeper->runtime);
        free(sleeper->upper);
        fd_close(sleeper->shm_fd);
}
#define _cleanup_sleeper_ _cleanup_(sleeper_done)

static int refuse(Diagnostics *diagnostics, const char *stem, const char *why) {
        return diagnose_error(diagnostics, NULL, "no checkpoint can be taken of \"%s\": %s", stem, why);
}

/* What a checkpoint cannot have, by the container's file; one without a file any more may do. */
static int check_file(const char *stem, Diagnostics *diagnostics) {
        _cleanup_diagnostics_ Diagnostics unheard = {};
        _cleanup_container_ Container *container = NULL;

        if (container_look_up(stem, NULL, &unheard, &container) < 0)
                return 0;
        if (container->pod)
                return refuse(diagnostics, stem, "it is in a pod, whose namespaces are others' as well");
        if (container_runs_systemd(container))
                return refuse(diagnostics, stem, "it runs systemd, which CRIU cannot write down");
        if (container_has_user_namespace(container))
                return refuse(diagnostics, stem, "it has a user namespace, whose devices CRIU cannot write down");
        if (container->cgroups_mode == CGROUPS_DISABLED)
                return refuse(diagnostics, stem, "it has no control group of its own (CgroupsMode=disabled)");
        if (container_is_oneshot(container))
                return refuse(diagnostics, stem, "the start of its unit is over when it has ended (Type=oneshot)");
        return 0;
}

/* A journal's socket has its other end in a process that is not the container's. */
static int check_output(const Sleeper *sleeper, Diagnostics *diagnostics) {
        _cleanup_free_ char *path = text_format("/proc/%d/fd/1", (int) sleeper->pid);
        char target[64];
        ssize_t n = path ? readlink(path, target, sizeof(target) - 1) : -1;

        if (n < 0)
                return 0;
        target[n] = '\0';
        return startswith(target, "socket:")
                       ? refuse(diagnostics, sleeper->bundle.stem,
                                "its output is a socket of the journal's, as with LogDriver=passthrough")
                       : 0;
}

static int check_runtime(const Sleeper *sleeper, Diagnostics *diagnostics) {
        int r = checkpoint_is_labelled(&sleeper->bundle);

        if (r >= 0)
                r = runtime_can_checkpoint(sleeper->runtime, r > 0);
        if (r == -ENOPKG)
                return diagnose_error(diagnostics, NULL, "checkpoints need CRIU; install the package criu");
        if (r == -ENOSYS)
                return diagnose_error(diagnostics, NULL,
                                      "checkpoints need CRIU of version 4 or newer: an older one may not be able to "
                                      "restore what it writes");
        if (r == -ELIBACC)
                return refuse(diagnostics, sleeper->bundle.stem,
                              "SELinux has a label for it, which it would not have any more when it is restored: this "
                              "criu was built without libselinux");
        if (r == -EOPNOTSUPP)
                return diagnose_error(diagnostics, NULL,
                                      "this %s takes no checkpoints: it was built without CRIU; Runtime=runc may help",
                                      sleeper->runtime);
        return r;
}

static int find_upper(Sleeper *sleeper) {
        _cleanup_free_ char *base = path_join(place_path(PLACE_CONTAINERS), sleeper->bundle.id);
        _cleanup_free_ char *upper = base ? path_join(base, "upper") : NULL;

        if (!upper)
                return -ENOMEM;
        if (access(upper, F_OK) >= 0)
                sleeper->upper = TAKE_PTR(upper);
        return 0;
}

static int find(const char *stem, Sleeper *sleeper, Diagnostics *diagnostics) {
        int r;

        r = bundle_open(stem, &sleeper->bundle);
        if (r >= 0)
                r = unit_name_for(FILE_CONTAINER, stem, &sleeper->unit_name);
        if (r >= 0)
                r = unit_get_main_process(sleeper->unit_name, &sleeper->pid, &sleeper->control_group);
        if (r == -ENOENT || (r >= 0 && (sleeper->pid <= 1 || sleeper->bundle.fd < 0)))
                return diagnose_error(diagnostics, NULL, "the container \"%s\" does not run; berth start %s starts it",
                                      stem, stem);
        if (r >= 0)
                r = effects_get_runtime(&sleeper->bundle, &sleeper->runtime);
        if (r >= 0)
                r = find_upper(sleeper);
        if (r < 0)
                return r;
        sleeper->shm_fd = checkpoint_shm_open_running(&sleeper->bundle, sleeper->pid);
        return sleeper->shm_fd < 0 && sleeper->shm_fd != -ENOENT ? sleeper->shm_fd : 0;
}

static int check(const Sleeper *sleeper, const CheckpointTaking *taking, Diagnostics *diagnostics) {
        const char *stem = sleeper->bundle.stem;
        int r;

        r = check_file(stem, diagnostics);
        if (r >= 0)
                r = check_output(sleeper, diagnostics);
        if (r >= 0)
                r = check_runtime(sleeper, diagnostics);
        if (r >= 0 && taking->leave_running && !taking->pre && sleeper->upper)
                r = refuse(diagnostics, stem,
                           "what it changes in its root is thrown away at its end, and can only go with it; "
                           "leave out --leave-running");
        if (r >= 0 && taking->leave_running && !taking->pre && sleeper->shm_fd >= 0)
                r = refuse(diagnostics, stem,
                           "what is in its /dev/shm, which podman has begun, can only go with it; leave out "
                           "--leave-running");
        return r;
}

/* Copies a file of the bundle, which need not be there. */
static int keep_file(const Sleeper *sleeper, int directory_fd, const char *name) {
        enum { LARGEST = 16 * 1024 * 1024 };
        _cleanup_free_ char *text = NULL;
        size_t size = 0;
        int r = read_file_at(sleeper->bundle.fd, name, LARGEST, &text, &size);

        if (r == -ENOENT)
                return 0;
        return r < 0 ? r : write_file_atomic_at(directory_fd, name, text, size, 0600);
}

/* For another machine, or this one after an update. */
static int write_about(const Sleeper *sleeper, const CheckpointTaking *taking, int directory_fd) {
        _cleanup_checkpoint_about_ CheckpointAbout about = { .tcp_established = taking->options.tcp_established,
                                                             .tcp_close = taking->in_stop,
                                                             .file_locks = taking->options.file_locks };
        _cleanup_diagnostics_ Diagnostics unheard = {};
        _cleanup_container_ Container *container = NULL;
        _cleanup_free_ char *text = NULL;
        int r;

        if (container_look_up(sleeper->bundle.stem, NULL, &unheard, &container) >= 0 && container->image)
                about.image = TAKE_PTR(container->image);
        about.container = strdup(sleeper->bundle.stem);
        r = about.container ? image_use_read(sleeper->bundle.fd, &about.manifest) : -ENOMEM;
        if (r >= 0 || r == -ENOENT)
                r = checkpoint_about_machine(sleeper->runtime, &about);
        if (r >= 0)
                r = checkpoint_about_text(&about, &text);
        return r < 0 ? r : write_file_atomic_at(directory_fd, CHECKPOINT_ABOUT, text, strlen(text), 0600);
}

/* Returns an fd or -errno. */
static int make_new(int lock_fd) {
        int r = remove_tree_at(lock_fd, CHECKPOINT_NEW), fd;

        if (r < 0)
                return r;
        if (mkdirat(lock_fd, CHECKPOINT_NEW, 0700) < 0)
                return -errno;
        fd = openat(lock_fd, CHECKPOINT_NEW, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        return fd < 0 ? -errno : fd;
}

static int make_directory(int lock_fd, Sleeper *sleeper, const CheckpointTaking *taking) {
        static const char *const files[] = { "config.json", BUNDLE_IMAGE_FILE, "network", CHECKPOINT_VOLUMES };
        _cleanup_close_ int fd = make_new(lock_fd);
        int r = fd < 0 ? fd : remove_tree_at(lock_fd, CHECKPOINT_USED);

        if (r < 0)
                return r;
        if (mkdirat(fd, CHECKPOINT_IMAGES, 0700) < 0 || mkdirat(fd, CHECKPOINT_WORK, 0700) < 0)
                return -errno;
        for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(files); i++)
                r = keep_file(sleeper, fd, files[i]);
        if (r >= 0)
                r = write_about(sleeper, taking, fd);
        if (r >= 0)
                r = sleeper->pre = checkpoint_pre_take(lock_fd, fd, sleeper->pid);
        return r < 0 ? r : checkpoint_write_settings(fd, taking->in_stop);
}

/* Processes that are held were so before, and are so again when CRIU lets go of them. */
static int run(const Sleeper *sleeper, const CheckpointTaking *taking, const Hold *hold, const char *path,
               const RuntimeCheckpoint *how) {
        pid_t pid;
        int r;

        r = hold->group_fd >= 0 ? hold_begin(hold) : 0;
        if (r >= 0)
                r = runtime_spawn_checkpoint(sleeper->runtime, sleeper->bundle.id, how, &pid);
        if (r >= 0)
                r = taking->in_stop ? progress_wait(pid, path) : process_wait(pid);
        if (r > 0)
                return -EPROTO;
        return r < 0 || hold->group_fd < 0 || hold_is_held(hold) ? r : -EPROTO;
}

/* Where it writes to, and what that goes on from. */
static int name_images(const Sleeper *sleeper, const CheckpointTaking *taking, const char *path, char **ret_images,
                       char **ret_parent) {
        _cleanup_free_ char *images = taking->pre ? text_format("%s/" CHECKPOINT_PRE "/%d", path, sleeper->pre + 1)
                                                  : path_join(path, CHECKPOINT_IMAGES);
        _cleanup_free_ char *parent = NULL;

        if (sleeper->pre > 0)
                parent = text_format("../%s%d", taking->pre ? "" : CHECKPOINT_PRE "/", sleeper->pre);
        if (!images || (sleeper->pre > 0 && !parent))
                return -ENOMEM;
        *ret_images = TAKE_PTR(images);
        *ret_parent = TAKE_PTR(parent);
        return 0;
}

/* Has the runtime do it, in the directory that has been made. */
static int dump(const Sleeper *sleeper, const CheckpointTaking *taking, const Hold *hold, const char *path,
                Diagnostics *diagnostics) {
        _cleanup_free_ char *work = path_join(path, CHECKPOINT_WORK), *settings = path_join(path, CHECKPOINT_SETTINGS),
                            *images = NULL, *parent = NULL, *reason = NULL;
        int r;

        r = work && settings ? name_images(sleeper, taking, path, &images, &parent) : -ENOMEM;
        if (r < 0)
                return r;
        r = namespaces_pin_again(&sleeper->bundle, sleeper->pid);
        if (r >= 0)
                r = criu_log_make(&sleeper->bundle, work, "dump.log");
        if (r < 0)
                return r;
        r = run(sleeper, taking, hold, path,
                &(RuntimeCheckpoint) {
                        .images = images,
                        .work = work,
                        .configuration = settings,
                        .parent = parent,
                        .memory_alone = taking->pre,
                        .leave_running = taking->leave_running || hold->group_fd >= 0,
                        .tcp_established = taking->options.tcp_established,
                        .file_locks = taking->options.file_locks,
                });
        if (r == -ETIMEDOUT)
                return refuse(diagnostics, sleeper->bundle.stem, "CRIU has not written anything for a minute");
        if (r != -EPROTO)
                return r;
        r = criu_log_read_error(work, "dump.log", &reason);
        if (r == -ENOENT)
                return refuse(diagnostics, sleeper->bundle.stem,
                              "CRIU did not begin; with crun it takes the package libcriu2, too");
        if (r < 0)
                return r;
        return refuse(diagnostics, sleeper->bundle.stem, r > 0 ? reason : "CRIU has failed");
}

/* All of it is on the disk before it has its name. */
static int finish(const Sleeper *sleeper, const Hold *hold, const CheckpointTaking *taking, const char *path) {
        CheckpointOptions options = taking->options;
        int r;

        options.keep = false;
        options.or_fresh = taking->in_stop;
        r = hold_take_upper(hold);
        if (r >= 0 && sleeper->shm_fd >= 0)
                r = checkpoint_shm_write(sleeper->shm_fd, hold->new_fd);
        if (r >= 0 && !taking->options.keep)
                r = remove_tree_at(hold->new_fd, CHECKPOINT_WORK);
        if (r >= 0 && !taking->leave_running)
                r = checkpoint_write_options(hold->new_fd, &options);
        if (r < 0)
                return r;
        if (taking->in_stop)
                progress_expect_sync(path);
        if (syncfs(hold->new_fd) < 0)
                return -errno;
        return checkpoint_commit(hold->lock_fd);
}

/* What runs on is limited as before, whether it sees that or not. */
static int dump_without_views(const Sleeper *sleeper, const CheckpointTaking *taking, const Hold *hold,
                              const char *path, Diagnostics *diagnostics) {
        int r = limit_views_hide(&sleeper->bundle, sleeper->pid);

        if (r >= 0)
                r = dump(sleeper, taking, hold, path, diagnostics);
        if (r < 0 || taking->leave_running)
                (void) limit_views_show(&sleeper->bundle, sleeper->pid);
        return r;
}

/* A connection that is written down is not to be closed for its other side, which only CRIU can
 * see to, with an end of its own to the processes. */
static int prepare_hold(const Sleeper *sleeper, const CheckpointTaking *taking, int *lock_fd, Hold *hold) {
        hold->lock_fd = TAKE_FD(*lock_fd);
        hold->new_fd = openat(hold->lock_fd, CHECKPOINT_NEW, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (hold->new_fd < 0)
                return -errno;
        if (taking->leave_running)
                return 0;
        hold->upper = sleeper->upper ? strdup(sleeper->upper) : NULL;
        hold->place = checkpoint_path(sleeper->bundle.id, CHECKPOINT_NEW "/" CHECKPOINT_UPPER);
        if (!hold->place || (sleeper->upper && !hold->upper))
                return -ENOMEM;
        if (taking->options.tcp_established)
                return 0;
        hold->group_fd = hold_open_group(sleeper->control_group);
        return hold->group_fd == -ENOENT && !taking->in_stop ? 0 : hold->group_fd;
}

/* A main process that is stopping cannot be another one any more, and nobody stands in for it. */
static int begin(const Sleeper *sleeper, CheckpointTaking *taking, const Hold *hold) {
        int r;

        if (taking->leave_running || taking->in_stop)
                return 0;
        r = stand_in_begin(sleeper->unit_name, sleeper->control_group, sleeper->pid, hold, &taking->stand_in);
        return r < 0 ? r : stand_in_share(&taking->stand_in, true);
}

static int give_back(CheckpointTaking *taking, const Hold *hold) {
        int r = hold_release(hold);

        if (!taking->leave_running && !taking->in_stop)
                (void) stand_in_give_back(&taking->stand_in);
        return r;
}

/* There is a checkpoint: nobody must go on. */
static int end(const Sleeper *sleeper, CheckpointTaking *taking, const Hold *hold) {
        if (taking->leave_running)
                return 0;
        if (taking->in_stop && namespace_end(sleeper->pid) >= 0)
                return 0;
        if (!taking->in_stop)
                stand_in_leave(&taking->stand_in);
        return hold_end(hold);
}

static int take(const Sleeper *sleeper, CheckpointTaking *taking, const Hold *hold, Diagnostics *diagnostics) {
        _cleanup_free_ char *path = checkpoint_path(sleeper->bundle.id, CHECKPOINT_NEW);
        int r, given_back;

        r = path ? begin(sleeper, taking, hold) : -ENOMEM;
        if (r < 0) {
                (void) remove_tree_at(hold->lock_fd, CHECKPOINT_NEW);
                return r;
        }
        r = dump_without_views(sleeper, taking, hold, path, diagnostics);
        if (!taking->leave_running && !taking->in_stop)
                (void) stand_in_share(&taking->stand_in, false);
        if (r >= 0)
                r = finish(sleeper, hold, taking, path);
        if (r >= 0 || hold_is_named(hold))
                return end(sleeper, taking, hold);
        given_back = give_back(taking, hold);
        /* Not while something of what runs is in there. */
        if (given_back >= 0)
                (void) remove_tree_at(hold->lock_fd, CHECKPOINT_NEW);
        return r;
}

/* What was there before is gone, or goes on in this one, whatever becomes of it. */
static int make_pre_directory(int lock_fd, Sleeper *sleeper, const CheckpointTaking *taking, int *ret_fd) {
        _cleanup_free_ char *name = NULL;
        _cleanup_close_ int fd = make_new(lock_fd);
        int r = fd < 0 ? fd : checkpoint_pre_take(lock_fd, fd, sleeper->pid);
        bool first = r == 0;

        if (r >= 0 && (!taking->track || r >= CHECKPOINT_PRE_MOST))
                r = remove_tree_at(fd, CHECKPOINT_PRE);
        if (r >= 0)
                sleeper->pre = r;
        /* The end of the container removes it, as an effect of its start. */
        if (first)
                r = effects_append(&sleeper->bundle, EFFECT_CHECKPOINT, sleeper->bundle.id, NULL);
        if (r < 0)
                return r;
        name = text_format(CHECKPOINT_PRE "/%d", sleeper->pre + 1);
        r = name ? make_directories_at(fd, name, 0700) : -ENOMEM;
        if (r >= 0 && mkdirat(fd, CHECKPOINT_WORK, 0700) < 0)
                r = -errno;
        if (r >= 0)
                r = checkpoint_write_settings(fd, false);
        *ret_fd = TAKE_FD(fd);
        return r;
}

static int take_pre(Sleeper *sleeper, const CheckpointTaking *taking, int lock_fd, Diagnostics *diagnostics) {
        _cleanup_free_ char *path = checkpoint_path(sleeper->bundle.id, CHECKPOINT_NEW);
        _cleanup_close_ int new_fd = -EBADF;
        int r = path ? make_pre_directory(lock_fd, sleeper, taking, &new_fd) : -ENOMEM;

        if (r >= 0)
                r = dump(sleeper, taking, &(Hold) HOLD_INIT, path, diagnostics);
        if (r >= 0)
                r = checkpoint_pre_commit(lock_fd, new_fd, sleeper->pid);
        if (r < 0)
                (void) remove_tree_at(lock_fd, CHECKPOINT_NEW);
        return r;
}

static int check_tracking(const Sleeper *sleeper, Diagnostics *diagnostics) {
        int r = criu_knows_changed_memory();

        if (r != 0)
                return r;
        return diagnose_error(diagnostics, NULL,
                              "no memory of \"%s\" can be written down before its checkpoint: this kernel does not say "
                              "which of it changes (CONFIG_MEM_SOFT_DIRTY); leave out --pre",
                              sleeper->bundle.stem);
}

int checkpoint_take(const char *stem, CheckpointTaking *taking, Diagnostics *diagnostics) {
        _cleanup_sleeper_ Sleeper sleeper = { .bundle = BUNDLE_INIT, .shm_fd = -EBADF };
        _cleanup_hold_ Hold hold = HOLD_INIT;
        _cleanup_close_ int lock_fd = -EBADF;
        int r;

        r = find(stem, &sleeper, diagnostics);
        if (r >= 0)
                r = check(&sleeper, taking, diagnostics);
        if (r >= 0 && taking->pre)
                r = check_tracking(&sleeper, diagnostics);
        if (r < 0)
                return r;
        lock_fd = checkpoint_lock(sleeper.bundle.id);
        if (lock_fd < 0)
                return lock_fd;
        if (taking->pre)
                return take_pre(&sleeper, taking, lock_fd, diagnostics);
        r = make_directory(lock_fd, &sleeper, taking);
        if (r >= 0)
                r = prepare_hold(&sleeper, taking, &lock_fd, &hold);
        return r < 0 ? r : take(&sleeper, taking, &hold, diagnostics);
}
