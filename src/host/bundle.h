/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A container's directory below /run/berth/bundles, or a pod's: what one start has made, for the
 * runtime and for the verbs after it. */
#pragma once

#include <sys/types.h>

#include "basic/alloc.h"

/* What of the store of images the container uses: lines "manifest DIGEST" or "mounted DIGEST", and
 * after each "layer DIFF-ID" (record.h). */
#define BUNDLE_IMAGE_FILE "image"
/* What is known of the container and concerns no program: an object of "labels", the image's and
 * the file's, and "exposedPorts", the image's. */
#define BUNDLE_ABOUT_FILE "about.json"

typedef struct Bundle {
        char *stem; /* "web", "web@a" */
        char *id;   /* the OCI container ID, and the name of the directory */
        char *path;
        int fd; /* of the directory, or -EBADF while it does not exist */
} Bundle;

#define BUNDLE_INIT { .fd = -EBADF }

/* The bundle of a unit's instance name (%i). `ret->fd` is open when the directory exists. Returns
 * 0, -EINVAL for a name that cannot be, or -errno. */
int bundle_open(const char *instance, Bundle *ret);

/* The same of a pod, whose ID no container has. */
int bundle_open_pod(const char *instance, Bundle *ret);

/* Returns the ID of a pod; NULL when memory is short. Caller frees. */
char *bundle_id_of_pod(const char *stem);

/* Returns the unit that the bundle is of, "container@web.service"; NULL when memory is short.
 * Caller frees. */
char *bundle_unit_name(const Bundle *bundle);

/* Returns who has an ID, for people: the container "web", the pod "app"; NULL when memory is short.
 * Caller frees. */
char *bundle_describe_id(const char *id);

/* Waits until nobody else undoes what is in the directory, which may be gone then, and keeps others
 * from it while `bundle->fd` is open. Returns 0 or -errno. */
int bundle_lock(const Bundle *bundle);

/* Makes the directory (mode 0700), which must not exist. Returns 0, -EEXIST, or -errno. */
int bundle_create(Bundle *bundle);

/* Lets the group of the container's root, when that is not the machine's, pass through the
 * directory: it has to reach its files, but not to see what else is there. Returns 0 or -errno. */
int bundle_open_to_group(const Bundle *bundle, gid_t gid);

/* Makes a mount point `name` in the bundle, for what `source_fd` stands for: a directory cannot be
 * mounted on a file. Returns 0 or -errno. */
int bundle_make_mount_point(const Bundle *bundle, const char *name, int source_fd);

/* What asks the container to stop. */
typedef struct StopSignal {
        int number;
        /* an image wants it, and images are not looked at when units are made: the stop must send
         * it */
        bool unknown_to_systemd;
        uint64_t limit_usec; /* after which the stop kills; 0: that is for systemd to do */
} StopSignal;

/* Notes it down, for the stop. Returns 0 or -errno. */
int bundle_write_stop_signal(const Bundle *bundle, StopSignal signal);

/* Returns 0, -ENOENT when there is no bundle or nothing in it, -EBADMSG when it is no signal, or
 * another -errno. */
int bundle_read_stop_signal(const Bundle *bundle, StopSignal *ret);

/* Removes the directory and the plain files in it. Returns 0 or -errno. */
int bundle_remove(Bundle *bundle);

void bundle_done(Bundle *bundle);
#define _cleanup_bundle_ _cleanup_(bundle_done)
