/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A .container file as a value: everything its keys say, checked as a whole. Nothing here opens a
 * file. */
#pragma once

#include "config/section.h"
#include "source/sources.h"

typedef struct Container {
        /* Root file system */
        char *image;
        RootFs rootfs;
        PullPolicy pull;
        uint64_t retry, retry_delay_usec;
        bool read_only;
        TriState read_only_tmpfs;
        bool volatile_tmp;
        AutoUpdate auto_update;

        /* Process */
        StringList exec, entrypoint;
        bool run_init;
        char *user, *group;
        StringList group_add;
        char *working_dir;
        StringList environment;
        EnvironmentFileList environment_files;
        bool environment_host;
        StringList unset_environment;
        bool unset_environment_all;
        TriState http_proxy;
        char *timezone, *host_name;
        int stop_signal;
        uint64_t stop_timeout_usec;
        StringList reload_command;
        int reload_signal;
        UlimitList ulimits;
        StringList sysctls;
        int64_t pids_limit;
        uint64_t memory_bytes, shm_size_bytes;
        SystemdMode systemd;
        bool privileged;
        int oom_score_adjust;
        mode_t umask;

        /* Mounts */
        VolumeMountList volumes;
        MountList mounts;
        TmpfsMountList tmpfs;
        DeviceList devices;
        StringList mask, unmask;
        SecretList secrets;
        TriState default_mounts;

        /* Security */
        StringList add_capability, drop_capability;
        bool no_new_privileges;
        char *seccomp_profile, *apparmor;
        bool security_label_disable, security_label_nested;
        char *security_label_type, *security_label_level, *security_label_file_type;

        /* Namespaces */
        UserNamespace user_ns;
        StringList uid_map, gid_map;
        char *sub_uid_map, *sub_gid_map;
        char *remap_users;
        StringList remap_uid, remap_gid;
        uint64_t remap_uid_size;
        Namespace pid_ns, ipc_ns, uts_ns, cgroup_ns, mount_ns;

        /* Network */
        NetworkAttachmentList networks;
        StringList publish_ports, expose_host_ports;
        char *ip, *ip6;
        StringList network_aliases, add_hosts;
        StringList dns, dns_options, dns_search;
        bool image_hosts, image_resolv_conf;

        /* Service behaviour */
        NotifyMode notify;
        StringList health_command;
        uint64_t health_interval_usec, health_timeout_usec, health_retries, health_start_period_usec;
        HealthAction health_on_failure;
        StringList health_startup_command;
        uint64_t health_startup_interval_usec, health_startup_retries, health_startup_success,
                        health_startup_timeout_usec;
        char *health_log_destination;
        uint64_t health_max_log_count, health_max_log_size;
        CgroupsMode cgroups_mode;
        ImageVolumes image_volume;
        StringList device_rules;
        char *container_name;
        char *pod;
        TriState start_with_pod;
        StringList labels, annotations;
        char *log_driver;
        StringList log_options;
        StringList hooks_directories;
        char *runtime;
        bool checkpoint_on_stop;

        /* Not keys: what the image brings along; see oci/image-config.h */
        StringList image_environment; /* assignments, under the file's own */
        StringList image_ports;       /* that the image exposes, sorted: "80/tcp" */
        StringList image_volumes;     /* paths in the container */
        struct {
                bool is_used; /* `health_command` is the image's */
                uint64_t interval_usec, timeout_usec, start_period_usec, retries; /* 0: it does not say */
        } image_health;

        /* Not a key: the pod of Pod= that it has joined, see kind/pod-container.h, or NULL */
        struct Pod *joined_pod;

        bool of_user; /* the file is for a user's service manager */

        SECTION;
} Container;

/* What is wrong with the file as a whole: a missing root file system, keys that exclude one
 * another, keys without effect, keys of [Service] that berth owns. */
void container_check(const Container *container, Diagnostics *diagnostics);

/* What is accepted in a file but cannot be honoured yet: errors "… is not supported yet", by file
 * and line. */
void container_check_supported(const Container *container, Diagnostics *diagnostics);

/* The parts of both that are about networks and user namespaces: a pod has them as well. */
void container_check_name_servers(const Container *container, Diagnostics *diagnostics);
void container_check_network_keys(const Container *container, Diagnostics *diagnostics);
void container_check_supported_namespaces(const Container *container, Diagnostics *diagnostics);

/* Whether the network is one that berth makes: a bridge or the like. */
bool network_is_ours(const NetworkAttachment *network);

/* The stem of the file of such a network: "default", "lan". Returns 0 or -ENOMEM. Caller frees. */
int container_network_stem(const NetworkAttachment *network, char **ret);

/* The command line: Entrypoint= and Exec= put together. Borrowed strings in a new list,
 * NULL-terminated; free the list alone. Returns 0 or -ENOMEM. */
int container_command(const Container *container, const char ***ret);

/* Whether the container's first process is a systemd (Systemd=always, or the default with a command
 * that is one: "init", "/sbin/init", "/usr/sbin/init", "/usr/local/sbin/init", "systemd",
 * "…/lib/systemd/systemd"). */
bool container_runs_systemd(const Container *container);

/* Whether [Service] says that Type=. */
bool container_has_type(const Container *container, const char *type);

/* Whether [Service] says Type=oneshot: the unit is up when the payload has ended. */
bool container_is_oneshot(const Container *container);

/* Whether systemd's stop is by a signal that the file leaves to us: neither KillSignal= in
 * [Service] nor StopTimeout=0, which is SIGKILL, is set. */
bool container_sends_stop_signal(const Container *container);

/* Returns after how many microseconds a stop's command kills the container, or 0 when systemd does:
 * its TimeoutStopSec= is also how long it waits for what cleans up to begin, and on a busy machine
 * a few seconds may be too short for that. */
uint64_t container_stop_limit(const Container *container);

/* Whether GroupAdd= is keep-groups: the process has the supplementary groups of the service. */
bool container_keeps_groups(const Container *container);

/* Whether the runtime is crun, some of whose abilities are its own. */
bool container_has_crun(const Container *container);

/* The size of its /dev/shm: ShmSize=, else 64 MiB. */
uint64_t container_shm_size_bytes(const Container *container);

/* The signal to stop it with: StopSignal=, else SIGRTMIN+3 for systemd, else SIGTERM. */
int container_stop_signal(const Container *container);

/* The place a key was set at; {} when it was not. */
Location container_where(const Container *container, KeyId key);

/* For section_load(). */
extern const SectionType container_section;

void container_free(Container *container);
static inline void container_freep(Container **container) { container_free(*container); }
#define _cleanup_container_ _cleanup_(container_freep)
