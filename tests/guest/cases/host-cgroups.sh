# CgroupsMode=enabled: the container in a scope of its own, and still the unit's main process.
# guests: nspawn qemu@bookworm
# timeout: 90

make_rootfs /srv/scoped
scope='berth-my\x2dapp.scope'
slice=system-container.slice
describe() { # RUNTIME KEYS
    put /etc/berth/my-app.container <<END
[Unit]
StartLimitIntervalSec=0

[Container]
Rootfs=/srv/scoped
Runtime=$1
Exec=/bin/sh -c "trap 'exit 7' TERM; mkdir /sys/fs/cgroup/own && echo up; while :; do sleep 1000 & wait; done"
Unmask=/sys/fs/cgroup
CgroupsMode=enabled
Memory=64m
StopTimeout=20
$2

[Service]
TasksMax=99
END
    systemctl daemon-reload
}
put /etc/berth/friend.container <<'END'
[Container]
Rootfs=/srv/scoped
Exec=/bin/sh -c "ps | grep -c '[m]kdir'; exec sleep 1000"
PidNS=my-app.container
StopTimeout=1
END
cgroup_of() { # PID
    sed -n 's/^0:://p' "/proc/$1/cgroup"
}
scope_is_gone() {
    same "" "$(systemctl list-units --no-legend -a 'berth-*.scope')" && same "" "$(find /sys/fs/cgroup -type d -name '*berth-my*')"
}

# What is the runtime's, and what a kill leaves, is the same in any machine.
runtimes="crun runc" rounds=$(rounds 5 60)
[ "$KIND" != qemu ] || runtimes=crun rounds=1
for runtime in $runtimes; do
    describe $runtime ""
    require "$runtime: it starts" systemctl start container@my-app
    pid=$(main_pid container@my-app)
    group=/system.slice/$slice/$scope
    check "$runtime: its first process is in the scope" same "$group/container" "$(cgroup_of "$pid")"
    check "$runtime: with the service's slice, limits, and place in a shutdown" same "$slice 67108864 99 yes" \
        "$(for property in Slice MemoryMax TasksMax Delegate; do systemctl show -P $property "$scope"; done | xargs)"
    check "$runtime: it ends after the service" contains " $(systemctl show -P Before "$scope") " ' container@my-app.service '
    check "$runtime: its output is the scope's, to the journal" says "$scope" '^up$'
    check "$runtime: nothing of ours is in either group" wait_for 20 not pgrep -l '^(berth-helper|crun|runc)'
    systemctl daemon-reload
    systemctl daemon-reexec
    check "$runtime: it survives a reload of systemd" same "$pid" "$(main_pid container@my-app)"
    if [ "$KIND" = qemu ]; then
        check "$runtime: the kernel limits it" same "67108864 99" "$(cat "/sys/fs/cgroup$group/memory.max" "/sys/fs/cgroup$group/pids.max" | xargs)"
        check "$runtime: a limit that changes" systemctl set-property --runtime "$scope" MemoryMax=32M
        check "$runtime: holds at once" same 33554432 "$(cat "/sys/fs/cgroup$group/memory.max")"
        rm -rf /run/systemd/system.control
    fi
    check "$runtime: another one joins it" systemctl start container@friend
    check "$runtime: and sees its processes" says container@friend '^[1-9]'
    check "$runtime: stop" systemctl stop container@my-app
    check "$runtime: its exit code is the service's result" same "exit-code 7" \
        "$(unit_property container@my-app Result) $(unit_property container@my-app ExecMainStatus)"
    check "$runtime: the scope is gone" scope_is_gone
    check "$runtime: nothing is left" same "" "$(container_files)"
done

# A SIGKILL of its first process, and of whatever is at work in a start.
describe crun ""
systemctl start container@my-app
kill -KILL "$(main_pid container@my-app)"
check "a killed one has failed" wait_for 20 unit_is container@my-app Result signal
check "and is gone with its scope" wait_for 20 scope_is_gone
for ((round = 0; round < rounds; round++)); do
    systemctl start --no-block container@my-app
    sleep "0.0$((RANDOM % 90 + 10))"
    pkill -KILL -f '^(/usr/libexec/berth-helper (run|start)|/usr/bin/crun .*create) ' || :
    wait_for 60 not unit_is container@my-app ActiveState activating >/dev/null
    systemctl stop container@my-app || :
    scope_is_gone >/dev/null || break
done
check "after $rounds kills no scope is left" scope_is_gone
check "nor anything else" same "" "$(container_files)"
check "and it starts" systemctl start container@my-app
