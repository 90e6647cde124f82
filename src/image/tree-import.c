/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An image made of an archive of a root file system. What the archive has is not looked at here:
 * that is for the pull, as with any layer. */
#include "image/tree-import.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "basic/files.h"
#include "basic/text.h"
#include "image/layer-stream.h"
#include "image/layer.h"
#include "source/places.h"

#define LAYOUT "layout"
#define BLOBS LAYOUT "/blobs/sha256"
#define LAYER LAYOUT "/layer"
#define TYPE "application/vnd.oci.image."

static int copy(int from, int to) {
        char buffer[64 * 1024];
        ssize_t n;
        int r;

        while ((n = read(from, buffer, sizeof(buffer))) != 0) {
                if (n < 0 && errno == EINTR)
                        continue;
                r = n < 0 ? -errno : write_all(to, buffer, (size_t) n);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* What the media type has behind "tar". */
static int find_compression(int fd, const char **ret) {
        static const unsigned char gzip[] = { 0x1f, 0x8b }, zstd[] = { 0x28, 0xb5, 0x2f, 0xfd };
        unsigned char head[sizeof(zstd)] = {};

        if (pread(fd, head, sizeof(head), 0) < 0)
                return -errno;
        *ret = memcmp(head, gzip, sizeof(gzip)) == 0 ? "+gzip" : memcmp(head, zstd, sizeof(zstd)) == 0 ? "+zstd" : "";
        return 0;
}

static int find_diff_id(int fd, uint64_t size, char ret[DIGEST_TEXT_SIZE]) {
        _cleanup_layer_stream_ LayerStream *stream = NULL;
        LayerEntry entry;
        int r;

        if (lseek(fd, 0, SEEK_SET) < 0)
                return -errno;
        r = layer_stream_open(fd, layer_limits_for(size).tar_bytes, &stream);
        while (r >= 0 && (r = layer_stream_next(stream, &entry)) > 0)
                ;
        return r < 0 ? r : layer_stream_finish(stream, ret);
}

static int blob_name(const char *digest, char **ret) {
        *ret = text_format(BLOBS "/%s", digest_hex(digest));
        return *ret ? 0 : -ENOMEM;
}

static int add_blob(const Staging *staging, const Text *text, char ret_digest[DIGEST_TEXT_SIZE]) {
        _cleanup_free_ char *name = NULL;
        int r;

        if (text->failed)
                return -ENOMEM;
        r = digest_of_bytes(text->data, text->length, ret_digest);
        if (r >= 0)
                r = blob_name(ret_digest, &name);
        return r < 0 ? r : write_file_atomic_at(staging->fd, name, text->data, text->length, 0600);
}

typedef struct Layer {
        char digest[DIGEST_TEXT_SIZE], diff_id[DIGEST_TEXT_SIZE];
        const char *compression;
        uint64_t size;
} Layer;

/* The archive may change, and need not be a file: it is copied first. */
static int add_layer(const Staging *staging, int from, Layer *ret) {
        _cleanup_close_ int fd = openat(staging->fd, LAYER, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        _cleanup_free_ char *name = NULL;
        int r;

        if (fd < 0)
                return -errno;
        r = copy(from, fd);
        if (r >= 0)
                r = lseek(fd, 0, SEEK_SET) < 0 ? -errno : digest_of_fd(fd, ret->digest, &ret->size);
        if (r >= 0)
                r = find_compression(fd, &ret->compression);
        if (r >= 0)
                r = find_diff_id(fd, ret->size, ret->diff_id);
        if (r >= 0)
                r = blob_name(ret->digest, &name);
        if (r < 0)
                return r;
        return renameat(staging->fd, LAYER, staging->fd, name) < 0 ? -errno : 0;
}

static int add_configuration(const Staging *staging, const Layer *layer, char ret_digest[DIGEST_TEXT_SIZE],
                             size_t *ret_size) {
        ImagePlatform platform = image_platform_native();
        _cleanup_text_ Text text = {};

        text_appendf(&text, "{\"os\":\"%s\",\"architecture\":\"%s\",", platform.os, platform.architecture);
        text_appendf(&text, "\"config\":{},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"%s\"]}}", layer->diff_id);
        *ret_size = text.length;
        return add_blob(staging, &text, ret_digest);
}

static int add_manifest(const Staging *staging, const Layer *layer, char ret_digest[DIGEST_TEXT_SIZE],
                        size_t *ret_size) {
        char configuration[DIGEST_TEXT_SIZE];
        _cleanup_text_ Text text = {};
        size_t size;
        int r;

        r = add_configuration(staging, layer, configuration, &size);
        if (r < 0)
                return r;
        text_append(&text, "{\"schemaVersion\":2,\"mediaType\":\"" TYPE "manifest.v1+json\",\"config\":");
        text_appendf(&text, "{\"mediaType\":\"" TYPE "config.v1+json\",\"digest\":\"%s\",\"size\":%zu},", configuration,
                     size);
        text_appendf(&text, "\"layers\":[{\"mediaType\":\"" TYPE "layer.v1.tar%s\",\"digest\":\"%s\",\"size\":%llu}]}",
                     layer->compression, layer->digest, (unsigned long long) layer->size);
        *ret_size = text.length;
        return add_blob(staging, &text, ret_digest);
}

static int add_index(const Staging *staging, const Layer *layer) {
        static const char version[] = "{\"imageLayoutVersion\":\"1.0.0\"}";
        char manifest[DIGEST_TEXT_SIZE];
        _cleanup_text_ Text text = {};
        size_t size;
        int r;

        r = add_manifest(staging, layer, manifest, &size);
        if (r < 0)
                return r;
        text_append(&text, "{\"schemaVersion\":2,\"manifests\":[{\"mediaType\":\"" TYPE "manifest.v1+json\",");
        text_appendf(&text, "\"digest\":\"%s\",\"size\":%zu}]}", manifest, size);
        r = text.failed ? -ENOMEM
                        : write_file_atomic_at(staging->fd, LAYOUT "/index.json", text.data, text.length, 0600);
        return r < 0 ? r : write_file_atomic_at(staging->fd, LAYOUT "/oci-layout", version, strlen(version), 0600);
}

int tree_import(const Staging *staging, int fd, char **ret_source) {
        Layer layer = {};
        int r;

        r = make_directories_at(staging->fd, BLOBS, 0700);
        if (r >= 0)
                r = add_layer(staging, fd, &layer);
        if (r >= 0)
                r = add_index(staging, &layer);
        if (r < 0)
                return r;
        *ret_source = text_format("oci:%s/%s/" LAYOUT, place_path(PLACE_STATE), staging->name);
        return *ret_source ? 0 : -ENOMEM;
}
