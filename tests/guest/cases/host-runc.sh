# Another runtime, chosen in the file.
# guests: nspawn qemu@trixie
# timeout: 120

make_rootfs /srv/runc
put /etc/berth/runc.container <<'EOF'
[Container]
Rootfs=/srv/runc
Runtime=runc
Exec=/bin/sh -c "echo hello from runc; trap 'exit 0' TERM; while :; do sleep 1000 & wait; done"
EOF
put /etc/berth/five.container <<'EOF'
[Container]
Rootfs=/srv/runc
Runtime=/usr/sbin/runc
Exec=/bin/sh -c "exit 5"
EOF
put /etc/berth/other.container <<'EOF'
[Container]
Rootfs=/srv/runc
Runtime=/usr/bin/no-such-runtime
Exec=/bin/true
EOF
systemctl daemon-reload
check "start" systemctl start container@runc
check "runc made it" test -e /run/berth/runtime/runc
check "the payload is the main process" wait_for 20 main_process_is container@runc sh
check "its output is in the journal" says container@runc '^hello from runc$'
check "its cgroup is the unit's sub-group" contains "$(cat "/proc/$(main_pid container@runc)/cgroup")" '/container@runc.service/container$'
# A virtual machine of Debian 13 has it, for host-checkpoints.
criu=$(command -v criu) || :
give_criu_back() { [ ! -e "$criu.away" ] || mv "$criu.away" "$criu"; }
at_end give_criu_back
[ -z "$criu" ] || mv "$criu" "$criu.away"
check "a checkpoint needs a program that is not here" contains "$(berth checkpoint runc 2>&1)" 'error: checkpoints need CRIU; install the package criu'
give_criu_back
check "without it the container runs on" main_process_is container@runc sh
check "one that does not run has none" contains "$(berth checkpoint five 2>&1)" 'error: the container "five" does not run; berth start five starts it'
check "and there is nothing to restore" contains "$(berth restore five 2>&1)" 'There is no checkpoint of "five"; berth checkpoint five takes one while it runs'
check "stop" systemctl stop container@runc
check "the stop was clean" unit_is container@runc Result success
check "nothing is left" same "" "$(container_files)"
systemctl start container@five || :
wait_for 30 unit_is container@five ActiveState failed
check "an exit status is the unit's" unit_is container@five ExecMainStatus 5
check "a missing runtime fails the start" not systemctl start container@other
check "with file and line" says container@other \
    '/etc/berth/other.container:3:[0-9]+: error: the runtime "/usr/bin/no-such-runtime" is not installed'
