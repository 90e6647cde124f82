/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which images the files of the search path ask for. */
#include "kind/image-needs.h"

#include <errno.h>
#include <fnmatch.h>

#include "basic/text.h"
#include "config/expand-variables.h"
#include "config/service-environment.h"
#include "config/short-name.h"

typedef struct Finder {
        const Source *source;
        const SpecifierContext *context;
        const UnitFile *unit;
        ImageNeeds *needs;
} Finder;

static int add(const Finder *finder, const char *image, bool pattern) {
        ImageNeed need = { .pattern = pattern };
        int r;

        r = ARRAY_RESERVE(finder->needs->items, finder->needs->allocated, finder->needs->count + 1);
        if (r < 0)
                return r;
        need.image = strdup(image);
        need.file_name = text_format("%s.%s", finder->source->stem, file_type_name(finder->source->type));
        finder->needs->items[finder->needs->count++] = need;
        return need.image && need.file_name ? 0 : -ENOMEM;
}

#define ANY "*"            /* stands for what only an instance of a template knows, … */
#define ANY_ESCAPED "\\x2a" /* … as %i has it, which a unit's name cannot hold */

/* It may be without a tag. */
static int add_pattern(const Finder *finder, char *text) {
        _cleanup_free_ char *tagged = NULL;
        int r;

        for (char *found; (found = strstr(text, ANY_ESCAPED));) {
                found[0] = ANY[0];
                memmove(found + 1, found + strlen(ANY_ESCAPED), strlen(found + strlen(ANY_ESCAPED)) + 1);
        }
        tagged = text_format("%s:latest", text);
        r = tagged ? add(finder, text, true) : -ENOMEM;
        return r < 0 ? r : add(finder, tagged, true);
}

/* Puts what the file says into variables, and ANY where only a start knows. */
static int expand_variables(const Finder *finder, char **text) {
        _cleanup_string_list_ StringList known = {}, words = {}, unset = {}, all = {};
        const Variables variables = { .assignments = &known, .complete = true };
        int r;

        if (!strchr(*text, '$'))
                return 0;
        r = service_environment_find(finder->unit, finder->context, &known);
        if (r >= 0)
                r = variables_expand_word(&variables, *text, &words, &unset);
        for (size_t i = 0; i < unset.count && r >= 0; i++) {
                const char *name = unset.items[i] + strspn(unset.items[i], "${");

                r = string_list_addf(&known, "%.*s=" ANY, (int) strcspn(name, "}"), name);
        }
        string_list_done(&unset);
        if (r >= 0)
                r = variables_expand_word(&variables, *text, &all, &unset);
        if (r < 0 || all.count != 1)
                return r;
        free(*text);
        *text = all.items[0];
        all.items[0] = NULL;
        all.count = 0;
        return 0;
}

/* The file of another type is looked at for itself. */
static int add_text(const Finder *finder, const char *text) {
        bool open = stem_is_template(finder->source->stem) || strchr(text, '$');
        _cleanup_image_candidates_ ImageCandidates candidates = {};
        _cleanup_free_ char *note = NULL, *message = NULL, *expanded = NULL;
        int r;

        r = specifiers_expand(finder->context, text, &expanded, NULL);
        if (r >= 0)
                r = expand_variables(finder, &expanded);
        if (r < 0)
                return r == -ENOMEM ? r : 0;
        if (image_is_file(expanded))
                return 0;
        if (open && (strstr(expanded, ANY) || strstr(expanded, ANY_ESCAPED)))
                return add_pattern(finder, expanded);
        r = image_candidates_find(expanded, &candidates, &note, &message);
        if (r < 0)
                return r == -ENOMEM ? r : 0;
        for (size_t i = 0; r >= 0 && i < candidates.count; i++)
                r = add(finder, candidates.items[i].name, false);
        return r;
}

/* Of "type=image,source=quay.io/a/b,destination=/x". */
static int add_mount(const Finder *finder, const char *value) {
        _cleanup_string_list_ StringList options = {};
        const char *source = NULL;
        bool image = false;

        if (string_list_add_split(&options, value, strlen(value), ",\"") < 0)
                return -ENOMEM;
        for (size_t i = 0; i < options.count; i++) {
                const char *option = options.items[i],
                           *given = startswith(option, "source=") ?: startswith(option, "src=");

                image = image || streq(option, "type=image");
                source = given ?: source;
        }
        return image && source ? add_text(finder, source) : 0;
}

static int find_in_unit(const Finder *finder, const UnitFile *unit) {
        static const char *const keys[] = { "Image", "ImageTag" };
        const char *section = file_type_section(finder->source->type);
        const char *values[ARRAY_SIZE(keys)] = {};
        int r = 0;

        for (size_t i = 0; i < unit->count && r >= 0; i++) {
                const Entry *entry = &unit->entries[i];

                if (!streq(entry->section, section))
                        continue;
                for (size_t k = 0; k < ARRAY_SIZE(keys); k++)
                        if (streq(entry->key, keys[k]))
                                values[k] = entry->value; /* the last one counts */
                if (streq(entry->key, "Mount"))
                        r = add_mount(finder, entry->value);
        }
        for (size_t k = 0; k < ARRAY_SIZE(keys) && r >= 0; k++)
                if (values[k] && *values[k])
                        r = add_text(finder, values[k]);
        return r;
}

static int find_in_source(const Source *source, Scope scope, Diagnostics *diagnostics, ImageNeeds *needs) {
        _cleanup_free_ char *stem = text_format("%s%s", source->stem, stem_is_template(source->stem) ? ANY : ""),
                            *unit_name = NULL;
        _cleanup_unit_file_ UnitFile unit = {};
        SpecifierContext context;
        int r;

        if (!stem)
                return -ENOMEM;
        r = source_read(source, &unit, diagnostics);
        if (r >= 0)
                r = unit_name_for(source->type, stem, &unit_name);
        if (r < 0)
                return r == -ENOMEM ? r : 0;
        context = (SpecifierContext) { .stem = stem, .unit_name = unit_name, .path = source->path, .scope = scope };
        return find_in_unit(&(Finder) { source, &context, &unit, needs }, &unit);
}

int image_needs_find(const Sources *sources, Scope scope, Diagnostics *diagnostics, ImageNeeds *ret) {
        _cleanup_image_needs_ ImageNeeds needs = {};
        int r = 0;

        for (size_t i = 0; i < sources->count && r >= 0; i++)
                if (!sources->items[i].masked)
                        r = find_in_source(&sources->items[i], scope, diagnostics, &needs);
        if (r >= 0 && diagnostics->errors > 0)
                r = -EREPORTED;
        if (r < 0)
                return r;
        *ret = needs;
        needs = (ImageNeeds) {};
        return 0;
}

bool image_need_matches(const ImageNeed *need, const char *name) {
        return need->pattern ? fnmatch(need->image, name, 0) == 0 : streq(need->image, name);
}

void image_needs_done(ImageNeeds *needs) {
        for (size_t i = 0; i < needs->count; i++) {
                free(needs->items[i].image);
                free(needs->items[i].file_name);
        }
        needs->items = x_free(needs->items);
        needs->count = needs->allocated = 0;
}
