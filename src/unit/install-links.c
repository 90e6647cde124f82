/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The [Install] section and ServiceName=.
 *
 * systemd takes a symlink as another name of a unit only when both names are of one kind
 * (systemd.unit(5), Alias=): an instance can have another template's name ("app@web.service"), but
 * "web.service" cannot lead to "container@web.service". For such a name there is a companion. */
#include "unit/install-links.h"

#include <errno.h>

#include "basic/path.h"
#include "basic/text.h"
#include "config/systemd-keys.h"
#include "kind/container/container-socket.h"
#include "source/quadlet-services.h"
#include "source/unit-directories.h"
#include "source/unit-reference.h"
#include "unit/companion.h"

typedef struct Loader {
        const Section *section;
        const SpecifierContext *context;
        UnitOutputs *outputs;
        StringList *instances;
        Diagnostics *diagnostics;
        UnitInstall *install;
        Location alias_where;
        bool too_many; /* which has been said */ /* of the last Alias= */
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

/* Each is a link, which boot waits for. */
static int add_once(Loader *loader, StringList *list, const char *name, const Location *where) {
        enum { NAMES_MOST = 1000 };

        if (list->count >= NAMES_MOST) {
                if (!loader->too_many)
                        diagnose_error(loader->diagnostics, where,
                                       "there are more than %d names: \"%s\" and the rest are ignored", NAMES_MOST,
                                       name);
                loader->too_many = true;
                return 0;
        }
        return string_list_contains(list, name) ? 0 : string_list_add(list, name);
}

/* Refuses the name of a unit that is installed: machines do not start without some of these.
 * Returns 1 when it is free. */
static int check_not_installed(Loader *loader, const char *name, const Location *where) {
        _cleanup_free_ char *directory = NULL;
        int r = unit_is_installed(name, loader->context->scope, &directory);

        if (r > 0)
                diagnose_error(loader->diagnostics, where,
                               "\"%s\" cannot be another name of %s: there is a unit of that name in %s", name,
                               loader->section->unit_name, directory);
        return r < 0 ? r : !r;
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
        r = streq(name, own_name) ? 0 : check_not_installed(loader, name, where);
        if (r <= 0)
                return r;
        if (!at)
                return add_once(loader, &loader->install->companions, name, where);

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
        return streq(whole, own_name) ? 0 : add_once(loader, &loader->install->aliases, whole, where);
}

/* systemd would make a link that nothing follows. */
static void warn_target(Loader *loader, const char *name, const Location *where) {
        static const char *const targets[] = { "default.target", "graphical.target", "multi-user.target",
                                               "network-online.target", "sockets.target", "timers.target" };
        Nearest nearest = { .wanted = name };

        for (size_t i = 0; i < ARRAY_SIZE(targets); i++) {
                nearest_consider(&nearest, targets[i]);
                if (streq_null(startswith(targets[i], name), ".target")) {
                        nearest.name = targets[i];
                        break;
                }
        }
        if (nearest.name)
                diagnose_warning(loader->diagnostics, where,
                                 "\"%s\" is no name of a unit, and has no effect; did you mean \"%s\"?", name,
                                 nearest.name);
        else
                diagnose_warning(loader->diagnostics, where, "\"%s\" is no name of a unit, and has no effect", name);
}

static int add_targets(Loader *loader, StringList *list, const StringList *names, const Entry *entry) {
        for (size_t i = 0; i < names->count; i++) {
                int r;

                if (!is_unit_name(names->items[i])) {
                        warn_target(loader, names->items[i], &entry->where);
                        continue;
                }
                r = add_once(loader, list, names->items[i], &entry->where);
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
                warn_install_key(entry, loader->diagnostics);
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

/* The name that Quadlet gives the service, unless something else has it. */
static int load_quadlet_name(Loader *loader) {
        const Section *section = loader->section;
        _cleanup_free_ char *name = NULL;
        const char *owner;
        int r;

        if (section->service_name || stem_is_template(section->stem))
                return 0;
        name = quadlet_service_name(section->file_type, section->stem);
        if (!name)
                return -ENOMEM;
        r = !is_unit_name(name) || streq(name, section->unit_name)
                            ? 1
                            : unit_is_installed(name, loader->context->scope, NULL);
        if (r == 0)
                r = !unit_outputs_claim(loader->outputs, name, loader->context->path, &owner);
        if (r == 0)
                loader->install->quadlet_name = TAKE_PTR(name);
        return r < 0 ? r : 0;
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
        if (r >= 0)
                r = load_quadlet_name(&loader);
        if (r < 0)
                return r;
        *ret = install;
        install = (UnitInstall) {};
        return 0;
}

/* The unit that a target is to have: of a file with [Socket], sockets.target has the socket. */
static bool wants_socket(const Section *section, const char *target) {
        for (size_t i = 0; streq(target, "sockets.target") && !socket_accepts(section) && i < section->unit.count; i++)
                if (streq(section->unit.entries[i].section, "Socket"))
                        return true;
        return false;
}

static int add_links(UnitOutputs *outputs, const StringList *targets, const char *kind, const Section *section,
                     const char *source) {
        const char *unit_name = section->unit_name, *end = endswith(unit_name, ".service");
        /* Relative to a TARGET.wants directory. systemd goes by the link's own name and only checks
         * that its target could be that unit. */
        int n = (int) (strchr(unit_name, '@') - unit_name);

        for (size_t i = 0; i < targets->count; i++) {
                const char *type = end && wants_socket(section, targets->items[i]) ? "socket" : "service";
                int stem = end ? (int) (end - unit_name) : (int) strlen(unit_name);
                int r = unit_outputs_add_link(outputs, source,
                                              text_format("%s.%s/%.*s.%s", targets->items[i], kind, stem, unit_name,
                                                          type),
                                              text_format("../%.*s@.%s", n, unit_name, type));
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

int unit_install_add_outputs(const UnitInstall *install, const Section *section, const char *source,
                             UnitOutputs *outputs) {
        const char *unit_name = section->unit_name;
        int r;

        r = add_links(outputs, &install->wanted_by, "wants", section, source);
        if (r >= 0)
                r = add_links(outputs, &install->required_by, "requires", section, source);
        if (r >= 0)
                r = add_upholds(outputs, &install->upheld_by, unit_name, source);
        for (size_t i = 0; r >= 0 && i < install->aliases.count; i++)
                r = unit_outputs_add_late_link(outputs, source, strdup(install->aliases.items[i]), strdup(unit_name));
        for (size_t i = 0; r >= 0 && i < install->companions.count; i++)
                r = companion_add(outputs, install->companions.items[i], section, source, true);
        if (r >= 0 && install->quadlet_name)
                r = companion_add(outputs, install->quadlet_name, section, source, false);
        return r < 0 ? r : 0;
}

void unit_install_done(UnitInstall *install) {
        string_list_done(&install->wanted_by);
        string_list_done(&install->required_by);
        string_list_done(&install->upheld_by);
        string_list_done(&install->aliases);
        string_list_done(&install->companions);
        install->default_instance = x_free(install->default_instance);
        install->quadlet_name = x_free(install->quadlet_name);
}
