# The guest itself is what the other cases take for granted.
# guests: nspawn qemu

check "PID 1 is systemd" same systemd "$(cat /proc/1/comm)"
check "the system is running" same running "$(systemctl is-system-running --wait || systemctl --failed --no-legend)"
check "/sys/fs/cgroup is cgroup v2" same cgroup2fs "$(stat -f -c %T /sys/fs/cgroup)"
check "the suite is $SUITE" grep -qx "VERSION_CODENAME=$SUITE" /etc/os-release
check "the runtime runs" crun --version
check "/var/lib/berth can hold an overlay" not same overlayfs "$(stat -f -c %T /var/lib/berth /var/lib | head -n 1)"

if [ "$KIND" = qemu ]; then
    controllers=" $(cat /sys/fs/cgroup/cgroup.controllers) "
    for controller in cpu memory pids io; do
        check "the $controller controller is there" contains "$controllers" " $controller "
    done
    check "SELinux is the kernel's LSM" contains "$(cat /sys/kernel/security/lsm)" selinux
    check "the root can be pivoted from" not same rootfs "$(stat -f -c %T /)"
fi
