/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The help, set for 80 columns. */
#include "berth/command/command-help.h"

#include "basic/text.h"
#include "berth/command/pager.h"

enum { WIDTH = 80, OPTION_WIDEST = 32 };

/* How many columns the `n` bytes take: what we say ourselves has no wide characters. */
static int columns_of(const char *text, size_t n) {
        int columns = 0;

        for (size_t i = 0; i < n; i++)
                columns += ((unsigned char) text[i] & 0xc0) != 0x80;
        return columns;
}

/* Fills lines from column `indent` on; there is text up to `column` already, not more than that. */
static void print_filled(const char *text, int indent, int column) {
        while (*text) {
                size_t n = strcspn(text, " ");
                int width = columns_of(text, n);

                if (column > indent && column + 1 + width > WIDTH) {
                        putchar('\n');
                        column = 0;
                }
                if (column > indent)
                        column += printf(" ");
                else
                        column += printf("%*s", indent - column, "");
                printf("%.*s", (int) n, text);
                column += width;
                text += n + (text[n] == ' ');
        }
        putchar('\n');
}

/* Paragraphs, which newlines separate. */
static void print_paragraphs(const char *text) {
        while (*text) {
                size_t n = strcspn(text, "\n");
                _cleanup_free_ char *paragraph = strndup(text, n);

                putchar('\n');
                if (paragraph)
                        print_filled(paragraph, 0, 0);
                text += n + (text[n] == '\n');
        }
}

/* "-f, --facts=FILE" */
static char *option_text(const Option *option) {
        const char *argument = option->argument ? option->argument : "";
        bool may_be_left_out = option_value_is_optional(option);

        return text_format("  %c%c%c --%s%s%s%s", option->letter ? '-' : ' ', option->letter ? option->letter : ' ',
                           option->letter ? ',' : ' ', option->name, may_be_left_out ? "[" : "",
                           option->argument ? "=" : "", argument + may_be_left_out);
}

static const Option pager_option = { .name = "no-pager", .help = "Use no pager" };
static const Option help_option = { .name = "help", .letter = 'h', .help = "Show this text" };

/* The widest, save for those that get a line of their own. */
static int width_of_options(const Option *options) {
        int widest = 0;

        for (;; options++) {
                _cleanup_free_ char *text = option_text(options->name ? options : &help_option);
                int width = text ? columns_of(text, strlen(text)) : 0;

                if (options->name && !options->help)
                        continue;
                if (width > widest && width <= OPTION_WIDEST)
                        widest = width;
                if (!options->name)
                        return widest;
        }
}

static void print_option(const Option *option, int width) {
        _cleanup_free_ char *text = option_text(option);
        int column = text ? columns_of(text, strlen(text)) : 0;

        printf("%s", text ? text : "");
        if (column > width) {
                putchar('\n');
                column = 0;
        }
        print_filled(option->help, width + 2, column);
}

void help_print_verb(const Verb *verb) {
        int width = width_of_options(verb->options);

        pager_open();
        printf("Usage: berth %s%s%s\n", verb->name, *verb->synopsis ? " " : "", verb->synopsis);
        print_paragraphs(verb->help);
        puts("\nOptions:");
        for (const Option *option = verb->options; option->name; option++)
                if (option->help)
                        print_option(option, width);
        if (verb->pages)
                print_option(&pager_option, width);
        print_option(&help_option, width);
        if (verb->notes)
                print_paragraphs(verb->notes);
        for (const char *const *alias = verb->aliases; alias && *alias; alias++)
                printf("%s%s", alias == verb->aliases ? "\nOther names: " : ", ", *alias);
        if (verb->aliases)
                putchar('\n');
}

void help_print(FILE *stream, const Verb *const verbs[], size_t count) {
        if (stream == stdout)
                pager_open();
        fputs("Usage: berth COMMAND [OPTION…] [ARGUMENT…]\n\nCommands:\n", stream);
        for (size_t i = 0; i < count; i++)
                fprintf(stream, "  %-11s %s\n", verbs[i]->name, verbs[i]->summary);
        fputs("\nOptions:\n"
              "  -h, --help      Show this text; after a command, that command's\n"
              "      --user      Before a command: for containers of your own service manager,\n"
              "                  as always for who is not root\n"
              "      --system    Before a command: for those of the machine's\n"
              "      --no-pager  Before a command: use no pager\n"
              "      --version   Show the version\n"
              "\n"
              "Containers are services: systemctl start container@NAME. See berth(1).\n",
              stream);
}
