# A start in two halves: what comes before, between and instead of them, and what is left of it.
# guests: nspawn
# timeout: 240

make_rootfs /srv/prepare
put /etc/berth/halves.container <<'EOF'
[Unit]
StartLimitIntervalSec=0

[Container]
Rootfs=/srv/prepare:O
Volume=/srv/prepare-data:/data
Environment=FIRST=1
Exec=/bin/sh -c "trap 'exit 0' TERM; env; echo data: $(cat /data/word); ls -l /proc/self/fd | sed -n 's/.* -> /open: /p'; echo up; while :; do sleep 1000 & wait; done"

[Service]
ExecStartPre=/bin/mkdir -p /srv/prepare-data
ExecStartPre=/bin/sh -c 'echo made >/srv/prepare-data/word'
EOF
systemctl daemon-reload
stored() {
    unit_property container@halves NFileDescriptorStore
}
fresh_log() {
    cursor=$(journal_cursor)
}
log() {
    sync_journal
    journalctl -q -o cat --after-cursor="$cursor" -u container@halves
}
logged() {
    contains "$(log)" "$1"
}

fresh_log
require "it starts, with a volume that its own ExecStartPre= makes" systemctl start container@halves
check "it has what was made" wait_for 20 logged '^data: made$'
check "it is up" wait_for 20 logged '^up$'
check "nothing is left in the descriptor store" same 0 "$(stored)"
check "the payload has no descriptor of ours" same "" "$(log | grep '^open:' | grep -vE '/dev/null|socket:|pipe:|/proc/[0-9]+/fd')"
check "it knows of no passed descriptors" same "" "$(log | grep ^LISTEN_)"

for _ in 1 2 3; do systemctl restart container@halves; done
check "restarts leave nothing in the descriptor store" same 0 "$(stored)"
kill -KILL "$(main_pid container@halves)"
systemctl stop container@halves 2>/dev/null || :

# --- lines of a later drop-in run between the halves

put /etc/systemd/system/container@halves.service.d/between.conf <<'EOF'
[Service]
ExecStartPre=/bin/sed -i 's/"FIRST=1"/&, "SECOND=2"/' /run/berth/bundles/halves/config.json
EOF
systemctl daemon-reload
fresh_log
check "it starts with a drop-in that changes config.json" systemctl start container@halves
check "it has the drop-in's variable" wait_for 20 logged '^SECOND=2$'
systemctl stop container@halves

put /etc/systemd/system/container@halves.service.d/between.conf <<'EOF'
[Service]
ExecStartPre=/bin/sh -c 'touch /run/between; sleep 2'
EOF
systemctl daemon-reload
systemctl start --no-block container@halves
wait_for 20 test -e /run/between >/dev/null
systemctl daemon-reexec
check "systemd may execute itself anew between the halves" wait_for 30 unit_is container@halves ActiveState active
check "and nothing is left in the descriptor store" same 0 "$(stored)"
systemctl stop container@halves
rm /run/between

put /etc/systemd/system/container@halves.service.d/between.conf <<'EOF'
[Service]
ExecStartPre=/bin/false
EOF
systemctl daemon-reload
check "it does not start when a line in between fails" not systemctl start container@halves
check "what was prepared is gone then" becomes 20 "" container_files
check "also from the descriptor store" same 0 "$(stored)"
systemctl reset-failed container@halves

# --- without the first half, the second does it all

put /etc/systemd/system/container@halves.service.d/between.conf <<'EOF'
[Service]
ExecStartPre=
EOF
systemctl daemon-reload
mkdir -p /srv/prepare-data
fresh_log
check "it starts without ExecStartPre=" systemctl start container@halves
check "it is up then, too" wait_for 20 logged '^up$'
systemctl stop container@halves
rm -r /etc/systemd/system/container@halves.service.d
systemctl daemon-reload

# --- systemd executes itself anew at any moment of a start

for round in 1 2 3 4 5 6 7 8 9 10; do
    systemctl start --no-block container@halves
    sleep "0.0$((RANDOM % 10))"
    systemctl daemon-reexec
    wait_for 30 unit_is container@halves ActiveState active >/dev/null || break
    systemctl stop container@halves
done
check "a start goes on when systemd executes itself anew, whenever" same "10 success" "$round $(unit_property container@halves Result)"
check "nothing is left" becomes 20 "" container_files

# --- sockets of the unit reach the payload

at_end 'systemctl stop door.socket 2>/dev/null'
put /etc/systemd/system/door.socket <<'EOF'
[Socket]
ListenStream=/run/door
FileDescriptorName=door
Service=container@guard.service
EOF
for runtime in crun runc; do
    put /etc/berth/guard.container <<EOF
[Container]
Rootfs=/srv/prepare:O
Runtime=$runtime
Environment=LISTEN_FDS=7
Exec=/bin/sh -c "trap 'exit 0' TERM; env | grep ^LISTEN_ | sort; readlink /proc/self/fd/3 | sed 's/[0-9].*//'; echo up; while :; do sleep 1000 & wait; done"

[Service]
Sockets=door.socket
EOF
    systemctl daemon-reload
    cursor=$(journal_cursor)
    require "it starts with a socket under $runtime" systemctl start container@guard
    check "the payload runs under $runtime" wait_for 20 bash -c "journalctl --sync; journalctl -q -o cat --after-cursor='$cursor' -u container@guard | grep -x up"
    check "it is told of the socket, and has it as descriptor 3, under $runtime" same \
        "LISTEN_FDNAMES=door LISTEN_FDS=1 LISTEN_PID=1 socket:[ up" \
        "$(journalctl -q -o cat --after-cursor="$cursor" -u container@guard | grep -E '^(LISTEN|socket|up)' | tr '\n' ' ' | sed 's/ $//')"
    systemctl stop container@guard
done
systemctl stop door.socket

# A user's manager is asked over its own bus.
no_more_as_user

# --- systemd is asked over the system bus, and without one directly

bus=/run/dbus/system_bus_socket
mv "$bus" "$bus.away"
at_end "[ ! -e $bus.away ] || mv -f $bus.away $bus"
check "it starts without a system bus" systemctl start container@halves
systemctl stop container@halves
put /etc/systemd/system/test-mute.socket <<'EOF'
[Socket]
ListenStream=/run/test-mute
EOF
put /etc/systemd/system/test-mute.service <<'EOF'
[Service]
ExecStart=/bin/sleep 1000
EOF
systemctl daemon-reload
systemctl start test-mute.socket
ln -s /run/test-mute "$bus"
check "it starts when the system bus takes the question and does not answer" systemctl start container@halves
check "it has been asked" unit_is test-mute.service ActiveState active
systemctl stop container@halves
check "nor does that disturb the stop" unit_is container@halves Result success
systemctl stop test-mute.socket test-mute.service
mv -f "$bus.away" "$bus"
