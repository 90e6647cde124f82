# A SIGKILL of whatever is at work, at any point of a start, leaves nothing behind.
# guests: nspawn qemu
# timeout: 400

make_rootfs /srv/kills
root=/srv/kills
if [ -e /dev/loop-control ]; then
    root=/var/lib/berth/kills.squashfs
    mksquashfs /srv/kills "$root" -quiet >/dev/null
fi
put /etc/berth/victim.container <<EOF
[Unit]
StartLimitIntervalSec=0

[Container]
Rootfs=$root:O
Exec=/bin/sleep 1000
StopTimeout=1

[Service]
Restart=no
EOF
systemctl daemon-reload
systemctl start container@victim
systemctl stop container@victim || :

rounds=200
[ "$KIND" != qemu ] || rounds=20

# One kill: a start, and after a random part of its time a SIGKILL to one of the processes that are at it.
strike() {
    local group pids delay
    delay=$((RANDOM % 60))
    [ "$KIND" != qemu ] || delay=$((delay * 10))
    systemctl start --no-block container@victim
    sleep "$(printf '0.%03d' "$delay")"
    group=/sys/fs/cgroup/system.slice/system-container.slice/container@victim.service
    mapfile -t pids < <(find "$group" -name cgroup.procs -exec cat {} + 2>/dev/null)
    if [ ${#pids[@]} -gt 0 ]; then
        kill -KILL "${pids[RANDOM % ${#pids[@]}]}" 2>/dev/null || :
    fi
    # Now and then cleanup is what is hit, or it runs twice.
    systemctl stop --no-block container@victim
    if ((RANDOM % 4 == 0)); then
        pkill -KILL -f 'berth-helper cleanup' || :
    fi
    systemctl stop container@victim 2>/dev/null || :
    systemctl reset-failed container@victim 2>/dev/null || :
}
for ((round = 0; round < rounds; round++)); do
    strike
done
check "it starts after $rounds kills" systemctl start container@victim
check "it runs" unit_is container@victim ActiveState active
systemctl stop container@victim || :
/usr/libexec/berth-helper cleanup victim
/usr/libexec/berth-helper cleanup victim

check "no mount is left" same "" "$(grep -e /run/berth -e /var/lib/berth/containers /proc/self/mountinfo)"
no_loop_device() { same "" "$(losetup -a 2>/dev/null | grep kills)"; }
check "no loop device is left" wait_for 30 no_loop_device
check "no runtime state, bundle or upper directory is left" same "" "$(container_files)"
check "no cgroup is left" same "" "$(find /sys/fs/cgroup -path '*container@victim*' 2>/dev/null)"
check "no process is left" not pgrep -f 'berth-helper|sleep 1000'
