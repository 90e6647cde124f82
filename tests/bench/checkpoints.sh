#!/bin/bash
# A process with 100 MB of memory that is put to sleep and goes on; where podman is installed, by that as well. Beside them what a restore saves: the same
# program's own start, until it has filled that memory.
runs=${RUNS:-7} root=/var/lib/berth/bench

# nspawn has it read-only; CRIU sets the host name of a namespace there, and asks for PIDs.
mount -o remount,bind,rw /proc/sys
if ! criu check; then
    echo "not measured: CRIU and this kernel do not go together"
    exit 0
fi
make_root sh head tr sleep touch
# What is mapped from an overlay on an overlay cannot be found again.
mv /srv/bench "$root"
mkdir -p /run/bench/ready
cat >"$root/bin/fill" <<'END'
much=$(head -c 100000000 /dev/zero | tr '\0' x)
touch "/ready/$NAME"
trap 'exit 0' TERM
while :; do sleep 0.1; done
END
put_container() { # NAME RUNTIME
    cat >"/etc/berth/$1.container" <<END
[Unit]
StartLimitIntervalSec=0

[Container]
Rootfs=$root:O
Runtime=$2
Network=none
Volume=/run/bench/ready:/ready
Environment=NAME=$1
Exec=/bin/sh /bin/fill
END
}

# In microseconds, by the clock on the wall.
timed() { # NAME COMMAND...
    local begin=${EPOCHREALTIME/./}
    "${@:2}" >/dev/null || return
    echo $((${EPOCHREALTIME/./} - begin)) >>"/run/bench/$1"
}
start_and_fill() { # NAME COMMAND...
    rm -f "/run/bench/ready/$1"
    "${@:2}"
    until [ -e "/run/bench/ready/$1" ]; do sleep 0.01; done
}
round() { # NAME START CHECKPOINT RESTORE STOP: each words of a command
    local name=$1
    # shellcheck disable=SC2086 # these are words
    {
        timed "$name.start" start_and_fill "$name" $2
        timed "$name.checkpoint" $3
        timed "$name.restore" $4
        $5 >/dev/null
    }
}

put_container ours crun
put_container ours-runc runc
systemctl daemon-reload
if command -v podman >/dev/null; then
    mkdir -p /etc/containers /etc/criu
    # By default it would run iptables, which is not here.
    echo 'network-lock nftables' >/etc/criu/default.conf
    printf '[storage]\ndriver="overlay"\nrunroot="/run/containers/storage"\ngraphroot="/var/lib/berth/bench-podman"\n' >/etc/containers/storage.conf
    printf '[containers]\npids_limit=0\n[engine]\nevents_logger="none"\n' >/etc/containers/containers.conf
    tar -C "$root" -c . | podman import -q - bench:1 >/dev/null
    make_theirs() {
        podman rm -f -t 0 -i theirs >/dev/null
        podman create -q --name theirs --runtime crun --network none --log-driver none -v /run/bench/ready:/ready -e NAME=theirs bench:1 /bin/sh /bin/fill >/dev/null
    }
    # It restores control groups, which CRIU cannot where some are of version 1.
    restore_theirs() { podman container restore theirs 2>/run/bench/said; }
fi
for ((i = 0; i <= runs; i++)); do
    # The first round is to warm up.
    [ "$i" -ne 1 ] || rm -f /run/bench/*.{start,checkpoint,restore}
    for name in ours ours-runc; do
        round "$name" "systemctl start container@$name" "berth checkpoint $name" "berth restore $name" "systemctl stop container@$name"
    done
    command -v podman >/dev/null || continue
    make_theirs
    timed theirs.start start_and_fill theirs podman start theirs
    timed theirs.checkpoint podman container checkpoint theirs
    timed theirs.restore restore_theirs || rm -f /run/bench/theirs.restore
done
for name in ours ours-runc; do
    awk -v name="$name" -v a="$(of $name.start)" -v b="$(of $name.checkpoint)" -v c="$(of $name.restore)" \
        'BEGIN {printf "%s: its own start %.0f ms, checkpoint %.0f ms, restore %.0f ms, which is %.2f of the start\n", name, a / 1000, b / 1000, c / 1000, c / a}'
done
command -v podman >/dev/null || exit 0
for what in checkpoint restore; do
    if [ -e "/run/bench/theirs.$what" ]; then
        awk -v what="$what" -v a="$(of ours.$what)" -v b="$(of theirs.$what)" \
            'BEGIN {printf "%s: podman with crun %.0f ms, %.2f times ours\n", what, b / 1000, b / a}'
    else
        echo "$what: podman cannot here: $(tail -n 1 /run/bench/said)"
    fi
done
