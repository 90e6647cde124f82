# Checkpoints on a machine that has cgroup v2 alone, as real ones do: a container sees its unit's limits there by mounts that CRIU does not know.
# guests: qemu@trixie
# lsm: apparmor
# timeout: 300

criu_without_breakpoints
make_rootfs /srv/dozing
# A counter, beside a process with some memory, which forks no other that has it as well, and with a file that is open and has no name any more.
put /srv/dozing/count <<'END'
echo begins
echo kept >/gone
exec 5</gone
rm /gone
trap 'cat <&5; exit 0' TERM
(
    n=0
    while :; do n=$((n + 1)); echo "tick $n"; sleep 0.2; done
) &
much=$(head -c 4000000 /dev/zero | tr '\0' x)
wait
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
done

# Memory that is written down before: each time, and at last, only what has changed.
has_memory() { # NAME
    awk '/^VmRSS:/ { exit !($2 > 4000) }' "/proc/$(main_pid "container@$1")/status"
}
pages() { # DIRECTORY: how much of it there is, in KiB
    cat "/var/lib/berth/checkpoints/$1"/pages-*.img | wc -c | awk '{ print int($1 / 1024) }'
}
for name in doze-crun doze-runc; do
    check "$name: it has its memory" wait_for 60 has_memory "$name"
    check "$name: its memory is written down while it runs on" berth checkpoint --pre "$name"
    check "$name: that is no checkpoint" same pre "$(ls "/var/lib/berth/checkpoints/$name")"
    check "$name: and the unit is active" unit_is "container@$name" ActiveState active
    all=$(pages "$name/pre/1")
    check "$name: all of it" test "$all" -gt 4000
    check "$name: what has changed since" berth checkpoint --pre --track "$name"
    check "$name: is less" test "$(pages "$name/pre/2")" -lt 2000
    check "$name: anew" berth checkpoint --pre "$name"
    check "$name: is all" same "1 of" "$(ls -x "/var/lib/berth/checkpoints/$name/pre" | tr -s ' ')"
    check "$name: once more" berth checkpoint --pre --track "$name"
    seen=$(ticks "$name" | tail -n 1)
    check "$name: what has changed since is put to sleep" berth checkpoint "$name"
    check "$name: which is less" test "$(pages "$name/whole/images")" -lt 2000
    check "$name: it wakes up with all of it" systemctl start "container@$name"
    check "$name: and goes on counting" wait_for 60 ticks_from "$name" $((seen + 1))
    check "$name: in the same life" same 2 "$(begun "$name")"
    check "$name: of which nothing is left" same "" "$(ls "/var/lib/berth/checkpoints/$name")"
    check "$name: the same, exported" berth checkpoint --pre "$name"
    seen=$(ticks "$name" | tail -n 1)
    check "$name: goes into the archive" berth checkpoint --export "$TMP/$name.tar" "$name"
    check "$name: it goes on from that" berth restore --import "$TMP/$name.tar" "$name"
    check "$name: counting" wait_for 60 ticks_from "$name" $((seen + 1))
    berth checkpoint --pre "$name"
    # Killed as it writes, it leaves nothing that is used, or stays.
    berth checkpoint --pre --track "$name" &
    sleep "0.$((RANDOM % 5))"
    kill -KILL $! 2>/dev/null || :
    check "$name: it runs on" wait_for 60 ticks_from "$name" $(($(ticks "$name" | tail -n 1) + 1))
    systemctl kill --signal=KILL "container@$name"
    gone() { same "" "$(ls "/var/lib/berth/checkpoints/$name")"; }
    check "$name: with its life it is gone" wait_for 60 gone
done

# Connections, of this machine and of another one, whose other side says something while the container sleeps, and again while it is made anew, as long as
# CRIU waits here: then the address is there, and no socket.
make_outside
make_rootfs /srv/talking
add_programs /srv/talking /usr/bin/socat
mv /usr/sbin/criu /usr/sbin/criu.real
at_end 'mv /usr/sbin/criu.real /usr/sbin/criu; rm -f /run/criu-waits'
put /usr/sbin/criu 755 <<'END'
#!/bin/sh
while [ "$1" = swrk ] && [ -e /run/criu-waits ]; do sleep 0.1; done
exec /usr/sbin/criu.real "$@"
END
for runtime in crun runc; do
    put "/etc/berth/talk-$runtime.container" <<END
[Container]
Rootfs=/srv/talking:O
Exec=/usr/bin/socat TCP4-LISTEN:80,reuseaddr PIPE
Runtime=$runtime
PublishPort=8085:80
END
done
systemctl daemon-reload
hears() { # TEXT: what comes back
    local line=
    IFS= read -r -t "${PATIENCE}00" line <&7 || :
    same "$1" "$line"
}
is_found() { # ADDRESS: by who sends to it, which is then sent
    ip neigh show to "$1" | grep -q lladdr
}
talks_on() { # NAME CLIENT...: which connects to it; ADDRESS is the container's
    local name=$1 unit=container@$1 address client
    shift
    require "$name: starts" systemctl start "$unit"
    address=$(address_of "$name")
    coproc CLIENT { exec "${@//ADDRESS/$address}" 3>&-; }
    client=$CLIENT_PID
    exec 7<&"${CLIENT[0]}" 8>&"${CLIENT[1]}" {CLIENT[0]}<&- {CLIENT[1]}>&-
    echo one >&8
    check "$name: it answers" hears one
    check "$name: it sleeps with its connection" berth checkpoint --tcp-established "$name"
    ip neigh flush to "$address"
    echo two >&8
    touch /run/criu-waits
    systemctl start --no-block "$unit"
    check "$name: what was said meanwhile comes to where it will be" wait_for 60 is_found "$address"
    rm /run/criu-waits
    check "$name: it wakes up" wait_for 60 unit_is "$unit" ActiveState active
    check "$name: and has heard that" hears two
    echo three >&8
    check "$name: and goes on" hears three
    check "$name: others get in as well" not inside "$name" nft list table inet berth-silence
    exec 7<&- 8>&-
    systemctl stop "$unit"
    wait "$client" || :
}
talks_on talk-crun socat - TCP:ADDRESS:80,retry=200,interval=0.1
talks_on talk-runc ip netns exec outside socat - TCP:192.0.2.1:8085,retry=200,interval=0.1
