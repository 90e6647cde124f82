# Pods of a user: containers in one user namespace of the user's, with pasta or a bridge as their network, published ports, and what is left.
# guests: nspawn
# timeout: 240

make_networked_user poddy 1078
make_rootfs $home/root
chown -R poddy: $home/root
file() { # NAME PORT KEYS
    put "$home/.config/berth/$1.container" <<END
[Container]
Rootfs=$home/root
Exec=/bin/sh -c "mkdir /tmp/www; echo I am $1 >/tmp/www/index.html; exec httpd -f -p $2 -h /tmp/www"
Tmpfs=/tmp
StopTimeout=1
$3
END
}
namespaces() { # NAME TYPE...
    local pid type
    pid=$(control show --value -p MainPID "container@$1")
    for type in "${@:2}"; do
        readlink "/proc/$pid/ns/$type"
    done
}
is_over() { # UNIT
    [[ $(control show --value -p ActiveState "$1") = @(inactive|failed) ]]
}
pod_says() { # EXTENDED-REGULAR-EXPRESSION
    journalctl --sync
    contains "$(journalctl -q -b --no-pager -o cat SYSLOG_IDENTIFIER=berth-helper)" "$1"
}
left() {
    find $run/bundles $run/networks -mindepth 1 -not -name '.*'
}
nothing_left() {
    same "" "$(left)"
}

put $home/.config/berth/app.pod <<<$'[Pod]\nPublishPort=127.0.0.1:17880:8080'
file web 8080 Pod=app.pod
file db 8081 Pod=app.pod
put $home/.config/berth/lan.network <<<$'[Network]\nSubnet=10.78.1.0/24'
put $home/.config/berth/bridged.pod <<<$'[Pod]\nNetwork=lan.network\nPublishPort=17881:8082'
file inner 8082 Pod=bridged.pod
file outer 8083 Network=lan.network
put $home/.config/berth/kept.pod <<<$'[Pod]\nUserNS=keep-id\nPublishPort=17882:8084'
file own 8084 Pod=kept.pod
put $home/.config/berth/auto.pod <<<$'[Pod]\nUserNS=auto\nPublishPort=17883:8086'
file range 8086 Pod=auto.pod
put $home/.config/berth/sized.pod <<<$'[Pod]\nSubUIDMap=no-such-entry'
file none 8085 Pod=sized.pod
chown -R poddy: $home/.config
control daemon-reload

require "a user's pod starts" control start container-pod@app
check "and its containers with it" wait_for 20 state_is container@db ActiveState active
check "all of them" wait_for 20 state_is container@web ActiveState active
check "which share namespaces" same "$(namespaces web net ipc uts user)" "$(namespaces db net ipc uts user)"
check "and each has some of its own" not same "$(namespaces web pid mnt)" "$(namespaces db pid mnt)"
check "they reach one another" wait_for 20 fetches web http://127.0.0.1:8081/ 'I am db'
check "a published port is reached" wait_for 20 reaches http://127.0.0.1:17880/ 'I am web'
inside web sh -c 'echo word >/dev/shm/note'
check "they share memory" same word "$(inside db cat /dev/shm/note)"
require "one on a network of the user's" control start container@inner container@outer
check "is reached by the pod's name" wait_for 20 fetches outer http://bridged:8082/ 'I am inner'
check "and its port from the machine" wait_for 20 reaches http://127.0.0.1:17881/ 'I am inner'
require "one in a user namespace" control start container@own
check "has the user's ID" contains "$(cat "/proc/$(control show --value -p MainPID container@own)/uid_map")" '^ +1078 +1078 +1$'
check "and its port" wait_for 20 reaches http://127.0.0.1:17882/ 'I am own'
require "one in a user namespace without the user" control start container@range
check "has a port, too" wait_for 20 reaches http://127.0.0.1:17883/ 'I am range'
control stop container-pod@auto
check "what cannot be is refused" not control start container@none
check "and said" wait_for 20 pod_says 'there are no IDs for "no-such-entry" in /etc/subuid'
control restart container@db
check "a container that is restarted is in the pod again" same "$(namespaces web net)" "$(namespaces db net)"
control stop container-pod@app
check "the containers stop with their pod" wait_for 20 is_over container@web
control stop container@inner container@outer container@own
check "a pod ends with its last container" wait_for 20 state_is container-pod@bridged ActiveState inactive
check "and the networks with the last on them" wait_for 20 state_is container-networks ActiveState inactive
check "no process is left" wait_for 20 not pgrep -u poddy -f 'pasta|httpd|aardvark|berth-helper'
check "and no file" wait_for 20 nothing_left
