/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Environment= of [Service], which is systemd's, as far as the file alone tells. */
#include "config/service-environment.h"

#include <errno.h>

#include "basic/words.h"

/* What systemd would not take is for systemd to say. */
static int add(const Entry *entry, const SpecifierContext *context, StringList *list) {
        _cleanup_string_list_ StringList words = {};
        int r = words_split(entry->value, &words);

        for (size_t i = 0; i < words.count && r >= 0; i++) {
                _cleanup_free_ char *assignment = NULL;

                r = specifiers_expand(context, words.items[i], &assignment, NULL);
                if (r >= 0 && strchr(assignment, '='))
                        r = string_list_add(list, assignment);
        }
        return r == -ENOMEM ? r : 0;
}

int service_environment_find(const UnitFile *unit, const SpecifierContext *context, StringList *ret) {
        bool files = false;
        int r = 0;

        for (size_t i = 0; i < unit->count && r >= 0; i++) {
                const Entry *entry = &unit->entries[i];

                if (!streq(entry->section, "Service"))
                        continue;
                if (streq(entry->key, "EnvironmentFile"))
                        files = *entry->value;
                if (!streq(entry->key, "Environment"))
                        continue;
                if (!*entry->value)
                        string_list_done(ret);
                else
                        r = add(entry, context, ret);
        }
        if (files && !context->starting)
                string_list_done(ret);
        return r < 0 ? r : string_list_settle(ret);
}
