/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What of a payload's notification (sd_notify(3)) is passed on to systemd. It would be taken for
 * root's word there. */
#pragma once

#include "basic/text.h"

enum { NOTIFICATION_MAX = 4096 /* bytes; systemd takes no more */ };

typedef struct Notification {
        bool barrier;  /* it is a barrier, and nothing else: its one descriptor goes along */
        bool with_fds; /* its descriptors go into the unit's store */
        Text text;     /* the lines that are left; nothing is to be sent when there are none */
} Notification;

/* Reads a message with `fd_count` descriptors, and keeps those of its lines that say something of
 * the payload itself, in a form that systemd knows. Dropped are MAINPID=, with which it could have
 * any process of the machine killed, NOTIFYACCESS=, names of descriptors that are berth's own,
 * everything unknown, and what is no text. Never fails but for want of memory, which is in
 * `ret->text.failed`; `ret` is zero-initialised by the caller and freed by it. */
void notification_filter(const char *message, size_t size, size_t fd_count, Notification *ret);

void notification_done(Notification *notification);
#define _cleanup_notification_ _cleanup_(notification_done)
