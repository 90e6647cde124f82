/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* berth fsck: verifies the store, and drops what is broken, so that it is pulled again. */
#include <errno.h>
#include <stdio.h>

#include "basic/log.h"
#include "berth/berth-verbs.h"
#include "berth/store-view.h"
#include "image/collect.h"
#include "image/verify.h"
#include "source/places.h"

typedef struct Check {
        Store store;
        Staging staging;
        Garbage broken;
        size_t blobs, layers, images; /* that were looked at */
        size_t problems;
} Check;

static void check_done(Check *check) {
        garbage_done(&check->broken);
        staging_done(&check->staging);
        store_done(&check->store);
}

static int check_blobs(Check *check) {
        _cleanup_string_list_ StringList all = {};
        int r;

        r = store_list_blobs(&check->store, &all);
        for (size_t i = 0; i < all.count && r >= 0; i++) {
                r = digest_is_valid(all.items[i]) ? blob_verify(&check->store, all.items[i]) : 1;
                if (r == -ENOENT) { /* removed meanwhile */
                        r = 0;
                        continue;
                }
                check->blobs++;
                if (r != 0)
                        continue;
                printf("blob %s is not what it was\n", all.items[i]);
                check->problems++;
                r = string_list_add(&check->broken.blobs, all.items[i]);
        }
        return r < 0 ? r : 0;
}

static int check_layer(Check *check, const char *digest, const char *diff_id) {
        _cleanup_free_ char *difference = NULL;
        int r;

        r = layer_verify(&check->store, &check->staging, digest, diff_id, &difference);
        if (r == -ENOENT) /* said of the image */
                return 0;
        check->layers++;
        if (r != 0)
                return r < 0 ? r : 0;
        printf("layer %s is not what it was: %s\n", diff_id, difference);
        check->problems++;
        return string_list_add(&check->broken.layers, diff_id);
}

/* A layer is checked with the first image that has it, and with a blob that is sound. */
static int check_layers(Check *check, const Catalog *catalog) {
        _cleanup_string_list_ StringList done = {};
        int r = 0;

        for (size_t i = 0; i < catalog->count; i++) {
                const ImageParts *parts = &catalog->items[i].parts;

                for (size_t j = 0; j < parts->diff_ids.count && r >= 0; j++) {
                        if (string_list_contains(&done, parts->diff_ids.items[j]) ||
                            string_list_contains(&check->broken.blobs, parts->layer_blobs.items[j]))
                                continue;
                        r = string_list_add(&done, parts->diff_ids.items[j]);
                        if (r >= 0)
                                r = check_layer(check, parts->layer_blobs.items[j], parts->diff_ids.items[j]);
                }
        }
        return r;
}

/* A container goes on with the layer that it has mounted; what is done about it is for when it has
 * stopped. */
static int spare_what_is_in_use(Check *check) {
        _cleanup_images_in_use_ ImagesInUse in_use = {};
        StringList *layers = &check->broken.layers;
        int r;

        r = images_in_use_read(NULL, &in_use);
        for (size_t i = layers->count; i > 0 && r >= 0; i--) {
                const char *container = images_in_use_find(&in_use, NULL, layers->items[i - 1]);

                if (!container)
                        continue;
                printf("layer %s stays while the container %s uses it; stop that, and check again\n",
                       layers->items[i - 1], container);
                string_list_remove(layers, layers->items[i - 1]);
        }
        return r;
}

/* An image that is not whole any more gives its reference up, and is pulled when it is needed. */
static int drop_images(Check *check) {
        _cleanup_catalog_ Catalog catalog = {};
        int r;

        r = catalog_read(&check->store, &catalog);
        for (size_t i = 0; i < catalog.count && r >= 0; i++) {
                const StoredImage *image = &catalog.items[i];

                check->images++;
                if (!image->parts.problem)
                        continue;
                printf("image %s: %s; to pull it again: berth pull %s\n", image->name, image->parts.problem,
                       image->name);
                check->problems++;
                r = store_remove_reference(&check->store, image->instance);
        }
        return r;
}

static int drop_broken(Check *check) {
        enum { PATIENCE_USEC = 5 * 1000 * 1000 };
        _cleanup_close_ int lock_fd = -EBADF;
        int r;

        r = store_lock_alone(&check->store, PATIENCE_USEC, &lock_fd);
        if (r >= 0)
                r = spare_what_is_in_use(check);
        if (r >= 0)
                r = garbage_discard(&check->store, &check->broken, &check->staging);
        return r < 0 ? r : drop_images(check);
}

static int check_store(Check *check) {
        _cleanup_close_ int lock_fd = -EBADF;
        _cleanup_catalog_ Catalog catalog = {};
        int r;

        r = store_lock(&check->store, STORE_LOCK_SHARED, &lock_fd);
        if (r >= 0)
                r = staging_open(check->store.fd, &check->staging);
        if (r >= 0)
                r = check_blobs(check);
        if (r >= 0)
                r = catalog_read(&check->store, &catalog);
        return r < 0 ? r : check_layers(check, &catalog);
}

static int fsck(void) {
        _cleanup_(check_done) Check check = { .store = STORE_INIT, .staging = STAGING_INIT };
        int r;

        r = store_open_existing(NULL, &check.store);
        if (r == -ENOENT) {
                puts("there is nothing to check: no image has been pulled yet");
                return 0;
        }
        if (r >= 0)
                r = check_store(&check);
        if (r >= 0)
                r = drop_broken(&check);
        if (r == -EWOULDBLOCK) {
                log_error("An image is being pulled; try again when that is done");
                return r;
        }
        if (r < 0)
                return log_error_errno(r, "Failed to check the store %s: %m", place_path(PLACE_STATE));
        printf("%zu images, %zu layers, %zu blobs checked: %zu problems\n", check.images, check.layers, check.blobs,
               check.problems);
        return check.problems > 0 ? -EBADMSG : 0;
}

static int run(_unused_ const Call *call) {
        return fsck() < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

const Verb verb_fsck = {
        .name = "fsck",
        .synopsis = "",
        .summary = "Verify the store, and drop what is broken",
        .help = "Verify the store of images: every blob against its digest, and every unpacked layer against that of "
                "its files, or against its blob. "
                "What is broken is removed; images that were made of it are pulled again when they are needed.",
        .notes = "The exit status is 1 when there was a problem.",
        .options = (const Option[]) { {} },
        .for_users = FOR_USERS_AS_ROOT,
        .needs_root = true,
        .run = run,
};
