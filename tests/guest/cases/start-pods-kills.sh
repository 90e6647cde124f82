# Whatever of a pod is killed, and however often: its namespaces, addresses, names, ports and containers are there once while it is up, and gone with it;
# and after a reboot it starts at the first try.
# guests: nspawn
# timeout: 400

member() { # NAME COMMAND POD
    put "/etc/berth/$1.container" <<END
[Unit]
StartLimitIntervalSec=0

[Container]
Rootfs=/srv/pod:O
Exec=$2
Pod=$3
StopTimeout=1
END
}
answering='/usr/bin/socat TCP6-LISTEN:80,ipv6only=0,fork,reuseaddr SYSTEM:hostname'

if [ "$PHASE" = 2 ]; then
    check "after a reboot the pod is up" wait_for 60 unit_is container-pod@app ActiveState active
    for name in web side; do
        check "with $name" wait_for 20 unit_is "container@$name" ActiveState active
        check "at the first try" unit_is "container@$name" NRestarts 0
    done
    check "and answers" wait_for 20 answers app ask 127.0.0.1 8080
    systemctl disable -q container-pod@app
    exit 0
fi

make_rootfs /srv/pod
add_programs /srv/pod /usr/bin/socat
# Who is root of a user namespace alone cannot make the places of what is mounted.
mkdir -p /srv/pod/{usr,var}
touch /srv/pod/etc/{hosts,hostname,resolv.conf} /srv/pod/run/.containerenv

put /etc/berth/lan.network <<'END'
[Network]
Subnet=10.123.4.0/24
Subnet=fd00:123::/64
END
put /etc/berth/app.pod <<'END'
[Unit]
StartLimitIntervalSec=0

[Pod]
Network=lan.network
NetworkAlias=further
PublishPort=8080:80
PublishPort=9000-9009:9000-9009/udp
UserNS=auto
END
member web "$answering" app.pod
# One that ends when it is asked to: the rounds are not to wait for its kill.
member side '/bin/sh -c "trap '\''exit 0'\'' TERM; sleep infinity & wait"' app.pod
systemctl daemon-reload
require "the network" systemctl start container-network@lan
require "a start" systemctl start container-pod@app
check "is answered" wait_for 10 answers app ask 127.0.0.1 8080
systemctl stop container-pod@app

veths() { in_networks ip -o link show type veth | grep -c ' master berth-lan ' || :; }
namespaces() { # of each kind
    local type
    for type in net ipc uts user mnt; do lsns -n -t "$type" -o NS | sort -u | wc -l; done | xargs
}
sockets() { ss -Hluan | grep -cE ':900[0-9] ' || :; }
elements() { in_networks nft list table inet berth | grep -o 'comment "container-pod@app.service"' | wc -l; }
leases() { find /run/berth/networks/lan/leases -type f | wc -l; }
names() { cat /run/berth/names/lan 2>/dev/null | grep -cE ' app' || :; }
descriptors() { find "/proc/$manager/fd" -type l -printf '%l\n' | grep -cE '^(mnt|net|ipc|uts|user):' || :; }
nothing() {
    same "0 0 0 0 0" "$(leases) $(names) $(veths) $(elements) $(sockets)" && same "$before" "$(namespaces) $(descriptors)" && same "" "$(container_files)"
}
# A user's ports are pasta's, which listens once for both kinds of addresses.
everything="2 1 1 4 20"
[ -z "${AS_USER-}" ] || everything="2 1 1 0 10"
one_of_everything() { same "$everything" "$(leases) $(names) $(veths) $(elements) $(sockets)"; }

settled() { same "0 0" "$(veths) $(pgrep -c pasta)"; }
check "its interface goes" wait_for 20 settled
check "nothing is left" same "" "$(container_files)"
before="$(namespaces) $(descriptors)"

# One kill: the start of the pod or of a container of it, or a stop, and after a random part of the time a SIGKILL to one of the processes that are at it.
strike() {
    local pids unit
    case $((RANDOM % 4)) in
    0) unit=container@web ;;
    *) unit=container-pod@app ;;
    esac
    systemctl start --no-block "$unit"
    if ((RANDOM % 3 == 0)); then
        wait_for 20 unit_is container@web ActiveState active >/dev/null || :
        systemctl stop --no-block container-pod@app
    fi
    sleep "$(printf '0.%03d' $((RANDOM % 250)))"
    mapfile -t pids < <(find /sys/fs/cgroup/berth.slice/berth-app.slice -name cgroup.procs -exec cat {} + 2>/dev/null)
    [ ${#pids[@]} -eq 0 ] || kill -KILL "${pids[RANDOM % ${#pids[@]}]}" 2>/dev/null || :
}
rounds=$(rounds 18 400)
for ((round = 0; round < rounds; round++)); do
    strike
    if ((round % 6 == 5)); then
        systemctl start container-pod@app container@web 2>/dev/null || :
        systemctl start container-pod@app container@web || :
        check "round $round: it answers in the end" wait_for 20 answers app ask 127.0.0.1 8080
        check "round $round: with one of everything" wait_for 20 one_of_everything
    fi
    systemctl stop container-pod@app 2>/dev/null || :
done
# A kill may have hit the very command that undoes a start; what that leaves the next start undoes.
systemctl start container-pod@app container@web container@side 2>/dev/null || systemctl start container-pod@app container@web container@side
systemctl stop container-pod@app
check "nothing is left of $rounds kills" wait_for 30 nothing
check "no process" wait_for 20 no_process 'berth-helper|TCP6-LISTEN'
check "nor a target" same "inactive inactive" "$(unit_property container-pod-members@app.target ActiveState) $(unit_property container-pod-start@app.target ActiveState)"

check "it starts" systemctl start container-pod@app
check "and answers" wait_for 20 answers app ask 127.0.0.1 8080
for _ in 1 2 3 4 5; do systemctl restart container-pod@app; done
check "five restarts" wait_for 20 answers app ask 127.0.0.1 8080
check "leave one of everything" wait_for 20 one_of_everything
systemctl daemon-reexec
check "after systemd has executed itself anew" systemctl restart container@web
check "a container finds the pod's namespaces" wait_for 20 answers app ask 127.0.0.1 8080
kill -KILL "$(main_pid container@side)"
check "the death of a container" wait_for 20 unit_is container@side ActiveState failed
check "leaves the other" answers app ask 127.0.0.1 8080
put /etc/berth/thief.container <<'END'
[Container]
Rootfs=/srv/pod:O
Exec=/bin/true
PublishPort=8080:80
END
systemctl daemon-reload
check "the pod's port is nobody else's" not systemctl start container@thief
check "who is told why" says container@thief 'port 8080/tcp is taken by the pod "app"'
systemctl stop container-pod@app
check "and then nothing is left" wait_for 30 nothing

# A user's manager sets NoNewPrivileges= with a filter, and reboots are those of helper-user-reboot.
no_more_as_user
put /etc/systemd/system/container-pod@app.service.d/kill.conf <<'END'
[Service]
SystemCallFilter=
SystemCallFilter=~sethostname:kill
END
systemctl daemon-reload
systemctl start --no-block container-pod@app
check "a start whose process for namespaces is killed ends" wait_for 20 unit_is container-pod@app ActiveState failed
check "and says so" says container-pod@app 'Failed to make the namespaces of the pod app: Input/output error'
rm -r /etc/systemd/system/container-pod@app.service.d
systemctl daemon-reload
check "a pod is enabled" systemctl enable -q container-pod@app
sync
reboot_guest
