/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A further process in a container: what is asked for, put over what config.json says of the first
 * one. */
#pragma once

#include "basic/json.h"
#include "host/users.h"

typedef struct ExecRequest {
        char *const *command;    /* up to a NULL; empty: the user's shell */
        const char *user;        /* "USER[:GROUP]"; NULL: as the first process */
        const char *working_dir; /* NULL: as the first process */
        StringList environment;  /* assignments */
        bool terminal, privileged;
} ExecRequest;

/* The user and group as the container's own files name them. `root_fd` is its root. Returns as
 * users_lookup(). */
int exec_find_user(const ExecRequest *request, json_object *process, int root_fd, ContainerUser *ret,
                   const char **ret_missing);

/* Changes `process`, the member of config.json. Capabilities of another user are what is left to a
 * root in the container, or none; no variable stays by which systemd has told the first process
 * what is its own alone. Returns 0, -EBADMSG when the configuration is not as it must be, or
 * -ENOMEM. */
int exec_process_apply(const ExecRequest *request, const ContainerUser *user, int root_fd, json_object *process);

