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

int kept_drop_in_write(int bundle_fd, const char *unit_name) {
        _cleanup_free_ char *path = NULL, *text = NULL;
        size_t size;
        int r;

        path = text_format("%s/%s.d/" UNIT_DROP_IN_NAME, place_path(PLACE_GENERATED), unit_name);
        r = path ? read_file_at(AT_FDCWD, path, UNIT_FILE_SIZE_MAX, &text, &size) : -ENOMEM;
        if (r < 0) /* an instance that nothing but its start names; or no reason to fail a start */
                return r == -ENOMEM ? r : 0;
        return write_file_atomic_at(bundle_fd, KEPT_FILE, text, size, 0600);
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

static int add(const char *stem, const char *path, const UnitFile *unit, UnitOutputs *outputs) {
        _cleanup_free_ char *unit_name = NULL;
        _cleanup_text_ Text text = {};
        char *content = NULL;
        int r;

        r = unit_name_for(FILE_CONTAINER, stem, &unit_name);
        if (r < 0)
                return r == -ENOMEM ? r : 0;
        unit_output_append_header(&text, path, "a container that runs, and has no file any more");
        append_section(unit, "Unit", &text);
        text_append_char(&text, '\n');
        append_section(unit, "Service", &text);
        r = text_take(&text, &content);
        if (r < 0)
                return r;
        r = unit_outputs_add_file(outputs, place_path(PLACE_BUNDLES),
                                  text_format("%s.d/" UNIT_DROP_IN_NAME, unit_name), content);
        return r < 0 ? r : 1;
}

static int kept_path(const char *id, char **ret) {
        *ret = text_format("%s/%s/" KEPT_FILE, place_path(PLACE_BUNDLES), id);
        return *ret ? 0 : -ENOMEM;
}

int kept_drop_in_add(const char *stem, UnitOutputs *outputs) {
        _cleanup_free_ char *id = container_id_for(stem), *path = NULL, *text = NULL;
        _cleanup_diagnostics_ Diagnostics unseen = {};
        _cleanup_unit_file_ UnitFile unit = {};
        size_t size;
        int r;

        /* Other files than this machine's say nothing of what runs here. */
        if (!search_path_is_of_machine())
                return 0;
        r = id ? kept_path(id, &path) : -ENOMEM;
        if (r >= 0)
                r = read_kept(path, &text, &size);
        if (r >= 0)
                r = unit_file_read(&unit, text, size, path, &unseen);
        if (r < 0 || unseen.count > 0)
                return r == -ENOMEM ? r : 0;
        return add(stem, path, &unit, outputs);
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
        r = kept_path(id, &path);
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
