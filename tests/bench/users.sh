#!/bin/bash
# What a user's containers cost, by the user's own service manager: start and stop with pasta's network and a port, the same without a network, and many at once;
# where podman is installed, beside Quadlet's of the same user, and beside the floor: how much faster than Quadlet anything could be. Last, what stays resident.
runs=${RUNS:-30} together=${TOGETHER:-50}

home=/home/bench runtime=/run/user/1900
useradd --no-create-home --uid 1900 --user-group --home-dir $home bench
# On a file system where overlays can be made.
mkdir -p /var/lib/berth/bench $home /etc/systemd/system/user@1900.service.d
mount --bind /var/lib/berth/bench $home
mkdir -p $home/.config/{berth,systemd/user,containers/systemd}
# The guests have no PAM module that would tell the manager its runtime directory.
printf '[Service]\nEnvironment=XDG_RUNTIME_DIR=%s\nLimitNOFILE=65536\n' $runtime >/etc/systemd/system/user@1900.service.d/runtime.conf
# A machine with udev has it so, and pasta takes the addresses of the interface with the default route.
chmod 666 /dev/net/tun
ip link add wire type veth peer name wire-end && ip addr add 192.0.2.1/24 dev wire && ip link set wire up && ip link set wire-end up
ip route add default via 192.0.2.2 dev wire

root=$home/root files=$home/.config/berth units=$runtime/systemd/user bundles=$runtime/berth/bundles
entering='/usr/bin/unshare --user --map-root-user --map-users=auto --map-groups=auto --mount '
before= # ours have none either
user() { (cd $home && exec setpriv --reuid bench --regid bench --init-groups --reset-env env XDG_RUNTIME_DIR=$runtime "$@"); }
control() { user systemctl --user "$@"; }
owned() { chown -R bench: $home/.config /run/bench; }

# The user's bus, which is there wherever a user's podman has systemd make control groups.
printf '[Socket]\nListenStream=%%t/bus\n' >$home/.config/systemd/user/dbus.socket
printf '[Unit]\nRequires=dbus.socket\n[Service]\nType=notify\nNotifyAccess=main\nExecStart=/usr/bin/dbus-daemon --session --address=systemd: --nofork --nopidfile --systemd-activation --syslog-only\n' \
    >$home/.config/systemd/user/dbus.service

make_root sh sleep true
cp -a /srv/bench $home/root
chown -R bench: $home
systemctl daemon-reload
loginctl enable-linger bench
until [ -S $runtime/systemd/private ]; do sleep 0.1; done
mkdir -p $units
control start dbus.socket dbus.service
mkdir -p $home/image
umoci init --layout $home/image/layout
umoci new --image $home/image/layout:bench
# As in any image, what is in there is root's.
tar -C $home/root --owner=0 --group=0 -cf $home/image/layer.tar .
umoci raw add-layer --image $home/image/layout:bench $home/image/layer.tar
chown -R bench: $home/image $units

image="Image=oci:$home/image/layout:bench"
describe without Network=none
describe port PublishPort=8080:80
describe image $'PublishPort=8081:80'
sed -i "s|^Rootfs=.*|$image|" $files/image.container
ours=() peers=() floors=()
for ((i = 1; i <= together; i++)); do
    describe "ours$i" "PublishPort=$((30000 + i)):80"
    sed -i "s|^Rootfs=.*|$image|" $files/ours$i.container
    ours+=("container@ours$i.service")
    peers+=("peer@$((31000 + i)).service")
    floors+=("bench-floor@$i.service")
done

quadlet=
if command -v podman >/dev/null && [ -x /usr/lib/systemd/user-generators/podman-user-generator ]; then
    quadlet=yes
    # Here is no pids controller; and nothing ever says that the network is online.
    printf '[containers]\npids_limit=0\n[engine]\ncgroup_manager="cgroupfs"\nevents_logger="file"\n' >$home/.config/containers/containers.conf
    printf '[storage]\ndriver="overlay"\n' >$home/.config/containers/storage.conf
    ln -s /dev/null $home/.config/systemd/user/podman-user-wait-network-online.service
    owned
    # This also makes the process that keeps podman's user namespace, outside of any unit.
    user podman import -q $home/image/layer.tar localhost/bench:1 >/dev/null 2>&1
    for name in peer peer-without; do
        cat >"$home/.config/containers/systemd/$name@.container" <<END
[Unit]
StartLimitIntervalSec=0

[Container]
Image=localhost/bench:1
Pull=never
Exec=/bin/sh -c "$script"
PublishPort=%i:80
END
    done
    sed -i 's|^PublishPort=.*|Network=none|; s|^Image=.*|Rootfs='$home'/root|; /^Pull=/d' $home/.config/containers/systemd/peer-without@.container
fi
owned
keep container@{without,port,image}.service peer{,-without}@30999.service bench-floor@1.service
control start container@image
printf 'resident beside a container (expected: pasta alone):'
find "/sys/fs/cgroup$(control show -p ControlGroup --value container@image)" -name cgroup.procs -exec cat {} + |
    xargs -I{} ps -o rss=,comm= -p {} | awk '$2 != "sh" && $2 != "sleep" && $2 != "busybox" {printf " %s (%d KiB)", $2, $1} END {print ""}'
control stop container@image
# Until the generator has read the note of the first start, a stop has one more command; each boot has read it.
control start "${ours[@]}"
control stop "${ours[@]}"
make_floors without "$together"
owned

for ((i = 0; i < 3; i++)); do for name in without port image; do once "container@$name" warm; done; done
for ((i = 0; i < 3; i++)); do for name in ${quadlet:+peer peer-without}; do once "$name@30999" warm; done; once bench-floor@1 warm; done
for ((i = 0; i < runs; i++)); do
    for name in without port image; do once "container@$name" "$name"; done
    once bench-floor@1 floor
    for name in ${quadlet:+peer peer-without}; do once "$name@30999" "$name"; done
done
printf 'medians of %d: start to active without a network %s µs, with a port %s µs, with an image and a port %s µs; the floor %s µs\n' "$runs" "$(of without.start)" "$(of port.start)" "$(of image.start)" "$(of floor.start)"
printf 'stop %s, %s, %s; %s µs\n' "$(of without.stop)" "$(of port.stop)" "$(of image.stop)" "$(of floor.stop)"
[ -n "$quadlet" ] || exit 0
times "start to active with an image and a port" "$(of peer.start)" "$(of image.start)" "$(of floor.start)"
times "stop" "$(of peer.stop)" "$(of image.stop)" "$(of floor.stop)"
times "start to active with a directory and no network" "$(of peer-without.start)" "$(of without.start)" "$(of floor.start)"
times "stop" "$(of peer-without.stop)" "$(of without.stop)" "$(of floor.stop)"
# How long it takes is also what else the machine does; processor time is not.
used() { awk '$1 == "usage_usec" {print $2}' /sys/fs/cgroup/user.slice/user-1900.slice/user@1900.service/cpu.stat; }
measured() { # NAME UNIT...
    local before after
    before=$(used)
    transaction "$@"
    after=$(used)
    echo $((after - before)) >>"/run/bench/$1.used"
}
for ((i = 0; i < 3; i++)); do
    measured peers "${peers[@]}"
    measured ours "${ours[@]}"
    measured floors "${floors[@]}"
done
times "$together in one transaction up" "$(of peers.up)" "$(of ours.up)" "$(of floors.up)"
times "$together in one transaction down" "$(of peers.down)" "$(of ours.down)" "$(of floors.down)"
times "processor time of both" "$(of peers.used)" "$(of ours.used)" "$(of floors.used)"
