# Notify=yes: what a payload tells systemd reaches it for its own unit, and what it may not say does not.
# guests: nspawn
# timeout: 300

make_rootfs /srv/notify
add_programs /srv/notify /usr/bin/systemd-notify /usr/bin/socat /bin/bash
wait_on='while :; do sleep 1000 & wait; done'
container() { # NAME KEYS SCRIPT [SERVICE-KEYS]
    put "/srv/notify/bin/$1" 755 <<EOT
#!/bin/bash
say() { printf "\$1" | socat -u - UNIX-SENDTO:"\$NOTIFY_SOCKET"; }
trap 'systemd-notify STOPPING=1 --status=ending; exit 0' TERM
$3
$wait_on
EOT
    put "/etc/berth/$1.container" <<EOT
[Container]
Rootfs=/srv/notify
Network=none
Tmpfs=/state
Notify=yes
Exec=/bin/$1
$2

[Service]
${4:-}
EOT
}
told() { # NAME: what has been done in the container is for it to see
    "${2:-crun}" --root /run/berth/runtime exec "$1" /bin/sh -c ": >/state/go"
}
until_told='while [ ! -e /state/go ]; do sleep 0.1; done'

# Root of the machine, a root that is not, a user, and not the first process but a child.
for runtime in crun runc; do
    container "root-$runtime" "Runtime=$runtime" "$until_told
systemd-notify --ready --status='up as root'"
    container "mapped-$runtime" "Runtime=$runtime
UIDMap=0:100000:65536
GIDMap=0:100000:65536" "$until_told
(systemd-notify --ready --status='up as a mapped root')"
    container "user-$runtime" "Runtime=$runtime
User=nobody" "$until_told
(/bin/sh -c 'systemd-notify --ready --status=\"up as nobody\"; true')"
done
container attack "" "systemd-notify --ready
for pid in 1 2 3 \$(seq 10 60); do say \"MAINPID=\$pid\"; done
say 'NOTIFYACCESS=all\\nMAINPID=1\\nSTATUS=one'
say 'STATUS=two\\0\\nMAINPID=2'
say 'FDSTOREREMOVE=1\\nFDNAME=berth-mounts'
say 'STATUS=attacked'"
container flood "" "systemd-notify --ready
(while :; do say 'STATUS=much'; done) &"
container watched "" "trap 'exit 1' ABRT
systemd-notify --ready
while [ ! -e /state/go ]; do systemd-notify WATCHDOG=1; sleep 0.3; done" "WatchdogSec=3"
container slow "" "systemd-notify EXTEND_TIMEOUT_USEC=60000000; sleep 5; systemd-notify --ready" "TimeoutStartSec=3"
container silent "" "true" "TimeoutStartSec=2"
container failed "" "systemd-notify --status='no disk' ERRNO=28; exit 3"
container reload "ReloadSignal=HUP" "trap 'systemd-notify --reloading; systemd-notify --ready --status=reloaded' HUP
systemd-notify --ready" "Type=notify-reload"
container stores "" 'if [ "${LISTEN_FDS:-0}" -gt 0 ]; then
    systemd-notify --ready --status="$LISTEN_FDS $LISTEN_FDNAMES $LISTEN_PID $(cat <&3)"
else
    echo kept >/state/file
    systemd-notify --ready --fd=3 --fdname=mine 3</state/file
fi' "Restart=always
RestartSec=100ms"
container often "" "systemd-notify --ready"
sed -i '1i [Unit]\nStartLimitIntervalSec=0\n' /etc/berth/often.container
container image "" "systemd-notify --ready --status=image"
make_image /srv/layout:notify /srv/notify -- --config.cmd /bin/image
sed -i 's|^Rootfs=.*|Image=oci:/srv/layout:notify|; s|^Exec=.*||' /etc/berth/image.container
systemctl daemon-reload

systemctl start --no-block container@{root,mapped,user}-{crun,runc}
for runtime in crun runc; do
    for who in root mapped user; do
        name=$who-$runtime unit=container@$who-$runtime
        running() { "$runtime" --root /run/berth/runtime exec --user 0:0 "$name" /bin/true; }
        status_says() { contains "$(unit_property "$unit" StatusText)" '^up as '; }
        check "$name: it is running" wait_for 30 running
        check "$name: its unit waits until it says so" unit_is "$unit" ActiveState activating
        "$runtime" --root /run/berth/runtime exec --user 0:0 "$name" /bin/sh -c ': >/state/go'
        check "$name: then it is up" wait_for 30 unit_is "$unit" ActiveState active
        check "$name: its status is the unit's" wait_for 20 status_says
    done
done
systemctl stop container@{root,mapped,user}-{crun,runc}
for unit in container@{root,mapped,user}-{crun,runc}; do
    check "$unit: it stops" unit_is "$unit" Result success
done
for ((started = 0; started < 7; started++)); do
    systemctl start container@often && systemctl stop container@often || break
done
check "one may start as often as its file says" same 7 "$started"
check "in the root of an image" systemctl start container@image
check "it speaks as in any" unit_is container@image StatusText image
systemctl stop container@image
check "nothing of ours stays" wait_for 30 no_process 'berth-helper pass'
no_sockets() { same "" "$(systemctl list-units --plain --no-legend 'container-notify@*.socket')$(ls -A /run/berth/notify)"; }
check "nor a socket" wait_for 20 no_sockets

systemctl start container@attack
pid=$(main_pid container@attack)
check "a payload that is the machine's root goes on" wait_for 60 unit_is container@attack StatusText attacked
check "and no other process is the main one" same "$pid" "$(main_pid container@attack)"
check "nor are others listened to" unit_is container@attack NotifyAccess exec
check "what is behind a NUL is not seen" not contains "$(journal_of container@attack)" 'STATUS=two'
# Those that are about time are at it while others are waited for; TMP has what came of each start.
systemctl start container@watched
for name in slow silent; do
    (status=0; systemctl start "container@$name" || status=$?; echo "$status" >"$TMP/$name.status") &
done
helper() { systemctl is-active -q container-notify@attack.service; }
check "there is nobody between when nothing is said" wait_for 30 not helper
crun --root /run/berth/runtime exec attack /bin/bash -c 'systemd-notify --status=again'
check "who is between may be killed" systemctl kill -s KILL container-notify@attack.service
crun --root /run/berth/runtime exec attack /bin/bash -c 'systemd-notify --status=killed'
check "and is there again" wait_for 20 unit_is container@attack StatusText killed
systemctl restart container@attack
check "a restart begins anew" wait_for 60 unit_is container@attack StatusText attacked
systemctl stop container@attack
wait
check "nothing is failed by that" same "" "$(systemctl list-units --plain --no-legend --state=failed 'container*' | grep -v '^container@silent.service ')"
check "one gets more time for its start" same 0 "$(cat "$TMP/slow.status")"
check "but not without asking" not same 0 "$(cat "$TMP/silent.status")"
check "which is the time's fault" unit_is container@silent Result timeout
alive_for() { [ $(($(date +%s) - $(date -d "$(unit_property "$1" ActiveEnterTimestamp)" +%s))) -ge "$2" ]; }
check "one that says that it is alive lives" wait_for 30 alive_for container@watched 5
check "and is up" unit_is container@watched ActiveState active
told watched
check "and one that does not is ended" wait_for 30 unit_is container@watched Result watchdog

systemctl start container@flood
check "many messages do not keep it from its stop" timeout 60 systemctl stop container@flood

check "one that ends before it is up" not systemctl start container@failed
check "fails with its own status" unit_is container@failed ExecMainStatus 3
check "and what it has said of it" same "no disk 28" "$(unit_property container@failed StatusText) $(unit_property container@failed StatusErrno)"
systemctl reset-failed

if [ "$SUITE" != bookworm ]; then
    systemctl start container@reload
    check "Type=notify-reload" systemctl reload container@reload
    check "has waited for its end" unit_is container@reload StatusText reloaded
    check "and the unit is up" unit_is container@reload ActiveState active
    systemctl start container@stores
    pid=$(main_pid container@stores)
    stored() { unit_is container@stores NFileDescriptorStore 1; }
    check "a descriptor is stored" wait_for 20 stored
    kill -KILL "$pid"
    check "and is there in the next life" wait_for 30 unit_is container@stores StatusText '1 mine 1 kept'
fi
put /etc/berth/no-place.container <<'EOT'
[Container]
Rootfs=/srv/notify
Network=none
Volume=/srv/empty:/run
Notify=yes
Exec=/bin/true
EOT
systemctl daemon-reload
mkdir /srv/empty
check "a root without a place for the socket" not systemctl start container@no-place
check "is told" says container@no-place 'error: Notify=yes needs a /run/notify/notify.sock, for which the root file system has no place; a Tmpfs=/run would be one$'
systemctl stop 'container@*'
check "nothing is left" same "" "$(container_files)"
check "no socket either" wait_for 20 no_sockets
