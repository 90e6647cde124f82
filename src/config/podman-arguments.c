/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* PodmanArgs=: podman's own options, put into our words. */
#include "config/podman-arguments.h"

#include <errno.h>

#include "basic/words.h"
#include "config/keys.h"
#include "config/podman-limits.h"

typedef enum OptionKind {
        VALUE,      /* takes one value */
        VALUES,     /* and podman takes several with commas between */
        SWITCH,     /* takes none, or "=BOOL" */
        ENTRYPOINT, /* a value, and an empty one means something */
        SDNOTIFY,   /* a value that has other names here */
        SECURITY,   /* a value that is several options in one */
        VOLUME,     /* as well */
        GPUS,       /* names of devices by the container device interface, behind a prefix */
        LIMIT,      /* a value that becomes a setting of [Service]: podman-limits.h */
} OptionKind;

typedef struct Option {
        const char *section;
        const char *name; /* "--cap-add" */
        char letter;      /* of "-e", or 0 */
        OptionKind kind;
        const Key *key;        /* NULL when there is none in this section */
        const char *elsewhere; /* what to use then, or NULL */
        bool anyway;           /* nothing needs to be done for it */
} Option;

static const Option options[] = {
#define OPTION(section, name, letter, kind, key)                                                                       \
        { #section, name, letter, kind, &keys[KEY_##section##_##key], NULL, false },
#define ELSEWHERE(section, name, letter, kind, where) { #section, name, letter, kind, NULL, where, false },
#define ANYWAY(section, name, letter, kind) { #section, name, letter, kind, NULL, NULL, true },
#include "config/podman-options.def"
#undef OPTION
#undef ELSEWHERE
#undef ANYWAY
};

/* What --security-opt, and a volume's --opt, may hold: before the "=", or the whole. */
typedef struct SubOption {
        const char *name;
        const char *key;
        const char *value; /* NULL: what stands behind the name */
} SubOption;

static const SubOption security_options[] = {
        { "apparmor=", "AppArmor", NULL },
        { "label=disable", "SecurityLabelDisable", "yes" },
        { "label=filetype:", "SecurityLabelFileType", NULL },
        { "label=level:", "SecurityLabelLevel", NULL },
        { "label=nested", "SecurityLabelNested", "yes" },
        { "label=type:", "SecurityLabelType", NULL },
        { "mask=", "Mask", NULL },
        { "no-new-privileges", "NoNewPrivileges", "yes" },
        { "no-new-privileges=", "NoNewPrivileges", NULL },
        { "seccomp=", "SeccompProfile", NULL },
        { "systempaths=unconfined", "Unmask", "ALL" },
        { "unmask=", "Unmask", NULL },
        {},
};
static const SubOption volume_options[] = {
        { "copy", "Copy", "yes" },
        { "device=", "Device", NULL },
        { "nocopy", "Copy", "no" },
        { "o=", "Options", NULL },
        { "type=", "Type", NULL },
        {},
};

/* One PodmanArgs= on its way. */
typedef struct Translation {
        UnitFile *unit;
        size_t entry; /* its number: entries move when one is appended */
        const char *rest; /* of its value */
        bool typed; /* on a command line: then the entry is no more than where assignments go */
        Diagnostics *diagnostics;
} Translation;

/* A word of it. */
typedef struct Word {
        char *text;        /* unquoted; owned */
        const char *start; /* in the entry's value */
} Word;

static Location locate(const Translation *t, const Word *word, const char *part) {
        size_t offset = (size_t) (part - word->text), base = (size_t) (word->start - t->unit->entries[t->entry].value);

        if (t->typed)
                return t->unit->entries[t->entry].where;
        /* Where quotes or escapes were undone before the part, the two texts have parted and the
         * word's place must do. */
        return entry_location(&t->unit->entries[t->entry],
                              base + (strncmp(word->start, word->text, offset) == 0 ? offset : 0));
}

/* Where the option stands, for messages. */
static const char *in_which(const Translation *t) {
        return t->typed ? "" : " in \"PodmanArgs\"";
}

/* Returns 1 with the next word, 0 at the end, or -ENOMEM. What is wrong with the quotes is told
 * where the key itself is parsed. */
static int next_word(Translation *t, Word *ret) {
        int r = word_extract(&t->rest, &ret->text, &ret->start);

        return r == -EINVAL ? 0 : r;
}

static const Option *find_option(const char *section, const char *name, size_t n, char letter) {
        for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
                const Option *option = &options[i];

                if (streq(option->section, section) &&
                    (letter ? option->letter == letter
                            : strlen(option->name) == n && strncmp(option->name, name, n) == 0))
                        return option;
        }
        return NULL;
}

/* Appends the assignment. A list takes the value as one word; a scalar takes it as it is. */
static int assign(Translation *t, const Location *where, const char *name, const Key *key, const char *value) {
        _cleanup_text_ Text text = {};

        if (key->flags & LIST)
                word_append_quoted(&text, value, false, false);
        else
                text_append(&text, value);
        if (text.failed)
                return -ENOMEM;
        if (!t->typed)
                diagnose_warning(t->diagnostics, where, "\"%s\" in \"PodmanArgs\" is taken as %s=%s", name, key->name,
                                 text.data);
        return unit_file_add(t->unit, t->unit->entries[t->entry].section, key->name, text.data, where);
}

static int need_value(Translation *t, const Location *where, const char *name) {
        diagnose_error(t->diagnostics, where, "\"%s\"%s needs a value", name, in_which(t));
        return 0;
}

static int assign_each(Translation *t, const Word *word, const char *name, const Key *key, const char *value) {
        int r = 0;

        for (size_t n; r >= 0; value += n + 1) {
                _cleanup_free_ char *part = NULL;
                Location where = locate(t, word, value);

                n = strcspn(value, ",");
                part = strndup(value, n);
                if (!part)
                        return -ENOMEM;
                r = n > 0 ? assign(t, &where, name, key, part) : need_value(t, &where, name);
                if (!value[n])
                        break;
        }
        return r;
}

/* podman(1) knows one vendor's. */
static int assign_gpus(Translation *t, const Word *word, const char *name, const Key *key, const char *value) {
        int r = 0;

        for (size_t n; r >= 0; value += n + 1) {
                _cleanup_free_ char *device = NULL;
                Location where = locate(t, word, value);

                n = strcspn(value, ",");
                device = text_format("nvidia.com/gpu=%.*s", (int) n, value);
                if (!device)
                        return -ENOMEM;
                r = n > 0 ? assign(t, &where, name, key, device) : need_value(t, &where, name);
                if (!value[n])
                        break;
        }
        return r;
}

static int assign_entrypoint(Translation *t, const Location *where, const char *name, const Key *key,
                             const char *value) {
        _cleanup_text_ Text text = {};

        /* An array is JSON, with quotes and escapes of its own. No program at all leaves it to
         * Exec=. */
        if (!*value)
                text_append(&text, "[]");
        else if (*value == '[')
                text_append(&text, value);
        else
                word_append_quoted(&text, value, false, false);
        return text.failed ? -ENOMEM : assign(t, where, name, key, text.data);
}

static int assign_sub_option(Translation *t, const Location *where, const char *name, const char *value,
                             const SubOption *known) {
        const char *section = t->unit->entries[t->entry].section;

        for (; known->name; known++) {
                const char *rest = startswith(value, known->name);
                bool takes_value = endswith(known->name, "=") || endswith(known->name, ":");

                if (rest && (takes_value ? *rest : !*rest))
                        return assign(t, where, name, key_find(section, known->key), known->value ?: rest);
        }
        diagnose_error(t->diagnostics, where, "there is no key for \"%s=%s\"%s", name, value, in_which(t));
        return 0;
}

/* The last value of a key, here or by an earlier option; NULL when there is none. */
static const char *last_value(const UnitFile *unit, const char *section, const char *key) {
        const char *value = NULL;

        for (size_t i = 0; i < unit->count; i++)
                if (streq(unit->entries[i].key, key) && streq(unit->entries[i].section, section))
                        value = *unit->entries[i].value ? unit->entries[i].value : NULL;
        return value;
}

/* What the file itself says in [Service] stays. */
static int assign_limit(Translation *t, const Location *where, const Option *option, const char *name,
                        const char *value) {
        const char *memory = last_value(t->unit, option->section, "Memory"), *key;
        _cleanup_free_ char *setting = NULL;
        int r;

        if (strchr(value, '$')) {
                diagnose_error(t->diagnostics, where,
                               "\"%s\"%s becomes a setting of the unit, which has no variables: use %s", name,
                               in_which(t), option->elsewhere);
                return 0;
        }
        r = streq(option->name, "--memory-swap") ? podman_swap_translate(memory, value, &key, &setting)
                                                 : podman_limit_translate(option->name, value, &key, &setting);
        if (r == -ENOMEM)
                return r;
        if (r <= 0)
                diagnose_error(t->diagnostics, where, "\"%s=%s\"%s is no setting of a unit; use %s", name, value,
                               in_which(t), option->elsewhere);
        else if (last_value(t->unit, "Service", key))
                diagnose_warning(t->diagnostics, where,
                                 "\"%s\" in \"PodmanArgs\" has no effect beside %s= in [Service]", name, key);
        else {
                if (!t->typed)
                        diagnose_warning(t->diagnostics, where,
                                         "\"%s\" in \"PodmanArgs\" is taken as %s=%s in [Service]", name, key, setting);
                return unit_file_add(t->unit, "Service", key, setting, where);
        }
        return 0;
}

static int apply(Translation *t, const Word *word, const Option *option, const char *name, const char *value) {
        Location where = locate(t, word, value);

        if (!*value && option->kind != ENTRYPOINT)
                return need_value(t, &where, name);
        switch (option->kind) {
        case VALUES:
                return assign_each(t, word, name, option->key, value);
        case GPUS:
                return assign_gpus(t, word, name, option->key, value);
        case ENTRYPOINT:
                return assign_entrypoint(t, &where, name, option->key, value);
        case SDNOTIFY:
                if (streq(value, "conmon") || streq(value, "ignore"))
                        value = "no";
                else if (streq(value, "container"))
                        value = "yes";
                return assign(t, &where, name, option->key, value);
        case SECURITY:
                return assign_sub_option(t, &where, name, value, security_options);
        case LIMIT:
                return assign_limit(t, &where, option, name, value);
        case VOLUME:
                return assign_sub_option(t, &where, name, value, volume_options);
        default:
                return assign(t, &where, name, option->key, value);
        }
}

/* Refuses what there is no key for. */
static void refuse(Translation *t, const Word *word, const Option *option, const char *name) {
        Location where = locate(t, word, word->text);

        if (option && option->elsewhere)
                diagnose_error(t->diagnostics, &where, "there is no key for \"%s\"%s; use %s", name, in_which(t),
                               option->elsewhere);
        else
                diagnose_error(t->diagnostics, &where, "there is no key for \"%s\"%s", name, in_which(t));
}

/* The value of an option that stands in a word of its own. Returns 1, 0 when there is none
 * (reported), or -ENOMEM. */
static int value_word(Translation *t, const Word *word, const char *name, Word *ret) {
        Location where = locate(t, word, word->text);
        int r = next_word(t, ret);

        return r == 0 ? need_value(t, &where, name) : r;
}

static bool has_key(const Option *option) {
        return option->key || option->kind == SECURITY || option->kind == VOLUME || option->kind == LIMIT;
}

/* Takes one option: `value` is what stands behind it in its word, NULL when nothing does. */
static int take_option(Translation *t, const Word *word, const Option *option, const char *name, const char *value) {
        Location where = locate(t, word, word->text);
        _cleanup_free_ char *owned = NULL;
        Word next = {};
        int r;

        if (!value && option->kind != SWITCH) {
                r = value_word(t, word, name, &next);
                if (r <= 0)
                        return r;
                owned = next.text;
        }
        if (option->anyway)
                return 0;
        if (!has_key(option)) {
                refuse(t, word, option, name);
                return 0;
        }
        if (value)
                return apply(t, word, option, name, value);
        return option->kind == SWITCH ? assign(t, &where, name, option->key, "yes")
                                      : apply(t, &next, option, name, next.text);
}

/* "--name", "--name=value" */
static int take_long(Translation *t, const char *section, const Word *word) {
        size_t n = strcspn(word->text, "=");
        _cleanup_free_ char *name = strndup(word->text, n);
        const Option *option = find_option(section, word->text, n, 0);

        if (!name)
                return -ENOMEM;
        if (option)
                return take_option(t, word, option, name, word->text[n] ? word->text + n + 1 : NULL);
        refuse(t, word, NULL, name);
        return 0;
}

/* "-e", "-eNAME=VALUE", "-it": letters that take no value may be followed by others. */
static int take_short(Translation *t, const char *section, const Word *word) {
        for (const char *p = word->text + 1; *p; p++) {
                const Option *option = find_option(section, NULL, 0, *p);
                const char name[] = { '-', *p, '\0' }, *value = p[1] ? p + 1 + (p[1] == '=') : NULL;
                int r;

                if (!option) {
                        refuse(t, word, NULL, name);
                        return 0;
                }
                if (option->kind != SWITCH || (value && p[1] == '='))
                        return take_option(t, word, option, name, value);
                r = take_option(t, word, option, name, NULL);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* After an option that is not known, what does not look like one is its value, most likely. */
static int translate(Translation *t, const char *section) {
        for (bool known = true;;) {
                _cleanup_free_ char *text = NULL;
                Word word = {};
                int r;

                r = next_word(t, &word);
                if (r <= 0)
                        return r;
                text = word.text;
                if (text[0] == '-' && text[1]) {
                        size_t errors = t->diagnostics->errors;

                        r = text[1] == '-' ? take_long(t, section, &word) : take_short(t, section, &word);
                        if (r < 0)
                                return r;
                        known = t->diagnostics->errors == errors;
                } else if (known) {
                        Location where = locate(t, &word, text);
                        diagnose_error(t->diagnostics, &where, "\"%s\" in \"PodmanArgs\" is no option", text);
                } else
                        known = true;
        }
}

/* Replaces a word that is a variable ("$OPTIONS") by the words of its value; what is a part of a
 * word is expanded with the key that it becomes a value of. One that is not known yet is left
 * out. */
static int split_variables(Entry *entry, const ValueContext *context) {
        const char *rest = entry->value, *start;

        if (!strchr(entry->value, '$'))
                return 0;
        for (;;) {
                _cleanup_string_list_ StringList words = {}, unset = {};
                _cleanup_free_ char *word = NULL;
                _cleanup_text_ Text text = {};
                size_t offset, size;
                int r = word_extract(&rest, &word, &start);

                if (r <= 0)
                        return r == -ENOMEM ? r : 0;
                if (word[0] != '$' || word[1] == '{' || word[1] == '$')
                        continue;
                r = variables_expand_word(context->variables, word, &words, &unset);
                if (r < 0)
                        return r;
                for (size_t i = 0; i < words.count; i++) {
                        text_append_char(&text, ' ');
                        word_append_quoted(&text, words.items[i], true, true);
                }
                offset = (size_t) (start - entry->value);
                size = strcspn(start, " \t\n\r");
                r = text.failed ? -ENOMEM : entry_replace(entry, offset, size, text.data ?: " ");
                if (r < 0)
                        return r;
                rest = entry->value + offset + (text.data ? text.length : 1);
        }
}

int podman_arguments_translate(UnitFile *unit, const char *section, const ValueContext *context) {
        size_t count = unit->count, first = 0;

        /* An empty assignment takes back what was said before. */
        for (size_t i = 0; i < count; i++)
                if (streq(unit->entries[i].key, "PodmanArgs") && streq(unit->entries[i].section, section) &&
                    !*unit->entries[i].value)
                        first = i + 1;
        for (size_t i = first; i < count; i++) {
                Translation translation = { .unit = unit, .entry = i, .diagnostics = context->diagnostics };
                int r;

                if (!streq(unit->entries[i].key, "PodmanArgs") || !streq(unit->entries[i].section, section))
                        continue;
                r = split_variables(&unit->entries[i], context);
                translation.rest = unit->entries[i].value;
                if (r >= 0)
                        r = translate(&translation, section);
                if (r < 0)
                        return r;
        }
        return 0;
}

int podman_option_translate(UnitFile *unit, const char *name, const char *value, Diagnostics *diagnostics) {
        const Option *option = find_option("Container", name, strlen(name), 0);
        const Word word = { .text = (char *) (uintptr_t) name, .start = unit->entries[0].value };
        Translation translation = { .unit = unit, .typed = true, .diagnostics = diagnostics };

        if (option)
                return take_option(&translation, &word, option, name, value);
        refuse(&translation, &word, NULL, name);
        return 0;
}
