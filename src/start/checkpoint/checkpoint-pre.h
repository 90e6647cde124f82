/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Memory that was written down while a container runs, for its next checkpoint to have less to
 * write: the directory "pre" beside that, with one directory for each time, "1", "2" and so on,
 * which has what had changed since the one before. The kernel's list of what has changed begins
 * anew with each, also with one that fails: then nothing of it is of use any more. */
#pragma once

#include <sys/types.h>

#define CHECKPOINT_PRE "pre" /* as CHECKPOINT_WHOLE is; and in a checkpoint's directory, when it was used */

enum { CHECKPOINT_PRE_MOST = 8 }; /* directories; a restore looks through all of them */

/* Moves it to the directory "new", when it is of the process `pid`, as which a container runs, and
 * removes it otherwise. Returns how many there are, 0 when there is nothing, or -errno. */
int checkpoint_pre_take(int lock_fd, int new_fd, pid_t pid);

/* Moves it back from "new", which is removed, as that of the process. Returns 0 or -errno. */
int checkpoint_pre_commit(int lock_fd, int new_fd, pid_t pid);

/* Removes what there is of a container that has ended. Waits for who writes it. Returns 0 or
 * -errno. */
int checkpoint_pre_forget(const char *id);

/* Links what has come in an archive, as CRIU does: from the images to the latest, and from each to
 * the one before. Returns 0, -EBADMSG when it is not whole, or another -errno. */
int checkpoint_pre_link(int checkpoint_fd);
