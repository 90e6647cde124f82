/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Archives of images. */
#include "image/save/image-archive.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "basic/json.h"
#include "basic/text.h"
#include "image/save/tar-writer.h"

static int write_file(TarWriter *writer, const char *path, const char *text) {
        const LayerEntry entry = { .path = path, .mode = S_IFREG | 0644, .size_bytes = strlen(text) };
        int r = tar_writer_add(writer, &entry);

        return r < 0 ? r : tar_writer_write(writer, text, strlen(text));
}

static int open_blob(const ArchivePlan *plan, const ArchiveBlob *blob) {
        int fd;

        if (!blob->packed)
                return store_open_blob(plan->store, blob->digest);
        fd = openat(plan->staging->fd, digest_hex(blob->digest), O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
        return fd < 0 ? -errno : fd;
}

/* What is in the archive by a digest has that digest: nothing damaged is passed on. */
static int copy_blob(const ArchivePlan *plan, TarWriter *writer, const ArchiveBlob *blob) {
        _cleanup_close_ int fd = open_blob(plan, blob);
        _cleanup_digester_ Digester *digester = NULL;
        char buffer[64 * 1024], digest[DIGEST_TEXT_SIZE];
        int r = fd < 0 ? fd : digester_new(&digester);

        while (r >= 0) {
                ssize_t n = read(fd, buffer, sizeof(buffer));

                if (n < 0 && errno == EINTR)
                        continue;
                if (n <= 0) {
                        r = n < 0 ? -errno : 0;
                        break;
                }
                digester_update(digester, buffer, (size_t) n);
                r = tar_writer_write(writer, buffer, (size_t) n);
        }
        if (r < 0)
                return r;
        digester_finish(digester, digest);
        if (writer->left == 0 && streq(digest, blob->digest))
                return 0;
        return diagnose_error(plan->diagnostics, NULL, "the blob %s is damaged; see berth fsck", blob->digest);
}

/* docker-archive has its blobs at the top. */
static int write_blob(const ArchivePlan *plan, TarWriter *writer, const ArchiveBlob *blob, ArchiveFormat format) {
        const char *hex = digest_hex(blob->digest);
        _cleanup_free_ char *path = format == ARCHIVE_OCI ? text_format("blobs/sha256/%s", hex)
                                                          : text_format("%s.%s", hex, blob->layer ? "tar" : "json");
        const LayerEntry entry = { .path = path, .mode = S_IFREG | 0644, .size_bytes = blob->size_bytes };
        int r = path ? tar_writer_add(writer, &entry) : -ENOMEM;

        if (r < 0)
                return r;
        return blob->text ? tar_writer_write(writer, blob->text, (size_t) blob->size_bytes)
                          : copy_blob(plan, writer, blob);
}

static void describe_manifest(Json *json, const ArchivedEntry *entry, const char *name) {
        json_open_object(json, NULL);
        json_add_string(json, "mediaType", entry->type);
        json_add_string(json, "digest", entry->manifest);
        json_add_unsigned(json, "size", entry->manifest_size);
        if (name) {
                json_open_object(json, "annotations");
                json_add_string(json, "org.opencontainers.image.ref.name", name);
                json_close(json);
        }
        json_close(json);
}

/* index.json: a line for each name. */
static void describe_layout(const ArchivePlan *plan, Json *json) {
        json_open_object(json, NULL);
        json_add_unsigned(json, "schemaVersion", 2);
        json_open_array(json, "manifests");
        for (size_t i = 0; i < plan->entry_count; i++) {
                const ArchivedEntry *entry = &plan->entries[i];

                if (entry->image->names.count == 0)
                        describe_manifest(json, entry, NULL);
                for (size_t j = 0; j < entry->image->names.count; j++)
                        describe_manifest(json, entry, entry->image->names.items[j]);
        }
        json_close(json);
        json_close(json);
}

static int describe_docker_image(const ArchivedEntry *entry, Json *json) {
        _cleanup_free_ char *config = text_format("%s.json", digest_hex(entry->config));
        _cleanup_string_list_ StringList layers = {};

        for (size_t i = 0; i < entry->layers.count; i++)
                if (string_list_addf(&layers, "%s.tar", digest_hex(entry->layers.items[i])) < 0)
                        return -ENOMEM;
        if (!config)
                return -ENOMEM;
        json_open_object(json, NULL);
        json_add_string(json, "Config", config);
        json_add_strings(json, "RepoTags", &entry->image->names);
        json_add_strings(json, "Layers", &layers);
        json_close(json);
        return 0;
}

/* manifest.json */
static int describe_docker(const ArchivePlan *plan, Json *json) {
        int r = 0;

        json_open_array(json, NULL);
        for (size_t i = 0; i < plan->entry_count && r >= 0; i++)
                r = describe_docker_image(&plan->entries[i], json);
        json_close(json);
        return r;
}

static int write_list(TarWriter *writer, const char *path, Json *json) {
        enum { STYLE = JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE };
        _cleanup_json_object_ json_object *object = NULL;
        const char *text;
        int r = json_take(json, &object);

        if (r < 0)
                return r;
        text = json_object_to_json_string_ext(object, STYLE);
        return text ? write_file(writer, path, text) : -ENOMEM;
}

static int write_head(const ArchivePlan *plan, TarWriter *writer, ArchiveFormat format) {
        static const char *const directories[] = { "blobs/", "blobs/sha256/" };
        _cleanup_json_ Json json = {};
        int r;

        if (format == ARCHIVE_DOCKER) {
                r = describe_docker(plan, &json);
                return r < 0 ? r : write_list(writer, "manifest.json", &json);
        }
        describe_layout(plan, &json);
        r = write_file(writer, "oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}");
        if (r >= 0)
                r = write_list(writer, "index.json", &json);
        for (size_t i = 0; i < ARRAY_SIZE(directories) && r >= 0; i++)
                r = tar_writer_add(writer, &(LayerEntry) { .path = directories[i], .mode = S_IFDIR | 0755 });
        return r;
}

/* docker has no manifests of OCI's. */
static bool is_left_out(const ArchivePlan *plan, const ArchiveBlob *blob, ArchiveFormat format) {
        for (size_t i = 0; i < plan->entry_count && format == ARCHIVE_DOCKER; i++)
                if (streq(plan->entries[i].manifest, blob->digest))
                        return true;
        return false;
}

static int write_archive(const ArchivePlan *plan, ArchiveFormat format, int out_fd) {
        _cleanup_tar_writer_ TarWriter writer = {};
        char digest[DIGEST_TEXT_SIZE];
        uint64_t bytes;
        int r = tar_writer_open(out_fd, &writer);

        if (r >= 0)
                r = write_head(plan, &writer, format);
        for (size_t i = 0; i < plan->blob_count && r >= 0; i++)
                if (!is_left_out(plan, &plan->blobs[i], format))
                        r = write_blob(plan, &writer, &plan->blobs[i], format);
        return r < 0 ? r : tar_writer_finish(&writer, digest, &bytes);
}

int image_archive_write(const Store *store, const Staging *staging, const SavedImage *images, size_t count,
                        ArchiveFormat format, int out_fd, Diagnostics *diagnostics) {
        _cleanup_archive_plan_ ArchivePlan plan = { .store = store, .staging = staging, .diagnostics = diagnostics };
        int r = 0;

        for (size_t i = 0; i < count && r >= 0; i++)
                r = archive_plan_add(&plan, &images[i]);
        return r < 0 ? r : write_archive(&plan, format, out_fd);
}
