# What the benchmarks share: they run behind it, inside a guest. Every figure is a ratio against a baseline of the same run: the machine's own speed cancels out.
# shellcheck shell=bash
set -eu

mkdir -p /run/bench /etc/berth

# The service manager, and where its files are: a benchmark of a user's containers has others.
control() { systemctl "$@"; }
root=/srv/bench files=/etc/berth units=/run/systemd/system bundles=/run/berth/bundles
entering= # what a floor runs crun by
before=/bin/true # a floor's line before that

# A small root file system, /srv/bench, with a payload that ends at once when it is told to.
make_root() { # APPLET...
    local applet
    mkdir -p /srv/bench/{bin,dev,etc,proc,sys,tmp,run}
    cp /bin/busybox /srv/bench/bin/
    for applet; do ln -sf busybox "/srv/bench/bin/$applet"; done
}
script="trap 'exit 0' TERM; while :; do sleep 1000 & wait; done"

describe() { # NAME KEYS
    cat >"$files/$1.container" <<END_OF_FILE
[Unit]
StartLimitIntervalSec=0

[Container]
Rootfs=$root
Exec=/bin/sh -c "$script"
$2
END_OF_FILE
}

median() { sort -n | awk '{v[NR] = $1} END {print (NR % 2) ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2}'; }
of() { median <"/run/bench/$1"; }

# In microseconds, by the unit's own clock: from leaving "inactive" to being active, and from leaving "active" to being inactive.
between() { # UNIT FROM TO
    control show -p "$2TimestampMonotonic" -p "$3TimestampMonotonic" "$1" |
        awk -F= -v from="$2TimestampMonotonic" '$1 == from {a = $2} $1 != from {b = $2} END {print b - a}'
}
once() { # UNIT NAME
    control start "$1"
    between "$1" InactiveExit ActiveEnter >>"/run/bench/$2.start"
    control stop "$1"
    between "$1" ActiveExit InactiveEnter >>"/run/bench/$2.stop"
}

# Many in one transaction, by the clock on the wall.
transaction() { # NAME UNIT...
    local begin=${EPOCHREALTIME/./}
    control start "${@:2}"
    echo $((${EPOCHREALTIME/./} - begin)) >>"/run/bench/$1.up"
    [ "$(control is-active "${@:2}" | grep -cx active)" = $(($# - 1)) ] || echo "not all of $1 are active" >&2
    begin=${EPOCHREALTIME/./}
    control stop "${@:2}"
    echo $((${EPOCHREALTIME/./} - begin)) >>"/run/bench/$1.down"
}

times() { # TITLE PEER OURS FLOOR
    awk -v t="$1" -v a="$2" -v b="$3" -v c="$4" 'BEGIN {printf "%s: ours %.1f ms, Quadlet %.1f ms: %.1f times as fast (expected: at least 4.0); the floor %.1f ms, which would be %.1f times\n", t, b / 1000, a / 1000, a / b, c / 1000, a / c}'
}

# A unit that another one names is not forgotten when it has stopped, nor are its times.
keep() { # UNIT...
    printf '[Unit]\nAfter=%s\n' "$*" >"$units/bench-keep.target"
    control daemon-reload
    control start bench-keep.target
}

# The floor: units bench-floor@1 … COUNT that run `crun run --detach` on a ready bundle, whose configuration is the very same as that of the container, which has
# Network=none; with as many lines as ours: one after, and one before where a container has one that prepares.
make_floors() { # CONTAINER COUNT
    local i
    control start "container@$1"
    for ((i = 1; i <= $2; i++)); do
        mkdir -p "/run/bench/bundle$i"
        cp -a "$bundles/$1/." "/run/bench/bundle$i/"
        sed -i "s,\"cgroupsPath\": *\"[^\"]*\",\"cgroupsPath\": \"/bench\",; s,$bundles/$1/,/run/bench/bundle$i/,g" \
            "/run/bench/bundle$i/config.json"
    done
    control stop "container@$1"
    cat >"$units/bench-floor@.service" <<END_OF_FILE
[Unit]
StartLimitIntervalSec=0

[Service]
Type=forking
PIDFile=/run/bench/bundle%i/pid
ExecStartPre=$before
ExecStart=${entering}/usr/bin/crun --cgroup-manager=disabled run --detach --bundle /run/bench/bundle%i --pid-file /run/bench/bundle%i/pid %p-%i
ExecStopPost=-/usr/bin/crun --cgroup-manager=disabled delete --force %p-%i
END_OF_FILE
    control daemon-reload
}
