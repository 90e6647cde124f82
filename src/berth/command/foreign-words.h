/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What to type instead of commands of podman(1), docker(1) and machinectl(1) that are none of
 * berth's. */
#pragma once

/* Returns the answer, of one line, or NULL when the word is none of theirs. Static. */
const char *foreign_word_answer(const char *word);

/* The same of a command of a group, such as "volume" "create". */
const char *foreign_group_answer(const char *group, const char *word);
