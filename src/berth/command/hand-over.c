/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Verbs that are systemd's. */
#include "berth/command/hand-over.h"

#include <errno.h>

#include "basic/log.h"
#include "basic/process.h"
#include "berth/command/unit-argument.h"

int hand_over_options(const Call *call, StringList *command) {
        for (size_t i = 0; call->verb->options[i].name; i++) {
                const char *value = call->values[i];
                int r = 0;

                if (value)
                        r = string_list_addf(command, "--%s%s%s", call->verb->options[i].name, *value ? "=" : "",
                                             value);
                if (r < 0)
                        return r;
        }
        return 0;
}

int hand_over_units(const Call *call, const char *prefix, StringList *command) {
        for (char **argument = call->arguments; *argument; argument++) {
                _cleanup_free_ char *unit = NULL;
                int r = argument_to_unit(*argument, &unit);

                if (r == -EINVAL) {
                        log_error("\"%s\" cannot be the name of a container, a file of berth's or a unit", *argument);
                        return -EREPORTED;
                }
                if (r >= 0)
                        r = string_list_addf(command, "%s%s", prefix, unit);
                if (r < 0)
                        return r;
        }
        return 0;
}

int hand_over(int r, const StringList *command) {
        if (r == -EREPORTED)
                return EXIT_FAILURE;
        if (r >= 0)
                r = process_become((const char *const *) command->items);
        log_error_errno(r, "Failed to run %s: %m", command->items ? command->items[0] : "a command");
        return EXIT_FAILURE;
}
