/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* EnvironmentFile=: files of variables. */
#include "host/environment-file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "basic/files.h"
#include "source/trusted-file.h"

/* "FOO*" stands for all variables of the service whose names begin so. */
static int add_matching(const char *prefix, size_t n, StringList *assignments) {
        int r = 0;

        for (char **variable = environ; variable && *variable && r >= 0; variable++)
                if (strncmp(*variable, prefix, n) == 0 && strcspn(*variable, "=") >= n)
                        r = string_list_add(assignments, *variable);
        return r;
}

static int parse_line(const char *line, size_t n, const Location *where, StringList *assignments,
                      Diagnostics *diagnostics) {
        _cleanup_free_ char *assignment = NULL, *longer = NULL;
        const char *value;

        while (n > 0 && strchr(" \t", *line))
                line++, n--;
        if (n > 0 && line[n - 1] == '\r')
                n--;
        if (n == 0 || *line == '#')
                return 0;
        if (*line == '=')
                return diagnose_error(diagnostics, where, "no variable name before \"=\"");
        assignment = strndup(line, n);
        if (!assignment)
                return -ENOMEM;
        if (strchr(assignment, '='))
                return string_list_add(assignments, assignment);
        if (endswith(assignment, "*"))
                return add_matching(assignment, strlen(assignment) - 1, assignments);
        value = getenv(assignment);
        if (!value)
                return 0;
        if (asprintf(&longer, "%s=%s", assignment, value) < 0) {
                longer = NULL;
                return -ENOMEM;
        }
        return string_list_add(assignments, longer);
}

int environment_file_parse(const char *text, size_t size, const char *path, StringList *assignments,
                           Diagnostics *diagnostics) {
        Location where = { .file = path, .line = 1 };
        int result = 0;

        if (memchr(text, '\0', size))
                return diagnose_error(diagnostics, &where, "NUL byte");
        for (const char *line = text; *line; where.line++) {
                size_t n = strcspn(line, "\n");
                int r = parse_line(line, n, &where, assignments, diagnostics);

                if (r == -ENOMEM)
                        return r;
                if (r < 0)
                        result = r;
                line += n + (line[n] == '\n');
        }
        return string_list_settle(assignments) < 0 ? -ENOMEM : result;
}

int environment_file_read(const char *path, bool optional, const Location *where, StringList *assignments,
                          Diagnostics *diagnostics) {
        enum { LARGEST = 1024 * 1024 };
        _cleanup_free_ char *text = NULL;
        size_t size;
        int r;

        r = trusted_file_check(path, where, diagnostics);
        if (r < 0)
                return r;
        r = read_file_at(AT_FDCWD, path, LARGEST, &text, &size);
        if (r == -ENOMEM || (r == -ENOENT && optional))
                return r == -ENOMEM ? r : 0;
        if (r < 0)
                return diagnose_error(diagnostics, where, "environment file \"%s\": %s", path, strerror(-r));
        return environment_file_parse(text, size, path, assignments, diagnostics);
}
