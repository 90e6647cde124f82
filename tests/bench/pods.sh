#!/bin/bash
# Ten pods of five containers, in one transaction up and down, inside a guest; where podman is installed, against its Quadlet's.
set -eu
runs=${RUNS:-5} pods=${PODS:-10} members=${MEMBERS:-5}

mkdir -p /srv/bench/{bin,dev,etc,proc,sys,tmp,run} /run/bench /etc/berth
cp /bin/busybox /srv/bench/bin/
for applet in sh sleep true; do ln -sf busybox /srv/bench/bin/$applet; done

median() { sort -n | awk '{v[NR] = $1} END {print (NR % 2) ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2}'; }
now() { awk '{printf "%d\n", $1 * 1000}' /proc/uptime; }

# The files of both: a pod and its containers, with PREFIX before their names.
describe() { # DIRECTORY PREFIX
    local pod member
    mkdir -p "$1"
    for ((pod = 1; pod <= pods; pod++)); do
        printf '[Pod]\n' >"$1/$2$pod.pod"
        for ((member = 1; member <= members; member++)); do
            cat >"$1/$2$pod-$member.container" <<END
[Container]
Rootfs=/srv/bench
Pod=$2$pod.pod
Exec=/bin/sh -c "trap 'exit 0' TERM; while :; do sleep 1000 & wait; done"
END
        done
    done
}

# Those that run; asked for seldom, because systemd has to answer.
active() { systemctl list-units --no-legend --state=active "$@" | wc -l; }

# In milliseconds: until the last container runs, by systemd's own clock, and until nothing does.
measure() { # NAME UNIT-OF-A-POD PATTERN-OF-CONTAINERS
    local names=() round pod begin
    for ((pod = 1; pod <= pods; pod++)); do names+=("${2//N/$pod}"); done
    rm -f "/run/bench/$1".*
    for ((round = 0; round <= runs; round++)); do
        begin=$(now)
        systemctl start "${names[@]}"
        until [ "$(active "$3")" -ge $((pods * members)) ]; do sleep 0.3; done
        systemctl show -p ActiveEnterTimestampMonotonic --value "$3" | awk -v begin="$begin" '$1 > last {last = $1} END {printf "%d\n", last / 1000 - begin}' >>"/run/bench/$1.up"
        begin=$(now)
        systemctl stop "${names[@]}"
        until [ "$(active "$3")" -eq 0 ]; do sleep 0.01; done
        echo $(($(now) - begin)) >>"/run/bench/$1.down"
    done
    # The first round is to warm up.
    sed -i 1d "/run/bench/$1".{up,down}
    printf '%d pods of %d, %s: up %d ms, down %d ms\n' "$pods" "$members" "$1" "$(median <"/run/bench/$1.up")" "$(median <"/run/bench/$1.down")"
}

describe /etc/berth p
if command -v podman >/dev/null; then
    describe /etc/containers/systemd q
    mkdir -p /etc/containers
    # A guest has no file system of its own that an overlay could be on.
    [ -e /etc/containers/storage.conf ] || printf '[storage]\ndriver="vfs"\nrunroot="/run/containers/storage"\ngraphroot="/var/lib/containers/storage"\n' >/etc/containers/storage.conf
    [ -e /etc/containers/containers.conf ] || printf '[containers]\npids_limit=0\n' >/etc/containers/containers.conf
fi
systemctl daemon-reload
measure berth container-pod@pN.service 'container@p*'
systemctl start container-pod@p1
sleep 2
printf 'processes beside the containers of a pod: %d\n' "$(pgrep -fc 'berth-helper|catatonit' || :)"
systemctl stop container-pod@p1
command -v podman >/dev/null || exit 0
measure quadlet qN-pod.service 'q*-[0-9].service'
awk -v a="$(median </run/bench/berth.up)" -v b="$(median </run/bench/quadlet.up)" -v c="$(median </run/bench/berth.down)" -v d="$(median </run/bench/quadlet.down)" \
    'BEGIN {printf "faster than Quadlet: %.1f times up, %.1f times down (expected: at least 4)\n", b / a, d / c}'
