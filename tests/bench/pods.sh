#!/bin/bash
# Ten pods of five containers, in one transaction up and down; where podman is installed, against its Quadlet's. Beside them the floor, as many containers
# without pod or network: how much faster than Quadlet anything could be.
runs=${RUNS:-5} pods=${PODS:-10} members=${MEMBERS:-5}

make_root sh sleep true

now() { awk '{printf "%d\n", $1 * 1000}' /proc/uptime; }

# The files of both: a pod and its containers, with PREFIX before their names.
describe_pods() { # DIRECTORY PREFIX
    local pod member
    mkdir -p "$1"
    for ((pod = 1; pod <= pods; pod++)); do
        printf '[Pod]\n' >"$1/$2$pod.pod"
        for ((member = 1; member <= members; member++)); do
            cat >"$1/$2$pod-$member.container" <<END
[Container]
Rootfs=/srv/bench
Pod=$2$pod.pod
Exec=/bin/sh -c "$script"
END
        done
    done
}

# Those that run; asked for seldom, because systemd has to answer.
active() { systemctl list-units --no-legend --state=active "$@" | wc -l; }

# In milliseconds: until the last container runs, by systemd's own clock, and until nothing does.
measure() { # NAME PATTERN-OF-CONTAINERS UNIT...
    local names=("${@:3}") round begin
    rm -f "/run/bench/$1".*
    for ((round = 0; round <= runs; round++)); do
        begin=$(now)
        systemctl start "${names[@]}"
        until [ "$(active "$2")" -ge $((pods * members)) ]; do sleep 0.3; done
        systemctl show -p ActiveEnterTimestampMonotonic --value "$2" | awk -v begin="$begin" '$1 > last {last = $1} END {printf "%d\n", last / 1000 - begin}' >>"/run/bench/$1.up"
        begin=$(now)
        systemctl stop "${names[@]}"
        until [ "$(active "$2")" -eq 0 ]; do sleep 0.01; done
        echo $(($(now) - begin)) >>"/run/bench/$1.down"
    done
    # The first round is to warm up.
    sed -i 1d "/run/bench/$1".{up,down}
    printf '%d pods of %d, %s: up %d ms, down %d ms\n' "$pods" "$members" "$1" "$(median <"/run/bench/$1.up")" "$(median <"/run/bench/$1.down")"
}

describe_pods /etc/berth p
if command -v podman >/dev/null; then
    describe_pods /etc/containers/systemd q
    mkdir -p /etc/containers
    # A guest has no file system of its own that an overlay could be on.
    [ -e /etc/containers/storage.conf ] || printf '[storage]\ndriver="vfs"\nrunroot="/run/containers/storage"\ngraphroot="/var/lib/containers/storage"\n' >/etc/containers/storage.conf
    [ -e /etc/containers/containers.conf ] || printf '[containers]\npids_limit=0\n' >/etc/containers/containers.conf
fi
systemctl daemon-reload
ours=() peers=() floors=()
for ((i = 1; i <= pods; i++)); do ours+=("container-pod@p$i.service") peers+=("q$i-pod.service"); done
for ((i = 1; i <= pods * members; i++)); do floors+=("bench-floor@$i.service"); done
measure berth 'container@p*' "${ours[@]}"
systemctl start container-pod@p1
sleep 2
printf 'processes beside the containers of a pod: %d\n' "$(pgrep -fc 'berth-helper|catatonit' || :)"
systemctl stop container-pod@p1
command -v podman >/dev/null || exit 0
measure quadlet 'q*-[0-9].service' "${peers[@]}"
describe bare Network=none
systemctl daemon-reload
make_floors bare $((pods * members))
measure floor 'bench-floor@*' "${floors[@]}"
faster() { # TITLE NAME
    awk -v t="$1" -v a="$(of quadlet.up)" -v b="$(of "$2.up")" -v c="$(of quadlet.down)" -v d="$(of "$2.down")" \
        'BEGIN {printf "%s: %.1f times up, %.1f times down", t, a / b, c / d}'
}
faster "faster than Quadlet" berth
printf ' (expected: at least 4)\n'
faster "the floor would be" floor
echo
