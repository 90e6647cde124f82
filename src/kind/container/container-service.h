/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A part of container_check(): the sections that are handed on to systemd. */
#pragma once

#include "kind/container/container.h"

void container_check_service(const Container *container, Diagnostics *diagnostics);
