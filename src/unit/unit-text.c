/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From a Container to what systemd reads. */
#include "unit/unit-text.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>

#include "basic/numbers.h"
#include "basic/words.h"
#include "kind/container/container-health.h"
#include "kind/container/container-socket.h"
#include "kind/secret-source.h"
#include "source/unit-name.h"
#include "source/unit-reference.h"
#include "unit/drop-in.h"
#include "unit/prepare-line.h"
#include "unit/stop-note.h"
#include "unit/unit-needs.h"

#define USEC_PER_SEC UINT64_C(1000000)

static bool is_set(const Container *c, KeyId key) {
        return c->set.entry[key];
}

/* What systemd is to remove with "systemctl clean" it has to make, too. */
static int append_checkpoint(const Container *c, Text *service) {
        _cleanup_free_ char *id = NULL;

        if (!c->checkpoint_on_stop)
                return 0;
        text_append(service, "ExecStop=-" LIBEXECDIR "/berth-helper sleep %i\n");
        if (stem_is_template(c->stem))
                return 0;
        id = container_id_for(c->stem);
        if (!id)
                return -ENOMEM;
        text_appendf(service, "StateDirectory=berth/checkpoints/%s\nStateDirectoryMode=0700\n", id);
        return 0;
}

/* A command of ours before the stop signal: where only a start knows which one the image wants,
 * where the time is short, where the runtime may still be at work when the unit is up, and where a
 * checkpoint was to be written before. */
static void append_stop_command(const Container *c, bool knows_signal, Text *service) {
        if (!knows_signal || container_stop_limit(c) > 0 || !container_has_crun(c) || c->checkpoint_on_stop)
                text_append(service, "ExecStop=-" LIBEXECDIR "/berth-helper stop %i\n");
}

/* A systemd that is asked to reboot ends, in a PID namespace of its own, as if by SIGHUP (see
 * reboot(2)); by another SIGHUP nobody's first process ends. systemd takes this not with a
 * oneshot. */
static void append_reboot(const Container *c, int stop_signal, Text *service) {
        bool is_systemd = container_runs_systemd(c) || (stop_note_applies(c) && stop_signal == SIGRTMIN + 3);

        if (is_systemd && c->pid_ns.kind == NAMESPACE_PRIVATE && !container_is_oneshot(c))
                text_append(service, "RestartForceExitStatus=SIGHUP\n");
}

static int append_stop(const Container *c, Text *service) {
        bool at_once = is_set(c, KEY_Container_StopTimeout) && c->stop_timeout_usec == 0;
        int number = at_once ? SIGKILL : container_stop_signal(c), noted = 0, r;
        _cleanup_free_ char *name = NULL;
        bool knows_signal;

        r = stop_note_applies(c) ? stop_note_read(c, &noted) : 1;
        if (r < 0)
                return r;
        knows_signal = r > 0;
        r = append_checkpoint(c, service);
        if (r < 0)
                return r;
        append_stop_command(c, knows_signal, service);
        if (noted > 0)
                number = noted;
        append_reboot(c, number, service);
        if (number != SIGTERM) {
                name = signal_name(number);
                if (!name)
                        return -ENOMEM;
                text_appendf(service, "KillSignal=%s\n", name);
        }
        /* For systemd 0 means for ever, and the time is also cleanup's. */
        if (!is_set(c, KEY_Container_StopTimeout) || at_once || container_stop_limit(c) > 0)
                return 0;
        if (c->stop_timeout_usec == USEC_INFINITY)
                text_append(service, "TimeoutStopSec=infinity\n");
        else if (c->stop_timeout_usec % USEC_PER_SEC == 0)
                text_appendf(service, "TimeoutStopSec=%" PRIu64 "\n", c->stop_timeout_usec / USEC_PER_SEC);
        else
                text_appendf(service, "TimeoutStopSec=%" PRIu64 "us\n", c->stop_timeout_usec);
        return 0;
}

static int append_reload(const Container *c, Text *service) {
        _cleanup_free_ char *name = NULL;

        if (is_set(c, KEY_Container_ReloadCmd) || c->set.open[KEY_Container_ReloadCmd])
                text_append(service, "ExecReload=" LIBEXECDIR "/berth-helper reload %i\n");
        if (!is_set(c, KEY_Container_ReloadSignal))
                return 0;
        name = signal_name(c->reload_signal);
        if (!name)
                return -ENOMEM;
        /* systemd sends it itself. */
        if (container_has_type(c, "notify-reload")) {
                text_appendf(service, "ReloadSignal=%s\n", name);
                return 0;
        }
        /* kill(1) wants "HUP"; not every one of them takes "SIGHUP". */
        text_appendf(service, "ExecReload=/bin/kill -s %s $MAINPID\n", startswith(name, "SIG") ?: name);
        return 0;
}

/* Only crun starts a created container at once. With any other runtime a stop could meet a first
 * process that has not been started yet and ignores it; so the unit is up only when the start is
 * done. A oneshot is up when the payload has ended, and one with Notify=yes when it says so. */
static void append_runtime(const Container *c, Text *service) {
        if (container_has_crun(c) || container_is_oneshot(c) || c->notify == NOTIFY_YES)
                return;
        text_append(service, "ExecStart=\n"
                             "ExecStart=" LIBEXECDIR "/berth-helper create %i\n"
                             "ExecStartPost=" LIBEXECDIR "/berth-helper start %i\n");
}

/* The start goes on until the check has succeeded; what is ordered after the unit waits. */
static void append_await_healthy(const Container *c, Text *service) {
        if (c->notify == NOTIFY_HEALTHY && !container_is_oneshot(c))
                text_append(service, "ExecStartPost=" LIBEXECDIR "/berth-helper await-healthy %i\n");
}

/* What passes on the words of a user's container speaks as a process of this service. */
static void append_notify_access(const Container *c, Text *service) {
        if (c->notify == NOTIFY_YES && c->of_user)
                text_append(service, "NotifyAccess=all\n");
}

static bool has_own_prepare(const Container *c) {
        for (size_t i = 0; i < c->unit.count; i++)
                if (streq(c->unit.entries[i].section, "Service") && streq(c->unit.entries[i].key, "ExecStartPre"))
                        return true;
        return false;
}

/* The user's own lines come first, as they do before podman in a Quadlet file: they may make what
 * the container is about to use. Those of a drop-in, which is read later, come after; where there
 * are none, one line of ours does for two. */
static int append_prepare(const Container *c, UnitDropIn *drop_in) {
        int r = c->of_user ? prepare_line_is_needed(c->unit_name, SCOPE_USER) : 1;
        bool has_own = has_own_prepare(c);

        if (r < 0)
                return r;
        if (has_own || r == 0)
                text_append(&drop_in->service, "ExecStartPre=\n");
        if (has_own && r > 0)
                text_append(&drop_in->service_end, "ExecStartPre=" LIBEXECDIR "/berth-helper prepare %i\n");
        return 0;
}

/* LogOpt=tag= */
static void append_log_tag(const Container *c, Text *service) {
        const char *tag = string_list_value(&c->log_options, "tag");

        if (!tag)
                return;
        text_append(service, "SyslogIdentifier=");
        for (; *tag; tag++) {
                if (*tag == '%')
                        text_append_char(service, '%');
                text_append_char(service, *tag);
        }
        text_append_char(service, '\n');
}

static void append_field(Text *service, const char *name, const char *value) {
        _cleanup_free_ char *field = text_format("%s=%s", name, value);

        service->failed |= !field;
        if (!field || !unit_line_fits(field))
                return;
        text_append(service, "LogExtraFields=");
        word_append_quoted(service, field, true, false);
        text_append_char(service, '\n');
}

/* Fields of the container's lines in the journal, by podman's names. The template has the first two
 * for a container whose ID is its name; of an instance of a template the ID cannot be told here. */
static int append_log_fields(const Container *c, Text *service) {
        const char *tag = string_list_value(&c->log_options, "tag");
        _cleanup_free_ char *id = container_id_for(c->stem);

        if (!id)
                return -ENOMEM;
        if (stem_is_template(c->stem))
                text_append(service, "LogExtraFields=\nLogExtraFields=CONTAINER_NAME=%i\n");
        else if (!streq(id, c->stem)) {
                text_append(service, "LogExtraFields=\n");
                append_field(service, "CONTAINER_NAME", c->stem);
                append_field(service, "CONTAINER_ID", id);
        }
        if (c->image)
                append_field(service, "IMAGE_NAME", c->image);
        if (tag)
                append_field(service, "CONTAINER_TAG", tag);
        return 0;
}

/* The init ends with 128 and the signal that its child was ended by: the same ends are clean
 * without it. */
static void append_init(const Container *c, Text *text) {
        static const int clean[] = { SIGHUP, SIGINT, SIGPIPE, SIGTERM };
        int stop_signal = container_stop_signal(c);
        bool known = false;

        if (!c->run_init)
                return;
        text_append(text, "SuccessExitStatus=");
        for (size_t i = 0; i < ARRAY_SIZE(clean); i++) {
                text_appendf(text, "%s%d", i > 0 ? " " : "", 128 + clean[i]);
                known |= clean[i] == stop_signal;
        }
        text_appendf(text, known ? "\n" : " %d\n", 128 + stop_signal);
}

static int append_service(const Container *c, UnitDropIn *drop_in) {
        Text *text = &drop_in->service;
        int r;

        r = append_prepare(c, drop_in);
        if (r < 0)
                return r;
        append_runtime(c, text);
        append_await_healthy(c, text);
        append_notify_access(c, text);
        append_log_tag(c, text);
        r = append_log_fields(c, text);
        if (r < 0)
                return r;
        append_init(c, text);
        if (c->log_driver && streq(c->log_driver, "none"))
                text_append(text, "StandardOutput=null\nStandardError=null\n");
        r = append_stop(c, text);
        if (r < 0)
                return r;
        if (is_set(c, KEY_Container_PidsLimit)) {
                if (c->pids_limit < 0)
                        text_append(text, "TasksMax=infinity\n");
                else
                        text_appendf(text, "TasksMax=%" PRId64 "\n", c->pids_limit);
        }
        if (is_set(c, KEY_Container_Memory) && c->memory_bytes != 0 && c->memory_bytes != SIZE_UNSET)
                /* As with podman, as much swap again; what the file says of it comes later. */
                text_appendf(text, "MemoryMax=%" PRIu64 "\nMemorySwapMax=%" PRIu64 "\n", c->memory_bytes,
                             c->memory_bytes);
        return append_reload(c, text);
}

/* The helper, which reads the file, says in which line a secret is that is not there; systemd could
 * not. */
static int append_secrets(const Container *c, const StringList *search_path, Text *service) {
        for (size_t i = 0; i < c->secrets.count; i++) {
                const char *name = c->secrets.items[i].name, *ending;
                _cleanup_free_ char *path = NULL;
                bool encrypted;
                int r;

                for (size_t j = 0; j < i && name; j++)
                        if (streq(c->secrets.items[j].name, name))
                                name = NULL;
                if (!name)
                        continue;
                r = secret_source_find(search_path, name, &path, &encrypted);
                if (r < 0)
                        return r;
                /* A user's is decrypted by the helper: their managers cannot before systemd 258. */
                ending = encrypted && c->of_user ? ".cred" : "";
                text_appendf(service, "LoadCredential%s=%s%s:", encrypted && !c->of_user ? "Encrypted" : "", name,
                             ending);
                for (const char *p = path; *p; p++) {
                        if (*p == '%')
                                text_append_char(service, '%');
                        text_append_char(service, *p);
                }
                text_appendf(service, "\nSetCredential=%s%s:" SECRET_MISSING "\n", name, ending);
        }
        return 0;
}

/* The template has podman's interval. A check that is not repeated by itself is run by whoever
 * starts its service. */
static int add_health_timer(const Container *c, UnitDropIn *drop_in) {
        _cleanup_text_ Text text = {};
        const char *at = strchr(c->unit_name, '@'), *end = endswith(c->unit_name, ".service");
        char *content = NULL;

        if (!container_repeats_health(c) || !at || !end)
                return 0;
        text_append(&drop_in->unit, "Wants=container-health@%i.timer\n");
        if (!is_set(c, KEY_Container_HealthInterval))
                return 0;
        unit_output_append_header(&text, c->path, NULL);
        text_append(&text, "[Timer]\nOnActiveSec=\nOnActiveSec=1ms\n");
        text_appendf(&text, "OnUnitInactiveSec=%" PRIu64 "us\n", c->health_interval_usec);
        if (text_take(&text, &content) < 0)
                return -ENOMEM;
        return unit_outputs_add_file(drop_in->outputs, c->path,
                                     text_format("container-health%.*s.timer.d/10-berth.conf", (int) (end - at), at),
                                     content);
}

/* [Socket]: of a socket of the same name, whose template can be enabled as it is. */
static int add_socket(const Container *c, UnitDropIn *drop_in) {
        const char *end = endswith(c->unit_name, ".service");
        _cleanup_text_ Text text = {};
        char *content = NULL;
        int r;

        if (!container_has_socket(c) || socket_accepts(&c->section) || !end)
                return 0;
        unit_output_append_header(&text, c->path, NULL);
        text_append(&text, "[Unit]\n");
        unit_output_append_source(&text, c->path);
        text_append(&text, "\n[Socket]\n");
        r = unit_drop_in_append_own_lines(drop_in, "Socket", &text);
        if (r >= 0)
                r = text_take(&text, &content);
        if (r < 0)
                return r;
        return unit_outputs_add_file(drop_in->outputs, c->path,
                                     text_format("%.*s.socket.d/10-berth.conf", (int) (end - c->unit_name),
                                                 c->unit_name),
                                     content);
}

int unit_text_container(const Container *container, UnitDropIn *drop_in) {
        int r;

        if (container->notify == NOTIFY_YES)
                text_append(&drop_in->unit, "Requires=container-notify@%i.socket\nAfter=container-notify@%i.socket\n");
        r = unit_needs_add(container, drop_in);
        if (r >= 0)
                r = append_secrets(container, drop_in->search_path, &drop_in->service);
        if (r >= 0)
                r = append_service(container, drop_in);
        if (r >= 0)
                r = add_health_timer(container, drop_in);
        return r < 0 ? r : add_socket(container, drop_in);
}

int unit_text_mask(const char *unit_name, const char *source, UnitOutputs *outputs) {
        return unit_outputs_add_link(outputs, source, strdup(unit_name), strdup("/dev/null"));
}
