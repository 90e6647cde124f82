/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which signal the image of a container wants to be stopped by: a symlink that is named as the
 * container's bundle, whose target is the signal and the image. */
#include "unit/stop-note.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include "basic/files.h"
#include "basic/numbers.h"
#include "basic/path.h"
#include "basic/text.h"
#include "source/places.h"
#include "source/unit-name.h"

bool stop_note_applies(const Container *container) {
        return container->image && !container->set.entry[KEY_Container_StopSignal] &&
               container_sends_stop_signal(container);
}

static char *note_path(const Container *container) {
        _cleanup_free_ char *id = container_id_for(container->stem);

        return id ? path_join(place_path(PLACE_STOP_NOTES), id) : NULL;
}

static int read_signal(const Container *container, const char *path, int *ret) {
        char target[PATH_MAX], *space;
        ssize_t n = readlink(path, target, sizeof(target) - 1);

        if (n < 0)
                return 0;
        target[n] = '\0';
        space = strchr(target, ' ');
        if (!space || !streq(space + 1, container->image))
                return 0;
        *space = '\0';
        return text_to_signal(target, ret) >= 0;
}

int stop_note_read(const Container *container, int *ret) {
        _cleanup_free_ char *path = note_path(container);

        return path ? read_signal(container, path, ret) : -ENOMEM;
}

int stop_note_write(const Container *container, int signal) {
        _cleanup_free_ char *path = note_path(container), *name = signal_name(signal), *target = NULL;
        int noted, r;

        if (!path || !name)
                return -ENOMEM;
        r = read_signal(container, path, &noted);
        if (r > 0 && noted == signal)
                return 0;
        target = text_format("%s %s", name, container->image);
        if (!target)
                return -ENOMEM;
        r = make_directories_at(AT_FDCWD, place_path(PLACE_STOP_NOTES), 0755);
        if (r >= 0)
                r = sweep_temporary_files(place_path(PLACE_STOP_NOTES));
        return r < 0 ? r : symlink_atomic_at(target, AT_FDCWD, path);
}
