/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the generator has made of a file that is gone: without this it stays until the next
 * daemon-reload. */
#pragma once

/* Removes what the generator has made of the container's file `path`: the drop-ins of its unit and
 * of its health checks, and its companion. What others have made by such names stays. */
void generated_forget(const char *stem, const char *path);
