# Networks by pasta and slirp4netns: out, in by published ports, names, and what becomes of a container, and of a pod, whose program ends.
# guests: nspawn
# timeout: 300

make_rootfs /srv/net
add_programs /srv/net /usr/bin/socat
# Who is root of a user namespace alone cannot make the places of what is mounted.
mkdir -p /srv/net/{usr,var}
touch /srv/net/etc/{hosts,hostname,resolv.conf} /srv/net/run/.containerenv
make_outside
ip route add default via 192.0.2.2 dev wire
at_end "ip route del default via 192.0.2.2"

serving() { # NAME KEYS
    put "/etc/berth/$1.container" <<END
[Unit]
StartLimitIntervalSec=0

[Container]
Rootfs=/srv/net:O
Exec=/bin/sh -c "socat UDP4-RECVFROM:53,fork EXEC:cat & exec socat TCP4-LISTEN:80,fork,reuseaddr SYSTEM:hostname"
HostName=$1
StopTimeout=1
$2

[Service]
SuccessExitStatus=143
END
}
outside timeout 250 socat TCP-LISTEN:7000,fork,reuseaddr SYSTEM:'echo world' &
at_end "kill $!"

serving pasta $'Network=pasta\nPublishPort=8080:80\nPublishPort=5353:53/udp\nPublishPort=127.0.0.1:8081:80\nPublishPort=80\nPublishPort=9000-9001:80-81'
serving spaced $'Network=pasta\nUserNS=auto\nPublishPort=8084:80'
serving slirp $'Network=slirp4netns:mtu=1400\nPublishPort=8082:80\nPublishPort=5354:53/udp'
serving loop $'Network=slirp4netns:allow_host_loopback=true,cidr=10.7.7.0/24'
serving taken $'Network=pasta\nPublishPort=8080:80'
serving options $'Network=pasta:--no-such-option'
serving mtu $'Network=pasta:--mtu,1300'
systemctl daemon-reload

group_of() { sed 's/^0:://' "/proc/$1/cgroup"; }
program_of() { pgrep -f -- "^$2 .*/run/berth/bundles/$1/" | head -1; }

for name in pasta slirp; do
    program=$name
    [ "$name" = pasta ] || program=slirp4netns
    [ "$name" = pasta ] && port=8080 || port=8082
    [ "$name" = pasta ] && udp=5353 || udp=5354
    require "$name: a start" systemctl start "container@$name"
    check "$name: from the machine" wait_for 10 answers "$name" ask 127.0.0.1 "$port"
    check "$name: from outside" answers "$name" outside bash -c "ask 192.0.2.1 $port"
    check "$name: UDP from outside" wait_for 10 answers pong outside bash -c "ask_udp 192.0.2.1 $udp"
    # Debian 12's pasta was once seen to hand on several times what a server had said that closes at once.
    check "$name: it gets out" wait_for 10 answers world inside "$name" bash -c 'ask 192.0.2.2 7000 | head -n 1'
    check "$name: the program is in the unit's supervisor group" contains "$(group_of "$(program_of "$name" "$program")")" "/container@$name.service/supervisor\$"
    check "$name: nothing of it is in the packet filter" not contains "$(nft list ruleset)" "container@$name"
    check "$name: berth port knows" contains "$(berth port "$name")" "0.0.0.0:$port\$"
    check "$name: the list of ports too" contains "$(berth port --noheadings)" "^$name "
done
check "a port of 127.0.0.1" answers pasta ask 127.0.0.1 8081
check "and not of others" not outside bash -c 'ask 192.0.2.1 8081'
check "a range" answers pasta ask 127.0.0.1 9000
port=$(berth port --json pasta | tr -d ' \n' | grep -o '"hostPort":[0-9]*' | cut -d: -f2 | grep -vxE '8080|5353|8081|9000' | head -1)
check "a port that was chosen" answers pasta ask 127.0.0.1 "$port"
check "pasta: the name server" same 'nameserver 169.254.1.1' "$(grep ^nameserver /run/berth/bundles/pasta/resolv.conf)"
check "slirp4netns: the name server" same 'nameserver 10.0.2.3' "$(grep ^nameserver /run/berth/bundles/slirp/resolv.conf)"
check "slirp4netns: the container's own name" contains "$(cat /run/berth/bundles/slirp/hosts)" '^10\.0\.2\.100	slirp$'
check "slirp4netns: an option" contains "$(inside slirp ip link show tap0)" 'mtu 1400'
require "pasta with an option" systemctl start container@mtu
check "which is its own" contains "$(inside mtu ip -o link)" 'mtu 1300'
require "pasta for a user namespace" systemctl start container@spaced
check "from the machine (user namespace)" wait_for 10 answers spaced ask 127.0.0.1 8084
check "and out (user namespace)" wait_for 10 answers world inside spaced bash -c 'ask 192.0.2.2 7000 | head -n 1'
check "slirp4netns with another subnet" systemctl start container@loop
check "has its addresses" contains "$(inside loop ip -o addr)" '10\.7\.7\.100/24'
socat TCP-LISTEN:7001,bind=127.0.0.1,fork,reuseaddr SYSTEM:'echo host' &
at_end "kill $!"
check "and the machine's loopback, as it was allowed" wait_for 10 answers host inside loop bash -c 'ask 10.7.7.2 7001'
check "which others have not" not inside slirp bash -c 'ask 10.0.2.2 7001'

# What cannot be.
check "a port of another" not systemctl start container@taken
check "is its" says container@taken 'port 8080/tcp is taken by the container "pasta"'
# Debian 12's says so to syslog: where it has ended before journald looks, the line is of no unit.
option_is_named() {
    sync_journal
    contains "$(journalctl -q -b --no-pager -o cat --after-cursor="$cursor")" no-such-option
}
cursor=$(journal_cursor)
check "an option that pasta does not have" not systemctl start container@options
check "is for pasta to say" wait_for 20 option_is_named
check "nothing of that is left" same "" "$(program_of options pasta)"

# Restarts and the end.
for _ in 1 2 3 4 5; do
    systemctl restart container@pasta container@slirp
done
check "it answers after restarts" wait_for 10 answers pasta ask 127.0.0.1 8080
check "so does the other" wait_for 10 answers slirp ask 127.0.0.1 8082
check "one program each" same "1 1" "$(pgrep -fc '^pasta .*/run/berth/bundles/pasta/') $(pgrep -fc '^slirp4netns .*/run/berth/bundles/slirp/')"
for name in pasta slirp; do
    program=$name
    [ "$name" = pasta ] || program=slirp4netns
    kill -KILL "$(program_of "$name" "$program")"
    check "$name: without its program the container has failed" wait_for 20 unit_is "container@$name" ActiveState failed
    check "$name: and it is said" says "container@$name" "$program has ended, and with it the network of container@$name.service, which is killed"
    check "$name: it starts again" systemctl start "container@$name"
done
check "pasta's answers" wait_for 10 answers pasta ask 127.0.0.1 8080
systemctl stop 'container@*'
check "a stop is no failure" unit_is container@pasta Result success
check "and says nothing of the program" not contains "$(journalctl -q -b -o cat -u container@mtu)" 'has ended'
check "no program is left" wait_for 10 no_process '^(pasta|slirp4netns) |berth-network'
check "no bundle" same "" "$(container_files)"

# --- pods, whose program is a service of its own

pod_of() { # NAME PROGRAM KEYS
    printf '[Pod]\nNetwork=%s\n%s\n\n[Unit]\nStartLimitIntervalSec=0\n' "$2" "$3" >"/etc/berth/$1.pod"
    serving "$1-web" "Pod=$1.pod"
    serving "$1-side" "Pod=$1.pod"
    sed -i '/^HostName=/d' "/etc/berth/$1-web.container" "/etc/berth/$1-side.container"
    sed -i 's/^Exec=.*/Exec=\/bin\/sh -c "trap \x27exit 0\x27 TERM; sleep infinity \& wait"/' "/etc/berth/$1-side.container"
}
pod_of podpasta pasta:--mtu,1300 $'PublishPort=8090:80\nPublishPort=5390:53/udp'
pod_of podspaced pasta $'PublishPort=8091:80\nUserNS=auto'
pod_of podslirp slirp4netns $'PublishPort=8092:80\nPublishPort=5392:53/udp'
pod_of podtaken pasta 'PublishPort=8090:80'
pod_of podoptions pasta:--no-such-option ''
systemctl daemon-reload
program_unit() { echo "container-pod-network@$1.service"; }
for name in podpasta podspaced podslirp; do
    program=pasta port=8090 udp=5390
    [ "$name" != podspaced ] || port=8091 udp=
    [ "$name" != podslirp ] || program=slirp4netns port=8092 udp=5392
    require "$name: a start" systemctl start "container-pod@$name"
    check "$name: from the machine" wait_for 20 answers "$name" ask 127.0.0.1 "$port"
    check "$name: from outside" answers "$name" outside bash -c "ask 192.0.2.1 $port"
    [ -z "$udp" ] || check "$name: UDP from outside" wait_for 10 answers pong outside bash -c "ask_udp 192.0.2.1 $udp"
    check "$name: it gets out" wait_for 10 answers world inside "$name-side" bash -c 'ask 192.0.2.2 7000 | head -n 1'
    check "$name: the program is the main process of its unit" same "$(program_of "$name[+]pod" "$program")" "$(main_pid "$(program_unit "$name")")"
    check "$name: and systemd's child" same 1 "$(awk '$1 == "PPid:" { print $2 }' "/proc/$(main_pid "$(program_unit "$name")")/status")"
    check "$name: in the pod's slice" unit_is "$(program_unit "$name")" Slice "berth-$name.slice"
    check "$name: nothing runs in the pod's own unit" same 0 "$(main_pid "container-pod@$name")"
    check "$name: nothing of it is in the packet filter" not contains "$(nft list ruleset)" "$name"
    check "$name: the list of ports knows" contains "$(berth port --noheadings)" "0\.0\.0\.0:$port\$"
done
check "the pod's pasta has its option" contains "$(inside podpasta-side ip -o link)" 'mtu 1300'
check "the pod's name server is the program's" same 'nameserver 10.0.2.3' "$(grep ^nameserver /run/berth/bundles/podslirp+pod/resolv.conf)"
check "its own name as well" contains "$(cat /run/berth/bundles/podslirp+pod/hosts)" '^10\.0\.2\.100	podslirp'

# The program's end ends no container: it is said, and systemd starts it again for the same namespaces.
for name in podpasta podspaced podslirp; do
    program=pasta port=8090
    [ "$name" != podspaced ] || port=8091
    [ "$name" != podslirp ] || program=slirp4netns port=8092
    web=$(main_pid "container@$name-web") before=$(program_of "$name[+]pod" "$program")
    is_another() { local now; now=$(main_pid "$(program_unit "$name")"); [ "$now" != 0 ] && [ "$now" != "$before" ] && unit_is "$(program_unit "$name")" ActiveState active; }
    kill -KILL "$before"
    check "$name: another program takes over" wait_for 20 is_another
    check "$name: the end was said" says "$(program_unit "$name")" 'Failed with result .signal'
    check "$name: no container has ended" same "$web" "$(main_pid "container@$name-web")"
    check "$name: it answers again" wait_for 20 answers "$name" ask 127.0.0.1 "$port"
    check "$name: and gets out again" wait_for 10 answers world inside "$name-side" bash -c 'ask 192.0.2.2 7000 | head -n 1'
done

check "a port of a pod's" not systemctl start container-pod@podtaken
check "is its, too" says container-pod@podtaken 'podtaken.pod:3:1: error: port 8090/tcp is taken by the pod "podpasta"'
cursor=$(journal_cursor)
check "an option that pasta does not have, for a pod" not systemctl start container-pod@podoptions
check "is for pasta to say, for a pod" wait_for 20 option_is_named
check "the pod says where" says container-pod@podoptions 'Failed to start the network of the pod podoptions; its unit is container-pod-network@podoptions.service'
check "it is not tried again" wait_for 20 unit_is "$(program_unit podoptions)" ActiveState inactive
check "the program's unit is nothing without its pod" not systemctl start "$(program_unit podoptions)"
systemctl stop "$(program_unit podoptions)"
for _ in 1 2 3; do systemctl restart container-pod@podpasta container-pod@podslirp; done
check "the pod answers after restarts" wait_for 20 answers podpasta ask 127.0.0.1 8090
check "so does the pod of the other" wait_for 20 answers podslirp ask 127.0.0.1 8092
check "one program for each pod" same "1 1" "$(pgrep -fc '^pasta .*/run/berth/bundles/podpasta[+]pod/') $(pgrep -fc '^slirp4netns .*/run/berth/bundles/podslirp[+]pod/')"
kill -KILL "$(program_of "podspaced[+]pod" pasta)"
check "a stop while it is started again" systemctl stop container-pod@podspaced
check "is a stop" unit_is "$(program_unit podspaced)" ActiveState inactive

# Whatever is killed of a pod's start, of its program, or of its end.
systemctl stop container-pod@podpasta
for ((round = 0, all = $(rounds 8 100); round < all; round++)); do
    systemctl start --no-block container-pod@podpasta
    ((round % 4 != 3)) || systemctl stop --no-block container-pod@podpasta
    sleep "$(printf '0.%03d' $((RANDOM % 250)))"
    mapfile -t pids < <(find /sys/fs/cgroup/berth.slice/berth-podpasta.slice -name cgroup.procs -exec cat {} + 2>/dev/null)
    [ ${#pids[@]} -eq 0 ] || kill -KILL "${pids[RANDOM % ${#pids[@]}]}" 2>/dev/null || :
    ((round % 2 == 0)) || systemctl stop container-pod@podpasta
done
systemctl reset-failed
check "after kills the pod starts" systemctl start container-pod@podpasta
check "and answers" wait_for 20 answers podpasta ask 127.0.0.1 8090
check "by one program" same 1 "$(pgrep -fc '^pasta .*/run/berth/bundles/podpasta[+]pod/')"
systemctl stop 'container-pod@*'
check "no program of a pod is left" wait_for 20 no_process '^(pasta|slirp4netns) '
check "nor a bundle" becomes 20 "" container_files

# Before what the generator has written.
put /etc/systemd/system/container-pod@podpasta.service.d/05-killed.conf <<'END'
[Service]
ExecStopPost=
ExecStopPost=-/bin/sh -c 'kill -KILL $$$$'
END
systemctl daemon-reload
systemctl start container-pod@podpasta
systemctl stop container-pod@podpasta
check "when pod-down is killed, the program ends all the same" wait_for 20 no_process '^pasta .*podpasta'
check "as its unit does" wait_for 20 unit_is "$(program_unit podpasta)" ActiveState inactive
rm -r /etc/systemd/system/container-pod@podpasta.service.d
systemctl daemon-reload
check "the next start puts right what is left" systemctl start container-pod@podpasta
systemctl stop container-pod@podpasta
check "and its end leaves nothing" becomes 20 "" container_files

# The package is not installed.
mv /usr/bin/pasta /usr/bin/pasta.away
at_end "mv /usr/bin/pasta.away /usr/bin/pasta"
check "without the program there is no start" not systemctl start container@pasta
check "its package is named" says container@pasta 'pasta.container:9:9: error: pasta is not installed: Debian has it in the package passt'
check "also by check" contains "$(berth check pasta)" 'pasta.container:9:9: warning: pasta is not installed: Debian has it in the package passt'
check "nor of a pod" not systemctl start container-pod@podpasta
check "whose package is named, too" says container-pod@podpasta 'podpasta.pod:2:9: error: pasta is not installed: Debian has it in the package passt'
