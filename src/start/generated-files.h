/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Files that a container gets without its image having them: /etc/hosts, /etc/resolv.conf,
 * /etc/hostname, /run/.containerenv, a /etc/passwd and /etc/group that know its user, and
 * /etc/localtime. They lie in the bundle, and are bound into place. */
#pragma once

#include "oci/facts.h"

typedef struct GeneratedFile {
        const char *name; /* in the bundle; static */
        char *append_to;  /* or the path of another container's file, which gets this at its end */
        char *data;
        size_t size;
} GeneratedFile;

typedef struct GeneratedFiles {
        GeneratedFile *items;
        size_t count, allocated;
} GeneratedFiles;

/* Makes the text of those that this container has, and notes down in `facts->bind_files` where each
 * goes; reads only. `facts` must be complete but for that. Default ones for which the root file
 * system has no place are left out; one that a key asks for is an error there. Returns 0,
 * -EREPORTED with a diagnostic, or another -errno. */
int generated_files_make(const Container *container, int root_fd, const char *bundle_path, Facts *facts,
                         GeneratedFiles *ret, Diagnostics *diagnostics);

/* Makes the text of those that the containers of a pod share, from the pod as a container: hosts,
 * resolv.conf and hostname. As above. */
int generated_files_make_of_pod(const Container *container, const Facts *facts, GeneratedFiles *ret,
                                Diagnostics *diagnostics);

/* Writes them into the bundle, as the container's root's, for all to read whatever the umask is,
 * and with the SELinux label `label` unless it is NULL. Returns 0 or -errno. */
int generated_files_write(const GeneratedFiles *files, const Facts *facts, int bundle_fd, const char *label);

void generated_files_done(GeneratedFiles *files);
#define _cleanup_generated_files_ _cleanup_(generated_files_done)
