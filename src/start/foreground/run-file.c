/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The files that berth run makes. */
#include "start/foreground/run-file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

#include "basic/directory.h"
#include "basic/files.h"
#include "basic/path.h"
#include "host/unit/unit-list.h"
#include "host/unit/unit.h"
#include "source/places.h"
#include "source/sources.h"
#include "start/foreground/foreground-socket.h"
#include "unit/forget-generated.h"

#define ENDING ".container"

char *run_file_path(const char *stem, bool once) {
        return text_format("%s/%s" ENDING, place_path(once ? PLACE_ONCE : PLACE_RUN), stem);
}

/* Choosing a name */

/* A template's instance has its file. */
static bool can_be_name(const char *stem) {
        return stem_is_valid(stem) && !strchr(stem, '@');
}

/* Whether there is a file for it, or a unit at work without one. Returns 1, 0, or -errno. */
static int is_taken(const StringList *search_path, const UnitStates *states, const char *stem) {
        _cleanup_source_ Source source = {};
        _cleanup_free_ char *unit = NULL;
        const UnitState *state;
        int r;

        r = source_find(search_path, FILE_CONTAINER, stem, &source);
        if (r != -ENOENT)
                return r < 0 ? r : 1;
        r = unit_name_for(FILE_CONTAINER, stem, &unit);
        if (r < 0)
                return r;
        state = unit_states_find(states, unit);
        return state && !streq(state->active, "inactive") && !streq(state->active, "failed");
}

static int choose_numbered(const StringList *search_path, const UnitStates *states, const char *base, char **ret_stem) {
        for (unsigned i = 1;; i++) {
                _cleanup_free_ char *stem = text_format("%s-%u", base, i);
                int r;

                if (!stem)
                        return -ENOMEM;
                if (!can_be_name(stem))
                        return -EINVAL;
                r = is_taken(search_path, states, stem);
                if (r < 0)
                        return r;
                if (r > 0)
                        continue;
                *ret_stem = TAKE_PTR(stem);
                return 0;
        }
}

int run_file_choose(const char *wanted, const char *base, char **ret_stem, int *ret_lock_fd) {
        _cleanup_close_ int lock_fd = make_locked_directory(place_path(PLACE_FOREGROUND));
        _cleanup_unit_states_ UnitStates states = {};
        _cleanup_string_list_ StringList search_path = {};
        int r;

        if (lock_fd < 0)
                return lock_fd;
        if (wanted && !can_be_name(wanted))
                return -EINVAL;
        r = search_path_get(places_scope(), &search_path);
        if (r >= 0)
                r = unit_states_get("container@*.service", 0, &states);
        if (r < 0)
                return r;
        if (!wanted)
                r = choose_numbered(&search_path, &states, can_be_name(base) ? base : "run", ret_stem);
        else {
                r = is_taken(&search_path, &states, wanted);
                if (r == 0)
                        r = (*ret_stem = strdup(wanted)) ? 0 : -ENOMEM;
                else if (r > 0)
                        r = -EEXIST;
        }
        if (r < 0)
                return r;
        *ret_lock_fd = TAKE_FD(lock_fd);
        return 0;
}

/* Making it */

int run_file_make(const char *stem, bool once, const Text *text, RunFile *ret) {
        _cleanup_run_file_ RunFile file = RUN_FILE_INIT;
        const char *directory = place_path(once ? PLACE_ONCE : PLACE_RUN);
        FdPath unnamed;
        int r;

        file.stem = strdup(stem);
        file.path = run_file_path(stem, once);
        if (!file.stem || !file.path)
                return -ENOMEM;
        r = make_directories_at(AT_FDCWD, directory, 0755);
        if (r < 0)
                return r;
        file.fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
        if (file.fd < 0 || flock(file.fd, LOCK_EX | LOCK_NB) < 0)
                return -errno;
        r = write_all(file.fd, text->data, text->length);
        if (r < 0)
                return r;
        unnamed = fd_path(file.fd);
        if (linkat(AT_FDCWD, unnamed.text, AT_FDCWD, file.path, AT_SYMLINK_FOLLOW) < 0)
                return -errno;
        *ret = file;
        file = (RunFile) RUN_FILE_INIT;
        return 0;
}

void run_file_remove(const RunFile *file) {
        if (file->path)
                (void) unlink(file->path);
}

void run_file_done(RunFile *file) {
        free(file->stem);
        free(file->path);
        file->fd = fd_close(file->fd);
}

/* Afterwards */

/* What is being restarted is needed again, and what is to start when it has stopped; a start that
 * has begun is the one that ends here, as its payload has before the start was over. */
static bool comes_again(const char *stem) {
        _cleanup_free_ char *unit = NULL, *job = NULL;
        bool waits;

        return unit_name_for(FILE_CONTAINER, stem, &unit) >= 0 && unit_get_job(unit, &job, &waits) > 0 &&
               !streq(job, "stop") && (waits || !streq(job, "start"));
}

void run_file_end(const char *stem) {
        _cleanup_free_ char *path = run_file_path(stem, true);

        if (!path || access(path, F_OK) < 0 || comes_again(stem))
                return;
        /* In this order: as long as the file is there nobody else takes the name. */
        generated_forget(stem, path);
        (void) unlink(path);
}

/* Whether nobody is there any more who has made the file. */
static bool is_unlocked(const char *path) {
        _cleanup_close_ int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

        return fd < 0 ? errno == ENOENT : flock(fd, LOCK_EX | LOCK_NB) >= 0;
}

static int sweep_file(const UnitStates *states, const char *name, bool dry_run, StringList *removed) {
        const char *end = endswith(name, ENDING);
        _cleanup_free_ char *stem = end ? strndup(name, (size_t) (end - name)) : NULL, *unit = NULL;
        _cleanup_free_ char *path = path_join(place_path(PLACE_ONCE), name);
        const UnitState *state;

        if (!path || (end && !stem))
                return -ENOMEM;
        if (!stem || unit_name_for(FILE_CONTAINER, stem, &unit) < 0)
                return 0;
        state = unit_states_find(states, unit);
        if ((state && !streq(state->active, "inactive") && !streq(state->active, "failed")) || !is_unlocked(path))
                return 0;
        if (!dry_run) {
                generated_forget(stem, path);
                if (unlink(path) < 0 && errno != ENOENT)
                        return -errno;
        }
        return removed ? string_list_add(removed, stem) : 0;
}

/* "123.tty" of a process that is no more, or the name of a container whose file nobody has. */
static bool socket_is_left(const char *name) {
        _cleanup_free_ char *once = run_file_path(name, true), *other = run_file_path(name, false);
        long pid = endswith(name, ".tty") ? strtol(name, NULL, 10) : 0;

        if (pid > 0)
                return kill((pid_t) pid, 0) < 0 && errno == ESRCH;
        return once && other && is_unlocked(once) && is_unlocked(other);
}

/* The lock keeps those away that are about to make a file. A unit that began after the question has
 * a file that is locked, or that was looked for in vain. */
int run_files_sweep(bool dry_run, StringList *removed) {
        _cleanup_close_ int lock_fd = -EBADF;
        _cleanup_string_list_ StringList files = {}, sockets = {};
        _cleanup_unit_states_ UnitStates states = {};
        int r;

        r = directory_list(place_path(PLACE_ONCE), &files);
        if (r >= 0)
                r = directory_list(place_path(PLACE_FOREGROUND), &sockets);
        if (r < 0 || files.count + sockets.count == 0)
                return r;
        lock_fd = make_locked_directory(place_path(PLACE_FOREGROUND));
        if (lock_fd < 0)
                return lock_fd;
        r = unit_states_get("container@*.service", 0, &states);
        for (size_t i = 0; i < files.count && r >= 0; i++)
                r = sweep_file(&states, files.items[i], dry_run, removed);
        for (size_t i = 0; i < sockets.count && !dry_run; i++)
                if (socket_is_left(sockets.items[i]))
                        foreground_forget(sockets.items[i]);
        return r;
}
