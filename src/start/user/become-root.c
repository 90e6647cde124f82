/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "start/user/become-root.h"

#include "basic/log.h"
#include "host/user/user-root.h"
#include "source/places.h"

static int log_result(int r, const char *what) {
        const char *reason = user_root_reason(r);

        if (r > 0)
                log_warning("%s and %s have no IDs for this user, so that the container has one user and one group "
                            "alone; use: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 NAME",
                            place_path(PLACE_SUB_UIDS), place_path(PLACE_SUB_GIDS));
        else if (reason)
                log_error("Failed to make a user namespace for %s: %s", what, reason);
        else if (r < 0)
                log_error_errno(r, "Failed to make a user namespace for %s: %m", what);
        return r < 0 ? r : 0;
}

int become_user_root(const char *what) {
        return log_result(user_root_enter(), what);
}

int become_user_root_below(int namespace_fd, const char *what) {
        return log_result(user_root_enter_below(namespace_fd), what);
}
