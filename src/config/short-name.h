/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Names of images without a registry, "redis:7": what the administrator has said they stand for, by
 * containers-registries.conf(5). */
#pragma once

#include "config/image-reference.h"

/* What a reference may stand for. Zero-initialise with {}. */
typedef struct ImageCandidates {
        char *name;            /* the one way to write it: "redis:7" when there are several */
        ImageReference *items; /* at least one, in the order in which they are to be tried */
        size_t count;
} ImageCandidates;

/* Parses a reference as image_reference_parse() does, and makes a short name what an alias, or else
 * unqualified-search-registries, says of it. These are read from registries.conf and the files of
 * registries.conf.d in places_add_containers_path()'s directories: of several files of one name
 * that of the most important directory, and of several that say the same thing the last by name.
 *
 * `ret_note` is what a short name was taken as, and by which file and line; NULL for other
 * references. Where several registries are to be searched, there is a candidate of each; nobody can
 * be asked at a terminal, so short-name-mode=enforcing takes that for an error, as podman does
 * without a terminal.
 *
 * Returns 0, -EINVAL with what is wrong in `ret_message`, or -ENOMEM. Caller frees all. */
int image_candidates_find(const char *text, ImageCandidates *ret, char **ret_note, char **ret_message);

/* The same, but of several candidates it is the first that this machine's store has a name of, or
 * the first of them. */
int image_reference_resolve(const char *text, ImageReference *ret, char **ret_note, char **ret_message);

void image_candidates_done(ImageCandidates *candidates);
#define _cleanup_image_candidates_ _cleanup_(image_candidates_done)
