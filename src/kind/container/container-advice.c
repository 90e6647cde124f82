/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is no fault of a file, but will hardly do what its author had in mind. */
#include "kind/container/container-advice.h"

#include <errno.h>
#include <unistd.h>

#include "basic/directory.h"
#include "basic/path.h"
#include "basic/text.h"
#include "basic/words.h"
#include "config/systemd-keys.h"
#include "kind/container/container-socket.h"
#include "kind/container/container-user-network.h"
#include "kind/image-needs.h"
#include "kind/secret-source.h"
#include "source/enabled-instances.h"
#include "source/places.h"
#include "source/sources.h"
#include "source/unit-reference.h"

static int check_secrets(const Container *container, const StringList *search_path, Diagnostics *diagnostics) {
        for (size_t i = 0; i < container->secrets.count; i++) {
                const Secret *secret = &container->secrets.items[i];
                _cleanup_free_ char *path = NULL;
                bool encrypted;
                int r = secret_source_find(search_path, secret->name, &path, &encrypted);

                if (r < 0)
                        return r;
                if (access(path, F_OK) < 0 && errno == ENOENT)
                        diagnose_warning(diagnostics, &secret->where,
                                         "there is no secret \"%s\": neither %s nor an encrypted %s.cred; those of "
                                         "podman are not looked at",
                                         secret->name, path, path);
        }
        return 0;
}

/* "podman" or "docker" when that is the program; else NULL. Static. */
static const char *foreign_program(const char *program) {
        const char *name = path_basename(program);

        return streq(name, "podman") ? "podman" : streq(name, "docker") ? "docker" : NULL;
}

static bool is_shell(const char *program) {
        static const char *const shells[] = { "sh", "bash", "dash", "ash", "ksh", "zsh" };

        for (size_t i = 0; i < ARRAY_SIZE(shells); i++)
                if (streq(path_basename(program), shells[i]))
                        return true;
        return false;
}

/* The first of these programs that a shell would run: a word at the beginning of one of its
 * commands. Returns 0 with `ret`, which may be NULL then, or -ENOMEM. */
static int find_in_script(const char *script, const char **ret) {
        bool begins = true;

        for (const char *p = script; *p && !*ret;) {
                size_t n = strcspn(p, " \t\n;|&()");
                _cleanup_free_ char *word = strndup(p, n);

                if (!word)
                        return -ENOMEM;
                if (begins && n > 0)
                        *ret = foreign_program(word);
                /* What may stand before a program, and is none. */
                if (n > 0)
                        begins = streq(word, "exec") || streq(word, "if") || streq(word, "then") || streq(word, "!") ||
                                 streq(word, "do") || streq(word, "else") || streq(word, "while") ||
                                 streq(word, "{");
                p += n;
                for (; *p && strchr(" \t\n;|&()", *p); p++)
                        begins = begins || !strchr(" \t", *p);
        }
        return 0;
}

/* Which of these programs a command line runs, itself or by a shell; static, NULL for none. The
 * characters that systemd reads before it are passed over. */
static int find_foreign_program(const char *command, const char **ret) {
        const char *rest = command + strspn(command, "@-:+!|"), *found = NULL;
        bool shell = false;

        for (unsigned i = 0; !found; i++) {
                _cleanup_free_ char *word = NULL;
                int r = word_extract(&rest, &word, NULL);

                if (r <= 0 && r != -ENOMEM)
                        break;
                if (r >= 0 && i > 0)
                        r = find_in_script(word, &found);
                if (r < 0)
                        return r;
                if (i == 0) {
                        found = foreign_program(word);
                        shell = is_shell(word);
                }
                if (!shell)
                        break;
        }
        *ret = found;
        return 0;
}

static int check_command(const Entry *entry, Diagnostics *diagnostics) {
        Location where = entry_location(entry, 0);
        const char *program;
        int r = find_foreign_program(entry->value, &program);

        if (r < 0 || !program)
                return r;
        if (streq(entry->key, "ExecReload"))
                diagnose_warning(diagnostics, &where,
                                 "%s does not know the container; use ReloadCmd= or ReloadSignal= in [Container]",
                                 program);
        else
                diagnose_warning(diagnostics, &where, "%s does not know the container, nor volumes and images of berth",
                                 program);
        return 0;
}

static bool is_foreign_unit(const char *name) {
        static const char *const units[] = { "podman.socket", "podman.service", "docker.socket", "docker.service" };

        for (size_t i = 0; i < ARRAY_SIZE(units); i++)
                if (streq(name, units[i]))
                        return true;
        return false;
}

static int check_units(const Entry *entry, Diagnostics *diagnostics) {
        const char *rest = entry->value, *start;

        for (;;) {
                _cleanup_free_ char *word = NULL;
                Location where;
                int r = word_extract(&rest, &word, &start);

                if (r <= 0)
                        return r == -ENOMEM ? r : 0;
                where = entry_location(entry, (size_t) (start - entry->value));
                if (is_foreign_unit(word))
                        diagnose_warning(diagnostics, &where, "the container does not need \"%s\"", word);
        }
}

static int check_systemd_sections(const Container *container, Diagnostics *diagnostics) {
        int r = 0;

        for (size_t i = 0; i < container->unit.count && r >= 0; i++) {
                const Entry *entry = &container->unit.entries[i];

                if (streq(entry->section, "Service") && startswith(entry->key, "Exec"))
                        r = check_command(entry, diagnostics);
                else if (streq(entry->section, "Unit") && key_takes_units(entry->key))
                        r = check_units(entry, diagnostics);
        }
        return r;
}

static void check_sockets(const Container *container, Diagnostics *diagnostics) {
        for (size_t i = 0; i < container->volumes.count; i++) {
                const VolumeMount *volume = &container->volumes.items[i];
                const char *name = volume->kind == VOLUME_HOST_PATH ? path_basename(volume->source) : "";

                if (streq(name, "podman.sock") || streq(name, "docker.sock"))
                        diagnose_warning(diagnostics, &volume->where,
                                         "who asks \"%s\" hears of no container of berth's", volume->source);
        }
}

/* Whether a file gives it to an image as a further name. */
static int is_tag(const char *image, Scope scope, const Sources *sources) {
        _cleanup_diagnostics_ Diagnostics unseen = {};
        _cleanup_image_needs_ ImageNeeds needs = {};
        int r = image_needs_find(sources, scope, &unseen, &needs);

        for (size_t i = 0; i < needs.count; i++)
                if (endswith(needs.items[i].file_name, ".image") && image_need_matches(&needs.items[i], image))
                        return 1;
        return r == -ENOMEM ? r : 0;
}

/* Not "localhost:5000/…", which is a registry. */
static int check_image(const Container *container, Scope scope, const Sources *sources, Diagnostics *diagnostics) {
        Location where = container_where(container, KEY_Container_Image);
        int r;

        if (!container->image || !startswith(container->image, "localhost/"))
                return 0;
        r = is_tag(container->image, scope, sources);
        if (r == 0)
                diagnose_warning(diagnostics, &where,
                                 "\"%s\" is how podman calls an image that was built here, and no registry has it; "
                                 "copy it (skopeo copy containers-storage:%s oci:DIRECTORY:TAG) and use "
                                 "Image=oci:DIRECTORY:TAG",
                                 container->image, container->image);
        return r < 0 ? r : 0;
}

/* Quadlet puts "systemd-" before the name of a volume's file. */
static int check_volume(const VolumeMount *volume, Diagnostics *diagnostics) {
        bool file = volume->kind == VOLUME_FILE;
        size_t n = file ? strlen(volume->source) - strlen(".volume") : strlen(volume->source);
        _cleanup_free_ char *theirs = text_format("%s/%s%.*s/_data", place_path(PLACE_PODMAN_VOLUMES),
                                                  file ? "systemd-" : "", (int) n, volume->source),
                            *ours = text_format("%s/%.*s/_data", place_path(PLACE_VOLUMES), (int) n, volume->source);
        _cleanup_string_list_ StringList content = {};
        int r = theirs && ours ? directory_list(theirs, &content) : -ENOMEM;

        if (r >= 0 && content.count > 0 && access(ours, F_OK) < 0)
                diagnose_warning(diagnostics, &volume->where,
                                 "podman has a volume of this name with data in it, which the container will not see; "
                                 "to bring it over: mkdir -p %s && cp -a %s/. %s",
                                 ours, theirs, ours);
        return r == -ENOMEM ? r : 0;
}

static int check_volumes(const Container *container, Diagnostics *diagnostics) {
        int r = 0;

        for (size_t i = 0; i < container->volumes.count && r >= 0; i++) {
                VolumeSource kind = container->volumes.items[i].kind;

                if (kind == VOLUME_NAMED || kind == VOLUME_FILE)
                        r = check_volume(&container->volumes.items[i], diagnostics);
        }
        return r;
}

/* "%h", but not "%%h". */
static const char *find_home(const char *value) {
        for (const char *p = value; (p = strchr(p, '%')); p += p[1] ? 2 : 1)
                if (p[1] == 'h')
                        return p;
        return NULL;
}

/* Returns the first of the keys that have the container started, when default.target is all that
 * they say: as files for a user's manager have it, which knows no multi-user.target. */
static const Entry *find_default_target(const Container *container) {
        const Entry *first = NULL;

        for (size_t i = 0; i < container->unit.count; i++) {
                const Entry *entry = &container->unit.entries[i];

                if (!streq(entry->section, "Install") || !install_key_takes_targets(entry->key) || !*entry->value)
                        continue;
                if (!streq(entry->value, "default.target"))
                        return NULL;
                first = first ?: entry;
        }
        return first;
}

/* A file for a user's manager that the system's reads means another user's everything. */
static void check_scope(const Container *container, Diagnostics *diagnostics) {
        const Entry *target = find_default_target(container);
        bool told = false;

        for (size_t i = 0; i < container->unit.count; i++) {
                const Entry *entry = &container->unit.entries[i];
                const char *home = section_is_ours(entry->section) ? find_home(entry->value) : NULL;
                Location where = entry_location(entry, home ? (size_t) (home - entry->value) : 0);

                told = told || home;
                if (home)
                        diagnose_warning(diagnostics, &where,
                                         "%%h is /root for the system's service manager; if this was written for a "
                                         "user's, write the path itself");
        }
        if (container->user_ns.kind == USERNS_KEEP_ID && !string_list_value(&container->user_ns.options, "uid")) {
                told = true;
                diagnose_warning(diagnostics, &container->user_ns.where,
                                 "\"keep-id\" keeps the IDs of who runs it, which is root for the system's service "
                                 "manager; if this was written for a user's, say which: keep-id:uid=1000,gid=1000");
        }
        if (target && !told)
                diagnose_warning(diagnostics, &target->where,
                                 "default.target alone is how a file for a user's service manager says it; if this is "
                                 "one, its place is ~/.config/berth; if not, multi-user.target is the system's");
}

/* By WantedBy= it is the file's own contradiction, which is told with that. */
static int check_enabled(const Container *container, Scope scope, Diagnostics *diagnostics) {
        size_t i = 0;
        int r;

        if (!container_has_socket(container) || socket_accepts(&container->section) || !container->unit_name)
                return 0;
        r = unit_is_enabled(container->unit_name, scope);
        if (r <= 0)
                return r;
        while (!streq(container->unit.entries[i].section, "Socket"))
                i++;
        diagnose_warning(diagnostics, &container->unit.entries[i].where,
                         "%s is enabled and so started at boot, while its socket would start it when it is needed; to "
                         "leave it to that: systemctl %sdisable %s",
                         container->unit_name, scope == SCOPE_USER ? "--user " : "", container->unit_name);
        return 0;
}

int container_advise(const Container *container, Scope scope, const StringList *search_path, const Sources *sources,
                     Diagnostics *diagnostics) {
        int r;

        r = check_image(container, scope, sources, diagnostics);
        if (r < 0)
                return r;
        check_sockets(container, diagnostics);
        if (scope == SCOPE_SYSTEM)
                check_scope(container, diagnostics);
        r = check_systemd_sections(container, diagnostics);
        if (r >= 0)
                r = check_enabled(container, scope, diagnostics);
        if (r >= 0 && search_path_is_of_machine())
                r = check_volumes(container, diagnostics);
        if (r >= 0 && search_path_is_of_machine())
                r = user_network_advise(container, diagnostics);
        return r < 0 ? r : check_secrets(container, search_path, diagnostics);
}
