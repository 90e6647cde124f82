/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is said of mistakes on the command line. */
#include "berth/command/misuse.h"

#include <stdarg.h>

#include "basic/log.h"
#include "basic/text.h"

int command_misused(const Call *call, const char *format, ...) {
        _cleanup_text_ Text message = {};
        va_list arguments;

        va_start(arguments, format);
        text_vappendf(&message, format, arguments);
        va_end(arguments);
        log_error("%s; see berth %s --help", message.failed ? "Out of memory" : message.data, call->verb->name);
        return EXIT_USAGE;
}
