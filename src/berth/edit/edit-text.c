/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The text that an editor gets for a drop-in. */
#include "berth/edit/edit-text.h"

#define FIRST_MARK "### What is between this line and the next one of its kind will be in"
#define LAST_MARK "### What is below this line will not be in it"

void edit_text_begin(Text *copy, const char *path, const char *text, size_t size) {
        text_append(copy, FIRST_MARK " ");
        text_append_visible(copy, path, strlen(path));
        text_append(copy, "\n\n");
        text_append_n(copy, text, size);
        text_append(copy, "\n" LAST_MARK "\n");
}

/* The length of the line at the beginning of a text, with its newline. */
static size_t line_length(const char *text, size_t size) {
        const char *end = memchr(text, '\n', size);

        return end ? (size_t) (end - text) + 1 : size;
}

void edit_text_show(Text *copy, const char *path, const char *text, size_t size) {
        size_t n;

        text_append(copy, "\n### ");
        text_append_visible(copy, path, strlen(path));
        text_append_char(copy, '\n');
        for (; size > 0; text += n, size -= n) {
                n = line_length(text, size);
                text_append(copy, "# ");
                text_append_n(copy, text, n);
        }
}

static bool is_mark(const char *line, size_t size, const char *mark) {
        return size >= strlen(mark) && memcmp(line, mark, strlen(mark)) == 0;
}

void edit_text_cut(Text *ret, const char *copy, size_t size) {
        size_t n;

        for (; size > 0; copy += n, size -= n) {
                n = line_length(copy, size);
                if (is_mark(copy, n, LAST_MARK))
                        return;
                if (is_mark(copy, n, FIRST_MARK))
                        text_append_char(ret, '\n');
                else
                        text_append_n(ret, copy, n);
        }
}

static bool is_blank(const char *line, size_t size) {
        for (size_t i = 0; i < size; i++)
                if (!strchr(" \t\r\n", line[i]) || !line[i])
                        return false;
        return true;
}

void edit_text_trim(Text *ret, const char *text, size_t size) {
        size_t n;

        while (size > 0 && is_blank(text, n = line_length(text, size))) {
                text += n;
                size -= n;
        }
        while (size > 0 && is_blank(text + size - 1, 1))
                size--;
        text_append_n(ret, text, size);
        if (size > 0)
                text_append_char(ret, '\n');
}
