# berth exec: further processes in a container, as the first one is, with and without a terminal.
# guests: nspawn
# timeout: 300

make_rootfs /srv/exec
wait_on="trap 'exit 0' TERM; while :; do sleep 1000 & wait; done"
container() { # NAME KEYS
    put "/etc/berth/$1.container" <<EOT
[Container]
Rootfs=/srv/exec
Network=none
Tmpfs=/state
Exec=/bin/sh -c "$wait_on"
$2
EOT
}
for runtime in crun runc; do
    container "plain-$runtime" "Runtime=$runtime
Environment=COLOUR=red LISTEN_FDS=3
WorkingDir=/var/tmp
Ulimit=nofile=77:77"
    container "mapped-$runtime" "Runtime=$runtime
User=nobody
UIDMap=0:100000:65536
GIDMap=0:100000:65536
DropCapability=ALL
NoNewPrivileges=yes"
done
container guest "Network=plain-crun.container
PidNS=plain-crun.container"
container free "CgroupsMode=disabled"
sed -i '/^Network=none/d' /etc/berth/guest.container
systemctl daemon-reload
status() { # STATUS COMMAND...
    local expected=$1 status=0
    shift
    "$@" || status=$?
    same "$expected" "$status"
}
shows() { # EXTENDED-REGULAR-EXPRESSION COMMAND...
    local output
    output=$("${@:2}" </dev/null 2>&1)
    contains "$output" "$1"
}
into() { "${@:2}" >"$1"; } # FILE COMMAND...
groups_of() { # NAME: control groups of exec
    find "/sys/fs/cgroup$(unit_property "container@$1" ControlGroup)" -name 'berth-exec-*' -type d
}
own_files() { find /run/berth/bundles -name 'exec-*'; }

for runtime in crun runc; do
    name=plain-$runtime
    # One after the other: both make what is missing in the same root.
    systemctl start "container@$name"
    systemctl start "container@mapped-$runtime"
    check "$runtime: it is run as the first process is" shows '^0 /var/tmp red 77 none$' \
        berth exec "$name" sh -c 'echo $(id -u) $(pwd) $COLOUR $(ulimit -n) ${LISTEN_FDS:-none}'
    check "$runtime: below its control group" shows '^0::/berth-exec-' berth exec "$name" cat /proc/self/cgroup
    check "$runtime: as another user" shows '^65534 65534 /$' berth exec -u nobody "$name" sh -c 'echo $(id -u) $(id -g) $HOME'
    check "$runtime: and group" shows '^7 8$' berth exec -u 7:8 "$name" sh -c 'echo $(id -u) $(id -g)'
    check "$runtime: who has no capability" shows '^CapEff:.0+$' berth exec -u nobody "$name" grep CapEff /proc/self/status
    check "$runtime: in another directory" shows '^/etc$' berth exec -w /etc "$name" pwd
    printf 'FILED=one two\n#x\nCOLOUR=blue\n' >"$TMP/env"
    check "$runtime: with variables" shows '^green one two 7$' env SEVEN=7 \
        berth exec -e COLOUR=green --env-file "$TMP/env" -e SEVEN "$name" sh -c 'echo $COLOUR $FILED $SEVEN'
    check "$runtime: options of the command are its own" shows '^-i-u$' berth exec "$name" printf '%s%s\n' -i -u
    check "$runtime: standard input is none" shows '^0$' berth exec "$name" sh -c 'wc -c'
    check "$runtime: unless asked for" same 5 "$(echo four | berth exec -i "$name" wc -c | tr -d ' ')"
    check "$runtime: a user namespace is the container's" shows '^65534 .*100000' \
        berth exec "mapped-$runtime" sh -c 'echo $(id -u) $(cat /proc/self/uid_map)'
    check "$runtime: and so is what it may do" shows '^NoNewPrivs:.1$' \
        berth exec "mapped-$runtime" grep NoNewPrivs /proc/self/status
    check "$runtime: system calls are filtered" shows '^Seccomp:.2$' berth exec "$name" grep Seccomp: /proc/self/status
    check "$runtime: unless it is privileged it has what the container has" not shows "CapEff:.$(awk '/CapBnd/ { print $2 }' /proc/self/status)" berth exec "$name" grep CapEff /proc/self/status
    check "$runtime: privileged it has all" shows "CapEff:.$(awk '/CapBnd/ { print $2 }' /proc/self/status)" berth exec --privileged "$name" grep CapEff /proc/self/status
    check "$runtime: no descriptor of ours" shows '^0 1 2 3$' \
        berth exec "$name" sh -c 'echo $(ls /proc/self/fd)'
    # What the caller has there could be cut off, or read, by whoever has it.
    echo kept >"$TMP/file"
    berth exec "$name" sh -c 'echo new; : >/proc/self/fd/1; readlink /proc/self/fd/2 >&2' >>"$TMP/file" 2>"$TMP/error"
    check "$runtime: no file of the caller's, but what goes there" same "kept new" "$(tr '\n' ' ' <"$TMP/file" | sed 's/ $//')"
    check "$runtime: through pipes, one for each" contains "$(cat "$TMP/error")" '^pipe:'
    head -c 3000000 /dev/urandom >"$TMP/much"
    check "$runtime: all that is read and written comes through" same "$(md5sum <"$TMP/much")" \
        "$(berth exec -i "$name" cat <"$TMP/much" | md5sum)"
    check "$runtime: who writes where nobody reads any more ends" same y "$(timeout 60 berth exec "$name" yes | head -n 1)"
    # runc waits by itself for the end of whoever has its pipes.
    if [ "$runtime" = crun ]; then
        check "$runtime: what goes on in the background keeps nobody" status 3 into "$TMP/out" timeout 60 berth exec "$name" sh -c 'yes & exit 3'
        check "$runtime: and ends when it writes" wait_for 20 no_process '^yes$'
    fi
    check "$runtime: what cannot be written is a failure" status 125 into /dev/full berth exec "$name" echo lost
    check "$runtime: its status is the command's" status 7 berth exec "$name" sh -c 'exit 7'
    check "$runtime: or its signal's" status 137 berth exec "$name" sh -c 'kill -9 $$'
    check "$runtime: a command that is not there" status 127 berth exec "$name" /bin/nothing
    check "$runtime: nor in PATH" status 127 berth exec "$name" nothing
    check "$runtime: one that cannot be run" status 126 berth exec "$name" /etc/passwd
    check "$runtime: a user that is not there" status 125 berth exec -u nobody-here "$name" true
    check "$runtime: nothing is left of it" same "" "$(groups_of "$name")$(own_files)"
    check "$runtime: detached it goes on" berth exec -d "$name" sh -c 'echo $$ >/state/pid; exec sleep 4444'
    check "$runtime: in the container" wait_for 20 pgrep -f 'sleep 4444'
    check "$runtime: a signal goes to the command" status 143 timeout --preserve-status -s TERM 2 berth exec "$name" sleep 4445
    check "$runtime: which has ended by it" no_process 'sleep 4445'
    many=()
    for _ in $(seq 50); do berth exec "$name" true & many+=($!); done
    wait_for_all() { for pid in "${many[@]}"; do wait "$pid" || return 1; done; }
    many_status=0
    wait_for_all || many_status=$?
    check "$runtime: many at once" same 0 "$many_status"
    systemctl daemon-reload
    systemctl set-property --runtime "container@$name" CPUWeight=50
    check "$runtime: its devices are there after a reload" shows '^4$' berth exec "$name" sh -c 'head -c 4 /dev/urandom | wc -c; : >/dev/null'
    berth exec "$name" sleep 4446 >"$TMP/out" 2>&1 &
    pid=$!
    wait_for 20 pgrep -f '^sleep 4446' >/dev/null
    systemctl stop "container@$name"
    ended() { wait "$pid"; }
    ended_with=0
    ended || ended_with=$?
    check "$runtime: it ends with the unit" same 137 "$ended_with"
    check "$runtime: and so does what was detached" no_process 'sleep 444[46]'
    check "$runtime: then there is nothing to run it in" status 125 berth exec "$name" true
done
for name in plain-crun guest free; do systemctl start "container@$name"; done
check "joined namespaces are joined" shows '1000' berth exec guest ps
check "without a control group of its own it is run, too" shows '^here$' berth exec free echo here
check "no such container" status 125 berth exec nobody true
check "a wrong directory" status 125 berth exec -w tmp plain-crun true
check "a terminal needs one" status 125 berth exec -t plain-crun true

# A terminal.
open_terminal 80 24
type_in 'PS1="host-prompt "; clear; berth exec -i plain-crun sh -c "test -t 0 || test -t 1 || test -t 2 || echo has none"' Enter
check "no terminal of the caller's unless it is asked for" wait_for 30 on_screen '^has none$'
wait_for 20 no_process 'berth exec -i' >/dev/null
type_in 'clear; berth exec -it plain-crun' Enter
check "terminal: without a command it is a shell" wait_for 30 on_screen '^/var/tmp #'
check "terminal: of its own" wait_for 20 answers tty '^/dev/pts/'
check "terminal: as large as this one" wait_for 20 answers 'stty size' '^24 80$'
tmux resize-window -x 70 -y 20
check "terminal: also when that changes" wait_for 20 answers 'stty size' '^20 70$'
type_in 'sleep 4447; echo went on' Enter
wait_for 20 pgrep -f '^sleep 4447' >/dev/null
type_in C-c
check "terminal: Ctrl-C ends what runs in it" wait_for 20 no_process '^sleep 4447'
type_in 'sleep 4448' Enter
wait_for 20 pgrep -f '^sleep 4448' >/dev/null
type_in C-z
check "terminal: Ctrl-Z stops it" wait_for 20 on_screen 'Stopped'
type_in 'kill -9 %1; exec sh -c "exit 9"' Enter
check "terminal: then it ends" wait_for 20 on_screen 'host-prompt'
type_in 'echo status $?' Enter
check "terminal: with its status" wait_for 20 on_screen '^status 9$'
check "terminal: which is as it was" wait_for 20 answers 'stty -a | grep -o "[-]*icanon"' '^icanon$'
for who in crun berth; do
    type_in "clear; berth exec -t plain-crun" Enter
    check "terminal: a shell" wait_for 30 on_screen '^/var/tmp #'
    if [ "$who" = berth ]; then
        pid=$(pgrep -o -f '^berth .*exec -t plain')
    else
        pid=$(pgrep -o -f '^[^ ]*crun .* exec .*plain-crun')
    fi
    kill -KILL "$pid"
    check "terminal: $who is killed" wait_for 20 on_screen 'host-prompt'
    check "terminal: and it can be used as before" wait_for 20 answers 'stty -a | grep -o "[-]*icanon"' '^icanon$'
    check "terminal: nothing of it is left" wait_for 20 no_process 'exec .*plain-crun'
done
systemctl stop 'container@*'
check "nothing is left" same "" "$(container_files)"
