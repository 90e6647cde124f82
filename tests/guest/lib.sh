# What the cases have at hand inside the guest. Sourced before each case, which runs with "set -eu" as root in
# /opt/berth-tests, with SUITE (bookworm, trixie), KIND (nspawn, qemu), CASE, PHASE and, in TMP, a directory of its own.
# shellcheck shell=bash

TMP=/run/berth-tests/$CASE
mkdir -p "$TMP"

# The machine-readable report goes to descriptor 3; what a case prints is shown only if it fails.

# Runs a command; it is a passed check if it succeeds, else a failed one with the command's output.
check() { # TITLE COMMAND ARGUMENT...
    local title=$1 output status=0
    shift
    output=$("$@" 2>&1 3>&-) || status=$?
    if [ "$status" -eq 0 ]; then
        echo "ok - $title" >&3
        return
    fi
    {
        echo "not ok - $title"
        printf '# status %d of: %s\n' "$status" "$*"
        [ -z "$output" ] || sed 's/^/#   /' <<<"$output"
    } >&3
    : >"$STATE/failed"
}

# The same, and without success the case cannot go on.
require() { # TITLE COMMAND ARGUMENT...
    check "$@"
    [ ! -e "$STATE/failed" ] || exit 0
}

# Ends the case here: what it would check does not apply to this guest, or cannot be had. With CI=true that is a failure.
skip() { # REASON
    echo "skip - $1" >&3
    exit 77
}

# Reboots the guest and runs the case again with the next PHASE.
reboot_guest() {
    exit 194
}

# Ends the machine as a loss of power does, after DELAY seconds of what has been begun: nothing is stopped, nothing written. The case goes on with the next phase.
cut_power() { # DELAY
    sleep "$1"
    echo b >/proc/sysrq-trigger
    sleep 60
}
# What is about to be cut off must not put the next phase on the disk by itself.
before_cut() {
    echo $((PHASE + 1)) >"$STATE/phase"
    sync
}
between() { # FROM TO, in milliseconds; prints seconds
    local n=$(($1 + RANDOM % ($2 - $1)))
    printf '%d.%03d' $((n / 1000)) $((n % 1000))
}

# Ends the case here where as-user.sh runs it.
no_more_as_user() {
    [ -z "${AS_USER-}" ] || exit 0
}

# The service manager's process; and a command where the interfaces of networks are. A user's are others.
manager=1
in_networks() { # COMMAND ARGUMENT...
    "$@"
}

# Has a command run when the case ends, the latest first; a reboot is no end.
at_end() { # SHELL-COMMAND
    end_commands=$1$'\n'$end_commands
}
end_commands=
trap 'end_status=$?; [ "$end_status" -eq 194 ] || eval "set +e; $end_commands"; exit "$end_status"' EXIT

# How often something is to be done over and over: a few times, or with "run --long" many times.
rounds() { # FEW MANY
    if [ "$LONG" = yes ]; then echo "$2"; else echo "$1"; fi
}

# --- conditions, to be used after check

not() { # COMMAND ARGUMENT...
    ! "$@"
}

same() { # EXPECTED ACTUAL
    [ "$1" = "$2" ] || { printf 'expected: %s\n     got: %s\n' "$1" "$2"; return 1; }
}

contains() { # TEXT EXTENDED-REGULAR-EXPRESSION
    grep -Eq -- "$2" <<<"$1" || { printf 'no match for %s in:\n%s\n' "$2" "$1"; return 1; }
}

# A slow or busy machine gets more time, PATIENCE times as much.
deadline() { # SECONDS
    echo $((SECONDS + $1 * PATIENCE))
}

# Tries a command until it succeeds, and shows the last try's output if it never does.
wait_for() { # SECONDS COMMAND ARGUMENT...
    local output end
    end=$(deadline "$1")
    shift
    until output=$("$@" 2>&1); do
        [ "$SECONDS" -lt "$end" ] || { printf '%s\n' "$output"; return 1; }
        sleep 0.1
    done
    printf '%s\n' "$output"
}

# --- units

unit_property() { # UNIT PROPERTY
    systemctl show --value -p "$2" -- "$1"
}

unit_is() { # UNIT PROPERTY VALUE
    same "$3" "$(unit_property "$1" "$2")"
}

main_pid() { # UNIT
    unit_property "$1" MainPID
}

# What the unit's main process is called; between the start and its exec it is called otherwise.
main_process_is() { # UNIT NAME
    same "$2" "$(cat "/proc/$(main_pid "$1")/comm")"
}

# No process has such a command line. Of berth and the runtime one may still be about to end when systemd has its answer.
no_process() { # EXTENDED-REGULAR-EXPRESSION
    same "" "$(pgrep -fa -- "$1" || :)"
}

# The relay of containers' output waits for more when it has handled all that was written. It is asked for often: as a rule no program is run for that. One that is
# not there may be about to start, with output that waits for it.
relay_sleeps() {
    local pid word value where
    if ! read -r pid 2>/dev/null </sys/fs/cgroup/system.slice/berth-log.service/cgroup.procs; then
        [ "$(unit_property berth-log.service ActiveState)" != activating ]
        return
    fi
    while read -r word value; do
        [ "$word" != State: ] || break
    done 2>/dev/null <"/proc/$pid/status"
    read -r where 2>/dev/null <"/proc/$pid/wchan" || :
    [[ $value = S* && ${where:-0} = @(0|*poll*) ]]
}

# Waits until what was written until now is in the journal's files.
sync_journal() {
    relay_sleeps || wait_for 20 relay_sleeps >/dev/null || :
    journalctl --sync
}

# Waits until what the command prints is as expected, or matches.
becomes() { # SECONDS EXPECTED COMMAND ARGUMENT...
    output_is() { same "$1" "$("${@:2}")"; }
    wait_for "$1" output_is "${@:2}"
}
becomes_like() { # SECONDS EXTENDED-REGULAR-EXPRESSION COMMAND ARGUMENT...
    output_is_like() { contains "$("${@:2}")" "$1"; }
    wait_for "$1" output_is_like "${@:2}"
}

# What the unit has written to the journal since this boot; and what of it is there already.
journal_of() { # UNIT
    sync_journal
    journal_so_far "$1"
}
journal_so_far() { # UNIT
    journalctl -q -b --no-pager -o cat -u "$1"
}

# Where the journal ends by now, for --after-cursor=.
journal_cursor() {
    journalctl -q -n 0 --show-cursor | sed -n 's/^-- cursor: //p'
}

# Whether the unit says so in the journal within a while: a payload may have only begun when its unit is up.
says() { # UNIT EXTENDED-REGULAR-EXPRESSION
    local end
    ! contains "$(journal_so_far "$1")" "$2" >/dev/null || return 0
    end=$(deadline 20)
    until contains "$(journal_of "$1")" "$2" >/dev/null; do
        [ "$SECONDS" -lt "$end" ] || { contains "$(journal_of "$1")" "$2"; return; }
        sleep 0.1
    done
}

# --- files

# What there is of containers: bundles, the runtime's state, ranges of IDs, upper directories. Newer crun keeps compiled system call filters beside its
# state, for the next container with the same one.
container_files() {
    find /run/berth/bundles /run/berth/runtime /run/berth/ids /var/lib/berth/containers -mindepth 1 \
        -not -path '/run/berth/runtime/.cache' -not -path '/run/berth/runtime/.cache/*' 2>/dev/null || :
}

# Writes standard input to a file, making its directory.
put() { # FILE [MODE]
    mkdir -p -- "$(dirname -- "$1")"
    cat >"$1"
    [ -z "${2:-}" ] || chmod "$2" "$1"
}

# Keeps what a command prints for the host, which validates it against tests/schema/NAME.json; not in a VM, which shares no directory.
keep_json() { # SCHEMA COMMAND ARGUMENT...
    mkdir -p /opt/berth-tests/out/json
    "${@:2}" >"$(mktemp "/opt/berth-tests/out/json/$CASE.$1.XXXXXX")"
}

# Makes a small root file system of busybox: every applet in /bin, users root and nobody.
make_rootfs() { # DIRECTORY
    mkdir -p -- "$1"/{bin,dev,etc,proc,sys,tmp,run,root,var/tmp}
    chmod 1777 "$1/tmp" "$1/var/tmp"
    cp /bin/busybox "$1/bin/"
    # By one process, not by one for each of hundreds.
    # shellcheck disable=SC2016
    /bin/busybox --list | perl -ne 'BEGIN { chdir shift or die } chomp; next if $_ eq "busybox"; unlink; symlink "busybox", $_ or die "$_: $!"' "$1/bin"
    printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n' >"$1/etc/passwd"
    printf 'root:x:0:\nnogroup:x:65534:\n' >"$1/etc/group"
    printf 'ID=berth-test\n' >"$1/etc/os-release"
}

# Copies programs, with the libraries they need, to a root file system.
add_programs() { # DIRECTORY PROGRAM...
    local program file
    for program in "${@:2}"; do
        for file in "$program" $(ldd "$program" | grep -o '/[^ ]*'); do
            mkdir -p "$1$(dirname "$file")"
            cp -L "$file" "$1$file"
        done
    done
}

# Makes container@look anew, which runs a script in a root file system with the given keys, starts it, and shows what has been said of it. Its service is a oneshot; what
# systemd has to know of it must be there already, and loaded.
look_in() { # ROOT KEYS SCRIPT
    local cursor
    put /etc/berth/look.container <<EOF
[Container]
Rootfs=$1
Exec=/bin/sh -c '($3) && s=0 || s=1; echo; echo end of look; exit \$\$s'
$2

[Service]
Type=oneshot
EOF
    cursor=$(journal_cursor)
    # What it writes last may reach the journal when it has ended.
    if systemctl start container@look || systemctl is-failed -q container@look; then
        look_is_over "$cursor" || wait_for 20 look_is_over "$cursor" >/dev/null || :
    fi
    sync_journal
    journalctl -q -o cat --after-cursor="$cursor" -u container@look | grep -vx 'end of look' || :
}

# --- users

# Makes a user with subordinate IDs, whose service manager runs without a session, until the case ends. The home is on a file system where overlays can be made.
# The guests have no PAM module that would tell the manager its runtime directory.
make_user() { # NAME UID
    useradd --no-create-home --uid "$2" --user-group --home-dir "/home/$1" "$1"
    mkdir -p "/var/lib/berth/.homes/$1" "/home/$1"
    mount --bind "/var/lib/berth/.homes/$1" "/home/$1"
    mount --make-private "/home/$1"
    chown "$1:" "/home/$1"
    chmod 700 "/home/$1"
    put "/etc/systemd/system/user@$2.service.d/runtime.conf" <<<"[Service]"$'\n'"Environment=XDG_RUNTIME_DIR=/run/user/$2"
    systemctl daemon-reload
    at_end "remove_user $1 $2"
    # What a user's container of the same name wrote in another case is not this one's.
    [ -n "${user_cursor-}" ] || user_cursor=$(journal_cursor)
    loginctl enable-linger "$1"
    wait_for 60 test -S "/run/user/$2/systemd/private"
}

# logind stops the manager as well, at its own time, and meanwhile another's job would be refused.
remove_user() { # NAME UID
    loginctl disable-linger "$1"
    wait_for 60 systemctl stop "user@$2.service" "user-runtime-dir@$2.service"
    wait_for 60 umount "/home/$1"
    userdel "$1"
    rm -rf "/var/lib/berth/.homes/$1" "/home/$1" "/etc/systemd/system/user@$2.service.d"
    systemctl daemon-reload
}

as_user() { # NAME COMMAND ARGUMENT...
    setpriv --reuid "$1" --regid "$1" --init-groups --reset-env \
        env XDG_RUNTIME_DIR="/run/user/$(id -u "$1")" "${@:2}"
}

# What a user's container, berth for it and the user's manager about it have written since this boot. By the identifier, for a process may have ended before
# the journal could see which unit it was of.
user_says() { # NAME EXTENDED-REGULAR-EXPRESSION
    journal_of_user() { journalctl -q -b --no-pager -o cat ${user_cursor:+--after-cursor="$user_cursor"} SYSLOG_IDENTIFIER="$1" + USER_UNIT="container@$1.service"; }
    ! contains "$(journal_of_user "$1")" "$2" >/dev/null || return 0
    journalctl --sync
    contains "$(journal_of_user "$1")" "$2"
}

# Of two users with containers of the same name.
told() { # USER NAME
    journalctl --sync
    journalctl -q -b --no-pager -o cat _UID="$(id -u "$1")" SYSLOG_IDENTIFIER="$2" + _UID="$(id -u "$1")" USER_UNIT="container@$2.service"
}

# --- SELinux

label() { # FILE
    stat -c %C -- "$1"
}

# Adds a program that prints its label, does what its arguments say ("read FILE", "write FILE", "make DIRECTORY"), and stays.
add_try() { # ROOT
    put "$1/bin/try" 755 <<'EOF'
#!/bin/sh
echo "label: $(cat /proc/self/attr/current | tr -d '\0')"
while [ $# -gt 1 ]; do
    case $1 in
    read) if cat "$2" >/dev/null 2>&1; then echo "read $2: done"; else echo "read $2: refused"; fi ;;
    make) if mkdir "$2" 2>/dev/null; then echo "make $2: done"; else echo "make $2: refused"; fi ;;
    write) if echo x 2>/dev/null >"$2"; then echo "write $2: done"; else echo "write $2: refused"; fi ;;
    esac
    shift 2
done
echo "tried"
trap 'exit 0' TERM
sleep infinity &
wait
EOF
}

# --- health checks of images

# Gives an image a health check, and a command that stays. umoci does not know them: the configuration is written anew, and what names it.
add_healthcheck() { # DIRECTORY:TAG JSON
    local layout=${1%:*} old new
    umoci config --image "$1" --config.cmd /bin/sh --config.cmd -c --config.cmd "trap 'exit 0' TERM; while :; do sleep 1000 & wait; done"
    old=$(read_manifest "$1" | grep -o '"config":{[^}]*}' | grep -o '[0-9a-f]\{64\}')
    blob_of "$layout" "$old" | sed "s|\"config\":{|&\"Healthcheck\":$2,|" >"$TMP/config"
    new=$(add_blob "$layout" "$TMP/config")
    read_manifest "$1" |
        sed "s|\"digest\":\"sha256:$old\",\"size\":[0-9]*|\"digest\":\"sha256:$new\",\"size\":$(stat -c %s "$TMP/config")|" >"$TMP/manifest"
    put_manifest "$1" "$TMP/manifest"
}
blob_of() { cat "$1/blobs/sha256/$2"; }
digest_of() { # INDEX TAG
    tr '{' '\n' <"$1" | grep -B2 "\"org.opencontainers.image.ref.name\":\"$2\"" | grep -o 'sha256:[0-9a-f]\{64\}' | tail -n 1 | cut -d: -f2
}
read_manifest() { # DIRECTORY:TAG
    blob_of "${1%:*}" "$(digest_of "${1%:*}/index.json" "${1##*:}")"
}
# Makes the file the manifest of an image.
put_manifest() { # DIRECTORY:TAG FILE
    local layout=${1%:*} old new
    old=$(digest_of "$layout/index.json" "${1##*:}")
    new=$(add_blob "$layout" "$2")
    sed -i "s|\"digest\":\"sha256:$old\",\"size\":[0-9]*|\"digest\":\"sha256:$new\",\"size\":$(stat -c %s "$2")|" "$layout/index.json"
}
add_blob() { # LAYOUT FILE
    local digest
    digest=$(sha256sum "$2" | cut -d' ' -f1)
    cp "$2" "$1/blobs/sha256/$digest"
    echo "$digest"
}

# --- networks

# The outside world: another machine at the other end of a wire, for as long as the case runs. This one is 192.0.2.1 and 2001:db8::1, that one 192.0.2.2 and
# 2001:db8::2.
make_outside() {
    ip netns add outside
    at_end "ip netns del outside"
    ip link add wire type veth peer name eth0 netns outside
    at_end "ip link del wire" # the kernel takes its time to end the other namespace
    ip addr add 192.0.2.1/24 dev wire
    ip -6 addr add 2001:db8::1/64 dev wire nodad
    ip link set wire up
    ip -n outside addr add 192.0.2.2/24 dev eth0
    ip -n outside -6 addr add 2001:db8::2/64 dev eth0 nodad
    ip -n outside link set eth0 up
    ip -n outside link set lo up
}

outside() { # COMMAND ARGUMENT...
    ip netns exec outside "$@"
}

# Runs a command in the network namespace of a container.
inside() { # NAME COMMAND ARGUMENT...
    local pid
    pid=$(main_pid "container@$1")
    shift
    nsenter -t "$pid" -n "$@"
}

# What answers at a port of TCP and of UDP.
ask() { # ADDRESS PORT
    timeout 5 socat -T 3 - "TCP:$1:$2,connect-timeout=3" </dev/null
}
ask_udp() { # ADDRESS PORT
    echo pong | timeout 3 socat -t 1 - "UDP:$1:$2"
}
export -f ask ask_udp

# The command's output is the name of who is asked.
answers() { # NAME COMMAND ARGUMENT...
    local name=$1
    shift
    same "$name" "$("$@")"
}

# Describes a container that answers at port 80 with its name. It needs /srv/net, a root file system with socat.
serving() { # NAME KEYS [SECTIONS]
    put "/etc/berth/$1.container" <<END
[Container]
Rootfs=/srv/net:O
Exec=/usr/bin/socat TCP6-LISTEN:80,ipv6only=0,fork,reuseaddr SYSTEM:hostname
HostName=$1
StopTimeout=1
$2

[Service]
SuccessExitStatus=143
${3:-}
END
}

# The addresses that a container has been given, a line each.
address_of() { # NAME
    sed -n 's/^address \([^/]*\).*/\1/p' "/run/berth/bundles/$1/network"
}

# Whether all that the look has written is there, or it never came to write.
look_is_over() { # CURSOR
    sync_journal
    journalctl -q -o cat --after-cursor="$1" -u container@look | grep -qxE 'end of look|Failed to start .*'
}

# Gives berth's own files the labels that a package's installation gives them.
label_berth() {
    restorecon -RFi /usr/bin/berth /usr/libexec/berth-* /usr/lib/systemd /usr/lib/tmpfiles.d /run/berth /var/lib/berth
}

# --- images

# Makes an OCI image in a layout: each LAYER is a directory whose content is one layer, the lowest first.
make_image() { # DIRECTORY:TAG LAYER... [-- UMOCI-CONFIG-OPTION...]
    local image=$1
    shift
    mkdir -p "$TMP"
    [ -e "${image%:*}" ] || umoci init --layout "${image%:*}"
    umoci new --image "$image"
    while [ $# -gt 0 ] && [ "$1" != -- ]; do
        # Not "umoci insert": its archives end too early.
        tar -C "$1" --sort=name --numeric-owner -cf "$TMP/layer.tar" .
        umoci raw add-layer --image "$image" "$TMP/layer.tar"
        shift
    done
    [ $# -eq 0 ] || umoci config --image "$image" "${@:2}"
}

# Starts a registry on the loopback device, for as long as the case runs, as the unit test-registry-PORT. With a KEY and CERTIFICATE it takes TLS only, with a file of
# htpasswd(1) only the users in there. It keeps what it has in $TMP/registry-PORT.
serve_registry() { # PORT [CERTIFICATE KEY [HTPASSWD]]
    local config=$TMP/registry-$1.yml
    {
        echo "version: 0.1"
        echo "log: { level: warn }"
        echo "storage: { filesystem: { rootdirectory: $TMP/registry-$1 }, delete: { enabled: true } }"
        echo "http:"
        echo "  addr: 127.0.0.1:$1"
        [ -z "${2:-}" ] || echo "  tls: { certificate: $2, key: $3 }"
        [ -z "${4:-}" ] || echo "auth: { htpasswd: { realm: test, path: $4 } }"
    } >"$config"
    systemd-run -q --unit="test-registry-$1" docker-registry serve "$config"
    at_end "systemctl stop test-registry-$1 2>/dev/null"
    wait_for 20 bash -c "exec 3<>/dev/tcp/127.0.0.1/$1" >/dev/null
}

# How often a registry was asked for a blob, or for those that match.
fetched() { # PORT [EXTENDED-REGULAR-EXPRESSION]
    journal_of "test-registry-$1" | grep -E '"GET /v2/.*/blobs/' | grep -cE -- "${2:-.}" || :
}

# A terminal of that size, with a shell at it; screen, on_screen, type_in and answers are about it.
open_terminal() { # COLUMNS LINES
    tmux new-session -d -x "$1" -y "$2" 'exec bash --norc'
    at_end 'tmux kill-server 2>/dev/null'
    screen() { tmux capture-pane -p; }
    on_screen() { contains "$(screen)" "$1"; }
    type_in() { tmux send-keys "$@"; }
    # Types a line until its answer is there: what is typed too early is lost.
    answers() { # LINE EXTENDED-REGULAR-EXPRESSION
        type_in C-l C-u "$1" Enter
        sleep 0.5
        on_screen "$2"
    }
}

# --- containers that count, and write "tick 1" and so on

ticks() { # NAME
    journal_of "container@$1" | sed -n 's/^tick //p'
}
ticks_from() { # NAME NUMBER
    [ "$(ticks "$1" | tail -n 1)" -ge "$2" ]
}
goes_on() { # NAME
    local last
    last=$(ticks "$1" | tail -n 1)
    wait_for 30 ticks_from "$1" $((last + 3))
}
# All from 1 on, each once.
counts_on() { # NAME
    local ticks
    ticks=$(ticks "$1")
    same "$(seq 1 "$(wc -l <<<"$ticks")")" "$ticks"
}

# A breakpoint of CRIU's has the kernel patch its own code, and QEMU without KVM can run what was there before: that ended one kernel in three
# (int3 in __schedule). CRIU goes by single steps instead, as it does on machines that have no breakpoints.
criu_without_breakpoints() {
    export CRIU_FAULT=130
    put /etc/systemd/system.conf.d/criu-fault.conf <<<$'[Manager]\nDefaultEnvironment=CRIU_FAULT=130'
    systemctl set-environment CRIU_FAULT=130
    at_end 'systemctl unset-environment CRIU_FAULT; rm /etc/systemd/system.conf.d/criu-fault.conf'
}

# What berth list calls it: running, sleeping and so on.
listed_state() { # NAME
    berth list --noheadings "$1" | awk '{ print $2 }'
}

# --- users whose containers have networks

# A user whose containers can have networks, on a machine with an outside; user, control, state_is and inside are about that user, and $home and $run are its
# places.
make_networked_user() { # NAME UID
    networked=$1 home=/home/$1 run=/run/user/$2/berth
    make_user "$1" "$2"
    make_outside
    chmod 666 /dev/net/tun
    ip route add default via 192.0.2.2 dev wire
    at_end "ip route del default via 192.0.2.2"
    user() { as_user "$networked" "$@"; }
    control() { user systemctl --user "$@"; }
    state_is() { # UNIT PROPERTY VALUE
        same "$3" "$(control show --value -p "$2" "$1")"
    }
    inside() { # NAME COMMAND ARGUMENT...
        user berth --user exec "$@"
    }
}

# What a web server answers to the machine, and to one of these containers.
reaches() { # URL TEXT
    same "$2" "$(timeout $((5 * PATIENCE)) busybox wget -q -O - "$1" 2>/dev/null)"
}
fetches() { # NAME URL TEXT
    same "$3" "$(inside "$1" timeout $((5 * PATIENCE)) wget -q -O - "$2" 2>/dev/null)"
}

# --- podman

# podman's settings, until the case ends. What root's stores is on a file system that an overlay can be made on.
podman_settings() {
    put /etc/containers/containers.conf <<'EOF'
[containers]
pids_limit=0
EOF
    put /etc/containers/storage.conf <<'EOF'
[storage]
driver = "overlay"
graphroot = "/var/lib/berth/peer"
runroot = "/run/containers/storage"
EOF
    at_end "rm -rf /var/lib/berth/peer /etc/containers/containers.conf /etc/containers/storage.conf"
}
