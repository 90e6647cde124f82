/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where skopeo puts what it fetches: a directory per image beside the store, on the same file
 * system. Nothing in it is trusted; the store verifies what it takes over. It stays when a pull is
 * interrupted, so that the next one need not fetch whole blobs again. */
#pragma once

#include "basic/string-list.h"

#define DOWNLOAD_BLOBS "blobs/sha256" /* skopeo's name for a directory of blobs, by their digests without "sha256:" */
#define DOWNLOAD_LAYOUT "layout"      /* what it copies to, an OCI layout or a "dir:" */

typedef struct Download {
        char *path;           /* PLACE_DOWNLOADS/INSTANCE, with "+" for ":" */
        char *blobs_path;     /* the parent of DOWNLOAD_BLOBS */
        char *layout_path;
        char *auth_file;      /* of [Image] Creds=; or NULL */
        char *decryption_key; /* as skopeo takes it; or NULL */
        char *passphrase_file;
        int fd;               /* of the directory */
        int lock_fd;
} Download;

#define DOWNLOAD_INIT { .fd = -EBADF, .lock_fd = -EBADF }

/* Takes the lock of the image, waiting for whoever has it, and makes the directory. Returns 0 or
 * -errno. */
int download_open(const char *instance, Download *ret);

/* Opens what an interrupted pull has left, by the name of its directory below PLACE_DOWNLOADS,
 * with the lock. Returns 0; -EWOULDBLOCK when somebody goes on with it; -ENOENT when nothing is
 * there any more; or another -errno. */
int download_open_left(const char *name, Download *ret);

/* Appends the names of the directories below PLACE_DOWNLOADS, sorted. Returns 0 or -errno. */
int downloads_list(StringList *ret_names);

/* The canonical name of its image. NULL when memory is short. Caller frees. */
char *download_image(const Download *download);

/* Puts the user and password for a registry into a file that only root can read. Returns 0 or
 * -errno. */
int download_write_credentials(Download *download, const char *registry, const char *credentials);

/* The same for the passphrase of "KEY:PASSPHRASE"; a key without one is as it is. */
int download_write_decryption_key(Download *download, const char *key);

/* How many bytes are there, whole or in part. */
uint64_t download_size(const Download *download);

/* Empties the layout, and removes the parts of blobs that an interrupted skopeo has left in it.
 * Returns 0 or -errno. */
int download_clean(const Download *download);

/* Removes the directory: all of it is in the store. Returns 0 or -errno. */
int download_remove(const Download *download);

/* Frees, gives the lock back, and removes what is secret, and a directory that nothing was fetched
 * into. */
void download_done(Download *download);
#define _cleanup_download_ _cleanup_(download_done)
