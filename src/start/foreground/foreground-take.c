/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a unit's command has of a berth run that waits. */
#include "start/foreground/foreground-take.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "start/foreground/foreground-socket.h"

static int give_pipes(const ForegroundStreams *streams, uid_t uid, gid_t gid) {
        struct stat st;

        for (size_t i = 0; i < _FOREGROUND_STREAM_COUNT; i++) {
                if (fstat(streams->fds[i], &st) < 0)
                        return -errno;
                /* In a user's namespace it may be nobody's whom there is a number for. */
                if (S_ISFIFO(st.st_mode) && st.st_uid != uid && fchown(streams->fds[i], uid, gid) < 0 &&
                    errno != EINVAL && errno != EPERM)
                        return -errno;
        }
        return 0;
}

int foreground_take(const Bundle *bundle, uid_t uid, gid_t gid, ForegroundStreams *ret) {
        _cleanup_foreground_streams_ ForegroundStreams streams = FOREGROUND_STREAMS_INIT;
        int r;

        r = foreground_connect(bundle->stem);
        if (r == -ENOENT || r == -ECONNREFUSED || r == -EAGAIN)
                return 0;
        if (r < 0)
                return r;
        streams.connection_fd = r;
        r = foreground_receive(streams.connection_fd, &streams.offer, sizeof(streams.offer), streams.fds,
                               _FOREGROUND_STREAM_COUNT);
        if (r == -EAGAIN || r == -EPIPE || r == -ECONNRESET)
                return 0;
        if (r < 0)
                return r;
        if (r != _FOREGROUND_STREAM_COUNT || memchr(streams.offer.console, 0, sizeof(streams.offer.console)) == NULL)
                return -EBADMSG;
        r = give_pipes(&streams, uid, gid);
        if (r < 0)
                return r;
        *ret = streams;
        streams = (ForegroundStreams) FOREGROUND_STREAMS_INIT;
        return 1;
}

void foreground_tell(const ForegroundStreams *streams, int pidfd) {
        if (streams->connection_fd >= 0)
                (void) foreground_send(streams->connection_fd, "", 1, &pidfd, pidfd >= 0);
}

void foreground_streams_done(ForegroundStreams *streams) {
        streams->connection_fd = fd_close(streams->connection_fd);
        for (size_t i = 0; i < _FOREGROUND_STREAM_COUNT; i++)
                streams->fds[i] = fd_close(streams->fds[i]);
}
