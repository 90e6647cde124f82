# systemd's limits act on the container, live. And kernel parameters, for which an nspawn guest's /proc/sys is no place.
# guests: qemu
# timeout: 120

make_rootfs /srv/limits
put /etc/berth/limited.container <<'EOF'
[Container]
Rootfs=/srv/limits
Exec=/bin/sh -c "trap 'exit 0' TERM; while :; do sleep 1000 & wait; done"
Memory=64m
PidsLimit=17
Sysctl=kernel.shmmax=123456 fs.mqueue.queues_max=7 kernel.domainname=berth.example
EOF
put /etc/berth/hungry.container <<'EOF'
[Container]
Rootfs=/srv/limits
Exec=/bin/sh -c "sleep 1; exec tail /dev/zero"
Memory=32m

[Service]
MemorySwapMax=0
EOF
systemctl daemon-reload
check "start" systemctl start container@limited
group=/sys/fs/cgroup$(unit_property container@limited ControlGroup)
check "Memory= is MemoryMax=" same 67108864 "$(cat "$group/memory.max")"
check "and as much of swap, as with podman" same 67108864 "$(cat "$group/memory.swap.max")"
check "PidsLimit= is TasksMax=" same 17 "$(cat "$group/pids.max")"
limits_of() { awk '/^Max (open files|processes) / { print $(NF - 2), $(NF - 1) }' "/proc/$(main_pid "$1")/limits" | tr '\n' ' '; }
check "files and processes are limited as with podman" same "1048576 1048576 1048576 1048576 " "$(limits_of container@limited)"
sysctl_inside() { crun --root /run/berth/runtime exec limited /bin/cat "/proc/sys/$1"; }
check "Sysctl= sets those of the IPC namespace" same "123456 7" "$(sysctl_inside kernel/shmmax) $(sysctl_inside fs/mqueue/queues_max)"
check "and the domain name" same berth.example "$(sysctl_inside kernel/domainname)"
check "the machine's are as they were" not same 123456 "$(cat /proc/sys/kernel/shmmax)"
check "the payload is below" test -n "$(cat "$group/container/cgroup.procs")"
check "with all controllers" contains "$(cat "$group/cgroup.subtree_control")" 'cpu.*memory.*pids'
systemctl set-property --runtime container@limited MemoryMax=48M TasksMax=9
check "set-property changes MemoryMax= at once" same 50331648 "$(cat "$group/memory.max")"
check "and TasksMax=" same 9 "$(cat "$group/pids.max")"
seen_inside() { crun --root /run/berth/runtime exec limited /bin/cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/pids.max | tr '\n' ' '; }
check "the container sees them" same "50331648 9 " "$(seen_inside)"
check "but cannot change them" not crun --root /run/berth/runtime exec limited /bin/sh -c 'echo 1 >/sys/fs/cgroup/memory.max'
systemctl set-property --runtime container@limited MemoryMax=96M TasksMax=19
check "it sees higher ones, too, which nothing holds back" same "100663296 19 " "$(seen_inside)"
systemctl set-property --runtime container@limited MemoryMax=48M TasksMax=9
systemctl daemon-reload
check "daemon-reload keeps it" same 50331648 "$(cat "$group/memory.max")"
fork_many() { crun --root /run/berth/runtime exec limited /bin/sh -c 'for i in 1 2 3 4 5 6 7 8 9 10 11 12; do sleep 5 & done' 2>&1; }
check "TasksMax= bites" contains "$(fork_many || :)" "can't fork|Resource temporarily unavailable"
systemctl set-property --runtime container@limited MemoryMax=8M
eat() { crun --root /run/berth/runtime exec limited /bin/sh -c 'tail /dev/zero'; }
check "a lowered MemoryMax= bites" not eat
systemctl stop container@limited || :

# What is written last is in the journal a moment after the unit has ended.
sees_limits() {
    sync_journal
    same "67108864 77 50000 100000 " \
        "$(journalctl -q -o cat --after-cursor="$cursor" -t sees | grep -E '^[0-9 ]+$' | tr '\n' ' ')"
}
for variant in Runtime=runc UserNS=auto CgroupsMode=enabled; do
    put /etc/berth/sees.container <<EOF
[Container]
Rootfs=/srv/limits:O
Exec=/bin/cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/pids.max /sys/fs/cgroup/cpu.max
Memory=64m
$variant

[Service]
Type=oneshot
CPUQuota=50%
TasksMax=77
EOF
    touch /srv/limits/etc/{hosts,resolv.conf,hostname}
    systemctl daemon-reload
    cursor=$(journal_cursor)
    systemctl start container@sees || :
    check "limits are seen inside with $variant" wait_for 20 sees_limits
done

systemctl start container@hungry
check "an OOM kill ends the unit" wait_for 60 unit_is container@hungry ActiveState failed
check "and is its result" unit_is container@hungry Result oom-kill
check "nothing is left" same "" "$(container_files)"
