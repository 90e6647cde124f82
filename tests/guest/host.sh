# What the scripts on the host's side share: where things are kept, and how a script
# gets namespaces of its own so that nothing of it can outlive it. Sourced, never run.
# shellcheck shell=bash disable=SC2034

GUEST=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
SOURCE=$(cd -- "$GUEST/../.." && pwd)
CACHE=${BERTH_CACHE:-/var/cache/berth-tests}
RUNS=$CACHE/run                 # in own_namespace a tmpfs that nobody else sees
CGROUPS=/sys/fs/cgroup          # in own_namespace always cgroup2
ALL_SUITES=(bookworm trixie)
ALL_KINDS=(nspawn qemu)

# How much longer than a case's own limit it may take: virtual machines are slow, storms of kills may be long, and the machine busy.
patience() { # nspawn|qemu
    local times=${BERTH_PATIENCE:-1}
    [ "$1" != qemu ] || times=$((times * 5))
    [ -z "${BERTH_LONG:-}" ] || times=$((times * 4))
    echo "$times"
}

say() {
    printf '%s\n' "$*" >&2
}

fail() {
    say "${0##*/}: $*"
    exit 1
}

mount_cgroups='[ "$(stat -f -c %T /sys/fs/cgroup)" = cgroup2fs ] || mount -t cgroup2 cgroup2 /sys/fs/cgroup'

# Says why these guests cannot run here, and fails; silent success when they can.
why_not() { # KIND...
    local kind tool tools=(flock unshare setpriv mmdebstrap cpio mke2fs)
    [ "$(id -u)" -eq 0 ] || { echo "not root"; return 1; }
    for kind; do
        case $kind in
        nspawn) tools+=(systemd-nspawn nsenter) ;;
        qemu) tools+=(qemu-system-x86_64) ;;
        esac
    done
    for tool in "${tools[@]}"; do
        command -v "$tool" >/dev/null || { echo "$tool is not installed"; return 1; }
    done
    unshare --mount --pid --fork --mount-proc bash -c "$mount_cgroups" 2>/dev/null ||
        { echo "no namespaces or no cgroup2 here"; return 1; }
}

# Runs the calling script again in a mount namespace of its own, where $RUNS is a fresh tmpfs, /sys/fs/cgroup is
# cgroup2 whatever the host has there, and nspawn's state in /run is not the host's. All of it ends with the last process.
own_namespace() { # SCRIPT ARGUMENT...
    [ "${BERTH_OWN_NAMESPACE:-}" != "$CACHE" ] || return 0
    mkdir -p "$RUNS"
    # shellcheck disable=SC2016
    BERTH_OWN_NAMESPACE=$CACHE exec unshare --mount --propagation private bash -euc '
        mount -t tmpfs -o mode=700 berth-tests "$0"
        eval "$1"
        mkdir -p /run/systemd/nspawn
        mount -t tmpfs -o mode=755 berth-tests /run/systemd/nspawn
        exec "${@:2}"' "$RUNS" "$mount_cgroups" "$@"
}

# Removes the empty cgroups of guests whose script was killed before it could.
sweep_cgroups() {
    local group
    for group in "$CGROUPS"/berth-tests.*; do
        [ -d "$group" ] && [ ! -e "/proc/${group##*.}" ] && grep -qx 'populated 0' "$group/cgroup.events" || continue
        find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || :
    done
}

# Runs a command as the first of a new PID namespace: killing it, or the death of the script, ends every process it ever
# had. A signal to the script is heeded at once, which bash does not do while it waits for a command in the foreground.
isolated() { # COMMAND ARGUMENT...
    local status=0
    at_exit
    setpriv --pdeathsig KILL unshare --mount --propagation private --pid --fork --kill-child --mount-proc -- "$@" <&0 &
    isolated_pid=$!
    wait "$isolated_pid" || status=$?
    isolated_pid=
    return "$status"
}
isolated_pid=

# Has a command run when the script ends, however it ends, after what it runs isolated is dead.
at_exit() { # [SHELL-COMMAND]
    [ -z "${1:-}" ] || exit_command=$1
    trap 'kill_isolated; eval "$exit_command"' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
}
exit_command=

kill_isolated() {
    [ -n "$isolated_pid" ] || return 0
    kill -KILL "$isolated_pid" 2>/dev/null || :
    wait "$isolated_pid" 2>/dev/null || :
}
