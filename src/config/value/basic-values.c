/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Value parsers: strings, words, booleans, numbers, choices, paths and names. */
#include "config/value/value-internal.h"

#include <ctype.h>
#include <errno.h>

#include "basic/numbers.h"
#include "basic/path.h"
#include "basic/text.h"

int parse_tristate(const ValueContext *context, const Key *key, const Entry *entry, void *field) {
        TriState *tristate = field;
        bool yes;
        int r = parse_bool(context, key, entry, &yes);

        if (r >= 0)
                *tristate = yes ? YES : NO;
        return r;
}

/* Puts the owned `text` into a string field. */
static int set_string(char **field, char *text) {
        free(*field);
        *field = text;
        return 0;
}

int parse_string(const ValueContext *context, _unused_ const Key *key, const Entry *entry, void *field) {
        char *text;
        int r = value_text(context, entry, &text);

        return r < 0 ? r : set_string(field, text);
}

int parse_path(const ValueContext *context, const Key *key, const Entry *entry, void *field) {
        _cleanup_free_ char *text = NULL, *what = text_format("\"%s\"", key->name);
        Location where = entry_location(entry, 0);
        char *path;
        int r;

        if (!what)
                return -ENOMEM;
        r = value_text(context, entry, &text);
        if (r < 0)
                return r;
        r = value_path(context, &where, what, text, &path);
        return r < 0 ? r : set_string(field, path);
}

int parse_container_path(const ValueContext *context, const Key *key, const Entry *entry, void *field) {
        return parse_path(context, key, entry, field);
}

static int add_path(const ValueContext *context, const Key *key, const char *word, const Location *where, void *list) {
        _cleanup_free_ char *what = text_format("\"%s\"", key->name);
        char *path;
        int r;

        if (!what)
                return -ENOMEM;
        r = value_path(context, where, what, word, &path);
        return r < 0 ? r : string_list_take(list, path);
}

int parse_paths(const ValueContext *context, const Key *key, const Entry *entry, void *field) {
        return value_each_word(context, key, entry, add_path, field);
}

/* "/proc/kcore:/sys/firmware" */
static int add_path_patterns(const ValueContext *context, const Key *key, const char *word, const Location *where,
                             void *list) {
        _cleanup_string_list_ StringList patterns = {};
        int r;

        r = value_split(word, ':', SIZE_MAX, &patterns);
        for (size_t i = 0; i < patterns.count && r >= 0; i++)
                if (strcasecmp(patterns.items[i], "ALL") == 0 && streq(key->name, "Unmask"))
                        r = string_list_add(list, "ALL");
                else
                        r = add_path(context, key, patterns.items[i], where, list);
        return r;
}

int parse_path_patterns(const ValueContext *context, const Key *key, const Entry *entry, void *field) {
        return value_each_word(context, key, entry, add_path_patterns, field);
}

int parse_words(const ValueContext *context, const Key *key, const Entry *entry, void *field) {
        return value_each_word(context, key, entry, value_add_word, field);
}

static int add_name(const ValueContext *context, const Key *key, const char *word, const Location *where,
                    void *list) {
        if (strchr(word, '='))
                return value_refuse(context, key, where, "names of variables", word);
        return string_list_add(list, word);
}

int parse_names(const ValueContext *context, const Key *key, const Entry *entry, void *field) {
        return value_each_word(context, key, entry, add_name, field);
}

int parse_unsigned(const ValueContext *context, const Key *key, const Entry *entry, void *field) {
        _cleanup_free_ char *text = NULL;
        Location where = entry_location(entry, 0);
        int r;

        r = value_text(context, entry, &text);
        if (r < 0)
                return r;
        return value_checked(text_to_unsigned(text, INT64_MAX, field), context, key, &where, "a number", text);
}

int parse_limit(const ValueContext *context, const Key *key, const Entry *entry, void *field) {
        _cleanup_free_ char *text = NULL;
        Location where = entry_location(entry, 0);
        int64_t *limit = field;
        uint64_t number = 0;
        int r;

        r = value_text(context, entry, &text);
        if (r < 0)
                return r;
        if (!streq(text, "-1") && !streq(text, "unlimited")) {
                r = value_checked(text_to_unsigned(text, INT64_MAX, &number), context, key, &where,
                                  "a number, -1 or unlimited", text);
                if (r < 0)
                        return r;
        }
        *limit = number > 0 ? (int64_t) number : -1;
        return 0;
}

int parse_oom_score(const ValueContext *context, const Key *key, const Entry *entry, void *field) {
        _cleanup_free_ char *text = NULL;
        Location where = entry_location(entry, 0);
        const char *digits;
        uint64_t number;
        int *score = field, r;

        r = value_text(context, entry, &text);
        if (r < 0)
                return r;
        digits = text + (text[0] == '-' || text[0] == '+');
        if (text_to_unsigned(digits, 1000, &number) < 0)
                return value_refuse(context, key, &where, "a number from -1000 to 1000", text);
        *score = text[0] == '-' ? -(int) number : (int) number;
        return 0;
}

#define DEFINE_CHOICE(type, ctype, ...)                                                                                \
        int parse_##type(const ValueContext *context, const Key *key, const Entry *entry, void *field) {               \
                static const ValueName names[] = { __VA_ARGS__, {} };                                                  \
                _cleanup_free_ char *text = NULL;                                                                      \
                Location where = entry_location(entry, 0);                                                             \
                ctype *choice = field;                                                                                 \
                int chosen, r;                                                                                         \
                                                                                                                       \
                r = value_text(context, entry, &text);                                                                 \
                if (r < 0)                                                                                             \
                        return r;                                                                                      \
                r = value_choose(context, key, &where, text, names, &chosen);                                          \
                if (r < 0)                                                                                             \
                        return r;                                                                                      \
                *choice = (ctype) chosen;                                                                              \
                return 0;                                                                                              \
        }

/* podman(1) knows further spellings of some of them. */
DEFINE_CHOICE(cgroups_mode, CgroupsMode, { "split", CGROUPS_SPLIT }, { "enabled", CGROUPS_ENABLED },
              { "disabled", CGROUPS_DISABLED }, { "no-conmon", CGROUPS_NO_CONMON })
DEFINE_CHOICE(image_volumes, ImageVolumes, { "anonymous", IMAGE_VOLUMES_ANONYMOUS },
              { "bind", IMAGE_VOLUMES_ANONYMOUS }, { "tmpfs", IMAGE_VOLUMES_TMPFS }, { "ignore", IMAGE_VOLUMES_IGNORE })
DEFINE_CHOICE(health_action, HealthAction, { "none", HEALTH_ACTION_NONE }, { "kill", HEALTH_ACTION_KILL },
              { "restart", HEALTH_ACTION_RESTART }, { "stop", HEALTH_ACTION_STOP })
DEFINE_CHOICE(auto_update, AutoUpdate, { "registry", AUTO_UPDATE_REGISTRY }, { "local", AUTO_UPDATE_LOCAL },
              { "disabled", AUTO_UPDATE_NO }, { "image", AUTO_UPDATE_REGISTRY })
DEFINE_CHOICE(exit_policy, ExitPolicy, { "stop", EXIT_POLICY_STOP }, { "continue", EXIT_POLICY_CONTINUE })

/* In any case, for podman. */
int parse_pull_policy(const ValueContext *context, const Key *key, const Entry *entry, void *field) {
        static const ValueName names[] = {
                { "always", PULL_ALWAYS },       { "missing", PULL_MISSING },   { "never", PULL_NEVER },
                { "newer", PULL_NEWER },         { "ifmissing", PULL_MISSING }, { "ifnotpresent", PULL_MISSING },
                { "ifnewer", PULL_NEWER },       {},
        };
        Location where = entry_location(entry, 0);
        _cleanup_free_ char *text = NULL;
        PullPolicy *policy = field;
        int chosen, r;

        r = value_text(context, entry, &text);
        if (r < 0)
                return r;
        for (char *p = text; *p; p++)
                *p = (char) tolower((unsigned char) *p);
        r = value_choose(context, key, &where, text, names, &chosen);
        if (r >= 0)
                *policy = (PullPolicy) chosen;
        return r;
}

/* A boolean, or one word beside: `word` gives `value`. */
static int parse_bool_or(const ValueContext *context, const Key *key, const Entry *entry, const char *word,
                         const char *what, int values[3], int *ret) {
        _cleanup_free_ char *text = NULL;
        Location where = entry_location(entry, 0);
        bool yes;
        int r;

        r = value_text(context, entry, &text);
        if (r < 0)
                return r;
        if (strcasecmp(text, word) == 0)
                *ret = values[2];
        else if (text_to_bool(text, &yes) >= 0)
                *ret = values[yes];
        else
                return value_refuse(context, key, &where, what, text);
        return 0;
}

int parse_systemd_mode(const ValueContext *context, const Key *key, const Entry *entry, void *field) {
        SystemdMode *mode = field;
        int chosen, r;

        r = parse_bool_or(context, key, entry, "always", "a boolean or always",
                          (int[]) { SYSTEMD_NO, SYSTEMD_AUTO, SYSTEMD_ALWAYS }, &chosen);
        if (r >= 0)
                *mode = (SystemdMode) chosen;
        return r;
}

int parse_notify(const ValueContext *context, const Key *key, const Entry *entry, void *field) {
        NotifyMode *mode = field;
        int chosen, r;

        r = parse_bool_or(context, key, entry, "healthy", "a boolean or healthy",
                          (int[]) { NOTIFY_NO, NOTIFY_YES, NOTIFY_HEALTHY }, &chosen);
        if (r >= 0)
                *mode = (NotifyMode) chosen;
        return r;
}

int parse_host_name(const ValueContext *context, const Key *key, const Entry *entry, void *field) {
        enum { LONGEST = 64 }; /* sethostname(2) */
        Location where = entry_location(entry, 0);
        _cleanup_free_ char *text = NULL;
        size_t n;
        int r;

        r = value_text(context, entry, &text);
        if (r < 0)
                return r;
        n = strlen(text);
        if (n > LONGEST || !value_name_is_valid(text) || strstr(text, "..") || text[n - 1] == '.' || text[n - 1] == '-')
                return value_refuse(context, key, &where, "a host name", text);
        return set_string(field, TAKE_PTR(text));
}

int parse_name(const ValueContext *context, const Key *key, const Entry *entry, void *field) {
        Location where = entry_location(entry, 0);
        _cleanup_free_ char *text = NULL;
        int r;

        r = value_text(context, entry, &text);
        if (r < 0)
                return r;
        if (!value_name_is_valid(text))
                return value_refuse(context, key, &where, "a name of letters, digits, \"_\", \".\" and \"-\"", text);
        return set_string(field, TAKE_PTR(text));
}

int parse_service_name(const ValueContext *context, const Key *key, const Entry *entry, void *field) {
        enum { LONGEST = 255 - 8 }; /* systemd's UNIT_NAME_MAX, ".service" left out */
        static const char valid[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:-_.\\@";
        Location where = entry_location(entry, 0);
        _cleanup_free_ char *text = NULL;
        const char *suffix;
        size_t n;
        int r;

        r = value_text(context, entry, &text);
        if (r < 0)
                return r;
        suffix = endswith(text, ".service");
        n = suffix ? (size_t) (suffix - text) : strlen(text);
        if (n == 0 || text[0] == '@' || n > LONGEST || strspn(text, valid) < n)
                return value_refuse(context, key, &where, "a unit's name", text);
        text[n] = '\0';
        return set_string(field, TAKE_PTR(text));
}

/* One of `words` (NULL-terminated), or an absolute path; `wanted` says so in a message. */
static int parse_word_or_path(const ValueContext *context, const Key *key, const Entry *entry,
                              const char *const words[], const char *wanted, void *field) {
        Location where = entry_location(entry, 0);
        _cleanup_free_ char *text = NULL;
        int r;

        r = value_text(context, entry, &text);
        if (r < 0)
                return r;
        if (text[0] == '/')
                return parse_path(context, key, entry, field);
        for (; *words; words++)
                if (streq(text, *words))
                        return set_string(field, TAKE_PTR(text));
        return value_refuse(context, key, &where, wanted, text);
}

int parse_runtime(const ValueContext *context, const Key *key, const Entry *entry, void *field) {
        static const char *const runtimes[] = { "crun", "runc", NULL };

        return parse_word_or_path(context, key, entry, runtimes, "crun, runc or an absolute path", field);
}

int parse_seccomp_profile(const ValueContext *context, const Key *key, const Entry *entry, void *field) {
        static const char *const words[] = { "unconfined", NULL };

        return parse_word_or_path(context, key, entry, words, "unconfined or an absolute path", field);
}

int parse_log_driver(const ValueContext *context, const Key *key, const Entry *entry, void *field) {
        static const ValueName names[] = {
                { "journald", 0 },
                { "none", 1 },
                { "passthrough", 2 },
                { "passthrough-tty", 3 },
                { "k8s-file", 4 },
                { "json-file", 5 },
                {},
        };
        Location where = entry_location(entry, 0);
        _cleanup_free_ char *text = NULL;
        int chosen, r;

        r = value_text(context, entry, &text);
        if (r < 0)
                return r;
        r = value_choose(context, key, &where, text, names, &chosen);
        return r < 0 ? r : set_string(field, TAKE_PTR(text));
}

/* LogOpt= */

/* Whether a line of a unit can end with `text`: a backslash there would join it with the next. */
static bool can_end_line(const char *text) { return *text && !text_has_control(text) && !endswith(text, "\\"); }

/* Of podman's options only the tag, the identifier of the lines, has a counterpart in a unit. */
static int add_log_option(const ValueContext *context, const Key *key, const char *word, const Location *where,
                          void *list) {
        size_t n = strcspn(word, "=");
        const char *tag = startswith(word, "tag=");

        if (n == 0 || !word[n])
                return value_refuse(context, key, where, "options NAME=VALUE", word);
        if (tag && !can_end_line(tag))
                return diagnose_error(context->diagnostics, where,
                                      "a tag must be printable and not end in a backslash, unlike \"%s\"", tag);
        if (tag && strstr(tag, "{{"))
                return diagnose_error(context->diagnostics, where,
                                      "podman's templates in \"%s\" are not known here; use specifiers such as %%p",
                                      word);
        if (tag)
                return string_list_assign(list, word);
        if (startswith(word, "path="))
                diagnose_warning(context->diagnostics, where,
                                 "\"%s\" has no effect; use StandardOutput=append:%s in [Service]", word, word + n + 1);
        else if (startswith(word, "max-size="))
                diagnose_warning(context->diagnostics, where,
                                 "\"%s\" has no effect: the output is in the journal, which journald.conf limits",
                                 word);
        else
                diagnose_warning(context->diagnostics, where,
                                 "\"%s\" has no effect: of the options of log drivers, tag= has one", word);
        return 0;
}

int parse_log_options(const ValueContext *context, const Key *key, const Entry *entry, void *field) {
        return value_each_word(context, key, entry, add_log_option, field);
}

void done_string(void *field) {
        char **string = field;

        *string = x_free(*string);
}

void done_list(void *field) {
        string_list_done(field);
}

/* "Europe/Berlin", "Etc/GMT+1": a path below /usr/share/zoneinfo that does not lead out of it. */
int parse_time_zone(const ValueContext *context, const Key *key, const Entry *entry, void *field) {
        _cleanup_free_ char *text = NULL, *anchored = NULL, *normalized = NULL;
        Location where = entry_location(entry, 0);
        int r;

        r = value_text(context, entry, &text);
        if (r < 0)
                return r;
        anchored = text_format("/%s", text);
        if (!anchored)
                return -ENOMEM;
        r = path_normalize(anchored, &normalized);
        if (r == -ENOMEM)
                return r;
        if (r < 0 || !text[0] || !streq(anchored, normalized))
                return value_refuse(context, key, &where, "a time zone such as Europe/Berlin, or local", text);
        return set_string(field, TAKE_PTR(text));
}
