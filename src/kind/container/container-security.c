/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a container's file says about SELinux, as a whole. */
#include "kind/container/container-security.h"

#include <fnmatch.h>

#include "basic/path.h"
#include "source/places.h"

bool container_shares_label(const Container *container) {
        return container->privileged || container->security_label_disable || container->pid_ns.kind == NAMESPACE_HOST ||
               container->ipc_ns.kind == NAMESPACE_HOST;
}

/* Patterns as fnmatch(3) has them, of paths themselves, and of trees with all that is below. */
static bool is_one_of(const char *path, const char *const patterns[], size_t count, bool below) {
        int flags = FNM_PATHNAME | FNM_NOESCAPE | (below ? FNM_LEADING_DIR : 0);

        for (size_t i = 0; i < count; i++)
                if (fnmatch(patterns[i], path, flags) == 0)
                        return true;
        return false;
}

/* What everything else is below of, the system's and others'. */
static bool is_common_ground(const char *path) {
        /* clang-format off */
        static const char *const places[] = {
                "/", "/etc", "/etc/opt", "/home", "/home/*", "/media", "/media/*", "/mnt", "/opt", "/root", "/run",
                "/run/lock", "/run/media", "/run/mount", "/run/user", "/run/user/*", "/srv", "/tmp", "/var",
                "/var/cache", "/var/db", "/var/lib", "/var/lib/containers", "/var/lib/containers/storage",
                "/var/local", "/var/log", "/var/mail", "/var/opt", "/var/spool", "/var/tmp",
        };
        /* clang-format on */

        return is_one_of(path, places, ARRAY_SIZE(places), false) || streq(path, place_path(PLACE_STATE));
}

/* What programs and the kernel are made of, and what they have noted down. What there is besides in
 * /var is somebody's own, as is what is below a directory of /etc that is not listed. */
static bool is_in_system_tree(const char *path) {
        /* clang-format off */
        static const char *const trees[] = {
                "/bin", "/boot", "/dev", "/efi", "/lib", "/lib32", "/lib64", "/libx32", "/lost+found", "/proc",
                "/sbin", "/sys", "/usr", "/home/*/.gnupg", "/home/*/.ssh", "/root/.gnupg", "/root/.ssh",
                "/run/credentials", "/run/dbus", "/run/initctl", "/run/initramfs", "/run/log", "/run/sudo",
                "/run/systemd", "/run/udev", "/run/utmp", "/var/account", "/var/cache/apt", "/var/cache/debconf",
                "/var/cache/dnf", "/var/cache/ldconfig", "/var/cache/libdnf5", "/var/cache/private",
                "/var/cache/yum", "/var/db/sudo", "/var/lib/AccountsService", "/var/lib/NetworkManager",
                "/var/lib/alternatives", "/var/lib/apt", "/var/lib/authselect", "/var/lib/chrony",
                "/var/lib/containers/cache", "/var/lib/containers/storage/lib*",
                "/var/lib/containers/storage/overlay*", "/var/lib/dbus", "/var/lib/dnf", "/var/lib/dpkg",
                "/var/lib/ntp", "/var/lib/os-prober", "/var/lib/pam", "/var/lib/polkit-1", "/var/lib/private",
                "/var/lib/rpm", "/var/lib/rpm-state", "/var/lib/selinux", "/var/lib/sss", "/var/lib/sudo",
                "/var/lib/systemd", "/var/lib/ucf", "/var/lib/update-*", "/var/lib/usbguard", "/var/log/audit",
                "/var/log/btmp*", "/var/log/journal", "/var/log/lastlog", "/var/log/private", "/var/log/wtmp*",
                "/var/spool/anacron", "/var/spool/at", "/var/spool/cron",
        };
        /* clang-format on */

        return is_one_of(path, trees, ARRAY_SIZE(trees), true) || path_is_below(path, place_path(PLACE_RUN));
}

/* What in /etc is the system's: who may do what, what is started and how, and what every program
 * reads. A directory of an application, which podman's users have relabelled, is none of these. */
static bool is_configuration_of_system(const char *path) {
        /* clang-format off */
        static const char *const names[] = {
                ".pwd.lock", "NetworkManager", "X11", "adduser.conf", "aliases", "aliases.db", "alternatives",
                "anacrontab", "apparmor", "apparmor.d", "apt", "at.allow", "at.deny", "audisp", "audit",
                "authselect", "bash.*", "bash_*", "berth", "bindresvport.blacklist", "binfmt.d", "ca-certificates",
                "ca-certificates.conf", "cni", "containers", "credstore", "credstore.encrypted", "cron.*", "crontab",
                "crypto-policies", "crypttab", "csh.*", "dbus-1", "debconf.conf", "debian_version", "default",
                "deluser.conf", "depmod.d", "dhcp", "dnf", "dpkg", "dracut.*", "environment", "environment.d",
                "ethertypes", "exports", "exports.d", "firewalld", "fonts", "fstab", "gai.conf", "group", "group-",
                "grub.*", "gshadow", "gshadow-", "gss", "host.conf", "hostname", "hosts", "hosts.*", "init.d",
                "initramfs-tools", "inittab", "inputrc", "iproute2", "iptables", "issue", "issue.*", "kernel",
                "kernel-img.conf", "krb5.*", "ld.so.*", "libaudit.conf", "libnl*", "locale.*", "localtime",
                "login.defs", "logrotate.*", "lsb-release", "lvm", "machine-id", "machine-info", "mke2fs.conf",
                "modprobe.d", "modules", "modules-load.d", "motd", "motd.d", "mtab", "multipath", "multipath.conf",
                "netconfig", "netplan", "network", "networks", "nftables", "nftables.conf", "nsswitch.conf",
                "os-release", "pam.*", "passwd", "passwd-", "pkcs11", "pki", "polkit-1", "ppp", "printcap",
                "profile", "profile.d", "protocols", "rc.*", "rc?.d", "redhat-release", "request-key.*",
                "resolv.conf", "resolvconf", "rpc", "rpm", "rsyslog.*", "securetty", "security", "selinux",
                "services", "shadow", "shadow-", "shells", "skel", "ssh", "ssl", "sssd", "subgid", "subgid-",
                "subuid", "subuid-", "sudo.*", "sudoers", "sudoers.d", "sysconfig", "sysctl.*", "system-release",
                "systemd", "terminfo", "timezone", "tmpfiles.d", "ucf.conf", "udev", "udisks2", "ufw",
                "update-motd.d", "vconsole.conf", "wpa_supplicant", "xattr.conf", "xdg", "xml", "yum", "yum.*",
        };
        /* clang-format on */
        const char *name = startswith(path, "/etc/");

        return name && is_one_of(name, names, ARRAY_SIZE(names), true);
}

bool path_keeps_label(const char *path) {
        return is_common_ground(path) || is_in_system_tree(path) || is_configuration_of_system(path);
}

bool path_keeps_owner(const char *path) {
        return path_is_below(path, "/etc") || path_is_below(path, "/root") || path_keeps_label(path);
}

int diagnose_kept_label(const VolumeMount *volume, const char *path, Diagnostics *diagnostics) {
        return diagnose_error(diagnostics, &volume->where,
                              "\"%s\" is the system's, and is not relabelled for a container", path);
}

int diagnose_kept_owner(const VolumeMount *volume, const char *path, Diagnostics *diagnostics) {
        return diagnose_error(diagnostics, &volume->where,
                              "the owner of \"%s\" is the system's to decide: it takes no \"U\"", path);
}

/* What podman, too, lets win over the others. */
static const char *why_shared(const Container *container) {
        if (container->privileged)
                return "\"Privileged\"";
        if (container->security_label_disable)
                return "\"SecurityLabelDisable\"";
        return container->pid_ns.kind == NAMESPACE_HOST ? "the host's PID namespace" : "the host's IPC namespace";
}

static void check_source(const VolumeMount *volume, Diagnostics *diagnostics) {
        if (volume->chown && path_keeps_owner(volume->source))
                (void) diagnose_kept_owner(volume, volume->source, diagnostics);
        if ((volume->relabel_shared || volume->relabel_private) && path_keeps_label(volume->source))
                diagnose_warning(diagnostics, &volume->where,
                                 "\"%s\" is the system's: where SELinux is on, it is not relabelled, and a start fails",
                                 volume->source);
}

void container_check_security(const Container *container, Diagnostics *diagnostics) {
        static const KeyId of_labels[] = { KEY_Container_SecurityLabelType, KEY_Container_SecurityLabelLevel,
                                           KEY_Container_SecurityLabelFileType };

        for (size_t i = 0; i < ARRAY_SIZE(of_labels) && container_shares_label(container); i++) {
                Location where = container_where(container, of_labels[i]);

                if (container->set.entry[of_labels[i]])
                        diagnose_warning(diagnostics, &where, "\"%s\" has no effect with %s", keys[of_labels[i]].name,
                                         why_shared(container));
        }
        for (size_t i = 0; i < container->volumes.count; i++)
                if (container->volumes.items[i].kind == VOLUME_HOST_PATH)
                        check_source(&container->volumes.items[i], diagnostics);
}
