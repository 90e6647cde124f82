/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Unpacks arbitrary bytes as a layer, and sees to it that nothing beside the layer's directory is
 * touched. */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "basic/files.h"
#include "image/layer.h"
#include "tests/fuzz/fuzz.h"

static size_t count_entries(const char *path) {
        _cleanup_closedir_ DIR *directory = opendir(path);
        size_t n = 0;

        while (directory && readdir(directory))
                n++;
        return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        const LayerLimits limits = { .tar_bytes = 1 << 20, .file_bytes = 1 << 20, .entries = 1000 };
        _cleanup_close_ int fd = memfd_create("layer", MFD_CLOEXEC), top_fd = -EBADF, layer_fd = -EBADF;
        char top[] = "/tmp/berth-fuzz-XXXXXX", diff_id[DIGEST_TEXT_SIZE];
        _cleanup_free_ char *message = NULL;

        require(fd >= 0 && write(fd, data, size) == (ssize_t) size && lseek(fd, 0, SEEK_SET) == 0, "there is memory");
        require(mkdtemp(top) != NULL, "there is a directory");
        top_fd = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        require(top_fd >= 0 && mkdirat(top_fd, "layer", 0755) == 0, "it can be used");
        layer_fd = openat(top_fd, "layer", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        require(layer_fd >= 0, "and opened");
        if (layer_unpack_into(fd, layer_fd, &limits, diff_id, &message) >= 0)
                require(digest_is_valid(diff_id), "what is unpacked has a digest");
        require(count_entries(top) == 3, "nothing is beside the layer");
        require(remove_tree_at(AT_FDCWD, top) == 0, "what was unpacked can be removed");
        return 0;
}
