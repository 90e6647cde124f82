/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Gathering where things are inside the root file system. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "basic/path.h"
#include "basic/root.h"
#include "basic/text.h"
#include "start/gather/gather-steps.h"

static int resolve(int root_fd, const char *path, const Location *where, Facts *facts, Diagnostics *diagnostics) {
        _cleanup_free_ char *resolved = NULL, *written = NULL;
        int r;

        r = root_resolve(root_fd, path, &resolved);
        if (r == -ENOMEM)
                return r;
        if (r < 0)
                return diagnose_error(diagnostics, where, "mount destination \"%s\": %s", path, strerror(-r));
        if (streq(resolved, path))
                return 0;
        written = strdup(path);
        if (!written)
                return -ENOMEM;
        r = ARRAY_RESERVE(facts->resolved.items, facts->resolved.allocated, facts->resolved.count + 1);
        if (r < 0)
                return r;
        facts->resolved.items[facts->resolved.count++] = (FactPath) { .written = TAKE_PTR(written),
                                                                      .resolved = TAKE_PTR(resolved) };
        return 0;
}

/* Runtimes mount there, and crun makes device nodes in /dev, by a path that a symlink would lead
 * out of the root: on the machine itself. */
int check_kernel_places(const Container *container, const GatherInput *input, Facts *facts _unused_,
                               Diagnostics *diagnostics) {
        static const char *const places[] = { "/dev", "/proc", "/sys" };
        Location where = container_where(container, container->image ? KEY_Container_Image : KEY_Container_Rootfs);
        int result = 0;

        for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
                _cleanup_close_ int fd = root_open(input->root_fd, places[i], O_PATH | O_NOFOLLOW);
                struct stat st;

                if (fd < 0 && fd != -ENOENT)
                        return fd;
                if (fd >= 0 && fstat(fd, &st) < 0)
                        return -errno;
                if (fd >= 0 && !S_ISDIR(st.st_mode))
                        result = diagnose_error(diagnostics, &where, "%s is no directory in the root file system",
                                                places[i]);
        }
        return result;
}

/* Where mounts go, free of symlinks: runtimes choke on them, and what is hidden below another mount
 * is told by the real path. */
int gather_destinations(const Container *container, const GatherInput *input, Facts *facts,
                               Diagnostics *diagnostics) {
        static const char *const own[] = { "/run", "/run/lock", "/tmp", "/var/tmp", "/var/log/journal" };
        int result = 0;
        Location where;

        for (size_t i = 0; i < ARRAY_SIZE(own); i++)
                result = worse(result, resolve(input->root_fd, own[i], NULL, facts, diagnostics));
        for (size_t i = 0; i < container->tmpfs.count; i++) {
                const TmpfsMount *tmpfs = &container->tmpfs.items[i];
                result = worse(result, resolve(input->root_fd, tmpfs->destination, &tmpfs->where, facts, diagnostics));
        }
        where = container_where(container, KEY_Container_Image);
        for (size_t i = 0; i < container->image_volumes.count; i++)
                result = worse(result,
                               resolve(input->root_fd, container->image_volumes.items[i], &where, facts, diagnostics));
        for (size_t i = 0; i < container->volumes.count; i++) {
                const VolumeMount *volume = &container->volumes.items[i];
                result = worse(result,
                               resolve(input->root_fd, volume->destination, &volume->where, facts, diagnostics));
        }
        for (size_t i = 0; i < container->mounts.count; i++) {
                const Mount *mount = &container->mounts.items[i];

                if (mount->destination)
                        result = worse(result,
                                       resolve(input->root_fd, mount->destination, &mount->where, facts, diagnostics));
        }
        return result;
}

/* What is mounted may have it, or be where the runtime can make it. */
static bool is_mounted_over(const Container *container, const Facts *facts, const char *path) {
        static const char *const own[] = { "/dev", "/proc", "/sys", "/run", "/tmp", "/var/tmp" };

        for (size_t i = 0; i < ARRAY_SIZE(own); i++)
                if (path_is_below(path, facts_resolve(facts, own[i])))
                        return true;
        for (size_t i = 0; i < container->volumes.count; i++)
                if (path_is_below(path, facts_resolve(facts, container->volumes.items[i].destination)))
                        return true;
        for (size_t i = 0; i < container->tmpfs.count; i++)
                if (path_is_below(path, facts_resolve(facts, container->tmpfs.items[i].destination)))
                        return true;
        for (size_t i = 0; i < container->mounts.count; i++)
                if (container->mounts.items[i].destination &&
                    path_is_below(path, facts_resolve(facts, container->mounts.items[i].destination)))
                        return true;
        for (size_t i = 0; i < container->image_volumes.count; i++)
                if (path_is_below(path, facts_resolve(facts, container->image_volumes.items[i])))
                        return true;
        return false;
}

/* One that is missing is an error, as with podman; runtimes would make it, as root's. That of an
 * image is made. */
int check_working_dir(const Container *container, const GatherInput *input, Facts *facts,
                             Diagnostics *diagnostics) {
        Location where = container_where(container, KEY_Container_WorkingDir);
        _cleanup_free_ char *resolved = NULL;
        _cleanup_close_ int fd = -EBADF;
        int r;

        if (!container->working_dir || !where.file)
                return 0;
        r = root_resolve(input->root_fd, container->working_dir, &resolved);
        if (r < 0)
                return r == -ENOMEM ? r : diagnose_error(diagnostics, &where, "\"%s\": %s", container->working_dir,
                                                         strerror(-r));
        if (is_mounted_over(container, facts, resolved))
                return 0;
        fd = root_open(input->root_fd, resolved, O_PATH | O_DIRECTORY);
        if (fd >= 0 || (fd != -ENOENT && fd != -ENOTDIR))
                return fd < 0 ? fd : 0;
        return diagnose_error(diagnostics, &where, "the root file system has no directory \"%s\"",
                              container->working_dir);
}
