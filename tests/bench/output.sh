#!/bin/bash
# Lines per second from containers to the journal: by pipes and the relay, by the journal's own socket, and, where podman is installed, by conmon. What
# journald can take is the limit of all of them, so that the ratios are what to look at.
total=${TOTAL:-100000}

mkdir -p /srv/bench/{bin,dev,etc,proc,sys,tmp,run} /etc/berth /etc/systemd/journald.conf.d
cp /bin/busybox /srv/bench/bin/
for applet in sh yes head; do ln -sf busybox /srv/bench/bin/$applet; done
printf '[Journal]\nRateLimitBurst=0\nSystemMaxUse=2G\nRuntimeMaxUse=2G\n' >/etc/systemd/journald.conf.d/bench.conf
systemctl restart systemd-journald

describe() { # NAME LINES DRIVER
    cat >"/etc/berth/$1.container" <<EOF
[Container]
Rootfs=/srv/bench
Network=none
LogDriver=$3
Exec=/bin/sh -c "yes 'a line of forty characters, as many are' | head -n $2"

[Service]
Type=oneshot
EOF
}

now() { echo "${EPOCHREALTIME/./}"; }

arrived() { # whether the relay has nothing left
    [ "$(systemctl show --value -p NFileDescriptorStore berth-log.service)" -le 3 ]
}

# What the units take, less what they take to write a line.
took() { # UNIT...
    local start
    start=$(now)
    systemctl start "$@"
    until arrived; do :; done
    journalctl --sync
    echo $(($(now) - start))
}

rate() { # DRIVER WRITERS
    local i units=() few=() each=$((total / $2))
    for ((i = 0; i < $2; i++)); do
        describe "many$i" "$each" "$1"
        describe "few$i" 1 "$1"
        units+=("container@many$i.service")
        few+=("container@few$i.service")
    done
    systemctl daemon-reload
    took "${few[@]}" >/dev/null
    echo $((total * 1000000 / ($(took "${units[@]}") - $(took "${few[@]}"))))
}

conmon_rate() { # WRITERS
    local i start each=$((total / $1))
    start=$(now)
    for ((i = 0; i < $1; i++)); do
        podman run --rm --log-driver=journald --network=none --rootfs /srv/bench /bin/sh -c "yes 'a line of forty characters, as many are' | head -n $each" >/dev/null &
    done
    wait
    journalctl --sync
    echo $((total * 1000000 / ($(now) - start)))
}

for writers in 1 50; do
    relay=$(rate journald "$writers") passthrough=$(rate passthrough "$writers")
    printf 'output of %d at once: relay %d, passthrough %d lines a second, %.2f times as many (expected: at least 0.80)\n' "$writers" "$relay" "$passthrough" \
        "$(awk -v a="$relay" -v b="$passthrough" 'BEGIN {print a / b}')"
    ! command -v podman >/dev/null || printf 'the same by conmon, containers included: %d lines a second\n' "$(conmon_rate "$writers")"
done
