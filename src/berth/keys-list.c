/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* berth keys: the vocabulary, for looking things up and for the shell's completion. */
#include <stdio.h>

#include "basic/log.h"
#include "basic/text.h"
#include "berth/berth-verbs.h"
#include "berth/command/pager.h"
#include "config/keys.h"

enum { COLUMN = 44 };

static bool is_wanted(const Key *key, char **arguments) {
        for (char **argument = arguments; *argument; argument++)
                if (streq(*argument, key->name) || streq(*argument, key->section))
                        return true;
        return !*arguments;
}

/* Prints "Key=WHAT" and spaces up to the column of the rest. */
static void print_key(const Key *key) {
        int columns = printf("  %s=%s", key->name, key->argument);

        for (const char *p = key->argument; *p; p++)
                columns -= ((unsigned char) *p & 0xc0) == 0x80;
        printf("%*s", columns < COLUMN ? COLUMN - columns : 0, "");
}

static void print_keys(char **arguments) {
        const char *section = NULL;

        for (KeyId i = 0; i < _KEY_COUNT; i++) {
                const Key *key = &keys[i];

                if (!is_wanted(key, arguments))
                        continue;
                if (!section || !streq(section, key->section))
                        printf("%s[%s]\n", section ? "\n" : "", key->section);
                section = key->section;
                print_key(key);
                printf("  %s\n", key->help);
        }
}

/* Whether there are any. */
static bool is_known(const char *name) {
        for (KeyId i = 0; i < _KEY_COUNT; i++)
                if (is_wanted(&keys[i], (char *[]) { (char *) name, NULL }))
                        return true;
        return false;
}

static void report_unknown(const char *name) {
        Nearest nearest = { .wanted = name };

        for (KeyId i = 0; i < _KEY_COUNT; i++) {
                nearest_consider(&nearest, keys[i].name);
                nearest_consider(&nearest, keys[i].section);
        }
        if (nearest.name)
                log_error("There is no key or section \"%s\"; did you mean \"%s\"?", name, nearest.name);
        else
                log_error("There is no key or section \"%s\"", name);
}

static int run(const Call *call) {
        int status = EXIT_SUCCESS;

        for (char **argument = call->arguments; *argument; argument++)
                if (!is_known(*argument)) {
                        report_unknown(*argument);
                        status = EXIT_FAILURE;
                }
        pager_open();
        if (status == EXIT_SUCCESS)
                print_keys(call->arguments);
        return status;
}

const Verb verb_keys = {
        .name = "keys",
        .synopsis = "[OPTION…] [SECTION|KEY]…",
        .summary = "Print what may stand in the files",
        .help = "Print the keys of the files' sections, or of those that are named, with what each is for.",
        .notes = "The man pages say more: berth.container(5), berth.volume(5) …",
        .options = (const Option[]) { {} },
        .most = ANY_NUMBER,
        .whoever_runs_it = true,
        .pages = true,
        .run = run,
};
