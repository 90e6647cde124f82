/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* References on the command line. */
#include "berth/command/image-argument.h"

#include <errno.h>

#include "basic/log.h"
#include "config/short-name.h"

int image_argument_resolve(const char *argument, char **ret) {
        _cleanup_image_reference_ ImageReference reference = {};
        _cleanup_free_ char *note = NULL, *message = NULL;
        int r;

        r = image_reference_resolve(argument, &reference, &note, &message);
        if (r == -EINVAL) {
                log_error("%s", message);
                return -EREPORTED;
        }
        if (r < 0)
                return log_oom();
        if (note)
                log_warning("%s", note);
        *ret = TAKE_PTR(reference.name);
        return 0;
}
