/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The command line of berth(1). */
#include "berth/command/command.h"

#include <fcntl.h>
#include <getopt.h>
#include <unistd.h>

#include "basic/log.h"
#include "basic/text.h"
#include "berth/command/command-help.h"
#include "berth/command/foreign-words.h"
#include "berth/command/misuse.h"
#include "berth/command/pager.h"
#include "berth/command/subcommand.h"
#include "source/places.h"
#include "start/user/become-root.h"

enum { FIRST_OPTION = 0x1000, OPTION_NO_PAGER = 0x100, OPTION_HELP = 'h' };

/* Options */

/* The options as getopt_long(3) wants them. `letters` is two longer than three characters for
 * each. */
static void describe_options(const Verb *verb, struct option *described, char *letters) {
        const Option *options = verb->options;
        size_t count = 0;

        if (verb->command_follows)
                *letters++ = '+';
        /* Errors are ours to say. */
        *letters++ = ':';
        for (; options[count].name; count++) {
                const Option *option = &options[count];
                int has = !option->argument                  ? no_argument
                          : option_value_is_optional(option) ? optional_argument
                                                             : required_argument;

                described[count] = (struct option) { options[count].name, has, NULL, FIRST_OPTION + (int) count };
                if (!options[count].letter)
                        continue;
                *letters++ = options[count].letter;
                for (int i = 0; i < has; i++)
                        *letters++ = ':';
        }
        if (verb->pages)
                described[count++] = (struct option) { "no-pager", no_argument, NULL, OPTION_NO_PAGER };
        described[count] = (struct option) { "help", no_argument, NULL, OPTION_HELP };
        *letters++ = OPTION_HELP;
        *letters = '\0';
}

/* The index of the option that getopt_long() gave, or -1. */
static int find_option(const Option *options, int given) {
        for (int i = 0; options[i].name; i++)
                if (given == FIRST_OPTION + i || (options[i].letter && given == options[i].letter))
                        return i;
        return -1;
}

/* "--jsno=x", without what follows the name. */
static int unknown_option(const Call *call, const char *given) {
        _cleanup_free_ char *name = startswith(given, "--") ? strndup(given + 2, strcspn(given + 2, "=")) : NULL;
        Nearest nearest = { .wanted = name };

        if (!name)
                return command_misused(call, "Unknown option \"-%c\"", optopt ? optopt : '?');
        for (const Option *option = call->verb->options; option->name; option++)
                nearest_consider(&nearest, option->name);
        nearest_consider(&nearest, "help");
        if (call->verb->pages)
                nearest_consider(&nearest, "no-pager");
        if (!nearest.name)
                return command_misused(call, "Unknown option \"--%s\"", name);
        log_error("Unknown option \"--%s\"; did you mean \"--%s\"?", name, nearest.name);
        return EXIT_USAGE;
}

/* After '?' or ':' from getopt_long(). */
static int wrong_option(const Call *call, int result, const char *given) {
        int i = optopt ? find_option(call->verb->options, optopt) : -1;
        const Option *option = i >= 0 ? &call->verb->options[i] : NULL;

        if (result == ':' && option)
                return command_misused(call, "--%s needs a value: --%s=%s", option->name, option->name,
                                       option->argument);
        if (option || optopt == OPTION_HELP)
                return command_misused(call, "--%s takes no value", option ? option->name : "help");
        return unknown_option(call, given);
}

/* Returns -1 when the verb is to be run, else the exit status. */
static int parse_options(Call *call, int argc, char **argv) {
        struct option described[OPTIONS_MAX + 3] = {};
        char letters[3 * (OPTIONS_MAX + 1) + 2];
        int given, i;

        describe_options(call->verb, described, letters);
        opterr = 0;
        while ((given = getopt_long(argc, argv, letters, described, NULL)) >= 0) {
                if (given == OPTION_HELP) {
                        help_print_verb(call->verb);
                        return EXIT_SUCCESS;
                }
                if (given == OPTION_NO_PAGER) {
                        call->no_pager = true;
                        continue;
                }
                i = find_option(call->verb->options, given);
                if (i < 0)
                        return wrong_option(call, given, argv[optind - 1]);
                call->values[i] = optarg ? optarg : "";
                if (call->verb->options[i].repeats && string_list_add(&call->lists[i], call->values[i]) < 0) {
                        log_oom();
                        return EXIT_FAILURE;
                }
        }
        call->arguments = argv + optind;
        call->argument_count = (size_t) (argc - optind);
        return -1;
}

static void call_done(Call *call) {
        for (size_t i = 0; i < OPTIONS_MAX; i++)
                string_list_done(&call->lists[i]);
}

typedef enum Manager {
        MANAGER_OF_CALLER,
        MANAGER_SYSTEM,
        MANAGER_USER,
} Manager;

/* That of exec is something else. */
static bool is_user_option(const Option *option) {
        return streq(option->name, "user") && !option->argument;
}

static int refuse_user(const Verb *verb) {
        log_error("berth %s is for the system's containers alone: %s", verb->name, verb->not_for_users);
        return EXIT_FAILURE;
}

/* "berth --user VERB": as the verb's own option, or for all that it does. Returns -1 or the exit
 * status. */
static int choose_user(Call *call) {
        const Option *options = call->verb->options;
        int r;

        for (size_t i = 0; options[i].name; i++)
                if (is_user_option(&options[i])) {
                        call->values[i] = "";
                        return -1;
                }
        if (call->verb->for_users == FOR_USERS_NEVER && call->verb->not_for_users)
                return refuse_user(call->verb);
        if (call->verb->for_users == FOR_USERS_NEVER)
                return command_misused(call, "There is no \"berth --user %s\" yet", call->verb->name);
        r = places_choose(SCOPE_USER);
        if (r < 0)
                log_error_errno(r, "Failed to find the user's directories: %m");
        else if (call->verb->for_users == FOR_USERS_AS_ROOT)
                r = become_user_root(call->verb->name);
        return r < 0 ? EXIT_FAILURE : -1;
}

/* Who is not root has containers of the own manager, and looks at the system's by "berth --system".
 * Returns -1 or the exit status. */
static int choose_manager(Call *call, Manager manager) {
        const Verb *verb = call->verb;
        bool can = verb->for_users != FOR_USERS_NEVER;

        if (manager == MANAGER_USER)
                return choose_user(call);
        if (geteuid() == 0)
                return -1;
        if (manager != MANAGER_SYSTEM && !can && verb->not_for_users)
                return refuse_user(verb);
        if (verb->needs_root && (manager == MANAGER_SYSTEM || !can)) {
                log_error("berth %s needs root", verb->name);
                return EXIT_FAILURE;
        }
        if (manager == MANAGER_SYSTEM || verb->whoever_runs_it)
                return -1;
        for (size_t i = 0; verb->options[i].name && !can; i++)
                can = is_user_option(&verb->options[i]);
        return can ? choose_user(call) : -1;
}

/* Not what is shown anew over and over. */
static bool wants_pager(const Call *call) {
        const Option *options = call->verb->options;

        for (size_t i = 0; options[i].name; i++)
                if (call->values[i] && streq(options[i].name, "watch"))
                        return false;
        return call->verb->pages && !call->no_pager;
}

/* What stands before the command. */
typedef struct Before {
        Manager manager;
        bool no_pager;
} Before;

static int check_argument_count(const Call *call) {
        const Verb *verb = call->verb;

        if (call->argument_count < verb->least)
                return command_misused(call, "Something is missing: berth %s %s", verb->name, verb->synopsis);
        if (call->argument_count > verb->most)
                return command_misused(call, "There is too much: \"%s\"", call->arguments[verb->most]);
        return -1;
}

/* What was mistyped is said before anything is asked of the machine. */
static int run_verb(const Verb *verb, const Before *before, int argc, char **argv) {
        _cleanup_(call_done) Call call = { .verb = verb, .no_pager = before->no_pager };
        const Subcommand *subcommand = NULL;
        int status = parse_options(&call, argc, argv);

        if (status < 0)
                status = verb->subcommands ? subcommand_choose(&call, &subcommand) : check_argument_count(&call);
        if (status < 0)
                status = choose_manager(&call, before->manager);
        if (status >= 0)
                return status;
        pager_allow(wants_pager(&call));
        return subcommand ? subcommand->run(&call) : verb->run(&call);
}

/* Verbs */

static bool is_called(const Verb *verb, const char *name) {
        for (const char *const *alias = verb->aliases; alias && *alias; alias++)
                if (streq(name, *alias))
                        return true;
        return streq(name, verb->name);
}

static const Verb *find_verb(const Verb *const verbs[], size_t count, const char *name) {
        for (size_t i = 0; i < count; i++)
                if (is_called(verbs[i], name))
                        return verbs[i];
        return NULL;
}

/* "container ls" is "ls", whoever's that is. Returns the exit status, or -1 when it is not. */
static int unknown_group(const Verb *const verbs[], size_t count, const char *group, const char *word) {
        const char *answer = foreign_group_answer(group, word);
        bool plain = !answer && streq(group, "container");
        const Verb *verb = plain ? find_verb(verbs, count, word) : NULL;

        if (plain && !verb)
                answer = foreign_word_answer(word);
        if (!answer && !verb)
                return -1;
        if (verb)
                log_error("There is no \"berth %s %s\": berth %s %s", group, word, verb->name, verb->synopsis);
        else
                log_error("There is no \"berth %s %s\": %s", group, word, answer);
        return EXIT_USAGE;
}

/* `next` is what is behind it, or NULL. */
static int unknown_verb(const Verb *const verbs[], size_t count, const char *name, const char *next) {
        int status = next && *next != '-' ? unknown_group(verbs, count, name, next) : -1;
        const char *answer = foreign_word_answer(name);
        Nearest nearest = { .wanted = name };

        if (status >= 0)
                return status;
        if (answer) {
                log_error("There is no \"berth %s\": %s", name, answer);
                return EXIT_USAGE;
        }
        for (size_t i = 0; i < count; i++)
                nearest_consider(&nearest, verbs[i]->name);
        nearest_consider(&nearest, "help");
        if (nearest.name)
                log_error("Unknown command \"%s\"; did you mean \"%s\"?", name, nearest.name);
        else
                log_error("Unknown command \"%s\"; see berth --help", name);
        return EXIT_USAGE;
}

static bool asks_for_help(const char *argument) {
        return streq(argument, "--help") || streq(argument, "-h");
}

static int show_help(const Verb *const verbs[], size_t count, const char *name) {
        const Verb *verb = name ? find_verb(verbs, count, name) : NULL;

        if (name && !verb)
                return unknown_verb(verbs, count, name, NULL);
        if (verb)
                help_print_verb(verb);
        else
                help_print(stdout, verbs, count);
        return EXIT_SUCCESS;
}

/* Returns how many arguments that are. */
static int take_options_before(int argc, char **argv, Before *ret) {
        int n = 0;

        for (; n + 1 < argc; n++) {
                const char *option = argv[n + 1];

                if (streq(option, "--user"))
                        ret->manager = MANAGER_USER;
                else if (streq(option, "--system"))
                        ret->manager = MANAGER_SYSTEM;
                else if (streq(option, "--no-pager"))
                        ret->no_pager = true;
                else
                        break;
        }
        return n;
}

static int run(const Verb *const verbs[], size_t count, int argc, char **argv) {
        Before before = { .manager = MANAGER_OF_CALLER };
        int n = take_options_before(argc, argv, &before);
        const char *name;
        const Verb *verb;

        pager_allow(!before.no_pager);
        argc -= n;
        argv += n;
        name = argc > 1 ? argv[1] : NULL;
        if (!name) {
                help_print(stderr, verbs, count);
                return EXIT_USAGE;
        }
        if (asks_for_help(name))
                return show_help(verbs, count, NULL);
        if (streq(name, "help"))
                return show_help(verbs, count, argc > 2 && !asks_for_help(argv[2]) ? argv[2] : NULL);
        if (streq(name, "--version")) {
                puts("berth " BERTH_VERSION);
                return EXIT_SUCCESS;
        }
        if (*name == '-') {
                log_error("Unknown option \"%s\"; see berth --help", name);
                return EXIT_USAGE;
        }
        verb = find_verb(verbs, count, name);
        return verb ? run_verb(verb, &before, argc - 1, argv + 1)
                    : unknown_verb(verbs, count, name, argc > 2 ? argv[2] : NULL);
}

/* A file that is opened later must not become standard output because that was closed: what takes
 * its place cannot be written to, which is found out at the end. */
static void occupy_standard_streams(void) {
        for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
                if (fcntl(fd, F_GETFD) < 0)
                        (void) !open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

int command_main(const Verb *const verbs[], size_t count, int argc, char **argv) {
        int status;

        occupy_standard_streams();
        status = run(verbs, count, argc, argv);
        if (pager_close())
                return status;
        if (fflush(stdout) < 0)
                log_error_errno(-errno, "Failed to write to standard output: %m");
        else if (ferror(stdout))
                log_error("Failed to write to standard output");
        else
                return status;
        return status != EXIT_SUCCESS ? status : EXIT_FAILURE;
}
