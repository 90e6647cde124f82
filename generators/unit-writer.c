/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Writes units into the generator's directory. About half of a big generator's time goes into the
 * kernel's work on new files, so that threads do it while the rest is being planned, each an output
 * or some at a time until there are no more. */
#include "generators/unit-writer.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>

#include "basic/files.h"
#include "basic/log.h"

enum {
        BATCH = 16,         /* outputs that are taken at once: those of one directory stay mostly together */
        WORTH_A_THREAD = 64 /* outputs; a thread costs about as much as writing ten */
};

/* The directory that each sort of outputs was last written to. */
typedef char *Parents[2][2];

static void free_parents(Parents *parents) {
        for (size_t i = 0; i < 2; i++)
                for (size_t j = 0; j < 2; j++)
                        free((*parents)[i][j]);
}

/* Makes the directory that `path` is in, unless it is `*last`. */
static int make_parent(int directory_fd, const char *path, char **last) {
        const char *slash = strrchr(path, '/');
        size_t n = slash ? (size_t) (slash - path) : 0;

        if (n == 0 || (*last && strncmp(*last, path, n) == 0 && (*last)[n] == '\0'))
                return 0;
        free(*last);
        *last = strndup(path, n);
        return *last ? make_directories_at(directory_fd, *last, 0755) : -ENOMEM;
}

static int write_output(int directory_fd, const UnitOutput *output, char **last_parent) {
        int r;

        r = make_parent(directory_fd, output->path, last_parent);
        if (r < 0)
                return r;
        return output->link ? symlink_atomic_at(output->content, directory_fd, output->path)
                            : write_file_atomic_at(directory_fd, output->path, output->content, strlen(output->content),
                                                   0644);
}

/* Returns how many outputs the caller has got: 0 when there are no more. */
static size_t take(UnitWriter *writer, bool wait, UnitOutput ret[BATCH]) {
        size_t n;

        pthread_mutex_lock(&writer->lock);
        while (wait && writer->next == writer->count && !writer->ended)
                pthread_cond_wait(&writer->changed, &writer->lock);
        n = writer->count - writer->next < BATCH ? writer->count - writer->next : BATCH;
        if (n > 0)
                memcpy(ret, writer->items + writer->next, n * sizeof(*ret));
        writer->next += n;
        pthread_mutex_unlock(&writer->lock);
        return n;
}

static void note_failure(UnitWriter *writer, int error) {
        pthread_mutex_lock(&writer->lock);
        if (writer->first_failure == 0)
                writer->first_failure = error;
        pthread_mutex_unlock(&writer->lock);
}

static void write_outputs(UnitWriter *writer, bool wait) {
        _cleanup_(free_parents) Parents parents = {};
        UnitOutput outputs[BATCH];
        size_t n;

        while ((n = take(writer, wait, outputs)) > 0)
                for (size_t i = 0; i < n; i++) {
                        const UnitOutput *output = &outputs[i];
                        const struct UnitWriterDirectory *directory = &writer->directories[output->late];
                        int r = write_output(directory->fd, output, &parents[output->late][output->link]);

                        if (r < 0) {
                                log_error_errno(r, "Failed to write %s/%s: %m", directory->path, output->path);
                                note_failure(writer, r);
                        }
                }
}

static void *write_in_thread(void *userdata) {
        write_outputs(userdata, true);
        return NULL;
}

/* How many threads are worth having beside the one that plans. */
static size_t count_helpers(size_t outputs) {
        size_t processors, worth = outputs / WORTH_A_THREAD, most = UNIT_WRITER_THREADS_MAX;
        cpu_set_t set;

        if (sched_getaffinity(0, sizeof(set), &set) < 0)
                return 0;
        processors = (size_t) CPU_COUNT(&set);
        if (processors - 1 < most)
                most = processors - 1;
        return worth < most ? worth : most;
}

int unit_writer_open(UnitWriter *writer, const char *directory, const char *late_directory) {
        int fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC), late_fd;

        if (fd < 0)
                return log_error_errno(-errno, "Failed to open %s: %m", directory);
        late_fd = open(late_directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (late_fd < 0) {
                fd_close(fd);
                return log_error_errno(-errno, "Failed to open %s: %m", late_directory);
        }
        *writer = (UnitWriter) {
                .directories = { { directory, fd }, { late_directory, late_fd } },
                .lock = PTHREAD_MUTEX_INITIALIZER,
                .changed = PTHREAD_COND_INITIALIZER,
        };
        return 0;
}

int unit_writer_add(UnitWriter *writer, const UnitOutputs *outputs) {
        size_t helpers;
        int r = 0;

        pthread_mutex_lock(&writer->lock);
        if (ARRAY_RESERVE(writer->items, writer->allocated, outputs->count) < 0)
                r = -ENOMEM;
        else
                while (writer->count < outputs->count) {
                        writer->items[writer->count] = outputs->items[writer->count];
                        writer->count++;
                }
        pthread_cond_broadcast(&writer->changed);
        pthread_mutex_unlock(&writer->lock);
        for (helpers = count_helpers(outputs->count); writer->thread_count < helpers; writer->thread_count++)
                if (pthread_create(&writer->threads[writer->thread_count], NULL, write_in_thread, writer) != 0)
                        break;
        return r;
}

int unit_writer_finish(UnitWriter *writer) {
        pthread_mutex_lock(&writer->lock);
        writer->ended = true;
        pthread_cond_broadcast(&writer->changed);
        pthread_mutex_unlock(&writer->lock);
        write_outputs(writer, false);
        while (writer->thread_count > 0)
                pthread_join(writer->threads[--writer->thread_count], NULL);
        return writer->first_failure;
}

void unit_writer_done(UnitWriter *writer) {
        for (size_t i = 0; i < ARRAY_SIZE(writer->directories); i++)
                writer->directories[i].fd = fd_close(writer->directories[i].fd);
        writer->items = x_free(writer->items);
        writer->count = writer->allocated = 0;
}
