/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a verb of berth(1) is. */
#pragma once

#include "basic/string-list.h"

enum { EXIT_USAGE = 2 };

/* The table of a verb's options ends with one without a name. --help is every verb's. */
typedef struct Option {
        const char *name;     /* "facts" */
        const char *argument; /* "FILE"; "[BOOL]": it may be left out; NULL: there is none */
        const char *help;     /* NULL: it is known, and not spoken of */
        char letter;          /* 'f', or 0 */
        bool repeats;         /* may be given again, and each time counts */
} Option;

/* Returns whether the value may be left out: of "[BOOL]" all is in brackets, of "[-]PATH" a
 * part. */
static inline bool option_value_is_optional(const Option *option) {
        const char *argument = option->argument;

        return argument && *argument == '[' && !argument[1 + strcspn(argument + 1, "[]") + 1];
}

enum { OPTIONS_MAX = 144 };

#define ANY_NUMBER SIZE_MAX

typedef struct Verb Verb;

/* What "berth --user VERB" is, of a verb without an option --user of its own. */
typedef enum ForUsers {
        FOR_USERS_NEVER,
        FOR_USERS,         /* with the user's manager and places */
        FOR_USERS_AS_ROOT, /* the same as the root of a user namespace: for what is in the user's store */
} ForUsers;

/* What was typed. */
typedef struct Call {
        const Verb *verb;
        const char *values[OPTIONS_MAX]; /* in the order of the verb's options; NULL: not given; "" without a value */
        StringList lists[OPTIONS_MAX];   /* all values of those that repeat */
        char **arguments;                /* the rest, up to a NULL */
        size_t argument_count;
        bool no_pager;
} Call;

/* A second word of a verb: "save" of "berth images save". */
typedef struct Subcommand {
        const char *name;     /* "" for the verb alone, which is the first */
        const char *synopsis; /* what follows the name, for who has left something out */
        size_t least, most;   /* arguments behind the name */
        uint32_t options;     /* a bit for each of the verb's options that goes with it */
        int (*run)(const Call *call); /* returns the exit status */
} Subcommand;

struct Verb {
        const char *name;
        const char *const *aliases; /* other names, up to a NULL; may be NULL */
        const char *synopsis; /* what follows the name */
        const char *summary;  /* in the list of commands */
        const char *help;     /* paragraphs, each one line however long */
        const char *notes;    /* the same, below the options; may be NULL */
        const Option *options;
        size_t least, most;   /* arguments */
        bool command_follows; /* what is behind the first argument is another command's, options and all */
        ForUsers for_users;
        const char *not_for_users; /* why there is none for them, and the way out; may be NULL */
        bool needs_root;      /* and nobody else's is there: where for_users says so */
        bool pages;           /* what it prints goes through a pager, and --no-pager is one of its options */
        bool whoever_runs_it; /* is for the system's manager, whoever calls it, unless --user is said */
        const Subcommand *subcommands; /* up to one without a name; NULL: there are none */
        int (*run)(const Call *call);  /* returns the exit status; of a verb without subcommands */
};
