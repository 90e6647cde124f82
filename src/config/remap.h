/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* RemapUsers= and its companions: what Quadlet had before UserNS=. */
#pragma once

#include "source/ini-file.h"

/* Appends to `unit` the UserNS=, or UIDMap= and GIDMap=, that RemapUsers=, RemapUid=, RemapGid= and
 * RemapUidSize= of `section` stand for, with their places. Beside keys of today they are an error,
 * and nothing is appended. Returns 0 (also with diagnostics) or -ENOMEM. To be called before the
 * section is parsed: the entries may move. */
int remap_translate(UnitFile *unit, const char *section, Diagnostics *diagnostics);
