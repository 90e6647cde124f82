/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Splitting a value into words and quoting them again, by the rules of systemd.syntax(7) and
 * "Command lines" in systemd.service(5). */
#pragma once

#include "basic/string-list.h"
#include "basic/text.h"

/* Takes the next white-space separated word from `*rest`: '…' and "…" quote, also from the middle
 * of a word on; C escapes (\a \b \f \n \r \t \v \\ \" \' \s \xHH \nnn \uHHHH \UHHHHHHHH) are undone
 * everywhere, inside of single quotes too, as systemd does. Moves `*rest` behind the word and the
 * white space that follows it. Returns 1 with `ret` (freed by the caller), 0 when there is no
 * further word, -EINVAL for an unknown escape, an unclosed quote, or escapes that spell no valid
 * UTF-8 (`*rest` is then where the escape, the quote or the word begins), or -ENOMEM. `ret_start`
 * (may be NULL) gets where the word begins. */
int word_extract(const char **rest, char **ret, const char **ret_start);

/* Appends all words of `text`. Returns 0, or -EINVAL or -ENOMEM with the list as it was. */
int words_split(const char *text, StringList *list);

/* Appends `word` so that word_extract() gives it back: quoted only where that is needed. With
 * `percent`, "%" is doubled against specifier expansion; with `dollar`, "$" is doubled against
 * variable expansion in command lines. */
void word_append_quoted(Text *text, const char *word, bool percent, bool dollar);
