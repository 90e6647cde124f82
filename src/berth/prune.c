/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* berth prune and berth rmi: what the store has and nobody needs. */
#include <errno.h>
#include <stdio.h>

#include "basic/log.h"
#include "basic/text.h"
#include "berth/berth-verbs.h"
#include "berth/command/image-argument.h"
#include "berth/prune-leftovers.h"
#include "berth/store-view.h"
#include "image/collect.h"

typedef struct Removal {
        StoreView view;
        bool dry_run;
        bool *doomed; /* for each image of the catalog */
} Removal;

static void removal_done(Removal *removal) {
        removal->doomed = x_free(removal->doomed);
        store_view_done(&removal->view);
}

static bool is_doomed(const StoredImage *image, void *userdata) {
        const Removal *removal = userdata;
        return removal->doomed[image - removal->view.catalog.items];
}

/* References first: one must never lead to what is gone. */
static int remove_references(const Removal *removal) {
        const Catalog *catalog = &removal->view.catalog;

        for (size_t i = 0; i < catalog->count; i++) {
                int r = 0;

                if (!removal->doomed[i])
                        continue;
                if (!removal->dry_run)
                        r = store_remove_reference(&removal->view.store, catalog->items[i].instance);
                if (r < 0 && r != -ENOENT)
                        return log_error_errno(r, "Failed to remove the image %s: %m", catalog->items[i].name);
                printf("%s %s\n", removal->dry_run ? "would remove" : "removed", catalog->items[i].name);
        }
        return 0;
}

static int discard(Removal *removal, const Garbage *garbage) {
        _cleanup_staging_ Staging trash = STAGING_INIT;
        int r;

        r = staging_open(removal->view.store.fd, &trash);
        if (r >= 0)
                r = garbage_discard(&removal->view.store, garbage, &trash);
        if (r >= 0)
                r = store_clear_leftovers(&removal->view.store);
        /* From here on nothing is in anybody's way; to remove the files themselves takes its
         * time. */
        removal->view.lock_fd = fd_close(removal->view.lock_fd);
        return r;
}

/* Removes the doomed references, and all that nothing leads to then. */
static int remove_unneeded(Removal *removal) {
        _cleanup_garbage_ Garbage garbage = {};
        _cleanup_free_ char *size = NULL;
        int r;

        r = garbage_find(&removal->view.store, &removal->view.catalog, is_doomed, removal, &removal->view.in_use,
                         &garbage);
        if (r < 0)
                return log_error_errno(r, "Failed to find what nothing leads to: %m");
        r = remove_references(removal);
        if (r < 0)
                return r;
        if (!removal->dry_run && garbage.blobs.count + garbage.layers.count > 0) {
                r = discard(removal, &garbage);
                if (r < 0)
                        return log_error_errno(r, "Failed to remove what nothing leads to: %m");
        }
        size = text_of_bytes(garbage.bytes);
        if (!size)
                return log_oom();
        printf("%s %zu layers and %zu blobs, %s\n", removal->dry_run ? "would remove" : "removed", garbage.layers.count,
               garbage.blobs.count, size);
        return 0;
}

static int open_removal(Removal *removal) {
        int r = store_view_open(STORE_CHANGE, &removal->view);

        if (r <= 0)
                return r;
        removal->doomed = calloc(removal->view.catalog.count + 1, sizeof(*removal->doomed));
        return removal->doomed ? 1 : log_oom();
}

static int prune(bool dry_run) {
        _cleanup_(removal_done) Removal removal = { .view = STORE_VIEW_INIT, .dry_run = dry_run };
        const Catalog *catalog = &removal.view.catalog;
        int r;

        /* First: such a container holds its image. */
        r = prune_bundles(dry_run);
        if (r >= 0)
                r = prune_volumes(dry_run);
        if (r >= 0)
                r = prune_run_files(dry_run);
        if (r >= 0)
                r = open_removal(&removal);
        if (r > 0)
                r = prune_update_notes(&removal.view, dry_run);
        if (r >= 0)
                r = prune_downloads(dry_run);
        if (r >= 0 && places_scope() == SCOPE_SYSTEM)
                r = prune_checkpoints(dry_run);
        /* Without a store there are no images. */
        if (r < 0 || removal.view.store.fd < 0)
                return r;
        for (size_t i = 0; i < catalog->count; i++)
                removal.doomed[i] = !store_view_is_needed(&removal.view, &catalog->items[i]);
        return remove_unneeded(&removal);
}

enum { DRY_RUN };

static int run_prune(const Call *call) {
        return prune(call->values[DRY_RUN]) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

const Verb verb_prune = {
        .name = "prune",
        .synopsis = "[OPTION…]",
        .summary = "Remove what no file and no container needs",
        .help = "Remove the images that no file asks for and no container uses, and all layers and blobs that no image "
                "has; what interrupted pulls have left, checkpoints of containers without a file, and notes of "
                "auto-update about images that no file asks for; what interrupted imports into volumes have left; and "
                "clean up after containers that were masked while they ran. Volumes themselves are left alone.",
        .options = (const Option[]) {
                [DRY_RUN] = { .name = "dry-run", .help = "Print what would be removed, and remove nothing" },
                {},
        },
        .for_users = FOR_USERS_AS_ROOT,
        .needs_root = true,
        .run = run_prune,
};

static StoredImage *find_image(const Catalog *catalog, const char *name) {
        for (size_t i = 0; i < catalog->count; i++)
                if (streq(catalog->items[i].name, name))
                        return &catalog->items[i];
        return NULL;
}

/* Returns 0, or -errno with what is wrong logged. */
static int doom(Removal *removal, const char *argument) {
        _cleanup_free_ char *name = NULL;
        const char *container;
        StoredImage *image;
        int r;

        r = image_argument_resolve(argument, &name);
        if (r < 0)
                return r;
        image = find_image(&removal->view.catalog, name);
        if (!image) {
                log_error("There is no image %s", name);
                return -ENOENT;
        }
        container = images_in_use_find(&removal->view.in_use, image->parts.manifest, NULL);
        if (container) {
                log_error("The image %s is in use by the container %s", image->name, container);
                return -EBUSY;
        }
        removal->doomed[image - removal->view.catalog.items] = true;
        return 0;
}

static int rmi(char **arguments) {
        _cleanup_(removal_done) Removal removal = { .view = STORE_VIEW_INIT };
        int r, result = 0;

        r = open_removal(&removal);
        if (r < 0)
                return r;
        for (; *arguments; arguments++) {
                r = doom(&removal, *arguments);
                result = r < 0 ? r : result;
        }
        /* All or nothing. */
        return result < 0 ? result : remove_unneeded(&removal);
}

static int run_rmi(const Call *call) {
        return rmi(call->arguments) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

const Verb verb_rmi = {
        .name = "rmi",
        .synopsis = "[OPTION…] IMAGE…",
        .summary = "Remove images",
        .help = "Remove images from the store, with the layers that no other one has. An image that a container uses "
                "stays.",
        .options = (const Option[]) { {} },
        .least = 1,
        .most = ANY_NUMBER,
        .for_users = FOR_USERS_AS_ROOT,
        .needs_root = true,
        .run = run_rmi,
};
