/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The container's secrets. */
#include "start/secrets.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "basic/files.h"
#include "basic/path.h"
#include "basic/text.h"
#include "host/mount-point.h"
#include "host/mounts.h"
#include "kind/secret-source.h"
#include "source/places.h"
#include "start/user/user-credential.h"

#define SECRETS_DIRECTORY "secrets"

enum { CREDENTIAL_MAX = 1 << 20 }; /* systemd's own limit */

static void wipe(char *data, size_t size) {
        if (data)
                explicit_bzero(data, size);
        free(data);
}

/* What systemd has put there in place of one that it did not find. */
static bool is_missing(const char *data, size_t size) {
        return size == strlen(SECRET_MISSING) && memcmp(data, SECRET_MISSING, size) == 0;
}

static int read_one(const char *name, const char *ending, char **ret, size_t *ret_size) {
        const char *directory = getenv("CREDENTIALS_DIRECTORY");
        _cleanup_free_ char *path = directory ? text_format("%s/%s%s", directory, name, ending) : NULL;

        if (!path)
                return directory ? -ENOMEM : -ENOENT;
        return read_file_at(AT_FDCWD, path, CREDENTIAL_MAX, ret, ret_size);
}

/* As the file says, in a user's unit. */
static int decrypt(const Secret *secret, char **data, size_t *size, Diagnostics *diagnostics) {
        _cleanup_free_ char *encrypted = *data, *refusal = NULL;
        int r = user_credential_decrypt(secret->name, encrypted, *size, data, size, &refusal);

        if (r < 0)
                *data = NULL;
        if (r == -EOPNOTSUPP)
                return diagnose_error(diagnostics, &secret->where,
                                      "the secret \"%s\" is encrypted, and systemd decrypts for users from version 256 "
                                      "on, with systemd-creds.socket; put it into %s/secrets/%s as it is, with mode "
                                      "0600, and remove %s.cred",
                                      secret->name, place_path(PLACE_CONFIGURATION), secret->name, secret->name);
        if (r == -EBADMSG)
                return diagnose_error(diagnostics, &secret->where,
                                      "the secret \"%s\" cannot be decrypted (%s); encrypt it anew with systemd-creds "
                                      "--user --name=%s encrypt",
                                      secret->name, refusal, secret->name);
        if (r < 0 && r != -ENOMEM)
                return diagnose_error(diagnostics, &secret->where, "the secret \"%s\" cannot be decrypted: %s",
                                      secret->name, strerror(-r));
        return r;
}

static int read_credential(const Secret *secret, Diagnostics *diagnostics, char **ret, size_t *ret_size) {
        _cleanup_free_ char *data = NULL;
        size_t size = 0;
        bool encrypted = false;
        int r = read_one(secret->name, "", &data, &size);

        if (r == -ENOENT && places_scope() == SCOPE_USER) {
                r = read_one(secret->name, USER_CREDENTIAL_ENDING, &data, &size);
                encrypted = r >= 0 && !is_missing(data, size);
        }
        if (encrypted) {
                r = decrypt(secret, &data, &size, diagnostics);
                if (r < 0)
                        return r;
        }
        if (r == -ENOENT)
                return diagnose_error(diagnostics, &secret->where,
                                      "the unit has no credential \"%s\" yet: it needs systemctl daemon-reload",
                                      secret->name);
        if (r == -ENOMEM)
                return r;
        if (r < 0)
                return diagnose_error(diagnostics, &secret->where, "the secret \"%s\": %s", secret->name, strerror(-r));
        if (is_missing(data, size))
                return diagnose_error(diagnostics, &secret->where,
                                      "there is no secret \"%s\": it needs a file %s/secrets/%s, or %s.cred "
                                      "and systemctl daemon-reload",
                                      secret->name, place_path(PLACE_CONFIGURATION), secret->name, secret->name);
        *ret = TAKE_PTR(data);
        *ret_size = size;
        return 0;
}

/* What the container's ID is outside of it. */
static int map_id(const IdMap *map, const Secret *secret, const char *what, int64_t inside, uint32_t *ret,
                  Diagnostics *diagnostics) {
        uint32_t id = inside < 0 ? 0 : (uint32_t) inside;

        *ret = id;
        if (map->count == 0 || id_map_to_outside(map, id, ret) >= 0)
                return 0;
        return diagnose_error(diagnostics, &secret->where,
                              "%s %u of the secret \"%s\" is not mapped into the container", what, id, secret->name);
}

static int add_file(const Secret *secret, const Facts *facts, char *data, size_t size, Secrets *secrets,
                    Diagnostics *diagnostics) {
        SecretFile file = { .data = data, .size = size, .mode = secret->mode < 0 ? 0444 : (mode_t) secret->mode };
        int r;

        r = map_id(&facts->uid_map, secret, "uid", secret->uid, &file.uid, diagnostics);
        if (r >= 0)
                r = map_id(&facts->gid_map, secret, "gid", secret->gid, &file.gid, diagnostics);
        if (r >= 0)
                r = ARRAY_RESERVE(secrets->items, secrets->allocated, secrets->count + 1);
        if (r < 0)
                wipe(data, size);
        else
                secrets->items[secrets->count++] = file;
        return r;
}

static int gather_file(const Container *container, const Secret *secret, int root_fd, const char *bundle_path,
                       Facts *facts, Secrets *ret, Diagnostics *diagnostics) {
        _cleanup_free_ char *destination = NULL, *data = NULL;
        size_t size;
        int r;

        r = mount_point_find(container, root_fd, facts, secret->target, &destination);
        if (r < 0)
                return r;
        if (r == 0)
                return diagnose_error(diagnostics, &secret->where,
                                      "the root file system has no place for the secret \"%s\" at %s", secret->name,
                                      secret->target);
        r = string_list_addf(&facts->secret_files, "%s/" SECRETS_DIRECTORY "/%zu:%s", bundle_path,
                             facts->secret_files.count, destination);
        if (r < 0 || !ret)
                return r;
        r = read_credential(secret, diagnostics, &data, &size);
        return r < 0 ? r : add_file(secret, facts, TAKE_PTR(data), size, ret, diagnostics);
}

static int gather_variable(const Secret *secret, Facts *facts, bool look, Diagnostics *diagnostics) {
        char *data = NULL;
        size_t size = 0;
        int r;

        if (look)
                return string_list_addf(&facts->secret_environment, "%s=" SECRET_MASK, secret->target);
        r = read_credential(secret, diagnostics, &data, &size);
        if (r < 0)
                return r;
        if (utf8_is_valid(data, size))
                r = string_list_addf(&facts->secret_environment, "%s=%s", secret->target, data);
        else
                r = diagnose_error(diagnostics, &secret->where,
                                   "the secret \"%s\" is no text that an environment variable could have",
                                   secret->name);
        wipe(data, size);
        return r;
}

int secrets_gather(const Container *container, int root_fd, const char *bundle_path, Facts *facts, Secrets *ret,
                   Diagnostics *diagnostics) {
        int result = 0;

        for (size_t i = 0; i < container->secrets.count; i++) {
                const Secret *secret = &container->secrets.items[i];
                int r;

                if (secret->environment)
                        r = gather_variable(secret, facts, !ret, diagnostics);
                else
                        r = gather_file(container, secret, root_fd, bundle_path, facts, ret, diagnostics);
                if (r < 0 && r != -EREPORTED)
                        return r;
                if (r < 0)
                        result = r;
        }
        return result;
}

static int write_secret(int directory_fd, size_t number, const SecretFile *file) {
        _cleanup_free_ char *name = text_format("%zu", number);
        _cleanup_close_ int fd = -EBADF;
        int r;

        if (!name)
                return -ENOMEM;
        fd = openat(directory_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (fd < 0)
                return -errno;
        r = write_all(fd, file->data, file->size);
        if (r < 0)
                return r;
        return fchown(fd, file->uid, file->gid) < 0 || fchmod(fd, file->mode) < 0 ? -errno : 0;
}

int secrets_place(const Secrets *secrets, const Bundle *bundle, const char *label) {
        _cleanup_free_ char *path = path_join(bundle->path, SECRETS_DIRECTORY);
        _cleanup_free_ char *options = label ? text_format("mode=0700,context=\"%s\"", label) : strdup("mode=0700");
        _cleanup_close_ int fd = -EBADF;
        int r = 0;

        if (secrets->count == 0)
                return 0;
        if (!path || !options)
                return -ENOMEM;
        if (mkdirat(bundle->fd, SECRETS_DIRECTORY, 0700) < 0)
                return -errno;
        r = mounts_unshare(bundle->path);
        if (r < 0)
                return r;
        if (mount("ramfs", path, "ramfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, options) < 0)
                return -errno;
        fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        for (size_t i = 0; i < secrets->count && r == 0; i++)
                r = write_secret(fd, i, &secrets->items[i]);
        return r;
}

void secrets_done(Secrets *secrets) {
        for (size_t i = 0; i < secrets->count; i++)
                wipe(secrets->items[i].data, secrets->items[i].size);
        free(secrets->items);
        *secrets = (Secrets) {};
}
