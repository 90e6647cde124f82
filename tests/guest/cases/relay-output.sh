# The payload's output: pipes that can be opened by name, and lines in the journal as systemd's own would be.
# guests: nspawn
# timeout: 240

make_rootfs /srv/x
# Other cases have containers of the same names.
case_cursor=$(journal_cursor)

# A oneshot that runs a script with these keys of [Container] and of [Service].
make() { # NAME SCRIPT [KEYS [SERVICE-KEYS]]
    printf '#!/bin/sh\n%s\n' "$2" | put "/srv/x/bin/$1" 755
    put "/etc/berth/$1.container" <<EOF2
[Container]
Rootfs=/srv/x
Network=none
Exec=/bin/$1
${3:-}
[Service]
Type=oneshot
${4:-}
EOF2
}

# What the container has written, with the fields that follow.
lines() { # NAME [FIELD...]
    local name=$1 field
    shift
    journalctl -q --after-cursor="$case_cursor" -o json --no-pager "_SYSTEMD_UNIT=container@$name.service" _TRANSPORT=stdout >"$TMP/lines"
    grep -vE 'warning: (this system does not let|SELinux is on)' "$TMP/lines" | while read -r line; do
        for field in MESSAGE "$@"; do
            grep -o "\"$field\":\"[^\"]*\"" <<<"$line" | sed 's/^[^:]*://; s/"//g' | tr '\n' ' '
        done
        echo
    done | sed 's/ $//' | sort
}

lines_are() { # NAME EXPECTED [FIELD...]
    local name=$1 expected=$2
    shift 2
    sync_journal
    same "$expected" "$(lines "$name" "$@")"
}

# The relay passes on what has been written when it comes to it.
has_lines() { # NAME EXPECTED [FIELD...]
    wait_for 30 lines_are "$@"
}

make named 'set -e
echo to stdout >/dev/stdout; echo to stderr >/proc/self/fd/2; echo appended >>/dev/stderr; echo plain; echo first >/proc/self/fd/1'
make user 'set -e
echo as a user >/dev/stdout; echo its error >/dev/stderr' 'User=nobody'
make mapped 'set -e
echo mapped >/dev/stdout; echo its error >/dev/stderr' 'UserNS=auto
User=nobody'
make levels 'echo plain; echo "<3>bad"; echo "<7>chatty" >&2; echo error >&2'
make fields 'echo field' 'LogOpt=tag=the-tag' 'LogExtraFields=COLOUR=blue
SyslogLevel=warning
SyslogFacility=local3
SyslogLevelPrefix=no'
make prefix 'echo "<3>raw"' '' 'SyslogLevelPrefix=no'
make partial 'printf "one\ntwo\n\nno newline"'
make binary 'printf "a\000b\n\377\376\n\033[1mbold\n=x\nMESSAGE=forged\n_SYSTEMD_UNIT=evil.service\n"'
make remain 'echo stays' '' 'RemainAfterExit=yes'
make passes '[ -S /proc/self/fd/1 ] && [ -S /proc/self/fd/2 ] && echo through' 'LogDriver=passthrough'
make nothing '[ -c /proc/self/fd/1 ]' 'LogDriver=none'
make filed 'echo to the file; echo and its error >&2; [ -f /proc/self/fd/1 ]' '' "StandardOutput=append:$TMP/file"
make half 'echo to the file; echo journal >/dev/stderr; [ -f /proc/self/fd/1 ] && [ -p /proc/self/fd/2 ]' '' "StandardOutput=append:$TMP/half
StandardError=journal"
make quietly 'echo x; [ -c /proc/self/fd/1 ] && [ -p /proc/self/fd/2 ] && echo y >&2' '' 'StandardOutput=null
StandardError=journal'
make apart 'echo apart >/dev/stdout' '' 'LogNamespace=berthtest'
systemctl daemon-reload

# Another case in the same guest may have needed it.
systemctl stop berth-log.service
check "nothing runs before it is needed" unit_is berth-log.service ActiveState inactive
for name in named user mapped levels fields prefix partial binary remain passes nothing filed half quietly; do
    check "$name: it runs" systemctl start "container@$name"
done
check "names of standard output and error can be opened" has_lines named "appended named 5
first named 6
plain named 6
to stderr named 5
to stdout named 6" SYSLOG_IDENTIFIER PRIORITY
check "by a user as well" has_lines user "as a user
its error"
check "also one of another user namespace" has_lines mapped "its error
mapped"
check "prefixes are levels, and standard error is one above standard output" has_lines levels "bad 3
chatty 7
error 5
plain 6"  PRIORITY
check "[Service] says what lines look like" has_lines fields "field the-tag blue 4 19" SYSLOG_IDENTIFIER COLOUR PRIORITY SYSLOG_FACILITY
check "without prefixes they are text" has_lines prefix "<3>raw 6" PRIORITY
check "the last line need not end" has_lines partial "no newline
one
two"
check "a NUL ends a line, and nothing becomes a field" has_lines binary "

=x
MESSAGE=forged
_SYSTEMD_UNIT=evil.service
a
b"
check "a container that remains has its lines" has_lines remain "stays"
check "passthrough is the journal's own socket" has_lines passes "through"
check "StandardOutput= wins, and standard error goes with it" same "to the file
and its error" "$(grep -vE 'this system does not let|SELinux is on' "$TMP/file")"
check "of two one may go to the journal" has_lines half "journal"
check "StandardOutput=null wins" has_lines quietly "y"
if systemctl start systemd-journald@berthtest.socket 2>/dev/null; then
    check "a unit with a journal of its own" systemctl start container@apart
    check "has its lines there" wait_for 30 eval 'contains "$(journalctl -q --namespace=berthtest -o cat)" "^apart$"'
fi

# An end at once: the process is gone when its lines are read.
make once 'echo out; echo err >&2; i=0; while [ $i -lt 20 ]; do i=$((i + 1)); echo "line $i"; done; printf last'
systemctl daemon-reload
for ((i = 0; i < 40; i++)); do
    systemctl reset-failed container@once 2>/dev/null || :
    check "an end at once, $((i + 1))" systemctl start container@once
done
count_of() { # MESSAGE
    sync_journal
    journalctl -q -b -o cat _SYSTEMD_UNIT=container@once.service _TRANSPORT=stdout | grep -cx -- "$1"
}
for line in out err 'line 1' 'line 20' last; do
    check "an end at once: \"$line\" of each of 40 is the unit's" wait_for 30 eval "same 40 \"\$(count_of '$line')\""
done

# Lines that are longer than journald takes in one piece, and a quiet neighbour of one that floods.
make long 'head -c 200000 /dev/zero | tr "\000" x; echo end'
put /etc/berth/flood.container <<'EOF2'
[Container]
Rootfs=/srv/x
Network=none
Exec=/bin/yes "a flood of lines"
StopTimeout=1
EOF2
put /etc/berth/quiet.container <<'EOF2'
[Container]
Rootfs=/srv/x
Network=none
Exec=/bin/sh -c 'while sleep 0.2; do echo drop; done'
StopTimeout=1
EOF2
systemctl daemon-reload
check "a long line: it runs" systemctl start container@long
length_of_long() {
    sync_journal
    journalctl -q -b -o cat _SYSTEMD_UNIT=container@long.service _TRANSPORT=stdout | grep '^x' | tr -d '\n' | wc -c
}
check "a long line comes whole, in pieces" wait_for 30 eval 'same 200003 "$(length_of_long)"'
systemctl start container@flood container@quiet
relay=$(main_pid berth-log.service)
drops() {
    journalctl -q -b -o cat _SYSTEMD_UNIT=container@quiet.service _TRANSPORT=stdout | grep -c drop
}
check "a neighbour is heard through a flood" wait_for 60 eval '[ "$(drops)" -ge 10 ]'
check "the flood takes no memory" test "$(sed -n 's/^Pss: *\([0-9]*\) kB/\1/p' "/proc/$relay/smaps_rollup")" -lt 1024
systemctl stop container@flood container@quiet
check "it is still the same relay" same "$relay" "$(main_pid berth-log.service)"

# Who may ask, and what stays.
check "its directory is root's alone" same "700 root" "$(stat -c '%a %U' /run/berth/log)"
check "its socket, too" same "600 root" "$(stat -c '%a %U' /run/berth/log/socket)"
check "it has one capability" same 0000000000200000 "$(sed -n 's/^CapEff:\t//p' "/proc/$relay/status")"
check "nothing of a container stays in the store" wait_for 30 unit_is berth-log.service NFileDescriptorStore 3
check "the relay has said nothing" same "" "$(journalctl -q -b -o cat _SYSTEMD_UNIT=berth-log.service _TRANSPORT=stdout)"

# --- a user's containers

make_user alice 1000
make_rootfs /home/alice/root
user() {
    as_user alice "$@"
}
of_user() { # NAME SCRIPT [KEYS [SERVICE-KEYS]]
    printf '#!/bin/sh\n%s\n' "$2" | put "/home/alice/root/bin/$1" 755
    put "/home/alice/.config/berth/$1.container" <<EOF2
[Container]
Rootfs=/home/alice/root
Network=none
Exec=/bin/$1
${3:-}
[Service]
${4:-}
EOF2
}
# What the user finds by the unit's name, as the user is the one who reads.
user_finds() { # NAME EXPECTED [FIELD...]
    local name=$1 expected=$2 field
    shift 2
    journalctl --sync
    user journalctl --user -q -b -o json --no-pager -u "container@$name" CONTAINER_NAME="$name" >"$TMP/lines"
    grep -vE 'this system does not let|SELinux is on' "$TMP/lines" | while read -r line; do
        for field in MESSAGE "$@"; do
            grep -o "\"$field\":\"[^\"]*\"" <<<"$line" | sed 's/^[^:]*://; s/"//g' | tr '\n' ' '
        done
        echo
    done | sed 's/ $//' | sort >"$TMP/found"
    same "$expected" "$(cat "$TMP/found")"
}
stay="trap 'exit 0' TERM; while :; do sleep 1000 & wait; done"
of_user named 'set -e
echo to stdout >/dev/stdout; echo to stderr >/proc/self/fd/2; echo "<3>bad"; echo; printf "a\\000b\\n"; '"$stay" 'LogOpt=tag=the-tag'
of_user lesser 'set -e
echo as another >/dev/stdout; echo its error >/dev/stderr; '"$stay" 'User=33:44'
of_user keeps 'set -e
echo kept >/dev/stdout; '"$stay" 'UserNS=keep-id'
of_user often 'i=0; while [ $i -lt 3000 ]; do i=$((i + 1)); echo "line $i"; done; printf last' '' Type=oneshot
of_user passes '[ -S /proc/self/fd/1 ] && echo through' LogDriver=passthrough Type=oneshot
chown -R alice: /home/alice/.config /home/alice/root
user systemctl --user daemon-reload
check "a user: nothing runs before it is needed" same inactive "$(user systemctl --user is-active berth-log.service)"
for name in named lesser keeps; do
    check "a user: $name: it runs" user systemctl --user start container@$name
done
check "a user: names of standard output and error can be opened" wait_for 30 user_finds named "a the-tag 6 the-tag
b the-tag 6 the-tag
bad the-tag 3 the-tag
to stderr the-tag 5 the-tag
to stdout the-tag 6 the-tag" SYSLOG_IDENTIFIER PRIORITY CONTAINER_TAG
check "a user: by another of the container's, too" wait_for 30 user_finds lesser "as another lesser
its error lesser" CONTAINER_ID
check "a user: and by who keeps the ID" wait_for 30 user_finds keeps "kept 1000" _UID
relays() {
    pgrep -u alice -f 'berth|crun' | sed 's/.*/one/'
}
check "a user: one process is there for all" becomes 30 one relays
user systemctl --user kill -s KILL berth-log.service
user systemctl --user restart container@lesser
check "a user: which may be killed" wait_for 30 user_finds lesser "as another
as another
its error
its error"
check "a user: an end at once" user systemctl --user start container@often
count_often() {
    journalctl --sync
    user journalctl --user -q -b -o cat -u container@often CONTAINER_NAME=often | grep -cE '^(line [0-9]+|last)$'
}
check "a user: all of many lines are there" becomes 60 3001 count_often
check "a user: passthrough is the journal's own socket" user systemctl --user start container@passes
check "a user: its directory is the user's alone" same "700 alice" "$(stat -c '%a %U' /run/user/1000/berth/log)"
user systemctl --user stop container@named container@lesser container@keeps
check "a user: it ends with the last" wait_for 30 not pgrep -u alice -f 'berth|crun'
check "a user: as it should" same success "$(user systemctl --user show -p Result --value berth-log.service)"
check "a user: and has said nothing" same "" "$(user journalctl --user -q -b -o cat _SYSTEMD_USER_UNIT=berth-log.service SYSLOG_IDENTIFIER=berth-log)"

# Without the relay a container still starts.
systemctl mask --runtime berth-log.socket 2>/dev/null
systemctl stop berth-log.socket berth-log.service
rm -f /run/berth/log/socket
make without 'echo without'
systemctl daemon-reload
check "without the relay: it runs" systemctl start container@without
check "with the journal's own socket" says container@without '^without$'
check "and says so" says container@without 'berth-log.socket'
systemctl unmask --runtime berth-log.socket
