/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A checkpoint of podman's, unpacked, becomes one of ours. */
#include "start/checkpoint/podman/podman-settle.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "basic/files.h"
#include "basic/text.h"
#include "host/bundle.h"
#include "host/record.h"
#include "start/checkpoint/checkpoint-store.h"
#include "start/checkpoint/podman/podman-dump.h"
#include "start/checkpoint/podman/podman-parts.h"
#include "start/checkpoint/podman/podman-root.h"

/* Those without which there is no checkpoint, and /dev/shm, which need not be there. */
static int move_files(int new_fd, const char *name, Diagnostics *diagnostics) {
        if (!checkpoint_has_inventory(new_fd) ||
            renameat(new_fd, PODMAN_PARTS "/" PODMAN_SPEC, new_fd, CHECKPOINT_PODMANS) < 0)
                return diagnose_error(diagnostics, NULL, "%s: the checkpoint in it is not whole", name);
        if (renameat(new_fd, PODMAN_PARTS "/" PODMAN_SHM, new_fd, CHECKPOINT_SHM) < 0 && errno != ENOENT)
                return -errno;
        return 0;
}

static int write_image(int new_fd, const ImageUse *image) {
        _cleanup_text_ Text text = {};

        if (!image)
                return 0;
        image_use_describe(image, "manifest", &text);
        return text.failed ? -ENOMEM
                           : write_file_atomic_at(new_fd, BUNDLE_IMAGE_FILE, text.data, text.length, 0600);
}

static int write_addresses(int new_fd, int parts_fd, const char *name, Diagnostics *diagnostics) {
        _cleanup_string_list_ StringList addresses = {};
        _cleanup_text_ Text text = {};
        int r = podman_dump_read_addresses(parts_fd, name, diagnostics, &addresses);

        for (size_t i = 0; i < addresses.count; i++)
                record_append(&text, addresses.items[i], NULL);
        if (r < 0 || addresses.count == 0)
                return r;
        return text.failed ? -ENOMEM
                           : write_file_atomic_at(new_fd, CHECKPOINT_ADDRESSES, text.data, text.length, 0600);
}

static int write_about(int new_fd, const CheckpointAbout *about) {
        _cleanup_free_ char *text = NULL;
        int r = checkpoint_about_text(about, &text);

        return r < 0 ? r : write_file_atomic_at(new_fd, CHECKPOINT_ABOUT, text, strlen(text), 0600);
}

static int fill_volume(int parts_fd, const char *name, const ArchivedVolume *volume, Diagnostics *diagnostics) {
        _cleanup_free_ char *file = text_format("%s.tar", volume->path);
        _cleanup_close_ int fd = file ? openat(parts_fd, file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC) : -EBADF;

        if (!file)
                return -ENOMEM;
        return fd < 0 ? -errno : podman_part_unpack(fd, file, volume->fd, name, diagnostics);
}

int podman_settle(int new_fd, const char *path, const char *name, const CheckpointAbout *about, const ImageUse *image,
                  const ArchivedVolume volumes[], size_t volume_count, Diagnostics *diagnostics) {
        _cleanup_close_ int parts_fd = openat(new_fd, PODMAN_PARTS, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        int r;

        if (parts_fd < 0)
                return -errno;
        r = move_files(new_fd, name, diagnostics);
        if (r >= 0 && image)
                r = podman_root_make(path, image, name, diagnostics);
        for (size_t i = 0; i < volume_count && r >= 0; i++)
                r = fill_volume(parts_fd, name, &volumes[i], diagnostics);
        if (r >= 0)
                r = write_addresses(new_fd, parts_fd, name, diagnostics);
        if (r >= 0)
                r = write_image(new_fd, image);
        if (r >= 0)
                r = write_about(new_fd, about);
        if (r >= 0)
                r = checkpoint_write_settings(new_fd, false);
        return r < 0 ? r : remove_tree_at(new_fd, PODMAN_PARTS);
}
