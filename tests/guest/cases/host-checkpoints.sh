# Checkpoints on a machine that has cgroup v2 alone, as real ones do: a container sees its unit's limits there by mounts that CRIU does not know.
# guests: qemu@trixie
# lsm: apparmor
# timeout: 300

make_rootfs /srv/dozing
# A counter, with a file that is open and has no name any more.
put /srv/dozing/count <<'END'
echo begins
echo kept >/gone
exec 5</gone
rm /gone
trap 'cat <&5; exit 0' TERM
n=0
while :; do n=$((n + 1)); echo "tick $n"; sleep 0.2; done
END
for runtime in crun runc; do
    put "/etc/berth/doze-$runtime.container" <<END
[Container]
Rootfs=/srv/dozing:O
Exec=/bin/sh /count
Runtime=$runtime
Network=none
CheckpointOnStop=yes
Memory=64m

[Service]
TimeoutStopSec=${PATIENCE}0
END
done
systemctl daemon-reload

begun() { # NAME
    journal_of "container@$1" | grep -cx begins
}
for name in doze-crun doze-runc; do
    require "$name: starts" systemctl start "container@$name"
    check "$name: counts" wait_for 60 ticks_from "$name" 3
    check "$name: is put to sleep by a stop" systemctl stop "container@$name"
    check "$name: which is a success" unit_is "container@$name" Result success
    check "$name: it sleeps" same sleeping "$(listed_state "$name")"
    seen=$(ticks "$name" | tail -n 1)
    check "$name: wakes up" systemctl start "container@$name"
    check "$name: goes on counting" wait_for 60 ticks_from "$name" $((seen + 1))
    check "$name: has begun once" same 1 "$(begun "$name")"
    check "$name: has its profile" grep -qx 'berth-default (enforce)' "/proc/$(main_pid "container@$name")/attr/current"
    check "$name: has its limit" same 67108864 "$(cat "/sys/fs/cgroup$(unit_property "container@$name" ControlGroup)/memory.max")"
    check "$name: is put to sleep by hand" berth checkpoint "$name"
    check "$name: sleeps again" same sleeping "$(listed_state "$name")"
    check "$name: is forgotten" berth start --fresh "$name"
    check "$name: and begins anew" becomes 60 2 begun "$name"
    systemctl kill --signal=KILL "container@$name"
done
