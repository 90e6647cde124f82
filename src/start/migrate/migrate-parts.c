/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a migration consists of. */
#include "start/migrate/migrate-parts.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include "basic/files.h"
#include "basic/path.h"
#include "basic/text.h"
#include "source/siblings.h"

static int add_directory(StringList *directories, const char *path) {
        return string_list_contains(directories, path) ? 0 : string_list_add(directories, path);
}

/* A file's own name counts, and not what it may be a link to. */
static int add_named_file(const char *path, const char *standard, StringList *directories, StringList *files) {
        const char *ending = endswith(path, MIGRATED_ENDING);
        _cleanup_free_ char *name = ending ? strndup(path, (size_t) (ending - path)) : strdup(path),
                            *migrated = name ? text_format("%s" MIGRATED_ENDING, name) : NULL,
                            *parent = name ? path_dirname(name) : NULL, *real = NULL, *top = NULL;
        int r;

        if (!migrated || !parent)
                return -ENOMEM;
        if (!source_exists(name) && !source_exists(migrated))
                return -ENOENT;
        real = realpath(parent, NULL);
        if (!real)
                return -errno;
        r = string_list_addf(files, "%s/%s", real, path_basename(name));
        top = realpath(standard, NULL);
        return r < 0 ? r : add_directory(directories, top && path_is_below(real, top) ? top : real);
}

int migrate_directories(const StringList *named, const char *standard, StringList *ret, StringList *ret_files,
                        const char **ret_failed) {
        for (size_t i = 0; i < named->count; i++) {
                const char *path = named->items[i];
                _cleanup_free_ char *real = NULL;
                int r;

                *ret_failed = path;
                if (source_is_directory(path)) {
                        real = realpath(path, NULL);
                        r = real ? add_directory(ret, real) : -errno;
                } else
                        r = add_named_file(path, standard, ret, ret_files);
                if (r < 0)
                        return r;
        }
        return 0;
}

bool migrate_plan_has(const MigratePlan *plan, const char *path) {
        return migrate_relative(&plan->directories, path) &&
               (plan->only.count == 0 || string_list_contains(&plan->only, path));
}

const char *migrate_relative(const StringList *directories, const char *path) {
        for (size_t i = 0; i < directories->count; i++) {
                const char *rest = startswith(path, directories->items[i]);

                if (rest && *rest == '/' && rest[1])
                        return rest + 1;
        }
        return NULL;
}

int migrate_plan_add_file(MigratePlan *plan, const char *from, const char *to, bool is_unit) {
        MigrateFile *file;

        for (size_t i = 0; i < plan->file_count; i++)
                if (streq(plan->files[i].from, from))
                        return 0;
        if (ARRAY_RESERVE(plan->files, plan->files_allocated, plan->file_count + 1) < 0)
                return -ENOMEM;
        file = &plan->files[plan->file_count++];
        *file = (MigrateFile) { strdup(from), strdup(to), is_unit };
        return file->from && file->to ? 0 : -ENOMEM;
}

int migrate_read_link(const char *path, char **ret) {
        char target[PATH_MAX];
        ssize_t n = readlink(path, target, sizeof(target) - 1);

        if (n < 0)
                return errno == EINVAL ? 0 : -errno;
        target[n] = '\0';
        if (!file_name_is_valid(target))
                return 0;
        *ret = strdup(target);
        return *ret ? 1 : -ENOMEM;
}

int migrate_same_content(const char *from, const char *to) {
        _cleanup_free_ char *a = NULL, *b = NULL, *link_a = NULL, *link_b = NULL;
        size_t a_size, b_size;
        int r;

        r = migrate_read_link(to, &link_b);
        if (r >= 0)
                r = migrate_read_link(from, &link_a);
        if (r < 0)
                return r;
        if (link_a || link_b)
                return streq_null(link_a, link_b);
        r = read_file_at(AT_FDCWD, to, MIGRATE_FILE_MAX, &b, &b_size);
        if (r >= 0)
                r = read_file_at(AT_FDCWD, from, MIGRATE_FILE_MAX, &a, &a_size);
        return r < 0 ? r : a_size == b_size && memcmp(a, b, a_size) == 0;
}

void migrate_plan_done(MigratePlan *plan) {
        for (size_t i = 0; i < plan->file_count; i++) {
                free(plan->files[i].from);
                free(plan->files[i].to);
        }
        for (size_t i = 0; i < plan->drop_in_count; i++) {
                free(plan->drop_ins[i].path);
                free(plan->drop_ins[i].text);
        }
        for (size_t i = 0; i < plan->image_count; i++)
                pull_request_done(&plan->images[i]);
        for (size_t i = 0; i < plan->volume_count; i++) {
                free(plan->volumes[i].podman_name);
                free(plan->volumes[i].name);
                free(plan->volumes[i].path);
                free(plan->volumes[i].file);
        }
        free(plan->files);
        free(plan->drop_ins);
        free(plan->images);
        free(plan->volumes);
        free(plan->looks);
        free(plan->home);
        string_list_done(&plan->directories);
        string_list_done(&plan->only);
        string_list_done(&plan->search_path);
        string_list_done(&plan->secrets);
        string_list_done(&plan->notes);
        sources_done(&plan->sources);
        podman_store_done(&plan->podman);
        migrate_record_done(&plan->record);
        migrate_record_done(&plan->running);
        diagnostics_done(&plan->diagnostics);
}
