# The network of a user's containers without Network=: pasta's, in the user's namespace; ports that are published, names, and that nothing stays.
# guests: nspawn qemu@trixie
# timeout: 180

make_user alice 1000
make_outside
# A machine with udev has it so.
chmod 666 /dev/net/tun
ip route add default via 192.0.2.2 dev wire
at_end "ip route del default via 192.0.2.2"
home=/home/alice
user() {
    as_user alice "$@"
}
state_is() { # UNIT PROPERTY VALUE
    same "$3" "$(user systemctl --user show --value -p "$2" "$1")"
}
make_rootfs $home/root
mkdir $home/root/www
echo hello >$home/root/www/index.html
chown -R alice: $home/root
file() { # NAME KEYS
    put "$home/.config/berth/$1.container" <<END
[Container]
Rootfs=$home/root
Exec=/bin/sh -c "ip addr; cat /etc/resolv.conf; echo up; exec httpd -f -p 8080 -h /www"
StopTimeout=1
$2
END
    chown -R alice: $home/.config
}

file web "PublishPort=127.0.0.1:18080:8080"
file kept "PublishPort=18081:8080
UserNS=keep-id"
file auto "PublishPort=18083:8080
UserNS=auto"
file low "PublishPort=81:8080"
file slirp "Network=slirp4netns
PublishPort=18082:8080"
user systemctl --user daemon-reload
require "a container without Network= starts" user systemctl --user start container@web
check "and is up" wait_for 20 user_says web '^up$'
check "it has an address of its own" wait_for 20 user_says web 'inet .* scope global'
check "a published port is reached" wait_for 20 reaches http://127.0.0.1:18080/ hello
require "with UserNS=keep-id" user systemctl --user start container@kept
check "a published port is reached, too" wait_for 20 reaches http://127.0.0.1:18081/ hello
require "with UserNS=auto" user systemctl --user start container@auto
check "a published port is reached as well" wait_for 20 reaches http://127.0.0.1:18083/ hello
user systemctl --user stop container@auto
require "slirp4netns" user systemctl --user start container@slirp
check "has a published port as well" wait_for 20 reaches http://127.0.0.1:18082/ hello
check "its user has that shown" contains "$(user berth --user port web)" '^web +8080/tcp +127\.0\.0\.1:18080$'
check "with the others, and needs not say whose" contains "$(user berth port)" '^slirp +8080/tcp +.*:18082$'
check "a container that does not run has none" not user berth port low
check "a port that users may not have is refused" not user systemctl --user start container@low
check "with a way out" wait_for 20 user_says low 'ip_unprivileged_port_start'
# Each has its own processes, and pasta; and there is one more for the output of all.
programs() {
    pgrep -u alice -l -f 'berth|crun|pasta|slirp' | sed 's/^[0-9]* //; s/\..*//; s/passt/pasta/' | sort | uniq -c | sed 's/^ *//' | tr '\n' ' '
}
check "the programs are all that stays beside the containers" becomes 20 '1 berth-log 2 pasta 1 slirp4netns ' programs
user systemctl --user kill -s KILL berth-log.service
user systemctl --user restart container@web
check "after a restart the port is reached" wait_for 20 reaches http://127.0.0.1:18080/ hello
pkill -KILL -u alice -f '^pasta '
check "a container whose network has ended has failed" wait_for 20 state_is container@web ActiveState failed
check "also one that was there when the process for the output was killed" wait_for 20 state_is container@kept ActiveState failed
check "and says why" wait_for 20 user_says kept 'the program that is the network of this container has ended'
user systemctl --user stop container@web container@kept container@slirp
# Nobody sees that one end: the process for the output is to come, and knows it by its number.
user systemctl --user start container@web
user systemctl --user kill -s STOP berth-log.service
pkill -KILL -u alice -f '^pasta '
user systemctl --user kill -s KILL berth-log.service
check "and one whose network has ended while that process was not there" wait_for 20 state_is container@web ActiveState failed

# --- the network of what has ended, while the unit stays

stays() { # NAME KEYS
    put "$home/.config/berth/$1.container" <<END
[Container]
Rootfs=$home/root
Exec=/bin/sh -c "sleep 1000 & echo left"
$2

[Service]
Type=oneshot
RemainAfterExit=yes
END
    chown -R alice: $home/.config
}
networks() {
    pgrep -u alice -f '^pasta' | wc -l
}
stays ended ""
stays survived "PidNS=host"
user systemctl --user daemon-reload
check "none is there" becomes 20 0 networks
user systemctl --user start container@survived container@ended
check "a unit stays when its container has ended" state_is container@ended ActiveState active
check "but not the network" becomes 20 1 networks
user systemctl --user stop container@ended
check "where processes are left that is there until the stop" same 1 "$(networks)"
user systemctl --user stop container@survived
check "and then it ends" becomes 20 0 networks

# --- [Socket]: the container is started by the first that comes, on whatever network

woken() { # NAME NETWORK PORT
    put "$home/.config/berth/$1.container" <<END
[Container]
Rootfs=$home/root
Network=$2
Exec=/bin/sh -c "echo \$\$(head -n 1 <&3) for \$\$LISTEN_PID of \$\$LISTEN_FDS as \$\$LISTEN_FDNAMES; ls /sys/class/net"

[Socket]
ListenDatagram=%t/$1.sock
ListenStream=127.0.0.1:$3
FileDescriptorName=web

[Install]
WantedBy=sockets.target
END
    chown -R alice: $home/.config
}
woken alone none 18084
woken mated pasta 18085
user systemctl --user daemon-reload
check "a file with [Socket] enables its socket" test -h /run/user/1000/systemd/generator/sockets.target.wants/container@alone.socket
require "which can be enabled by hand and started" user systemctl --user enable --now container@alone.socket container@mated.socket
check "as systemd does it" test -h $home/.config/systemd/user/sockets.target.wants/container@alone.socket
check "that does not start the container" state_is container@alone.service ActiveState inactive
tell() { # NAME WORD
    echo "$2" | user socat -u - "UNIX-SENDTO:/run/user/1000/$1.sock"
}
for name in alone mated; do
    tell $name first
    check "what comes to the socket of $name does" wait_for 20 user_says $name '^first for 1 of 2 as web:web$'
    check "and it ends when it is done" wait_for 20 state_is container@$name.service ActiveState inactive
    tell $name second
    check "the socket of $name goes on" wait_for 20 user_says $name '^second for 1 of 2 as web:web$'
    check "and waits again" wait_for 20 state_is container@$name.socket SubState listening
done
check "in a network of its own" wait_for 20 user_says mated '^[a-km-z][a-z0-9]*$'
check "berth check has nothing to say of it" same "" "$(user berth --user check alone)"
user systemctl --user enable container@alone.service
check "but for what is enabled as well" contains "$(user berth --user check alone 2>&1)" 'systemctl --user disable container@alone\.service$'
user systemctl --user disable container@alone.service
check "sockets stop" user systemctl --user disable --now container@alone.socket container@mated.socket
check "and are gone" test ! -h $home/.config/systemd/user/sockets.target.wants/container@alone.socket

check "no process is left" wait_for 20 not pgrep -u alice -f 'pasta|slirp|httpd|berth'
check "and no file" same "" "$(find /run/user/1000/berth/bundles /run/user/1000/berth/runtime -mindepth 1 -not -path '*/.cache*')"
