/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The value parsers that keys.def names as types, and the C type that each of them fills. Every one
 * is `int parse_NAME(context, key, entry, field)`, a ValueParser of keys.h, with a `done_NAME`
 * beside it. */
#pragma once

#include "basic/ip-address.h"
#include "config/keys.h"
#include "config/types.h"

/* clang-format off */
/*                 NAME                C type of the field      freed by */
#define VALUE_TYPES(T)                                                                                                 \
        T(bool,              bool,                  scalar)                                                            \
        T(tristate,          TriState,              scalar)                                                            \
        T(string,            char *,                string)  /* the whole value, specifiers expanded */                \
        T(path,              char *,                string)  /* absolute on the host, normalized */                    \
        T(paths,             StringList,            list)    /* white-space separated */                               \
        T(container_path,    char *,                string)  /* absolute inside the container, normalized */           \
        T(path_patterns,     StringList,            list)    /* colon-separated absolute paths or globs, or "ALL" */   \
        T(words,             StringList,            list)                                                              \
        T(names,             StringList,            list)    /* of variables */                                        \
        T(command,           StringList,            list)    /* words; a later assignment replaces */                  \
        T(entrypoint,        StringList,            list)    /* one program, or a JSON array of strings */             \
        T(health_command,    StringList,            list)    /* "NONE", "CMD" and words, or "CMD-SHELL" and a text */ \
        T(assignments,       StringList,            list)    /* words NAME=VALUE; a later one of a name replaces */    \
        T(sysctls,           StringList,            list)    /* assignments with "/" turned into "." where due */      \
        T(unsigned,          uint64_t,              scalar)                                                            \
        T(limit,             int64_t,               scalar)  /* positive; 0, -1 and "unlimited" give -1 */             \
        T(oom_score,         int,                   scalar)                                                            \
        T(mode,              mode_t,                scalar)  /* octal, at most 07777 */                                \
        T(size,              uint64_t,              scalar)  /* bytes; suffixes b k m g t, with or without "ib"/"b" */ \
        T(usec,              uint64_t,              scalar)  /* "90", "1m30s", "1min 30s"; microseconds */             \
        T(usec_or_disable,   uint64_t,              scalar)  /* the same, or "disable": USEC_INFINITY */               \
        T(seconds,           uint64_t,              scalar)  /* whole seconds or a time span; microseconds */          \
        T(signal,            int,                   scalar)  /* "SIGTERM", "term", "SIGRTMIN+3", "15" */               \
        T(host_name,         char *,                string)                                                            \
        T(time_zone,         char *,                string)  /* "local", or a relative path without ".." */            \
        T(name,              char *,                string)  /* [A-Za-z0-9][A-Za-z0-9_.-]* */                          \
        T(service_name,      char *,                string)  /* a unit name's prefix; ".service" is cut off */         \
        T(seccomp_profile,   char *,                string)  /* an absolute path or "unconfined" */                    \
        T(selinux_type,      char *,                string)                                                            \
        T(selinux_level,     char *,                string)  /* "s0:c1,c2", or a range */                              \
        T(runtime,           char *,                string)  /* "crun", "runc" or an absolute path */                  \
        T(log_driver,        char *,                string)                                                            \
        T(log_options,       StringList,            list)    /* "tag=NAME"; what has no effect is left out */      \
        T(rootfs,            RootFs,                rootfs)                                                            \
        T(volumes,           VolumeMountList,       volumes)                                                           \
        T(mounts,            MountList,             mounts)                                                            \
        T(tmpfs,             TmpfsMountList,        tmpfs)                                                             \
        T(devices,           DeviceList,            devices)                                                           \
        T(device_rules,      StringList,            list)    /* "TYPE MAJOR:MINOR ACCESS", checked */                 \
        T(ulimits,           UlimitList,            ulimits)                                                           \
        T(environment_files, EnvironmentFileList,   environment_files)                                                 \
        T(capabilities,      StringList,            list)    /* "CAP_NET_ADMIN", in capital letters, or "all" */       \
        T(secrets,           SecretList,            secrets)                                                           \
        T(namespace,         Namespace,             namespace)                                                         \
        T(user_namespace,    UserNamespace,         user_namespace)                                                    \
        T(id_maps,           StringList,            list)    /* "[+][ug]CONTAINER:HOST[:SIZE]", checked */             \
        T(networks,          NetworkAttachmentList, networks)                                                          \
        T(ports,             StringList,            list)    /* checked */                                             \
        T(ports_exposed,     StringList,            list)    /* checked */                                             \
        T(ip4_address,       char *,                string)                                                            \
        T(ip6_address,       char *,                string)                                                            \
        T(dns_servers,       StringList,            list)    /* addresses of either family, or "none" */               \
        T(dns_options,       StringList,            list)    /* words without what would end them in resolv.conf(5) */ \
        T(dns_domains,       StringList,            list)    /* domain names, or "." */                                \
        T(hosts,             StringList,            list)    /* "name[;name…]:address" or ":host-gateway" */           \
        T(subnets,           StringList,            list)    /* "10.89.1.0/24" */                                      \
        T(addresses,         StringList,            list)    /* of either family */                                    \
        T(ip_ranges,         StringList,            list)    /* what ip_range_parse() takes */                         \
        T(network_options,   StringList,            list)    /* "mtu=1400": known, by their short names */             \
        T(network_driver,    char *,                string)                                                            \
        T(ipam_driver,       char *,                string)                                                            \
        T(interface,         char *,                string)                                                            \
        T(image,             char *,                string)  /* canonical, or the name of a .image or .build file */   \
        T(pull_policy,       PullPolicy,            scalar)                                                            \
        T(systemd_mode,      SystemdMode,           scalar)  /* yes/true is SYSTEMD_AUTO */                            \
        T(image_volumes,     ImageVolumes,          scalar)                                                            \
        T(notify,            NotifyMode,            scalar)                                                            \
        T(cgroups_mode,      CgroupsMode,           scalar)                                                            \
        T(health_action,     HealthAction,          scalar)                                                            \
        T(auto_update,       AutoUpdate,            scalar)                                                            \
        T(exit_policy,       ExitPolicy,            scalar)
/* clang-format on */

#define DECLARE_VALUE(name, ctype, done)                                                                               \
        typedef ctype ValueType_##name;                                                                                \
        int parse_##name(const ValueContext *context, const Key *key, const Entry *entry, void *field);
VALUE_TYPES(DECLARE_VALUE)
#undef DECLARE_VALUE

/* Each frees what a field holds and zeroes it. Scalars hold no memory; the table in keys.c zeroes
 * them. */
void done_string(void *field);
void done_list(void *field);
void done_rootfs(void *field);
void done_volumes(void *field);
void done_mounts(void *field);
void done_tmpfs(void *field);
void done_devices(void *field);
void done_ulimits(void *field);
void done_environment_files(void *field);
void done_secrets(void *field);
void done_namespace(void *field);
void done_user_namespace(void *field);
void done_networks(void *field);

/* Whether `name` is fit for a volume, network or pod: [A-Za-z0-9][A-Za-z0-9_.-]* */
bool value_name_is_valid(const char *name);

/* Whether a kernel parameter, with dots in its name, belongs to a namespace; others would change
 * the host (podman(1) and runtimes refuse them, too). */
bool value_sysctl_is_namespaced(const char *name);

/* Whether `name` can be an interface's: at most 15 characters, and none that means something
 * elsewhere. */
bool interface_name_is_valid(const char *name);

/* Reads "10.89.1.0/25" or "10.89.1.10-10.89.1.20". Returns 0, -EINVAL or -ENOMEM. */
int ip_range_parse(const char *text, IpAddress *ret_first, IpAddress *ret_last);

/* The Linux capabilities, "CAP_CHOWN" first, by number; count in *ret. Static. */
const char *const *capability_names(size_t *ret);
