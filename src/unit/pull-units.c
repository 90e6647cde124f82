/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The units that pull the images of containers. */
#include "unit/pull-units.h"

#include <errno.h>
#include <inttypes.h>

#include "basic/words.h"
#include "config/short-name.h"
#include "source/places.h"

const char *pull_policy_name(PullPolicy policy) {
        static const char *const names[] = {
                [PULL_MISSING] = "missing", [PULL_ALWAYS] = "always", [PULL_NEVER] = "never", [PULL_NEWER] = "newer",
        };

        return names[policy];
}

/* How much more a policy wants than the image being there. */
static int demand(PullPolicy policy) {
        static const int demands[] = { [PULL_NEVER] = 0, [PULL_MISSING] = 0, [PULL_NEWER] = 1, [PULL_ALWAYS] = 2 };

        return demands[policy];
}

/* The pull of a unit that some container has said something of. */
static UnitPull *find_or_add(UnitOutputs *outputs, const char *unit_name, const char *source) {
        UnitPull pull = { .source = source };

        for (size_t i = 0; i < outputs->pull_count; i++)
                if (streq(outputs->pulls[i].unit_name, unit_name))
                        return &outputs->pulls[i];
        if (ARRAY_RESERVE(outputs->pulls, outputs->pulls_allocated, outputs->pull_count + 1) < 0)
                return NULL;
        pull.unit_name = strdup(unit_name);
        if (!pull.unit_name)
                return NULL;
        outputs->pulls[outputs->pull_count] = pull;
        return &outputs->pulls[outputs->pull_count++];
}

/* Not without a container: a volume says nothing of the pull. */
static bool is_set(const Container *container, KeyId key) {
        return container && container->set.entry[key];
}

/* The path of "oci:/srv/images:web", or NULL. */
static char *local_path(const char *image) {
        size_t prefix = image_transport_prefix(image);

        return prefix > 0 ? strndup(image + prefix, strcspn(image + prefix, ":")) : NULL;
}

static int merge(const Container *container, const char *image, PullPolicy policy, const char *unit_name,
                 const char *source, UnitOutputs *outputs) {
        bool retry = is_set(container, KEY_Container_Retry), delay = is_set(container, KEY_Container_RetryDelay), local;
        _cleanup_free_ char *path = local_path(image), *short_name = NULL;
        UnitPull *pull;
        int r;

        r = image_reference_short_name(image, &short_name);
        if (r < 0)
                return r;
        local = path && unit_line_fits(path);
        if (!local && !short_name && !retry && !delay && demand(policy) == 0)
                return 0;
        pull = find_or_add(outputs, unit_name, source);
        if (!pull)
                return -ENOMEM;
        if (local && !pull->path)
                pull->path = TAKE_PTR(path);
        if (short_name && !pull->short_name && !(pull->short_name = strdup(image)))
                return -ENOMEM;
        if (demand(policy) > demand(pull->policy))
                pull->policy = policy;
        if (retry && (!pull->has_retry || container->retry > pull->retry))
                pull->retry = container->retry;
        if (delay && (!pull->has_retry_delay || container->retry_delay_usec > pull->retry_delay_usec))
                pull->retry_delay_usec = container->retry_delay_usec;
        pull->has_retry |= retry;
        pull->has_retry_delay |= delay;
        return 0;
}

static int add(const Container *container, const char *image, PullPolicy policy, UnitDropIn *drop_in) {
        _cleanup_free_ char *unit_name = NULL;
        int r;

        if (!image)
                return 0;
        if (image_is_file(image))
                return unit_drop_in_add_file(drop_in, &drop_in->wanted, image);
        /* A container that must not have its image pulled starts with what there is, also while
         * another one's pull goes on. */
        if (container && container->pull == PULL_NEVER)
                return 0;
        r = image_unit_name(image, &unit_name);
        if (r >= 0)
                r = unit_drop_in_add_unit(&drop_in->wanted, unit_name);
        return r < 0 ? r : merge(container, image, policy, unit_name, drop_in->context->path, drop_in->outputs);
}

int unit_pull_add(const Container *container, UnitDropIn *drop_in) {
        return add(container, container->image, container->pull, drop_in);
}

int unit_pull_add_mount(const Container *container, const char *image, UnitDropIn *drop_in) {
        return add(container, image, PULL_MISSING, drop_in);
}

static void append_service(const UnitPull *pull, Text *text) {
        if (demand(pull->policy) == 0 && !pull->has_retry && !pull->has_retry_delay)
                return;
        text_append(text, "\n[Service]\n");
        if (demand(pull->policy) > 0)
                text_appendf(text, "Environment=" PULL_POLICY_VARIABLE "=%s\n", pull_policy_name(pull->policy));
        if (pull->has_retry)
                text_appendf(text, "Environment=" PULL_RETRY_VARIABLE "=%" PRIu64 "\n", pull->retry);
        if (pull->has_retry_delay)
                text_appendf(text, "Environment=" PULL_RETRY_DELAY_VARIABLE "=%" PRIu64 "us\n", pull->retry_delay_usec);
}

int unit_pull_append_conditions(const char *image, Text *text) {
        _cleanup_image_candidates_ ImageCandidates candidates = {};
        _cleanup_free_ char *note = NULL, *message = NULL;
        int r = image_candidates_find(image, &candidates, &note, &message);

        if (r < 0 || candidates.count < 2)
                return r == -ENOMEM ? r : 0;
        text_append(text, "ConditionPathExists=\n");
        for (size_t i = 0; i < candidates.count; i++) {
                _cleanup_free_ char *instance = image_instance(candidates.items[i].name);

                if (!instance)
                        return -ENOMEM;
                text_appendf(text, "ConditionPathExists=!%s/%s\n", place_path(PLACE_IMAGES), instance);
        }
        return 1;
}

static int build(const UnitPull *pull, char **ret) {
        _cleanup_text_ Text text = {};
        int r;

        unit_output_append_header(&text, pull->source, NULL);
        if (demand(pull->policy) > 0 || pull->path || pull->short_name)
                text_append(&text, "[Unit]\n");
        if (demand(pull->policy) > 0)
                text_append(&text, "ConditionPathExists=\n");
        else if (pull->short_name) {
                r = unit_pull_append_conditions(pull->short_name, &text);
                if (r < 0)
                        return r;
        }
        if (pull->path) {
                text_append(&text, "RequiresMountsFor=");
                word_append_quoted(&text, pull->path, true, false);
                text_append_char(&text, '\n');
        }
        append_service(pull, &text);
        return text_take(&text, ret);
}

int unit_pull_add_volume(const char *image, UnitDropIn *drop_in) {
        return add(NULL, image, PULL_MISSING, drop_in);
}

int unit_pull_add_outputs(UnitOutputs *outputs) {
        for (size_t i = 0; i < outputs->pull_count; i++) {
                const UnitPull *pull = &outputs->pulls[i];
                char *content = NULL;
                int r;

                r = build(pull, &content);
                if (r >= 0)
                        r = unit_outputs_add_file(outputs, pull->source,
                                                  text_format("%s.d/10-berth.conf", pull->unit_name), content);
                if (r < 0)
                        return r;
        }
        return 0;
}
