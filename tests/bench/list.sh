#!/bin/bash
# A thousand containers in a table, by the clock on the wall, the best of some times: how long it is in the way of whoever types it. Their units are active, but what
# they run is no container: nothing but files and systemd is asked.
containers=${CONTAINERS:-1000} runs=${RUNS:-20}

make_root sh
put_in_place() {
    mkdir -p /run/systemd/system/container@.service.d
    cat >/run/systemd/system/container@.service.d/99-bench.conf <<'END'
[Service]
Type=exec
ExecStartPre=
ExecStart=
ExecStart=/bin/sleep infinity
ExecStop=
ExecStopPost=
END
}

units=()
for ((i = 1; i <= containers; i++)); do
    describe "bench$i" "Network=none"
    units+=("container@bench$i.service")
done
put_in_place
systemctl daemon-reload

measure() { # NAME COMMAND...
    local begin round
    for ((round = 0; round < runs; round++)); do
        begin=${EPOCHREALTIME/./}
        "${@:2}" >/run/bench/output
        echo $((${EPOCHREALTIME/./} - begin)) >>"/run/bench/$1"
    done
    printf '%d containers, %s: at best %d ms, median %d ms (expected: at most 150)\n' "$containers" "$1" \
        $(($(sort -n "/run/bench/$1" | head -n 1) / 1000)) $(($(of "$1") / 1000))
}
measure "not loaded" berth list
systemctl start "${units[@]}"
measure active berth list
[ "$(berth list --running -q | wc -l)" = "$containers" ] || echo "not all of them are active" >&2
measure "as JSON" berth list --json
measure names berth list -q
systemctl stop "${units[@]}"
