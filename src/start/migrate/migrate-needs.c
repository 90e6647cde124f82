/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What one file refers to of podman's, and what differs in it. */
#include "start/migrate/migrate-needs.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "basic/files.h"
#include "basic/path.h"
#include "basic/text.h"
#include "kind/kinds.h"
#include "kind/load.h"
#include "kind/podman-network.h"
#include "kind/secret-source.h"
#include "start/migrate/migrate-notes.h"
#include "start/requested-pull.h"

/* What podman calls the volume or network of a file that gives it no name. */
#define QUADLET_PREFIX "systemd-"

typedef struct Need {
        MigratePlan *plan;
        const Source *source;
        const char *to;
} Need;

/* Reads another file that this one names, as Quadlet would find it. Returns 1, 0 when that is not
 * possible, which is said elsewhere, or -ENOMEM. */
static int read_other(MigratePlan *plan, FileType type, const char *name, void **ret) {
        const SpecifierContext machine = { .scope = places_scope() };
        _cleanup_diagnostics_ Diagnostics unseen = {};
        _cleanup_source_ Source source = {};
        _cleanup_free_ char *stem = NULL;
        FileType named;
        int r;

        r = file_name_parse(name, &named, &stem);
        if (r >= 0 && named != type)
                return 0;
        if (r >= 0)
                r = source_find(&plan->search_path, type, stem, &source);
        if (r >= 0)
                r = source.masked ? 0 : kind_read(&source, &machine, &unseen, ret);
        return r == -ENOMEM ? r : *ret != NULL;
}

/* Images */

static bool has_image(const MigratePlan *plan, const PullRequest *request) {
        for (size_t i = 0; i < plan->image_count; i++)
                if (streq(pull_request_name(&plan->images[i]), pull_request_name(request)))
                        return true;
        return false;
}

/* What podman has under a digest is no longer packed as it was, and so has another; that it was the
 * one that is meant, podman has seen to when it pulled it. */
static int podman_has(const ImageReference *reference) {
        return reference->transport == TRANSPORT_REGISTRY ? podman_has_image(reference->name) : 0;
}

/* Of several that a short name may stand for, the one that podman has is the one that ran. */
static int choose_candidate(PullRequest *request) {
        for (size_t i = 0; i < request->candidates.count; i++) {
                ImageReference *candidate = &request->candidates.items[i];
                int r = podman_has(candidate);

                if (r == 0)
                        continue;
                if (r < 0)
                        return r;
                image_reference_done(&request->reference);
                request->reference = *candidate;
                *candidate = (ImageReference) {};
                image_candidates_done(&request->candidates);
                return 1;
        }
        return 0;
}

static int find_in_podman(PullRequest *request) {
        int r = request->candidates.count > 0 ? choose_candidate(request) : podman_has(&request->reference);

        if (r > 0)
                request->source = text_format("containers-storage:%s", request->reference.name);
        return r > 0 && !request->source ? -ENOMEM : r;
}

static int add_image(MigratePlan *plan, PullRequest *request) {
        int r = find_in_podman(request);

        if (r < 0 || has_image(plan, request))
                return r < 0 ? r : 0;
        request->policy = PULL_MISSING;
        request->all_tags = false;
        r = ARRAY_RESERVE(plan->images, plan->images_allocated, plan->image_count + 1);
        if (r < 0)
                return r;
        plan->images[plan->image_count++] = *request;
        *request = (PullRequest) PULL_REQUEST_INIT;
        return 0;
}

static int need_image(const Need *need, const char *name) {
        _cleanup_pull_request_ PullRequest request = PULL_REQUEST_INIT;
        _cleanup_diagnostics_ Diagnostics unseen = {};
        _cleanup_image_ Image *image = NULL;
        void *object = NULL;
        int r;

        if (image_is_file(name)) {
                r = read_other(need->plan, FILE_IMAGE, name, &object);
                image = object;
                if (r > 0)
                        r = pull_request_from_image(image, &unseen, &request);
                else if (r == 0)
                        return 0;
        } else
                r = pull_request_from_reference(name, &unseen, &request);
        if (r >= 0)
                r = add_image(need->plan, &request);
        return r == -EREPORTED ? 0 : r;
}

/* Volumes */

static int add_volume(MigratePlan *plan, const char *podman_name, const char *name, const Location *where) {
        MigrateVolume *volume;
        const char *path;
        int r;

        for (size_t i = 0; i < plan->volume_count; i++) {
                if (!streq(plan->volumes[i].name, name))
                        continue;
                if (!streq(plan->volumes[i].podman_name, podman_name))
                        diagnose_error(&plan->diagnostics, where, "podman's volumes \"%s\" and \"%s\" would be one: "
                                       "\"%s\"", plan->volumes[i].podman_name, podman_name, name);
                return 0;
        }
        switch (podman_store_find_volume(&plan->podman, podman_name, &path)) {
        case PODMAN_VOLUME_NONE:
                return 0;
        case PODMAN_VOLUME_MOUNTED:
                diagnose_error(&plan->diagnostics, where,
                               "podman's volume \"%s\" has a driver or options that no file says: say it in a .volume "
                               "file, see berth.volume(5)", podman_name);
                return 0;
        case PODMAN_VOLUME_PLAIN:
                break;
        }
        r = ARRAY_RESERVE(plan->volumes, plan->volumes_allocated, plan->volume_count + 1);
        if (r < 0)
                return r;
        volume = &plan->volumes[plan->volume_count++];
        *volume = (MigrateVolume) { .podman_name = strdup(podman_name), .name = strdup(name), .path = strdup(path),
                                    .file = strdup(where->file), .line = where->line, .column = where->column };
        return volume->podman_name && volume->name && volume->path && volume->file ? 0 : -ENOMEM;
}

/* Of a file: what podman calls it there, and berth here. What the file mounts there is no content
 * of the volume's. */
static int add_volume_of_file(MigratePlan *plan, const Volume *volume, const Location *where) {
        _cleanup_free_ char *podman_name = NULL;

        if (volume->device || volume_is_image(volume))
                return 0;
        podman_name = volume->volume_name ? strdup(volume->volume_name)
                                          : text_format(QUADLET_PREFIX "%s", volume->stem);
        return podman_name ? add_volume(plan, podman_name, volume_name(volume), where) : -ENOMEM;
}

static int need_volume(const Need *need, const VolumeMount *mount) {
        _cleanup_volume_ Volume *volume = NULL;
        void *object = NULL;
        int r;

        if (mount->kind == VOLUME_NAMED)
                return add_volume(need->plan, mount->source, mount->source, &mount->where);
        if (mount->kind != VOLUME_FILE)
                return 0;
        r = read_other(need->plan, FILE_VOLUME, mount->source, &object);
        volume = object;
        return r <= 0 ? r : add_volume_of_file(need->plan, volume, &mount->where);
}

/* Secrets */

static int need_secret(const Need *need, const Secret *secret) {
        _cleanup_string_list_ StringList ours = {};
        _cleanup_free_ char *path = NULL;
        MigratePlan *plan = need->plan;
        bool encrypted;
        int r;

        r = string_list_extend(&ours, &plan->search_path);
        for (size_t i = 0; r >= 0 && i < plan->directories.count; i++)
                string_list_remove(&ours, plan->directories.items[i]);
        if (r >= 0)
                r = secret_source_find(&ours, secret->name, &path, &encrypted);
        if (r < 0 || access(path, F_OK) >= 0 || string_list_contains(&plan->secrets, secret->name))
                return r;
        if (string_list_contains(&plan->podman.secrets, secret->name))
                return string_list_add(&plan->secrets, secret->name);
        diagnose_error(&plan->diagnostics, &secret->where, "neither podman nor berth has a secret \"%s\"",
                       secret->name);
        return 0;
}

/* Drop-ins */

static int add_drop_in(const Need *need, Text *text) {
        MigratePlan *plan = need->plan;
        MigrateDropIn *drop_in;
        int r;

        if (text->length == 0)
                return text->failed ? -ENOMEM : 0;
        r = ARRAY_RESERVE(plan->drop_ins, plan->drop_ins_allocated, plan->drop_in_count + 1);
        if (r < 0)
                return r;
        drop_in = &plan->drop_ins[plan->drop_in_count++];
        *drop_in = (MigrateDropIn) { .path = text_format("%s.d/" MIGRATED_DROP_IN, need->to) };
        return drop_in->path ? text_take(text, &drop_in->text) : -ENOMEM;
}

static bool is_on_named_network(const Container *container) {
        for (size_t i = 0; i < container->networks.count; i++)
                if (container->networks.items[i].kind == NETWORK_FILE ||
                    container->networks.items[i].kind == NETWORK_NAMED)
                        return true;
        return false;
}

/* Quadlet's container is found by the name that podman gives it. The drop-in is for the file, which
 * may be that of several instances. */
static int keep_name(const Need *need, const Container *container) {
        _cleanup_text_ Text text = {};

        if (container->container_name || container->pod || !is_on_named_network(container))
                return 0;
        text_appendf(&text, "# Made by berth migrate: the name by which others found it under Quadlet.\n"
                            "[Container]\nNetworkAlias=" QUADLET_PREFIX "%s\n",
                     strchr(container->stem, '@') ? "%p_%i" : container->stem);
        return add_drop_in(need, &text);
}

static int need_network(const Need *need, const Network *network) {
        _cleanup_diagnostics_ Diagnostics unseen = {};
        _cleanup_network_ Network *podman = NULL;
        _cleanup_free_ char *name = NULL;
        _cleanup_text_ Text text = {};
        int r;

        if (network->subnets.count > 0 || network->ipam_driver)
                return 0;
        name = network->network_name ? strdup(network->network_name)
                                     : text_format(QUADLET_PREFIX "%s", network->stem);
        r = name ? podman_network_read(name, &unseen, &podman) : -ENOMEM;
        if (r < 0)
                return r == -ENOENT || r == -EREPORTED ? 0 : r;
        if (podman->subnets.count > 0)
                text_append(&text, "# Made by berth migrate: the addresses that podman has chosen.\n[Network]\n");
        for (size_t i = 0; i < podman->subnets.count; i++)
                text_appendf(&text, "Subnet=%s\nGateway=%s\n", podman->subnets.items[i], podman->gateways.items[i]);
        return add_drop_in(need, &text);
}

/* Paths */

/* A path that is not absolute is one beside the file, and so another beside the copy. */
static int check_paths(const Need *need, const Container *here, const Container *there) {
        MigratePlan *plan = need->plan;
        int r = 0;

        for (size_t i = 0; i < here->volumes.count && i < there->volumes.count; i++) {
                const VolumeMount *mount = &here->volumes.items[i], *moved = &there->volumes.items[i];

                if (mount->kind == VOLUME_HOST_PATH && !streq_null(moved->source, mount->source))
                        diagnose_error(&plan->diagnostics, &mount->where,
                                       "is relative to the file, which will be another: write %s", mount->source);
        }
        for (size_t i = 0; r >= 0 && i < here->environment_files.count && i < there->environment_files.count; i++) {
                const char *from = here->environment_files.items[i].path, *to = there->environment_files.items[i].path;

                if (streq(from, to) || access(from, F_OK) < 0)
                        continue;
                if (path_is_below(to, plan->home))
                        r = migrate_plan_add_file(plan, from, to, false);
                else
                        diagnose_error(&plan->diagnostics, &here->environment_files.items[i].where,
                                       "is relative to the file, which will be another: write %s", from);
        }
        return r;
}

static int need_paths(const Need *need, const Container *container) {
        const SpecifierContext machine = { .scope = places_scope() };
        Draft draft = { .path = need->to };
        Source moved = { .type = need->source->type, .stem = need->source->stem, .path = (char *) need->to,
                         .drop_ins = need->source->drop_ins, .draft = &draft, .named = true };
        _cleanup_container_ Container *there = NULL;
        _cleanup_diagnostics_ Diagnostics unseen = {};
        _cleanup_free_ char *text = NULL;
        int r;

        r = read_file_at(AT_FDCWD, need->source->path, UNIT_FILE_SIZE_MAX, &text, &draft.size);
        if (r < 0)
                return r;
        draft.text = text;
        r = container_read(&moved, &machine, &unseen, &there);
        return there ? check_paths(need, container, there) : r == -ENOMEM ? r : 0;
}

/* Files */

static int need_of_container(const Need *need, const Container *container) {
        int r = migrate_notes_add(&container->section, &need->plan->notes);

        if (r >= 0 && container->image)
                r = need_image(need, container->image);
        for (size_t i = 0; r >= 0 && i < container->volumes.count; i++)
                r = need_volume(need, &container->volumes.items[i]);
        for (size_t i = 0; r >= 0 && i < container->secrets.count; i++)
                r = need_secret(need, &container->secrets.items[i]);
        if (r >= 0)
                r = need_paths(need, container);
        return r < 0 ? r : keep_name(need, container);
}

static int need_of_pod(const Need *need, const Pod *pod) {
        int r = migrate_notes_add(&pod->section, &need->plan->notes);

        for (size_t i = 0; r >= 0 && i < pod->volumes.count; i++)
                r = need_volume(need, &pod->volumes.items[i]);
        return r;
}

static int need_of_volume(const Need *need, const Volume *volume) {
        int r = migrate_notes_add(&volume->section, &need->plan->notes);

        return r < 0 ? r : add_volume_of_file(need->plan, volume, &(Location) { .file = need->source->path });
}

static int need_of(const Need *need, void *object) {
        const Network *network = object;
        int r;

        switch (need->source->type) {
        case FILE_CONTAINER:
                return need_of_container(need, object);
        case FILE_POD:
                return need_of_pod(need, object);
        case FILE_VOLUME:
                return need_of_volume(need, object);
        case FILE_NETWORK:
                r = migrate_notes_add(&network->section, &need->plan->notes);
                return r < 0 ? r : need_network(need, network);
        default:
                return 0;
        }
}

/* What was built here podman finds without its registry, "localhost". */
static int check_short_name(MigratePlan *plan, const Entry *entry) {
        _cleanup_free_ char *name = NULL, *local = NULL;
        int r = image_reference_short_name(entry->value, &name);

        if (r > 0)
                local = text_format("localhost/%s", entry->value);
        if (r <= 0 || !local)
                return r > 0 ? -ENOMEM : r;
        r = podman_has_image(local);
        if (r > 0)
                diagnose_error(&plan->diagnostics, &entry->where, "podman has this as \"%s\": write that", local);
        return r < 0 ? r : 0;
}

/* Finds the last value of a key in the file's own section, borrowed; NULL when there is none. */
static const char *find_value(const Source *source, const UnitFile *unit, const char *key) {
        const char *value = NULL;

        for (size_t i = 0; i < unit->count; i++)
                if (streq(unit->entries[i].key, key) &&
                    streq(unit->entries[i].section, file_type_section(source->type)))
                        value = unit->entries[i].value;
        return value;
}

/* What Quadlet goes on to build is known by its tag. */
static int check_built(MigratePlan *plan, const Entry *entry) {
        _cleanup_diagnostics_ Diagnostics unseen = {};
        _cleanup_unit_file_ UnitFile unit = {};
        _cleanup_source_ Source source = {};
        _cleanup_free_ char *stem = NULL;
        const char *tag = NULL;
        FileType type;
        int r = file_name_parse(entry->value, &type, &stem);

        if (r < 0 || type != FILE_BUILD)
                return r == -ENOMEM ? r : 0;
        r = source_find(&plan->search_path, type, stem, &source);
        if (r >= 0)
                r = source_read(&source, &unit, &unseen);
        if (r >= 0)
                tag = find_value(&source, &unit, "ImageTag");
        diagnose_error(&plan->diagnostics, &entry->where, "%s stays with Quadlet: write the image that it builds%s%s",
                       entry->value, tag ? ": " : "", tag ?: "");
        return r == -ENOMEM ? r : 0;
}

int migrate_check_names(MigratePlan *plan, const Source *source) {
        _cleanup_diagnostics_ Diagnostics said = {}; /* by unit_plan_add() */
        _cleanup_unit_file_ UnitFile unit = {};
        int r = source->type == FILE_CONTAINER || source->type == FILE_IMAGE || source->type == FILE_VOLUME
                                ? source_read(source, &unit, &said)
                                : 0;

        for (size_t i = 0; r >= 0 && i < unit.count; i++)
                if (streq(unit.entries[i].key, "Image") &&
                    streq(unit.entries[i].section, file_type_section(source->type)))
                        r = image_is_file(unit.entries[i].value) ? check_built(plan, &unit.entries[i])
                                                                 : check_short_name(plan, &unit.entries[i]);
        return r == -EREPORTED ? 0 : r;
}

int migrate_needs_add(MigratePlan *plan, const Source *source, const char *to) {
        const SpecifierContext machine = { .scope = places_scope() };
        const Need need = { plan, source, to };
        _cleanup_diagnostics_ Diagnostics said = {}; /* by unit_plan_add() */
        void *object = NULL;
        int r;

        r = kind_read(source, &machine, &said, &object);
        if (!object)
                return r == -EREPORTED ? 0 : r;
        r = need_of(&need, object);
        kind_get(source->type)->free(object);
        return r;
}
