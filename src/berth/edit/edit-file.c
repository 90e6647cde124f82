/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which file is edited. */
#include "berth/edit/edit-file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "basic/files.h"
#include "basic/log.h"
#include "basic/path.h"
#include "basic/safe-path.h"
#include "berth/command/unit-argument.h"
#include "kind/load.h"
#include "source/trusted-file.h"

/* Finding it */

static int not_there(const EditFile *file, const Sources *sources) {
        const char *nearest = sources_find_nearest(sources, file->type, file->stem);
        const char *ending = file_type_name(file->type);

        if (nearest)
                log_error("There is no %s.%s in the search path; did you mean %s.%s?", file->stem, ending, nearest,
                          ending);
        else
                log_error("There is no %s.%s in the search path; berth new makes a container's", file->stem, ending);
        return -ENOENT;
}

ssize_t edit_file_scan(const EditFile *file, Sources *ret) {
        _cleanup_diagnostics_ Diagnostics elsewhere = {};
        const Source *source;
        int r;

        r = sources_scan(&file->search_path, ret, &elsewhere);
        if (r < 0)
                return log_oom();
        source = sources_find(ret, file->type, file->stem);
        if (!source)
                r = sources_add_instance(ret, &file->search_path, file->type, file->stem, &source);
        if (r == -ENOENT)
                return not_there(file, ret);
        if (r < 0)
                return log_error_errno(r, "Failed to find %s: %m", file->argument);
        if (source->masked) {
                log_error("%s is masked", source->path);
                return -EREPORTED;
        }
        return source - ret->items;
}

/* A path is as good as the name when it leads to the same. */
static int check_argument(const EditFile *file, const Source *source) {
        _cleanup_free_ char *path = NULL;
        int r;

        if (!strchr(file->argument, '/'))
                return 0;
        r = source_absolute_path(file->argument, &path);
        if (r == -ENOMEM)
                return log_oom();
        if (r >= 0 && streq(path, source->path))
                return 0;
        log_error("%s is not what is used: that is %s", file->argument, source->path);
        return -EREPORTED;
}

/* The first directory is the one for people. What is below it already is edited where it is. */
static bool is_for_people(const EditFile *file, const char *path) {
        return path_is_below(path, file->search_path.items[0]);
}

static int choose_whole(EditFile *file, const Source *source) {
        _cleanup_free_ char *name = text_format("%s.%s", file->stem, file_type_name(file->type));

        if (!name)
                return -ENOMEM;
        if (is_for_people(file, source->path) && streq(path_basename(source->path), name))
                file->path = strdup(source->path);
        else
                file->path = path_join(file->search_path.items[0], name);
        return file->path ? 0 : -ENOMEM;
}

/* A drop-in of that name in a directory of the file's own: one elsewhere, which ours would take the
 * place of, is what ours begins with. */
static const char *find_drop_in(const EditFile *file, const Source *source, const char *directory) {
        for (size_t i = 0; i < source->drop_ins.count; i++) {
                const char *path = source->drop_ins.items[i], *end = path_basename(path) - 1;
                size_t n = strlen(directory);

                if (streq(end + 1, file->drop_in) && (size_t) (end - path) > n && end[-1 - (ssize_t) n] == '/' &&
                    memcmp(end - n, directory, n) == 0)
                        return path;
        }
        return NULL;
}

static int choose_drop_in(EditFile *file, const Source *source, const char **ret_origin) {
        _cleanup_free_ char *name = text_format("%s.%s.d", file->stem, file_type_name(file->type));

        if (!name)
                return -ENOMEM;
        *ret_origin = find_drop_in(file, source, name);
        file->path = *ret_origin && is_for_people(file, *ret_origin)
                             ? strdup(*ret_origin)
                             : text_format("%s/%s/%s", file->search_path.items[0], name, file->drop_in);
        return file->path ? 0 : -ENOMEM;
}

static int choose(EditFile *file, const Source *source) {
        const char *origin = source->path;
        int r;

        r = string_list_add(&file->shown, source->path);
        if (r >= 0)
                r = string_list_extend(&file->shown, &source->drop_ins);
        if (r >= 0)
                r = file->drop_in ? choose_drop_in(file, source, &origin) : choose_whole(file, source);
        if (r < 0)
                return log_oom();
        if (!origin) {
                file->text = strdup("");
                return file->text ? 0 : log_oom();
        }
        r = read_file_at(AT_FDCWD, origin, UNIT_FILE_SIZE_MAX, &file->text, &file->size);
        return r < 0 ? log_error_errno(r, "Failed to read %s: %m", origin) : 0;
}

/* The nearest directory on the way to the file that there is. */
static int find_directory(const char *path, char **ret) {
        char *directory = path_dirname(path);

        while (directory && access(directory, F_OK) < 0 && errno == ENOENT) {
                char *parent = path_dirname(directory);

                free(directory);
                directory = parent;
        }
        if (!directory)
                return -ENOMEM;
        *ret = directory;
        return 0;
}

/* In a directory that others can write to, they could exchange what is put there. */
static int check_directory(const char *path) {
        _cleanup_safe_path_ SafePath safe = SAFE_PATH_INIT;
        _cleanup_free_ char *directory = NULL, *link = NULL;
        struct stat st;
        int r;

        r = find_directory(path, &directory);
        if (r >= 0)
                r = safe_path_open(directory, &safe, &link);
        if (r >= 0 && fstat(safe.fd, &st) < 0)
                r = -errno;
        if (r < 0)
                return log_error_errno(r, "Failed to look at the directory of %s: %m", path);
        if (safe.fixed && safe_path_is_for_trusted_alone(&st))
                return 0;
        log_error("Others can write to %s: chmod go-w %s, or give it to who runs this", safe.loose ?: directory,
                  safe.loose ?: directory);
        return -EREPORTED;
}

/* What others can write to is not read, and nothing of root's is put there. */
static int check_trust(const EditFile *file) {
        _cleanup_diagnostics_ Diagnostics diagnostics = {};
        int r;

        if (getenv("BERTH_UNIT_PATH"))
                return 0;
        r = trusted_file_check(file->path, NULL, &diagnostics);
        log_diagnostics(&diagnostics);
        return r < 0 ? r : check_directory(file->path);
}

/* What is there: most often where the text is from. */
static int look(EditFile *file) {
        int r = check_trust(file);

        if (r < 0)
                return r;
        r = read_file_at(AT_FDCWD, file->path, UNIT_FILE_SIZE_MAX, &file->old, &file->old_size);
        file->exists = r != -ENOENT;
        return r < 0 && r != -ENOENT ? log_error_errno(r, "Failed to read %s: %m", file->path) : 0;
}

int edit_file_find(EditFile *file) {
        _cleanup_sources_ Sources sources = {};
        ssize_t place;
        int r;

        r = argument_parse(file->argument, &file->type, &file->stem);
        if (r == -EINVAL)
                log_error("\"%s\" is not the name of a file of berth's", file->argument);
        if (r < 0)
                return r == -EINVAL ? r : log_oom();
        r = search_path_get(file->scope, &file->search_path);
        if (r < 0)
                return log_oom();
        place = edit_file_scan(file, &sources);
        if (place < 0)
                return (int) place;
        r = check_argument(file, &sources.items[place]);
        if (r >= 0)
                r = choose(file, &sources.items[place]);
        return r < 0 ? r : look(file);
}

/* As it will be */

/* By their names; one that had the name counts no more. */
static int add_drop_in(const EditFile *file, Source *source) {
        size_t place = 0;

        for (size_t i = 0; i < source->drop_ins.count; i++) {
                char *path = source->drop_ins.items[i];
                int order = strcmp(path_basename(path), file->drop_in);

                if (order == 0) {
                        source->drop_ins.items[i] = strdup(file->path);
                        if (!source->drop_ins.items[i]) {
                                source->drop_ins.items[i] = path;
                                return -ENOMEM;
                        }
                        free(path);
                        return 0;
                }
                place += order < 0;
        }
        return string_list_insert(&source->drop_ins, place, file->path);
}

int edit_file_apply(const EditFile *file, Source *source) {
        char *path;

        if (file->drop_in)
                return add_drop_in(file, source);
        path = strdup(file->path);
        if (!path)
                return -ENOMEM;
        free(source->path);
        source->path = path;
        return 0;
}

/* Putting it there */

bool edit_file_has_changed(const EditFile *file) {
        _cleanup_free_ char *text = NULL;
        size_t size;
        int r = read_file_at(AT_FDCWD, file->path, UNIT_FILE_SIZE_MAX, &text, &size);

        if (!file->exists)
                return r != -ENOENT;
        return r < 0 || size != file->old_size || memcmp(text, file->old, size) != 0;
}

/* The directory is there, and stays there. */
static int make_directory(const char *path) {
        _cleanup_free_ char *directory = path_dirname(path);
        int r;

        if (!directory)
                return -ENOMEM;
        r = make_directories_at(AT_FDCWD, directory, 0755);
        return r < 0 ? r : sync_parent_at(AT_FDCWD, directory);
}

/* What a link leads to is replaced, and not the link. The mode stays, whatever the umask. */
static int replace(const EditFile *file, const char *text, size_t size) {
        _cleanup_free_ char *path = realpath(file->path, NULL);
        struct stat st;
        mode_t mask;
        int r;

        if (!path || stat(path, &st) < 0)
                return -errno;
        mask = umask(0);
        r = write_file_durable_at(AT_FDCWD, path, text, size, st.st_mode & 0777);
        umask(mask);
        /* Who else may read it was somebody's choice; only root can keep all of it. */
        if (r >= 0)
                (void) !lchown(path, st.st_uid, st.st_gid);
        return r;
}

int edit_file_put(const EditFile *file, const char *text, size_t size) {
        int r = make_directory(file->path);

        if (r >= 0)
                r = access(file->path, F_OK) < 0 ? write_new_file_durable_at(AT_FDCWD, file->path, text, size, 0644)
                                                 : replace(file, text, size);
        return r < 0 ? log_error_errno(r, "Failed to write %s: %m", file->path) : 0;
}

void edit_file_done(EditFile *file) {
        file->stem = x_free(file->stem);
        file->path = x_free(file->path);
        file->text = x_free(file->text);
        file->old = x_free(file->old);
        string_list_done(&file->search_path);
        string_list_done(&file->shown);
}
