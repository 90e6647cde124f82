# A user without linger: containers are up from the login on, by PAM and with a bus as on any desktop, for as long as there is a session, and with the last one
# all of them are gone, also one that is about to start.
# guests: nspawn
# layer: login
# timeout: 180

home=/home/lotte
put /etc/systemd/logind.conf.d/login.conf <<<$'[Login]\nUserStopDelaySec=1'
systemctl restart systemd-logind
useradd --no-create-home --uid 1080 --user-group --home-dir $home --shell /bin/bash lotte
mkdir -p /var/lib/berth/.homes/lotte $home
mount --bind /var/lib/berth/.homes/lotte $home
mount --make-private $home
chown lotte: $home
make_outside
chmod 666 /dev/net/tun
ip route add default via 192.0.2.2 dev wire
at_end "ip route del default via 192.0.2.2 2>/dev/null; pkill -KILL -u lotte; sleep 1; umount -l $home; userdel lotte
    rm -rf $home /var/lib/berth/.homes/lotte /etc/systemd/logind.conf.d/login.conf; systemctl restart systemd-logind"

# A session for as long as the command takes.
in_session() { # SHELL-COMMAND
    su -l lotte -c "$1" </dev/null 3>&-
}
open_session() {
    in_session 'exec sleep 1234' &
}
close_session() {
    pkill -u lotte -xf 'sleep 1234'
    wait
}
state_is() { # UNIT STATE
    same "$2" "$(as_user lotte systemctl --user is-active "$1")"
}
main_pid_of() { # UNIT
    as_user lotte systemctl --user show --value -p MainPID "$1"
}
# Of the user and of its subordinate IDs.
processes() {
    local first
    first=$(sed -n 's/^lotte:\([0-9]*\):.*/\1/p' /etc/subuid)
    ps -eo uid=,args= | awk -v first="$first" '$1 == 1080 || ($1 >= first && $1 < first + 65536)'
}
all_gone() {
    same "  no" "$(processes) $(find $home/.local/share/berth/containers -mindepth 1 2>/dev/null) $([ -e /run/user/1080 ] && echo yes || echo no)"
}
file() { # NAME KEYS [SECTIONS]
    put "$home/.config/berth/$1.container" <<END
[Container]
Exec=/bin/sh -c "mkdir -p /tmp/www; echo I am $1 >/tmp/www/index.html; exec httpd -f -p 8080 -h /tmp/www"
Tmpfs=/tmp
StopTimeout=1
$2
${3:-}
END
}
wanted=$'[Install]\nWantedBy=default.target'
make_rootfs $home/root
put $home/.config/berth/lan.network <<<$'[Network]\nSubnet=10.79.1.0/24'
file web "Rootfs=$home/root"$'\nPublishPort=18111:8080' "$wanted"
file bridged "Rootfs=$home/root:O"$'\nNetwork=lan.network\nPublishPort=18112:8080' "$wanted"
file by-hand "Rootfs=$home/root"$'\nNetwork=none'
sed -i "s/^Exec=.*/Exec=\/bin\/sh -c \"echo I am by-hand >\/tmp\/hand; trap 'exit 0' TERM; while :; do sleep 0.1; done\"/" $home/.config/berth/by-hand.container
file never-ready "Rootfs=$home/root"$'\nNetwork=none\nNotify=yes'
chown -R lotte: $home
namespaces() {
    lsns -n -o NS -t user -t net -t mnt -t pid | sort -u
}
before=$(namespaces)

open_session
check "with a login the user's manager is there" wait_for 30 test -S /run/user/1080/systemd/private
check "and a bus" wait_for 30 test -S /run/user/1080/bus
check "what is enabled is up" wait_for 60 state_is container@web active
check "and answers" wait_for 30 reaches http://127.0.0.1:18111/ 'I am web'
check "on a bridge as well" wait_for 30 reaches http://127.0.0.1:18112/ 'I am bridged'
check "the session has one bus with its manager" contains "$(in_session 'echo "$DBUS_SESSION_BUS_ADDRESS"; busctl --user list --no-legend')" '^org\.freedesktop\.systemd1 '
check "another is started by hand" in_session 'systemctl --user start container@by-hand'
check "in its unit's group" grep -q '/user@1080.service/.*/container@by-hand.service/container$' "/proc/$(main_pid_of container@by-hand)/cgroup"
check "berth is the user's own" contains "$(in_session 'berth list --noheadings')" '^by-hand +running'
check "enters it" same "I am by-hand" "$(in_session 'berth exec by-hand cat /tmp/hand')"
check "and stops it" in_session 'berth stop by-hand'
check "in peace" state_is container@by-hand inactive

pid=$(main_pid_of container@web)
in_session true
# Longer than logind waits.
sleep 3
check "the end of another session is none of theirs" same "$pid active" "$(main_pid_of container@web) $(as_user lotte systemctl --user is-active container@web)"

as_user lotte systemctl --user start --no-block container@never-ready
check "one is about to start" wait_for 30 state_is container@never-ready activating
close_session
check "with the last session all are gone" wait_for 60 all_gone
check "no namespace is left" becomes 20 "$before" namespaces
check "no mount" same "" "$(grep -E '/run/user/1080|lotte/.local' /proc/self/mountinfo || :)"
check "no control group" not test -e /sys/fs/cgroup/user.slice/user-1080.slice
check "and no port" not reaches http://127.0.0.1:18111/ 'I am web'

open_session
check "with the next login they are up again" wait_for 60 state_is container@web active
check "and answer" wait_for 30 reaches http://127.0.0.1:18111/ 'I am web'
check "on the bridge, too" wait_for 30 reaches http://127.0.0.1:18112/ 'I am bridged'
check "what was about to start is not" state_is container@never-ready inactive
close_session
check "and end again" wait_for 60 all_gone
