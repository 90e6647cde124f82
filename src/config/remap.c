/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* RemapUsers= and its companions: what Quadlet had before UserNS=. */
#include "config/remap.h"

#include <errno.h>

#include "basic/words.h"

typedef struct Remap {
        UnitFile *unit;
        const char *section;
        Diagnostics *diagnostics;
        size_t users; /* the number of the RemapUsers= that counts */
} Remap;

static bool is_entry(const Entry *entry, const char *section, const char *key) {
        return streq(entry->key, key) && streq(entry->section, section);
}

/* The number of the last assignment of a key, SIZE_MAX when there is none or an empty one took it
 * back. */
static size_t find_last(const Remap *remap, const char *key) {
        for (size_t i = remap->unit->count; i > 0; i--)
                if (is_entry(&remap->unit->entries[i - 1], remap->section, key))
                        return *remap->unit->entries[i - 1].value ? i - 1 : SIZE_MAX;
        return SIZE_MAX;
}

/* What Quadlet refuses beside them, too. Returns whether there was any. */
static bool excluded(const Remap *remap) {
        static const char *const others[] = { "UserNS", "UIDMap", "GIDMap", "SubUIDMap", "SubGIDMap" };
        bool any = false;

        for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
                size_t other = find_last(remap, others[i]);

                if (other == SIZE_MAX)
                        continue;
                any = true;
                diagnose_error(remap->diagnostics,
                               &remap->unit->entries[other > remap->users ? other : remap->users].where,
                               "\"%s\" and \"RemapUsers\" exclude each other", others[i]);
        }
        return any;
}

/* Called for each word of a list; `where` is its place. */
typedef int (*WordFunction)(Remap *remap, const char *word, const Location *where, void *userdata);

static int each_word(Remap *remap, const char *key, WordFunction function, void *userdata) {
        size_t count = remap->unit->count, first = 0;

        for (size_t i = 0; i < count; i++)
                if (is_entry(&remap->unit->entries[i], remap->section, key) && !*remap->unit->entries[i].value)
                        first = i + 1;
        for (size_t i = first; i < count; i++) {
                const char *value = remap->unit->entries[i].value, *rest = value, *start;
                _cleanup_free_ char *word = NULL;
                int r;

                if (!is_entry(&remap->unit->entries[i], remap->section, key))
                        continue;
                /* What is wrong with the quotes is told where the key itself is parsed. */
                while ((r = word_extract(&rest, &word, &start)) > 0) {
                        Location where = entry_location(&remap->unit->entries[i], (size_t) (start - value));

                        r = function(remap, word, &where, userdata);
                        word = x_free(word);
                        if (r < 0)
                                return r;
                }
                if (r == -ENOMEM)
                        return r;
        }
        return 0;
}

/* RemapUsers=manual */
static int add_map(Remap *remap, const char *word, const Location *where, void *userdata) {
        _cleanup_text_ Text value = {};

        word_append_quoted(&value, word, false, false);
        return value.failed ? -ENOMEM : unit_file_add(remap->unit, remap->section, userdata, value.data, where);
}

/* RemapUsers=auto and keep-id: the words become options of UserNS=. */
typedef struct Options {
        Text text;
        const char *name; /* "uidmapping", "gid" … */
} Options;

static int add_option(_unused_ Remap *remap, const char *word, _unused_ const Location *where, void *userdata) {
        Options *options = userdata;

        text_appendf(&options->text, "%s%s=%s", strchr(options->text.data, ':') ? "," : ":", options->name, word);
        return options->text.failed ? -ENOMEM : 0;
}

static int add_user_namespace(Remap *remap, const char *mode, const char *uid_option, const char *gid_option,
                              size_t size) {
        Options options = { .name = uid_option };
        Location where = entry_location(&remap->unit->entries[remap->users], 0);
        int r;

        text_append(&options.text, mode);
        r = options.text.failed ? -ENOMEM : each_word(remap, "RemapUid", add_option, &options);
        options.name = gid_option;
        if (r >= 0)
                r = each_word(remap, "RemapGid", add_option, &options);
        options.name = "size";
        if (r >= 0 && size != SIZE_MAX)
                r = add_option(remap, remap->unit->entries[size].value, NULL, &options);
        if (r >= 0)
                r = unit_file_add(remap->unit, remap->section, "UserNS", options.text.data, &where);
        text_done(&options.text);
        return r;
}

int remap_translate(UnitFile *unit, const char *section, Diagnostics *diagnostics) {
        Remap remap = { .unit = unit, .section = section, .diagnostics = diagnostics };
        size_t size = find_last(&remap, "RemapUidSize");
        const char *users;
        Location where;
        int r;

        remap.users = find_last(&remap, "RemapUsers");
        if (remap.users == SIZE_MAX || excluded(&remap))
                return 0;
        /* The unit's own, which may go on a longer life than this. */
        remap.section = unit->entries[remap.users].section;
        users = unit->entries[remap.users].value;
        if (size != SIZE_MAX && !streq(users, "auto"))
                diagnose_warning(diagnostics, &unit->entries[size].where,
                                 "\"RemapUidSize\" has no effect without RemapUsers=auto");
        if (streq(users, "auto"))
                return add_user_namespace(&remap, "auto", "uidmapping", "gidmapping", size);
        if (streq(users, "keep-id"))
                return add_user_namespace(&remap, "keep-id", "uid", "gid", SIZE_MAX);
        if (streq(users, "manual")) {
                r = each_word(&remap, "RemapUid", add_map, (void *) "UIDMap");
                return r < 0 ? r : each_word(&remap, "RemapGid", add_map, (void *) "GIDMap");
        }
        where = entry_location(&unit->entries[remap.users], 0);
        diagnose_error(diagnostics, &where, "\"RemapUsers\" must be auto, manual or keep-id, not \"%s\"", users);
        return 0;
}
