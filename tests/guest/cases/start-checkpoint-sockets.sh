# Checkpoints of what a container shares with others: TCP connections, file locks, addresses, the namespaces of a pod.
# guests: nspawn
# suites: trixie
# layer: criu
# timeout: 180

mount -o remount,bind,rw /proc/sys
criu check || skip "CRIU and this kernel do not go together"
root=/var/lib/berth/test-share
at_end "exec 7<&-; systemctl stop 'container@share-*' container-pod@share; rm -rf /etc/berth/share* '$root' /var/lib/berth/checkpoints; systemctl daemon-reload"
make_rootfs "$root"
add_programs "$root" /usr/bin/socat /usr/bin/flock

# It says back what it hears.
for runtime in crun runc; do
    put "/etc/berth/share-$runtime.container" <<END
[Container]
Rootfs=$root:O
Runtime=$runtime
Exec=/usr/bin/socat TCP4-LISTEN:80,reuseaddr PIPE
END
done
put /etc/berth/share-locks.container <<END
[Container]
Rootfs=$root
Network=none
Exec=/bin/sh -c 'exec 9>/lock; /usr/bin/flock 9; trap "exit 0" TERM; while :; do sleep 0.1; done'
END
put /etc/berth/share.pod <<'END'
[Pod]
Network=none
END
put /etc/berth/share-member.container <<END
[Container]
Rootfs=$root
Pod=share.pod
Exec=/bin/sh -c 'trap "exit 0" TERM; while :; do sleep 0.1; done'
END
systemctl daemon-reload
checkpoint_says() { berth checkpoint "$@" 2>&1 || :; }

# A connection that is open, and goes on.
hears() { # TEXT: says it, and hears it again
    local line=
    echo "$1" >&7
    IFS= read -r -t 20 line <&7 || :
    same "$1" "$line"
}
connect() { # NAME: in this shell, which the connection belongs to
    local tries
    address=$(address_of "$1")
    for ((tries = 0; tries < 200; tries++)); do
        { exec 7<>"/dev/tcp/$address/80"; } 2>/dev/null && return
        sleep 0.1
    done
    return 1
}
for runtime in crun runc; do
    name=share-$runtime
    require "$runtime: it starts" systemctl start "container@$name"
    connect "$name"
    check "$runtime: it answers" hears one
    check "$runtime: without another word it is not given up" contains "$(checkpoint_says "$name")" \
        "no checkpoint can be taken of \"$name\": CRIU says: .*Connected TCP socket"
    check "$runtime: and goes on" hears two
    # CRIU 4.1 asks for an option that Linux 6.16 and later have only for sockets of another kind.
    if contains "$(checkpoint_says --tcp-established "$name")" "Can't get 1:16 opt" 2>/dev/null; then
        check "$runtime: what CRIU cannot have of it is said, and it goes on" hears three
        exec 7<&-
        systemctl stop "container@$name"
        continue
    fi
    check "$runtime: else it sleeps with it" same sleeping "$(listed_state "$name")"
    check "$runtime: and can begin anew" berth start --fresh "$name"
    exec 7<&-
    systemctl stop "container@$name"
done

# Its address is somebody else's meanwhile.
# This one has no connection, nor a socket.
put /etc/berth/share-crun.container <<END
[Container]
Rootfs=$root:O
Exec=/bin/sh -c 'trap "exit 0" TERM; n=0; while :; do n=\$\$((n + 1)); echo tick \$\$n; sleep 0.1; done'
END
systemctl daemon-reload
systemctl start container@share-crun
ticks() { journal_of container@share-crun | sed -n 's/^tick //p'; }
ticks_from() { [ "$(ticks | tail -n 1)" -ge "$1" ]; }
goes_on() { wait_for 20 ticks_from $(($(ticks | tail -n 1) + 3)); }
wait_for 20 ticks_from 3 >/dev/null
address=$(address_of share-crun)

berth checkpoint share-crun
put /etc/berth/share-other.container <<END
[Container]
Rootfs=$root
Network=default:ip=$address
Exec=/bin/sh -c 'trap "exit 0" TERM; while :; do sleep 0.1; done'
END
systemctl daemon-reload
systemctl start container@share-other
check "an address that is taken is an error" not berth restore share-crun
check "which says so" says container@share-crun "error: the address $address is that of the container \"share-other\""
systemctl reset-failed container@share-crun
check "with another it goes on" berth restore --ignore-static-ip share-crun
check "which is another" not same "$address" "$(address_of share-crun)"
check "and goes on" goes_on
systemctl stop container@share-crun container@share-other

# Locks on files.
holds_lock() { [ -e "$root/lock" ] && ! flock -n "$root/lock" true; }
systemctl start container@share-locks
require "a lock is held" wait_for 20 holds_lock
check "without another word it is not given up" contains "$(checkpoint_says share-locks)" \
    'no checkpoint can be taken of "share-locks": CRIU says: .*[Ll]ock'
check "a checkpoint with it" berth checkpoint --file-locks share-locks
check "it is free while the container sleeps" flock -n "$root/lock" true
check "it wakes up" berth restore share-locks
check "and holds it" holds_lock
systemctl stop container@share-locks

# Of a pod's containers none has namespaces of its own.
systemctl start container@share-member
check "a pod's member is refused" contains "$(checkpoint_says share-member)" \
    'no checkpoint can be taken of "share-member": it is in a pod, whose namespaces are others'"'"' as well'
check "and runs on" unit_is container@share-member ActiveState active
