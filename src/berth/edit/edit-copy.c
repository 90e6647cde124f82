/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The copy that an editor works on. */
#include "berth/edit/edit-copy.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "basic/directory.h"
#include "basic/files.h"
#include "basic/log.h"
#include "basic/path.h"
#include "basic/process.h"
#include "basic/text.h"
#include "basic/words.h"
#include "source/ini-file.h"
#include "source/places.h"

/* Signals */

/* For the handler: what it says, and whom it passes the signal on to. */
static char *last_words;
static volatile sig_atomic_t editor_pid;

/* What a terminal sends is the editor's, which may mean something else by it. */
static void on_signal(int number) {
        int saved_errno = errno;

        if (editor_pid > 0) {
                if (number == SIGINT || number == SIGQUIT)
                        return;
                (void) kill(editor_pid, number);
        }
        if (last_words)
                (void) !write(STDERR_FILENO, last_words, strlen(last_words));
        (void) signal(number, SIG_DFL);
        (void) raise(number);
        errno = saved_errno;
}

static const int caught_signals[] = { SIGINT, SIGQUIT, SIGTERM, SIGHUP };

static int catch_signals(const char *path) {
        struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };

        last_words = text_format("\nberth: What was typed is in %s\n", path);
        if (!last_words)
                return -ENOMEM;
        sigfillset(&action.sa_mask);
        for (size_t i = 0; i < ARRAY_SIZE(caught_signals); i++)
                (void) sigaction(caught_signals[i], &action, NULL);
        return 0;
}

/* There is nothing to be said any more. */
static void silence(void) {
        char *words = last_words;

        last_words = NULL;
        free(words);
}

/* The copy */

/* After a loss of power, or a signal that cannot be caught, nothing else says so. */
static void tell_of_others(const char *directory, const char *name) {
        _cleanup_string_list_ StringList names = {};
        _cleanup_free_ char *beginning = text_format("%s.edit-", name);

        if (!beginning || directory_list(directory, &names) < 0)
                return;
        for (size_t i = 0; i < names.count; i++)
                if (startswith(names.items[i], beginning))
                        log_info("There is a copy of another time, or of somebody who edits it now: %s/%s/%s",
                                 directory, names.items[i], name);
}

int edit_copy_make(const char *name, const char *text, size_t size, EditCopy *ret) {
        _cleanup_free_ char *parent = path_join(place_path(PLACE_STATE), "edits");
        _cleanup_free_ char *directory = NULL, *path = NULL;
        int r;

        directory = parent ? text_format("%s/%s.edit-XXXXXX", parent, name) : NULL;
        if (!directory)
                return log_oom();
        r = make_directories_at(AT_FDCWD, parent, 0700);
        if (r < 0)
                return log_error_errno(r, "Failed to make %s: %m", parent);
        tell_of_others(parent, name);
        /* Its mode is 0700, whatever the one that it is in. */
        if (!mkdtemp(directory))
                return log_error_errno(-errno, "Failed to make a directory in %s: %m", parent);
        path = path_join(directory, name);
        if (!path)
                return log_oom();
        r = write_new_file_durable_at(AT_FDCWD, path, text, size, 0600);
        if (r >= 0)
                r = catch_signals(path);
        if (r < 0) {
                (void) remove_tree_at(AT_FDCWD, directory);
                return log_error_errno(r, "Failed to write %s: %m", path);
        }
        *ret = (EditCopy) { TAKE_PTR(directory), TAKE_PTR(path) };
        return 0;
}

/* The editor */

static const char *editor_of_environment(void) {
        static const char *const variables[] = { "SYSTEMD_EDITOR", "EDITOR", "VISUAL" };

        for (size_t i = 0; i < ARRAY_SIZE(variables); i++) {
                const char *value = getenv(variables[i]);

                if (value && *value)
                        return value;
        }
        return NULL;
}

static int find_editor(StringList *command) {
        static const char *const programs[] = { "editor", "nano", "vim", "vi" };
        const char *chosen = editor_of_environment();
        int r;

        if (chosen) {
                r = words_split(chosen, command);
                return r >= 0 && command->count == 0 ? -ENOENT : r;
        }
        for (size_t i = 0; i < ARRAY_SIZE(programs); i++) {
                char *path;

                r = process_find(programs[i], &path);
                if (r >= 0)
                        return string_list_take(command, path);
                if (r == -ENOMEM)
                        return r;
        }
        return -ENOENT;
}

/* A signal that comes with the editor waits until the handler knows whom to pass it on to. */
static int run_editor(const StringList *command) {
        sigset_t caught, before;
        pid_t pid;
        int r;

        sigemptyset(&caught);
        for (size_t i = 0; i < ARRAY_SIZE(caught_signals); i++)
                sigaddset(&caught, caught_signals[i]);
        (void) sigprocmask(SIG_BLOCK, &caught, &before);
        r = process_spawn((const char *const *) command->items, NULL, PROCESS_INHERIT_STDIN | PROCESS_PLAIN_SIGNALS,
                          -EBADF, -EBADF, &pid);
        if (r >= 0)
                editor_pid = pid;
        (void) sigprocmask(SIG_SETMASK, &before, NULL);
        if (r < 0)
                return r;
        r = process_wait(pid);
        editor_pid = 0;
        return r;
}

int edit_copy_open(const EditCopy *copy) {
        _cleanup_string_list_ StringList command = {};
        int r;

        r = find_editor(&command);
        if (r == -ENOENT)
                log_error("There is no editor: set EDITOR, or install nano or vim");
        else if (r == -EINVAL)
                log_error("\"%s\" is no command: quotes or escapes are wrong", editor_of_environment());
        if (r == -ENOENT || r == -EINVAL)
                return r;
        if (r >= 0)
                r = string_list_add(&command, copy->path);
        if (r < 0)
                return log_oom();
        (void) fflush(stdout);
        r = run_editor(&command);
        if (r < 0)
                return log_error_errno(r, "Failed to run %s: %m", command.items[0]);
        if (r > 0) {
                log_error("%s has ended with status %d", command.items[0], r);
                return -EREPORTED;
        }
        return 0;
}

int edit_copy_read(const EditCopy *copy, char **ret, size_t *ret_size) {
        int r = read_file_at(AT_FDCWD, copy->path, UNIT_FILE_SIZE_MAX, ret, ret_size);

        return r < 0 ? log_error_errno(r, "Failed to read %s: %m", copy->path) : 0;
}

void edit_copy_keep(const EditCopy *copy) {
        silence();
        if (access(copy->path, F_OK) >= 0)
                log_info("What was typed is in %s", copy->path);
        else if (rmdir(copy->directory) < 0)
                log_info("What was typed may be in %s", copy->directory);
}

void edit_copy_remove(const EditCopy *copy) {
        int r;

        silence();
        r = remove_tree_at(AT_FDCWD, copy->directory);
        if (r < 0)
                log_warning_errno(r, "Failed to remove %s: %m", copy->directory);
}

void edit_copy_done(EditCopy *copy) {
        copy->directory = x_free(copy->directory);
        copy->path = x_free(copy->path);
}
