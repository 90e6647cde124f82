/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Writes what the generator has planned, while it goes on planning. */
#pragma once

#include <errno.h>
#include <pthread.h>

#include "unit/unit-outputs.h"

enum { UNIT_WRITER_THREADS_MAX = 3 };

typedef struct UnitWriter {
        struct UnitWriterDirectory {
                const char *path;
                int fd;
        } directories[2]; /* the second for what is late */
        pthread_mutex_t lock;      /* of all that follows */
        pthread_cond_t changed;
        UnitOutput *items; /* the strings are their planner's */
        size_t count, allocated;
        size_t next; /* the first that nobody has taken */
        bool ended;  /* there will be no more */
        int first_failure;
        pthread_t threads[UNIT_WRITER_THREADS_MAX];
        size_t thread_count; /* the planner's alone */
} UnitWriter;

#define UNIT_WRITER_INIT { .directories = { { .fd = -EBADF }, { .fd = -EBADF } } }

/* Opens the directories, whose paths must stay. Returns 0, or -errno, which has been logged. */
int unit_writer_open(UnitWriter *writer, const char *directory, const char *late_directory);

/* Takes in what has been added to the outputs since the last call; these may grow afterwards, but
 * are neither to be sorted nor freed before the end. Where there is much of it, and more than one
 * processor, it is written from now on. Returns 0 or -ENOMEM. */
int unit_writer_add(UnitWriter *writer, const UnitOutputs *outputs);

/* Writes the rest, and waits until all is written. An output that cannot be written is logged, and
 * does not stop the others. Returns 0, or the first failure as -errno. */
int unit_writer_finish(UnitWriter *writer);

void unit_writer_done(UnitWriter *writer);
#define _cleanup_unit_writer_ _cleanup_(unit_writer_done)
