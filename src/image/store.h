/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The store of images, /var/lib/berth:
 *
 *     blobs/sha256/HEX     manifests and configurations, and layers as fetched where these
 *                          are to be kept, by their digest
 *     layers/sha256/HEX/   each layer unpacked, by the digest of its tar (diff ID); shared by all
 *                          images and containers, never written to again
 *     trees/HEX            a file for each layer: the digest of its tree, see tree-digest.h
 *     images/NAME          a file for each reference: the digest of its manifest; NAME is
 *                          image_instance() of it
 *     staging/             what is being made; see staging.h
 *     locks/, lock         see below
 *
 * Everything is made in staging/, synced, and renamed: what has its name is whole, also after a
 * power loss. A reference is written last, so whatever it leads to is there.
 *
 * Whoever makes or uses parts of an image holds the store's shared lock meanwhile; only who removes
 * holds it alone. Locks are flock(2)s: they end with their process. */
#pragma once

#include "basic/alloc.h"
#include "basic/string-list.h"
#include "image/digest.h"

typedef struct Store {
        int fd; /* of the directory */
} Store;

#define STORE_INIT { .fd = -EBADF }

/* Opens the store at `path` (NULL: PLACE_STATE), and makes what is missing of it. Returns 0 or
 * -errno. */
int store_open(const char *path, Store *ret);

/* The same for looking only: nothing is made. -ENOENT when there is none. */
int store_open_existing(const char *path, Store *ret);

void store_done(Store *store);
#define _cleanup_store_ _cleanup_(store_done)

typedef enum StoreLock {
        STORE_LOCK_SHARED,        /* waits */
        STORE_LOCK_EXCLUSIVE,     /* waits */
        STORE_LOCK_TRY_EXCLUSIVE, /* -EWOULDBLOCK when somebody has it */
} StoreLock;

/* Takes the store's lock, which is held as long as `ret_fd` is open. Returns 0 or -errno. */
int store_lock(const Store *store, StoreLock how, int *ret_fd);

/* Takes the lock on making one blob or layer, so that two who want it do the work once. The second
 * looks again whether it is there. Waits. As above. */
int store_lock_object(const Store *store, const char *digest, int *ret_fd);

/* Blobs. `digest` is valid everywhere here. */

/* Opens it for reading. Returns an fd, owned by the caller, -ENOENT, or another -errno. */
int store_open_blob(const Store *store, const char *digest);

/* 1, 0 or -errno. `ret_size` (may be NULL) in bytes. */
int store_has_blob(const Store *store, const char *digest, uint64_t *ret_size);

/* Reads one of at most `max` bytes, and verifies it. Returns 0, -ENOENT, -EFBIG, -EBADMSG when its
 * content is another, or another -errno. Caller frees. */
int store_read_blob(const Store *store, const char *digest, size_t max, char **ret, size_t *ret_size);

/* Verifies the regular file `name` in the directory, which is on the store's file system, and moves
 * it into the store; one that is there already stays, and the file too. `size` is what its
 * descriptor says, UINT64_MAX: unknown. Returns 0, -EBADMSG when digest or size are others, or
 * another -errno. */
int store_add_blob(const Store *store, int directory_fd, const char *name, const char *digest, uint64_t size);

/* Opens the regular file `name` in the directory after verifying it as above, without moving it.
 * Returns an fd that stands at its beginning, owned by the caller, -EBADMSG, or another -errno. */
int blob_open_verified(int directory_fd, const char *name, const char *digest, uint64_t size);

/* Gives a blob a second name, `name` in the directory (link(2)): for a program that shall find what
 * need not be fetched. Returns 0, -ENOENT, -EEXIST, or another -errno. */
int store_link_blob(const Store *store, const char *digest, int directory_fd, const char *name);

/* Layers; layer.h makes them */

/* Opens the unpacked layer (O_PATH). Returns an fd, owned by the caller, -ENOENT, or another
 * -errno. */
int store_open_layer(const Store *store, const char *diff_id);

/* 1, 0 or -errno. */
int store_has_layer(const Store *store, const char *diff_id);

/* What the digest of the layer's tree was when it was unpacked. Writing it comes before the layer
 * has its name. Return 0, -ENOENT when there is none, -EBADMSG when the file is damaged, or another
 * -errno. Caller frees. */
int store_read_tree(const Store *store, const char *diff_id, char **ret_tree);
int store_write_tree(const Store *store, const char *diff_id, const char *tree);

/* Moves the directory `name`, whose file system has been synced, to its place as a layer. One that
 * is there already stays. Returns 0 or -errno. */
int store_add_layer(const Store *store, int directory_fd, const char *name, const char *diff_id);

/* References; `name` is image_instance() of the canonical one */

/* The digest of its manifest. Returns 0, -ENOENT, -EBADMSG when the file is damaged, or another
 * -errno. Caller frees. */
int store_read_reference(const Store *store, const char *name, char **ret_manifest);

/* Makes it or replaces it as a whole. What it leads to must be there. Returns 0 or -errno. */
int store_write_reference(const Store *store, const char *name, const char *manifest);

/* Returns 0, -ENOENT or another -errno. */
int store_remove_reference(const Store *store, const char *name);

/* Appends all names, sorted. Returns 0 or -errno. */
int store_list_references(const Store *store, StringList *ret);

/* Appends the digests of all blobs or layers, sorted. Returns 0 or -errno. */
int store_list_blobs(const Store *store, StringList *ret);
int store_list_layers(const Store *store, StringList *ret);

/* Moves a blob or layer into the directory `trash_fd`, which is on the same file system, to be
 * removed there: that takes its time. Returns 0, -ENOENT or another -errno. */
int store_discard_blob(const Store *store, const char *digest, int trash_fd);
int store_discard_layer(const Store *store, const char *diff_id, int trash_fd);

/* Removes the files of locks on single objects, and the digests of trees whose layers a loss of
 * power has kept from being there; the store's lock is held alone. Returns 0 or -errno. */
int store_clear_leftovers(const Store *store);
