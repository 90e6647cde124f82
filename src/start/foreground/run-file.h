/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The files that berth run makes: PLACE_RUN/STEM.container, or in PLACE_ONCE, from where one goes
 * when its container has ended. Who has made one holds a lock on it as long as he is there, so that
 * what a killed one has left is found. */
#pragma once

#include "basic/string-list.h"
#include "basic/text.h"

typedef struct RunFile {
        char *stem, *path;
        int fd; /* holds the lock, or is -EBADF */
} RunFile;

#define RUN_FILE_INIT { .fd = -EBADF }

/* Returns the path of the file of such a container; NULL when memory is short. Caller frees. */
char *run_file_path(const char *stem, bool once);

/* Says what the container is called: `wanted`, or, when that is NULL, `base` with the first number
 * that makes it another's than any there is. Holds a lock, so that nobody else takes it meanwhile,
 * until `ret_lock_fd` is closed. Returns 0, -EEXIST when there is a file for `wanted`, -EINVAL when
 * that can be no name, or another -errno. Caller frees. */
int run_file_choose(const char *wanted, const char *base, char **ret_stem, int *ret_lock_fd);

/* Makes the file, for none but its owner to read: what is typed behind --env is in it. Returns 0 or
 * -errno. */
int run_file_make(const char *stem, bool once, const Text *text, RunFile *ret);

/* Removes the file, if it is there. */
void run_file_remove(const RunFile *file);

/* Removes the file of a container that has ended from PLACE_ONCE, if it has one there. */
void run_file_end(const char *stem);

/* Removes from PLACE_ONCE, and from PLACE_FOREGROUND, what is of no container that runs or is about
 * to, and of nobody who is there. `removed`, unless NULL, gets the containers' names. Returns 0 or
 * -errno. */
int run_files_sweep(bool dry_run, StringList *removed);

void run_file_done(RunFile *file);
#define _cleanup_run_file_ _cleanup_(run_file_done)
