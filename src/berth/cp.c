/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* berth cp: files out of containers and into them. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "basic/log.h"
#include "basic/path.h"
#include "berth/berth-verbs.h"
#include "berth/command/container-argument.h"
#include "berth/command/misuse.h"
#include "start/copy/container-copy.h"

/* One side of it. */
typedef struct Side {
        const char *argument; /* as it was typed */
        char *container;      /* "web" of "web:/etc"; NULL: the machine */
        const char *path;     /* borrowed; "-": standard input or output */
        CopyRoot root;
} Side;

#define SIDE_INIT { .root = COPY_ROOT_INIT }

static void side_done(Side *side) {
        free(side->container);
        copy_root_done(&side->root);
}
#define _cleanup_side_ _cleanup_(side_done)

/* What comes before a colon is a container's name, unless there is a slash in it. */
static int split(const char *argument, Side *side) {
        size_t n = strcspn(argument, ":/");

        side->argument = side->path = argument;
        if (n == 0 || argument[n] != ':')
                return 0;
        side->container = strndup(argument, n);
        if (!side->container)
                return log_oom();
        side->path = argument[n + 1] ? argument + n + 1 : "/";
        return 0;
}

static bool is_stream(const Side *side) {
        return !side->container && streq(side->path, "-");
}

static int open_root(Side *side, bool for_writing) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_free_ char *stem = NULL;
        int r;

        if (!side->container) {
                side->root.owner = (TreeOwner) { .uid = geteuid(), .gid = getegid() };
                return 0;
        }
        r = container_argument_find(side->container, places_scope(), &stem);
        if (r < 0)
                return r;
        r = copy_root_open(stem, for_writing, &diagnostics, &side->root);
        log_diagnostics(&diagnostics);
        if (r == -EROFS)
                log_error("The container \"%s\" does not run, and a start of it would not have what is written now",
                          side->container);
        else if (r == -EOPNOTSUPP)
                log_error("The root file system of \"%s\" is a disk image: it must run for that", side->container);
        else if (r == -ENOENT)
                log_error("The container \"%s\" does not run, and its image is not in the store", side->container);
        else if (r < 0 && r != -EREPORTED)
                log_error_errno(r, "Failed to open the root file system of \"%s\": %m", side->container);
        return r;
}

static int failed(int error, const Side *side) {
        if (error == -ELOOP)
                log_error("%s: a symbolic link is in the way, or directories are nested too deep", side->argument);
        else if (error == -EBADMSG)
                log_error("%s: this is no archive of tar, or one that names what is outside", side->argument);
        else
                log_error_errno(error, "%s: %m", side->argument);
        return error;
}

/* "DIR/." is what is in it. */
static bool is_content(const char *path) {
        return streq(path, "/") || streq(path, ".") || endswith(path, "/.");
}

/* What it is called in the target. Caller frees. */
static char *source_name(const char *path) {
        _cleanup_free_ char *copy = strdup(path);

        for (size_t n = copy ? strlen(copy) : 0; n > 1 && copy[n - 1] == '/'; n--)
                copy[n - 1] = '\0';
        return copy ? strdup(is_content(copy) || streq(path_basename(copy), "..") ? "." : path_basename(copy)) : NULL;
}

static int copy_files(const Side *source, const Side *target) {
        _cleanup_free_ char *name = source_name(source->path), *renamed = NULL;
        _cleanup_close_ int source_fd = copy_open_source(&source->root, source->path), target_fd = -EBADF;
        bool of_source = false;
        int r;

        if (!name)
                return log_oom();
        if (source_fd < 0)
                return failed(source_fd, source);
        if (is_stream(target)) {
                r = tree_archive_write(source_fd, name, TREE_ARCHIVE_PLAIN, STDOUT_FILENO);
                return r < 0 ? failed(r, source) : 0;
        }
        target_fd = copy_open_target(&target->root, target->path, &renamed);
        if (target_fd < 0)
                return failed(target_fd, target);
        r = copy_run(source_fd, renamed ?: name, target_fd, &target->root.owner, &of_source);
        return r < 0 ? failed(r, of_source ? source : target) : 0;
}

static int unpack(const Side *source, const Side *target) {
        _cleanup_free_ char *renamed = NULL;
        _cleanup_close_ int target_fd = copy_open_target(&target->root, target->path, &renamed);
        int r;

        if (target_fd < 0 || renamed)
                return failed(target_fd < 0 ? target_fd : -ENOTDIR, target);
        r = tree_archive_read(STDIN_FILENO, target_fd, &target->root.owner);
        return r < 0 ? failed(r, r == -EBADMSG ? source : target) : 0;
}

static int run(const Call *call) {
        _cleanup_side_ Side source = SIDE_INIT, target = SIDE_INIT;

        if (split(call->arguments[0], &source) < 0 || split(call->arguments[1], &target) < 0)
                return EXIT_FAILURE;
        if (!source.container == !target.container)
                return command_misused(call, "One of the two must be a container's: NAME:PATH");
        if (is_stream(&target) && isatty(STDOUT_FILENO))
                return command_misused(call, "An archive is nothing to show on a terminal");
        if (open_root(&source, false) < 0 || open_root(&target, true) < 0)
                return EXIT_FAILURE;
        return (is_stream(&source) ? unpack(&source, &target) : copy_files(&source, &target)) < 0 ? EXIT_FAILURE
                                                                                                   : EXIT_SUCCESS;
}

const Verb verb_cp = {
        .name = "cp",
        .synopsis = "NAME:PATH PATH|-, or PATH|- NAME:PATH",
        .summary = "Copy files out of one or into it",
        .help = "Copy a file, a symbolic link or a directory with all that is in it out of a container or into it. "
                "Where the target is a directory it gets the source's name in there, else that of the target. Of a "
                "directory DIRECTORY/. only what is in it is copied.",
        .notes = "With - in place of the machine's side it is an archive of tar, on standard output or standard input. "
                 "What is copied belongs to the container's root or to who runs the command, without set-user-ID "
                 "bits; devices, pipes and sockets are left out. Needs root, but for the user's own.",
        .options = (const Option[]) { {} },
        .least = 2,
        .most = 2,
        .run = run,
        .for_users = FOR_USERS,
        .needs_root = true,
};
