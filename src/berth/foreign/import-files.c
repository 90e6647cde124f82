/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* berth import: descriptions of other programs, as files of berth's. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "basic/files.h"
#include "basic/log.h"
#include "basic/path.h"
#include "berth/berth-verbs.h"
#include "berth/command/output.h"
#include "source/unit-name.h"
#include "start/import/compose-variables.h"
#include "start/import/import-compose.h"
#include "start/import/import-nspawn.h"

enum { OUTPUT };

enum { FILE_MAX = 1 << 20 };

#define NSPAWN_ENDING ".nspawn"

/* Reading */

/* What compose calls the project: the directory, in small letters and without what is no part of a
 * name. */
static char *project_name(const char *directory) {
        const char *from = path_basename(directory);
        char *name = calloc(1, strlen(from) + sizeof("compose")), *to = name;

        for (; name && *from; from++) {
                char c = *from >= 'A' && *from <= 'Z' ? (char) (*from - 'A' + 'a') : *from;

                if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (to > name && (c == '_' || c == '-')))
                        *to++ = c;
        }
        if (name && to == name)
                memcpy(name, "compose", sizeof("compose"));
        return name;
}

/* What is beside a file of compose says values of variables. */
static int read_variables(const char *directory, StringList *variables, Diagnostics *diagnostics) {
        _cleanup_free_ char *path = path_join(directory, ".env"), *text = NULL;
        size_t size;
        int r = path ? read_file_at(AT_FDCWD, path, FILE_MAX, &text, &size) : -ENOMEM;

        if (r == -ENOENT || r == -ENOTDIR)
                return 0;
        if (r < 0)
                return path ? diagnose_error(diagnostics, &(Location) { .file = path }, "cannot be read: %s",
                                             strerror(-r))
                            : r;
        return compose_variables_read(text, path, variables, diagnostics);
}

static int convert_compose(const char *text, size_t size, const char *file, Diagnostics *diagnostics,
                           Imported *imported) {
        _cleanup_free_ char *parent = path_dirname(file), *directory = NULL, *project = NULL;
        _cleanup_string_list_ StringList variables = {};
        int r;

        directory = parent ? realpath(parent, NULL) : NULL;
        project = directory ? project_name(directory) : NULL;
        if (!project)
                return parent && !directory ? -errno : -ENOMEM;
        r = read_variables(directory, &variables, diagnostics);
        return r < 0 ? r : import_compose(text, size, file, directory, project, &variables, diagnostics, imported);
}

static int convert_nspawn(const char *text, size_t size, const char *file, Diagnostics *diagnostics,
                          Imported *imported) {
        const char *name = path_basename(file);
        _cleanup_free_ char *stem = strndup(name, strlen(name) - strlen(NSPAWN_ENDING));

        if (!stem)
                return -ENOMEM;
        if (!stem_is_valid(stem))
                return diagnose_error(diagnostics, &(Location) { .file = file },
                                      "\"%s\" can be no name of a container", stem);
        return import_nspawn(text, size, file, stem, diagnostics, imported);
}

static int convert(const char *file, Diagnostics *diagnostics, Imported *imported) {
        _cleanup_free_ char *text = NULL;
        size_t size;
        int r = read_file_at(AT_FDCWD, file, FILE_MAX, &text, &size);

        if (r < 0)
                return diagnose_error(diagnostics, &(Location) { .file = file }, "cannot be read: %s", strerror(-r));
        if (strlen(text) != size)
                return diagnose_error(diagnostics, &(Location) { .file = file }, "there is a NUL in it");
        return endswith(file, NSPAWN_ENDING) ? convert_nspawn(text, size, file, diagnostics, imported)
                                             : convert_compose(text, size, file, diagnostics, imported);
}

/* Two files must not become one. */
static int check_names(const Imported *imported, Diagnostics *diagnostics) {
        for (size_t i = 0; i < imported->count; i++)
                if (imported_find(imported, imported->items[i]->name) != imported->items[i])
                        return diagnose_error(diagnostics, NULL, "there would be two files %s",
                                              imported->items[i]->name);
        return 0;
}

/* Showing and writing */

static int show(const Imported *imported) {
        for (size_t i = 0; i < imported->count; i++) {
                _cleanup_text_ Text text = {};

                text_appendf(&text, "%s# %s\n", i > 0 ? "\n" : "", imported->items[i]->name);
                imported_write(imported->items[i], &text);
                if (text.failed)
                        return log_oom();
                output_text(text.data, text.length);
        }
        return 0;
}

static int put(int directory_fd, const char *directory, const ImportedFile *file) {
        _cleanup_text_ Text text = {};
        int r;

        imported_write(file, &text);
        if (text.failed)
                return log_oom();
        r = write_new_file_durable_at(directory_fd, file->name, text.data, text.length, 0644);
        if (r == -EEXIST)
                log_error("%s/%s is there already, and is left alone", directory, file->name);
        else if (r < 0)
                log_error_errno(r, "Failed to write %s/%s: %m", directory, file->name);
        else
                log_info("Made %s/%s", directory, file->name);
        return r;
}

/* Nothing is written when something of it is there. */
static int check_free(int directory_fd, const char *directory, const Imported *imported) {
        for (size_t i = 0; i < imported->count; i++)
                if (faccessat(directory_fd, imported->items[i]->name, F_OK, AT_SYMLINK_NOFOLLOW) >= 0) {
                        log_error("%s/%s is there already; nothing has been written", directory,
                                  imported->items[i]->name);
                        return -EEXIST;
                }
        return 0;
}

static int write_files(const char *directory, const Imported *imported) {
        _cleanup_close_ int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        int r;

        if (fd < 0)
                return log_error_errno(-errno, "Failed to open %s: %m", directory);
        r = check_free(fd, directory, imported);
        for (size_t i = 0; r >= 0 && i < imported->count; i++)
                r = put(fd, directory, imported->items[i]);
        return r;
}

static int run(const Call *call) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_imported_ Imported imported = {};
        int r = 0;

        for (char **argument = call->arguments; r >= 0 && *argument; argument++)
                r = convert(*argument, &diagnostics, &imported);
        if (r >= 0)
                r = check_names(&imported, &diagnostics);
        log_diagnostics(&diagnostics);
        if (r < 0)
                (void) log_failure_errno(r, "Failed to read it: %m");
        if (r < 0 || diagnostics.errors > 0)
                return EXIT_FAILURE;
        r = call->values[OUTPUT] ? write_files(call->values[OUTPUT], &imported) : show(&imported);
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

const Verb verb_import = {
        .name = "import",
        .synopsis = "[OPTION…] FILE…",
        .summary = "Turn files of docker compose and of nspawn into berth's",
        .help = "Make descriptions of files of docker compose (NAME.yaml) and of systemd-nspawn (NAME.nspawn), and "
                "print them. A word that has no equivalent is named with its place and left out; with a word that is "
                "wrong, nothing is made.",
        .notes = "Variables in a file of compose are those of the environment, and of a file \".env\" beside it. What "
                 "was made can be looked at by berth check.",
        .options = (const Option[]) {
                [OUTPUT] = { .name = "output", .argument = "DIRECTORY", .letter = 'o',
                             .help = "Write new files there; those that are there stay" },
                {},
        },
        .least = 1,
        .most = ANY_NUMBER,
        .run = run,
};
