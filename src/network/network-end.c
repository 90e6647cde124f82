/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The end of a network. */
#include "network/network-end.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "basic/directory.h"
#include "basic/files.h"
#include "basic/path.h"
#include "basic/text.h"
#include "network/bridge.h"
#include "network/leases.h"
#include "network/names.h"
#include "network/network-file.h"
#include "network/subnets.h"
#include "network/user-networks.h"
#include "source/places.h"

/* In the directory of a network whose unit has stopped while containers were on it. */
#define LEFT_FILE "left"

static char *left_path(const char *stem) {
        return text_format("%s/%s/" LEFT_FILE, place_path(PLACE_NETWORKS), stem);
}

/* Whether the file has NetworkDeleteOnStop=; without a sound file there is nothing to keep a subnet
 * for, but it may be mended. */
static bool deletes(const char *stem) {
        _cleanup_diagnostics_ Diagnostics unseen = {};
        _cleanup_network_ Network *network = NULL;

        return network_file_read(stem, &unseen, &network) >= 0 && network->delete_on_stop;
}

static int take_down(const char *stem, const NetworkState *state) {
        _cleanup_free_ char *directory = network_directory(stem);
        int r;

        if (!directory)
                return -ENOMEM;
        r = names_remove_network(state);
        /* With the last container a user's network goes with the namespace that it is in. */
        if (r >= 0 && user_networks_are_here())
                r = network_down(state);
        if (r >= 0)
                r = remove_tree_at(AT_FDCWD, directory);
        return r >= 0 && deletes(stem) ? subnets_forget(stem) : r;
}

/* With the lock. */
static int end(const char *stem, const NetworkState *state) {
        _cleanup_string_list_ StringList leases = {};
        _cleanup_free_ char *left = left_path(stem);
        int r;

        r = left ? leases_list(stem, &leases) : -ENOMEM;
        if (r < 0 || leases.count == 0)
                return r < 0 ? r : take_down(stem, state);
        r = write_file_atomic_at(AT_FDCWD, left, "", 0, 0644);
        return r < 0 ? r : 1;
}

int network_end(const char *stem) {
        _cleanup_close_ int lock_fd = networks_lock();
        _cleanup_network_state_ NetworkState state = {};
        int r;

        r = lock_fd < 0 ? lock_fd : network_state_read(stem, &state);
        if (r < 0)
                return r == -ENOENT ? 0 : r;
        return end(stem, &state);
}

/* Its unit may have been started again by now. */
static int end_if_left(const char *stem) {
        _cleanup_network_state_ NetworkState state = {};
        _cleanup_free_ char *left = left_path(stem);
        _cleanup_close_ int lock_fd = -EBADF;
        int r;

        if (!left)
                return -ENOMEM;
        if (access(left, F_OK) < 0)
                return errno == ENOENT || errno == ENOTDIR ? 0 : -errno;
        lock_fd = networks_lock();
        if (lock_fd < 0)
                return lock_fd;
        if (access(left, F_OK) < 0)
                return errno == ENOENT ? 0 : -errno;
        r = network_state_read(stem, &state);
        if (r >= 0)
                r = end(stem, &state);
        return r < 0 && r != -ENOENT ? r : 0;
}

int networks_end_left(void) {
        _cleanup_string_list_ StringList stems = {};
        int r, first = 0;

        r = directory_list(place_path(PLACE_NETWORKS), &stems);
        if (r < 0)
                return r;
        for (size_t i = 0; i < stems.count; i++) {
                r = end_if_left(stems.items[i]);
                if (r < 0 && first == 0)
                        first = r;
        }
        return first;
}

int network_end_forget(const char *stem) {
        _cleanup_free_ char *left = left_path(stem);

        if (!left)
                return -ENOMEM;
        return unlink(left) < 0 && errno != ENOENT ? -errno : 0;
}
