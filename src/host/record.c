/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Small files of lines of words in the bundle. */
#include "host/record.h"

#include <errno.h>

#include "basic/files.h"
#include "basic/words.h"

void record_append(Text *text, const char *word, ...) {
        va_list arguments;

        va_start(arguments, word);
        for (const char *w = word; w; w = va_arg(arguments, const char *)) {
                if (w != word)
                        text_append_char(text, ' ');
                word_append_quoted(text, w, false, false);
        }
        va_end(arguments);
        text_append_char(text, '\n');
}

static int handle_line(const char *line, int (*handle)(const StringList *words, void *userdata), void *userdata) {
        _cleanup_string_list_ StringList words = {};
        int r = words_split(line, &words);

        if (r == -ENOMEM)
                return r;
        if (r < 0 || words.count == 0)
                return -EBADMSG;
        return handle(&words, userdata);
}

int record_read(int directory_fd, const char *name, bool backwards,
                int (*handle)(const StringList *words, void *userdata), void *userdata) {
        enum { LARGEST = 1024 * 1024 };
        _cleanup_string_list_ StringList lines = {};
        _cleanup_free_ char *data = NULL;
        int r;

        r = read_file_at(directory_fd, name, LARGEST, &data, NULL);
        if (r < 0)
                return r;
        for (char *line = data, *end; (end = strchr(line, '\n')); line = end + 1) {
                r = string_list_add_n(&lines, line, (size_t) (end - line));
                if (r < 0)
                        return r;
        }
        for (size_t i = 0; i < lines.count; i++) {
                r = handle_line(lines.items[backwards ? lines.count - 1 - i : i], handle, userdata);
                if (r < 0)
                        return r;
        }
        return 0;
}
