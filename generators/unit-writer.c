/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Writes units into the generator's directory. Nearly all of a big generator's time goes into the
 * kernel's work on new files, so several threads share it: each takes the next few outputs until
 * none is left. */
#include "generators/unit-writer.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "basic/files.h"
#include "basic/log.h"

enum {
        THREADS_MAX = 4,
        BATCH = 16,         /* outputs that are taken at once: those of one directory stay mostly together */
        WORTH_A_THREAD = 64 /* outputs; a thread costs about as much as writing ten */
};

typedef struct Writing {
        const UnitOutputs *outputs;
        struct Directory {
                const char *path;
                int fd;
        } directories[2]; /* the second for what is late */
        atomic_size_t next;
        atomic_int first_failure;
} Writing;

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

static void *write_some(void *userdata) {
        char *last_parent[2] = {};
        Writing *writing = userdata;
        size_t count = writing->outputs->count, i;

        while ((i = atomic_fetch_add(&writing->next, BATCH)) < count)
                for (size_t end = i + BATCH < count ? i + BATCH : count; i < end; i++) {
                        const UnitOutput *output = &writing->outputs->items[i];
                        const struct Directory *directory = &writing->directories[output->late];
                        int r = write_output(directory->fd, output, &last_parent[output->late]), none = 0;

                        if (r < 0) {
                                log_error_errno(r, "Failed to write %s/%s: %m", directory->path, output->path);
                                atomic_compare_exchange_strong(&writing->first_failure, &none, r);
                        }
                }
        free(last_parent[0]);
        free(last_parent[1]);
        return NULL;
}

/* How many threads help the one that runs. */
static size_t count_helpers(size_t outputs) {
        size_t processors, worth = outputs / WORTH_A_THREAD;
        cpu_set_t set;

        if (sched_getaffinity(0, sizeof(set), &set) < 0)
                return 0;
        processors = (size_t) CPU_COUNT(&set);
        if (processors > THREADS_MAX)
                processors = THREADS_MAX;
        return worth < processors - 1 ? worth : processors - 1;
}

int unit_outputs_write(const UnitOutputs *outputs, const char *directory, const char *late_directory) {
        _cleanup_close_ int fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC),
                            late_fd = open(late_directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
        Writing writing = { .outputs = outputs, .directories = { { directory, fd }, { late_directory, late_fd } } };
        size_t wanted = count_helpers(outputs->count), helpers = 0;
        pthread_t threads[THREADS_MAX];

        if (fd < 0 || late_fd < 0)
                return log_error_errno(-errno, "Failed to open %s: %m", fd < 0 ? directory : late_directory);
        while (helpers < wanted && pthread_create(&threads[helpers], NULL, write_some, &writing) == 0)
                helpers++;
        write_some(&writing);
        for (size_t i = 0; i < helpers; i++)
                pthread_join(threads[i], NULL);
        return writing.first_failure;
}
