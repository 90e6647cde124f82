/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the OCI configuration needs to know about this machine and this container's root file
 * system. Gathered by start/gather/gather.c at a start, or read from a JSON file for `berth spec
 * --facts=FILE`: the same facts and the same file give the same bytes. */
#pragma once

#include "kind/container/container.h"
#include "oci/fact-kinds.h"

typedef struct json_object json_object;

/* The AppArmor profile of containers that name none; shipped as a file in units/apparmor. */
#define APPARMOR_DEFAULT_PROFILE "berth-default"

/* Where a container with Notify=yes finds its socket. */
#define NOTIFY_DESTINATION "/run/notify/notify.sock"

/* The members, and what they mean, are in facts.def. */
#define FACT_DEVICE(field, kind, ...) FactType_##kind field;
struct FactDevice {
#include "oci/facts.def"
};

/* All NULL where SELinux is off, or its policy knows no containers. */
#define FACT_LABELS(field, kind, ...) FactType_##kind field;
struct FactLabels {
#include "oci/facts.def"
};

#define FACT(field, kind, ...) FactType_##kind field;
typedef struct Facts {
#include "oci/facts.def"
} Facts;

/* Fills `facts` from a JSON object with the same names ("groups": [1, 2], "capabilities":
 * ["CAP_CHOWN"], "devices": [{"path": …, "mode": "0660"}], "resolved": {"/var/run": "/run"}).
 * Missing members stay as they are, unknown ones are an error; "specifiers" is checked, and left
 * for facts_specifier(), "image" for image_config_read(). Lists of paths, devices and hooks gain
 * what the file has, and of two paths with one name the last counts; all else is replaced. Returns
 * 0, -EREPORTED with a diagnostic that names the member, or -ENOMEM; on failure some members may be
 * set. */
int facts_from_json(json_object *json, const char *file, Facts *facts, Diagnostics *diagnostics);

/* Writes all of `facts` as an object that facts_from_json() takes: read into facts that are {}, or
 * the example's for the same container, it gives the same ones. A fact that is no UTF-8, or a
 * profile that is no JSON object, cannot be said so, and is an error in `diagnostics`. Returns 0,
 * -EREPORTED with a diagnostic that names the fact, or -ENOMEM. Caller puts `ret`. */
int facts_to_json(const Facts *facts, Diagnostics *diagnostics, json_object **ret);

/* Appends copies. Returns 0 or -ENOMEM. */
int fact_path_add(FactPathList *list, const char *written, const char *resolved);

/* Adds to `facts->resolved`. Returns 0 or -ENOMEM. */
int facts_add_resolved(Facts *facts, const char *written, const char *resolved);

/* Fills `facts->image_mounts`: each is below the bundle. Returns 0 or -ENOMEM. */
int facts_add_image_mounts(Facts *facts, const Container *container, const char *bundle_path);

/* Where a Mount=type=image is; NULL when no fact tells. Borrowed. */
const char *facts_find_image_mount(const Facts *facts, const Mount *mount);

/* Where the overlay over the source of a volume is; NULL when it has none. Borrowed. */
const char *facts_find_overlay(const Facts *facts, const VolumeMount *volume);

/* Adds the volumes for what the container's glob mounts match to it. One that matches nothing is an
 * error in `diagnostics`. Returns 0, -EREPORTED with a diagnostic, or -ENOMEM. */
int facts_expand_globs(const Facts *facts, Container *container, Diagnostics *diagnostics);

/* Adds to `facts->volume_flags` what of it is among `flags` of statvfs(3). Returns 0 or -ENOMEM. */
int facts_add_volume_flags(Facts *facts, const char *destination, unsigned long flags);

/* Whether `option` ("nosuid") is among those of the volume's source. */
bool facts_volume_has_flag(const Facts *facts, const VolumeMount *volume, const char *option);

/* Adds to `facts->mapped`. Returns 0 or -ENOMEM. */
int facts_add_mapped(Facts *facts, const char *destination, const char *source);

/* Where the mapped source of a volume is; NULL when it is not mapped. Borrowed. */
const char *facts_find_mapped(const Facts *facts, const VolumeMount *volume);

/* What a user or group ID of the container is on the machine. Returns 0, or -ENOENT when the
 * container's user namespace does not have it. */
int facts_uid_outside(const Facts *facts, uint32_t uid, uint32_t *ret);
int facts_gid_outside(const Facts *facts, uint32_t gid, uint32_t *ret);

/* The resolved form of a mount destination; `path` itself when it is not listed. Borrowed. */
const char *facts_resolve(const Facts *facts, const char *path);

/* The name of a namespace in the OCI configuration, "pid". Static. */
const char *namespace_type(OciNamespace type);

/* The same for `facts->volumes`. */
int facts_add_volume(Facts *facts, const char *written, const char *path);

/* What a volume is listed by there: as it is written, or the destination of an anonymous one. One
 * whose destination is listed is mounted from there. Borrowed. */
const char *facts_volume_key(const VolumeMount *volume);

/* The host's path that a Volume= mounts; NULL when no fact tells. Borrowed. */
const char *facts_volume_source(const Facts *facts, const VolumeMount *volume);

void fact_device_done(FactDevice *device);
#define _cleanup_fact_device_ _cleanup_(fact_device_done)
void fact_labels_done(FactLabels *labels);
void facts_done(Facts *facts);
#define _cleanup_facts_ _cleanup_(facts_done)
