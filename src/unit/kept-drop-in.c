/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What systemd is to know of a running container that has no file any more. */
#include "unit/kept-drop-in.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "basic/directory.h"
#include "basic/files.h"
#include "basic/text.h"
#include "source/places.h"
#include "source/unit-name.h"
#include "source/unit-reference.h"
#include "unit/unit-outputs.h"

#define KEPT_FILE "drop-in"
#define KEPT_TIMER_FILE "timer-drop-in"

static int keep(int bundle_fd, const char *unit_name, const char *file) {
        _cleanup_free_ char *path = NULL, *text = NULL;
        size_t size;
        int r;

        path = text_format("%s/%s.d/" UNIT_DROP_IN_NAME, place_path(PLACE_GENERATED), unit_name);
        r = path ? read_file_at(AT_FDCWD, path, UNIT_FILE_SIZE_MAX, &text, &size) : -ENOMEM;
        if (r < 0) /* an instance that nothing but its start names; or no reason to fail a start */
                return r == -ENOMEM ? r : 0;
        return write_file_atomic_at(bundle_fd, file, text, size, 0600);
}

/* The health checks' of a container's unit, or NULL without memory. */
static char *timer_name(const char *unit_name) {
        const char *at = strchr(unit_name, '@'), *end = endswith(unit_name, ".service");

        return at && end ? text_format("container-health%.*s.timer", (int) (end - at), at) : NULL;
}

int kept_drop_in_write(int bundle_fd, const char *unit_name) {
        _cleanup_free_ char *timer = timer_name(unit_name);
        int r = timer ? keep(bundle_fd, unit_name, KEPT_FILE) : -ENOMEM;

        return r < 0 ? r : keep(bundle_fd, timer, KEPT_TIMER_FILE);
}

/* Returns 0, -EPERM when others can write to the file, or -errno. */
static int read_kept(const char *path, char **ret, size_t *ret_size) {
        _cleanup_close_ int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
        struct stat st;

        if (fd < 0 || fstat(fd, &st) < 0)
                return -errno;
        if (st.st_uid != geteuid() || (st.st_mode & (S_IWGRP | S_IWOTH)))
                return -EPERM;
        return read_fd(fd, UNIT_FILE_SIZE_MAX, ret, ret_size);
}

/* What another start would take is left out: there is no file that could be started from. */
static void append_section(const UnitFile *unit, const char *section, Text *text) {
        text_appendf(text, "[%s]\n", section);
        for (size_t i = 0; i < unit->count; i++) {
                const Entry *entry = &unit->entries[i];

                if (streq(entry->section, section) && !streq(entry->key, "SourcePath") &&
                    !startswith(entry->key, "Restart"))
                        text_appendf(text, "%s=%s\n", entry->key, entry->value);
        }
}

static int add(const char *unit_name, const char *path, const UnitFile *unit, const char *const sections[],
               UnitOutputs *outputs) {
        _cleanup_text_ Text text = {};
        char *content = NULL;
        int r;

        unit_output_append_header(&text, path, "a container that runs, and has no file any more");
        for (size_t i = 0; sections[i]; i++) {
                if (i > 0)
                        text_append_char(&text, '\n');
                append_section(unit, sections[i], &text);
        }
        r = text_take(&text, &content);
        if (r < 0)
                return r;
        r = unit_outputs_add_file(outputs, place_path(PLACE_BUNDLES),
                                  text_format("%s.d/" UNIT_DROP_IN_NAME, unit_name), content);
        return r < 0 ? r : 1;
}

static int kept_path(const char *id, const char *file, char **ret) {
        *ret = text_format("%s/%s/%s", place_path(PLACE_BUNDLES), id, file);
        return *ret ? 0 : -ENOMEM;
}

static int add_file(const char *id, const char *file, const char *unit_name, const char *const sections[],
                    UnitOutputs *outputs) {
        _cleanup_free_ char *path = NULL, *text = NULL;
        _cleanup_diagnostics_ Diagnostics unseen = {};
        _cleanup_unit_file_ UnitFile unit = {};
        size_t size;
        int r;

        r = kept_path(id, file, &path);
        if (r >= 0)
                r = read_kept(path, &text, &size);
        if (r >= 0)
                r = unit_file_read(&unit, text, size, path, &unseen);
        if (r < 0 || unseen.count > 0)
                return r == -ENOMEM ? r : 0;
        return add(unit_name, path, &unit, sections, outputs);
}

int kept_drop_in_add(const char *stem, UnitOutputs *outputs) {
        static const char *const of_service[] = { "Unit", "Service", NULL }, *const of_timer[] = { "Timer", NULL };
        _cleanup_free_ char *id = container_id_for(stem), *unit_name = NULL, *timer = NULL;
        int r, added;

        /* Other files than this machine's say nothing of what runs here. */
        if (!search_path_is_of_machine())
                return 0;
        r = id ? unit_name_for(FILE_CONTAINER, stem, &unit_name) : -ENOMEM;
        if (r < 0)
                return r == -ENOMEM ? r : 0;
        timer = timer_name(unit_name);
        added = timer ? add_file(id, KEPT_FILE, unit_name, of_service, outputs) : -ENOMEM;
        if (added <= 0)
                return added;
        r = add_file(id, KEPT_TIMER_FILE, timer, of_timer, outputs);
        return r < 0 ? r : added;
}

static int add_of_id(const char *id, const Sources *sources, StringList *instances, UnitOutputs *outputs) {
        _cleanup_free_ char *stem = container_stem_for(id), *same = stem ? container_id_for(stem) : NULL, *path = NULL;
        const Source *source;
        int r;

        if (!same)
                return -ENOMEM;
        /* Pods' are others. */
        if (!streq(same, id) || !stem_is_valid(stem) || stem_is_template(stem) ||
            sources_find(sources, FILE_CONTAINER, stem))
                return 0;
        source = sources_find_or_template(sources, FILE_CONTAINER, stem);
        if (!source || source->masked) {
                r = kept_drop_in_add(stem, outputs);
                return r < 0 ? r : 0;
        }
        r = kept_path(id, KEPT_FILE, &path);
        return r >= 0 && access(path, F_OK) >= 0 ? instances_add(instances, FILE_CONTAINER, stem) : r;
}

int kept_drop_ins_add(const Sources *sources, StringList *instances, UnitOutputs *outputs) {
        _cleanup_string_list_ StringList ids = {};
        int r;

        if (!search_path_is_of_machine())
                return 0;
        r = directory_list(place_path(PLACE_BUNDLES), &ids);
        if (r < 0)
                return r == -ENOMEM ? r : 0;
        for (size_t i = 0; i < ids.count && r >= 0; i++)
                r = add_of_id(ids.items[i], sources, instances, outputs);
        return r;
}
