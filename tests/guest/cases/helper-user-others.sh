# Two users with containers of the same names and ports, beside each other and the system's: many at once, kills, the end of a user's manager, a full runtime
# directory, and what one user can reach of another's and of the system's.
# guests: nspawn
# timeout: 400

make_user otto 1021
make_user ella 1022
make_outside
# A machine with udev has it so.
chmod 666 /dev/net/tun
ip route add default via 192.0.2.2 dev wire
at_end "ip route del default via 192.0.2.2"
at_end "systemctl stop container@web container@of-system 2>/dev/null"
ctl() { # USER COMMAND ARGUMENT...
    as_user "$1" systemctl --user "${@:2}"
}
state_is() { # USER UNIT VALUE
    same "$3" "$(ctl "$1" show --value -p ActiveState "$2")"
}
says_to() { # USER NAME EXTENDED-REGULAR-EXPRESSION
    contains "$(told "$1" "$2")" "$3"
}
files_of() { # USER
    find "/run/user/$(id -u "$1")/berth/bundles" "/run/user/$(id -u "$1")/berth/runtime" "/home/$1/.local/share/berth/containers" -mindepth 1 \
        -not -path '*/runtime/.cache*' 2>/dev/null || :
}
no_files_of() { # USER
    same "" "$(files_of "$1")"
}
# Of the user and of its subordinate IDs.
processes_of() { # USER
    local first
    first=$(sed -n "s/^$1:\([0-9]*\):.*/\1/p" /etc/subuid)
    ps -eo uid=,args= | awk -v user="$(id -u "$1")" -v first="$first" '$1 == user || ($1 >= first && $1 < first + 65536)'
}
no_processes_of() { # USER
    same "" "$(processes_of "$1")"
}
no_containers_processes_of() { # USER
    same "" "$(processes_of "$1" | grep -E 'berth|crun|pasta|sleep|httpd' || :)"
}
namespaces() {
    lsns -n -t user -o NS | sort -u
}
file() { # USER NAME KEYS COMMAND [SECTIONS]
    put "/home/$1/.config/berth/$2.container" <<END
[Unit]
StartLimitIntervalSec=0

[Container]
Rootfs=/home/$1/root
Exec=/bin/sh -c "$4"
StopTimeout=2
$3
${5:-}
END
}
stay="trap 'exit 0' TERM; while :; do sleep 1000 & wait; done"
serve="httpd -p 8080 -h /www; $stay"
before=$(namespaces)
for name in otto ella; do
    make_rootfs "/home/$name/root"
    mkdir "/home/$name/root/www"
    echo "$name" >"/home/$name/root/www/index.html"
    file $name web "PublishPort=18090:8080" "$serve" "[Install]
WantedBy=default.target"
    for i in $(seq 0 3); do
        file $name "n$i" $'Network=none\nUser=33' "$stay"
    done
done
for i in $(seq 4 49); do
    file otto "n$i" $'Network=none\nUser=33' "$stay"
done
put /home/otto/.config/berth/lan.network <<<$'[Network]\nSubnet=10.121.1.0/24'
put /home/otto/.config/berth/shared.pod <<<$'[Pod]\nPublishPort=18092:8080'
file otto bridged $'Network=lan.network\nPublishPort=18093:8080' "$serve"
file otto in-pod Pod=shared.pod "$serve"
file otto second "PublishPort=18090:8080" "$serve"
chown -R otto: /home/otto/root /home/otto/.config
chown -R ella: /home/ella/root /home/ella/.config
ctl otto daemon-reload
ctl ella daemon-reload

# --- the same names and ports

require "one user's container has a port" ctl otto start container@web
check "which leads to it" wait_for 20 reaches http://127.0.0.1:18090/ otto
check "another of the same user's is refused it" not ctl otto start container@second
check "and told who has it" wait_for 20 says_to otto second 'port 18090/tcp is taken by the container "web"'
check "another user's of the same name is refused it, too" not ctl ella start container@web
check "and told that it is a user's" wait_for 20 says_to ella web 'web.container:[0-9]+:1: error: port 18090/tcp is taken by a program of another user'
check "nothing is left of that" wait_for 20 no_files_of ella
sed -i s/18090/18091/ /home/ella/.config/berth/web.container
ctl ella daemon-reload
require "with another port it starts" ctl ella start container@web
check "and answers there" wait_for 20 reaches http://127.0.0.1:18091/ ella
check "the first one where it did" reaches http://127.0.0.1:18090/ otto
make_rootfs /srv/of-others
at_end "rm -rf /srv/of-others"
put /etc/berth/web.container <<END
[Container]
Rootfs=/srv/of-others
Exec=/bin/sh -c "$stay"
END
cp /etc/berth/web.container /etc/berth/of-system.container
systemctl daemon-reload
require "the system has one of the name as well" systemctl start container@web container@of-system
check "each is its own" same "active active active" \
    "$(ctl otto is-active container@web) $(ctl ella is-active container@web) $(systemctl is-active container@web)"

# --- one user against another and the system

reachable() { # USER OTHER
    as_user "$1" find /run /tmp /var/tmp /dev/shm /var/lib/berth -user "$2" -not -type l \( -readable -o -writable \) 2>/dev/null || :
}
as_if() { # USER OTHER COMMAND ARGUMENT...
    as_user "$1" env XDG_RUNTIME_DIR="/run/user/$(id -u "$2")" HOME="/home/$2" "${@:3}"
}
check "of another user's container nothing can be opened" same "" "$(reachable ella otto)"
check "nothing of berth's has a socket that needs no file" not grep -E '@.*berth' /proc/net/unix
check "another user's manager does not listen" not as_if ella otto systemctl --user stop container@web
check "no command is run in another's container" not as_if ella otto berth --user exec web true
check "nothing is copied from it" not as_if ella otto berth --user cp web:/www /tmp/of-otto
check "nor undone" not as_if ella otto /usr/libexec/berth-helper cleanup web
check "nor in the system's" not as_user ella berth exec of-system true
check "nothing is copied from that" not as_user ella berth cp of-system:/etc /tmp/of-system
as_user ella /usr/libexec/berth-helper cleanup of-system 2>/dev/null || :
check "nor seen of another's by what the own ones show" not contains "$(as_user ella berth --user port 2>&1)" 18090
# Whatever can be opened can be locked.
as_user ella find /run/berth /var/lib/berth /etc/subuid /etc/subgid /srv/of-others /usr/libexec/berth-helper -maxdepth 3 -readable \
    \( -type f -o -type d \) 2>/dev/null >"$TMP/lockable" || :
while read -r path; do
    as_user ella flock --no-fork "$path" sleep 999 </dev/null &
    echo $! >>"$TMP/holders"
done <"$TMP/lockable"
at_end "xargs -r kill <$TMP/holders 2>/dev/null"
all_hold() {
    same "$(sort -u "$TMP/holders" | wc -l)" "$(pgrep -c -u ella -f '^sleep 999$')"
}
require "a user holds all locks that there are for it" wait_for 30 all_hold
check "another user's start does not wait for them" timeout 200 setpriv --reuid otto --regid otto --init-groups --reset-env \
    env XDG_RUNTIME_DIR=/run/user/1021 systemctl --user restart container@n0 container@web
check "nor the system's" timeout 200 systemctl restart container@web
xargs -r kill <"$TMP/holders" || :
: >"$TMP/holders"
wait
# A user's own directory can be made to lead elsewhere; what a start does there, it does with the user's rights.
system_before=$(find /run/berth/bundles | sort)
as_user ella mv /run/user/1022/berth /run/user/1022/away
for target in /run/berth /run/user/1021/berth; do
    as_user ella ln -sfn $target /run/user/1022/berth
    check "a directory of runtime files that leads to $target is of no use" not ctl ella start container@n0
    as_user ella rm /run/user/1022/berth
done
as_user ella mv /run/user/1022/away /run/user/1022/berth
check "what the system has there is as it was" same "$system_before" "$(find /run/berth/bundles | sort)"
check "and all of them run" same "active active active active" \
    "$(ctl otto is-active container@web) $(ctl ella is-active container@web) $(systemctl is-active container@web container@of-system | xargs)"
check "the other's answers" wait_for 20 reaches http://127.0.0.1:18090/ otto
systemctl stop container@web container@of-system
ctl otto stop container@n0

# --- many at once, and kills

many=()
for i in $(seq 0 49); do many+=("container@n$i.service"); done
active() { # USER
    ctl "$1" list-units --no-legend --plain --state=active 'container@n*' | wc -l
}
require "fifty of a user's start at once" ctl otto start "${many[@]}"
check "and run" same 50 "$(active otto)"
check "they stop" ctl otto stop "${many[@]}"
ctl otto stop container@web
check "and leave no process" wait_for 20 no_containers_processes_of otto
check "nor a file" wait_for 20 no_files_of otto
strike() {
    local pids=()
    ctl otto start --no-block container@n0
    sleep "$(printf '0.%03d' $((RANDOM % 120)))"
    mapfile -t pids < <(find /sys/fs/cgroup -path '*user@1021.service*container@n0.service*' -name cgroup.procs -exec cat {} + 2>/dev/null)
    [ ${#pids[@]} -eq 0 ] || kill -KILL "${pids[RANDOM % ${#pids[@]}]}" 2>/dev/null || :
    ctl otto stop container@n0 2>/dev/null || :
    ctl otto reset-failed container@n0 2>/dev/null || :
}
rounds=$(rounds 20 300)
for ((round = 0; round < rounds; round++)); do strike; done
check "after $rounds kills it starts" ctl otto start container@n0
check "and runs" state_is otto container@n0 active
ctl otto stop container@n0
check "no process is left" wait_for 20 no_containers_processes_of otto
check "nor a file" wait_for 20 no_files_of otto

# --- a runtime directory that is full

mount -o remount,size=4M /run/user/1021
as_user otto dd if=/dev/zero of=/run/user/1021/full bs=4k 2>/dev/null || :
check "without room a start fails" not ctl otto start container@n1
check "and says why" wait_for 20 says_to otto n1 'No space left on device'
check "no half of a container runs" wait_for 20 no_containers_processes_of otto
rm /run/user/1021/full
mount -o remount,size=64M /run/user/1021
check "with room it starts" ctl otto start container@n1
check "and runs" state_is otto container@n1 active
ctl otto stop container@n1
check "nothing is left of both" wait_for 20 no_files_of otto

# --- the end of a user's manager

require "a user's containers run" ctl otto start container@web container@n2 container@n3 container@bridged container-pod@shared
check "on a network of the user's" wait_for 20 reaches http://127.0.0.1:18093/ otto
check "and in a pod" wait_for 20 reaches http://127.0.0.1:18092/ otto
loginctl terminate-user otto
check "when the user is put out, no process is left" wait_for 60 no_processes_of otto
check "nor a directory of runtime files" wait_for 60 test ! -e /run/user/1021
check "nor what was written to a container" same "" "$(find /home/otto/.local/share/berth/containers -mindepth 1 2>/dev/null)"
check "nor a mount" not grep -E '/run/user/1021|/home/otto/' /proc/self/mountinfo
check "the other's container runs" reaches http://127.0.0.1:18091/ ella
ctl ella stop container@web
same_namespaces() {
    same "$before" "$(namespaces)"
}
check "no namespace is left of either" wait_for 30 same_namespaces
come_back() {
    loginctl enable-linger otto && test -S /run/user/1021/systemd/private
}
require "the user's manager comes back" wait_for 60 come_back
check "with what is enabled" wait_for 60 state_is otto container@web active
check "which has its port again" wait_for 20 reaches http://127.0.0.1:18090/ otto
check "and without what is not" not state_is otto container@n2 active
ctl otto stop container@web
