/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* References from a file to berth's other files: whether they are there. */
#include "kind/references.h"

#include <errno.h>

#include "basic/text.h"
#include "basic/words.h"
#include "config/image-reference.h"
#include "kind/pod-container.h"
#include "source/unit-name.h"
#include "source/unit-reference.h"

typedef struct References {
        const Sources *sources;
        Diagnostics *diagnostics;
} References;

/* With `required`, a missing file is an error. */
static void check(const References *references, FileType type, const char *stem, const Location *where, bool required) {
        int (*diagnose)(Diagnostics *, const Location *, const char *, ...)
                        _printf_(3, 4) = required ? diagnose_error : diagnose_warning;
        const Source *source = sources_find_or_template(references->sources, type, stem);
        const char *ending = file_type_name(type), *nearest;

        if (source && !source->masked)
                return;
        if (source) {
                diagnose(references->diagnostics, where, "\"%s.%s\" is masked", stem, ending);
                return;
        }
        nearest = sources_find_nearest(references->sources, type, stem);
        if (nearest)
                diagnose(references->diagnostics, where, "there is no \"%s.%s\"; did you mean \"%s.%s\"?", stem, ending,
                         nearest, ending);
        else
                diagnose(references->diagnostics, where, "there is no \"%s.%s\"", stem, ending);
}

/* What may be a file's name: "lan.network". Anything else refers to nothing of ours. */
static void check_name(const References *references, const char *name, const Location *where, bool required) {
        _cleanup_free_ char *stem = NULL;
        FileType type;

        if (name && file_name_parse(name, &type, &stem) >= 0)
                check(references, type, stem, where, required);
}

static void check_keys(const References *references, const Container *container) {
        Location where = container_where(container, KEY_Container_Image);

        if (container->image && image_is_file(container->image))
                check_name(references, container->image, &where, true);
        where = container_where(container, KEY_Container_Pod);
        check_name(references, container->pod, &where, true);
        for (size_t i = 0; i < container->volumes.count; i++)
                if (container->volumes.items[i].kind == VOLUME_FILE)
                        check_name(references, container->volumes.items[i].source, &container->volumes.items[i].where,
                                   true);
        for (size_t i = 0; i < container->mounts.count; i++) {
                const Mount *mount = &container->mounts.items[i];

                if (streq(mount->type, "volume") || streq(mount->type, "image") || streq(mount->type, "artifact"))
                        check_name(references, mount->source, &mount->where, true);
        }
        for (size_t i = 0; i < container->networks.count; i++) {
                const NetworkAttachment *network = &container->networks.items[i];

                if (network->kind == NETWORK_FILE)
                        check_name(references, network->value, &network->where, true);
                else if (network->kind == NETWORK_CONTAINER)
                        check(references, FILE_CONTAINER, network->value, &network->where, true);
        }
}

static void check_namespaces(const References *references, const Container *container) {
        const Namespace *const namespaces[] = {
                &container->pid_ns, &container->ipc_ns, &container->uts_ns, &container->cgroup_ns, &container->mount_ns,
        };

        for (size_t i = 0; i < ARRAY_SIZE(namespaces); i++)
                if (namespaces[i]->kind == NAMESPACE_CONTAINER)
                        check(references, FILE_CONTAINER, namespaces[i]->value, &namespaces[i]->where, true);
        if (container->user_ns.kind == USERNS_CONTAINER)
                check(references, FILE_CONTAINER, container->user_ns.value, &container->user_ns.where, true);
}

/* systemd itself fails a start only for what is required; an order after a unit that is not there
 * is fine with it. */
static void check_dependencies(const References *references, const Entry *entry) {
        bool required = streq(entry->key, "Requires") || streq(entry->key, "Requisite") || streq(entry->key, "BindsTo");
        const char *rest = entry->value, *start;
        Location where;

        for (;;) {
                _cleanup_free_ char *word = NULL;

                if (word_extract(&rest, &word, &start) <= 0)
                        return;
                where = entry_location(entry, (size_t) (start - entry->value));
                if (!strchr(word, '%'))
                        check_name(references, word, &where, required);
        }
}

static void check_units(const References *references, const UnitFile *unit) {
        for (size_t i = 0; i < unit->count; i++) {
                const Entry *entry = &unit->entries[i];

                if (streq(entry->section, "Unit") && key_takes_units(entry->key))
                        check_dependencies(references, entry);
        }
}

void container_check_references(const Container *container, const Sources *sources, Diagnostics *diagnostics) {
        const References references = { sources, diagnostics };

        check_keys(&references, container);
        check_namespaces(&references, container);
        check_units(&references, &container->unit);
}

void volume_check_references(const Volume *volume, const Sources *sources, Diagnostics *diagnostics) {
        const References references = { sources, diagnostics };
        Location where = section_where(&volume->section, KEY_Volume_Image);

        if (volume->image && image_is_file(volume->image))
                check_name(&references, volume->image, &where, volume_is_image(volume));
        check_units(&references, &volume->unit);
}

void pod_check_references(const Pod *pod, const Sources *sources, Diagnostics *diagnostics) {
        const References references = { sources, diagnostics };
        Container container;

        pod_as_container(pod, &container);
        check_keys(&references, &container);
        check_namespaces(&references, &container);
        check_units(&references, &pod->unit);
}

void network_check_references(const Network *network, const Sources *sources, Diagnostics *diagnostics) {
        check_units(&(References) { sources, diagnostics }, &network->unit);
}

void image_check_references(const Image *image, const Sources *sources, Diagnostics *diagnostics) {
        check_units(&(References) { sources, diagnostics }, &image->unit);
}
