# The main job: a container's file, its service, and back to a clean machine.
# guests: nspawn
# timeout: 120

make_rootfs /srv/hello

# Whatever a container's life may leave: mounts, loop devices, runtime state, bundles, upper directories, cgroups.
leftovers() { # NAME
    grep -e /run/berth -e /var/lib/berth/containers /proc/self/mountinfo || :
    losetup -a 2>/dev/null | grep -v '^/dev/vd' || :
    container_files
    find /sys/fs/cgroup -path "*container@$1.service*" 2>/dev/null || :
}

processes_of() { # UNIT
    local group
    group=/sys/fs/cgroup$(unit_property "$1" ControlGroup)
    find "$group" -name cgroup.procs -exec cat {} + | while read -r pid; do cat "/proc/$pid/comm"; done | sort | tr '\n' ' '
}

put /etc/berth/hello.container <<'EOF'
[Unit]
Description=Says hello

[Container]
Rootfs=/srv/hello
Exec=/bin/sh -c "echo hello from berth; trap 'echo bye; exit 0' TERM; while :; do sleep 1000 & wait; done"
EOF
check "the file is clean" berth check hello
systemctl daemon-reload
require "start" systemctl start container@hello
check "it is active" unit_is container@hello ActiveState active
check "the [Unit] section is honoured" unit_is container@hello Description "Says hello"
check "the main process is the payload" wait_for 20 main_process_is container@hello sh
check "it is PID 1's own child" grep -qx "PPid:	1" "/proc/$(main_pid container@hello)/status"
# berth-helper waits until a stop would be heard.
holds_payload_alone() {
    same "sh sleep " "$(processes_of container@hello)"
}
check "the unit's cgroup holds the payload alone" wait_for 20 holds_payload_alone
check "no process of ours is left" wait_for 20 no_process 'berth-helper|crun'
check "the output is in the journal" says container@hello '^hello from berth$'
check "with the payload's own PID" same "$(main_pid container@hello)" \
    "$(journalctl -q -b -n 1 -o json -u container@hello MESSAGE="hello from berth" | sed -n 's/.*"_PID":"\([0-9]*\)".*/\1/p')"
check "nothing is mounted on the machine" same "" "$(grep -e /run/berth -e /var/lib/berth/containers /proc/self/mountinfo)"
pid=$(main_pid container@hello)
systemctl daemon-reload
check "daemon-reload keeps it" same "$pid" "$(main_pid container@hello)"
systemctl daemon-reexec
check "daemon-reexec keeps it" same "$pid" "$(main_pid container@hello)"
check "the helper refuses to be run by hand" not /usr/libexec/berth-helper run hello
check "and leaves the container alone" same "$pid" "$(main_pid container@hello)"
check "restart" systemctl restart container@hello
check "restart gives a new process" not same "$pid" "$(main_pid container@hello)"
check "stop" systemctl stop container@hello
check "the stop was clean" unit_is container@hello Result success
check "the stop signal arrived" says container@hello '^bye$'
check "nothing is left" same "" "$(leftovers hello)"

put /etc/berth/seven.container <<'EOF'
[Container]
Rootfs=/srv/hello
Exec=/bin/sh -c "exit 7"
EOF
systemctl daemon-reload
systemctl start container@seven || :
wait_for 30 unit_is container@seven ActiveState failed
check "an exit status is the unit's" unit_is container@seven ExecMainStatus 7
check "its result is exit-code" unit_is container@seven Result exit-code
check "nothing is left of it" same "" "$(leftovers seven)"

systemctl start container@hello
kill -KILL "$(main_pid container@hello)"
wait_for 30 unit_is container@hello ActiveState failed
check "a SIGKILL is the unit's result" unit_is container@hello Result signal
check "with the signal" unit_is container@hello ExecMainStatus 9
check "nothing is left of it either" same "" "$(leftovers hello)"
systemctl reset-failed

put /etc/berth/missing.container <<'EOF'
[Container]
Rootfs=/srv/hello
Exec=/bin/no-such-program
EOF
systemctl daemon-reload
check "a missing program fails the start" not systemctl start container@missing
check "and the journal says which" says container@missing no-such-program
check "nothing is left of the failed start" same "" "$(leftovers missing)"

put /etc/berth/stubborn.container <<'EOF'
[Container]
Rootfs=/srv/hello
Exec=/bin/sh -c "trap '' TERM; while :; do sleep 1; done"
StopTimeout=1
EOF
systemctl daemon-reload
systemctl start container@stubborn
check "a short StopTimeout= leaves systemd the time that it needs for what comes after" unit_is container@stubborn TimeoutStopUSec 10s
systemctl stop container@stubborn || :
check "a container that ignores SIGTERM is killed after it" unit_is container@stubborn Result signal
check "that is said" says container@stubborn 'did not stop in time when asked with signal 15, and was killed'
check "nothing is left of the stubborn one" same "" "$(leftovers stubborn)"
sed -i s/^StopTimeout=1/StopTimeout=11/ /etc/berth/stubborn.container
systemctl daemon-reload
check "a longer StopTimeout= is systemd's time to stop" unit_is container@stubborn TimeoutStopUSec 11s
printf '\n[Service]\nTimeoutStopSec=1\n' >>/etc/berth/stubborn.container
systemctl daemon-reload
systemctl start container@stubborn
systemctl stop container@stubborn || :
check "TimeoutStopSec= is systemd's own" unit_is container@stubborn Result timeout
printf '[Container]\nRootfs=/srv/hello\nExec=/bin/sh -c "trap \x27\x27 TERM; while :; do sleep 1; done"\nStopTimeout=1\n' >/etc/berth/stubborn.container

# The time to stop is not the time to clean up.
put /usr/local/bin/crun-slow 755 <<'EOF'
#!/bin/sh
case "$*" in *' delete '*) sleep 3; echo >/run/test-slow ;; esac
exec crun "$@"
EOF
rm -f /run/test-slow
at_end 'rm /usr/local/bin/crun-slow'
# The annotation could be a hook, so that the runtime is asked.
sed '/^Rootfs=/a Runtime=/usr/local/bin/crun-slow\nAnnotation=may-be=poststop' /etc/berth/stubborn.container >/etc/berth/slow.container
systemctl daemon-reload
systemctl start container@slow
systemctl stop container@slow || :
check "a slow cleanup is waited for, although StopTimeout= is short" test -e /run/test-slow
check "nothing is left of the slow one" same "" "$(leftovers slow)"

# Stopped while the runtime is at work, about to make its own directory: systemd would let it go on until the last command of the end, here one that takes a while.
cat >/usr/local/bin/crun-late <<'EOF'
#!/bin/sh
for word; do [ "$word" != create ] || { trap '' TERM; : >/run/test-late; sleep 1; mkdir -p /run/berth/runtime/late; }; done
exec crun "$@"
EOF
chmod +x /usr/local/bin/crun-late
at_end 'rm -f /usr/local/bin/crun-late /run/test-late'
put /etc/berth/late.container <<'EOF'
[Container]
Rootfs=/srv/hello
Runtime=/usr/local/bin/crun-late
Exec=/bin/sleep 100
EOF
put /etc/systemd/system/container@late.service.d/end.conf <<'EOF'
[Service]
ExecStopPost=/bin/sleep 3
EOF
systemctl daemon-reload
systemctl start --no-block container@late
check "a runtime is at work" wait_for 20 test -e /run/test-late
systemctl stop container@late || :
check "and ends with the unit, before what it makes is removed" same "" "$(leftovers late)"

put /etc/berth/again.container <<'EOF'
[Container]
Rootfs=/srv/hello
Exec=/bin/sh -c "sleep 0.2; exit 1"

[Service]
Restart=on-failure
RestartSec=100ms
EOF
systemctl daemon-reload
systemctl start container@again
several() { test "$(unit_property container@again NRestarts)" -ge 2; }
check "Restart= works" wait_for 30 several
systemctl stop container@again || :
check "nothing is left after restarts" same "" "$(leftovers again)"

put /etc/berth/once.container <<'EOF'
[Container]
Rootfs=/srv/hello
Exec=/bin/sh -c "sleep 0.3; echo once done; exit 0"

[Service]
Type=oneshot
EOF
systemctl daemon-reload
check "a oneshot's start waits for its end" systemctl start container@once
check "it is over then" unit_is container@once ActiveState inactive
check "it ran" says container@once '^once done$'
sed -i 's/exit 0/exit 3/' /etc/berth/once.container
check "a failing oneshot fails the start" not systemctl start container@once
check "with its status" unit_is container@once ExecMainStatus 3
check "nothing is left of the oneshot" same "" "$(leftovers once)"

put /etc/berth/broken.container <<'EOF'
[Container]
Rootfs=/srv/hello
Exec=/bin/true
Imge=x
EOF
systemctl daemon-reload
# systemctl status leaves out what came in before PID 1 has noted that the unit is starting: now and then a quick failure's message.
status_says() { # UNIT EXTENDED-REGULAR-EXPRESSION
    systemctl reset-failed "$1" || :
    systemctl start "$1" || :
    sync_journal
    contains "$(systemctl status "$1" || :)" "$2"
}
check "a mistake in the file fails the start" not systemctl start container@broken
check "and systemctl status names file and line" wait_for 20 status_says container@broken \
    '/etc/berth/broken.container:4:1: error: unknown key "Imge" in \[Container\]; did you mean "Image"\?'
check "a unit without a file fails with a word" not systemctl start container@nothing
check "that says where it was looked for" wait_for 20 status_says container@nothing 'there is no nothing.container in /etc/berth, /run/berth'
check "and what may have been meant" wait_for 20 status_says container@brokn 'there is no brokn.container in .*; did you mean broken.container\?$'

put /etc/berth/quiet.container <<'EOF'
[Container]
Rootfs=/srv/hello
Exec=/bin/sh -c "echo never seen; echo nor this >&2"
LogDriver=none

[Service]
Type=oneshot
EOF
systemctl daemon-reload
check "LogDriver=none: it runs" systemctl start container@quiet
check "and its output is thrown away" not contains "$(journal_of container@quiet)" 'never seen|nor this'
sed -i 's/^Exec=/Excec=/' /etc/berth/quiet.container
systemctl start container@quiet || :
check "but a mistake is still told" says container@quiet 'unknown key "Excec"'

# --- the runtime is run at a stop only when there is something for it to do

rm -f /run/test-told
put /usr/local/bin/crun-told 755 <<'EOT'
#!/bin/sh
echo "$@" >>/run/test-told
exec crun "$@"
EOT
put /etc/berth/told.container <<'EOT'
[Container]
Rootfs=/srv/hello
Runtime=/usr/local/bin/crun-told
Exec=/bin/sh -c "trap 'exit 0' TERM; echo up; while :; do sleep 1000 & wait; done"
EOT
systemctl daemon-reload
require "it starts under a runtime that is looked at" systemctl start container@told
check "that has created it" grep -q ' create ' /run/test-told
check "it is up" says container@told '^up$'
systemctl stop container@told
check "its processes have ended, and the runtime is not asked for anything more" not grep -q ' delete ' /run/test-told
check "nothing is left" becomes 20 "" leftovers told

# In the machine's PID namespace, others outlive the first.
put /etc/berth/told.container <<'EOT'
[Container]
Rootfs=/srv/hello
Runtime=/usr/local/bin/crun-told
PodmanArgs=--pid=host
Exec=/bin/sh -c "trap 'exit 0' TERM; setsid sleep 98765 & echo up again; while :; do sleep 1; done"
EOT
systemctl daemon-reload
systemctl start container@told
check "it is up in the machine's PID namespace" says container@told '^up again$'
systemctl stop container@told
check "what is left is for the runtime to kill" grep -q ' delete ' /run/test-told
check "and has ended" wait_for 20 no_process 'sleep 98765'
check "nothing is left then, either" becomes 20 "" leftovers told
