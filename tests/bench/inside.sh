#!/bin/bash
# Measures inside a guest. Every figure is a ratio against a baseline of the same run: the machine's own speed cancels out.
set -eu
runs=${RUNS:-40}

make_root() {
    mkdir -p /srv/bench/{bin,dev,etc,proc,sys,tmp,run}
    cp /bin/busybox /srv/bench/bin/
    for applet in sh sleep true; do ln -sf busybox /srv/bench/bin/$applet; done
}

median() { sort -n | awk '{v[NR] = $1} END {print (NR % 2) ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2}'; }

# In microseconds, by the unit's own clock: from leaving "inactive" to being active, and from leaving "active" to being inactive.
between() { # UNIT FROM TO
    systemctl show -p "$2TimestampMonotonic" -p "$3TimestampMonotonic" "$1" |
        awk -F= -v from="$2TimestampMonotonic" '$1 == from {a = $2} $1 != from {b = $2} END {print b - a}'
}
once() { # UNIT
    systemctl start "$1"
    between "$1" InactiveExit ActiveEnter >>"/run/bench/$1.start"
    systemctl stop "$1"
    between "$1" ActiveExit InactiveEnter >>"/run/bench/$1.stop"
}

# "TITLE: 35.1 ms, the floor 31.0 ms: 1.13 (expected: at most 1.10)", of two files with microseconds.
ratio() { # TITLE OURS FLOOR BOUND
    awk -v t="$1" -v a="$(median <"/run/bench/$2")" -v b="$(median <"/run/bench/$3")" -v bound="$4" \
        'BEGIN {printf "%s: %.1f ms, the floor %.1f ms: %.2f (expected: at most %s)\n", t, a / 1000, b / 1000, a / b, bound}'
}

make_root
mkdir -p /run/bench /etc/berth
together=${TOGETHER:-50}
ours=() ours_short=() floors=() floors_short=()

# Ours, as it comes, and with the line of ExecStartPre= taken away, as container@.service(8) says.
describe() { # NAME [short]
    cat >"/etc/berth/$1.container" <<'EOF'
[Unit]
StartLimitIntervalSec=0

[Container]
Rootfs=/srv/bench
Network=none
Exec=/bin/sh -c "trap 'exit 0' TERM; while :; do sleep 1000 & wait; done"
EOF
    [ -n "${2:-}" ] || return 0
    mkdir -p "/run/systemd/system/container@$1.service.d"
    printf '[Service]\nExecStartPre=\n' >"/run/systemd/system/container@$1.service.d/short.conf"
}
for ((i = 1; i <= together; i++)); do
    describe "bench$i"
    describe "short$i" short
    ours+=("container@bench$i.service") ours_short+=("container@short$i.service")
    floors+=("bench-floor@$i.service") floors_short+=("bench-short-floor@$i.service")
done
systemctl daemon-reload

# The floor: a unit that runs `crun run --detach` on a ready bundle, whose configuration is the very same, with as many lines: one before and one after,
# or the one after only.
systemctl start container@bench1
for ((i = 1; i <= together; i++)); do
    mkdir -p "/run/bench/bundle$i"
    cp -a /run/berth/bundles/bench1/. "/run/bench/bundle$i/"
    sed -i "s,\"cgroupsPath\": *\"[^\"]*\",\"cgroupsPath\": \"/bench\",; s,/run/berth/bundles/bench1/,/run/bench/bundle$i/,g" \
        "/run/bench/bundle$i/config.json"
done
systemctl stop container@bench1
cat >/run/systemd/system/bench-short-floor@.service <<'EOF'
[Unit]
StartLimitIntervalSec=0

[Service]
Type=forking
PIDFile=/run/bench/bundle%i/pid
ExecStart=/usr/bin/crun --cgroup-manager=disabled run --detach --bundle /run/bench/bundle%i --pid-file /run/bench/bundle%i/pid %p-%i
ExecStopPost=-/usr/bin/crun --cgroup-manager=disabled delete --force %p-%i
EOF
sed 's,^ExecStart=,ExecStartPre=/bin/true\n&,' /run/systemd/system/bench-short-floor@.service >/run/systemd/system/bench-floor@.service
cat >/run/systemd/system/bench-bare.service <<'EOF'
[Unit]
StartLimitIntervalSec=0

[Service]
Type=exec
ExecStart=/bin/sleep 1000
EOF

# Turn about, so that what the machine does meanwhile falls on all of them. A unit that another one names is not forgotten when it has stopped.
singles=(bench-bare.service bench-floor@1.service container@bench1.service bench-short-floor@1.service container@short1.service)
printf '[Unit]\nAfter=%s\n' "${singles[*]}" >/run/systemd/system/bench-keep.target
systemctl daemon-reload
systemctl start bench-keep.target
for ((i = 0; i < 5; i++)); do for unit in "${singles[@]}"; do once "$unit"; done; done
rm -f /run/bench/*.start /run/bench/*.stop
for ((i = 0; i < runs; i++)); do for unit in "${singles[@]}"; do once "$unit"; done; done
printf 'medians of %d, a bare unit of Type=exec starts in %s µs\n' "$runs" "$(median </run/bench/bench-bare.service.start)"
ratio "start to active" container@bench1.service.start bench-floor@1.service.start 1.10
ratio "start to active, without ExecStartPre=" container@short1.service.start bench-short-floor@1.service.start 1.10
ratio "stop" container@bench1.service.stop bench-floor@1.service.stop 1.15
ratio "stop, without ExecStartPre=" container@short1.service.stop bench-short-floor@1.service.stop 1.15

# Many in one transaction.
transaction() { # NAME UNIT...
    local begin=${EPOCHREALTIME/./}
    systemctl start "${@:2}"
    echo $((${EPOCHREALTIME/./} - begin)) >>"/run/bench/$1.up"
    [ "$(systemctl is-active "${@:2}" | grep -cx active)" = $(($# - 1)) ] || echo "not all of $1 are active" >&2
    begin=${EPOCHREALTIME/./}
    systemctl stop "${@:2}"
    echo $((${EPOCHREALTIME/./} - begin)) >>"/run/bench/$1.down"
}
for ((i = 0; i < ${TRANSACTIONS:-7}; i++)); do
    transaction floors "${floors[@]}"
    transaction ours "${ours[@]}"
    transaction floors_short "${floors_short[@]}"
    transaction ours_short "${ours_short[@]}"
done
for way in up down; do
    ratio "$together in one transaction $way" ours.$way floors.$way 1.20
    ratio "$together in one transaction $way, without ExecStartPre=" ours_short.$way floors_short.$way 1.20
done

# The generator, on 1, 100 and 1,000 files.
generator=/usr/lib/systemd/system-generators/berth-generator
generate() { # FILES
    local directory=/run/bench/files.$1 i start
    mkdir -p "$directory"
    for ((i = 0; i < $1; i++)); do
        cat >"$directory/app$i.container" <<EOF
[Unit]
Description=Application $i
After=network.target

[Container]
Rootfs=/srv/bench
Network=none
Volume=/srv/data$i:/data:ro
Environment=NUMBER=$i NAME=app
Exec=/bin/sleep 1000
User=33
Memory=64m

[Service]
Restart=on-failure

[Install]
WantedBy=multi-user.target
EOF
    done
    for ((i = 0; i < 11; i++)); do
        rm -rf /run/bench/out
        mkdir -p /run/bench/out
        start=${EPOCHREALTIME/./}
        BERTH_UNIT_PATH=$directory $generator /run/bench/out /run/bench/out /run/bench/out
        echo $((${EPOCHREALTIME/./} - start))
    done | median
}
one=$(generate 1) hundred=$(generate 100) thousand=$(generate 1000)
printf 'generator, medians of 11: 1 file %s µs, 100 files %s µs, 1,000 files %s µs (expected: at most 60,000)\n' "$one" "$hundred" "$thousand"
awk -v h="$hundred" -v t="$thousand" -v o="$one" 'BEGIN {printf "growth from 100 to 1,000 files: %.1f times (linear: 10)\n", (t - o) / (h - o)}'

# What stays: processes and memory of ours while a container runs.
systemctl start container@bench1
printf 'resident processes of ours beside a running container: %d\n' "$(pgrep -fc '^[^ ]*(berth-helper|crun|conmon)( |$)' || :)"
systemctl stop container@bench1
