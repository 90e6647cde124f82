/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit/unit-plan.h"

#include <errno.h>

#include "basic/text.h"
#include "kind/container/container-advice.h"
#include "kind/container/container-checkpoint.h"
#include "kind/kinds.h"
#include "kind/load.h"
#include "kind/network-advice.h"
#include "kind/pod-container.h"
#include "source/quadlet-services.h"
#include "unit/connection-units.h"
#include "unit/kept-drop-in.h"
#include "unit/unit-text.h"

/* The end of what is made units of, more than anybody has: of values in all files and drop-ins, as
 * often as they are read. */
enum { BYTES_MAX = 32 * 1024 * 1024 };

/* What is made of one file. */
typedef struct Step {
        UnitPlan *plan;
        const Source *source;
        const Kind *kind;
        Diagnostics *diagnostics; /* for what is judged with a name in place */
} Step;

#define KIND(type, Struct, prefix, ...)                                                                                \
        static int fill_##prefix(const void *object, UnitDropIn *drop_in) {                                            \
                return unit_text_##prefix(object, drop_in);                                                            \
        }
#include "source/kinds.def"

static int write_text(const Step *step, const void *object, const SpecifierContext *context) {
        UnitPlan *plan = step->plan;
        _cleanup_unit_drop_in_ UnitDropIn drop_in = {
                .context = context,
                .search_path = &plan->search_path,
                .instances = &plan->instances,
                .diagnostics = step->diagnostics,
                .outputs = &plan->outputs,
        };
        int r;

        switch (step->source->type) {
#define KIND(type, Struct, prefix, ...)                                                                                \
        case FILE_##type:                                                                                              \
                drop_in.section = &((const Struct *) object)->section;                                                 \
                r = unit_drop_in_make(&drop_in, fill_##prefix, object);                                                \
                return r < 0 ? r : connection_units_add(&drop_in);
#include "source/kinds.def"
        default:
                return 0;
        }
}

/* The stem that a template is judged as: that of its default instance, else of some instance. */
static int stem_to_judge(const Source *source, const UnitFile *unit, char **ret) {
        const char *instance = stem_is_template(source->stem) ? "instance" : "";
        _cleanup_free_ char *stem = NULL;

        for (size_t i = 0; i < unit->count && *instance; i++)
                if (streq(unit->entries[i].section, "Install") && streq(unit->entries[i].key, "DefaultInstance") &&
                    *unit->entries[i].value)
                        instance = unit->entries[i].value;
        stem = text_format("%s%s", source->stem, instance);
        if (stem && !stem_is_valid(stem)) {
                free(stem);
                stem = text_format("%sinstance", source->stem);
        }
        if (!stem)
                return -ENOMEM;
        *ret = TAKE_PTR(stem);
        return 0;
}

static int find_path(const Step *step, const char **ret) {
        char *path;
        int r;

        if (step->source->path[0] == '/') {
                *ret = step->source->path;
                return 0;
        }
        r = source_absolute_path(step->source->path, &path);
        if (r >= 0)
                r = string_list_take(&step->plan->paths, path);
        if (r >= 0)
                *ret = path;
        return r;
}

/* From here on a network's name is that of its file. One that is nobody's stays what it is. */
static int resolve_networks(const Step *step, NetworkAttachmentList *networks) {
        int r = 0;

        for (size_t i = 0; r >= 0 && i < networks->count; i++) {
                NetworkAttachment *network = &networks->items[i];
                char *stem;

                if (network->kind != NETWORK_NAMED)
                        continue;
                r = network_names_resolve(&step->plan->network_names, &step->plan->sources, network,
                                          step->diagnostics, &stem);
                if (r >= 0) {
                        free(network->value);
                        network->value = stem;
                } else if (r == -EREPORTED)
                        r = 0;
        }
        return r;
}

/* A container of a pod has what the pod's file says, too. What is wrong there is said of that file;
 * that there is none, of the reference to it. */
static int join_pod(const Step *step, Container *container) {
        const SpecifierContext machine = { .scope = step->plan->scope };
        _cleanup_diagnostics_ Diagnostics unseen = {};
        _cleanup_source_ Source source = {};
        _cleanup_free_ char *stem = NULL;
        Pod *pod = NULL;
        int r;

        r = container_pod_stem(container, &stem);
        if (r <= 0)
                return r;
        r = source_find(&step->plan->search_path, FILE_POD, stem, &source);
        if (r < 0 || source.masked)
                return r == -ENOMEM ? r : 0;
        r = pod_read(&source, &machine, &unseen, &pod);
        if (r == -ENOMEM || !pod)
                return r == -ENOMEM ? r : 0;
        return container_join_pod(container, pod);
}

static int resolve(const Step *step, void *object) {
        Container *container = object;
        Pod *pod = object;
        int r;

        if (step->source->type == FILE_POD)
                return resolve_networks(step, &pod->networks);
        if (step->source->type != FILE_CONTAINER)
                return 0;
        r = resolve_networks(step, &container->networks);
        return r < 0 ? r : join_pod(step, container);
}

/* The files of all networks are read with the first of them. */
static int check_subnets(const Step *step) {
        int r = file_subnets_read(&step->plan->subnets, &step->plan->sources);

        if (r < 0)
                return r;
        (void) file_subnets_check(&step->plan->subnets, step->source->stem, step->diagnostics);
        return 0;
}

static void judge_criu(const Step *step, const Container *container) {
        if (container->checkpoint_on_stop)
                container_check_criu(container, step->plan->find_criu(container), true, step->diagnostics);
}

/* What a file does that is sound in itself may still be more than this machine has. */
static int advise(const Step *step, const void *object) {
        if (!step->plan->advise)
                return 0;
        if (step->source->type == FILE_CONTAINER && step->plan->controllers)
                container_check_controllers(object, step->plan->controllers, step->diagnostics);
        if (step->source->type == FILE_CONTAINER && step->plan->find_criu)
                judge_criu(step, object);
        if (step->source->type == FILE_CONTAINER)
                return container_advise(object, step->plan->scope, &step->plan->search_path,
                                        &step->plan->sources, step->diagnostics);
        return step->source->type == FILE_NETWORK && search_path_is_of_machine()
                               ? network_advise(object, step->diagnostics)
                               : 0;
}

static int judge(const Step *step, UnitFile *unit, const SpecifierContext *context) {
        void *object;
        int r;

        r = step->kind->load(unit, context, step->diagnostics, &object);
        if (r < 0)
                return r;
        step->kind->check(object, step->diagnostics);
        step->kind->check_references(object, &step->plan->sources, step->diagnostics);
        step->kind->check_supported(object, step->diagnostics);
        r = advise(step, object);
        if (r >= 0 && step->source->type == FILE_NETWORK)
                r = check_subnets(step);
        if (r >= 0)
                r = resolve(step, object);
        if (r >= 0)
                r = write_text(step, object, context);
        step->kind->free(object);
        return r;
}

/* Whether what has been read is too much with this one. */
static bool too_much(UnitPlan *plan, const UnitFile *unit, const char *path) {
        bool before = plan->bytes > BYTES_MAX;

        for (size_t i = 0; i < unit->count; i++)
                plan->bytes += strlen(unit->entries[i].value);
        if (plan->bytes <= BYTES_MAX)
                return false;
        if (!before)
                diagnose_error(&plan->diagnostics, &(Location) { .file = path },
                               "all files together are larger than 32 MiB: this one and the rest are ignored");
        return true;
}

static int read_and_judge(const Step *step) {
        _cleanup_free_ char *stem = NULL, *unit_name = NULL;
        SpecifierContext context = { .scope = step->plan->scope };
        _cleanup_unit_file_ UnitFile unit = {};
        int r;

        r = step->plan->bytes > BYTES_MAX ? 0 : source_read(step->source, &unit, &step->plan->diagnostics);
        if (r >= 0 && too_much(step->plan, &unit, step->source->path))
                return 0;
        if (r >= 0)
                r = quadlet_services_adopt(&unit, context.scope, &step->plan->sources);
        if (r >= 0 && step->plan->judge_templates)
                r = stem_to_judge(step->source, &unit, &stem);
        if (r >= 0)
                r = find_path(step, &context.path);
        if (r < 0)
                return r;
        context.stem = stem ?: step->source->stem;
        r = unit_name_for(step->source->type, context.stem, &unit_name);
        if (r < 0)
                return r;
        context.unit_name = unit_name;
        return judge(step, &unit, &context);
}

static int mask(const Step *step) {
        _cleanup_free_ char *unit_name = NULL;
        int r = 0;

        if (!step->kind || !step->kind->is_supported || stem_is_template(step->source->stem))
                return 0;
        if (step->source->type == FILE_CONTAINER)
                r = kept_drop_in_add(step->source->stem, &step->plan->outputs);
        if (r != 0) /* it runs, and a masked unit has no commands for its stop; its start is refused by our own */
                return r < 0 ? r : 0;
        r = unit_name_for(step->source->type, step->source->stem, &unit_name);
        return r < 0 ? r : unit_text_mask(unit_name, step->source->path, &step->plan->outputs);
}

int unit_plan_add(UnitPlan *plan, const Source *source) {
        bool judged = plan->judge_templates || !stem_is_template(source->stem);
        const Location where = { .file = source->path };
        _cleanup_diagnostics_ Diagnostics unseen = {};
        const Step step = { plan, source, kind_get(source->type), judged ? &plan->diagnostics : &unseen };
        int r;

        if (!source->masked && (!step.kind || !step.kind->is_supported))
                diagnose_error(&plan->diagnostics, &where, ".%s files are not supported yet",
                               file_type_name(source->type));
        if (source->masked)
                r = mask(&step);
        else
                r = step.kind ? read_and_judge(&step) : 0;
        if (r != -EINVAL)
                return r;
        diagnose_error(&plan->diagnostics, &where, "the name is too long for a unit");
        return 0;
}

void unit_plan_done(UnitPlan *plan) {
        string_list_done(&plan->search_path);
        sources_done(&plan->sources);
        network_names_done(&plan->network_names);
        file_subnets_done(&plan->subnets);
        string_list_done(&plan->instances);
        unit_outputs_done(&plan->outputs);
        string_list_done(&plan->paths);
        diagnostics_done(&plan->diagnostics);
}
