/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit/prepare-line.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "basic/directory.h"
#include "basic/files.h"
#include "basic/path.h"
#include "basic/text.h"
#include "source/ini-file.h"
#include "source/unit-directories.h"

#define TEMPLATE "container@.service"

/* A comment that has the word costs a little time. What is masked is no regular file, and what
 * cannot be read may have the word. */
static int file_mentions(const char *directory, const char *name) {
        _cleanup_free_ char *path = path_join(directory, name), *text = NULL;
        size_t size;
        int r = path ? read_file_at(AT_FDCWD, path, UNIT_FILE_SIZE_MAX, &text, &size) : -ENOMEM;

        if (r < 0)
                return r == -ENOMEM ? r : r != -ENOENT && r != -EINVAL;
        return memmem(text, size, "ExecStartPre", strlen("ExecStartPre")) != NULL;
}

static int directory_mentions(const char *path) {
        _cleanup_string_list_ StringList names = {};
        int r = directory_list(path, &names);

        if (r < 0)
                return r == -ENOMEM ? r : r != -ENOTDIR;
        for (size_t i = 0; i < names.count && r == 0; i++)
                if (endswith(names.items[i], ".conf"))
                        r = file_mentions(path, names.items[i]);
        return r;
}

static int drop_ins_mention(const char *unit_name, Scope scope) {
        _cleanup_free_ char *name = text_format("%s.d", unit_name);
        _cleanup_string_list_ StringList directories = {};
        int r = name ? unit_directories_with(name, scope, &directories) : -ENOMEM;

        for (size_t i = 0; i < directories.count && r == 0; i++) {
                _cleanup_free_ char *path = path_join(directories.items[i], name);

                r = path ? directory_mentions(path) : -ENOMEM;
        }
        return r;
}

int prepare_line_is_needed(const char *unit_name, Scope scope) {
        int r = drop_ins_mention(unit_name, scope);

        if (r == 0)
                r = drop_ins_mention(TEMPLATE, scope);
        return r == 0 ? drop_ins_mention("service", scope) : r;
}
