/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A main() for a fuzz target without libFuzzer: every file named on the command line, and every
 * file in the directories named there, goes through the target, so that the corpus and past crashes
 * are tests for any compiler. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "basic/files.h"
#include "basic/path.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int run_file(const char *path) {
        _cleanup_free_ char *data = NULL;
        size_t size;
        int r;

        r = read_file_at(AT_FDCWD, path, (size_t) 64 * 1024 * 1024, &data, &size);
        if (r < 0)
                return r;
        /* Said first: when the target aborts, the last name is the one. */
        printf("%s\n", path);
        fflush(stdout);
        LLVMFuzzerTestOneInput((const uint8_t *) data, size);
        return 1;
}

/* Runs all files in the directory. Returns how many, or -errno. */
static int run_directory(const char *path) {
        _cleanup_closedir_ DIR *directory = opendir(path);
        const struct dirent *entry;
        int count = 0;

        if (!directory)
                return -errno;
        while ((entry = readdir(directory))) {
                _cleanup_free_ char *below = NULL;
                int r;

                if (entry->d_name[0] == '.')
                        continue;
                below = path_join(path, entry->d_name);
                r = below ? run_file(below) : -ENOMEM;
                if (r < 0)
                        return r;
                count += r;
        }
        return count;
}

int main(int argc, char *argv[]) {
        int count = 0;

        for (int i = 1; i < argc; i++) {
                int r = run_file(argv[i]);
                if (r == -EISDIR)
                        r = run_directory(argv[i]);
                if (r < 0) {
                        fprintf(stderr, "%s: %s\n", argv[i], strerror(-r));
                        return EXIT_FAILURE;
                }
                count += r;
        }
        printf("%d inputs\n", count);
        /* Nothing run is nothing tested. */
        return count > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
