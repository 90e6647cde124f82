#!/bin/bash
# What health checks cost, in processor time by the control groups' accounts: how long anything takes, and what else the machine does meanwhile, is not in it.
set -eu
containers=${CONTAINERS:-200} seconds=${SECONDS_OF_CHECKS:-60} runs=${RUNS:-100}
interval=30

mkdir -p /srv/bench/{bin,dev,etc,proc,sys,tmp,run} /etc/berth
cp /bin/busybox /srv/bench/bin/
for applet in sh sleep true; do ln -sf busybox /srv/bench/bin/$applet; done
describe() { # NAME KEYS
    printf '[Container]\nRootfs=/srv/bench\nNetwork=none\nExec=/bin/sleep 100000\nStopTimeout=0\n%s' "$2" >"/etc/berth/$1.container"
}
used() { # CONTROL-GROUP: microseconds
    awk '$1 == "usage_usec" {print $2}' "/sys/fs/cgroup/$1/cpu.stat"
}

# One check, as its unit runs it, against the runtime's exec alone: of the process and of what it makes run in the container.
describe one $'HealthCmd=true\nHealthInterval=1h\n'
systemctl daemon-reload
systemctl start container@one
sleep 2
group=$(systemctl show --value -p ControlGroup container@one)
cost() { # COMMAND...: microseconds each
    local before after
    mkdir -p /sys/fs/cgroup/bench
    before=$(($(used bench) + $(used "$group")))
    (
        echo "$BASHPID" >/sys/fs/cgroup/bench/cgroup.procs
        for ((i = 0; i < runs; i++)); do "$@"; done
    )
    after=$(($(used bench) + $(used "$group")))
    echo $(((after - before) / runs))
}
check=(/usr/libexec/berth-helper health one) floor=(crun --root /run/berth/runtime exec one true)
cost "${check[@]}" >/dev/null
cost "${floor[@]}" >/dev/null
a=$(cost "${check[@]}") b=$(cost "${floor[@]}")
awk -v a="$a" -v b="$b" 'BEGIN {printf "a check: %.2f ms of processor time, crun exec true %.2f ms: %.2f (expected: at most 1.30)\n", a / 1000, b / 1000, a / b}'
systemctl stop container@one

# Many containers with a check now and then, against the same without: all that the machine uses, less what the checks themselves are.
all() { # KEYS: microseconds of the whole machine in that time
    local units=() before
    for ((i = 0; i < containers; i++)); do
        describe "many$i" "$1"
        units+=("container@many$i.service")
    done
    systemctl daemon-reload
    systemctl start "${units[@]}"
    sleep 5
    before=$(used .)
    sleep "$seconds"
    echo $(($(used .) - before))
    systemctl stop "${units[@]}"
}
without=$(all '')
with=$(all "HealthCmd=true
HealthInterval=${interval}s
")
awk -v with="$with" -v without="$without" -v exec="$b" -v n="$containers" -v s="$seconds" -v i="$interval" 'BEGIN {
    checks = n * s / i
    printf "%d containers with a check every %d s: %.2f %% of a processor, %.2f %% without checks, %.2f %% for what they run: %.2f %% beyond (expected: at most 2)\n",
        n, i, with / s / 1e4, without / s / 1e4, checks * exec / s / 1e4, (with - without - checks * exec) / s / 1e4
}'
