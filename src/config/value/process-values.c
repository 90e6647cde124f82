/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Value parsers: environment, limits, kernel parameters, capabilities and secrets. */
#include "config/value/value-internal.h"

#include <errno.h>

#include "basic/numbers.h"
#include "basic/words.h"

/* Environment=, Label=, Annotation=, Sysctl= */

/* A later assignment takes the place of an earlier one of its name. Among very many that is not
 * looked for each time, and keys_parse_section() settles it in the end. */
static int assign(StringList *list, const char *assignment) {
        enum { LOOKED_THROUGH = 1000 };

        return list->count < LOOKED_THROUGH ? string_list_assign(list, assignment) : string_list_add(list, assignment);
}

/* podman takes a bare name in Environment= from its own environment, which is the service's. Most
 * often such a word is the rest of a value that should have been quoted. */
typedef struct Assignments {
        StringList *list;
        bool after_hash; /* a comment was meant, and was told of as a whole */
} Assignments;

static int add_passed_on(const ValueContext *context, const char *name, const Location *where, Assignments *to) {
        const char *value = context->variables ? variables_find(context->variables, name) : NULL;
        _cleanup_free_ char *assignment = value ? text_format("%s=%s", name, value) : NULL;

        if (name[0] == '#' && !to->after_hash) {
                diagnose_warning(context->diagnostics, where,
                                 "no comment begins within a line: \"%s\" and what follows are taken for variables; "
                                 "move it to a line of its own, before this one",
                                 name);
                to->after_hash = true;
        } else if (!to->after_hash)
                diagnose_warning(context->diagnostics, where,
                                 "\"%s\" has no \"=\", and is passed on from the service's environment if it is there; "
                                 "an assignment with white space is written \"NAME=VALUE…\"",
                                 name);
        if (!value)
                return 0;
        return assignment ? assign(to->list, assignment) : -ENOMEM;
}

/* Whether `assignment` is rather a part of a value that should have been quoted. Dots, dashes and
 * more are in use within names: "discovery.type=single-node". */
static bool is_hardly_meant(const char *assignment) {
        size_t n = strcspn(assignment, "=");

        return assignment[0] == '-' || strcspn(assignment, " \t\"'/\\,;()[]{}") < n;
}

static int add_assignment(const ValueContext *context, const Key *key, const char *word, const Location *where,
                          void *field) {
        /* A label may go without a value. */
        Assignments *to = field;
        bool environment = streq(key->name, "Environment"), bare = environment || streq(key->name, "Label");

        if (word[0] == '\0' || word[0] == '=' || (!bare && !strchr(word, '=')))
                return value_refuse(context, key, where, "assignments NAME=VALUE", word);
        if (environment && !strchr(word, '='))
                return add_passed_on(context, word, where, to);
        if (environment && !to->after_hash && is_hardly_meant(word))
                diagnose_warning(context->diagnostics, where,
                                 "\"%.*s\" is hardly meant as the name of a variable; an assignment with white space "
                                 "is written \"NAME=VALUE…\"",
                                 (int) strcspn(word, "="), word);
        return assign(to->list, word);
}

int parse_assignments(const ValueContext *context, const Key *key, const Entry *entry, void *field) {
        return value_each_word(context, key, entry, add_assignment, &(Assignments) { .list = field });
}

bool value_sysctl_is_namespaced(const char *name) {
        static const char *const ipc[] = {
                "kernel.msgmax", "kernel.msgmnb", "kernel.msgmni", "kernel.sem",
                "kernel.shmall", "kernel.shmmax", "kernel.shmmni", "kernel.shm_rmid_forced",
        };

        for (size_t i = 0; i < ARRAY_SIZE(ipc); i++)
                if (streq(name, ipc[i]))
                        return true;
        return startswith(name, "net.") || startswith(name, "fs.mqueue.") || streq(name, "kernel.domainname");
}

static int add_sysctl(const ValueContext *context, const Key *key, const char *word, const Location *where,
                      void *list) {
        _cleanup_free_ char *assignment = strdup(word);
        size_t n = strcspn(word, "=");
        bool slashes = word[strcspn(word, "./=")] == '/';

        if (!assignment)
                return -ENOMEM;
        if (n == 0 || !word[n])
                return value_refuse(context, key, where, "assignments NAME=VALUE", word);
        /* As sysctl.d(5): when the first separator is a slash, slashes separate and dots are part
         * of names. */
        for (size_t i = 0; slashes && i < n; i++)
                if (assignment[i] == '/')
                        assignment[i] = '.';
                else if (assignment[i] == '.')
                        assignment[i] = '/';
        assignment[n] = '\0';
        if (!value_sysctl_is_namespaced(assignment))
                return diagnose_error(context->diagnostics, where,
                                      "\"%s\" belongs to no namespace of a container: it would be the host's",
                                      assignment);
        assignment[n] = '=';
        return assign(list, assignment);
}

int parse_sysctls(const ValueContext *context, const Key *key, const Entry *entry, void *field) {
        return value_each_word(context, key, entry, add_sysctl, field);
}

/* EnvironmentFile= */

static void environment_file_done(EnvironmentFile *file) {
        free(file->path);
}

DEFINE_LIST_DONE(environment_files, environment_file_done)

static int add_environment_file(const ValueContext *context, _unused_ const Key *key, const char *word,
                                const Location *where, void *field) {
        _cleanup_(environment_file_done) EnvironmentFile file = { .optional = word[0] == '-', .where = *where };
        EnvironmentFileList *list = field;
        int r;

        r = value_relative_path(context, where, "an environment file", word + file.optional, &file.path);
        return r < 0 ? r : LIST_TAKE(list, file);
}

int parse_environment_files(const ValueContext *context, const Key *key, const Entry *entry, void *field) {
        return value_each_word(context, key, entry, add_environment_file, field);
}

/* Ulimit= */

static void ulimit_done(Ulimit *ulimit) {
        free(ulimit->name);
}

void done_ulimits(void *field) {
        UlimitList *list = field;

        for (size_t i = 0; i < list->count; i++)
                ulimit_done(&list->items[i]);
        free(list->items);
        *list = (UlimitList) {};
}

static bool ulimit_value(const char *text, uint64_t *ret) {
        if (streq(text, "-1") || streq(text, "unlimited") || streq(text, "infinity")) {
                *ret = UINT64_MAX;
                return true;
        }
        return text_to_unsigned(text, INT64_MAX, ret) >= 0;
}

/* "RLIMIT_NOFILE" for "nofile", "NOFILE" or "RLIMIT_NOFILE"; NULL when there is no such limit.
 * Static. */
static const char *ulimit_name(const char *text, const char **ret_meant) {
        static const char *const names[] = {
                "RLIMIT_AS",     "RLIMIT_CORE",       "RLIMIT_CPU",  "RLIMIT_DATA",   "RLIMIT_FSIZE", "RLIMIT_LOCKS",
                "RLIMIT_MEMLOCK", "RLIMIT_MSGQUEUE",  "RLIMIT_NICE", "RLIMIT_NOFILE", "RLIMIT_NPROC", "RLIMIT_RSS",
                "RLIMIT_RTPRIO", "RLIMIT_RTTIME",     "RLIMIT_SIGPENDING", "RLIMIT_STACK",
        };
        enum { PREFIX = sizeof("RLIMIT_") - 1 };
        Nearest nearest = {};

        if (strncasecmp(text, "RLIMIT_", PREFIX) == 0)
                text += PREFIX;
        nearest.wanted = text;
        for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
                if (strcasecmp(names[i] + PREFIX, text) == 0)
                        return names[i];
                nearest_consider(&nearest, names[i] + PREFIX);
        }
        *ret_meant = nearest.name;
        return NULL;
}

static int append_ulimit(UlimitList *list, const char *name, uint64_t soft, uint64_t hard) {
        _cleanup_(ulimit_done) Ulimit ulimit = { .soft = soft, .hard = hard };
        int r;

        for (size_t i = 0; i < list->count; i++)
                if (streq(list->items[i].name, name)) {
                        list->items[i].soft = soft;
                        list->items[i].hard = hard;
                        return 0;
                }
        r = value_replace(&ulimit.name, name);
        return r < 0 ? r : LIST_TAKE(list, ulimit);
}

static int add_ulimit(const ValueContext *context, const Key *key, const char *word, const Location *where,
                      void *field) {
        _cleanup_string_list_ StringList sides = {}, limits = {};
        const char *name, *meant = NULL;
        UlimitList *list = field;
        uint64_t soft, hard;
        int r;

        if (streq(word, "host")) {
                list->host = true;
                return 0;
        }
        r = value_split(word, '=', 2, &sides);
        if (r < 0)
                return r;
        if (sides.count < 2)
                return value_refuse(context, key, where, "NAME=SOFT[:HARD] or host", word);
        name = ulimit_name(sides.items[0], &meant);
        if (!name)
                return value_unknown(context, where, "resource limit", sides.items[0], meant);
        r = value_split(sides.items[1], ':', SIZE_MAX, &limits);
        if (r < 0)
                return r;
        if (limits.count > 2 || !ulimit_value(limits.items[0], &soft) ||
            !ulimit_value(limits.items[limits.count - 1], &hard))
                return value_refuse(context, key, where, "NAME=SOFT[:HARD] with numbers or -1", word);
        if (soft > hard)
                return diagnose_error(context->diagnostics, where, "the soft limit in \"%s\" is above the hard limit",
                                      word);
        return append_ulimit(list, name, soft, hard);
}

int parse_ulimits(const ValueContext *context, const Key *key, const Entry *entry, void *field) {
        return value_each_word(context, key, entry, add_ulimit, field);
}

/* AddCapability=, DropCapability= */

const char *const *capability_names(size_t *ret) {
        static const char *const names[] = {
                "CAP_CHOWN",            "CAP_DAC_OVERRIDE",    "CAP_DAC_READ_SEARCH", "CAP_FOWNER",
                "CAP_FSETID",           "CAP_KILL",            "CAP_SETGID",          "CAP_SETUID",
                "CAP_SETPCAP",          "CAP_LINUX_IMMUTABLE", "CAP_NET_BIND_SERVICE", "CAP_NET_BROADCAST",
                "CAP_NET_ADMIN",        "CAP_NET_RAW",         "CAP_IPC_LOCK",        "CAP_IPC_OWNER",
                "CAP_SYS_MODULE",       "CAP_SYS_RAWIO",       "CAP_SYS_CHROOT",      "CAP_SYS_PTRACE",
                "CAP_SYS_PACCT",        "CAP_SYS_ADMIN",       "CAP_SYS_BOOT",        "CAP_SYS_NICE",
                "CAP_SYS_RESOURCE",     "CAP_SYS_TIME",        "CAP_SYS_TTY_CONFIG",  "CAP_MKNOD",
                "CAP_LEASE",            "CAP_AUDIT_WRITE",     "CAP_AUDIT_CONTROL",   "CAP_SETFCAP",
                "CAP_MAC_OVERRIDE",     "CAP_MAC_ADMIN",       "CAP_SYSLOG",          "CAP_WAKE_ALARM",
                "CAP_BLOCK_SUSPEND",    "CAP_AUDIT_READ",      "CAP_PERFMON",         "CAP_BPF",
                "CAP_CHECKPOINT_RESTORE",
        };

        *ret = ARRAY_SIZE(names);
        return names;
}

static int add_capability(const ValueContext *context, const char *text, const Location *where, StringList *list) {
        Nearest nearest = { .wanted = text };
        const char *const *names;
        bool prefixed = strncasecmp(text, "CAP_", 4) == 0;
        size_t count;

        if (strcasecmp(text, "all") == 0)
                return string_list_add(list, "all");
        names = capability_names(&count);
        for (size_t i = 0; i < count; i++) {
                const char *name = names[i] + (prefixed ? 0 : 4);

                if (strcasecmp(name, text) == 0)
                        return string_list_contains(list, names[i]) ? 0 : string_list_add(list, names[i]);
                nearest_consider(&nearest, name);
        }
        return value_unknown(context, where, "capability", text, nearest.name);
}

/* Podman takes several with commas between, too. */
static int add_capabilities(const ValueContext *context, _unused_ const Key *key, const char *word,
                            const Location *where, void *list) {
        _cleanup_string_list_ StringList names = {};
        int r;

        r = value_split(word, ',', SIZE_MAX, &names);
        for (size_t i = 0; i < names.count && r >= 0; i++)
                r = add_capability(context, names.items[i], where, list);
        return r;
}

int parse_capabilities(const ValueContext *context, const Key *key, const Entry *entry, void *field) {
        return value_each_word(context, key, entry, add_capabilities, field);
}

/* Secret= */

/* What follows the name of a secret in that of its file where it is encrypted. */
#define ENCRYPTED_ENDING ".cred"

enum { SECRET_NAME_MAX = 240 }; /* with the ending still a file's name */

static void secret_done(Secret *secret) {
        free(secret->name);
        free(secret->target);
}

DEFINE_LIST_DONE(secrets, secret_done)

static int secret_option(const ValueContext *context, const char *option, Secret *secret) {
        const char *value;
        uint64_t id;
        mode_t mode;

        if (streq(option, "type=mount") || streq(option, "type=env")) {
                secret->environment = streq(option, "type=env");
                return 0;
        }
        value = startswith(option, "target=");
        if (value && *value)
                return value_replace(&secret->target, value);
        if ((value = startswith(option, "uid=")) && text_to_unsigned(value, UINT32_MAX - 1, &id) >= 0) {
                secret->uid = (int64_t) id;
                return 0;
        }
        if ((value = startswith(option, "gid=")) && text_to_unsigned(value, UINT32_MAX - 1, &id) >= 0) {
                secret->gid = (int64_t) id;
                return 0;
        }
        if ((value = startswith(option, "mode=")) && text_to_mode(value, &mode) >= 0) {
                secret->mode = (int64_t) mode;
                return 0;
        }
        return diagnose_error(context->diagnostics, &secret->where,
                        "\"%s\" is no option of a secret: type=mount|env, target=, uid=, gid= and mode= are", option);
}

/* A variable's name, or a path in the container. */
static int set_secret_target(const ValueContext *context, Secret *secret) {
        _cleanup_free_ char *target = secret->target, *path = NULL;
        const char *given = target ? target : secret->name;
        int r = 0;

        secret->target = NULL;
        if (!secret->environment) {
                path = given[0] == '/' ? strdup(given) : text_format("/run/secrets/%s", given);
                return path ? value_path(context, &secret->where, "the target of a secret", path, &secret->target)
                            : -ENOMEM;
        }
        for (const char *p = given; *p && r == 0; p++)
                if (*p == '=' || (unsigned char) *p < ' ')
                        r = diagnose_error(context->diagnostics, &secret->where,
                                           "\"%s\" cannot be the name of an environment variable", given);
        return r < 0 ? r : value_replace(&secret->target, given);
}

/* "source=NAME", wherever it stands, says what otherwise comes first. */
static void take_secret_source(StringList *parts) {
        for (size_t i = 0; i < parts->count; i++) {
                const char *name = startswith(parts->items[i], "source=");
                char *part = parts->items[i];

                if (!name || (i > 0 && !strchr(parts->items[0], '=')))
                        continue;
                memmove(part, name, strlen(name) + 1);
                memmove(parts->items + 1, parts->items, i * sizeof(*parts->items));
                parts->items[0] = part;
                return;
        }
}

/* The file of one whose name had the ending would be another one's, encrypted. */
static int check_secret_name(const ValueContext *context, const char *name, const Location *where) {
        const char *ending = endswith(name, ENCRYPTED_ENDING);

        if (!ending)
                return 0;
        return diagnose_error(context->diagnostics, where,
                              "the name of a secret cannot end in " ENCRYPTED_ENDING ": the file %s is the secret "
                              "\"%.*s\", encrypted",
                              name, (int) (ending - name), name);
}

static int add_secret(const ValueContext *context, const Key *key, const char *word, const Location *where,
                      void *field) {
        _cleanup_(secret_done) Secret secret = { .uid = -1, .gid = -1, .mode = -1, .where = *where };
        _cleanup_string_list_ StringList parts = {};
        SecretList *list = field;
        int r;

        r = value_split(word, ',', SIZE_MAX, &parts);
        if (r < 0)
                return r;
        take_secret_source(&parts);
        /* As podman has it, and systemd takes it. */
        if (!value_name_is_valid(parts.items[0]) || strlen(parts.items[0]) > SECRET_NAME_MAX)
                return value_refuse(context, key, where, "NAME[,OPTION=VALUE…]", word);
        r = check_secret_name(context, parts.items[0], where);
        if (r >= 0)
                r = value_replace(&secret.name, parts.items[0]);
        for (size_t i = 1; i < parts.count && r >= 0; i++)
                r = secret_option(context, parts.items[i], &secret);
        if (r < 0)
                return r;
        if (secret.environment && (secret.uid >= 0 || secret.gid >= 0 || secret.mode >= 0))
                return diagnose_error(context->diagnostics, where,
                                      "uid=, gid= and mode= are not for secrets of type=env");
        r = set_secret_target(context, &secret);
        return r < 0 ? r : LIST_TAKE(list, secret);
}

int parse_secrets(const ValueContext *context, const Key *key, const Entry *entry, void *field) {
        return value_each_word(context, key, entry, add_secret, field);
}
