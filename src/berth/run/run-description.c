/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A .container file made of options. */
#include "berth/run/run-description.h"

#include <errno.h>
#include <unistd.h>

#include "basic/log.h"
#include "basic/path.h"
#include "basic/words.h"
#include "berth/command/image-argument.h"
#include "berth/run/run-options.h"
#include "config/podman-arguments.h"
#include "kind/load.h"

/* What means something in a file, and nothing on a command line. */
static char *escape(const char *value) {
        _cleanup_text_ Text text = {};
        char *result = NULL;

        for (; *value; value++) {
                if (*value == '%' || *value == '$')
                        text_append_char(&text, *value);
                text_append_char(&text, *value);
        }
        return text_take(&text, &result) < 0 ? NULL : result;
}

/* Relative paths are those of whoever typed them: a file's are its own directory's. Of -v only what
 * holds a slash, or is "." or "..", is a path. */
static char *make_absolute(const char *path) {
        _cleanup_free_ char *here = *path == '/' ? NULL : getcwd(NULL, 0);

        if (*path == '/')
                return strdup(path);
        while (startswith(path, "./"))
                path += 2;
        return here ? path_join(here, path) : NULL;
}

static bool source_is_path(const char *source, size_t n) {
        return n > 0 && *source != '/' &&
               (memchr(source, '/', n) || (n == 1 && *source == '.') || (n == 2 && strncmp(source, "..", 2) == 0));
}

/* "type=bind,src=./x,dst=/x" */
static char *absolute_mount(const char *value) {
        bool binds = strstr(value, "type=bind");
        _cleanup_text_ Text text = {};
        char *result = NULL;

        for (size_t n; *value; value += n + (value[n] == ',')) {
                const char *source = startswith(value, "src=") ?: startswith(value, "source=");
                size_t before = source ? (size_t) (source - value) : 0;
                _cleanup_free_ char *path = NULL, *absolute = NULL;

                n = strcspn(value, ",");
                if (!binds || !source || !source_is_path(source, n - before)) {
                        text_append_n(&text, value, n + (value[n] == ','));
                        continue;
                }
                path = strndup(source, n - before);
                absolute = path ? make_absolute(path) : NULL;
                if (!absolute)
                        return NULL;
                text_append_n(&text, value, before);
                text_append(&text, absolute);
                text_append(&text, value[n] == ',' ? "," : "");
        }
        return text_take(&text, &result) < 0 ? NULL : result;
}

/* The value as a file is to have it. NULL when there is no memory; "" stands for nothing at all. */
static char *value_for_file(const char *name, const char *value) {
        const char *of_caller;

        if (streq(name, "env-file"))
                return make_absolute(value);
        if (streq(name, "volume") && source_is_path(value, strcspn(value, ":")))
                return make_absolute(value);
        if (streq(name, "mount"))
                return absolute_mount(value);
        /* A name alone has this command's value, if any. */
        if (streq(name, "env") && !strchr(value, '=') && !endswith(value, "*")) {
                of_caller = getenv(value);
                return of_caller ? text_format("%s=%s", value, of_caller) : strdup("");
        }
        return strdup(value);
}

static int translate_value(const Option *option, const char *value, UnitFile *unit, Diagnostics *diagnostics) {
        _cleanup_free_ char *name = text_format("--%s", option->name);
        _cleanup_free_ char *absolute = value_for_file(option->name, value);
        _cleanup_free_ char *escaped = absolute ? escape(absolute) : NULL;
        const char *instead = run_option_instead(option);
        bool is_switch = !option->argument || option_value_is_optional(option);

        if (!name || !escaped)
                return log_oom();
        if (instead) {
                log_error("There is no \"--%s\": %s", option->name, instead);
                return -EREPORTED;
        }
        if (streq(option->name, "env") && !*escaped)
                return 0;
        /* A switch that says nothing is on. */
        return podman_option_translate(unit, name, is_switch && !*value ? NULL : escaped, diagnostics);
}

static int report(const Diagnostics *diagnostics) {
        for (size_t i = 0; i < diagnostics->count; i++)
                if (diagnostics->items[i].severity == SEVERITY_ERROR)
                        log_error("%s", diagnostics->items[i].message);
        return diagnostics->errors > 0 ? -EREPORTED : 0;
}

static int translate(const Call *call, UnitFile *unit) {
        size_t name = run_option_find("name");
        int r = 0;

        for (size_t i = _RUN_OWN_COUNT; run_options[i].name && r >= 0; i++)
                for (size_t j = 0; i != name && j < call->lists[i].count && r >= 0; j++) {
                        _cleanup_diagnostics_ Diagnostics diagnostics = {};

                        r = translate_value(&run_options[i], call->lists[i].items[j], unit, &diagnostics);
                        if (r >= 0)
                                r = report(&diagnostics);
                }
        return r;
}

static bool is_overridden(const UnitFile *unit, size_t place) {
        const Entry *entry = &unit->entries[place];
        const Key *key = key_find(entry->section, entry->key);

        for (size_t i = place + 1; key && (key->flags & ONCE) && i < unit->count; i++)
                if (streq(unit->entries[i].key, entry->key) && streq(unit->entries[i].section, entry->section))
                        return true;
        return false;
}

/* In the order of the file. */
static const char *const sections[] = { "Unit", "Container", "Service" };

static void append_section(const UnitFile *unit, const char *section, Text *text) {
        bool first = true;

        for (size_t i = 0; i < unit->count; i++) {
                const Entry *entry = &unit->entries[i];

                if (!streq(entry->section, section) || is_overridden(unit, i))
                        continue;
                text_appendf(text, "%s%s%s%s", first && text->length > 0 ? "\n" : "", first ? "[" : "",
                             first ? section : "", first ? "]\n" : "");
                text_appendf(text, "%s=%s\n", entry->key, entry->value);
                first = false;
        }
}

/* A value that a line cannot hold, with a newline in it or a backslash at its end, would say
 * something else, and for all that anybody knows something dangerous. So it is read again. */
static int check_lines(const UnitFile *unit, const Text *text) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        _cleanup_unit_file_ UnitFile again = {};
        size_t j = 0;
        int r;

        r = unit_file_read(&again, text->data, text->length, "berth run", &diagnostics);
        if (r == -ENOMEM)
                return log_oom();
        for (size_t section = 0; section < ARRAY_SIZE(sections); section++)
                for (size_t i = 0; i < unit->count; i++) {
                        const Entry *entry = &unit->entries[i];

                        if (!streq(entry->section, sections[section]) || is_overridden(unit, i))
                                continue;
                        if (j < again.count && streq(entry->key, again.entries[j].key) &&
                            streq(entry->value, again.entries[j].value) && diagnostics.errors == 0) {
                                j++;
                                continue;
                        }
                        log_error("What becomes of %s= can be no value in a file: white space at its ends, control "
                                  "characters, or a backslash at its end",
                                  entry->key);
                        return -EREPORTED;
                }
        return j == again.count ? 0 : -EREPORTED;
}

static int add_command(char **command, UnitFile *unit) {
        _cleanup_text_ Text words = {};

        for (; *command; command++) {
                if (words.length > 0)
                        text_append_char(&words, ' ');
                word_append_quoted(&words, *command, true, true);
        }
        if (words.failed)
                return -ENOMEM;
        return words.length > 0 ? unit_file_add(unit, unit->entries[0].section, "Exec", words.data,
                                                &unit->entries[0].where)
                                : 0;
}

/* As berth exec has it. */
static int add_terminal_type(const Call *call, UnitFile *unit) {
        const StringList *variables = &call->lists[run_option_find("env")];

        for (size_t i = 0; i < variables->count; i++)
                if (startswith(variables->items[i], "TERM="))
                        return 0;
        return unit_file_add(unit, unit->entries[0].section, "Environment", "TERM=xterm", &unit->entries[0].where);
}

/* What is run; with --rootfs a directory. */
static int resolve(const Call *call, char **ret) {
        if (!call->values[RUN_ROOTFS])
                return image_argument_resolve(call->arguments[0], ret);
        *ret = make_absolute(call->arguments[0]);
        return *ret ? 0 : log_oom();
}

/* The first assignment, which was there before there was a value for it. */
static int set_image(const char *image, UnitFile *unit) {
        char *escaped = escape(image);

        if (!escaped)
                return log_oom();
        free(unit->entries[0].value);
        unit->entries[0].value = escaped;
        return 0;
}

static int make_assignments(const Call *call, char **ret_image, UnitFile *unit) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        const char *head = call->values[RUN_ROOTFS] ? "[Container]\nRootfs=x\n" : "[Container]\nImage=x\n";
        int r;

        r = unit_file_read(unit, head, strlen(head), "berth run", &diagnostics);
        if (r < 0)
                return log_oom();
        /* A failed one is forgotten as well. */
        if (call->values[RUN_RM])
                r = unit_file_add(unit, "Unit", "CollectMode", "inactive-or-failed", &unit->entries[0].where);
        if (r >= 0 && call->values[RUN_TTY])
                r = add_terminal_type(call, unit);
        if (r >= 0 && call->values[RUN_NO_HEALTHCHECK])
                r = unit_file_add(unit, unit->entries[0].section, "HealthCmd", "none", &unit->entries[0].where);
        if (r < 0)
                return log_oom();
        r = translate(call, unit);
        if (r >= 0)
                r = resolve(call, ret_image);
        if (r >= 0)
                r = set_image(*ret_image, unit);
        if (r < 0)
                return r;
        r = add_command(call->arguments + 1, unit);
        return r < 0 ? log_oom() : 0;
}

int run_describe(const Call *call, char **ret_image, Text *text) {
        _cleanup_unit_file_ UnitFile unit = {};
        _cleanup_free_ char *image = NULL;
        int r;

        r = make_assignments(call, &image, &unit);
        if (r < 0)
                return r;
        for (size_t i = 0; i < ARRAY_SIZE(sections); i++)
                append_section(&unit, sections[i], text);
        if (text->failed)
                return log_oom();
        r = check_lines(&unit, text);
        if (r >= 0)
                *ret_image = TAKE_PTR(image);
        return r;
}

int run_check(const char *path, const char *stem, const Text *text) {
        const SpecifierContext machine = { .scope = places_scope() };
        const Draft draft = { path, text->data, text->length };
        _cleanup_source_ Source source = { .type = FILE_CONTAINER, .draft = &draft, .named = true };
        _cleanup_container_ Container *container = NULL;
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        int r;

        source.path = strdup(path);
        source.stem = strdup(stem);
        if (!source.path || !source.stem)
                return log_oom();
        r = container_read(&source, &machine, &diagnostics, &container);
        log_diagnostics(&diagnostics);
        return r < 0 ? log_failure_errno(r, "Failed to check what becomes of the options: %m") : 0;
}
