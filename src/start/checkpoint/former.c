/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a container had at the checkpoint from which a start goes on. */
#include "start/checkpoint/former.h"

#include <errno.h>

#include "basic/path.h"
#include "host/record.h"
#include "start/checkpoint/checkpoint-shm.h"
#include "start/checkpoint/checkpoint-wake.h"

static int take_address(const StringList *words, void *userdata) {
        return string_list_add(userdata, words->items[0]);
}

/* It may have been on none of our networks, nor of podman's. */
static int find_addresses(const Checkpoint *checkpoint, Former *former) {
        int r = attachments_read(&(Bundle) { .fd = checkpoint->fd }, &former->attachments);

        if (r == -ENOENT)
                r = record_read(checkpoint->fd, CHECKPOINT_ADDRESSES, false, take_address, &former->addresses);
        return r == -ENOENT ? 0 : r;
}

int former_find(const Bundle *bundle, Former *ret) {
        _cleanup_checkpoint_ Checkpoint checkpoint = CHECKPOINT_INIT;
        int r = checkpoint_wake_begin(bundle, &checkpoint);

        ret->has_connections = checkpoint.options.tcp_established;
        if (r >= 0 && !checkpoint.options.ignore_static_ip)
                r = find_addresses(&checkpoint, ret);
        if (r < 0)
                return r;
        ret->shm_fd = checkpoint_shm_open(checkpoint.fd);
        if (ret->shm_fd < 0 && ret->shm_fd != -ENOENT)
                return ret->shm_fd;
        ret->upper = path_join(checkpoint.path, CHECKPOINT_UPPER);
        return ret->upper ? 0 : -ENOMEM;
}

int former_restore_shm(const Former *former, const Container *container, const Bundle *bundle, const char *label,
                       Namespaces *namespaces) {
        if (former->shm_fd < 0 || namespaces->shm_fd >= 0)
                return 0;
        namespaces->shm_fd = checkpoint_shm_mount(bundle, former->shm_fd, container_shm_size_bytes(container), label);
        return namespaces->shm_fd < 0 ? namespaces->shm_fd : 0;
}

void former_done(Former *former) {
        former->upper = x_free(former->upper);
        attachments_done(&former->attachments);
        string_list_done(&former->addresses);
        former->shm_fd = fd_close(former->shm_fd);
}
