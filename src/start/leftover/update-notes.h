/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Notes about updates of images that have failed: below PLACE_UPDATE_NOTES a file for each image,
 * by the name of its reference in the store, with the digest of the manifest that no container has
 * come up with. */
#pragma once

#include "basic/string-list.h"

/* Appends the names of the images that there are notes about, sorted. Returns 0 or -errno. */
int update_notes_list(StringList *ret_names);

/* Notes down that the image does not work as that of the digest. Returns 0 or -errno. */
int update_note_write(const char *name, const char *digest);

/* Returns whether it is noted down that the image does not work as that of the digest. */
bool update_note_is_about(const char *name, const char *digest);

/* Removes the note; none is fine. Returns 0 or -errno. */
int update_note_remove(const char *name);
