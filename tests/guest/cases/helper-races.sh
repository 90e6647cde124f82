# An exit at once and a stop at once come out right, every time.
# guests: nspawn qemu
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

runs=40
[ "$KIND" != qemu ] || runs=10

results() { # NAME
    local i
    for ((i = 0; i < runs; i++)); do
        timeout 30 systemctl start --wait "container@$1" || :
        echo "$(unit_property "container@$1" Result) $(unit_property "container@$1" ExecMainStatus)"
    done | sort | uniq -c | sed 's/^ *//'
}
check "exit 7 at once, $runs times" same "$runs exit-code 7" "$(results seven)"
check "exit 0 at once, $runs times" same "$runs success 0" "$(results zero)"

stops() {
    local i before took
    for ((i = 0; i < runs; i++)); do
        systemctl start container@sleeper
        before=$(date +%s%N)
        systemctl stop container@sleeper
        took=$((($(date +%s%N) - before) / 1000000))
        echo "$took" >>"$TMP/took"
        # A stop signal that is lost costs the ten seconds of TimeoutStopSec=; a busy machine costs less.
        [ "$took" -lt 5000 ] && took=quick
        echo "$(unit_property container@sleeper Result) $took"
    done | sort | uniq -c | sed 's/^ *//'
}
check "stopped at once after the start, $runs times without waiting for TimeoutStopSec=" same "$runs success quick" "$(stops)"
# What one stop takes says something about the machine, what most take about berth.
if [ "$KIND" != qemu ]; then
    check "most of them within a second" test "$(sort -n "$TMP/took" | sed -n "$((runs / 2))p")" -lt 1000
fi
