/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Devices by the container device interface; see its SPEC.md, versions 0.3 to 1.0. */
#include "start/cdi/cdi.h"

#include <errno.h>
#include <fcntl.h>

#include "basic/directory.h"
#include "basic/files.h"
#include "basic/path.h"
#include "basic/text.h"
#include "source/trusted-file.h"
#include "start/cdi/cdi-edits.h"
#include "start/cdi/cdi-yaml.h"

enum { FILE_MAX = 4 << 20, SHOWN_MAX = 20 };

/* "/var/run/cdi" in the specification. */
static const char *const directories[] = { "/etc/cdi", "/run/cdi" };

/* A file. */
typedef struct CdiFile {
        char *path;
        size_t directory; /* its number */
        json_object *object;
        bool applied; /* what it does for each of its devices */
} CdiFile;

typedef struct CdiFiles {
        CdiFile *items;
        size_t count, allocated;
} CdiFiles;

static void files_done(CdiFiles *files) {
        for (size_t i = 0; i < files->count; i++) {
                free(files->items[i].path);
                json_object_put(files->items[i].object);
        }
        free(files->items);
}

static const char *text_member(json_object *object, const char *name) {
        return json_get_string(object, name) ?: "";
}

/* Reading */

static int check(json_object *object, const char *path, Diagnostics *diagnostics) {
        const Location where = { .file = path };
        json_object *devices = json_get_member(object, "devices", json_type_array);

        if (!*text_member(object, "cdiVersion"))
                return diagnose_error(diagnostics, &where, "\"cdiVersion\" is missing");
        if (!strchr(text_member(object, "kind"), '/'))
                return diagnose_error(diagnostics, &where, "\"kind\" must be \"VENDOR/CLASS\"");
        if (!devices)
                return diagnose_error(diagnostics, &where, "\"devices\" must be an array");
        for (size_t i = 0; i < json_object_array_length(devices); i++)
                if (!*text_member(json_object_array_get_idx(devices, i), "name"))
                        return diagnose_error(diagnostics, &where, "each of \"devices\" must have a \"name\", a text");
        return 0;
}

static int read_object(const char *path, Diagnostics *diagnostics, json_object **ret) {
        _cleanup_json_object_ json_object *object = NULL;
        _cleanup_free_ char *text = NULL;
        size_t size;
        int r;

        r = trusted_file_check(path, NULL, diagnostics);
        if (r < 0)
                return r;
        r = read_file_at(AT_FDCWD, path, FILE_MAX, &text, &size);
        if (r < 0)
                return r == -ENOMEM ? r : diagnose_error(diagnostics, &(Location) { .file = path },
                                                         "it cannot be read: %s", strerror(-r));
        r = endswith(path, ".json") ? json_parse(text, size, path, diagnostics, &object)
                                    : yaml_to_json(text, size, path, diagnostics, &object);
        if (r >= 0)
                r = check(object, path, diagnostics);
        if (r >= 0)
                *ret = TAKE_PTR(object);
        return r;
}

/* What is wrong with a file of another vendor's is no reason not to start. */
static void warn(const Diagnostics *from, Diagnostics *to) {
        for (size_t i = 0; i < from->count; i++) {
                const Diagnostic *item = &from->items[i];

                diagnose_warning(to, &(Location) { item->file, item->line, item->column }, "%s", item->message);
        }
}

static int read_one(size_t directory, const char *name, CdiFiles *files, Diagnostics *diagnostics) {
        _cleanup_diagnostics_ Diagnostics wrong = {};
        CdiFile file = { .directory = directory, .path = path_join(directories[directory], name) };
        int r;

        r = file.path ? ARRAY_RESERVE(files->items, files->allocated, files->count + 1) : -ENOMEM;
        if (r >= 0)
                r = read_object(file.path, &wrong, &file.object);
        if (r >= 0) {
                files->items[files->count++] = file;
                return 0;
        }
        warn(&wrong, diagnostics);
        free(file.path);
        return r == -EREPORTED ? 0 : r;
}

static int read_all(CdiFiles *files, Diagnostics *diagnostics) {
        int r = 0;

        for (size_t i = 0; i < ARRAY_SIZE(directories) && r >= 0; i++) {
                _cleanup_string_list_ StringList names = {};

                r = directory_list(directories[i], &names);
                for (size_t j = 0; j < names.count && r >= 0; j++)
                        if (endswith(names.items[j], ".json") || endswith(names.items[j], ".yaml"))
                                r = read_one(i, names.items[j], files, diagnostics);
        }
        return r;
}

/* Finding */

/* The object of the device "KIND=NAME" in the file; borrowed, or NULL. */
static json_object *find_in_file(const CdiFile *file, const char *wanted) {
        const char *name = startswith(wanted, text_member(file->object, "kind"));
        json_object *devices = json_get_member(file->object, "devices", json_type_array);

        for (size_t i = 0; name && *name == '=' && i < json_object_array_length(devices); i++) {
                json_object *device = json_object_array_get_idx(devices, i);

                if (streq(text_member(device, "name"), name + 1))
                        return device;
        }
        return NULL;
}

/* "…; there are a/b=c, a/b=d", of which SHOWN_MAX at most. */
static int list_devices(const CdiFiles *files, char **ret) {
        _cleanup_text_ Text text = {};
        size_t shown = 0;

        for (size_t i = 0; i < files->count; i++) {
                json_object *devices = json_get_member(files->items[i].object, "devices", json_type_array);

                for (size_t j = 0; j < json_object_array_length(devices); j++, shown++)
                        if (shown < SHOWN_MAX)
                                text_appendf(&text, "%s%s=%s", shown > 0 ? ", " : "",
                                             text_member(files->items[i].object, "kind"),
                                             text_member(json_object_array_get_idx(devices, j), "name"));
        }
        if (shown > SHOWN_MAX)
                text_appendf(&text, " and %zu more", shown - SHOWN_MAX);
        return text_take(&text, ret);
}

static int report_missing(const Device *wanted, const CdiFiles *files, Diagnostics *diagnostics) {
        _cleanup_free_ char *list = NULL;

        if (wanted->optional)
                return 0;
        if (list_devices(files, &list) < 0)
                return -ENOMEM;
        if (!*list)
                return diagnose_error(diagnostics, &wanted->where,
                                      "there is no device \"%s\": neither /etc/cdi nor /run/cdi has a file with "
                                      "devices; its vendor's tool writes one (nvidia-ctk cdi generate)",
                                      wanted->source);
        return diagnose_error(diagnostics, &wanted->where,
                              "there is no device \"%s\" in the files of /etc/cdi and /run/cdi, which have %s",
                              wanted->source, list);
}

static int apply(CdiFile *file, json_object *device, const Device *wanted, int root_fd, Facts *facts,
                 Diagnostics *diagnostics) {
        json_object *all = json_object_object_get(file->object, "containerEdits"),
                    *own = json_object_object_get(device, "containerEdits");
        int r = 0;

        if (!file->applied)
                r = cdi_edits_apply(all, file->path, &wanted->where, root_fd, facts, diagnostics);
        file->applied = true;
        return r < 0 ? r : cdi_edits_apply(own, file->path, &wanted->where, root_fd, facts, diagnostics);
}

static int add_device(const Device *wanted, CdiFiles *files, int root_fd, Facts *facts, Diagnostics *diagnostics) {
        CdiFile *found = NULL, *other = NULL;
        json_object *device = NULL;

        for (size_t i = 0; i < files->count; i++) {
                CdiFile *file = &files->items[i];
                json_object *here = find_in_file(file, wanted->source);

                if (!here)
                        continue;
                other = found && found->directory == file->directory ? found : NULL;
                found = file;
                device = here;
        }
        if (!found)
                return report_missing(wanted, files, diagnostics);
        if (other)
                return diagnose_error(diagnostics, &wanted->where, "the device \"%s\" is both in %s and in %s",
                                      wanted->source, other->path, found->path);
        return apply(found, device, wanted, root_fd, facts, diagnostics);
}

int cdi_gather(const DeviceList *wanted, int root_fd, Facts *facts, Diagnostics *diagnostics) {
        _cleanup_(files_done) CdiFiles files = {};
        bool any = false;
        int r, result = 0;

        for (size_t i = 0; i < wanted->count; i++)
                any |= wanted->items[i].is_cdi;
        r = any ? read_all(&files, diagnostics) : 0;
        for (size_t i = 0; i < wanted->count && (r >= 0 || r == -EREPORTED); i++) {
                if (!wanted->items[i].is_cdi)
                        continue;
                r = add_device(&wanted->items[i], &files, root_fd, facts, diagnostics);
                if (r == -EREPORTED)
                        result = r;
        }
        return r < 0 ? r : result;
}
