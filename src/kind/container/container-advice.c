/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is no fault of a file, but will hardly do what its author had in mind. */
#include "kind/container/container-advice.h"

#include <errno.h>
#include <unistd.h>

#include "basic/path.h"
#include "basic/words.h"
#include "kind/container/container-user-network.h"
#include "kind/secret-source.h"
#include "source/sources.h"
#include "source/unit-reference.h"

static int check_secrets(const Container *container, const StringList *search_path, Diagnostics *diagnostics) {
        for (size_t i = 0; i < container->secrets.count; i++) {
                const Secret *secret = &container->secrets.items[i];
                _cleanup_free_ char *path = NULL;
                bool encrypted;
                int r = secret_source_find(search_path, secret->name, &path, &encrypted);

                if (r < 0)
                        return r;
                if (access(path, F_OK) < 0 && errno == ENOENT)
                        diagnose_warning(diagnostics, &secret->where,
                                         "there is no secret \"%s\": neither %s nor an encrypted %s.cred; those of "
                                         "podman are not looked at",
                                         secret->name, path, path);
        }
        return 0;
}

/* The program of a command line, without the characters that systemd reads before it. */
static int is_foreign_program(const char *command, char **ret) {
        const char *rest = command + strspn(command, "@-:+!|");
        _cleanup_free_ char *word = NULL;
        int r = word_extract(&rest, &word, NULL);

        if (r <= 0)
                return r == -ENOMEM ? r : 0;
        if (!streq(path_basename(word), "podman") && !streq(path_basename(word), "docker"))
                return 0;
        *ret = strdup(path_basename(word));
        return *ret ? 1 : -ENOMEM;
}

static int check_command(const Entry *entry, Diagnostics *diagnostics) {
        Location where = entry_location(entry, 0);
        _cleanup_free_ char *program = NULL;
        int r = is_foreign_program(entry->value, &program);

        if (r <= 0)
                return r;
        if (streq(entry->key, "ExecReload"))
                diagnose_warning(diagnostics, &where,
                                 "%s does not know the container; use ReloadCmd= or ReloadSignal= in [Container]",
                                 program);
        else
                diagnose_warning(diagnostics, &where, "%s does not know the container, nor volumes and images of berth",
                                 program);
        return 0;
}

static bool is_foreign_unit(const char *name) {
        static const char *const units[] = { "podman.socket", "podman.service", "docker.socket", "docker.service" };

        for (size_t i = 0; i < ARRAY_SIZE(units); i++)
                if (streq(name, units[i]))
                        return true;
        return false;
}

static int check_units(const Entry *entry, Diagnostics *diagnostics) {
        const char *rest = entry->value, *start;

        for (;;) {
                _cleanup_free_ char *word = NULL;
                Location where;
                int r = word_extract(&rest, &word, &start);

                if (r <= 0)
                        return r == -ENOMEM ? r : 0;
                where = entry_location(entry, (size_t) (start - entry->value));
                if (is_foreign_unit(word))
                        diagnose_warning(diagnostics, &where, "the container does not need \"%s\"", word);
        }
}

static int check_systemd_sections(const Container *container, Diagnostics *diagnostics) {
        int r = 0;

        for (size_t i = 0; i < container->unit.count && r >= 0; i++) {
                const Entry *entry = &container->unit.entries[i];

                if (streq(entry->section, "Service") && startswith(entry->key, "Exec"))
                        r = check_command(entry, diagnostics);
                else if (streq(entry->section, "Unit") && key_takes_units(entry->key))
                        r = check_units(entry, diagnostics);
        }
        return r;
}

static void check_sockets(const Container *container, Diagnostics *diagnostics) {
        for (size_t i = 0; i < container->volumes.count; i++) {
                const VolumeMount *volume = &container->volumes.items[i];
                const char *name = volume->kind == VOLUME_HOST_PATH ? path_basename(volume->source) : "";

                if (streq(name, "podman.sock") || streq(name, "docker.sock"))
                        diagnose_warning(diagnostics, &volume->where,
                                         "who asks \"%s\" hears of no container of berth's", volume->source);
        }
}

/* Not "localhost:5000/…", which is a registry. */
static void check_image(const Container *container, Diagnostics *diagnostics) {
        Location where = container_where(container, KEY_Container_Image);
        const char *image = container->image ? startswith(container->image, "localhost/") : NULL;

        if (image)
                diagnose_warning(diagnostics, &where,
                                 "\"%s\" is how podman calls an image that was built here, and no registry has it; "
                                 "copy it (skopeo copy containers-storage:%s oci:DIRECTORY:TAG) and use "
                                 "Image=oci:DIRECTORY:TAG",
                                 container->image, container->image);
}

int container_advise(const Container *container, const StringList *search_path, Diagnostics *diagnostics) {
        int r;

        check_image(container, diagnostics);
        check_sockets(container, diagnostics);
        r = check_systemd_sections(container, diagnostics);
        if (r >= 0 && search_path_is_of_machine())
                r = user_network_advise(container, diagnostics);
        return r < 0 ? r : check_secrets(container, search_path, diagnostics);
}
