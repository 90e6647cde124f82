/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* berth diff: what a container has changed. */
#include <errno.h>

#include "basic/json.h"
#include "basic/log.h"
#include "basic/text.h"
#include "berth/berth-verbs.h"
#include "berth/command/container-argument.h"
#include "berth/command/output.h"
#include "start/changes/container-changes.h"

enum { JSON };

static int find_changes(const char *argument, Changes *changes) {
        _cleanup_free_ char *stem = NULL;
        int r;

        r = container_argument_find(argument, places_scope(), &stem);
        if (r < 0)
                return r;
        r = container_changes_get(stem, changes);
        switch (r) {
        case -ENOENT:
                return log_error_errno(r, "The container \"%s\" does not run, and what it has written is gone",
                                       argument);
        case -EOPNOTSUPP:
                return log_error_errno(r, "The container \"%s\" writes to its root file system itself, or that is a "
                                       "disk image: there is nothing to compare it with", argument);
        case -ELOOP:
                return log_error_errno(r, "Its directories are nested deeper than 128");
        case -E2BIG:
                return log_error_errno(r, "It has changed more than a million files");
        default:
                return r < 0 ? log_error_errno(r, "Failed to look at what \"%s\" has written: %m", argument) : 0;
        }
}

static const char *kind_name(ChangeKind kind) {
        return kind == CHANGE_ADDED ? "added" : kind == CHANGE_CHANGED ? "changed" : "deleted";
}

static int print_json(const Changes *changes) {
        _cleanup_json_object_ json_object *value = NULL;
        _cleanup_json_ Json json = {};

        json_open_array(&json, NULL);
        for (size_t i = 0; i < changes->count; i++) {
                json_open_object(&json, NULL);
                json_add_string(&json, "kind", kind_name(changes->items[i].kind));
                json_add_string(&json, "path", changes->items[i].path);
                json_close(&json);
        }
        json_close(&json);
        return json_take(&json, &value) < 0 || output_json(value) < 0 ? log_oom() : 0;
}

static int print_lines(const Changes *changes) {
        for (size_t i = 0; i < changes->count; i++) {
                _cleanup_free_ char *line = text_format("%c %s", changes->items[i].kind, changes->items[i].path);

                if (!line)
                        return log_oom();
                output_line(line);
        }
        return 0;
}

static int run(const Call *call) {
        _cleanup_changes_ Changes changes = {};
        int r = find_changes(call->arguments[0], &changes);

        if (r >= 0)
                r = call->values[JSON] ? print_json(&changes) : print_lines(&changes);
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

const Verb verb_diff = {
        .name = "diff",
        .synopsis = "[OPTION…] NAME",
        .summary = "Show what one has changed in its root",
        .help = "Show what a container that runs has changed in its root file system, a line each: A and the path of "
                "what was added, C of what was changed, or of a directory in which something was, and D of what was "
                "deleted.",
        .notes = "What is mounted there, such as volumes, is not looked at, but the directories that a start makes to "
                 "mount them on are. Needs root, but for the user's own.",
        .options = (const Option[]) {
                [JSON] = { .name = "json", .help = "Print a JSON array of objects" },
                {},
        },
        .least = 1,
        .most = 1,
        .pages = true,
        .run = run,
        .for_users = FOR_USERS_AS_ROOT,
        .needs_root = true,
};
