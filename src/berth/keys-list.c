/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* berth keys: the vocabulary, for looking things up and for the shell's completion. */
#include "berth/keys-list.h"

#include <getopt.h>
#include <stdio.h>

#include "basic/log.h"
#include "basic/text.h"
#include "config/keys.h"

enum { EXIT_USAGE = 2, COLUMN = 44 };

static int usage(FILE *stream) {
        fputs("Usage: berth keys [OPTION…] [SECTION|KEY]…\n\n"
              "Print the keys of the files' sections, or of those that are named, with what each is for.\n\n"
              "Options:\n"
              "  --help  Show this text\n\n"
              "The man pages say more: berth.container(5), berth.volume(5) …\n",
              stream);
        return stream == stdout ? EXIT_SUCCESS : EXIT_USAGE;
}

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
                printf("  %s%s\n", key->help, key->flags & LATER ? " (not supported yet)" : "");
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

int verb_keys(int argc, char **argv) {
        static const struct option options[] = { { "help", no_argument, NULL, 'h' }, {} };
        int c, status = EXIT_SUCCESS;

        while ((c = getopt_long(argc, argv, "", options, NULL)) >= 0)
                return usage(c == 'h' ? stdout : stderr);
        for (char **argument = argv + optind; *argument; argument++)
                if (!is_known(*argument)) {
                        report_unknown(*argument);
                        status = EXIT_FAILURE;
                }
        if (status == EXIT_SUCCESS)
                print_keys(argv + optind);
        return status;
}
