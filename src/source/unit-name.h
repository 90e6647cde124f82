/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How files are called and which units they become. */
#pragma once

/* The name of the drop-ins that the generator makes. */
#define UNIT_DROP_IN_NAME "10-berth.conf"

#include "basic/alloc.h"

typedef enum FileType {
#define KIND(type, ...) FILE_##type,
#define KIND_KEYS(type, ...) FILE_##type,
#define KIND_NAME(type, ...) FILE_##type,
#include "source/kinds.def"
        _FILE_TYPE_COUNT,
        _FILE_TYPE_INVALID = -1,
} FileType;

/* "container", "volume" …: the file name's ending. Static. */
const char *file_type_name(FileType type);

/* Returns what Quadlet puts between the name of a file of this type and ".service": "-volume", or
 * nothing. Static. */
const char *file_type_quadlet_suffix(FileType type);

/* The type whose ending `name` is, or _FILE_TYPE_INVALID. */
FileType file_type_from_name(const char *name);

/* The section that a file of this type must have: "Container" … Static. */
const char *file_type_section(FileType type);

/* Splits "web.container" into its type and stem "web" ("web@", "web@a" for templates and
 * instances). Returns 0 with `ret_stem` freed by the caller, -EINVAL when the ending is none of
 * ours or the stem cannot be one, or -ENOMEM. */
int file_name_parse(const char *file_name, FileType *ret_type, char **ret_stem);

/* Whether `stem` can be one: not empty, valid UTF-8 without control characters and "/", not hidden
 * ("."), something before its first "@", and no longer than a file name allows. */
bool stem_is_valid(const char *stem);

/* Copies the first `n` bytes of a name, which are to be a stem. Returns 0, -EINVAL when they are
 * none, or -ENOMEM. Caller frees. */
int stem_copy(const char *name, size_t n, char **ret);

/* "web@a" → "web@": the template that an instance's settings may come from. Returns 1 with `ret`, 0
 * when `stem` is no instance, or -ENOMEM. Caller frees. */
int stem_template(const char *stem, char **ret);

/* Whether `stem` names a template ("web@") and so is no unit itself. */
bool stem_is_template(const char *stem);

/* The stem as it stands in a unit's name. Bytes that a unit name cannot hold are escaped as
 * systemd-escape does ("\x20"); so is a backslash, unless it begins the escape of one that a unit
 * name can hold: "srv-my\x2ddata" is how systemd-escape writes the path srv/my-data, and stays what
 * it is in a file's name and in the unit's. NULL when memory is short. Caller frees. */
char *stem_escape(const char *stem);

/* The unit of a file: "container@web.service", with the stem escaped. Returns 0, -EINVAL when the
 * name would be longer than systemd allows (255), or -ENOMEM. Caller frees. */
int unit_name_for(FileType type, const char *stem, char **ret);

/* The stem from a unit's instance name, as systemd passes it in %i: what stem_escape() does is
 * undone. Returns 0, -EINVAL when that is no valid stem, or -ENOMEM. Caller frees. */
int stem_from_instance(const char *instance, char **ret);

/* What systemd-escape(1) makes of any text: "/" is "-", and what a unit's name cannot hold, as well
 * as "-", "@" and "\\", is "\\xHH". NULL when memory is short. Caller frees. */
char *unit_name_escape(const char *text);

/* The file of a unit, "web" and FILE_CONTAINER for "container@web.service". Returns 0, -EINVAL when
 * it is no such unit, or -ENOMEM. Caller frees. */
int unit_name_parse(const char *unit_name, FileType *ret_type, char **ret_stem);

/* Undoes systemd-escape(1) in a part of a unit's name, as %I, %J and %P do: "-" is "/", "\xHH" a
 * byte. What is no escape is kept. Caller frees; NULL when memory is short. */
char *unit_name_unescape(const char *name);

/* The OCI container ID of a stem: runtimes take [A-Za-z0-9_.-] and "+"; everything else, "+"
 * itself, and a "-" in front, which would make an option of it, becomes "+XX" in hexadecimal. NULL
 * when memory is short. Caller frees. */
char *container_id_for(const char *stem);

/* The stem of an OCI container ID, as container_id_for() makes it. NULL when memory is short.
 * Caller frees. */
char *container_stem_for(const char *id);

/* Translates "web.container", "data.volume" … to the unit's name. "%" is left alone: specifiers in
 * dependencies are systemd's to expand. Returns 1 with `ret` (freed by the caller), 0 when
 * `reference` is not one of our files, or -errno. */
int unit_reference_translate(const char *reference, char **ret);
