/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which second word of a verb was typed, and whether it goes with what else was. */
#include "berth/command/subcommand.h"

#include "basic/log.h"
#include "basic/text.h"
#include "berth/command/foreign-words.h"
#include "berth/command/misuse.h"

static const Subcommand *find(const Call *call) {
        const Subcommand *subcommands = call->verb->subcommands;

        if (call->argument_count == 0)
                return &subcommands[0];
        for (size_t i = 1; subcommands[i].name; i++)
                if (streq(subcommands[i].name, call->arguments[0]))
                        return &subcommands[i];
        return NULL;
}

static int no_such_word(const Call *call, const char *word) {
        const char *answer = foreign_group_answer(call->verb->name, word);

        if (!answer)
                return command_misused(call, "There is nothing like \"berth %s %s\"", call->verb->name, word);
        log_error("There is no \"berth %s %s\": %s", call->verb->name, word, answer);
        return EXIT_USAGE;
}

/* Returns the first option that was given and does not go with it, or NULL. */
static const char *option_too_much(const Call *call, const Subcommand *subcommand) {
        for (size_t i = 0; call->verb->options[i].name; i++)
                if (call->values[i] && !(subcommand->options & UINT32_C(1) << i))
                        return call->verb->options[i].name;
        return NULL;
}

int subcommand_choose(const Call *call, const Subcommand **ret) {
        size_t behind = call->argument_count > 0 ? call->argument_count - 1 : 0;
        const char *verb = call->verb->name, *name, *option;
        const Subcommand *subcommand = find(call);

        if (!subcommand)
                return no_such_word(call, call->arguments[0]);
        name = subcommand->name;
        if (behind < subcommand->least)
                return command_misused(call, "Something is missing: berth %s %s %s", verb, name, subcommand->synopsis);
        if (behind > subcommand->most)
                return command_misused(call, "There is too much: \"%s\"", call->arguments[subcommand->most + 1]);
        option = option_too_much(call, subcommand);
        if (option)
                return command_misused(call, "\"berth %s%s%s\" takes no --%s", verb, *name ? " " : "", name, option);
        *ret = subcommand;
        return -1;
}
