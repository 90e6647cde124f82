# Whatever is killed, and however often: a container's ports, names, addresses and interfaces are there once while it runs, and gone with it.
# guests: nspawn
# timeout: 400

make_rootfs /srv/net
add_programs /srv/net /usr/bin/socat
make_outside

serving() { # NAME KEYS [SERVICE-KEY]
    put "/etc/berth/$1.container" <<EOF
[Unit]
StartLimitIntervalSec=0

[Container]
Rootfs=/srv/net:O
Exec=/usr/bin/socat TCP6-LISTEN:80,ipv6only=0,fork,reuseaddr SYSTEM:hostname
HostName=$1
Network=lan.network
StopTimeout=1
$2

[Service]
${3:-Restart=no}
EOF
}

put /etc/berth/lan.network <<'END'
[Network]
Subnet=10.123.4.0/24
Subnet=fd00:123::/64
END
serving victim $'NetworkAlias=further\nPublishPort=8080:80\nPublishPort=9000-9009:9000-9009/udp\nPublishPort=9100-9101:80-81'
serving phoenix $'NetworkAlias=risen\nPublishPort=8081:80\nPublishPort=9200-9209:9200-9209/udp\nPublishPort=9300-9301:80-81' Restart=always
systemctl daemon-reload
require "the network" systemctl start container-network@lan
require "a start" systemctl start container@victim
check "is answered" wait_for 10 answers victim ask 127.0.0.1 8080
systemctl stop container@victim

# What there is of containers on the network.
veths() { ip -o link show type veth | grep -c ' master berth-lan ' || :; }
namespaces() { lsns -n -t net -o NS | sort -u | wc -l; }
# Those of TCP are bound and do not listen, which ss(8) does not show.
sockets() { ss -Hluan | grep -cE ':9[0-3]0[0-9] ' || :; }
elements() { nft list table inet berth | grep -oE 'comment "(container@[a-z0-9]+.service|container [a-z0-9]+)"' | wc -l; }
leases() { find /run/berth/networks/lan/leases -type f | wc -l; }
names() { grep -cE ' (victim|phoenix)' /run/berth/names/lan || :; }

no_veths() { same 0 "$(veths)"; }
check "its interface goes" wait_for 20 no_veths
namespaces_before=$(namespaces)

# One kill: a start, a stop or both, and after a random part of the time a SIGKILL to one of the processes that are at it.
strike() { # NAME
    local group=/sys/fs/cgroup/system.slice/system-container.slice/container@$1.service pids
    systemctl start --no-block "container@$1"
    if ((RANDOM % 3 == 0)); then
        wait_for 20 unit_is "container@$1" ActiveState active >/dev/null || :
        systemctl stop --no-block "container@$1"
    fi
    sleep "$(printf '0.%03d' $((RANDOM % 120)))"
    mapfile -t pids < <(find "$group" -name cgroup.procs -exec cat {} + 2>/dev/null)
    [ ${#pids[@]} -eq 0 ] || kill -KILL "${pids[RANDOM % ${#pids[@]}]}" 2>/dev/null || :
}
rounds=$(rounds 40 400)
for ((round = 0; round < rounds; round++)); do
    if ((round % 2)); then name=victim; else name=phoenix; fi
    strike "$name"
    # One that restarts by itself comes back in spite of what its killed predecessor has left.
    if ((round % 8 == 6)); then
        systemctl start container@phoenix 2>/dev/null || :
        check "round $round: it answers in the end" wait_for 20 answers phoenix ask 127.0.0.1 8081
    fi
    systemctl stop "container@$name" 2>/dev/null || :
done
for name in victim phoenix; do
    check "$name starts after $rounds kills" systemctl start "container@$name"
done
two_of_everything() { same "4 2 2 16" "$(leases) $(names) $(veths) $(elements)"; }
check "and answers" wait_for 10 answers victim ask 127.0.0.1 8080
check "so does the other" wait_for 10 answers phoenix ask 127.0.0.1 8081
check "two containers have everything twice" wait_for 20 two_of_everything
check "with a socket for each port of UDP" same 40 "$(sockets)"
systemctl stop 'container@*'

check "no lease is left" same 0 "$(leases)"
check "no name" same 0 "$(names)"
check "nor a list of names that was being written" same "" "$(find /run/berth -maxdepth 1 -name '.#*')"
check "no element" same 0 "$(elements)"
no_socket() { same 0 "$(sockets)"; }
check "no socket" wait_for 20 no_socket
check "no bundle" same "" "$(container_files)"
gone() { same "0 $namespaces_before" "$(veths) $(namespaces)"; }
check "no interface and no namespace" wait_for 30 gone
check "no process" wait_for 20 no_process 'berth-helper|TCP6-LISTEN'

# Restarts, by us and by systemd.
one_of_everything() { # NAME PORT
    same "2 1 1 8 20" "$(leases) $(names) $(veths) $(elements) $(sockets)" && answers "$1" ask 127.0.0.1 "$2"
}
check "a start" systemctl start container@phoenix
check "one of everything" wait_for 20 one_of_everything phoenix 8081
for _ in 1 2 3 4 5 6 7 8 9 10; do
    systemctl restart container@phoenix
done
check "the same after ten restarts" wait_for 20 one_of_everything phoenix 8081
restarts=$(unit_property container@phoenix NRestarts)
for round in 1 2 3; do
    kill -KILL "$(main_pid container@phoenix)"
    check "killed, it is restarted ($round)" wait_for 20 unit_is container@phoenix NRestarts $((restarts + round))
    check "it is up ($round)" wait_for 20 unit_is container@phoenix ActiveState active
    check "with one of everything ($round)" wait_for 20 one_of_everything phoenix 8081
    check "and its port is nobody else's ($round)" not timeout 2 socat TCP-LISTEN:8081,reuseaddr SYSTEM:true
done
check "it answers outside" answers phoenix outside bash -c 'ask 192.0.2.1 8081'
serving thief PublishPort=8081:80
systemctl daemon-reload
check "another container does not get the port" not systemctl start container@thief
check "and is told why" says container@thief 'port 8081/tcp is taken by the container "phoenix"'
check "its failed start leaves all as it was" wait_for 20 one_of_everything phoenix 8081
systemctl stop container@phoenix

# Many at once.
many=()
for ((i = 1; i <= 30; i++)); do
    serving "many$i" "PublishPort=$((8100 + i)):80"
    many+=("container@many$i")
done
systemctl daemon-reload
check "30 start together" systemctl start "${many[@]}"
all_answer() { # by their addresses and by their ports
    local i
    for ((i = 1; i <= 30; i++)); do
        answers "many$i" ask "$(address_of "many$i" | head -1)" 80 || return 1
        answers "many$i" ask 127.0.0.1 $((8100 + i)) || return 1
    done
}
check "each is reachable" wait_for 30 all_answer
check "each has addresses of its own" same 60 "$(for ((i = 1; i <= 30; i++)); do address_of "many$i"; done | sort -u | wc -l)"
check "a neighbour by name" contains "$(wait_for 10 inside many1 timeout 5 busybox nslookup many30 10.123.4.1)" "$(address_of many30 | head -1)"
check "30 stop together" systemctl stop "${many[@]}"
check "no lease of theirs is left" same 0 "$(leases)"
check "and no element" same 0 "$(elements)"

# Nothing is known any more of what a life has done, but systemd still has its sockets.
serving erased PublishPort=8190:80 Restart=always
systemctl daemon-reload
check "a start" systemctl start container@erased
require "is answered (erased)" wait_for 20 answers erased ask 127.0.0.1 8190
rm -r /run/berth/bundles/erased
grep -lrx erased /run/berth/networks/lan/leases | xargs rm
nft flush ruleset
kill -KILL "$(main_pid container@erased)"
check "killed, it is restarted" wait_for 20 unit_is container@erased NRestarts 1
check "its port is its own, and leads to it" wait_for 20 answers erased ask 127.0.0.1 8190
systemctl stop container@erased
systemctl stop 'container-network@*'
