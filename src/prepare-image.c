/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The part of a start that is about the container's image. Nothing is pulled here: that was for the unit that the container waited for. */
#include "prepare-image.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "basic/files.h"
#include "basic/root.h"
#include "config/image-reference.h"
#include "host/unit.h"
#include "load.h"

/* What Image= leads to. */
typedef struct Wanted {
        char *name;      /* canonical */
        char *unit_name; /* of the unit that pulls it */
        PullPolicy policy;
} Wanted;

static void wanted_done(Wanted *wanted) {
        free(wanted->name);
        free(wanted->unit_name);
}

static int find_file(const char *file_name, const Location *where, Diagnostics *diagnostics, Wanted *ret) {
        _cleanup_image_ Image *image = NULL;
        _cleanup_free_ char *stem = NULL;
        FileType type;
        int r;

        r = file_name_parse(file_name, &type, &stem);
        if (r >= 0 && type != FILE_IMAGE)
                return diagnose_error(diagnostics, where, ".%s files are not supported yet", file_type_name(type));
        if (r >= 0)
                r = image_find(stem, SCOPE_SYSTEM, diagnostics, &image);
        if (r < 0)
                return r;
        ret->policy = image->policy;
        ret->name = strdup(image->image);
        return ret->name ? 0 : -ENOMEM;
}

static int find_wanted(const char *image, PullPolicy policy, const Location *where, Diagnostics *diagnostics, Wanted *ret) {
        int r;

        r = image_unit_name(image, &ret->unit_name);
        if (r < 0)
                return r;
        if (image_is_file(image))
                return find_file(image, where, diagnostics, ret);
        ret->policy = policy;
        ret->name = strdup(image);
        return ret->name ? 0 : -ENOMEM;
}

/* With Pull=always an older image will not do, and systemd starts the container also when what it wants has failed. */
static int check_pulled(const Wanted *wanted, const Location *where, Diagnostics *diagnostics) {
        _cleanup_free_ char *result = NULL;
        int r;

        if (wanted->policy != PULL_ALWAYS)
                return 0;
        r = unit_get_result(wanted->unit_name, &result);
        if (r < 0 || streq(result, "success"))
                return r;
        return diagnose_error(diagnostics, where, "the image \"%s\" is to be pulled always, and that has failed; to see why: journalctl -u '%s'", wanted->name,
                              wanted->unit_name);
}

static int report_missing(const char *image, const Wanted *wanted, const Location *where, Diagnostics *diagnostics) {
        if (wanted->policy == PULL_NEVER)
                return diagnose_error(diagnostics, where, "the image \"%s\" is not there, and never to be pulled by itself; to pull it: berth pull %s", wanted->name,
                                      image);
        return diagnose_error(diagnostics, where, "the image \"%s\" is not there; to see why it was not pulled: journalctl -u '%s'", wanted->name, wanted->unit_name);
}

int image_open(const char *image, PullPolicy policy, const Location *where, Diagnostics *diagnostics, ImageUse *ret) {
        _cleanup_(wanted_done) Wanted wanted = {};
        int r;

        r = find_wanted(image, policy, where, diagnostics, &wanted);
        if (r >= 0)
                r = check_pulled(&wanted, where, diagnostics);
        if (r >= 0)
                r = image_use_open(wanted.name, where, diagnostics, ret);
        return r == -ENOENT ? report_missing(image, &wanted, where, diagnostics) : r;
}

int container_open_image(Container *container, Diagnostics *diagnostics, ImageUse *ret) {
        Location where = container_where(container, KEY_Container_Image);
        int r = image_open(container->image, container->pull, &where, diagnostics, ret);

        return r < 0 ? r : image_config_apply(&ret->config, container, diagnostics);
}

/* Nobody else is in this root yet, so that a path without symlinks stays one. Returns 1 when something was made, 0, or -errno. */
static int make_directory(int root_fd, const char *path, char **ret_resolved) {
        struct stat st;
        int r;

        r = root_resolve(root_fd, path, ret_resolved);
        if (r < 0)
                return r;
        if (streq(*ret_resolved, "/") || fstatat(root_fd, *ret_resolved + 1, &st, AT_SYMLINK_NOFOLLOW) >= 0)
                return 0;
        r = make_directories_at(root_fd, *ret_resolved + 1, 0755);
        return r < 0 ? r : 1;
}

/* By an ID of the container. */
static int give_directory(int root_fd, const char *resolved, const Facts *facts, uint32_t uid, uint32_t gid) {
        if (facts_uid_outside(facts, uid, &uid) < 0 || facts_gid_outside(facts, gid, &gid) < 0)
                return 0;
        return fchownat(root_fd, resolved + 1, uid, gid, AT_SYMLINK_NOFOLLOW) < 0 ? -errno : 0;
}

int make_image_directories(const Container *container, int root_fd, const Facts *facts) {
        _cleanup_free_ char *working_dir = NULL;
        int r = 0;

        for (size_t i = 0; r >= 0 && i < container->image_volumes.count; i++) {
                _cleanup_free_ char *resolved = NULL;

                r = make_directory(root_fd, container->image_volumes.items[i], &resolved);
                if (r > 0)
                        r = give_directory(root_fd, resolved, facts, 0, 0);
        }
        /* A working directory that the file names must exist, as with podman. */
        if (r < 0 || !container->working_dir || container->set.entry[KEY_Container_WorkingDir])
                return r < 0 ? r : 0;
        r = make_directory(root_fd, container->working_dir, &working_dir);
        if (r > 0)
                r = give_directory(root_fd, working_dir, facts, facts->uid, facts->gid);
        return r < 0 ? r : 0;
}
