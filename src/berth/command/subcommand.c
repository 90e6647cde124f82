/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which second word of a verb was typed, and whether it goes with what else was. */
#include "basic/text.h"
#include "berth/command/command.h"
#include "berth/command/subcommand.h"

static const Subcommand *find(const Call *call, const Subcommand *subcommands, size_t count) {
        if (call->argument_count == 0)
                return &subcommands[0];
        for (size_t i = 1; i < count; i++)
                if (streq(subcommands[i].name, call->arguments[0]))
                        return &subcommands[i];
        return NULL;
}

/* Returns the first option that was given and does not go with it, or NULL. */
static const char *option_too_much(const Call *call, const Subcommand *subcommand) {
        for (size_t i = 0; call->verb->options[i].name; i++)
                if (call->values[i] && !(subcommand->options & UINT32_C(1) << i))
                        return call->verb->options[i].name;
        return NULL;
}

int subcommand_run(const Call *call, const Subcommand *subcommands, size_t count) {
        const Subcommand *subcommand = find(call, subcommands, count);
        size_t behind = call->argument_count > 0 ? call->argument_count - 1 : 0;
        const char *verb = call->verb->name, *name, *option;

        if (!subcommand)
                return command_no_such_word(call, call->arguments[0]);
        name = subcommand->name;
        if (behind < subcommand->least)
                return command_misused(call, "Something is missing: berth %s %s %s", verb, name, subcommand->synopsis);
        if (behind > subcommand->most)
                return command_misused(call, "There is too much: \"%s\"", call->arguments[subcommand->most + 1]);
        option = option_too_much(call, subcommand);
        if (option)
                return command_misused(call, "\"berth %s%s%s\" takes no --%s", verb, *name ? " " : "", name, option);
        return subcommand->run(call);
}
