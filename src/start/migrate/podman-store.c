/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What podman keeps. */
#include "start/migrate/podman-store.h"

#include <errno.h>

#include "basic/json.h"
#include "basic/process.h"

#define PODMAN "podman"

enum {
        LIST_MAX = 64 << 20,
        SECRET_MAX = 1 << 20, /* podman takes half a megabyte */
};

/* A status that is none of success is a failure of podman's. */
static int capture(const char *const argv[], size_t max, char **ret, size_t *ret_size) {
        int r = process_capture(argv, NULL, max, ret, ret_size);

        return r > 0 ? -EREMOTEIO : r;
}

static int ask_volumes(PodmanStore *store) {
        static const char *const argv[] = { PODMAN, "volume", "ls", "--format=json", NULL };
        _cleanup_json_object_ json_object *volumes = NULL;
        _cleanup_diagnostics_ Diagnostics unseen = {};
        _cleanup_free_ char *text = NULL;
        size_t size;
        int r;

        r = capture(argv, LIST_MAX, &text, &size);
        if (r >= 0 && size > 0)
                r = json_parse(text, size, "podman volume ls", &unseen, &volumes);
        if (r < 0)
                return r == -EREPORTED ? -EBADMSG : r;
        if (volumes && !json_object_is_type(volumes, json_type_array))
                return -EBADMSG;
        store->volumes = TAKE_PTR(volumes);
        return 0;
}

static int ask_secrets(PodmanStore *store) {
        static const char *const argv[] = { PODMAN, "secret", "ls", "--format={{.Name}}", NULL };
        _cleanup_free_ char *text = NULL;
        size_t size;
        int r;

        r = capture(argv, LIST_MAX, &text, &size);
        return r < 0 ? r : string_list_add_split(&store->secrets, text, size, "\n");
}

int podman_store_ask(PodmanStore *ret) {
        _cleanup_podman_store_ PodmanStore store = {};
        _cleanup_free_ char *program = NULL;
        int r;

        r = process_find(PODMAN, &program);
        if (r >= 0)
                r = ask_volumes(&store);
        if (r >= 0)
                r = ask_secrets(&store);
        if (r < 0)
                return r;
        *ret = store;
        store = (PodmanStore) {};
        return 0;
}

/* Whether it is what "podman volume create" makes without options. */
static bool is_plain(json_object *volume) {
        const char *driver = json_get_string(volume, "Driver"), *path = json_get_string(volume, "Mountpoint");
        json_object *options = json_get_member(volume, "Options", json_type_object);

        if (!path || *path != '/' || (driver && !streq(driver, "local")))
                return false;
        return !options || json_object_object_length(options) == 0;
}

PodmanVolumeKind podman_store_find_volume(const PodmanStore *store, const char *name, const char **ret_path) {
        size_t count = store->volumes ? json_object_array_length(store->volumes) : 0;

        for (size_t i = 0; i < count; i++) {
                json_object *volume = json_object_array_get_idx(store->volumes, i);

                if (!streq_null(json_get_string(volume, "Name"), name))
                        continue;
                if (!is_plain(volume))
                        return PODMAN_VOLUME_MOUNTED;
                *ret_path = json_get_string(volume, "Mountpoint");
                return PODMAN_VOLUME_PLAIN;
        }
        return PODMAN_VOLUME_NONE;
}

/* The template of Go's gives the bytes as they are, and a newline. */
int podman_read_secret(const char *name, char **ret, size_t *ret_size) {
        const char *const argv[] = { PODMAN, "secret", "inspect", "--showsecret", "--format={{.SecretData}}", "--",
                                     name, NULL };
        _cleanup_free_ char *text = NULL;
        size_t size;
        int r;

        r = capture(argv, SECRET_MAX, &text, &size);
        if (r < 0)
                return r;
        if (size == 0 || text[size - 1] != '\n')
                return -EBADMSG;
        *ret = TAKE_PTR(text);
        *ret_size = size - 1;
        return 0;
}

int podman_has_image(const char *name) {
        const char *const argv[] = { PODMAN, "image", "exists", "--", name, NULL };
        int r = process_run(argv, NULL, 0);

        return r < 0 ? r : r == 0;
}

void podman_store_done(PodmanStore *store) {
        json_object_put(store->volumes);
        store->volumes = NULL;
        string_list_done(&store->secrets);
}
