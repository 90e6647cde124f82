/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The text of a .container file to begin with, made of what an image says. */
#pragma once

#include "basic/text.h"
#include "oci/image-config.h"

/* Appends the file's text for a container `stem` of the image `reference` (canonical). What the
 * image has to say comes from a stranger: it goes into comments, with what is no plain character
 * escaped, and as a value only where nothing in it could mean more than it says. */
void new_description(const char *stem, const char *reference, const ImageConfig *config, Text *text);
