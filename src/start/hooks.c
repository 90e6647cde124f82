/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* OCI hooks of this machine; see oci-hooks(5). */
#include "start/hooks.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "basic/directory.h"
#include "basic/files.h"
#include "basic/path.h"
#include "basic/process-filter.h"
#include "oci/oci-hooks.h"
#include "source/trusted-file.h"

#define DEFAULT_ENVIRONMENT "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

enum { HOOK_FILE_MAX = 1 << 20, SPEC_MAX = 16 << 20, DEFAULT_TIMEOUT_SEC = 60, USEC_PER_SEC = 1000 * 1000 };

static int check_program(json_object *hook, const char *path, Diagnostics *diagnostics) {
        const char *program = hook_program(hook);
        struct stat st;

        if (stat(program, &st) < 0)
                return diagnose_error(diagnostics, &(Location) { .file = path }, "the hook's program \"%s\": %s",
                                      program, strerror(errno));
        if (!S_ISREG(st.st_mode) || access(program, X_OK) < 0)
                return diagnose_error(diagnostics, &(Location) { .file = path },
                                      "the hook's program \"%s\" cannot be run", program);
        return trusted_file_check(program, &(Location) { .file = path }, diagnostics);
}

int hooks_add(json_object *hook, const char *path, FactPathList *list, Diagnostics *diagnostics) {
        const char *text = json_object_to_json_string_ext(hook, JSON_C_TO_STRING_PLAIN);
        _cleanup_json_object_ json_object *parsed = NULL;
        int r;

        r = text ? hook_parse(text, path, diagnostics, &parsed) : -ENOMEM;
        if (r >= 0)
                r = check_program(parsed, path, diagnostics);
        return r < 0 ? r : fact_path_add(list, path, text);
}

static int read_hook(const char *path, char **ret, Diagnostics *diagnostics) {
        _cleanup_json_object_ json_object *hook = NULL;
        _cleanup_free_ char *text = NULL;
        size_t size;
        int r;

        r = trusted_file_check(path, NULL, diagnostics);
        if (r < 0)
                return r;
        r = read_file_at(AT_FDCWD, path, HOOK_FILE_MAX, &text, &size);
        if (r == -ENOMEM)
                return r;
        if (r < 0 || strlen(text) != size)
                return diagnose_error(diagnostics, &(Location) { .file = path }, "the hook cannot be read: %s",
                                      r < 0 ? strerror(-r) : "it has a NUL byte");
        r = hook_parse(text, path, diagnostics, &hook);
        if (r >= 0)
                r = check_program(hook, path, diagnostics);
        if (r >= 0)
                *ret = TAKE_PTR(text);
        return r;
}

/* Puts the path in, instead of that of a file of the same name in an earlier directory. */
static int add_file(StringList *paths, char *path) {
        if (!path)
                return -ENOMEM;
        for (size_t i = 0; i < paths->count; i++)
                if (streq(path_basename(paths->items[i]), path_basename(path))) {
                        free(paths->items[i]);
                        paths->items[i] = path;
                        return 0;
                }
        return string_list_take(paths, path);
}

/* Returns 0, also for a directory that is not there unless it `must_be`, -EREPORTED with a
 * diagnostic, or -ENOMEM. */
static int list_directory(const char *path, const Location *must_be, StringList *paths, Diagnostics *diagnostics) {
        _cleanup_closedir_ DIR *directory = NULL;
        const struct dirent *entry;
        int r;

        r = directory_open(path, &directory);
        if (r == -ENOENT && !must_be)
                return 0;
        while (r >= 0 && (r = directory_next(directory, &entry)) > 0)
                if (endswith(entry->d_name, ".json"))
                        r = add_file(paths, path_join(path, entry->d_name));
        if (r < 0 && r != -ENOMEM)
                return diagnose_error(diagnostics, must_be, "the directory of hooks \"%s\": %s", path, strerror(-r));
        return r;
}

static int list_files(const Container *container, StringList *paths, Diagnostics *diagnostics) {
        const StringList *directories = &container->hooks_directories;
        Location where = container_where(container, KEY_Container_OCIHooksDir);
        int r = 0;

        if (directories->count == 0) {
                r = list_directory(HOOKS_DIRECTORY_VENDOR, NULL, paths, diagnostics);
                return r < 0 ? r : list_directory(HOOKS_DIRECTORY_LOCAL, NULL, paths, diagnostics);
        }
        for (size_t i = 0; i < directories->count && r >= 0; i++)
                r = list_directory(directories->items[i], &where, paths, diagnostics);
        return r;
}

/* By lower-case names; what only case tells apart by the names themselves. */
static int compare_paths(const void *a, const void *b) {
        const char *x = path_basename(*(char *const *) a), *y = path_basename(*(char *const *) b);
        const char *p = x, *q = y;

        while (*p && tolower((unsigned char) *p) == tolower((unsigned char) *q))
                p++, q++;
        return tolower((unsigned char) *p) != tolower((unsigned char) *q)
                               ? tolower((unsigned char) *p) - tolower((unsigned char) *q)
                               : strcmp(x, y);
}

int hooks_gather(const Container *container, FactPathList *list, Diagnostics *diagnostics) {
        _cleanup_string_list_ StringList paths = {};
        int result = 0, r;

        r = list_files(container, &paths, diagnostics);
        if (r < 0)
                return r;
        if (paths.count > 1)
                qsort(paths.items, paths.count, sizeof(*paths.items), compare_paths);
        for (size_t i = 0; i < paths.count; i++) {
                _cleanup_free_ char *text = NULL;

                r = read_hook(paths.items[i], &text, diagnostics);
                if (r >= 0)
                        r = fact_path_add(list, paths.items[i], text);
                if (r < 0 && r != -EREPORTED)
                        return r;
                if (r < 0)
                        result = r;
        }
        return result;
}

/* Borrowed strings, NULL-terminated: those of the array, or `fallback` alone where it is missing or
 * empty. NULL without memory. */
static const char **string_array(json_object *array, const char *fallback) {
        size_t count = array ? json_object_array_length(array) : 0;
        const char **strings = calloc(count + 2, sizeof(*strings));

        if (strings)
                strings[0] = fallback;
        for (size_t i = 0; strings && i < count; i++)
                strings[i] = json_object_get_string(json_object_array_get_idx(array, i));
        return strings;
}

/* Runs the hook with what the specification is, and takes what it writes. */
static int run_precreate(const Bundle *bundle, json_object *hook, json_object *spec, Diagnostics *diagnostics,
                         char **ret_output, size_t *ret_size) {
        const char *program = json_object_get_string(json_object_object_get(hook, "path"));
        const char *input = json_object_to_json_string_ext(spec,
                                                           JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
        _cleanup_free_ const char **argv = string_array(json_object_object_get(hook, "args"), program);
        _cleanup_free_ const char **environment = string_array(json_object_object_get(hook, "env"),
                                                               DEFAULT_ENVIRONMENT);
        json_object *timeout;
        int64_t timeout_sec = json_object_object_get_ex(hook, "timeout", &timeout) ? json_object_get_int64(timeout)
                                                                                   : DEFAULT_TIMEOUT_SEC;
        const Location where = { .file = program };
        int r;

        if (!input || !argv || !environment)
                return -ENOMEM;
        r = process_filter(&(ProcessFilter) { .path = program,
                                              .argv = argv,
                                              .environment = (char *const *) environment,
                                              .directory = bundle->path,
                                              .input = input,
                                              .input_size = strlen(input),
                                              .timeout_usec = (uint64_t) timeout_sec * USEC_PER_SEC,
                                              .output_max = SPEC_MAX },
                           ret_output, ret_size);
        if (r == 0 || r == -ENOMEM)
                return r;
        if (r == -ETIMEDOUT)
                return diagnose_error(diagnostics, &where, "the precreate hook did not end within %lld seconds",
                                      (long long) timeout_sec);
        if (r < 0)
                return diagnose_error(diagnostics, &where, "the precreate hook: %s", strerror(-r));
        return diagnose_error(diagnostics, &where,
                              r > 128 ? "the precreate hook was ended by signal %d"
                                      : "the precreate hook failed with exit status %d",
                              r > 128 ? r - 128 : r);
}

static int alter(const Bundle *bundle, json_object *hook, json_object **spec, Diagnostics *diagnostics) {
        const char *program = json_object_get_string(json_object_object_get(hook, "path"));
        _cleanup_json_object_ json_object *altered = NULL;
        _cleanup_free_ char *output = NULL;
        size_t size = 0;
        int r;

        r = run_precreate(bundle, hook, *spec, diagnostics, &output, &size);
        if (r < 0)
                return r;
        r = json_parse(output, size, program, diagnostics, &altered);
        if (r < 0)
                return r;
        if (!json_object_is_type(altered, json_type_object))
                return diagnose_error(diagnostics, &(Location) { .file = program },
                                      "what the precreate hook wrote is no JSON object");
        json_object_put(*spec);
        *spec = TAKE_PTR(altered);
        return 0;
}

int hooks_run_precreate(const Bundle *bundle, json_object **spec, Diagnostics *diagnostics) {
        _cleanup_json_object_ json_object *hooks = hooks_take_precreate(*spec);
        int r = 0;

        for (size_t i = 0; hooks && i < json_object_array_length(hooks) && r >= 0; i++)
                r = alter(bundle, json_object_array_get_idx(hooks, i), spec, diagnostics);
        return r;
}
