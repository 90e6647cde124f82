/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where an image comes from. After the first look everything is asked for by digest, so that a tag
 * that moves meanwhile changes nothing, and the signatures that skopeo checks are those of the
 * manifest that the store gets. */
#include "image/fetch.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <unistd.h>

#include "basic/files.h"
#include "basic/json.h"
#include "basic/text.h"
#include "image/reuse.h"

#define DIR_MANIFEST DOWNLOAD_LAYOUT "/manifest.json"
#define LAYOUT_INDEX DOWNLOAD_LAYOUT "/index.json"

static bool is_registry(const Fetch *fetch) {
        return !fetch->request->source && fetch->reference->transport == TRANSPORT_REGISTRY;
}

static SkopeoOptions options_of(const Fetch *fetch) {
        const PullRequest *request = fetch->request;

        return (SkopeoOptions) {
                .auth_file = fetch->download->auth_file ?: request->auth_file,
                .certificate_directory = request->certificate_directory,
                .decryption_key = fetch->download->decryption_key,
                .tls_verify = request->tls_verify,
                .os = request->os,
                .architecture = request->architecture,
                .variant = request->variant,
        };
}

static ImagePlatform platform_of(const PullRequest *request) {
        ImagePlatform native = image_platform_native();

        return (ImagePlatform) {
                .os = request->os ?: native.os,
                .architecture = request->architecture ?: native.architecture,
                /* This machine's variant says nothing of another architecture. */
                .variant = request->variant ?: (request->architecture ? NULL : native.variant),
        };
}

/* Takes over `text`. */
static int read_manifest(const Fetch *fetch, char *text, size_t size, Found *ret) {
        _cleanup_found_ Found found = { .text = text, .size = size };
        int r;

        r = digest_of_bytes(text, size, found.digest);
        if (r >= 0)
                r = image_manifest_read(text, size, fetch->reference->name, fetch->diagnostics, &found.manifest);
        if (r < 0)
                return r;
        *ret = found;
        found = (Found) {};
        return 0;
}

/* "docker://quay.io/a/b@sha256:…" */
static char *source_by_digest(const Fetch *fetch, const char *digest) {
        return text_format("docker://%s@%s", fetch->reference->repository, digest);
}

/* A registry is not trusted to answer with what was asked for. */
static int check_digest(const Fetch *fetch, const char *text, size_t size, const char *digest) {
        char actual[DIGEST_TEXT_SIZE];
        int r = digest_of_bytes(text, size, actual);

        if (r < 0 || streq(actual, digest))
                return r;
        return diagnose_error(fetch->diagnostics, NULL, "%s: the registry has given %s for %s", fetch->reference->name,
                              actual, digest);
}

/* What came of running skopeo. */
static int judge(Fetch *fetch, int r, const char *said) {
        if (r == -EREMOTEIO && said)
                fetch->failure = failure_of_words(said, fetch->reference);
        if (r != -ENOENT)
                return r;
        fetch->failure = FAILURE_NO_SKOPEO;
        return -EREMOTEIO;
}

static int inspect(Fetch *fetch, const char *source, bool config, char **ret, size_t *ret_size) {
        SkopeoOptions options = options_of(fetch);
        _cleanup_free_ char *said = NULL;
        int r = skopeo_inspect(&options, source, config, ret, ret_size, &said);

        return judge(fetch, r, said);
}

static int copy(Fetch *fetch, const char *source, const char *destination, const char *shared_blobs) {
        SkopeoOptions options = options_of(fetch);
        _cleanup_free_ char *said = NULL;
        int r = skopeo_copy(&options, source, destination, shared_blobs, fetch->download->path, fetch->tick,
                            fetch->userdata, &said);

        return judge(fetch, r, said);
}

static int inspect_by_digest(Fetch *fetch, const char *digest, bool config, const char *expected, char **ret,
                             size_t *ret_size) {
        _cleanup_free_ char *source = source_by_digest(fetch, digest), *text = NULL;
        int r;

        if (!source)
                return -ENOMEM;
        r = inspect(fetch, source, config, &text, ret_size);
        if (r >= 0)
                r = check_digest(fetch, text, *ret_size, expected);
        if (r >= 0)
                *ret = TAKE_PTR(text);
        return r;
}

/* The image for this platform, out of an index. */
static int find_in_index(Fetch *fetch, const char *index, size_t size, Found *ret) {
        ImagePlatform platform = platform_of(fetch->request);
        ImageDescriptor chosen = {};
        char *text;
        int r;

        r = image_index_choose(index, size, fetch->reference->name, &platform, fetch->diagnostics, &chosen);
        if (r >= 0)
                r = inspect_by_digest(fetch, chosen.digest, false, chosen.digest, &text, &size);
        return r < 0 ? r : read_manifest(fetch, text, size, ret);
}

static int find_in_registry(Fetch *fetch, Found *ret) {
        _cleanup_free_ char *source = text_format("docker://%s", fetch->reference->name), *text = NULL;
        size_t size;
        int r;

        if (!source)
                return -ENOMEM;
        r = inspect(fetch, source, false, &text, &size);
        if (r >= 0 && fetch->reference->digest)
                r = check_digest(fetch, text, size, fetch->reference->digest);
        if (r < 0)
                return r;
        r = image_manifest_read(text, size, fetch->reference->name, fetch->diagnostics, &(ImageManifest) {});
        if (r == -EISDIR)
                return find_in_index(fetch, text, size, ret);
        return r < 0 ? r : read_manifest(fetch, TAKE_PTR(text), size, ret);
}

/* "dir:" keeps the manifest and the blobs as they are. */
static int find_in_files(Fetch *fetch, Found *ret) {
        _cleanup_free_ char *destination = text_format("dir:%s", fetch->download->layout_path);
        char *text;
        size_t size;
        int r;

        if (!destination)
                return -ENOMEM;
        r = download_clean(fetch->download);
        if (r >= 0)
                r = copy(fetch, fetch->request->source ?: fetch->reference->name, destination, NULL);
        if (r >= 0)
                r = read_file_at(fetch->download->fd, DIR_MANIFEST, IMAGE_JSON_MAX, &text, &size);
        return r < 0 ? r : read_manifest(fetch, text, size, ret);
}

static bool is_encrypted(const ImageManifest *manifest) {
        for (size_t i = 0; i < manifest->layer_count; i++)
                if (manifest->layers[i].compression == LAYER_ENCRYPTED)
                        return true;
        return false;
}

/* skopeo decrypts when it copies, if it has a key; without one it copies what is encrypted as it
 * is. */
static int check_encryption(const Fetch *fetch, const Found *found, bool copied) {
        if (!is_encrypted(&found->manifest) || (fetch->download->decryption_key && !copied))
                return 0;
        if (fetch->download->decryption_key)
                return diagnose_error(fetch->diagnostics, NULL, "%s: the image is encrypted, for another key",
                                      fetch->reference->name);
        return diagnose_error(fetch->diagnostics, NULL,
                              "%s: the image is encrypted; a .image file has DecryptionKey= for its key",
                              fetch->reference->name);
}

int fetch_find(Fetch *fetch, Found *ret) {
        _cleanup_found_ Found found = {};
        int r = is_registry(fetch) ? find_in_registry(fetch, &found) : find_in_files(fetch, &found);

        if (r >= 0)
                r = check_encryption(fetch, &found, !is_registry(fetch));
        if (r < 0)
                return r;
        *ret = found;
        found = (Found) {};
        return 0;
}

char *fetch_blob_name(const Fetch *fetch, const char *digest) {
        return text_format("%s/%s", is_registry(fetch) ? DOWNLOAD_BLOBS : DOWNLOAD_LAYOUT, digest_hex(digest));
}

/* The digest of the one manifest in the layout. */
static int read_layout_digest(const Fetch *fetch, char **ret) {
        _cleanup_json_object_ json_object *index = NULL;
        _cleanup_free_ char *text = NULL;
        json_object *manifests;
        const char *digest;
        size_t size;
        int r;

        r = read_file_at(fetch->download->fd, LAYOUT_INDEX, IMAGE_JSON_MAX, &text, &size);
        if (r >= 0)
                r = json_parse(text, size, LAYOUT_INDEX, fetch->diagnostics, &index);
        if (r < 0)
                return r;
        manifests = json_get_member(index, "manifests", json_type_array);
        digest = manifests ? json_get_string(json_object_array_get_idx(manifests, 0), "digest") : NULL;
        if (!digest || !digest_is_valid(digest))
                return diagnose_error(fetch->diagnostics, NULL, "%s: skopeo has left no manifest",
                                      fetch->reference->name);
        *ret = strdup(digest);
        return *ret ? 0 : -ENOMEM;
}

/* The manifest that skopeo has written. */
static int read_copied(const Fetch *fetch, Found *ret) {
        _cleanup_free_ char *digest = NULL, *name = NULL;
        char *text;
        size_t size;
        int r;

        r = read_layout_digest(fetch, &digest);
        if (r < 0)
                return r;
        name = fetch_blob_name(fetch, digest);
        r = name ? read_file_at(fetch->download->fd, name, IMAGE_JSON_MAX, &text, &size) : -ENOMEM;
        return r < 0 ? r : read_manifest(fetch, text, size, ret);
}

static bool same_layers(const ImageManifest *a, const ImageManifest *b) {
        if (a->layer_count != b->layer_count)
                return false;
        for (size_t i = 0; i < a->layer_count; i++)
                if (!streq(a->layers[i].digest, b->layers[i].digest))
                        return false;
        return true;
}

/* An image in Docker's format is copied as one in the OCI's, with another configuration; the layers
 * stay as they are. The store keeps it as it was, so that its digest is the registry's. */
static int fetch_config(Fetch *fetch, const Found *found) {
        const char *digest = found->manifest.config.digest;
        _cleanup_free_ char *name = fetch_blob_name(fetch, digest), *text = NULL;
        size_t size;
        int r;

        if (!name)
                return -ENOMEM;
        if (faccessat(fetch->download->fd, name, F_OK, AT_SYMLINK_NOFOLLOW) >= 0)
                return 0;
        r = inspect_by_digest(fetch, found->digest, true, digest, &text, &size);
        return r < 0 ? r : write_file_atomic_at(fetch->download->fd, name, text, size, 0600);
}

int fetch_blobs(Fetch *fetch, Found *found) {
        _cleanup_free_ char *source = NULL, *destination = NULL;
        _cleanup_found_ Found copied = {};
        int r;

        if (!is_registry(fetch)) /* they are there */
                return 0;
        source = source_by_digest(fetch, found->digest);
        destination = text_format("oci:%s:image", fetch->download->layout_path);
        if (!source || !destination)
                return -ENOMEM;
        r = download_clean(fetch->download);
        if (r >= 0)
                r = reuse_blobs(fetch->store, fetch->download->fd, &found->manifest);
        if (r >= 0)
                r = copy(fetch, source, destination, fetch->download->blobs_path);
        if (r >= 0)
                r = read_copied(fetch, &copied);
        if (r >= 0)
                r = check_encryption(fetch, &copied, true);
        if (r < 0)
                return r;
        if (same_layers(&found->manifest, &copied.manifest))
                return fetch_config(fetch, found);
        found_done(found);
        *found = copied;
        copied = (Found) {};
        return 0;
}

uint64_t fetch_total(const Found *found) {
        uint64_t total = found->manifest.config.size_bytes;

        /* The sizes are what the manifest claims. */
        for (size_t i = 0; i < found->manifest.layer_count; i++)
                if (__builtin_add_overflow(total, found->manifest.layers[i].size_bytes, &total))
                        return UINT64_MAX;
        return total;
}

static int read_tags(const Fetch *fetch, json_object *answer, StringList *ret) {
        json_object *tags = json_get_member(answer, "Tags", json_type_array);

        if (!tags)
                return diagnose_error(fetch->diagnostics, NULL, "%s: the registry has no list of tags",
                                      fetch->reference->repository);
        for (size_t i = 0; i < json_object_array_length(tags); i++) {
                json_object *tag = json_object_array_get_idx(tags, i);

                if (json_object_is_type(tag, json_type_string) && string_list_add(ret, json_object_get_string(tag)) < 0)
                        return -ENOMEM;
        }
        string_list_sort(ret);
        return 0;
}

int fetch_tags(Fetch *fetch, StringList *ret) {
        _cleanup_free_ char *source = text_format("docker://%s", fetch->reference->repository), *text = NULL,
                            *said = NULL;
        _cleanup_json_object_ json_object *answer = NULL;
        SkopeoOptions options = options_of(fetch);
        size_t size;
        int r;

        if (!source)
                return -ENOMEM;
        r = skopeo_list_tags(&options, source, &text, &size, &said);
        r = judge(fetch, r, said);
        if (r >= 0)
                r = json_parse(text, size, fetch->reference->repository, fetch->diagnostics, &answer);
        return r < 0 ? r : read_tags(fetch, answer, ret);
}

void found_done(Found *found) {
        found->text = x_free(found->text);
        image_manifest_done(&found->manifest);
}
