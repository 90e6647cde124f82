/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the OCI configuration needs to know about this machine and this container's root file
 * system. Gathered by start/gather/gather.c at a start, or read from a JSON file for `berth spec
 * --facts=FILE`: the same facts and the same file give the same bytes. */
#pragma once

#include <sys/types.h>

#include "basic/string-list.h"
#include "config/id-map.h"
#include "kind/container/container.h"

typedef struct json_object json_object;

/* The AppArmor profile of containers that name none; shipped as a file in units/apparmor. */
#define APPARMOR_DEFAULT_PROFILE "berth-default"

/* A device node as it is on the host. */
typedef struct FactDevice {
        char *path;        /* where it shall be in the container */
        char type;         /* 'c' or 'b' */
        unsigned major, minor;
        mode_t mode;       /* permission bits */
        uint32_t uid, gid;
        char access[4];    /* of "rwm" */
        char *source;      /* the host's path, where that is another one; or NULL */
} FactDevice;

typedef struct FactDeviceList {
        FactDevice *items;
        size_t count, allocated;
} FactDeviceList;

/* Where a mount destination of the file really is inside the root file system, free of symlinks.
 * Only those that differ are listed. */
typedef struct FactPath {
        char *written;
        char *resolved;
} FactPath;

typedef struct FactPathList {
        FactPath *items;
        size_t count, allocated;
} FactPathList;

typedef enum OciNamespace {
        OCI_NAMESPACE_PID,
        OCI_NAMESPACE_NETWORK,
        OCI_NAMESPACE_IPC,
        OCI_NAMESPACE_UTS,
        OCI_NAMESPACE_MOUNT,
        OCI_NAMESPACE_CGROUP,
        OCI_NAMESPACE_USER,
        _OCI_NAMESPACE_COUNT,
} OciNamespace;
/* SELinux contexts for containers, as the machine's policy has them; all NULL where SELinux is off,
 * or its policy knows no containers. */
typedef struct FactLabels {
        char *process;            /* of processes, "system_u:system_r:container_t:s0" */
        char *init_process;       /* of those of a systemd; NULL: as `process` */
        char *kvm_process;        /* of virtual machines; NULL: as `process` */
        char *privileged_process; /* of those that are not kept apart; NULL: the runtime's own */
        char *file;               /* of files, "system_u:object_r:container_file_t:s0" */
        char *level;              /* with the pair of categories that this container alone has, "s0:c1,c2" */
} FactLabels;

typedef struct Facts {
        char *rootfs;       /* root.path */
        char *cgroup;       /* the unit's control group below the cgroup root, "/system.slice/…"; NULL: none known */
        bool cgroup_unified; /* /sys/fs/cgroup is cgroup v2 */
        StringList limit_files; /* what the unit's control group has of files with limits: "memory.max" */
        char *host_name;    /* the machine's */
        char *created;      /* RFC 3339 with nanoseconds, UTC */
        char *container_uuid; /* 32 hexadecimal digits; NULL when there is none */

        /* User=, Group= and GroupAdd= looked up inside the root file system */
        uint32_t uid, gid;
        uint32_t *groups;   /* supplementary, with `gid` where the file or image names a user */
        size_t group_count;
        char *home;

        char *architecture;     /* native, by the name that seccomp profiles have for it: "amd64" */
        char *kernel;           /* its version, "6.1.0-18-amd64" */
        bool seccomp;           /* the kernel has system call filters */
        char *seccomp_profile;  /* the text of SeccompProfile=; NULL: none is needed */
        FactLabels selinux;
        bool apparmor;          /* AppArmor is on, and the profile that the container is to have is loaded */

        /* of the service: the manager's and [Service]'s; empty when the container takes none of
         * it */
        StringList host_environment;
        StringList file_environment; /* all EnvironmentFile= in order, assignments */
        uint64_t capabilities; /* bit mask: what this process's bounding set has */
        uint64_t nofile_hard, nproc_hard; /* hard limits; UINT64_MAX: unlimited */
        bool device_filter; /* the runtime can load the BPF program that restricts devices */
        /* AddDevice=, directories opened out, optional missing ones left out; for Privileged= all
         * of the host's */
        FactDeviceList devices;
        FactPathList hooks;     /* files of OCI hooks, and their text, in order */
        FactPathList globs;     /* what each glob mount matches: a line per file */
        FactPathList resolved;  /* of Tmpfs=, Volume= and our own tmpfs destinations */
        /* where the content of each volume is: `written` is "data", "data.volume", or the
         * destination of one that is mounted from elsewhere */
        FactPathList volumes;
        /* What the mount that the source of a volume is on keeps from those who use it: for the
         * destination `written`, "nosuid,nodev,noexec" or some of these */
        FactPathList volume_flags;
        FactPathList mapped;    /* Volume= with "idmap": where the mapped source of the destination `written` is */
        FactPathList overlays;  /* Volume= with "O": where the overlay for the destination `written` is */
        /* Mount=type=image: where the image, or the part of it, for the destination `written` is */
        FactPathList image_mounts;
        char *init_program;     /* RunInit=: a catatonit on the host */
        char *namespaces[_OCI_NAMESPACE_COUNT]; /* where the runtime finds those that are joined */
        char *joined_shm;       /* the /dev/shm of the container whose IPC namespace is joined */
        char *joined_host_name; /* the host name of the container whose UTS namespace is joined */
        StringList own_addresses; /* of the container on its networks, the first network's first */
        char *host_gateway;       /* what host-gateway stands for; NULL: the container's own loopback address */
        StringList name_servers;  /* that the container's networks have, to be asked first */
        IdMap uid_map, gid_map; /* of the container's user namespace, its own or a joined one */
        StringList secret_files; /* "SOURCE:DESTINATION" of secrets that are files */
        StringList secret_environment; /* assignments of those that are not; a mask for a look */
        /* "SOURCE:DESTINATION" of generated files in the bundle, bound where no user mount is */
        StringList bind_files;
} Facts;

/* Fills `facts` from a JSON object with the same names ("groups": [1, 2], "capabilities":
 * ["CAP_CHOWN"], "devices": [{"path": …, "mode": "0660"}], "resolved": {"/var/run": "/run"}).
 * Missing members stay as they are, unknown ones are an error; "specifiers" is checked, and left
 * for facts_specifier(), "image" for image_config_read(). Returns 0, -EREPORTED with a diagnostic
 * that names the member, or -ENOMEM; on failure some members may be set. */
int facts_from_json(json_object *json, const char *file, Facts *facts, Diagnostics *diagnostics);

/* Appends copies. Returns 0 or -ENOMEM. */
int fact_path_add(FactPathList *list, const char *written, const char *resolved);

/* Adds to `facts->resolved`. Returns 0 or -ENOMEM. */
int facts_add_resolved(Facts *facts, const char *written, const char *resolved);

/* Fills `facts->image_mounts`: each is below the bundle. Returns 0 or -ENOMEM. */
int facts_add_image_mounts(Facts *facts, const Container *container, const char *bundle_path);

/* Where a Mount=type=image is; NULL when no fact tells. Borrowed. */
const char *facts_find_image_mount(const Facts *facts, const Mount *mount);

/* Where the overlay over the source of a volume is; NULL when it has none. Borrowed. */
const char *facts_find_overlay(const Facts *facts, const VolumeMount *volume);

/* Adds the volumes for what the container's glob mounts match to it. One that matches nothing is an
 * error in `diagnostics`. Returns 0, -EREPORTED with a diagnostic, or -ENOMEM. */
int facts_expand_globs(const Facts *facts, Container *container, Diagnostics *diagnostics);

/* Adds to `facts->volume_flags` what of it is among `flags` of statvfs(3). Returns 0 or -ENOMEM. */
int facts_add_volume_flags(Facts *facts, const char *destination, unsigned long flags);

/* Whether `option` ("nosuid") is among those of the volume's source. */
bool facts_volume_has_flag(const Facts *facts, const VolumeMount *volume, const char *option);

/* Adds to `facts->mapped`. Returns 0 or -ENOMEM. */
int facts_add_mapped(Facts *facts, const char *destination, const char *source);

/* Where the mapped source of a volume is; NULL when it is not mapped. Borrowed. */
const char *facts_find_mapped(const Facts *facts, const VolumeMount *volume);

/* What a user or group ID of the container is on the machine. Returns 0, or -ENOENT when the
 * container's user namespace does not have it. */
int facts_uid_outside(const Facts *facts, uint32_t uid, uint32_t *ret);
int facts_gid_outside(const Facts *facts, uint32_t gid, uint32_t *ret);

/* The resolved form of a mount destination; `path` itself when it is not listed. Borrowed. */
const char *facts_resolve(const Facts *facts, const char *path);

/* The name of a namespace in the OCI configuration, "pid". Static. */
const char *namespace_type(OciNamespace type);

/* The same for `facts->volumes`. */
int facts_add_volume(Facts *facts, const char *written, const char *path);

/* What a volume is listed by there: as it is written, or the destination of an anonymous one. One
 * whose destination is listed is mounted from there. Borrowed. */
const char *facts_volume_key(const VolumeMount *volume);

/* The host's path that a Volume= mounts; NULL when no fact tells. Borrowed. */
const char *facts_volume_source(const Facts *facts, const VolumeMount *volume);

void fact_labels_done(FactLabels *labels);
void facts_done(Facts *facts);
#define _cleanup_facts_ _cleanup_(facts_done)
