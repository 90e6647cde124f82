# Pods: what containers share, how they start and stop together, published ports from outside, exit policies, and what is left.
# guests: nspawn
# timeout: 300

make_rootfs /srv/pod
add_programs /srv/pod /usr/bin/socat /usr/bin/ipcmk /usr/bin/ipcs
mkdir -p /srv/pod/{usr,var,data}
touch /srv/pod/etc/{hosts,hostname,resolv.conf} /srv/pod/run/.containerenv

# The application: the web server asks the application, which asks the database, each at a port of its own that the others reach on localhost.
cat >/srv/pod/web <<'END'
trap 'exit 0' TERM
socat TCP6-LISTEN:80,ipv6only=0,fork,reuseaddr SYSTEM:'socat -T 3 - TCP4\:app\:8000 </dev/null' &
echo ready
while :; do sleep 1000 & wait $!; done
END
cat >/srv/pod/app <<'END'
trap 'exit 0' TERM
socat TCP4-LISTEN:8000,fork,reuseaddr SYSTEM:'socat -T 3 - TCP4\:127.0.0.1\:5432 </dev/null' &
echo ready
while :; do sleep 1000 & wait $!; done
END
cat >/srv/pod/db <<'END'
trap 'exit 0' TERM
socat TCP4-LISTEN:5432,fork,reuseaddr SYSTEM:hostname &
echo ready
while :; do sleep 1000 & wait $!; done
END
cat >/srv/pod/first <<'END'
sleep 1
echo done >/dev/shm/first
END
cat >/srv/pod/second <<'END'
trap 'exit 0' TERM
cat /dev/shm/first
while :; do sleep 1000 & wait $!; done
END

member() { # NAME COMMAND KEYS [FURTHER-SECTIONS]
    put "/etc/berth/$1.container" <<END
[Container]
Rootfs=/srv/pod:O
Exec=$2
$3
${4:-}
END
}

# The IDs of a container's namespaces.
namespaces() { # NAME TYPE...
    local pid type
    pid=$(main_pid "container@$1")
    for type in "${@:2}"; do readlink "/proc/$pid/ns/$type"; done
}

in_root() { # NAME COMMAND...
    local pid
    pid=$(main_pid "container@$1")
    nsenter -t "$pid" -m -i -n -u -p --root --wd=/ "${@:2}"
}

active() { unit_is "$1" ActiveState active; }
inactive() { unit_is "$1" ActiveState inactive; }
failed() { unit_is "$1" ActiveState failed; }
pod_is_gone() { # NAME
    inactive "container-pod@$1" && inactive "container-pod-members@$1.target" && not test -e "/run/berth/bundles/$1+pod"
}

make_outside

mkdir -p /srv/shared
echo of the pod >/srv/shared/file
put /etc/berth/lan.network <<'END'
[Network]
Subnet=10.123.4.0/24
Subnet=fd00:123::/64
END
put /etc/berth/app.pod <<'END'
[Pod]
PodName=application
PublishPort=8080:80
AddHost=elsewhere:192.0.2.2
Network=lan.network
Volume=/srv/shared:/shared:ro
Volume=/srv/shared:/data:ro
ShmSize=8m
StopTimeout=17

[Service]
MemoryMax=1G
END
member web '/bin/sh /web' 'Pod=app.pod' $'[Unit]\nAfter=app.container'
member app '/bin/sh /app' $'Pod=app.pod\nTmpfs=/data' $'[Unit]\nAfter=db.container\n[Service]\nRestart=on-failure\nRestartSec=100ms'
member db '/bin/sh /db' 'Pod=app.pod'
member aside '/bin/sh /db' $'Pod=app.pod\nStartWithPod=no\nIpcNS=private'
systemctl daemon-reload
put /etc/containers/containers.conf.d/90-pods.conf <<'END'
[containers]
default_sysctls = ["net.ipv4.ping_group_range=0 55", "net.ipv4.ip_default_ttl=77"]
END
at_end 'rm -f /etc/containers/containers.conf.d/90-pods.conf'
parameters() { # COMMAND...
    "$@" /bin/cat /proc/sys/net/ipv4/ping_group_range /proc/sys/net/ipv4/ip_default_ttl | xargs
}
parameters_before=$(parameters env)

# Starting the pod starts its containers.
require "a pod starts" systemctl start container-pod@app
for name in web app db; do
    check "its container $name starts" wait_for 10 active "container@$name"
    check "$name is ready" says "container@$name" '^ready$'
done
check "what is not to start with it does not" inactive container@aside
check "the target of the start is gone" wait_for 10 inactive container-pod-start@app.target
check "nothing of the pod runs" same 0 "$(main_pid container-pod@app)"
check "nor of us" wait_for 10 no_process 'berth-helper'
check "nothing is mounted on the machine" not grep -q 'berth/bundles' /proc/self/mountinfo
check "they have one network, IPC and UTS namespace" same "$(namespaces web net ipc uts)" "$(namespaces db net ipc uts)"
check "which are not the machine's" not contains "$(namespaces web net ipc uts)" "$(cd /proc/self/ns && readlink net ipc uts | sed 's/[][]/\\&/g' | paste -sd '|')"
check "each has processes of its own" not same "$(namespaces web pid)" "$(namespaces db pid)"
check "the host name is the pod's" same application "$(in_root web /bin/hostname)"
check "default_sysctls of containers.conf are the pod's" same "0 55 77" "$(parameters in_root web)"
check "and not the machine's" same "$parameters_before" "$(parameters env)"
check "files in /dev/shm are shared" same hello "$(in_root web /bin/sh -c 'echo hello >/dev/shm/x'; in_root db /bin/cat /dev/shm/x)"
check "a semaphore of one" in_root web /usr/bin/ipcmk -S 3
check "is there for the other" contains "$(in_root db /usr/bin/ipcs -s)" ' 3 *$'
check "and not for the machine" not contains "$(ipcs -s)" ' 3 *$'
check "the size of that is the pod's" contains "$(in_root app /bin/df -k /dev/shm)" ' 8192 '
check "a volume of the pod's is in each" same "of the pod" "$(in_root db /bin/cat /shared/file)"
check "a container's own mount wins" not in_root app /bin/cat /data/file
check "/etc/hosts is one for all" same "$(in_root web /bin/cat /etc/hosts)" "$(in_root db /bin/cat /etc/hosts)"
check "with AddHost=" contains "$(in_root web /bin/cat /etc/hosts)" '^192.0.2.2	elsewhere$'
check "and the names of all" same 3 "$(in_root web /bin/grep -cE '^127.0.0.1.(web|app|db)$' /etc/hosts)"
check "/etc/hostname" same application "$(in_root db /bin/cat /etc/hostname)"
check "/etc/resolv.conf has the network's server" contains "$(in_root db /bin/cat /etc/resolv.conf)" '^nameserver 10.123.4.1$'
check "the stop timeout is the pod's" unit_is container@db TimeoutStopUSec 17s
check "all are in one slice" same "berth-app.slice berth-app.slice" "$(unit_property container@web Slice) $(unit_property container-pod@app Slice)"

check "which has the limits of the pod" unit_is berth-app.slice MemoryMax 1073741824
check "berth list has them below the pod" same "app.pod active app running aside inactive db running web running" "$(berth list --noheadings | awk '{ print $1, $2 }' | xargs)"
check "and in JSON with it" same 4 "$(berth list --json | grep -c '"pod": *"app.pod"')"

check "from outside, through all three" answers application wait_for 10 outside bash -c 'ask 192.0.2.1 8080'
check "by IPv6" answers application outside bash -c 'ask "[2001:db8::1]" 8080'
check "from the machine" answers application ask 127.0.0.1 8080
check "a neighbour finds the pod by name" contains "$(timeout 5 busybox nslookup application 10.123.4.1)" '10\.123\.4\.'
check "and by its file's" contains "$(timeout 5 busybox nslookup app 10.123.4.1)" '10\.123\.4\.'

# One that joins later.
require "another container of the pod starts" systemctl start container@aside
check "the others know its name" contains "$(in_root web /bin/cat /etc/hosts)" '^127.0.0.1	aside$'
check "its network is the pod's" same "$(namespaces web net)" "$(namespaces aside net)"
check "its IPC namespace is its own" not same "$(namespaces web ipc)" "$(namespaces aside ipc)"
check "its end" systemctl stop container@aside
check "concerns no other" active container@db

# One that dies.
before=$(main_pid container@web) pid=$(main_pid container@app)
is_another() {
    local now
    now=$(main_pid container@app)
    [ "$now" != "$pid" ] && [ "$now" != 0 ] && active container@app
}
kill -9 "$pid"
check "one that is killed starts again" wait_for 10 is_another
check "and it alone" same "$before" "$(main_pid container@web)"
check "with the pod as it was" answers application wait_for 10 ask 127.0.0.1 8080
check "a container is stopped" systemctl stop container@db
pid=$(main_pid container@app)
kill -9 "$pid"
check "when another starts again" wait_for 10 is_another
check "it stays stopped" inactive container@db

# Restart and stop.
# Held, so that its number is not used again; one of a network would keep its interfaces.
exec 8<"/proc/$(main_pid container@web)/ns/ipc"
before=$(namespaces web ipc)
check "the pod restarts" systemctl restart container-pod@app
check "with all that start with it" wait_for 10 active container@db
check "also what ran before" wait_for 10 active container@web
check "in other namespaces" not same "$before" "$(namespaces web ipc)"
exec 8<&-
check "where all works" answers application wait_for 10 outside bash -c 'ask 192.0.2.1 8080'
check "the pod stops" systemctl stop container-pod@app
for name in web app db; do check "with $name" inactive "container@$name"; done
check "the pod is gone" pod_is_gone app
sync_journal
check "the order is that of the starts, backwards" same "web app db" "$(journalctl -q -b -o cat --no-pager -u 'container@*' | sed -n 's/^Stopped container@\([a-z]*\).*/\1/p' | tail -3 | xargs)"
check "no address is left" same "" "$(ls /run/berth/networks/lan/leases)"
check "no port is left" not contains "$(nft list map inet berth ports4)" 8080
check "it starts by Quadlet's name" systemctl start app-pod.service
check "with its containers" wait_for 10 active container@web
check "and stops by it" systemctl stop app-pod.service
check "as its containers do" inactive container@web

# A container starts its pod, and the last one ends it.
require "a container's start" systemctl start container@db
check "starts the pod" active container-pod@app
check "and what starts with it" wait_for 10 active container@web
check "two of three" systemctl stop container@web container@app
check "leave the pod" active container-pod@app
check "the last one" systemctl stop container@db
check "ends the pod" wait_for 10 pod_is_gone app

# A first one that is done, and one that fails.
put /etc/berth/work.pod <<'END'
[Pod]
Network=none
HostName=worker
END
member first '/bin/sh /first' 'Pod=work.pod' $'[Service]\nType=oneshot'
member second '/bin/sh /second' 'Pod=work.pod' $'[Unit]\nRequires=first.container\nAfter=first.container'
systemctl daemon-reload
require "a pod with a oneshot starts" systemctl start container-pod@work
check "the oneshot goes first" says container@second '^done$'
check "does its work" wait_for 10 inactive container@first
check "and leaves the pod to the other" active container-pod@work
check "whose network is the loopback device" same "lo" "$(inside second ip -o link | sed 's/^[0-9]*: \([a-z]*\): <.*\bUP\b.*/\1/')"
check "with an address" contains "$(inside second ip -o addr)" 127.0.0.1
systemctl stop container@second
check "the pod ends with the other" wait_for 10 pod_is_gone work
member second /bin/false 'Pod=work.pod'
rm /etc/berth/first.container
systemctl daemon-reload
systemctl start container-pod@work
check "one that fails" wait_for 10 failed container@second
check "ends the pod as well" wait_for 10 pod_is_gone work
put /etc/berth/work.pod <<'END'
[Pod]
Network=none
ExitPolicy=continue
END
systemctl daemon-reload
systemctl reset-failed
systemctl start container-pod@work
check "again it fails" wait_for 10 failed container@second
check "ExitPolicy=continue keeps the pod" active container-pod@work
systemctl stop container-pod@work
check "until it is stopped" pod_is_gone work

# What counts for the pod's end: a oneshot that stays, one that waits for its restart; and none that has never been started.
cat >/srv/pod/now-and-then <<'END'
[ -e /dev/shm/once ] || { >/dev/shm/once; sleep 1; exit 1; }
trap 'exit 0' TERM
while :; do sleep 1000 & wait $!; done
END
put /etc/berth/count.pod <<'END'
[Pod]
Network=none
END
member stays '/bin/true' $'Pod=count.pod\nStartWithPod=no' $'[Service]\nType=oneshot\nRemainAfterExit=yes'
member returns '/bin/sh /now-and-then' $'Pod=count.pod\nStartWithPod=no' $'[Service]\nRestart=on-failure\nRestartSec=1s'
systemctl daemon-reload
require "a pod none of whose containers starts with it" systemctl start container-pod@count
check "has nothing to start" inactive container@stays
check "a oneshot with RemainAfterExit=yes" systemctl start container@stays
check "counts when its process has ended" active container-pod@count
check "one that is to fail" systemctl start container@returns
systemctl stop container@stays
restarted() { unit_is container@returns NRestarts 1 && active container@returns; }
check "starts again" wait_for 20 restarted
check "in the same pod" test -e "/proc/$(main_pid container@returns)/root/dev/shm/once"
check "which stays for it" active container-pod@count
systemctl stop container@returns
check "and ends with it" wait_for 10 pod_is_gone count

# Users of the pod's own.
put /etc/berth/mapped.pod <<'END'
[Pod]
UserNS=auto
Network=lan.network
PublishPort=8081:80
END
for name in web app db; do
    sed -i 's/^Pod=.*/Pod=mapped.pod/; /^Tmpfs=/d' "/etc/berth/$name.container"
done
systemctl daemon-reload
rm /etc/containers/containers.conf.d/90-pods.conf
require "a pod with a user namespace starts" systemctl start container-pod@mapped
for name in web app db; do check "$name starts" wait_for 10 active "container@$name"; done
check "it is one for all" same "$(namespaces web user net ipc uts)" "$(namespaces db user net ipc uts)"
check "and not the machine's" not same "$(namespaces web user)" "$(readlink /proc/self/ns/user)"
check "its containers' root may ping, as elsewhere" same "0 0" "$(nsenter -t "$(main_pid container@web)" -U -m -n --root --wd=/ \
    /bin/cat /proc/sys/net/ipv4/ping_group_range | xargs)"
check "through all three" answers mapped wait_for 10 outside bash -c 'ask 192.0.2.1 8081'
check "a file of one" in_root web /bin/sh -c 'echo hello >/dev/shm/x'
check "is of the other's root" same 0 "$(in_root db /bin/stat -c %u /dev/shm/x)"
systemctl stop container-pod@mapped
check "it is gone" pod_is_gone mapped
check "and so are its IDs" same "" "$(container_files)"

# Instances of a template, and what is changed without a reload.
put /etc/berth/each@.pod <<'END'
[Pod]
Network=lan.network
HostName=host-%i
END
put /etc/berth/each@two.pod.d/name.conf <<'END'
[Pod]
HostName=second
END
member member@ '/bin/sh /db' 'Pod=each@%i.pod'
systemctl daemon-reload
systemctl enable -q container@member@one container@member@two
require "instances of a container" systemctl start container@member@one container@member@two
check "each have an instance of the pod" active container-pod@each@one
check "with its name" same host-one "$(in_root member@one /bin/hostname)"
check "and what a drop-in says" same second "$(in_root member@two /bin/hostname)"
check "in a slice of its own" unit_is container@member@two Slice 'berth-each\x40two.slice'
echo HostName=third >>/etc/berth/each@two.pod.d/name.conf
check "one is restarted" systemctl restart container-pod@each@two
check "with its container" wait_for 10 active container@member@two
check "and a changed file counts" same third "$(in_root member@two /bin/hostname)"
check "the other is as it was" active container@member@one
systemctl stop container-pod@each@one container-pod@each@two
systemctl disable -q container@member@one container@member@two

# What is wrong is said where it is.
member web '/bin/sh /web' 'Pod=ap.pod'
systemctl daemon-reload
check "a pod without a file fails the container" not systemctl start container@web
check "with its line" says container@web 'web.container:4:1: error: there is no "ap.pod"'
put /etc/berth/app.pod <<'END'
[Pod]
Network=wan.network
END
member web '/bin/sh /web' 'Pod=app.pod'
systemctl daemon-reload
check "a pod that cannot start fails its container" not systemctl start container@web
check "its own unit says why" says container-pod@app 'app.pod:2:9: error: the network "wan" is not there'
check "nothing is left" same "" "$(container_files)"

# --- kernel parameters that are no pod's

printf '[Pod]\nNetwork=none\n' >/etc/berth/app.pod
systemctl daemon-reload
for parameter in vm.swappiness=1 net.//.vm.swappiness=1 net.ipv4.no_such=1; do
    printf '[containers]\ndefault_sysctls = ["%s"]\n' "$parameter" >/etc/containers/containers.conf.d/90-pods.conf
    check "$parameter: the pod does not start" not systemctl start container-pod@app
done
check "the machine's parameters are named" says container-pod@app 'default_sysctls of containers.conf: "vm.swappiness" belongs to no namespace of a pod'
check "so is a way to them" says container-pod@app 'Failed to set "net.//.vm.swappiness=1", of default_sysctls in containers.conf: Invalid argument'
check "and one that is not there" says container-pod@app 'Failed to set "net.ipv4.no_such=1", of default_sysctls in containers.conf: No such file'
check "nothing is left, too" same "" "$(container_files)"
