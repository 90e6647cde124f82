/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* berth edit: a file, or a drop-in of it, in an editor; checked before it counts. */
#include <ctype.h>
#include <fcntl.h>
#include <unistd.h>

#include "basic/files.h"
#include "basic/log.h"
#include "basic/path.h"
#include "basic/process.h"
#include "berth/berth-verbs.h"
#include "berth/command/misuse.h"
#include "berth/edit/edit-copy.h"
#include "berth/edit/edit-file.h"
#include "berth/edit/edit-text.h"
#include "berth/edit/edit-verdict.h"
#include "host/unit/unit-list.h"

enum { FULL, DROP_IN, USER };

/* Asks on the terminal until one of the letters is typed. Returns the last of them where there is
 * no terminal, or its end. */
static char ask(const char *question, const char *letters) {
        char last = letters[strlen(letters) - 1], answer[80];

        if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
                return last;
        for (;;) {
                fprintf(stderr, "%s ", question);
                if (!fgets(answer, sizeof(answer), stdin))
                        return last;
                answer[0] = (char) tolower((unsigned char) answer[0]);
                if (answer[0] && strchr(letters, answer[0]))
                        return answer[0];
        }
}

/* What the editor gets */

static int show(const char *path, Text *copy) {
        _cleanup_free_ char *text = NULL;
        size_t size;
        int r;

        r = read_file_at(AT_FDCWD, path, UNIT_FILE_SIZE_MAX, &text, &size);
        if (r < 0)
                return log_error_errno(r, "Failed to read %s: %m", path);
        edit_text_show(copy, path, text, size);
        return 0;
}

static int write_copy(const EditFile *file, Text *copy) {
        int r = 0;

        if (!file->drop_in) {
                text_append_n(copy, file->text, file->size);
                text_append(copy, "");
                return copy->failed ? log_oom() : 0;
        }
        edit_text_begin(copy, file->path, file->text, file->size);
        for (size_t i = 0; i < file->shown.count && r >= 0; i++)
                if (!streq(file->shown.items[i], file->path))
                        r = show(file->shown.items[i], copy);
        if (r >= 0 && copy->failed)
                r = log_oom();
        return r;
}

/* What is needed afterwards */

/* Of a template, its instances. */
static int find_running(const EditFile *file, StringList *units) {
        _cleanup_free_ char *name = NULL, *pattern = NULL;
        _cleanup_unit_states_ UnitStates states = {};
        bool is_template = stem_is_template(file->stem);
        const char *ending;
        int r;

        r = unit_name_for(file->type, file->stem, &name);
        if (r < 0)
                return r;
        ending = strrchr(name, '.');
        pattern = text_format("%.*s%s%s", (int) (ending - name), name, is_template ? "*" : "", ending);
        if (!pattern)
                return -ENOMEM;
        r = unit_states_get(pattern, 0, &states);
        for (size_t i = 0; i < states.count && r >= 0; i++)
                if (!streq(states.items[i].active, "inactive") && !streq(states.items[i].active, "failed"))
                        r = string_list_add(units, states.items[i].name);
        return r;
}

static int begin_command(const EditFile *file, const char *word, StringList *command) {
        int r = string_list_add(command, "systemctl");

        if (r >= 0 && file->scope == SCOPE_USER)
                r = string_list_add(command, "--user");
        return r < 0 ? r : string_list_add(command, word);
}

static void add_words(Text *question, const StringList *command) {
        for (size_t i = 0; i < command->count; i++)
                text_appendf(question, "%s%s", i > 0 ? " " : "", command->items[i]);
}

static int run_command(const StringList *command) {
        int r = command->count > 0
                        ? process_run((const char *const *) command->items, NULL, PROCESS_INHERIT_STDIN)
                        : 0;

        return r < 0 ? log_error_errno(r, "Failed to run %s: %m", command->items[0]) : r;
}

static int offer(const StringList *reload, const StringList *restart) {
        _cleanup_text_ Text words = {}, question = {};
        int r;

        add_words(&words, reload);
        if (reload->count > 0 && restart->count > 0)
                text_append(&words, " && ");
        add_words(&words, restart);
        text_appendf(&question, "What is needed for it: %s\nDo that now? [y]es, [n]o:",
                     words.failed ? "" : words.data);
        if (words.failed || question.failed)
                return log_oom();
        if (ask(question.data, "yn") == 'n') {
                if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
                        log_info("What is needed for it: %s", words.data);
                return 0;
        }
        r = run_command(reload);
        return r != 0 ? r : run_command(restart);
}

static int settle(const EditFile *file, const EditVerdict *verdict) {
        _cleanup_string_list_ StringList reload = {}, restart = {}, running = {};
        int r = 0;

        /* Where no manager can be asked, as in a chroot, nothing runs that it knows of. */
        if (verdict->changes_service && find_running(file, &running) == -ENOMEM)
                return log_oom();
        if (verdict->changes_units)
                r = begin_command(file, "daemon-reload", &reload);
        if (r >= 0 && running.count > 0)
                r = begin_command(file, "restart", &restart);
        if (r >= 0)
                r = string_list_extend(&restart, &running);
        if (r < 0)
                return log_oom();
        return reload.count + restart.count > 0 ? offer(&reload, &restart) : 0;
}

/* From the copy to the file */

typedef enum Next {
        NEXT_PUT,
        NEXT_EDIT,
        NEXT_LEAVE,
} Next;

static Next decide(const char *question) {
        switch (ask(question, "ekl")) {
        case 'e':
                return NEXT_EDIT;
        case 'k':
                return NEXT_PUT;
        default:
                return NEXT_LEAVE;
        }
}

static Next judge(const EditFile *file, const char *lines, size_t size, EditVerdict *verdict) {
        if (edit_judge(file, lines, size, verdict) < 0)
                return NEXT_LEAVE;
        log_diagnostics(&verdict->diagnostics);
        if (verdict->diagnostics.errors > 0)
                return decide("There are errors. [e]dit again, [k]eep it anyway, [l]eave the file as it was?");
        if (edit_file_has_changed(file)) {
                log_warning("%s has been changed meanwhile", file->path);
                return decide("[e]dit again, [k]eep this one anyway, [l]eave the file as it is?");
        }
        return NEXT_PUT;
}

/* What was typed: as lines that are those of the editor, and as it goes into the file. */
static int take_text(const EditFile *file, const char *typed, size_t size, Text *lines, Text *text) {
        if (file->drop_in) {
                edit_text_cut(lines, typed, size);
                edit_text_trim(text, lines->failed || !lines->data ? "" : lines->data, lines->length);
        } else {
                text_append_n(lines, typed, size);
                text_append_n(text, typed, size);
        }
        text_append(lines, "");
        text_append(text, "");
        return lines->failed || text->failed ? log_oom() : 0;
}

/* Whether there is something to be put in place. Who deletes all wants to be out of it; an empty
 * file would mask its unit. */
static bool has_news(const EditFile *file, const Text *text) {
        if (text->length == 0)
                log_info("Nothing is left of it: %s is as it was", file->path);
        else if (text->length == file->old_size && file->exists && memcmp(text->data, file->old, text->length) == 0)
                log_info("Nothing has changed: %s is as it was", file->path);
        else
                return true;
        return false;
}

/* Returns 1 when it is to be edited again, 0, or a negative errno: then the copy is kept. */
static int edit_once(const EditFile *file, const EditCopy *copy) {
        _cleanup_edit_verdict_ EditVerdict verdict = {};
        _cleanup_text_ Text lines = {}, text = {};
        _cleanup_free_ char *typed = NULL;
        size_t size;
        Next next;
        int r;

        r = edit_copy_open(copy);
        if (r >= 0)
                r = edit_copy_read(copy, &typed, &size);
        if (r >= 0)
                r = take_text(file, typed, size, &lines, &text);
        if (r < 0)
                return r;
        if (!has_news(file, &text)) {
                edit_copy_remove(copy);
                return 0;
        }
        next = judge(file, lines.data, lines.length, &verdict);
        if (next == NEXT_LEAVE)
                log_error("%s is as it was", file->path);
        if (next != NEXT_PUT)
                return next == NEXT_EDIT ? 1 : -EREPORTED;
        r = edit_file_put(file, text.data, text.length);
        if (r < 0)
                return r;
        edit_copy_remove(copy);
        log_info("%s is in place", file->path);
        /* No manager reads what is elsewhere. */
        r = search_path_is_of_machine() ? settle(file, &verdict) : 0;
        return r < 0 ? r : 0;
}

/* Something may have been typed unless the copy is there and still what it was. */
static bool is_untouched(const EditCopy *copy, const Text *text) {
        _cleanup_free_ char *typed = NULL;
        size_t size;

        return read_file_at(AT_FDCWD, copy->path, UNIT_FILE_SIZE_MAX, &typed, &size) >= 0 && size == text->length &&
               memcmp(typed, text->data, size) == 0;
}

static int edit(EditFile *file) {
        _cleanup_edit_copy_ EditCopy copy = {};
        _cleanup_text_ Text text = {};
        int r;

        r = edit_file_find(file);
        if (r >= 0)
                r = write_copy(file, &text);
        if (r >= 0)
                r = edit_copy_make(path_basename(file->path), text.data, text.length, &copy);
        if (r < 0)
                return r;
        do
                r = edit_once(file, &copy);
        while (r > 0);
        if (r < 0 && is_untouched(&copy, &text))
                edit_copy_remove(&copy);
        else if (r < 0)
                edit_copy_keep(&copy);
        return r;
}

static int run(const Call *call) {
        const char *name = call->values[DROP_IN] ?: "override";
        _cleanup_free_ char *drop_in = text_format("%s%s", name, endswith(name, ".conf") ? "" : ".conf");
        _cleanup_edit_file_ EditFile file = {
                .scope = call->values[USER] ? SCOPE_USER : places_scope(),
                .argument = call->arguments[0],
                .drop_in = call->values[FULL] ? NULL : drop_in,
        };

        if (!drop_in)
                return log_oom(), EXIT_FAILURE;
        if (call->values[FULL] && call->values[DROP_IN])
                return command_misused(call, "With --full there is no drop-in");
        if (!file_name_is_valid(drop_in) || *drop_in == '.')
                return command_misused(call, "\"%s\" can be no name of a drop-in", name);
        if (places_choose(file.scope) < 0) {
                log_error("There is no home directory");
                return EXIT_FAILURE;
        }
        return edit(&file) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

const Verb verb_edit = {
        .name = "edit",
        .synopsis = "[OPTION…] NAME",
        .summary = "Change a file, or what a drop-in says, in an editor",
        .help = "Open a drop-in of a container's or another file in an editor, with the file below it as comments. "
                "What was typed is checked before it is put in place; it is never lost.",
        .notes = "The editor is $SYSTEMD_EDITOR, $EDITOR or $VISUAL, else editor, nano, vim or vi.",
        .options = (const Option[]) {
                [FULL] = { .name = "full", .help = "Open the file itself; of the vendor's, a copy of one's own" },
                [DROP_IN] = { .name = "drop-in", .argument = "NAME",
                              .help = "Which drop-in; override.conf is the default" },
                [USER] = { .name = "user", .help = "Edit files of the user's service manager" },
                {},
        },
        .least = 1,
        .most = 1,
        .for_users = FOR_USERS,
        .needs_root = true,
        .run = run,
};
