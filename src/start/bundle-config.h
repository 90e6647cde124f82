/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The config.json of a bundle, after it was written: an administrator's command may have changed
 * it. */
#pragma once

#include "basic/json.h"
#include "host/bundle.h"

/* Reads it. Returns 0, -EBADMSG when it is no JSON object, or another -errno. Caller puts `ret`. */
int bundle_config_read(const Bundle *bundle, json_object **ret);

/* Replaces it. Returns 0 or -errno. */
int bundle_config_write(const Bundle *bundle, json_object *config);

/* Whether there are hooks of the stage poststart. Returns 1, 0, or as bundle_config_read(). */
int bundle_config_has_poststart(const Bundle *bundle);

/* Whether it has something that may act on the network while the container is created: a hook, or a
 * kernel parameter of networks. It may also be only a word of the same look. Returns 1, 0, or
 * -errno. */
int bundle_config_may_mind_network(const Bundle *bundle);

/* Whether the root file system is somewhere below the directory. Returns 1, 0, or as
 * bundle_config_read(). */
int bundle_config_has_root_below(const Bundle *bundle, const char *directory);

/* Tells the payload of the sockets that it is passed, as sd_listen_fds(3) wants it: the first
 * `count` of the names. Returns 0 or -errno. */
int bundle_config_add_sockets(const Bundle *bundle, const StringList *names, size_t count);

/* Gives the payload a variable, in place of one of that name. Returns 0 or -errno. */
int bundle_config_set_variable(const Bundle *bundle, const char *name, const char *value);

/* Gives the payload a terminal. Returns 0 or -errno. */
int bundle_config_set_terminal(const Bundle *bundle);

/* Reads the process that it describes, and the container's own control group, NULL when it has
 * none. Returns 0 or -errno. Caller puts and frees. */
int bundle_config_get_process(const Bundle *bundle, json_object **ret, char **ret_control_group);

/* Writes down, as `file` in the bundle, the process that it describes, with another command: by
 * themselves not all runtimes give that one the first one's user and directory. Returns 0, with the
 * container's own control group unless NULL is passed, or -errno. Caller frees
 * `ret_control_group`. */
int bundle_config_write_process(const Bundle *bundle, const StringList *command, const char *file,
                                char **ret_control_group);
