/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Files that other programs' descriptions become. */
#include "start/import/imported.h"

#include "basic/words.h"

ImportedFile *imported_add(Imported *imported, const char *stem, const char *ending, const char *section) {
        ImportedFile *file;

        if (ARRAY_RESERVE(imported->items, imported->allocated, imported->count + 1) < 0)
                return NULL;
        file = calloc(1, sizeof(*file));
        if (!file)
                return NULL;
        imported->items[imported->count++] = file;
        file->section = section;
        file->name = text_format("%s.%s", stem, ending);
        return file->name ? file : NULL;
}

ImportedFile *imported_find(const Imported *imported, const char *name) {
        for (size_t i = 0; i < imported->count; i++)
                if (streq(imported->items[i]->name, name))
                        return imported->items[i];
        return NULL;
}

/* "%" and "$" would be expanded. What a line cannot hold is for the caller to have refused. */
void imported_append_escaped(Text *text, const char *value) {
        for (const char *c = value; *c; c++) {
                if (*c == '%' || *c == '$')
                        text_append_char(text, *c);
                text_append_char(text, *c);
        }
}

void imported_set(ImportedFile *file, ImportedSection section, const char *key, const char *value) {
        Text *text = &file->lines[section];

        text_appendf(text, "%s=", key);
        imported_append_escaped(text, value);
        /* A backslash at the end would take the next line along; white space there is no part of
         * the value. */
        text_append(text, endswith(value, "\\") ? " \n" : "\n");
}

void imported_add_word(ImportedFile *file, ImportedSection section, const char *key, const char *word) {
        Text *text = &file->lines[section];

        text_appendf(text, "%s=", key);
        word_append_quoted(text, word, true, true);
        text_append_char(text, '\n');
}

void imported_add_line(ImportedFile *file, ImportedSection section, const char *key, const char *line) {
        text_appendf(&file->lines[section], "%s=%s\n", key, line);
}

void imported_write(const ImportedFile *file, Text *text) {
        const char *const names[] = { "Unit", file->section, "Service", "Install" };
        bool first = true;

        for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
                const Text *lines = &file->lines[i];

                text->failed |= lines->failed;
                if (lines->length == 0 && i != IMPORTED_OWN)
                        continue;
                text_appendf(text, "%s[%s]\n", first ? "" : "\n", names[i]);
                if (lines->length > 0)
                        text_append_n(text, lines->data, lines->length);
                first = false;
        }
}

void imported_done(Imported *imported) {
        for (size_t i = 0; i < imported->count; i++) {
                for (size_t j = 0; j < _IMPORTED_SECTION_COUNT; j++)
                        text_done(&imported->items[i]->lines[j]);
                free(imported->items[i]->name);
                free(imported->items[i]);
        }
        free(imported->items);
        *imported = (Imported) {};
}
