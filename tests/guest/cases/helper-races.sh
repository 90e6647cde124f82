# An exit at once and a stop at once come out right, every time.
# guests: nspawn
# long: qemu@trixie
# timeout: 240

make_rootfs /srv/races
put /etc/berth/seven.container <<'EOF'
[Container]
Rootfs=/srv/races
Exec=/bin/sh -c "exit 7"

[Unit]
StartLimitIntervalSec=0
EOF
sed 's/exit 7/exit 0/' /etc/berth/seven.container >/etc/berth/zero.container
put /etc/berth/sleeper.container <<'EOF'
[Unit]
StartLimitIntervalSec=0

[Container]
Rootfs=/srv/races
Exec=/bin/sh -c "trap 'exit 0' TERM; while :; do sleep 1000 & wait; done"
EOF
systemctl daemon-reload

runs=$(rounds 20 200)
[ "$KIND" != qemu ] || runs=$(rounds 6 40)

results() { # NAME
    local i
    for ((i = 0; i < runs; i++)); do
        timeout 120 systemctl start --wait "container@$1" || :
        echo "$(unit_property "container@$1" Result) $(unit_property "container@$1" ExecMainStatus)"
    done | sort | uniq -c | sed 's/^ *//'
}
check "exit 7 at once, $runs times" same "$runs exit-code 7" "$(results seven)"
check "exit 0 at once, $runs times" same "$runs success 0" "$(results zero)"

# A stop signal that is lost, or comes before the payload can hear it, ends with a SIGKILL when TimeoutStopSec= is over, and the result says so.
stops() {
    local i
    for ((i = 0; i < runs; i++)); do
        systemctl start container@sleeper
        systemctl stop container@sleeper || :
        unit_property container@sleeper Result
    done | sort | uniq -c | sed 's/^ *//'
}
check "stopped at once after the start, $runs times without waiting for TimeoutStopSec=" same "$runs success" "$(stops)"

# What the first command has put into the descriptor store last may not be there for the second, as systemd can see that the first has ended before that: it is
# made anew then, also what would be in its own way.
make_rootfs /srv/late
put /etc/berth/late.container <<'END'
[Container]
Rootfs=/srv/late
Exec=/bin/sh -c "trap 'exit 0' TERM; while :; do sleep 1000 & wait; done"
PublishPort=127.0.0.1:17431:80
END
printf 'FDSTOREREMOVE=1\nFDNAME=berth-mounts\n' >/srv/late/forget
put /srv/late/forgets 755 <<'END'
#!/bin/sh
exec socat -u OPEN:/srv/late/forget UNIX-SENDTO:/run/systemd/notify
END
put '/etc/systemd/system/container@late.service.d/forgets.conf' <<<$'[Service]\nExecStartPre=/srv/late/forgets'
at_end 'rm -r /etc/systemd/system/container@late.service.d; systemctl daemon-reload'
systemctl daemon-reload
check "what the store does not have is made anew" systemctl start container@late
check "with its port" contains "$(berth port late)" '127\.0\.0\.1:17431$'
check "it stops" systemctl stop container@late
check "and leaves nothing" wait_for 20 bash -c '! test -e /run/berth/bundles/late'
