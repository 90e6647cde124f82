/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The [Install] section and ServiceName=.
 *
 * systemd takes a symlink as another name of a unit only when both names are of one kind
 * (systemd.unit(5), Alias=): an instance can have another template's name ("app@web.service"), but
 * "web.service" cannot lead to "container@web.service". For such a name there is a companion, a
 * unit without a process that is started, stopped, restarted and reloaded together with the
 * other. */
#include "unit/install-links.h"

#include <errno.h>

#include "basic/path.h"
#include "basic/text.h"
#include "source/unit-reference.h"

typedef struct Loader {
        const Section *section;
        const SpecifierContext *context;
        UnitOutputs *outputs;
        StringList *instances;
        Diagnostics *diagnostics;
        UnitInstall *install;
        Location alias_where; /* of the last Alias= */
} Loader;

/* Whether `name` can be a unit's: systemd's rules, without an opinion on which types there are. */
static bool is_unit_name(const char *name) {
        static const char characters[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz:-_.\\@";
        const char *dot = strrchr(name, '.');
        enum { LONGEST = 255 };

        return dot && dot > name && dot[1] != '\0' && name[0] != '@' && name[0] != '.' && strlen(name) <= LONGEST &&
               strspn(name, characters) == strlen(name);
}

/* "web@a" of "container@web@a.service". */
static int unit_instance(const char *unit_name, char **ret) {
        const char *at = strchr(unit_name, '@') + 1;

        *ret = strndup(at, strlen(at) - strlen(".service"));
        return *ret ? 0 : -ENOMEM;
}

static int add_once(StringList *list, const char *name) {
        return string_list_contains(list, name) ? 0 : string_list_add(list, name);
}

/* Adds another name for the unit; which kind of name it is decides what makes it one. */
static int add_alias(Loader *loader, const char *name, const Location *where) {
        const char *own_name = loader->section->unit_name, *suffix = endswith(name, ".service"),
                   *at = strchr(name, '@');
        _cleanup_free_ char *instance = NULL, *whole = NULL;
        int r;

        if (stem_is_template(loader->section->stem))
                return 0;
        if (!is_unit_name(name) || !suffix) {
                diagnose_error(loader->diagnostics, where, "\"%s\" is no name of a service", name);
                return 0;
        }
        if (!at)
                return add_once(&loader->install->companions, name);

        r = unit_instance(own_name, &instance);
        if (r < 0)
                return r;
        whole = text_format("%.*s@%s.service", (int) (at - name), name, instance);
        if (!whole)
                return -ENOMEM;
        if (at + 1 != suffix && !streq(whole, name)) {
                diagnose_error(loader->diagnostics, where,
                               "\"%s\" cannot be another name of %s: systemd wants the same instance", name, own_name);
                return 0;
        }
        return streq(whole, own_name) ? 0 : add_once(&loader->install->aliases, whole);
}

static int add_targets(Loader *loader, StringList *list, const StringList *names, const Entry *entry) {
        for (size_t i = 0; i < names->count; i++) {
                int r;

                if (!is_unit_name(names->items[i])) {
                        diagnose_error(loader->diagnostics, &entry->where, "\"%s\" is no name of a unit",
                                       names->items[i]);
                        continue;
                }
                r = add_once(list, names->items[i]);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int set_default_instance(Loader *loader, const char *value, const Entry *entry) {
        const char *stem = loader->section->stem, *at = strchr(stem, '@');
        _cleanup_free_ char *instance = NULL;
        int r;

        loader->install->default_instance = x_free(loader->install->default_instance);
        if (!*value)
                return 0;
        if (!at) {
                diagnose_warning(loader->diagnostics, &entry->where,
                                 "DefaultInstance= has no effect: this is no template");
                return 0;
        }
        instance = text_format("%.*s%s", (int) (at + 1 - stem), stem, value);
        if (!instance)
                return -ENOMEM;
        r = stem_from_instance(instance, &loader->install->default_instance);
        if (r == -EINVAL) {
                diagnose_error(loader->diagnostics, &entry->where, "\"%s\" is no instance", value);
                return 0;
        }
        return r;
}

/* The value with its specifiers, which systemctl would expand in a real unit's [Install]. Returns
 * 1, or 0 when there is nothing to use. */
static int expand(Loader *loader, const Entry *entry, char **ret) {
        size_t offset = 0;
        Location where;
        int r;

        r = specifiers_expand(loader->context, entry->value, ret, &offset);
        if (r >= 0 || r == -ENOMEM)
                return r < 0 ? r : 1;
        where = entry_location(entry, offset);
        diagnose_error(loader->diagnostics, &where, "%s",
                       r == -EINVAL ? "unknown specifier" : "this machine has no value for the specifier");
        return 0;
}

static int load_entry(Loader *loader, const Entry *entry) {
        UnitInstall *install = loader->install;
        const struct {
                const char *key;
                StringList *list;
        } targets[] = {
                { "WantedBy", &install->wanted_by },
                { "RequiredBy", &install->required_by },
                { "UpheldBy", &install->upheld_by },
        };
        _cleanup_string_list_ StringList names = {};
        _cleanup_free_ char *value = NULL;
        int r;

        r = expand(loader, entry, &value);
        if (r <= 0)
                return r;
        if (streq(entry->key, "DefaultInstance"))
                return set_default_instance(loader, value, entry);
        r = unit_references_split(value, &names, loader->instances);
        if (r < 0)
                return r;
        for (size_t i = 0; i < ARRAY_SIZE(targets); i++)
                if (streq(entry->key, targets[i].key)) {
                        if (names.count == 0)
                                string_list_done(targets[i].list);
                        return add_targets(loader, targets[i].list, &names, entry);
                }
        if (!streq(entry->key, "Alias")) {
                diagnose_warning(loader->diagnostics, &entry->where, "%s= in [Install] has no effect", entry->key);
                return 0;
        }
        loader->alias_where = entry->where;
        if (names.count == 0) {
                string_list_done(&install->aliases);
                string_list_done(&install->companions);
        }
        for (size_t i = 0; i < names.count; i++) {
                r = add_alias(loader, names.items[i], &entry->where);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* Keeps the names of `list`, from the one at `first` on, that no other file has. */
static int claim_names(Loader *loader, StringList *list, size_t first, const Location *where) {
        for (size_t i = first; i < list->count;) {
                const char *name = list->items[i], *owner;
                int r;

                r = unit_outputs_claim(loader->outputs, name, loader->context->path, &owner);
                if (r < 0)
                        return r;
                if (r > 0) {
                        i++;
                        continue;
                }
                diagnose_error(loader->diagnostics, where, "\"%s\" is already another name of the service of %s", name,
                               owner);
                string_list_remove(list, name);
        }
        return 0;
}

static int claim_all_names(Loader *loader, size_t first_alias, size_t first_companion, const Location *where) {
        int r;

        r = claim_names(loader, &loader->install->aliases, first_alias, where);
        return r < 0 ? r : claim_names(loader, &loader->install->companions, first_companion, where);
}

static int load_service_name(Loader *loader) {
        size_t aliases = loader->install->aliases.count, companions = loader->install->companions.count;
        Location where = section_where(loader->section, section_key(loader->section, "ServiceName"));
        _cleanup_free_ char *name = NULL;
        int r;

        if (!loader->section->service_name)
                return 0;
        name = text_format("%s.service", loader->section->service_name);
        if (!name)
                return -ENOMEM;
        r = add_alias(loader, name, &where);
        return r < 0 ? r : claim_all_names(loader, aliases, companions, &where);
}

/* Whether the [Install] section is meant for this unit. Of the instances of a template, those with
 * a file of their own and the default one are installed; the others exist only because something
 * else refers to them. */
static int is_installable(const Section *section, const UnitInstall *install) {
        _cleanup_free_ char *file_stem = NULL;
        FileType type;
        int r;

        r = file_name_parse(path_basename(section->path), &type, &file_stem);
        if (r < 0)
                return r == -ENOMEM ? r : 1;
        return streq(file_stem, section->stem) || streq_null(install->default_instance, section->stem);
}

int unit_install_load(const Section *section, const SpecifierContext *context, UnitOutputs *outputs,
                      StringList *instances, Diagnostics *diagnostics, UnitInstall *ret) {
        _cleanup_unit_install_ UnitInstall install = {};
        Loader loader = {
                .section = section,
                .context = context,
                .outputs = outputs,
                .instances = instances,
                .diagnostics = diagnostics,
                .install = &install,
        };
        int r;

        for (size_t i = 0; i < section->unit.count; i++)
                if (streq(section->unit.entries[i].section, "Install")) {
                        r = load_entry(&loader, &section->unit.entries[i]);
                        if (r < 0)
                                return r;
                }
        r = is_installable(section, &install);
        if (r < 0)
                return r;
        if (r == 0)
                unit_install_done(&install);
        r = claim_all_names(&loader, 0, 0, &loader.alias_where);
        if (r >= 0)
                r = load_service_name(&loader);
        if (r < 0)
                return r;
        *ret = install;
        install = (UnitInstall) {};
        return 0;
}

static int add_links(UnitOutputs *outputs, const StringList *targets, const char *kind, const char *unit_name,
                     const char *source) {
        /* Relative to a TARGET.wants directory. systemd goes by the link's own name and only checks
         * that its target could be that unit. */
        int n = (int) (strchr(unit_name, '@') - unit_name);

        for (size_t i = 0; i < targets->count; i++) {
                int r = unit_outputs_add_link(outputs, source,
                                              text_format("%s.%s/%s", targets->items[i], kind, unit_name),
                                              text_format("../%.*s@.service", n, unit_name));
                if (r < 0)
                        return r;
        }
        return 0;
}

/* A drop-in for the target, where systemd 252 does not know the directory TARGET.upholds yet. */
static int add_upholds(UnitOutputs *outputs, const StringList *targets, const char *unit_name, const char *source) {
        for (size_t i = 0; i < targets->count; i++) {
                _cleanup_text_ Text text = {};
                char *content = NULL;
                int r;

                unit_output_append_header(&text, source, NULL);
                text_appendf(&text, "[Unit]\nUpholds=%s\n", unit_name);
                if (text_take(&text, &content) < 0)
                        return -ENOMEM;
                r = unit_outputs_add_file(outputs, source, text_format("%s.d/50-%s.conf", targets->items[i], unit_name),
                                          content);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* Whether `systemctl reload` does anything for the unit. */
static bool reloads(const Section *section) {
        bool yes = section->set.entry[KEY_Container_ReloadCmd] || section->set.entry[KEY_Container_ReloadSignal];

        for (size_t i = 0; i < section->unit.count; i++) {
                const Entry *entry = &section->unit.entries[i];

                if (streq(entry->section, "Service") && streq(entry->key, "ExecReload"))
                        yes = *entry->value;
        }
        return yes;
}

/* Stopping and restarting the companion reaches the other unit by the PartOf= in its drop-in:
 * PropagatesStopTo= here would, on systemd 252, not restart it. BindsTo= instead of Requires= would
 * stop the companion, and thereby the other unit, before an automatic restart; StopWhenUnneeded=
 * waits until that one is down for good. ExecStop= is there because a service must run something,
 * and a start is to be quick. */
static int add_companion(UnitOutputs *outputs, const char *name, const Section *section, const char *source) {
        const char *unit_name = section->unit_name;
        _cleanup_text_ Text text = {};
        char *content = NULL;

        unit_output_append_header(&text, source, "another name");
        text_appendf(&text, "[Unit]\nDescription=%s by another name\n", unit_name);
        text_appendf(&text, "Documentation=man:berth.%s(5)\n", file_type_name(section->file_type));
        unit_output_append_source(&text, source);
        text_appendf(&text, "Requires=%s\nAfter=%s\n", unit_name, unit_name);
        if (reloads(section))
                text_appendf(&text, "PropagatesReloadTo=%s\n", unit_name);
        text_append(&text, "StopWhenUnneeded=yes\n\n[Service]\nType=oneshot\nRemainAfterExit=yes\n");
        if (reloads(section))
                text_append(&text, "ExecReload=true\n");
        text_append(&text, "ExecStop=true\n");
        if (text_take(&text, &content) < 0)
                return -ENOMEM;
        return unit_outputs_add_file(outputs, source, strdup(name), content);
}

int unit_install_add_outputs(const UnitInstall *install, const Section *section, const char *source,
                             UnitOutputs *outputs) {
        const char *unit_name = section->unit_name;
        int r;

        r = add_links(outputs, &install->wanted_by, "wants", unit_name, source);
        if (r >= 0)
                r = add_links(outputs, &install->required_by, "requires", unit_name, source);
        if (r >= 0)
                r = add_upholds(outputs, &install->upheld_by, unit_name, source);
        for (size_t i = 0; r >= 0 && i < install->aliases.count; i++)
                r = unit_outputs_add_link(outputs, source, strdup(install->aliases.items[i]), strdup(unit_name));
        for (size_t i = 0; r >= 0 && i < install->companions.count; i++)
                r = add_companion(outputs, install->companions.items[i], section, source);
        return r < 0 ? r : 0;
}

void unit_install_done(UnitInstall *install) {
        string_list_done(&install->wanted_by);
        string_list_done(&install->required_by);
        string_list_done(&install->upheld_by);
        string_list_done(&install->aliases);
        string_list_done(&install->companions);
        install->default_instance = x_free(install->default_instance);
}
