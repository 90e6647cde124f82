# A boot: an unprivileged user's containers are up again by themselves, on pasta, on the user's bridge, of an image, in a pod and with a volume, at the same
# ports; and they end with the manager.
# guests: nspawn
# timeout: 180

name=rita uid=1079 home=/home/rita run=/run/user/1079/berth
user() {
    as_user $name "$@"
}
control() {
    user systemctl --user "$@"
}
is_active() { # UNIT
    same active "$(control is-active "$1")"
}
inside() { # NAME COMMAND ARGUMENT...
    user berth --user exec "$@"
}
file() { # NAME PORT KEYS
    put "$home/.config/berth/$1.container" <<END
[Container]
Exec=/bin/sh -c "mkdir /tmp/www; echo I am $1 >/tmp/www/index.html; exec httpd -f -p $2 -h /tmp/www"
Tmpfs=/tmp
StopTimeout=1
$3

[Install]
WantedBy=default.target
END
}
all=(a-bridged b-bridged on-pasta of-image in-pod)
# What a machine has when its users' managers begin: the home, and a network that leads out.
make_world_at_boot() {
    put /etc/test-world 755 <<END
#!/bin/sh
set -e
chmod 666 /dev/net/tun
ip netns add outside
ip link add wire type veth peer name eth0 netns outside
ip addr add 192.0.2.1/24 dev wire
ip link set wire up
ip -n outside addr add 192.0.2.2/24 dev eth0
ip -n outside link set eth0 up
ip route add default via 192.0.2.2 dev wire
mount --bind /var/lib/berth/.homes/$name $home
mount --make-private $home
END
    put /etc/systemd/system/test-world.service <<END
[Unit]
DefaultDependencies=no
After=local-fs.target systemd-tmpfiles-setup-dev.service
Before=sysinit.target systemd-logind.service
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/etc/test-world
[Install]
WantedBy=sysinit.target
END
    systemctl enable --quiet test-world.service
}
all_answer() {
    check "$1: the one on pasta" wait_for 30 reaches http://127.0.0.1:18102/ 'I am on-pasta'
    check "$1: the one on a bridge" wait_for 30 reaches http://127.0.0.1:18101/ 'I am a-bridged'
    check "$1: a neighbour finds it by name" wait_for 30 fetches b-bridged http://a-bridged:8080/ 'I am a-bridged'
    check "$1: the one of an image" wait_for 30 reaches http://127.0.0.1:18103/ 'I am of-image'
    check "$1: the one in a pod" wait_for 30 reaches http://127.0.0.1:18104/ 'I am in-pod'
}
# Each once, whatever was there before.
counts() {
    echo "$(find $run/bundles -mindepth 1 -maxdepth 1 -type d | wc -l) $(find $run/networks -path '*/leases/*' -type f | wc -l)"
}
left() {
    find $run/bundles $run/networks $run/names $run/runtime $home/.local/share/berth/containers -mindepth 1 -not -name '.*' -not -path '*/.cache/*' \
        -not -name aardvark.pid 2>/dev/null || :
}
nothing_left() {
    same "" "$(left)"
}
no_processes() {
    same "" "$(ps -eo user:20=,args= | awk '$1 == "rita"'; pgrep -af 'httpd -f -p 80' || :)"
}
no_manager() {
    same "no inactive" "$([ -e /run/user/$uid ] && echo yes || echo no) $(unit_property user@$uid ActiveState)"
}

case $PHASE in
1)
    make_networked_user $name $uid
    make_world_at_boot
    make_rootfs $home/root
    make_image "$home/layout:web" $home/root
    put $home/.config/berth/lan.network <<<$'[Network]\nSubnet=10.78.1.0/24'
    put $home/.config/berth/group.pod <<<$'[Pod]\nPublishPort=18104:8084'
    file a-bridged 8080 "Rootfs=$home/root"$'\nNetwork=lan.network:ip=10.78.1.9\nPublishPort=18101:8080\nVolume=kept:/kept'
    file b-bridged 8080 "Rootfs=$home/root:O"$'\nNetwork=lan.network'
    file on-pasta 8080 "Rootfs=$home/root"$'\nPublishPort=18102:8080'
    file of-image 8080 "Image=oci:$home/layout:web"$'\nPublishPort=18103:8080'
    file in-pod 8084 "Rootfs=$home/root"$'\nPod=group.pod'
    chown -R $name: $home/root $home/layout $home/.config
    control daemon-reload
    require "all of a user's containers start" control start "${all[@]/#/container@}"
    all_answer before
    inside a-bridged sh -c 'echo written >/kept/file'
    counts >/var/lib/berth/.homes/counts
    reboot_guest
    ;;
2)
    at_end "remove_user $name $uid; rm -f /etc/test-world /var/lib/berth/.homes/counts
        systemctl disable --quiet --now test-world.service; rm /etc/systemd/system/test-world.service; ip netns del outside; ip link del wire; systemctl daemon-reload"
    check "after a boot the user's manager is up" wait_for 60 test -S /run/user/$uid/systemd/private
    for container in "${all[@]}"; do
        check "after a boot: $container" wait_for 60 is_active "container@$container"
    done
    all_answer after
    check "its volume has what was written" same written "$(inside a-bridged cat /kept/file)"
    check "of the containers before nothing is left" same "b-bridged of-image" "$(ls -x $home/.local/share/berth/containers | tr -s ' \n' ' ' | sed 's/ $//')"
    check "one of everything for each" same "$(cat /var/lib/berth/.homes/counts)" "$(counts)"
    check "the address is the one of its file" contains "$(inside a-bridged ip -4 -o addr show eth0)" '10\.78\.1\.9/24'

    # Without linger: until the manager is no longer wanted, and from the next login on.
    loginctl disable-linger $name
    check "without linger and login the manager ends" wait_for 60 no_manager
    check "with all processes" wait_for 60 no_processes
    check "and all files" same "" "$(find $home/.local/share/berth/containers -mindepth 1)"
    loginctl enable-linger $name
    check "with linger it is up again" wait_for 60 test -S /run/user/$uid/systemd/private
    all_answer again
    control stop "${all[@]/#/container@}" container-pod@group
    check "nothing is left of all that" wait_for 30 nothing_left
    ;;
esac
