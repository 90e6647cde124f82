# What [Service] says to confine, seen from inside of a container: each setting of the table in container@.service(8) that reaches it.
# guests: nspawn
# timeout: 400

make_rootfs /srv/x
add_programs /srv/x "$(command -v unshare)" "$(command -v chrt)"
mkdir -p /srv/x/{home/someone,usr/lib/modules,opt,etc,v} /srv/data/deep /srv/ro
echo secret >/srv/x/etc/secret
echo data >/srv/data/file
echo old >/srv/x/opt/old

# Describes the container confined-NUMBER, whose [Service] has the lines; its script's numbers are those of the probes.
describe() { # NUMBER LINES SCRIPT [KEYS]
    printf '%s\n' "$3" >"/srv/x/probe-$1"
    put "/etc/berth/confined-$1.container" <<END
[Container]
Rootfs=/srv/x:O
Exec=/bin/sh /probe-$1
$([[ ${4:-} == *Network=* ]] || echo Network=none)
${4:-}

[Service]
Type=oneshot
$2
END
}

# A title, lines of [Service], a script, and what of it is to be seen. They are started together, by try_probes.
titles=() expectations=()
probe() { # TITLE LINES SCRIPT EXPECTED [KEYS]
    describe "${#titles[@]}" "$2" "$3" "${5:-}"
    titles+=("$1")
    expectations+=("$4")
}

# What the script printed, and how the start ended.
seen() { # NUMBER
    journalctl -q -b -o cat -u "container@confined-$1"
    echo "ended: $(unit_property "container@confined-$1" Result)"
}

# Some at a time, so that none waits for long on a slow machine.
try_probes() {
    local i
    systemctl daemon-reload
    for ((i = 0; i < ${#titles[@]}; i += 12)); do
        printf 'container@confined-%d\n' $(seq "$i" $((i + 11 < ${#titles[@]} ? i + 11 : ${#titles[@]} - 1))) |
            xargs systemctl start || :
    done
    sync_journal
    for ((i = 0; i < ${#titles[@]}; i++)); do
        check "${titles[i]}" contains "$(seen "$i")" "${expectations[i]}"
    done
}

# --- the process
probe "NoNewPrivileges=" NoNewPrivileges=yes 'grep NoNewPrivs /proc/self/status' '^NoNewPrivs:	1$'
probe "CapabilityBoundingSet=" "CapabilityBoundingSet=CAP_CHOWN CAP_KILL" 'grep CapBnd /proc/self/status' '^CapBnd:	0000000000000021$'
probe "CapabilityBoundingSet=~" "CapabilityBoundingSet=~CAP_CHOWN" 'grep CapBnd /proc/self/status' '^CapBnd:	00000000800405fa$'
probe "an empty CapabilityBoundingSet=" "CapabilityBoundingSet=" 'grep CapBnd /proc/self/status' '^CapBnd:	0000000000000000$'
probe "LockPersonality=" LockPersonality=yes 'linux32 uname -m' 'Operation not permitted'
probe "RestrictRealtime=" RestrictRealtime=yes 'chrt -f 1 true' 'Operation not permitted' AddCapability=SYS_NICE
probe "without it" RestrictRealtime=no 'chrt -f 1 true && echo in real time' '^in real time$' AddCapability=SYS_NICE
probe "MemoryDenyWriteExecute=, SystemCallArchitectures=, SystemCallLog=" \
    $'MemoryDenyWriteExecute=yes\nSystemCallArchitectures=native\nSystemCallLog=ptrace' 'grep Seccomp_filters /proc/self/status' '^Seccomp_filters:	([89]|1[0-9])$'
probe "RestrictSUIDSGID=" RestrictSUIDSGID=yes 'echo a >/opt/a; chmod 4755 /opt/a; chmod 755 /opt/a && echo plain' 'Operation not permitted'
probe "RestrictSUIDSGID= leaves other modes" RestrictSUIDSGID=yes 'echo a >/opt/a; chmod 755 /opt/a && echo plain' '^plain$'
probe "RestrictNamespaces=" RestrictNamespaces=yes 'unshare -u true' 'Operation not permitted' AddCapability=SYS_ADMIN
probe "RestrictNamespaces=TYPE" RestrictNamespaces=uts 'unshare -u echo own uts; unshare -m echo own mnt' '^own uts$' AddCapability=SYS_ADMIN
probe "RestrictNamespaces=TYPE refuses others" RestrictNamespaces=uts 'unshare -m echo own mnt' 'Operation not permitted' AddCapability=SYS_ADMIN
probe "RestrictNamespaces=~TYPE" RestrictNamespaces=~uts 'unshare -m echo own mnt; unshare -u true' '^own mnt$' AddCapability=SYS_ADMIN
probe "RestrictNamespaces= also without a filter of berth's" RestrictNamespaces=yes 'unshare -u true' 'Operation not permitted' Privileged=yes
probe "RestrictAddressFamilies=" "RestrictAddressFamilies=AF_UNIX" 'ping -c 1 127.0.0.1' 'Address family not supported' AddCapability=NET_RAW
probe "RestrictAddressFamilies= leaves those it has" "RestrictAddressFamilies=AF_UNIX AF_INET" 'ping -c 1 127.0.0.1' '1 packets received' AddCapability=NET_RAW
probe "RestrictAddressFamilies=~" "RestrictAddressFamilies=~AF_INET" 'ping -c 1 127.0.0.1' 'Address family not supported' AddCapability=NET_RAW
probe "SystemCallFilter=@system-service" SystemCallFilter=@system-service 'echo runs; grep NoNewPrivs /proc/self/status' '^runs$'
probe "SystemCallFilter= of README files" $'SystemCallFilter=@system-service\nSystemCallFilter=~@privileged @resources' 'echo runs' '^runs$'
probe "SystemCallFilter=~ kills" 'SystemCallFilter=~chdir fchdir' 'cd /opt; echo still there' '^Bad system call|^ended: (signal|core-dump)$'
probe "SystemCallErrorNumber=" $'SystemCallFilter=~chdir fchdir\nSystemCallErrorNumber=ENOSPC' 'cd /opt' "can't cd to /opt"
probe "SystemCallFilter=~NAME:ERRNO" 'SystemCallFilter=~@file-system:ENOLINK' 'echo >/dev/null' . Privileged=yes
probe "a set that there is not" SystemCallFilter=@no-such-set true 'confined-[0-9]+.container:[0-9]+:1: error: "SystemCallFilter" in \[Service\]: systemd knows no set "@no-such-set"'
probe "SystemCallFilter= without a filter of berth's" 'SystemCallFilter=~personality
SystemCallErrorNumber=EPERM' 'linux32 uname -m' 'Operation not permitted' SeccompProfile=unconfined
probe "an allowing list without a filter of berth's" 'SystemCallFilter=@system-service @mount
SystemCallErrorNumber=EPERM' 'echo runs; swapoff -a; linux32 uname -m' '^runs$' SeccompProfile=unconfined

# --- limits
probe "Limit...= settings" $'LimitNOFILE=5000:9000\nLimitCORE=0\nLimitNPROC=777' \
    'echo "$(ulimit -n) $(ulimit -Hn) $(ulimit -c) $(ulimit -u)"' '^5000 9000 0 777$'
probe "Ulimit= wins" $'LimitNOFILE=5000:9000\nLimitNPROC=777' 'echo "$(ulimit -n) $(ulimit -u)"' '^100 777$' Ulimit=nofile=100

# --- files
probe "ProtectSystem=yes" ProtectSystem=yes 'touch /usr/x; touch /etc/x && echo etc is writable' 'etc is writable'
probe "ProtectSystem=full" ProtectSystem=full 'touch /usr/x; touch /etc/x; touch /opt/x && echo opt is writable' 'etc/x: Read-only file system'
probe "ProtectSystem=strict" ProtectSystem=strict 'touch /opt/x; touch /tmp/x; touch /dev/shm/x && echo shm is writable' 'opt/x: Read-only file system'
probe "ProtectSystem=strict, and /tmp" ProtectSystem=strict 'touch /tmp/x; touch /dev/shm/x && echo shm is writable' 'tmp/x: Read-only file system'
probe "ProtectSystem=strict, and /dev/shm" ProtectSystem=strict 'touch /dev/shm/x && echo shm is writable' '^shm is writable$'
probe "ReadWritePaths= of what is mounted" $'ProtectSystem=strict\nReadWritePaths=/v' 'touch /v/x && echo v is writable' '^v is writable$' Volume=/srv/data:/v
probe "ReadWritePaths= of the root" $'ProtectSystem=strict\nReadWritePaths=/opt' true 'error: "ReadWritePaths" in \[Service\]: nothing is mounted at /opt'
probe "ProtectHome=yes" ProtectHome=yes 'ls /home | wc -l; touch /root/x || echo no root' '^no root$'
probe "ProtectHome=read-only" ProtectHome=read-only 'ls /home; touch /home/x' 'home/x: Read-only file system'
probe "ProtectHome=tmpfs" ProtectHome=tmpfs 'ls /home | wc -l; grep " /home " /proc/self/mountinfo' ' /home ro,.* - tmpfs '
probe "PrivateTmp=" PrivateTmp=yes 'grep -E " /(var/)?tmp " /proc/self/mountinfo; touch /tmp/x /var/tmp/x && echo both' '^both$'
probe "PrivateTmp= beside ProtectSystem=strict" $'PrivateTmp=yes\nProtectSystem=strict' 'touch /tmp/x /var/tmp/x && echo both' '^both$'
probe "ReadOnlyPaths=" ReadOnlyPaths=/opt 'touch /opt/x' 'opt/x: Read-only file system'
probe "ReadOnlyPaths= of a volume" ReadOnlyPaths=/v 'touch /v/x' 'v/x: Read-only file system' Volume=/srv/data:/v
probe "ReadOnlyPaths= above a volume" ReadOnlyPaths=/v 'touch /v/deep/x' 'v/deep/x: Read-only file system' Volume=/srv/data:/v/deep
probe "InaccessiblePaths=" InaccessiblePaths=-/etc/secret 'wc -c </etc/secret' '^0$'
probe "BindPaths=" BindPaths=/srv/data:/opt 'cat /opt/file; touch /opt/by-container && echo written' '^written$'
probe "BindReadOnlyPaths=" BindReadOnlyPaths=/srv/data 'cat /srv/data/file; touch /srv/data/x' 'srv/data/x: Read-only file system'
probe "TemporaryFileSystem=" TemporaryFileSystem=/opt:size=1M 'ls /opt | wc -l; grep " /opt " /proc/self/mountinfo' ' - tmpfs .*size=1024k'
probe "ProtectProc= and ProcSubset=" $'ProtectProc=invisible\nProcSubset=pid' 'grep " /proc " /proc/self/mountinfo; ls /proc/meminfo' 'hidepid=(invisible|2).*subset=pid|subset=pid.*hidepid=(invisible|2)'
probe "what is always so" $'PrivateMounts=yes\nMountAPIVFS=yes\nMountFlags=slave\nKeyringMode=private\nPrivateIPC=yes\nDevicePolicy=closed' 'echo runs' '^runs$'

# --- the machine
probe "PrivateDevices=" PrivateDevices=yes 'grep CapBnd /proc/self/status; mknod /opt/n c 1 3' 'Operation not permitted' AddCapability=MKNOD
probe "DeviceAllow=" "DeviceAllow=/dev/full r" 'echo runs' '^runs$'
probe "DeviceAllow= makes the device" "DeviceAllow=/dev/net/tun rw" 'ls /dev/net/tun' '^/dev/net/tun$|net/tun": No such file'
probe "ProtectHostname=" ProtectHostname=yes 'hostname new' 'Operation not permitted' AddCapability=SYS_ADMIN
probe "ProtectClock=" ProtectClock=yes 'grep CapBnd /proc/self/status; adjtimex' 'Operation not permitted'
probe "ProtectKernelTunables=" ProtectKernelTunables=yes 'echo 1 >/proc/sys/kernel/printk' 'Read-only file system' Privileged=yes
probe "ProtectKernelModules=" ProtectKernelModules=yes 'ls /usr/lib/modules | wc -l; grep CapBnd /proc/self/status' '^CapBnd:	[0-9a-f]{11}[02468ace]' Privileged=yes
probe "ProtectKernelLogs=" ProtectKernelLogs=yes 'dmesg' 'Operation not permitted' Privileged=yes
probe "ProtectControlGroups=" ProtectControlGroups=yes 'mkdir /sys/fs/cgroup/x' 'Read-only file system' Unmask=/sys/fs/cgroup

# --- another runtime
probe "runc: system calls" $'SystemCallFilter=@system-service\nSystemCallFilter=~@privileged @resources\nSystemCallErrorNumber=EPERM\nRestrictNamespaces=yes\nRestrictSUIDSGID=yes\nRestrictAddressFamilies=AF_UNIX' \
    'unshare -u true; chmod 4755 /opt/old; ping -c 1 127.0.0.1; echo runs' '^runs$' Runtime=runc
probe "runc: and what is refused" $'RestrictNamespaces=yes' 'unshare -u true' 'Operation not permitted' $'Runtime=runc\nAddCapability=SYS_ADMIN'
probe "runc: and families" RestrictAddressFamilies=AF_UNIX 'ping -c 1 127.0.0.1' 'Address family not supported' $'Runtime=runc\nAddCapability=NET_RAW'

# --- the network
probe "PrivateNetwork=" PrivateNetwork=yes 'ls /sys/class/net' '^lo$'
ip netns add joined
at_end 'ip netns del joined'
ip -n joined link add joined0 type veth peer name joined1
probe "NetworkNamespacePath=" NetworkNamespacePath=/run/netns/joined 'ls /sys/class/net' '^joined0$' Network=

# --- what systemd is not told
describe all $'ProtectSystem=strict\nPrivateDevices=yes\nNoNewPrivileges=yes\nProtectKernelTunables=yes\nLockPersonality=yes' true
try_probes
not_told() {
    ! systemctl show -p ProtectSystem,PrivateDevices,NoNewPrivileges,ProtectKernelTunables container@confined-all | grep -qE '=(strict|yes)$'
}
check "with several it starts" systemctl start container@confined-all
check "what is translated is not systemd's" not_told
check "what is inherited is" unit_is container@confined-all LockPersonality yes

# --- what comes to the unit by another way
by_edit() { # NAME SETTING
    not systemctl start "container@$1" && says "container@$1" "container@$1.service has .*${2%%=*}=.* from a drop-in of systemd's"
}
settings=(ProtectSystem=strict PrivateUsers=yes PrivateDevices=yes RestrictNamespaces=yes CapabilityBoundingSet=CAP_CHOWN)
for setting in "${settings[@]}"; do
    put "/etc/berth/edited-${setting%=*}.container" <<END
[Container]
Rootfs=/srv/x:O
Network=none
Exec=/bin/true
[Service]
Type=oneshot
END
    put "/etc/systemd/system/container@edited-${setting%=*}.service.d/own.conf" <<END
[Service]
$setting
END
done
systemctl daemon-reload
for setting in "${settings[@]}"; do
    check "the start says that it fails by $setting" by_edit "edited-${setting%=*}" "$setting"
done
check "a start that fails by itself does not speak of such" not contains "$(journal_of 'container@confined-*')" "from a drop-in of systemd"
