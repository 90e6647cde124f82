# A user's container in the namespaces of another one: what a VPN's container, a side-car and a debugger need.
# guests: nspawn
# timeout: 180

make_networked_user joiner 1083
make_rootfs $home/root
chown -R joiner: $home/root
file() { # NAME PORT KEYS
    put "$home/.config/berth/$1.container" <<END
[Container]
Rootfs=$home/root
Exec=/bin/sh -c "mkdir /tmp/www; echo I am $1 >/tmp/www/index.html; httpd -f -p $2 -h /tmp/www & trap 'exit 0' TERM; wait"
Tmpfs=/tmp
$3
END
}
namespace() { # NAME TYPE
    readlink "/proc/$(state_of "$1" MainPID)/ns/$2"
}
state_of() { # NAME PROPERTY
    control show --value -p "$2" "container@$1"
}

put $home/.config/berth/tunnel.network <<<$'[Network]\nSubnet=10.83.1.0/24'
file vpn 8080 $'Network=tunnel.network\nPublishPort=127.0.0.1:18380:8080\nPublishPort=127.0.0.1:18381:8081\nAddHost=cellar:192.0.2.7'
file torrent 8081 Network=vpn.container
file kept 8082 $'Network=container:vpn\nUserNS=keep-id'
all=$'PidNS=base.container\nIpcNS=base.container\nUtsNS=base.container\nCgroupNS=base.container\nNetwork=base.container'
file base 8090 $'HostName=basement\nShmSize=3m'
file all 8091 "$all"
file runc 8092 "$all"$'\nRuntime=runc'
file mapped 8095 $'Network=pasta\nUserNS=keep-id'
file same 8096 $'Network=mapped.container\nUserNS=container:mapped'
put $home/.config/berth/side.pod <<<$'[Pod]\nNetwork=base.container'
file member 8094 Pod=side.pod
chown -R joiner: $home/.config
control daemon-reload

require "containers on the network of another start, and it first" control start container@torrent container@kept
check "that one runs" state_is container@vpn ActiveState active
for name in torrent kept; do
    check "$name: is in its network" same "$(namespace vpn net)" "$(namespace $name net)"
    check "$name: has mounts of its own" not same "$(namespace vpn mnt)" "$(namespace $name mnt)"
    check "$name: reaches it" wait_for 20 fetches $name http://127.0.0.1:8080/ 'I am vpn'
    check "$name: has its hosts" contains "$(inside $name cat /etc/hosts)" '^192.0.2.7	cellar$'
done
check "it reaches them" wait_for 20 fetches vpn http://127.0.0.1:8081/ 'I am torrent'
check "what it publishes for another is reached" wait_for 20 reaches http://127.0.0.1:18381/ 'I am torrent'
check "and its own" wait_for 20 reaches http://127.0.0.1:18380/ 'I am vpn'
check "one that keeps its ID has it" same 1083 "$(inside kept id -u)"
check "it stops" control stop container@vpn
for name in torrent kept; do
    check "$name: stops with it" wait_for 20 state_is container@$name ActiveState inactive
done

for name in all runc; do
    require "$name: joins all that there is" control start container@$name
    for type in pid ipc uts cgroup net user; do
        check "$name: $type is that of base" same "$(namespace base $type)" "$(namespace $name $type)"
    done
    check "$name: sees the processes of base" contains "$(inside $name ps)" 'httpd -f -p 8090'
    check "$name: shares the memory of base" inside $name sh -c "echo of $name >/dev/shm/$name"
    check "$name: base sees it" same "of $name" "$(inside base cat /dev/shm/$name)"
    check "$name: has the name of base" same basement "$(inside $name hostname)"
    check "$name: stops" control stop container@$name
    check "$name: base goes on" state_is container@base ActiveState active
done
require "a pod on the network of a container starts" control start container@member
check "its container is there" same "$(namespace base net)" "$(namespace member net)"
check "and reaches it" wait_for 20 fetches member http://127.0.0.1:8090/ 'I am base'
require "a joined user namespace is joined" control start container@same
check "that of the other" same "$(namespace mapped user)" "$(namespace same user)"
check "with its IDs" same "$(inside mapped cat /proc/self/uid_map)" "$(inside same cat /proc/self/uid_map)"
check "all stop" control stop 'container@*' 'container-pod@*'
nothing_left() {
    same "" "$(find $run/bundles -mindepth 1 -not -name '.*')"
}
check "nothing is left" wait_for 20 nothing_left

# Killed in the middle, the other goes on.
require "again" control start container@torrent
kill -KILL "$(state_of torrent MainPID)"
check "a kill of one" wait_for 20 state_is container@torrent ActiveState failed
check "is none of the other" state_is container@vpn ActiveState active
control reset-failed
check "and it starts again" control start container@torrent
check "in its network" same "$(namespace vpn net)" "$(namespace torrent net)"
control stop 'container@*'
