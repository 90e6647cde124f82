/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Names of containers on the command line. */
#include "berth/command/container-argument.h"

#include <errno.h>

#include "basic/log.h"
#include "berth/command/unit-argument.h"
#include "host/unit/unit-list.h"
#include "source/sources.h"

int container_argument_parse(const char *argument, char **ret_stem) {
        _cleanup_free_ char *stem = NULL;
        FileType type;
        int r = argument_parse(argument, &type, &stem);

        if (r == -EINVAL || (r >= 0 && type != FILE_CONTAINER)) {
                log_error("\"%s\" is no name of a container", argument);
                return -EINVAL;
        }
        if (r < 0)
                return log_oom();
        *ret_stem = TAKE_PTR(stem);
        return 0;
}

/* Without a service manager nothing is at work. */
static bool is_at_work(const char *stem) {
        _cleanup_unit_states_ UnitStates states = {};
        _cleanup_free_ char *unit = NULL;
        const UnitState *state;

        if (unit_name_for(FILE_CONTAINER, stem, &unit) < 0 || unit_states_get(unit, 0, &states) < 0)
                return false;
        state = unit_states_find(&states, unit);
        return state && !streq(state->active, "inactive");
}

/* What is meant by a mistyped name can be found out only among all files. */
static int not_there(const StringList *search_path, const char *argument, const char *stem) {
        _cleanup_sources_ Sources sources = {};
        const char *nearest = sources_scan(search_path, &sources, NULL) < 0
                                      ? NULL
                                      : sources_find_nearest(&sources, FILE_CONTAINER, stem);

        if (nearest)
                log_error("There is no container \"%s\"; did you mean \"%s\"?", argument, nearest);
        else
                log_error("There is no container \"%s\"", argument);
        return -ENOENT;
}

int container_argument_find(const char *argument, Scope scope, char **ret_stem) {
        _cleanup_string_list_ StringList search_path = {};
        _cleanup_source_ Source source = {};
        _cleanup_free_ char *stem = NULL;
        int r;

        r = container_argument_parse(argument, &stem);
        if (r < 0)
                return r;
        r = search_path_get(scope, &search_path);
        if (r >= 0)
                r = source_find(&search_path, FILE_CONTAINER, stem, &source);
        if (r == -ENOENT && !is_at_work(stem))
                return not_there(&search_path, argument, stem);
        if (r < 0 && r != -ENOENT)
                return log_error_errno(r, "Failed to look for %s: %m", argument);
        *ret_stem = TAKE_PTR(stem);
        return 0;
}

/* The template would become a unit of any name, which then fails. */
int container_arguments_check(const Call *call, bool user) {
        Scope scope = user ? SCOPE_USER : places_scope();
        int r = scope == SCOPE_USER ? places_choose(SCOPE_USER) : 0;

        for (char **argument = call->arguments; *argument && r >= 0; argument++) {
                _cleanup_free_ char *stem = NULL, *found = NULL;
                FileType type;

                if (strpbrk(*argument, "*?[") || argument_parse(*argument, &type, &stem) < 0 || type != FILE_CONTAINER)
                        continue;
                r = container_argument_find(stem, scope, &found);
        }
        return r < 0 ? -EREPORTED : 0;
}
