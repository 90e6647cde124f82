/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which images an archive has. */
#include "image/archive-look.h"

#include <errno.h>
#include <fcntl.h>

#include "basic/json.h"
#include "basic/text.h"
#include "config/image-reference.h"
#include "image/layer-stream.h"
#include "image/manifest.h"

#define DOCKER_LIST "manifest.json"
#define OCI_LIST "index.json"
#define OCI_NAME "org.opencontainers.image.ref.name"

enum { IMAGES_MOST = 1000, NAMES_MOST = 1000 };

/* The two lists that there may be. */
typedef struct Lists {
        char *docker, *oci;
} Lists;

static void lists_done(Lists *lists) {
        free(lists->docker);
        free(lists->oci);
}

/* What is read of it is bounded: an archive may say anything about sizes. */
static int read_content(LayerStream *stream, char **ret) {
        _cleanup_text_ Text text = {};
        const void *data;
        uint64_t offset;
        size_t size;
        int r;

        while ((r = layer_stream_read(stream, &data, &size, &offset)) > 0) {
                if (offset != text.length || size > IMAGE_JSON_MAX - text.length)
                        return -EBADMSG;
                text_append_n(&text, data, size);
        }
        return r < 0 ? r : text_take(&text, ret);
}

static int read_lists(LayerStream *stream, Lists *ret) {
        LayerEntry entry;
        int r;

        while ((r = layer_stream_next(stream, &entry)) > 0) {
                const char *path = startswith(entry.path, "./") ?: entry.path;
                char **list = streq(path, DOCKER_LIST) ? &ret->docker : streq(path, OCI_LIST) ? &ret->oci : NULL;

                if (!list || *list || !S_ISREG(entry.mode) || entry.hard_link)
                        continue;
                r = read_content(stream, list);
                if (r < 0)
                        return r;
        }
        return r;
}

/* Docker's short names are docker.io's, and so they mean that in what it has saved. */
static int canonical_name(const char *text, char **ret) {
        _cleanup_image_reference_ ImageReference reference = {};
        _cleanup_free_ char *message = NULL, *name = NULL, *full = NULL;
        int r = image_reference_short_name(text, &name);

        if (r < 0)
                return r;
        if (r > 0)
                full = text_format("docker.io/%s%s", strchr(name, '/') ? "" : "library/", text);
        else
                full = strdup(text);
        if (!full)
                return -ENOMEM;
        r = image_reference_parse(full, &reference, &message);
        if (r >= 0 && (reference.transport != TRANSPORT_REGISTRY || reference.digest))
                r = -EINVAL;
        if (r >= 0)
                *ret = TAKE_PTR(reference.name);
        return r;
}

static int add_name(const char *path, json_object *value, Diagnostics *diagnostics, StringList *names) {
        const char *text = json_object_is_type(value, json_type_string) ? json_object_get_string(value) : NULL;
        _cleanup_free_ char *name = NULL;
        int r = text ? canonical_name(text, &name) : -EINVAL;

        if (r == -EINVAL) {
                diagnose_warning(diagnostics, &(Location) { .file = path }, "\"%s\" is no name of an image",
                                 text ?: "");
                return 0;
        }
        if (r < 0 || string_list_contains(names, name))
                return r;
        return names->count < NAMES_MOST ? string_list_add(names, name) : 0;
}

static ArchivedImage *begin_image(ArchivedImages *images, char *source) {
        if (!source || ARRAY_RESERVE(images->items, images->allocated, images->count + 1) < 0) {
                free(source);
                return NULL;
        }
        images->items[images->count] = (ArchivedImage) { .source = source };
        return &images->items[images->count++];
}

/* [{"Config": …, "RepoTags": ["nginx:latest"], "Layers": …}] */
static int take_docker(const char *path, json_object *list, Diagnostics *diagnostics, ArchivedImages *images) {
        int r = 0;

        for (size_t i = 0; i < json_object_array_length(list) && r >= 0; i++) {
                ArchivedImage *image = begin_image(images, text_format("docker-archive:%s:@%zu", path, i));
                json_object *names = json_get_member(json_object_array_get_idx(list, i), "RepoTags", json_type_array);

                if (!image)
                        return -ENOMEM;
                for (size_t j = 0; names && j < json_object_array_length(names) && r >= 0; j++)
                        r = add_name(path, json_object_array_get_idx(names, j), diagnostics, &image->names);
        }
        return r;
}

/* {"manifests": [{"annotations": {"org.opencontainers.image.ref.name": "quay.io/a/b:1"}}]} */
static int take_oci(const char *path, json_object *list, Diagnostics *diagnostics, ArchivedImages *images) {
        int r = 0;

        for (size_t i = 0; i < json_object_array_length(list) && r >= 0; i++) {
                json_object *annotations = json_object_object_get(json_object_array_get_idx(list, i), "annotations"),
                            *name = json_get_member(annotations, OCI_NAME, json_type_string);
                ArchivedImage *image = begin_image(images, text_format("oci-archive:%s%s%s", path, name ? ":" : "",
                                                                       name ? json_object_get_string(name) : ""));

                if (!image)
                        return -ENOMEM;
                /* A tag alone is what a layout's own names are. */
                if (name && strchr(json_object_get_string(name), '/'))
                        r = add_name(path, name, diagnostics, &image->names);
        }
        return r;
}

static int take_lists(const char *path, const Lists *lists, Diagnostics *diagnostics, ArchivedImages *images) {
        const Location where = { .file = path };
        const char *text = lists->docker ?: lists->oci;
        _cleanup_json_object_ json_object *json = NULL;
        json_object *list;
        int r;

        if (!text)
                return diagnose_error(diagnostics, &where, "there is neither " DOCKER_LIST " nor " OCI_LIST
                                                           " in it: it is no archive of images");
        r = json_parse(text, strlen(text), path, diagnostics, &json);
        if (r < 0)
                return r == -ENOMEM ? r : -EREPORTED;
        list = lists->docker ? json : json_object_object_get(json, "manifests");
        if (!list || !json_object_is_type(list, json_type_array) || json_object_array_length(list) == 0)
                return diagnose_error(diagnostics, &where, "there is no image in it");
        if (json_object_array_length(list) > IMAGES_MOST)
                return diagnose_error(diagnostics, &where, "there are more than %d images in it", IMAGES_MOST);
        return lists->docker ? take_docker(path, list, diagnostics, images)
                             : take_oci(path, list, diagnostics, images);
}

int archive_look(const char *path, Diagnostics *diagnostics, ArchivedImages *ret) {
        _cleanup_close_ int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        _cleanup_archived_images_ ArchivedImages images = {};
        _cleanup_layer_stream_ LayerStream *stream = NULL;
        _cleanup_(lists_done) Lists lists = {};
        struct stat st;
        int64_t limit;
        int r;

        if (fd < 0 || fstat(fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode))
                return diagnose_error(diagnostics, &(Location) { .file = path }, "not a regular file");
        /* What is compressed is no larger for us than what the file is on disk a thousand times. */
        limit = st.st_size > INT64_MAX / 1000 ? INT64_MAX : st.st_size * 1000;
        r = layer_stream_open(fd, (uint64_t) limit, &stream);
        if (r >= 0)
                r = read_lists(stream, &lists);
        if (r == -EBADMSG || r == -EFBIG)
                return diagnose_error(diagnostics, &(Location) { .file = path }, "the archive is damaged");
        if (r >= 0)
                r = take_lists(path, &lists, diagnostics, &images);
        if (r < 0)
                return r;
        *ret = images;
        images = (ArchivedImages) {};
        return 0;
}

void archived_images_done(ArchivedImages *images) {
        for (size_t i = 0; i < images->count; i++) {
                free(images->items[i].source);
                string_list_done(&images->items[i].names);
        }
        free(images->items);
        *images = (ArchivedImages) {};
}
