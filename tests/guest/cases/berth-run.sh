# berth run: containers of the command line, with and without a terminal; what is left of them, and of a command that was killed.
# guests: nspawn
# timeout: 400

make_rootfs /srv/run
printf 'int main(void) { return 0; }\n' >/srv/run/etc/plain
wait_on="trap 'exit 9' TERM; while :; do sleep 1000 & wait; done"
status() { # STATUS COMMAND...
    local expected=$1 status=0
    shift
    "$@" || status=$?
    same "$expected" "$status"
}
run() { berth run --rm --rootfs --network=none "$@"; }
files() { find /run/berth -maxdepth 2 \( -name '*.container' -o -path '/run/berth/foreground/*' \) | sort; }
units() { systemctl list-units --all --plain --no-legend 'container@*' | grep -v 'not-found inactive' || :; }
nothing_left() { same "" "$(files)$(units)$(container_files)"; }
begin() { exec berth run --rm --rootfs --network=none "$@"; } # the number of the background job is the command's own

# What goes through.
head -c 300000 /dev/urandom >"$TMP/bytes"
for runtime in crun runc; do
    run --runtime=$runtime -i /srv/run sh -c 'echo complaint >&2; cat; exit 7' <"$TMP/bytes" >"$TMP/copy" 2>"$TMP/said" && was=0 || was=$?
    check "$runtime: standard input goes in and out, every byte" cmp "$TMP/bytes" "$TMP/copy"
    check "$runtime: and what is written to standard error comes there" same complaint "$(grep -v 'level=warning' "$TMP/said")"
    check "$runtime: the status is the command's" same 7 "$was"
    check "$runtime: a command that is not there" status 127 run --runtime=$runtime /srv/run nothing
    check "$runtime: one that cannot be run" status 126 run --runtime=$runtime /srv/run /etc/plain
    # Such a one ends while its start is not over yet.
    for i in 1 2 3 4 5; do
        run --runtime=$runtime /srv/run true &
    done
    wait
    check "$runtime: nothing is left of what ends at once" wait_for 20 nothing_left
done
check "a name may be longer than an address of sockets" same hello "$(run --name="$(printf 'run-long%.0s' {1..15})" /srv/run echo hello)"
check "standard input is none unless asked for" same 0 "$(echo four | run /srv/run wc -c | tr -d ' ')"
check "a reader that goes is no harm" same y "$(run /srv/run sh -c 'while echo y; do :; done' | head -n 1)"
cd "$TMP"
echo kept >here
check "options are what podman's are" same "a \$x %h red kept 77 box" "$(COLOUR=red run -e 'A=a $x %h' -e COLOUR -v ./here:/there:ro --ulimit=nofile=77:77 --hostname=box /srv/run \
    sh -c 'echo "$A $COLOUR $(cat /there) $(ulimit -n) $(hostname)"')"
cd /
check "nothing is left of all that" wait_for 20 nothing_left
check "what cannot be started is" status 125 run --name=mine /srv/nothing true
check "not left either" wait_for 20 nothing_left
check "nor what cannot be started without anybody waiting" not run -d --name=mine /srv/run nothing
check "there is nothing" wait_for 20 nothing_left

# An image.
make_image "$TMP/image:1" /srv/run -- --config.cmd=/bin/echo --config.cmd=imaged
check "an image is pulled" same imaged "$(berth run --rm --network=none --name=pulled "oci:$TMP/image:1" 2>/dev/null)"

# Signals.
begin --name=mine /srv/run sh -c "echo up; $wait_on" >"$TMP/out" &
pid=$!
is_up() { grep -q up "$TMP/out"; }
check "it runs" wait_for 30 is_up
check "there is another one of that name" contains "$(run --name=mine /srv/run true 2>&1)" 'There is a container "mine"'
check "its file is for nobody else" same 600 "$(stat -c %a /run/berth/once/mine.container)"
check "others see it" contains "$(berth list --noheadings mine)" 'running'
kill -TERM "$pid"
wait "$pid" && was=0 || was=$?
check "a signal goes to its first process" same 9 "$was"
: >"$TMP/out"
begin --name=mine --stop-timeout=1 /srv/run sh -c 'trap "" INT TERM; echo up; while :; do sleep 1; done' >"$TMP/out" &
pid=$!
check "one that is deaf runs" wait_for 30 is_up
kill -INT "$pid"
kill -INT "$pid"
# The two may become one.
again() { kill -INT "$pid" 2>/dev/null || return 0; unit_is container@mine ActiveState deactivating; }
check "a second signal stops it" wait_for 30 again
wait "$pid" && was=0 || was=$?
check "with a kill" same 137 "$was"

# Without anybody who waits.
check "detached it says its name" same "run-1" "$(run -d /srv/run sh -c "echo up; $wait_on")"
check "another gets another" same "run-2" "$(run -d /srv/run sh -c "$wait_on")"
check "what it writes is in the journal" says container@run-1 '^up$'
check "it can be entered" same entered "$(berth exec run-1 echo entered)"
berth restart run-1
check "a restart keeps it" unit_is container@run-1 ActiveState active
berth stop run-1 run-2
check "a stop does not" wait_for 20 nothing_left
check "one that stays" same kept "$(berth run --rootfs --network=none --name=kept /srv/run echo kept)"
check "has its file" test -e /run/berth/kept.container
check "and can be started" berth start kept
check "in which it finds its way" says container@kept '^kept$'
rm /run/berth/kept.container
systemctl daemon-reload
check "printed, nothing is run" same $'[Container]\nRootfs=/srv/run\nNetwork=none\nExec=echo $$a %%b' "$(berth run --print --rootfs --network=none /srv/run echo '$a' %b)"

# Commands that are killed.
begin --name=mine /srv/run sh -c "echo up; $wait_on" >"$TMP/out" &
pid=$!
wait_for 30 is_up >/dev/null
wait_for 30 unit_is container@mine ActiveState active >/dev/null
kill -KILL "$pid"
wait "$pid" || :
check "when the command is killed the container goes on" unit_is container@mine ActiveState active
check "and nothing else" no_process '^berth (--user )?run'
check "nothing is swept that runs" berth prune
check "it is there" test -e /run/berth/once/mine.container
generated_of() { find /run/systemd/generator /run/systemd/generator.late \( -path '*@mine.*' -o -name mine.service \) -type f; }
check "with what was generated of it" contains "$(generated_of)" '^/run/systemd/generator/container@mine\.service\.d/10-berth\.conf$'
berth stop mine
check "until it ends" not test -e /run/berth/once/mine.container
check "without which nothing generated is left" same "" "$(generated_of)"
echo '[Container]' >/run/berth/once/left.container
check "what was never started is found" contains "$(berth prune --dry-run)" 'would remove the file of left, '
check "and removed by the next" same hello "$(run /srv/run echo hello)"
check "nothing is left of a killed one" wait_for 20 nothing_left

# A terminal.
open_terminal 80 24
type_in 'PS1="host-prompt "; clear; berth run --rm -it --rootfs --network=none /srv/run sh' Enter
check "terminal: a shell" wait_for 30 on_screen '^/ #'
check "terminal: of its own" wait_for 20 answers 'tty; echo $TERM' '^xterm'
check "terminal: as large as this one" wait_for 20 answers 'stty size' '^24 80$'
tmux resize-window -x 70 -y 20
check "terminal: also when that changes" wait_for 20 answers 'stty size' '^20 70$'
type_in 'sleep 4451; echo went on' Enter
wait_for 20 pgrep -f '^sleep 4451' >/dev/null
type_in C-c
check "terminal: Ctrl-C ends what runs in it" wait_for 20 no_process '^sleep 4451'
type_in 'exit 9' Enter
check "terminal: then it ends" wait_for 20 on_screen 'host-prompt'
check "terminal: with its status" wait_for 20 answers 'echo status ${was:=$?}' '^status 9$'
check "terminal: which is as it was" wait_for 20 answers 'stty -a | grep -o "[-]*icanon"' '^icanon$'
type_in 'clear; berth run --rm -it --name=mine --rootfs --network=none /srv/run sh' Enter
check "terminal: another" wait_for 30 on_screen '^/ #'
kill -KILL "$(pgrep -o -f '^berth (--user )?run --rm -it --name=mine')"
check "terminal: the command is killed" wait_for 20 on_screen 'host-prompt'
check "terminal: and it can be used as before" wait_for 20 answers 'stty -a | grep -o "[-]*icanon"' '^icanon$'
berth stop mine
check "terminal: nothing is left" wait_for 20 no_process '^berth (--user )?run'

no_more_as_user # whose own is what follows

# A user's own.
make_user alice 1000
mine() { as_user alice berth --user run --rm --rootfs --network=none "$@"; }
check "a user's" same "0 word" "$(echo word | mine -i /srv/run sh -c 'echo $(id -u) $(cat)')"
check "user: its status" status 7 mine /srv/run sh -c 'exit 7'
check "user: who is not root has no other" contains "$(as_user alice berth --system run --rootfs /srv/run true 2>&1)" 'needs root'
