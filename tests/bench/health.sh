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
own=(crun --root /run/berth/runtime exec one /bin/sh -c true) # what HealthCmd=true has run
cost "${check[@]}" >/dev/null
cost "${floor[@]}" >/dev/null
a=$(cost "${check[@]}") b=$(cost "${floor[@]}") c=$(cost "${own[@]}")
awk -v a="$a" -v b="$b" 'BEGIN {printf "a check: %.2f ms of processor time, crun exec true %.2f ms: %.2f (expected: at most 1.30)\n", a / 1000, b / 1000, a / b}'
systemctl stop container@one

# Many containers with a check now and then, against the same without: all that the machine uses, less what the checks themselves are.
start_all() { # KEYS
    units=()
    for ((i = 0; i < containers; i++)); do
        describe "many$i" "$1"
        units+=("container@many$i.service")
    done
    systemctl daemon-reload
    systemctl start "${units[@]}"
}
spent() { # microseconds of the whole machine in that time
    local before
    sleep 5
    before=$(used .)
    sleep "$seconds"
    echo $(($(used .) - before))
}
# What systemd takes for the same without us: as many timers, and services that run a command, while the containers run.
bare() { # COMMAND
    local timers=()
    printf '[Timer]\nOnActiveSec=1ms\nOnUnitInactiveSec=%ss\nAccuracySec=250ms\n' "$interval" >/run/systemd/system/bench-bare@.timer
    printf '[Service]\nType=oneshot\nLogLevelMax=notice\nStandardOutput=null\nExecStart=%s\n' "$1" >/run/systemd/system/bench-bare@.service
    systemctl daemon-reload
    for ((i = 0; i < containers; i++)); do timers+=("bench-bare@$i.timer"); done
    systemctl start "${timers[@]}"
    spent
    systemctl stop "${timers[@]}"
}
start_all ''
without=$(spent)
bare=$(bare /bin/true)
bare_exec=$(bare '/usr/bin/crun --root /run/berth/runtime exec many%i /bin/sh -c true')
systemctl stop "${units[@]}"
start_all "HealthCmd=true
HealthInterval=${interval}s
"
with=$(spent)
systemctl stop "${units[@]}"
mkdir -p /sys/fs/cgroup/bench-nothing
group=bench-nothing
true=$(cost /bin/true)
awk -v with="$with" -v without="$without" -v exec="$c" -v bare="$bare" -v bare_exec="$bare_exec" -v true="$true" -v n="$containers" -v s="$seconds" -v i="$interval" '
function percent(usec) { return usec / s / 1e4 }
BEGIN {
    checks = n * s / i
    printf "%d containers with a check every %d s: %.2f %% of a processor, %.2f %% without checks, %.2f %% for what they run, by itself: %.2f %% beyond (expected: at most 2, or what systemd alone takes)\n",
        n, i, percent(with), percent(without), percent(checks * exec), percent(with - without - checks * exec)
    printf "as many timers and services of systemd alone, with /bin/true: %.2f %% beyond\n", percent(bare - without - checks * true)
    printf "the same with crun exec as the command: %.2f %%; a check of ours is %.2f of that (expected: at most 1.30)\n",
        percent(bare_exec - without), (with - without) / (bare_exec - without)
}'
