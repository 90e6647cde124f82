/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Units by which a service answers to a further name.
 *
 * Started, stopped, restarted and reloaded by that name, the other unit does the same, and the
 * command waits and fails as it would with the real name. systemd has no dependency that does all
 * of it: a companion is ordered after its unit, so that its start waits; but then its stop comes
 * before the unit's, and has a command that lets the unit's go first and waits for it. Stops and
 * restarts reach the unit by the PartOf= in its drop-in: PropagatesStopTo= here would, on systemd
 * 252, not restart it. */
#include "unit/companion.h"

#include <errno.h>

#include "basic/numbers.h"
#include "basic/words.h"
#include "source/places.h"
#include "source/quadlet-services.h"

/* What [Service] says last of a key, or NULL. */
static const char *service_value(const Section *section, const char *key) {
        const char *value = NULL;

        for (size_t i = 0; i < section->unit.count; i++) {
                const Entry *entry = &section->unit.entries[i];

                if (streq(entry->section, "Service") && streq(entry->key, key))
                        value = *entry->value ? entry->value : NULL;
        }
        return value;
}

/* Whether the unit is up for longer than a command runs. */
static bool stays_up(const Section *section) {
        const char *type = service_value(section, "Type"), *remain = service_value(section, "RemainAfterExit");
        bool job = section->file_type == FILE_CONTAINER && streq_null(type, "oneshot"),
             yes = section->file_type != FILE_IMAGE && !job;

        if (remain)
                (void) text_to_bool(remain, &yes);
        return yes;
}

static bool restarts(const Section *section) {
        const char *restart = service_value(section, "Restart");

        return restart && !streq(restart, "no");
}

/* Whether `systemctl reload` does anything for the unit. */
static bool reloads(const Section *section) {
        return section->set.entry[KEY_Container_ReloadCmd] || section->set.open[KEY_Container_ReloadCmd] ||
               section->set.entry[KEY_Container_ReloadSignal] || service_value(section, "ExecReload");
}

static void append_unit(Text *text, const Section *section, const char *unit_name, const char *source) {
        unit_output_append_header(text, source, "another name");
        text_appendf(text, "[Unit]\nDescription=%s by another name\n", unit_name);
        text_appendf(text, "Documentation=man:berth.%s(5)\n", file_type_name(section->file_type));
        unit_output_append_source(text, source);
}

/* A name with escapes in it is a word that has to be quoted. `dollar`: in a command line. */
static void append_name(Text *text, const char *unit_name) {
        word_append_quoted(text, unit_name, false, true);
        text_append_char(text, '\n');
}

/* The stop takes as long as the unit's may. */
static void append_service(Text *text, const Section *section, const char *unit_name) {
        text_append(text, "\n[Service]\nType=oneshot\nRemainAfterExit=yes\n");
        if (reloads(section)) {
                text_appendf(text, "ExecReload=systemctl %sreload ", places_manager_option());
                append_name(text, unit_name);
        }
        text_append(text, "ExecStop=" LIBEXECDIR "/berth-helper companion-stop ");
        append_name(text, unit_name);
        text_append(text, "TimeoutStopSec=infinity\n");
}

/* With BindsTo= the companion is down when its unit is, whatever ended that; but it would also end
 * the unit before an automatic restart. A unit that wants its companion needs no BindsTo=:
 * StopWhenUnneeded= waits until that one is down for good. */
static void append_dependencies(Text *text, const Section *section, bool chosen) {
        bool bound = !chosen && stays_up(section) && !restarts(section);

        text_appendf(text, "%s=%s\nAfter=%s\n", bound ? "BindsTo" : "Requires", section->unit_name,
                     section->unit_name);
        if (chosen)
                text_append(text, "StopWhenUnneeded=yes\n");
}

int companion_add(UnitOutputs *outputs, const char *name, const Section *section, const char *source, bool chosen) {
        _cleanup_text_ Text text = {};
        char *content = NULL;

        append_unit(&text, section, section->unit_name, source);
        append_dependencies(&text, section, chosen);
        /* A job that has ended must be startable again, and a service must run something. */
        if (!chosen && !stays_up(section))
                text_append(&text, "\n[Service]\nType=oneshot\nExecStart=true\n");
        else
                append_service(&text, section, section->unit_name);
        if (text_take(&text, &content) < 0)
                return -ENOMEM;
        return unit_outputs_add_late_file(outputs, source, strdup(name), content);
}

/* Such an instance has no drop-in with a PartOf=. */
int companion_add_template(UnitOutputs *outputs, const Section *section, const char *source) {
        const char *unit_name = section->unit_name;
        _cleanup_free_ char *name = quadlet_service_name(section->file_type, section->stem),
                            *instance = text_format("%.*s%%i.service", (int) (strlen(unit_name) - strlen(".service")),
                                                    unit_name);
        _cleanup_text_ Text text = {};
        char *content = NULL;

        if (!name || !instance)
                return -ENOMEM;
        append_unit(&text, section, instance, source);
        text_appendf(&text, "Requires=%s\nAfter=%s\nPropagatesStopTo=%s\n", instance, instance, instance);
        if (!stays_up(section))
                text_append(&text, "\n[Service]\nType=oneshot\nExecStart=true\n");
        else
                append_service(&text, section, instance);
        if (text_take(&text, &content) < 0)
                return -ENOMEM;
        return unit_outputs_add_late_file(outputs, source, TAKE_PTR(name), content);
}
