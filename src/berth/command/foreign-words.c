/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What to type instead. */
#include "berth/command/foreign-words.h"

#include "basic/text.h"

static const struct {
        const char *word, *answer;
} words[] = {
#define WORD(word, answer) { word, answer },
#include "berth/command/foreign-words.def"
#undef WORD
};

const char *foreign_word_answer(const char *word) {
        for (size_t i = 0; i < ARRAY_SIZE(words); i++)
                if (streq(word, words[i].word))
                        return words[i].answer;
        return NULL;
}

const char *foreign_group_answer(const char *group, const char *word) {
        _cleanup_free_ char *both = text_format("%s %s", group, word);

        return both ? foreign_word_answer(both) : NULL;
}
