/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SELinux's policy and what it says of containers. */
#include "host/labels.h"

#include <errno.h>
#include <fcntl.h>
#if HAVE_SELINUX
#include <selinux/selinux.h>
#endif
#include <sys/xattr.h>
#include <unistd.h>

#include "basic/dynamic.h"
#include "basic/files.h"
#include "basic/text.h"
#include "host/label-levels.h"
#include "kind/container/container-security.h"
#include "source/places.h"

/* What is not kept apart by SELinux runs in this type, for which every policy for containers has
 * the same name. */
#define PRIVILEGED_TYPE "spc_t"
#define LABEL_ATTRIBUTE "security.selinux"

enum { LXC_CONTEXTS_MAX = 64 << 10, LABEL_MAX = 4096 };

#if HAVE_SELINUX
DYNAMIC_NOTE(selinux, "libselinux.so.1", "selinux", "recommended", "Labels of containers");
DYNAMIC_FUNCTION(freecon);
DYNAMIC_FUNCTION(getfilecon_raw);
DYNAMIC_FUNCTION(getpidcon_raw);
DYNAMIC_FUNCTION(security_check_context_raw);
DYNAMIC_FUNCTION(security_compute_av_raw);
DYNAMIC_FUNCTION(security_compute_create_raw);
DYNAMIC_FUNCTION(security_getenforce);
DYNAMIC_FUNCTION(selinux_lxc_contexts_path);
DYNAMIC_FUNCTION(string_to_av_perm);
DYNAMIC_FUNCTION(string_to_security_class);

static int load(void) {
        static const DynamicSymbol symbols[] = {
                DYNAMIC_SYMBOL(freecon),
                DYNAMIC_SYMBOL(getfilecon_raw),
                DYNAMIC_SYMBOL(getpidcon_raw),
                DYNAMIC_SYMBOL(security_check_context_raw),
                DYNAMIC_SYMBOL(security_compute_av_raw),
                DYNAMIC_SYMBOL(security_compute_create_raw),
                DYNAMIC_SYMBOL(security_getenforce),
                DYNAMIC_SYMBOL(selinux_lxc_contexts_path),
                DYNAMIC_SYMBOL(string_to_av_perm),
                DYNAMIC_SYMBOL(string_to_security_class),
        };
        return dynamic_load("libselinux.so.1", symbols, ARRAY_SIZE(symbols), NULL);
}

static bool policy_has(const char *context) {
        return sym_security_check_context_raw(context) >= 0;
}
#else
static int load(void) {
        return 0;
}

static bool policy_has(const char *context _unused_) {
        return false;
}
#endif

/* `NAME = "CONTEXT"` */
static int parse_line(const char *line, size_t n, FactLabels *labels) {
        const struct { const char *name; char **field; } names[] = {
                { "process", &labels->process },
                { "init_process", &labels->init_process },
                { "kvm_process", &labels->kvm_process },
                { "file", &labels->file },
        };
        const char *equals = memchr(line, '=', n), *value, *end = line + n;
        size_t name_length;

        if (!equals || *line == '#')
                return 0;
        name_length = (size_t) (equals - line);
        while (name_length > 0 && strchr(" \t", line[name_length - 1]))
                name_length--;
        for (value = equals + 1; value < end && strchr(" \t\"", *value); value++)
                ;
        while (end > value && strchr(" \t\r\"", end[-1]))
                end--;
        for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
                if (strlen(names[i].name) != name_length || strncmp(names[i].name, line, name_length) != 0 ||
                    value == end)
                        continue;
                free(*names[i].field);
                *names[i].field = strndup(value, (size_t) (end - value));
                return *names[i].field ? 0 : -ENOMEM;
        }
        return 0;
}

int lxc_contexts_parse(const char *text, FactLabels *ret) {
        FactLabels labels = {};
        int r = 0;

        for (const char *line = text; *line && r >= 0;) {
                size_t n = strcspn(line, "\n"), blank = strspn(line, " \t");

                r = blank < n ? parse_line(line + blank, n - blank, &labels) : 0;
                line += n + (line[n] == '\n');
        }
        if (r >= 0 && (!labels.process || !labels.file))
                r = -ENOENT;
        if (r < 0) {
                fact_labels_done(&labels);
                return r;
        }
        *ret = labels;
        return 0;
}

/* Optional ones that the policy does not know are as good as not there. */
static int check_optional(FactLabels *labels) {
        int r;

        if (labels->init_process && !policy_has(labels->init_process))
                labels->init_process = x_free(labels->init_process);
        if (labels->kvm_process && !policy_has(labels->kvm_process))
                labels->kvm_process = x_free(labels->kvm_process);
        r = context_make(labels->process, PRIVILEGED_TYPE, NULL, &labels->privileged_process);
        if (r >= 0 && !policy_has(labels->privileged_process))
                labels->privileged_process = x_free(labels->privileged_process);
        return r;
}

/* Returns 1, or 0 with a warning when this policy has nothing for containers. */
#if HAVE_SELINUX
static int read_policy(FactLabels *labels, Diagnostics *diagnostics) {
        const char *path = sym_selinux_lxc_contexts_path();
        _cleanup_free_ char *text = NULL;
        int r;

        r = path ? read_file_at(AT_FDCWD, path, LXC_CONTEXTS_MAX, &text, NULL) : -ENOENT;
        if (r >= 0)
                r = lxc_contexts_parse(text, labels);
        if (r == -ENOENT) {
                diagnose_warning(diagnostics, NULL,
                                 "SELinux is on, but %s names no contexts for containers: the container runs without a "
                                 "label of its own",
                                 path ?: "its policy");
                return 0;
        }
        if (r < 0)
                return r;
        if (policy_has(labels->process) && policy_has(labels->file))
                return 1;
        diagnose_warning(diagnostics, NULL,
                         "SELinux is on, but its policy has no %s, which %s names: the container runs without a label "
                         "of its own",
                         policy_has(labels->process) ? labels->file : labels->process, path);
        return 0;
}
#else
static int read_policy(FactLabels *labels _unused_, Diagnostics *diagnostics) {
        diagnose_warning(diagnostics, NULL,
                         "SELinux is on, but this berth is made without it: the container runs without a label of its "
                         "own");
        return 0;
}
#endif

int labels_gather(const char *id, FactLabels *ret, Diagnostics *diagnostics) {
        FactLabels labels = {};
        int r;

        if (access(SELINUX_DIRECTORY "/enforce", F_OK) < 0)
                return 0;
        r = load();
        if (r < 0)
                return r;
        r = read_policy(&labels, diagnostics);
        if (r > 0) {
                labels.level = label_level_preferred(id);
                r = labels.level ? check_optional(&labels) : -ENOMEM;
                if (r >= 0) {
                        *ret = labels;
                        return 1;
                }
        }
        fact_labels_done(&labels);
        return r;
}

/* Reports that the policy does not know `made`: because of the type at `type_key`, if it does not
 * know that with any level, else because of the level. */
static int check_label(const Container *container, const char *made, const char *plain, const char *type,
                       KeyId type_key, Diagnostics *diagnostics) {
        Location where = container_where(container, type_key),
                 level_where = container_where(container, KEY_Container_SecurityLabelLevel);
        _cleanup_free_ char *typed = NULL;
        int r;

        if (!made || policy_has(made))
                return 0;
        r = context_make(plain, type, NULL, &typed);
        if (r < 0)
                return r;
        if (type && !policy_has(typed))
                return diagnose_error(diagnostics, &where, "SELinux's policy has no type \"%s\" for this", type);
        return diagnose_error(diagnostics, &level_where, "SELinux's policy does not know the context \"%s\"", made);
}

int labels_check(const Container *container, const FactLabels *facts, Diagnostics *diagnostics) {
        _cleanup_container_labels_ ContainerLabels labels = {};
        int r, s;

        if (!facts->process || container_shares_label(container))
                return 0;
        r = container_labels_make(container, facts, &labels);
        if (r < 0)
                return r;
        r = check_label(container, labels.process, facts->process, container->security_label_type,
                        KEY_Container_SecurityLabelType, diagnostics);
        s = check_label(container, labels.mount, facts->file, container->security_label_file_type,
                        KEY_Container_SecurityLabelFileType, diagnostics);
        return r < 0 ? r : s;
}

/* Attributes cannot be had through an O_PATH descriptor, but by its name, which leads to the very
 * same file, a symlink included. */
int labels_set(int fd, const char *label) {
        return setxattr(fd_path(fd).text, LABEL_ATTRIBUTE, label, strlen(label) + 1, 0) < 0 ? -errno : 0;
}

bool labels_is(int fd, const char *label) {
        char present[LABEL_MAX + 1] = "";
        ssize_t n = getxattr(fd_path(fd).text, LABEL_ATTRIBUTE, present, LABEL_MAX);

        return n > 0 && streq(present, label);
}

#if HAVE_SELINUX
/* As systemd does it: what its own process would become by running that program. A user's manager
 * is this process's parent. */
static int compute_socket(const char *program, char **ret) {
        pid_t pid = places_scope() == SCOPE_SYSTEM ? 1 : getppid();
        char *manager = NULL, *file = NULL;
        int r = sym_getpidcon_raw(pid, &manager) < 0 || sym_getfilecon_raw(program, &file) < 0 ||
                                sym_security_compute_create_raw(manager, file, sym_string_to_security_class("process"),
                                                                ret) < 0
                        ? -errno
                        : 0;

        sym_freecon(manager);
        sym_freecon(file);
        return r;
}

bool labels_may_use_socket(const char *process, const char *program, const char *class, const char *permission) {
        security_class_t class_number = sym_string_to_security_class(class);
        access_vector_t wanted = sym_string_to_av_perm(class_number, permission);
        struct av_decision decision = {};
        char *socket = NULL;
        bool asked;

        if (sym_security_getenforce() != 1 || compute_socket(program, &socket) < 0)
                return true;
        asked = sym_security_compute_av_raw(process, socket, class_number, wanted, &decision) >= 0;
        sym_freecon(socket);
        return !asked || (decision.allowed & wanted) == wanted;
}
#else
bool labels_may_use_socket(const char *process _unused_, const char *program _unused_, const char *class _unused_,
                           const char *permission _unused_) {
        return true;
}
#endif

int labels_copy(const char *from, const char *to) {
        char label[LABEL_MAX];
        ssize_t n = lgetxattr(from, LABEL_ATTRIBUTE, label, sizeof(label));

        if (n < 0)
                return errno == ENODATA || errno == ENOTSUP ? 0 : -errno;
        return lsetxattr(to, LABEL_ATTRIBUTE, label, (size_t) n, 0) < 0 && errno != ENOTSUP ? -errno : 0;
}
