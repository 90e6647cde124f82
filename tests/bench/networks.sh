#!/bin/bash
# What a network costs: a start with one published port beside the same without a network, the 300th beside the first, and, where podman is installed,
# Quadlet's containers and netavark's throughput beside ours, and beside the floor without a network: how much faster than Quadlet anything could be.
runs=${RUNS:-30} many=${MANY:-300} together=${TOGETHER:-50}

make_root sh sleep nc
describe without Network=none
describe default ''
describe port PublishPort=8080:80
describe first $'Network=crowd.network\nPublishPort=8081:80'
describe last $'Network=crowd.network\nPublishPort=8082:80'
printf '[Network]\nSubnet=10.200.0.0/20\n' >/etc/berth/crowd.network
crowd=()
for ((i = 1; i < many; i++)); do
    describe "crowd$i" $'Network=crowd.network\nPublishPort='$((20000 + i))':80'
    crowd+=("container@crowd$i.service")
done

quadlet=
if command -v podman >/dev/null && [ -x /usr/lib/systemd/system-generators/podman-system-generator ]; then
    quadlet=yes
    mkdir -p /etc/containers/systemd
    printf '[containers]\npids_limit=0\n' >/etc/containers/containers.conf
    # What it stores is on a file system that an overlay can be made on.
    printf '[storage]\ndriver = "overlay"\ngraphroot = "/var/lib/berth/peer"\nrunroot = "/run/containers/storage"\n' >/etc/containers/storage.conf
    cat >/etc/containers/systemd/peer@.container <<END
[Unit]
StartLimitIntervalSec=0

[Container]
Rootfs=/srv/bench
Exec=/bin/sh -c "$script"
PublishPort=%i:80
END
fi
keep container@{without,port,default,first,last}.service peer@30999.service bench-floor@1.service
systemctl start container-network@default container-network@crowd

# Turn about, so that what the machine does meanwhile falls on all of them.
for ((i = 0; i < 3; i++)); do for name in without default port first; do once "container@$name" "$name"; done; done
rm -f /run/bench/*.start /run/bench/*.stop
for ((i = 0; i < runs; i++)); do for name in without default port first; do once "container@$name" "$name"; done; done
printf 'medians of %d: start to active without a network %s µs, on the default one %s µs, with a port %s µs\n' "$runs" "$(of without.start)" "$(of default.start)" "$(of port.start)"
awk -v a="$(of port.start)" -v b="$(of without.start)" 'BEGIN {printf "a network and a port cost a start %.1f ms (expected: at most 4.0)\n", (a - b) / 1000}'
awk -v a="$(of port.stop)" -v b="$(of without.stop)" 'BEGIN {printf "and a stop %.1f ms\n", (a - b) / 1000}'

systemctl start "${crowd[@]}"
[ "$(systemctl is-active "${crowd[@]}" | grep -cx active)" = $((many - 1)) ] || echo "not all of the crowd are active" >&2
for ((i = 0; i < runs; i++)); do for name in without last; do once "container@$name" "$name.crowded"; done; done
awk -v n="$many" -v a="$(of last.crowded.start)" -v x="$(of without.crowded.start)" -v b="$(of first.start)" -v y="$(of without.start)" \
    'BEGIN {printf "number %d on a bridge: %.1f ms, the first %.1f ms: %.2f; by as much as one without a network takes then and took before: %.2f (expected: at most 1.20)\n", n, a / 1000, b / 1000, a / b, (a / x) / (b / y)}'
systemctl stop "${crowd[@]}"

[ -n "$quadlet" ] || exit 0
ours=() peers=() floors=()
for ((i = 1; i <= together; i++)); do
    describe "ours$i" "PublishPort=$((30000 + i)):80"
    ours+=("container@ours$i.service")
    peers+=("peer@$((31000 + i)).service")
    floors+=("bench-floor@$i.service")
done
make_floors without "$together"
for ((i = 0; i < 3; i++)); do for unit in peer@30999 bench-floor@1; do once "$unit" warm; done; done
for ((i = 0; i < runs; i++)); do
    once peer@30999 peer
    once container@port beside
    once bench-floor@1 floor
done
times "start to active with a port" "$(of peer.start)" "$(of beside.start)" "$(of floor.start)"
times "stop" "$(of peer.stop)" "$(of beside.stop)" "$(of floor.stop)"
for ((i = 0; i < 3; i++)); do
    transaction peers "${peers[@]}"
    transaction ours "${ours[@]}"
    transaction floors "${floors[@]}"
done
times "$together in one transaction up" "$(of peers.up)" "$(of ours.up)" "$(of floors.up)"
times "$together in one transaction down" "$(of peers.down)" "$(of ours.down)" "$(of floors.down)"

# 1 GB through a published port, to a container that throws it away.
for file in /usr/bin/socat $(ldd /usr/bin/socat | grep -o '/[^ ]*'); do
    mkdir -p "/srv/bench${file%/*}"
    cp -L "$file" "/srv/bench$file"
done
sink='Exec=/usr/bin/socat -u -b 262144 TCP4-LISTEN:80,fork,reuseaddr OPEN:/dev/null'
describe sink $'PublishPort=8090:80'
sed -i "s|^Exec=.*|$sink|" /etc/berth/sink.container
printf '[Container]\nRootfs=/srv/bench\n%s\nPublishPort=8091:80\n' "$sink" >/etc/containers/systemd/peer-sink.container
systemctl daemon-reload
systemctl start container@sink peer-sink
ip link add wire type veth peer name wire-end && ip addr add 192.0.2.1/24 dev wire && ip link set wire up && ip link set wire-end up
for port in 8090 8091; do
    until socat -u OPEN:/dev/null "TCP:192.0.2.1:$port" 2>/dev/null; do sleep 0.1; done
done
transfer() { # PORT NAME
    local begin=${EPOCHREALTIME/./}
    head -c 1G /dev/zero | socat -u -b 262144 - "TCP:192.0.2.1:$1"
    echo $((${EPOCHREALTIME/./} - begin)) >>"/run/bench/$2.transfer"
}
for ((i = 0; i < 5; i++)); do
    transfer 8091 peer
    transfer 8090 ours
done
awk -v a="$(of peer.transfer)" -v b="$(of ours.transfer)" 'BEGIN {printf "1 GB through a published port: ours %.0f ms, netavark %.0f ms: %.2f times as fast (expected: at least 0.95)\n", b / 1000, a / 1000, a / b}'
