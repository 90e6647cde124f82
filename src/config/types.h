/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The types that values of keys have once they are parsed. All are owned by the section's struct
 * that holds them; every list type is zero-initialised, and freed by the done_…() of values.h for
 * its type. Where something may be wrong only on a given machine (a missing source, an unknown
 * user), the item keeps the place it was written at. */
#pragma once

#include <sys/types.h>

#include "basic/diagnostics.h"
#include "basic/string-list.h"

#define SIZE_UNSET UINT64_MAX
#define USEC_INFINITY UINT64_MAX

/* "PATH[:O|:idmap[=…]]" */
typedef struct RootFs {
        char *path;
        bool overlay;
        bool idmap;
        char *idmap_mapping; /* behind "idmap=", or NULL */
} RootFs;

typedef enum MountPropagation {
        PROPAGATION_UNSET,
        PROPAGATION_PRIVATE,
        PROPAGATION_RPRIVATE,
        PROPAGATION_SHARED,
        PROPAGATION_RSHARED,
        PROPAGATION_SLAVE,
        PROPAGATION_RSLAVE,
        PROPAGATION_UNBINDABLE,
        PROPAGATION_RUNBINDABLE,
} MountPropagation;

typedef enum TriState { UNSET = 0, YES = 1, NO = -1 } TriState;

typedef enum VolumeSource {
        VOLUME_HOST_PATH, /* "/srv/data:/data" */
        VOLUME_NAMED,     /* "data:/data" */
        VOLUME_FILE,      /* "data.volume:/data" */
        VOLUME_ANONYMOUS, /* "/data" */
} VolumeSource;

/* Volume=[SRC:]DST[:OPTIONS] */
typedef struct VolumeMount {
        VolumeSource kind;
        char *source;      /* normalized path, volume name, or file name; NULL when anonymous */
        char *destination; /* normalized absolute path */
        TriState read_only, exec, dev, suid;
        TriState recursive;                  /* rbind (the default) or bind */
        bool relabel_shared, relabel_private; /* z, Z */
        bool chown;                          /* U */
        bool overlay;                        /* O */
        bool no_copy;
        bool copy;
        bool no_create;                      /* nocreate: a named volume must exist */
        bool idmap;
        char *idmap_mapping;
        char *upper_directory, *work_directory; /* O,upperdir=…,workdir=… */
        char *subpath;                       /* of Mount=: what of a volume is mounted */
        MountPropagation propagation;
        Location where;
} VolumeMount;

typedef struct VolumeMountList {
        VolumeMount *items;
        size_t count, allocated;
} VolumeMountList;

/* Tmpfs=DST[:OPTIONS]: options are checked, and kept as mount(8) spells them */
typedef struct TmpfsMount {
        char *destination;
        StringList options; /* "size=64m", "mode=1777", "ro", "noexec", "tmpcopyup" … in order */
        Location where;
} TmpfsMount;

typedef struct TmpfsMountList {
        TmpfsMount *items;
        size_t count, allocated;
} TmpfsMountList;

/* Mount=type=TYPE,OPTION[=VALUE],…: comma-separated with CSV quoting. In a Container that was
 * loaded, those of type bind and volume are in its volumes and those of type tmpfs in its tmpfs,
 * unless they say more than such can. */
typedef struct Mount {
        char *type;        /* "bind", "volume", "tmpfs", "image", "devpts", "glob", "ramfs", "artifact" */
        char *source;      /* or NULL */
        char *destination; /* normalized; NULL only where the type has none */
        /* the rest in order, in the words of Volume= and Tmpfs=: "ro" for "readonly=true",
         * "size=1024" for "tmpfs-size=1k" */
        StringList options;
        Location where;
} Mount;

typedef struct MountList {
        Mount *items;
        size_t count, allocated;
} MountList;

/* AddDevice=[-]SRC[:DST][:rwm] */
typedef struct Device {
        bool optional;
        char *source;      /* normalized path on the host, or a CDI name "vendor/class=name" */
        char *destination; /* normalized path in the container */
        bool is_cdi;
        char access[4]; /* of "rwm" */
        Location where;
} Device;

typedef struct DeviceList {
        Device *items;
        size_t count, allocated;
} DeviceList;

/* Ulimit=NAME=SOFT[:HARD] or "host" */
typedef struct Ulimit {
        char *name;    /* "RLIMIT_NOFILE" */
        uint64_t soft; /* UINT64_MAX: unlimited */
        uint64_t hard;
} Ulimit;

typedef struct UlimitList {
        Ulimit *items;
        size_t count, allocated;
        bool host; /* keep the limits that systemd gave */
} UlimitList;

/* EnvironmentFile=[-]PATH */
typedef struct EnvironmentFile {
        bool optional;
        char *path;
        Location where;
} EnvironmentFile;

typedef struct EnvironmentFileList {
        EnvironmentFile *items;
        size_t count, allocated;
} EnvironmentFileList;

typedef enum NamespaceKind {
        NAMESPACE_PRIVATE,
        NAMESPACE_HOST,
        NAMESPACE_PATH,      /* ns:PATH */
        NAMESPACE_CONTAINER, /* container:NAME or NAME.container: `value` is the stem NAME */
        NAMESPACE_POD,       /* that of a container's pod, which no key says: `value` is its stem */
} NamespaceKind;

/* PidNS=, IpcNS= … */
typedef struct Namespace {
        NamespaceKind kind;
        char *value; /* path or stem, or NULL */
        bool without_shm; /* IpcNS=none: private, and no /dev/shm */
        Location where;
} Namespace;

typedef enum UserNamespaceKind {
        USERNS_HOST, /* the default */
        USERNS_AUTO,
        USERNS_KEEP_ID,
        USERNS_NOMAP,
        USERNS_PATH,
        USERNS_CONTAINER,
        USERNS_POD, /* as NAMESPACE_POD */
} UserNamespaceKind;

/* UserNS=KIND[:OPTION=VALUE,…] */
typedef struct UserNamespace {
        UserNamespaceKind kind;
        char *value;        /* path or stem */
        StringList options; /* "size=65536", "uidmapping=…", "uid=…" */
        Location where;
} UserNamespace;

typedef enum NetworkKind {
        NETWORK_HOST,
        NETWORK_NONE,
        NETWORK_PRIVATE,
        NETWORK_BRIDGE,
        NETWORK_PASTA,
        NETWORK_SLIRP4NETNS,
        NETWORK_PATH,
        NETWORK_CONTAINER,
        NETWORK_POD,  /* as NAMESPACE_POD */
        NETWORK_FILE, /* NAME.network */
        NETWORK_NAMED,
} NetworkKind;

/* Network=MODE[:OPTION,…] */
typedef struct NetworkAttachment {
        NetworkKind kind;
        char *value;        /* path, stem, file name or network name */
        StringList options; /* "ip=…", "mac=…" */
        Location where;
} NetworkAttachment;

typedef struct NetworkAttachmentList {
        NetworkAttachment *items;
        size_t count, allocated;
} NetworkAttachmentList;

/* Secret=NAME[,OPTION=VALUE…] */
typedef struct Secret {
        char *name;
        bool environment; /* type=env */
        char *target;     /* normalized absolute path or variable */
        int64_t uid, gid; /* -1 unset */
        int64_t mode;     /* -1 unset */
        Location where;
} Secret;

typedef struct SecretList {
        Secret *items;
        size_t count, allocated;
} SecretList;

typedef enum PullPolicy { PULL_MISSING, PULL_ALWAYS, PULL_NEVER, PULL_NEWER } PullPolicy;
typedef enum SystemdMode { SYSTEMD_AUTO, SYSTEMD_ALWAYS, SYSTEMD_NO } SystemdMode;
typedef enum NotifyMode { NOTIFY_NO, NOTIFY_YES, NOTIFY_HEALTHY } NotifyMode;
typedef enum ImageVolumes { IMAGE_VOLUMES_ANONYMOUS, IMAGE_VOLUMES_TMPFS, IMAGE_VOLUMES_IGNORE } ImageVolumes;
typedef enum CgroupsMode { CGROUPS_SPLIT, CGROUPS_ENABLED, CGROUPS_DISABLED, CGROUPS_NO_CONMON } CgroupsMode;
typedef enum HealthAction {
        HEALTH_ACTION_NONE,
        HEALTH_ACTION_KILL,
        HEALTH_ACTION_RESTART,
        HEALTH_ACTION_STOP
} HealthAction;
typedef enum AutoUpdate { AUTO_UPDATE_NO, AUTO_UPDATE_REGISTRY, AUTO_UPDATE_LOCAL } AutoUpdate;
typedef enum ExitPolicy { EXIT_POLICY_STOP, EXIT_POLICY_CONTINUE } ExitPolicy;
