/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* berth images: what the store has, and other names for it. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "basic/log.h"
#include "basic/text.h"
#include "berth/berth-verbs.h"
#include "berth/command/misuse.h"
#include "berth/command/output.h"
#include "berth/images/archive-load.h"
#include "berth/images/image-save.h"
#include "berth/images/image-tag.h"
#include "berth/images/tree-take.h"
#include "berth/store-view.h"

/* How large each unpacked layer or blob is, and how many images have it. */
typedef struct PartUse {
        const char *digest; /* borrowed from the catalog */
        bool layer;         /* a layer and a blob may have the same digest */
        uint64_t bytes;
        size_t images;
} PartUse;

typedef struct Listing {
        StoreView view;
        PartUse *parts;
        size_t part_count, parts_allocated;
} Listing;

typedef struct ImageSize {
        uint64_t bytes;        /* all of it that is on the disk */
        uint64_t shared_bytes; /* what other images have, too */
} ImageSize;

static void listing_done(Listing *listing) {
        listing->parts = x_free(listing->parts);
        store_view_done(&listing->view);
}

static PartUse *find_part(const Listing *listing, const char *digest, bool layer) {
        for (size_t i = 0; i < listing->part_count; i++)
                if (listing->parts[i].layer == layer && streq(listing->parts[i].digest, digest))
                        return &listing->parts[i];
        return NULL;
}

/* An image that has a layer twice has it once on disk. */
static bool is_first(const StringList *digests, size_t i) {
        for (size_t j = 0; j < i; j++)
                if (streq(digests->items[j], digests->items[i]))
                        return false;
        return true;
}

static int count_part(Listing *listing, const char *digest, bool layer) {
        PartUse *part = find_part(listing, digest, layer);

        if (!part) {
                if (ARRAY_RESERVE(listing->parts, listing->parts_allocated, listing->part_count + 1) < 0)
                        return -ENOMEM;
                part = &listing->parts[listing->part_count++];
                *part = (PartUse) { .digest = digest, .layer = layer };
                /* What is missing has no size. */
                (void) (layer ? layer_disk_usage(&listing->view.store, digest, &part->bytes) :
                                store_has_blob(&listing->view.store, digest, &part->bytes));
        }
        part->images++;
        return 0;
}

static int count_list(Listing *listing, const StringList *digests, bool layers) {
        int r = 0;

        for (size_t i = 0; i < digests->count && r >= 0; i++)
                if (is_first(digests, i))
                        r = count_part(listing, digests->items[i], layers);
        return r;
}

static int count_parts(Listing *listing) {
        const Catalog *catalog = &listing->view.catalog;
        int r = 0;

        for (size_t i = 0; i < catalog->count && r >= 0; i++) {
                r = count_list(listing, &catalog->items[i].parts.diff_ids, true);
                if (r >= 0)
                        r = count_list(listing, &catalog->items[i].parts.blobs, false);
        }
        return r;
}

static void add_size(const Listing *listing, const StringList *digests, bool layers, ImageSize *size) {
        for (size_t i = 0; i < digests->count; i++) {
                const PartUse *part = find_part(listing, digests->items[i], layers);

                if (!is_first(digests, i))
                        continue;
                size->bytes += part->bytes;
                if (part->images > 1)
                        size->shared_bytes += part->bytes;
        }
}

static ImageSize size_of(const Listing *listing, const StoredImage *image) {
        ImageSize size = {};

        add_size(listing, &image->parts.diff_ids, true, &size);
        add_size(listing, &image->parts.blobs, false, &size);
        return size;
}

/* The files that ask for it, then the containers that run it. */
static int find_users(const Listing *listing, const StoredImage *image, StringList *ret) {
        const StoreView *view = &listing->view;
        int r = 0;

        for (size_t i = 0; i < view->needs.count && r >= 0; i++)
                if (image_need_matches(&view->needs.items[i], image->name) &&
                    !string_list_contains(ret, view->needs.items[i].file_name))
                        r = string_list_add(ret, view->needs.items[i].file_name);
        for (size_t i = 0; i < view->in_use.count && r >= 0; i++) {
                const ImageInUse *use = &view->in_use.items[i];
                _cleanup_free_ char *user = text_format("%s (running)", use->container);

                if (!user)
                        return -ENOMEM;
                /* One container may mount it, too, or twice. */
                if (streq(use->manifest, image->parts.manifest) && !string_list_contains(ret, user))
                        r = string_list_add(ret, user);
        }
        return r;
}

enum { IMAGE, DIGEST, SIZE, SHARED, LAYERS, USED_BY, PROBLEM };

static const Column columns[] = {
        [IMAGE] = { "IMAGE", "name", COLUMN_WRAPS },      [DIGEST] = { "DIGEST", "digest", 0 },
        [SIZE] = { "SIZE", "size", COLUMN_RIGHT },        [SHARED] = { "SHARED", "sharedSize", COLUMN_RIGHT },
        [LAYERS] = { "LAYERS", "layers", COLUMN_RIGHT },  [USED_BY] = { "USED BY", "usedBy", COLUMN_WRAPS },
        [PROBLEM] = { NULL, "problem", 0 },
};

/* The beginning of the digest for people, all of it for programs. */
static void set_digest(Table *table, const char *digest) {
        _cleanup_free_ char *text = *digest ? strndup(digest_hex(digest), 12) : NULL;

        table_set(table, DIGEST, text, json_object_new_string(digest));
}

static int add_image(Table *table, const Listing *listing, const StoredImage *image) {
        ImageSize size = size_of(listing, image);
        _cleanup_string_list_ StringList users = {};

        if (find_users(listing, image, &users) < 0)
                return -ENOMEM;
        table_begin_row(table);
        table_set_text(table, IMAGE, image->name);
        set_digest(table, image->parts.manifest);
        table_set_bytes(table, SIZE, size.bytes);
        table_set_bytes(table, SHARED, size.shared_bytes);
        table_set_number(table, LAYERS, image->parts.diff_ids.count);
        table_set_list(table, USED_BY, &users);
        table_set_text(table, PROBLEM, image->parts.problem);
        if (image->parts.problem)
                table_set_colour(table, IMAGE, COLOUR_BAD);
        return 0;
}

static void report_problems(const Catalog *catalog) {
        for (size_t i = 0; i < catalog->count; i++)
                if (catalog->items[i].parts.problem)
                        log_warning("%s is damaged: %s; to pull it again: berth pull %s", catalog->items[i].name,
                                    catalog->items[i].parts.problem, catalog->items[i].name);
}

static int list_images(const Call *call) {
        _cleanup_(listing_done) Listing listing = { .view = STORE_VIEW_INIT };
        const Catalog *catalog = &listing.view.catalog;
        _cleanup_table_ Table table = TABLE_INIT(columns);
        int r;

        r = store_view_open(STORE_LOOK, &listing.view);
        if (r < 0)
                return r;
        r = count_parts(&listing);
        for (size_t i = 0; i < catalog->count && r >= 0; i++)
                r = add_image(&table, &listing, &catalog->items[i]);
        if (r >= 0)
                r = table_print(&table, call);
        if (r < 0)
                return log_error_errno(r, "Failed to list the images: %m");
        if (!call->values[TABLE_JSON])
                report_problems(catalog);
        return 0;
}

enum { OUTPUT = _TABLE_OPTION_COUNT, FORMAT };

static int status_of(int r) {
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int tag(const Call *call) {
        return status_of(image_tag(call->arguments[1], call->arguments[2]));
}

static int load(const Call *call) {
        return status_of(archive_load(call->arguments[1], call->arguments[2]));
}

static int import(const Call *call) {
        return status_of(tree_take(call->arguments[1], call->arguments[2]));
}

static int save(const Call *call) {
        const char *file = call->values[OUTPUT] && !streq(call->values[OUTPUT], "-") ? call->values[OUTPUT] : NULL;
        ArchiveFormat format;

        if (archive_format_parse(call->values[FORMAT], &format) < 0)
                return command_misused(call, "\"%s\" is no format: --format=oci-archive or docker-archive",
                                       call->values[FORMAT]);
        if (!file && isatty(STDOUT_FILENO))
                return command_misused(call, "An archive is nothing to show on a terminal: use -o FILE");
        return status_of(image_save(call->arguments + 1, format, file));
}

static int list(const Call *call) {
        return status_of(list_images(call));
}

static const Subcommand subcommands[] = {
        { "", "", 0, 0, 1 << TABLE_JSON | 1 << TABLE_NO_HEADINGS, list },
        { "tag", "IMAGE NAME", 2, 2, 0, tag },
        { "load", "FILE [NAME]", 1, 2, 0, load },
        { "import", "FILE NAME", 2, 2, 0, import },
        { "save", "[-o FILE] [--format=FORMAT] IMAGE…", 1, ANY_NUMBER, 1 << OUTPUT | 1 << FORMAT, save },
        {},
};

const Verb verb_images = {
        .name = "images",
        .synopsis = "[OPTION…] [import|load|save|tag IMAGE…]",
        .summary = "List the images in the store, name, load and save some",
        .help = "List the images in the store: how much room they take, how much of it is shared with other "
                "images, and which files ask for them. \"tag IMAGE NAME\" gives one that is there another name, and "
                "takes that from what had it. \"load FILE\" puts the images of an archive of docker save, podman save "
                "or skopeo into the store, by its names for them or another; \"import FILE NAME\" makes an image of a "
                "tar archive of a root file system. \"save IMAGE…\" writes an archive that \"load\", podman, docker "
                "and skopeo take.",
        .options = (const Option[]) {
                TABLE_OPTIONS,
                [OUTPUT] = { .name = "output", .argument = "FILE", .letter = 'o',
                             .help = "Save to a file instead of standard output" },
                [FORMAT] = { .name = "format", .argument = "FORMAT",
                             .help = "Save as oci-archive (the default) or docker-archive" },
                {},
        },
        .for_users = FOR_USERS_AS_ROOT,
        .needs_root = true,
        .pages = true,
        .subcommands = subcommands,
};
