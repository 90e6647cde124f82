# berth list: no container, one, and many; what each column and each choice of them is. And the commands that are systemd's.
# guests: nspawn
# timeout: 200

make_rootfs /srv/list
names() { berth list -q "$@" | tr '\n' ' '; } # ARGUMENT...
column() { berth list --json "$1" | tr -d '\n' | grep -o "\"$2\": [^,}]*" | head -n 1 | sed 's/^[^:]*: //; s/ *$//'; } # NAME MEMBER

mkdir -p /srv/no-files
check "no container" same "NAME  STATE  SINCE  IMAGE  MEMORY  CPU  RESTARTS" "$(BERTH_UNIT_PATH=/srv/no-files berth list 'no-*')"
check "none as JSON" same "[]" "$(BERTH_UNIT_PATH=/srv/no-files berth list --json 'no-*')"

put /etc/berth/one.container <<'END'
[Container]
Rootfs=/srv/list
Exec=/bin/sh -c "echo here I am; exec sleep 1000"
StopTimeout=1
[Service]
Slice=berth-list-one.slice
END
put /etc/berth/bad.container <<'END'
[Container]
Rootfs=/srv/list
Exec=/bin/sh -c "exit 3"
END
put /etc/berth/wrong.container <<'END'
[Container]
Rotfs=/srv/list
END
put /etc/berth/many@.container <<'END'
[Container]
Rootfs=/srv/list
Exec=/bin/sleep 1000
StopTimeout=1
END
: | put /etc/berth/masked.container
systemctl daemon-reload
check "before a start" same "inactive null" "$(column one state | tr -d '"') $(column one memory)"
require "berth start" berth start one
berth start bad 2>/dev/null
wait_for 10 unit_is container@bad ActiveState failed
check "one that runs" contains "$(berth list one)" '^one +running +[0-9]+s +/srv/list +([0-9.]+[KM]|-) +[0-9]+m?s +0 +10\.[0-9.]+$'
check "as JSON" same '"active" "running" "container@one.service" "/etc/berth/one.container" null' \
    "$(for member in state subState unit file problem; do column one $member; done | tr '\n' ' ' | sed 's/ $//')"
# What a container that sleeps uses stays what it is; some files say it, and the manager says the same.
of_manager() { systemctl show -P "$2" "container@$1" | sed 's/^\[not set\]$/null/'; } # NAME PROPERTY
same_usage() { # NAME
    [ "$(column "$1" cpuNSec)" = "$(of_manager "$1" CPUUsageNSec)" ] && [ "$(column "$1" memory)" = "$(of_manager "$1" MemoryCurrent)" ]
}
check "what one in a slice of its own uses is what the manager says" wait_for 10 same_usage one
check "and what one has used that has failed" wait_for 10 same_usage bad
check "since when is a time in UTC" contains "$(column one since)" '^"20[0-9-]{8}T[0-9:]{8}Z"$'
check "one that has failed" contains "$(berth list bad)" '^bad +failed '
check "one that is wrong" same '"there are errors in its files"' "$(column wrong problem)"
check "not a template, nor what is masked" same "bad one wrong " "$(names)"
check "but with -a" same "bad many@ masked one wrong " "$(names -a)"
check "those that run" same "one " "$(names --running)"
check "those that have failed" same "bad " "$(names --failed)"
check "both" same "bad one " "$(names --failed --running)"
check "by a pattern" same "one " "$(names 'o*')"
check "by a unit's name" same "one " "$(names 'container@o*.service')"
check "an instance that is enabled" same "bad many@on one wrong " "$(berth enable --quiet many@on; names)"
berth disable --quiet many@on

# Names that give orders, or take all the room: in all tables, on terminals of several widths.
bidi=$'list-bi\u202edi' long=$(printf 'list-long%.0s' {1..15})
for name in "$bidi" "$long" "list two words"; do
    put "/etc/berth/$name.container" <<'END'
[Container]
Rootfs=/srv/list
Exec=/bin/sleep 1000
Volume=list-shared:/data
Network=none
StopTimeout=1
END
done
systemctl daemon-reload
check "hostile names: they start" berth start "$bidi" "$long" "list two words"
on_terminal() { # COLUMNS ARGUMENT...
    script -qec "stty cols $1 rows 50; LC_ALL=C.UTF-8 NO_COLOR=1 SYSTEMD_PAGER=cat TERM=xterm berth ${*:2}" /dev/null </dev/null | tr -d '\r'
}
for width in 60 80 200; do
    for verb in "list -a" volumes images network port df "stats --no-stream" "cat --effective one" "inspect list-shared.volume"; do
        output=$(on_terminal "$width" $verb)
        check "hostile names: $verb in $width columns says something" test -n "$output"
        # What people read as an outline is as long as it is.
        [ "${verb%% *}" = inspect ] || check "hostile names: $verb fits $width columns" same "" "$(LC_ALL=C.UTF-8 grep -E "^.{$((width + 1)),}\$" <<<"$output")"
        check "hostile names: $verb in $width columns gives no orders" same "" "$(LC_ALL=C.UTF-8 grep -P '[\x00-\x08\x0b-\x1f\x{202a}-\x{202e}]' <<<"$output")"
    done
done
check "hostile names: it is shown what is in them" contains "$(on_terminal 200 list)" '^list-bi\\xe2\\x80\\xaedi '
berth stop "$bidi" "$long" "list two words"
rm "/etc/berth/$bidi.container" "/etc/berth/$long.container" "/etc/berth/list two words.container"
berth volumes rm list-shared
systemctl daemon-reload

script -qfc 'stty cols 80; TERM=xterm berth list --watch=1' "$TMP/watched" >/dev/null 2>&1 </dev/null &
watching=$!
watched() { [ "$(grep -ac 'bad .*failed' "$TMP/watched")" -ge 2 ] && grep -aq $'\033\\[H\033\\[2J' "$TMP/watched"; }
check "--watch shows it again, at the top of the terminal" wait_for 20 watched
kill $watching 2>/dev/null || :

check "berth status" contains "$(berth status one)" 'Active: active \(running\)'
check "berth logs" contains "$(berth logs one -o cat)" '^here I am$'
check "of what is none, it is said" same 'berth: There is no container "onee"; did you mean "one"?' "$(berth logs onee 2>&1 >/dev/null)"
check "berth kill" berth kill --signal=KILL one
wait_for 10 unit_is container@one ActiveState failed
check "is seen" contains "$(berth list one)" '^one +failed '
check "berth restart" berth restart one
check "what it uses begins anew" wait_for 10 same_usage one
mv /etc/berth/one.container /srv/
check "a file that is gone" same '"its file is gone" "active" null' \
    "$(for member in problem state file; do column one $member; done | tr '\n' ' ' | sed 's/ $//')"
mv /srv/one.container /etc/berth/
check "berth stop" berth stop one
check "berth is no place for podman's words" contains "$(berth pause one 2>&1)" 'systemctl freeze container@NAME'

# Many. What runs in them does not matter here.
put /etc/systemd/system/container@.service.d/quick.conf <<'END'
[Service]
ExecStartPre=
ExecStart=
ExecStart=/bin/sleep 1000
ExecStartPost=
ExecStop=
ExecStopPost=
Type=exec
END
at_end 'systemctl stop "container@many@*"; rm -rf /etc/berth/*.container /etc/systemd/system/container@.service.d; systemctl daemon-reload'
systemctl daemon-reload
units=$(seq -f 'many@%g' 1 300)
# shellcheck disable=SC2086 # these are names
berth start $units
check "300 containers" same "300" "$(berth list --running -q 'many@*' | wc -l)"
check "each once, each with its numbers" same "300" "$(berth list --noheadings 'many@[0-9]*' | grep -cE '^many@[0-9]+ +running +[0-9]+(s|min) +/srv/list +([0-9.]+[KM]|-) +[0-9]+m?s +0$')"
check "a table of them fits a terminal" same "" "$(script -qec 'stty cols 80; TERM=dumb berth list' /dev/null </dev/null | tr -d '\r' | grep -E '^.{81}')"
check "without root" same "300" "$(setpriv --reuid=65534 --regid=65534 --clear-groups berth --system list --running -q 'many@*' | wc -l)"
check "stats of as many" same 300 "$(berth stats --no-stream --noheadings 'many@*' | wc -l)"
check "logs of as many" same 300 "$(berth logs --no-pager --output=cat --grep '^Started container@many@' 'many@*' | sort -u | wc -l)"
check "one of them is looked into" same many@300 "$(berth inspect --format=name many@300)"
check "and its file" contains "$(berth cat many@300)" '^# /etc/berth/many@\.container$'
check "none of them has a port" same 0 "$(berth port --noheadings | grep -c '^many' || :)"
check "nothing is wrong with one" berth check many@7

# As seen on a terminal.
open_terminal 100 30
type_in 'berth list --watch=1 one' Enter
check "watched: it does not run" wait_for 20 on_screen '^one +failed'
systemctl start container@one
check "watched: it runs" wait_for 20 on_screen '^one +running'
check "watched: once on the screen" same 1 "$(screen | grep -c '^one ')"
type_in C-c
check "Ctrl-C ends it" wait_for 20 answers 'echo it is $((40 + 2))' '^it is 42$'
type_in 'berth top many@7' Enter
check "top: on the screen" wait_for 20 on_screen '^many@7 '
type_in C-c
check "and Ctrl-C ends it" wait_for 20 answers 'echo it is $((40 + 3))' '^it is 43$'
