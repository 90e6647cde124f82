#!/bin/bash
# What a start and a stop cost beside the floor, the generator, and what stays.
runs=${RUNS:-40}

# "TITLE: 35.1 ms, the floor 31.0 ms: 1.13 (expected: at most 1.10)", of two files with microseconds.
ratio() { # TITLE OURS FLOOR BOUND
    awk -v t="$1" -v a="$(median <"/run/bench/$2")" -v b="$(median <"/run/bench/$3")" -v bound="$4" \
        'BEGIN {printf "%s: %.1f ms, the floor %.1f ms: %.2f (expected: at most %s)\n", t, a / 1000, b / 1000, a / b, bound}'
}

make_root sh sleep true
together=${TOGETHER:-50}
ours=() ours_short=() floors=() floors_short=()

# Ours, as it comes, and with the line of ExecStartPre= taken away, as container@.service(8) says.
shorten() { # NAME
    mkdir -p "/run/systemd/system/container@$1.service.d"
    printf '[Service]\nExecStartPre=\n' >"/run/systemd/system/container@$1.service.d/short.conf"
}
for ((i = 1; i <= together; i++)); do
    describe "bench$i" Network=none
    describe "short$i" Network=none
    shorten "short$i"
    ours+=("container@bench$i.service") ours_short+=("container@short$i.service")
    floors+=("bench-floor@$i.service") floors_short+=("bench-short-floor@$i.service")
done
systemctl daemon-reload

make_floors bench1 "$together"
sed '/^ExecStartPre=/d' /run/systemd/system/bench-floor@.service >/run/systemd/system/bench-short-floor@.service
cat >/run/systemd/system/bench-bare.service <<'EOF'
[Unit]
StartLimitIntervalSec=0

[Service]
Type=exec
ExecStart=/bin/sleep 1000
EOF

# Turn about, so that what the machine does meanwhile falls on all of them.
singles=(bench-bare.service bench-floor@1.service container@bench1.service bench-short-floor@1.service container@short1.service)
keep "${singles[@]}"
for ((i = 0; i < 5; i++)); do for unit in "${singles[@]}"; do once "$unit" "$unit"; done; done
rm -f /run/bench/*.start /run/bench/*.stop
for ((i = 0; i < runs; i++)); do for unit in "${singles[@]}"; do once "$unit" "$unit"; done; done
printf 'medians of %d, a bare unit of Type=exec starts in %s µs\n' "$runs" "$(median </run/bench/bench-bare.service.start)"
ratio "start to active" container@bench1.service.start bench-floor@1.service.start 1.10
ratio "start to active, without ExecStartPre=" container@short1.service.start bench-short-floor@1.service.start 1.10
ratio "stop" container@bench1.service.stop bench-floor@1.service.stop 1.15
ratio "stop, without ExecStartPre=" container@short1.service.stop bench-short-floor@1.service.stop 1.15

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
