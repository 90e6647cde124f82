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

# From leaving "inactive" to being active, in microseconds, by the unit's own clock.
start_once() { # UNIT
    systemctl start "$1"
    systemctl show -p InactiveExitTimestampMonotonic -p ActiveEnterTimestampMonotonic --value "$1" | tr '\n' ' ' |
        awk '{d = $2 - $1; print d < 0 ? -d : d}'
    systemctl stop "$1"
}

make_root
mkdir -p /run/bench /etc/berth

# The floor: a unit that runs `crun run --detach` on a ready bundle, whose configuration is the very same.
cat >/etc/berth/bench.container <<'EOF'
[Unit]
StartLimitIntervalSec=0

[Container]
Rootfs=/srv/bench
Exec=/bin/sh -c "trap 'exit 0' TERM; while :; do sleep 1000 & wait; done"
EOF
systemctl daemon-reload
systemctl start container@bench
cp -a /run/berth/bundles/bench/. /run/bench/
sed -i 's,"cgroupsPath": *"[^"]*","cgroupsPath": "/bench",; s,/run/berth/bundles/bench/,/run/bench/,g' /run/bench/config.json
systemctl stop container@bench
cat >/etc/systemd/system/bench-floor.service <<'EOF'
[Unit]
StartLimitIntervalSec=0

[Service]
Type=forking
PIDFile=/run/bench/pid
ExecStart=/usr/bin/crun --cgroup-manager=disabled run --detach --bundle /run/bench --pid-file /run/bench/pid bench-floor
ExecStopPost=-/usr/bin/crun --cgroup-manager=disabled delete --force bench-floor
EOF
cat >/etc/systemd/system/bench-true.service <<'EOF'
[Unit]
StartLimitIntervalSec=0

[Service]
Type=exec
ExecStart=/bin/sleep 1000
EOF
systemctl daemon-reload
for ((i = 0; i < 5; i++)); do for unit in bench-true bench-floor container@bench; do start_once $unit; done; done >/dev/null
for ((i = 0; i < runs; i++)); do
    start_once bench-true >>/run/bench/true
    start_once bench-floor >>/run/bench/floor
    start_once container@bench >>/run/bench/berth
done
floor=$(median </run/bench/floor)
printf 'start to active, medians of %d: Type=exec %s µs, crun run --detach %s µs, container@ %s µs\n' "$runs" \
    "$(median </run/bench/true)" "$floor" "$(median </run/bench/berth)"
awk -v a="$(median </run/bench/berth)" -v b="$floor" 'BEGIN {printf "start ratio against the floor: %.2f (expected: at most 1.60)\n", a / b}'

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
systemctl start container@bench
printf 'resident processes of ours beside a running container: %d\n' "$(pgrep -fc '^[^ ]*(berth-helper|crun|conmon)( |$)' || :)"
systemctl stop container@bench
