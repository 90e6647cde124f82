/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether a container is what podman's was. */
#include "start/checkpoint/podman/podman-fit.h"

#include <errno.h>

#include "basic/json.h"
#include "basic/path.h"
#include "basic/text.h"
#include "start/bundle-config.h"
#include "start/checkpoint/checkpoint-store.h"

typedef struct Fitting {
        const char *stem;
        json_object *theirs, *ours;
        Diagnostics *diagnostics;
} Fitting;

static size_t count(json_object *array) {
        return json_object_is_type(array, json_type_array) ? json_object_array_length(array) : 0;
}

static int check_process(const Fitting *fitting) {
        json_object *theirs = json_object_object_get(fitting->theirs, "process"),
                    *ours = json_object_object_get(fitting->ours, "process");
        bool terminal = json_object_get_boolean(json_object_object_get(theirs, "terminal"));

        if (!json_object_equal(json_object_object_get(theirs, "args"), json_object_object_get(ours, "args")))
                return diagnose_error(fitting->diagnostics, NULL,
                                      "the checkpoint is of a container with another command than \"%s\" has",
                                      fitting->stem);
        if (terminal != (bool) json_object_get_boolean(json_object_object_get(ours, "terminal")))
                return diagnose_error(fitting->diagnostics, NULL,
                                      "the checkpoint is of a container with%s a terminal, and \"%s\" has %s",
                                      terminal ? "" : "out", fitting->stem, terminal ? "none" : "one");
        return 0;
}

/* Mounts */

/* What is shown of the unit's limits is mounted when CRIU is done. */
static bool is_view(const char *target) {
        return path_is_below(target, "/sys/fs/cgroup") && !streq(target, "/sys/fs/cgroup");
}

/* Files that are made anew at each start: it does without those that it had not. */
static bool is_generated(const char *target) {
        static const char *const targets[] = {
                "/etc/hosts", "/etc/hostname", "/etc/resolv.conf", "/run/.containerenv",
        };

        for (size_t i = 0; i < ARRAY_SIZE(targets); i++)
                if (streq(target, targets[i]))
                        return true;
        return false;
}

/* What is bound CRIU takes from outside, and makes all else itself. */
static bool is_bound(json_object *mount) {
        json_object *options = json_object_object_get(mount, "options");

        if (streq_null(json_get_string(mount, "type"), "bind"))
                return true;
        for (size_t i = 0; i < count(options); i++) {
                const char *option = json_object_get_string(json_object_array_get_idx(options, i));

                if (streq_null(option, "bind") || streq_null(option, "rbind"))
                        return true;
        }
        return false;
}

static json_object *find_mount(json_object *config, const char *target) {
        json_object *mounts = json_object_object_get(config, "mounts");

        for (size_t i = 0; i < count(mounts); i++) {
                json_object *mount = json_object_array_get_idx(mounts, i);

                if (streq_null(json_get_string(mount, "destination"), target))
                        return mount;
        }
        return NULL;
}

/* What is a podman's word is shown as far as it is text. */
static int lacks_mount(const Fitting *fitting, const char *target) {
        enum { SHOWN_MAX = 1000 };
        int n = (int) utf8_valid_prefix(target, strnlen(target, SHOWN_MAX));

        return diagnose_error(fitting->diagnostics, NULL,
                              "the checkpoint is of a container with a mount on \"%.*s\", where \"%s\" has none", n,
                              target, fitting->stem);
}

static int check_their_mount(const Fitting *fitting, json_object *theirs) {
        const char *target = json_get_string(theirs, "destination");
        json_object *ours = target ? find_mount(fitting->ours, target) : NULL;

        if (!target)
                return -EBADMSG;
        if (!ours)
                return lacks_mount(fitting, target);
        if (is_bound(theirs) == is_bound(ours))
                return 0;
        return diagnose_error(fitting->diagnostics, NULL,
                              "the checkpoint is of a container whose \"%s\" is %s, and that of \"%s\" is %s", target,
                              is_bound(theirs) ? "bound" : "a file system of its own", fitting->stem,
                              is_bound(ours) ? "bound" : "a file system of its own");
}

static int check_our_mount(const Fitting *fitting, json_object *ours) {
        const char *target = json_get_string(ours, "destination");

        if (!target || is_view(target) || is_generated(target) || find_mount(fitting->theirs, target))
                return 0;
        return diagnose_error(fitting->diagnostics, NULL,
                              "the checkpoint is of a container without a mount on \"%s\", where \"%s\" has one",
                              target, fitting->stem);
}

static int check_mounts(const Fitting *fitting) {
        json_object *theirs = json_object_object_get(fitting->theirs, "mounts"),
                    *ours = json_object_object_get(fitting->ours, "mounts");
        int r = 0;

        for (size_t i = 0; i < count(theirs) && r >= 0; i++)
                r = check_their_mount(fitting, json_object_array_get_idx(theirs, i));
        for (size_t i = 0; i < count(ours) && r >= 0; i++)
                r = check_our_mount(fitting, json_object_array_get_idx(ours, i));
        return r;
}

/* Namespaces */

typedef enum NamespaceOrigin {
        ORIGIN_MACHINE,
        ORIGIN_RUNTIME, /* it is made with the container, and so by CRIU */
        ORIGIN_OTHER,   /* it is there already */
} NamespaceOrigin;

static NamespaceOrigin origin_of(json_object *config, const char *type) {
        json_object *namespaces = json_object_object_get(json_object_object_get(config, "linux"), "namespaces");

        for (size_t i = 0; i < count(namespaces); i++) {
                json_object *namespace = json_object_array_get_idx(namespaces, i);
                const char *path = json_get_string(namespace, "path");

                if (streq_null(json_get_string(namespace, "type"), type))
                        return path && *path ? ORIGIN_OTHER : ORIGIN_RUNTIME;
        }
        return ORIGIN_MACHINE;
}

static int check_namespaces(const Fitting *fitting) {
        static const char *const types[] = { "network", "pid", "ipc", "uts", "mount", "cgroup", "user" };
        static const char *const network[] = {
                "the machine's", "one that is on no network", "one that is on networks",
        };
        static const char *const other[] = { "the machine's", "one of its own", "one that others have as well" };

        for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
                NamespaceOrigin theirs = origin_of(fitting->theirs, types[i]),
                                ours = origin_of(fitting->ours, types[i]);
                const char *const *words = i == 0 ? network : other;

                if (theirs != ours)
                        return diagnose_error(fitting->diagnostics, NULL,
                                              "the checkpoint is of a container whose %s namespace is %s, and that of "
                                              "\"%s\" is %s",
                                              types[i], words[theirs], fitting->stem, words[ours]);
        }
        return 0;
}

int podman_fit_check(int checkpoint_fd, const Bundle *bundle, Diagnostics *diagnostics) {
        enum { LARGEST = 16 * 1024 * 1024 };
        _cleanup_json_object_ json_object *theirs = NULL, *ours = NULL;
        Fitting fitting;
        int r = json_read_file_at(checkpoint_fd, CHECKPOINT_PODMANS, LARGEST, json_type_object, &theirs);

        if (r >= 0)
                r = bundle_config_read(bundle, &ours);
        fitting = (Fitting) { bundle->stem, theirs, ours, diagnostics };
        if (r >= 0)
                r = check_process(&fitting);
        if (r >= 0)
                r = check_namespaces(&fitting);
        if (r >= 0)
                r = check_mounts(&fitting);
        if (r == -EBADMSG)
                return diagnose_error(diagnostics, NULL,
                                      "the checkpoint of \"%s\" is not whole: how podman described it cannot be read; "
                                      "berth start --fresh %s forgets it",
                                      bundle->stem, bundle->stem);
        return r;
}
