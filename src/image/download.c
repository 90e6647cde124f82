/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where skopeo puts what it fetches. */
#include "image/download.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "basic/directory.h"
#include "basic/files.h"
#include "basic/path.h"
#include "basic/text.h"
#include "source/places.h"
#include "source/unit-name.h"

/* Locks and secrets; a tmpfs, so that a power failure leaves none of them. */

static int take_lock(const char *name, bool wait, int *ret) {
        _cleanup_free_ char *path = text_format("%s/%s.lock", place_path(PLACE_PULLS), name);
        _cleanup_close_ int fd = -EBADF;
        int r;

        if (!path)
                return -ENOMEM;
        r = make_directories_at(AT_FDCWD, place_path(PLACE_PULLS), 0700);
        if (r < 0)
                return r;
        fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (fd < 0)
                return -errno;
        while (flock(fd, wait ? LOCK_EX : LOCK_EX | LOCK_NB) < 0)
                if (errno != EINTR)
                        return -errno;
        *ret = TAKE_FD(fd);
        return 0;
}

/* For skopeo a colon ends the path of a layout. An instance has one, and never a "+". */
static char *directory_name(const char *instance) {
        char *name = strdup(instance);

        for (char *p = name; p && *p; p++)
                if (*p == ':')
                        *p = '+';
        return name;
}

static int set_paths(const char *name, Download *download) {
        _cleanup_free_ char *blobs = NULL;

        download->path = path_join(place_path(PLACE_DOWNLOADS), name);
        blobs = download->path ? path_join(download->path, DOWNLOAD_BLOBS) : NULL;
        download->blobs_path = blobs ? path_dirname(blobs) : NULL;
        download->layout_path = download->path ? path_join(download->path, DOWNLOAD_LAYOUT) : NULL;
        return download->blobs_path && download->layout_path ? 0 : -ENOMEM;
}

static int make_directories(const Download *download) {
        _cleanup_free_ char *blobs = path_join(download->path, DOWNLOAD_BLOBS);
        int r = blobs ? make_directories_at(AT_FDCWD, place_path(PLACE_DOWNLOADS), 0700) : -ENOMEM;

        return r < 0 ? r : make_directories_at(AT_FDCWD, blobs, 0700);
}

static int open_download(const char *name, bool make, Download *ret) {
        _cleanup_download_ Download download = DOWNLOAD_INIT;
        int r;

        r = take_lock(name, make, &download.lock_fd);
        if (r >= 0)
                r = set_paths(name, &download);
        if (r >= 0 && make)
                r = make_directories(&download);
        if (r < 0)
                return r;
        download.fd = open(download.path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (download.fd < 0)
                return -errno;
        *ret = download;
        download = (Download) DOWNLOAD_INIT;
        return 0;
}

int download_open(const char *instance, Download *ret) {
        _cleanup_free_ char *name = directory_name(instance);

        return name ? open_download(name, true, ret) : -ENOMEM;
}

int download_open_left(const char *name, Download *ret) {
        return open_download(name, false, ret);
}

int downloads_list(StringList *ret_names) {
        return directory_list(place_path(PLACE_DOWNLOADS), ret_names);
}

char *download_image(const Download *download) {
        _cleanup_free_ char *instance = strdup(path_basename(download->path));

        for (char *p = instance; p && *p; p++)
                if (*p == '+')
                        *p = ':';
        return instance ? unit_name_unescape(instance) : NULL;
}

static int write_secret(const Download *download, const char *ending, const char *text, char **ret_path) {
        _cleanup_free_ char *path = text_format("%s/%s.%s", place_path(PLACE_PULLS), path_basename(download->path),
                                                ending);
        int r;

        if (!path)
                return -ENOMEM;
        r = write_file_atomic_at(AT_FDCWD, path, text, strlen(text), 0600);
        if (r >= 0)
                *ret_path = TAKE_PTR(path);
        return r;
}

/* Base64 (RFC 4648). */
static int encode(const char *bytes, char **ret) {
        static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        size_t n = strlen(bytes);
        _cleanup_text_ Text text = {};

        for (size_t i = 0; i < n; i += 3) {
                size_t rest = n - i;
                uint32_t group = (uint32_t) (unsigned char) bytes[i] << 16 |
                                 (rest > 1 ? (uint32_t) (unsigned char) bytes[i + 1] << 8 : 0) |
                                 (rest > 2 ? (uint32_t) (unsigned char) bytes[i + 2] : 0);

                text_append_char(&text, alphabet[group >> 18]);
                text_append_char(&text, alphabet[group >> 12 & 63]);
                text_append_char(&text, rest > 1 ? alphabet[group >> 6 & 63] : '=');
                text_append_char(&text, rest > 2 ? alphabet[group & 63] : '=');
        }
        return text_take(&text, ret);
}

static int build_auth_file(const char *registry, const char *encoded, char **ret) {
        json_object *file = json_object_new_object(), *auths = json_object_new_object(),
                    *entry = json_object_new_object();
        const char *text = NULL;

        if (file && auths && entry) {
                json_object_object_add(entry, "auth", json_object_new_string(encoded));
                json_object_object_add(auths, registry, json_object_get(entry));
                json_object_object_add(file, "auths", json_object_get(auths));
                text = json_object_to_json_string_ext(file, JSON_C_TO_STRING_NOSLASHESCAPE);
        }
        *ret = text ? strdup(text) : NULL;
        json_object_put(entry);
        json_object_put(auths);
        json_object_put(file);
        return *ret ? 0 : -ENOMEM;
}

int download_write_credentials(Download *download, const char *registry, const char *credentials) {
        _cleanup_free_ char *encoded = NULL, *text = NULL,
                            *pair = text_format("%s%s", credentials, strchr(credentials, ':') ? "" : ":");
        int r;

        r = pair ? encode(pair, &encoded) : -ENOMEM;
        if (r >= 0)
                r = build_auth_file(registry, encoded, &text);
        return r < 0 ? r : write_secret(download, "auth.json", text, &download->auth_file);
}

int download_write_decryption_key(Download *download, const char *key) {
        const char *colon = strchr(key, ':');
        int r = 0;

        if (colon)
                r = write_secret(download, "passphrase", colon + 1, &download->passphrase_file);
        if (r < 0)
                return r;
        download->decryption_key = colon ? text_format("%.*s:file=%s", (int) (colon - key), key,
                                                       download->passphrase_file)
                                         : strdup(key);
        return download->decryption_key ? 0 : -ENOMEM;
}

/* As far as can be seen: it is for showing how far a download has come. */
static uint64_t directory_size(int directory_fd, const char *name) {
        _cleanup_closedir_ DIR *directory = NULL;
        const struct dirent *entry;
        uint64_t size = 0;

        if (directory_open_at(directory_fd, name, O_NOFOLLOW, &directory) < 0)
                return 0;
        while (directory_next(directory, &entry) > 0) {
                struct stat st;

                if (fstatat(dirfd(directory), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) >= 0 && S_ISREG(st.st_mode))
                        size += (uint64_t) st.st_size;
        }
        return size;
}

uint64_t download_size(const Download *download) {
        /* skopeo writes a blob into the layout first, under a name of its own. */
        return directory_size(download->fd, DOWNLOAD_BLOBS) + directory_size(download->fd, DOWNLOAD_LAYOUT);
}

int download_clean(const Download *download) {
        return remove_tree_at(download->fd, DOWNLOAD_LAYOUT);
}

int download_remove(const Download *download) {
        return remove_tree_at(AT_FDCWD, download->path);
}

void download_done(Download *download) {
        if (download->auth_file)
                (void) unlink(download->auth_file);
        if (download->passphrase_file)
                (void) unlink(download->passphrase_file);
        /* Nothing was fetched, so there is nothing to go on with. */
        if (download->fd >= 0 && download->lock_fd >= 0 && download_size(download) == 0)
                (void) download_remove(download);
        download->path = x_free(download->path);
        download->blobs_path = x_free(download->blobs_path);
        download->layout_path = x_free(download->layout_path);
        download->auth_file = x_free(download->auth_file);
        download->decryption_key = x_free(download->decryption_key);
        download->passphrase_file = x_free(download->passphrase_file);
        download->fd = fd_close(download->fd);
        download->lock_fd = fd_close(download->lock_fd);
}
