# A SIGKILL of whatever is at work, at any point of a health check, of berth exec and of what passes notifications on: the container goes on, and nothing is left.
# guests: nspawn
# timeout: 400

make_rootfs /srv/struck
add_programs /srv/struck /usr/bin/systemd-notify
for runtime in crun runc; do
    put "/etc/berth/struck-$runtime.container" <<EOF
[Container]
Rootfs=/srv/struck
Network=none
Runtime=$runtime
Tmpfs=/state
Notify=yes
Exec=/bin/sh -c "trap 'exit 0' TERM; systemd-notify --ready; while :; do systemd-notify --status=\"says \$\$(cat /state/word)\" 2>/dev/null; sleep 0.1; done"
HealthCmd=sleep 0.05
HealthInterval=100ms
HealthRetries=100000
HealthTimeout=3s
EOF
done
systemctl daemon-reload
for runtime in crun runc; do
    require "$runtime: it starts" systemctl start "container@struck-$runtime"
done
cgroups=/sys/fs/cgroup/system.slice

# The processes that are at one of the three for a container, but its own.
at_work() { # NAME WHAT
    local group=$cgroups/system-container.slice/container@$1.service
    case $2 in
    check)
        cat "$cgroups/system-container\\x2dhealth.slice/container-health@$1.service/cgroup.procs" \
            "$group/container/berth-health/cgroup.procs" 2>/dev/null
        ;;
    exec) pgrep -f "^berth exec $1 |/exec-[0-9]*\.json $1|^sleep 0\.0777" ;;
    pass) cat "$cgroups/system-container\\x2dnotify.slice/container-notify@$1.service/cgroup.procs" 2>/dev/null ;;
    esac || :
}
struck=0
strike() { # NAME WHAT
    local pids
    if [ "$2" = exec ]; then
        berth exec "$1" sleep 0.0777 >/dev/null 2>&1 &
    fi
    sleep "0.0$((RANDOM % 10))$((RANDOM % 10))"
    mapfile -t pids < <(at_work "$1" "$2")
    [ ${#pids[@]} -gt 0 ] || return 0
    ! kill -KILL "${pids[RANDOM % ${#pids[@]}]}" 2>/dev/null || struck=$((struck + 1))
}
declare -A main
for runtime in crun runc; do main[$runtime]=$(main_pid "container@struck-$runtime"); done
rounds=$(rounds 120 2000)
for ((round = 0; round < rounds; round++)); do
    what=(check exec pass)
    runtime=crun
    ((round % 2)) || runtime=runc
    strike "struck-$runtime" "${what[RANDOM % 3]}"
done
wait 2>/dev/null || :
check "there were kills" test "$struck" -ge $((rounds / 10))

health_file() { # NAME
    echo "/run/berth/bundles/$1/health.json"
}
latest_check() { # NAME: when it began
    grep -o '"Start": "[^"]*"' "$(health_file "$1")" | tail -n 1
}
is_checked_since() { # NAME TIME
    not test "$2" = "$(latest_check "$1")"
}
is_healthy() { # NAME
    grep -q '"Status": "healthy"' "$(health_file "$1")"
}
left_of_exec() { # NAME
    same "" "$(find "$cgroups/system-container.slice/container@$1.service" -name 'berth-exec-*' -type d; find "/run/berth/bundles/$1" -name 'exec-*')"
}
for runtime in crun runc; do
    name=struck-$runtime
    check "$runtime: the container has gone on" same "${main[$runtime]}" "$(main_pid "container@$name")"
    check "$runtime: its unit is up" unit_is "container@$name" ActiveState active
    check "$runtime: its timer goes on" unit_is "container-health@$name.timer" ActiveState active
    check "$runtime: it is checked" wait_for 30 is_checked_since "$name" "$(latest_check "$name")"
    check "$runtime: and is well" wait_for 30 is_healthy "$name"
    check "$runtime: berth exec works" same here "$(berth exec "$name" echo here)"
    check "$runtime: and nothing is left of those that were killed" left_of_exec "$name"
    check "$runtime: the container is told a word" berth exec "$name" sh -c 'echo word >/state/word'
    check "$runtime: which it says, and that arrives" wait_for 30 unit_is "container@$name" StatusText 'says word'
done
systemctl stop 'container@struck-*.service'
check "no process is left" wait_for 30 no_process 'berth-helper|berth exec|sleep 0\.0'
check "no file is left" same "" "$(container_files)"
systemctl reset-failed
no_unit() { same "" "$(systemctl list-units --all --no-legend --plain 'container*@struck-*')"; }
check "no unit is left" wait_for 30 no_unit
