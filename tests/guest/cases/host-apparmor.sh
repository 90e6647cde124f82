# AppArmor confines containers: by the default profile, which is loaded when it is missing, by a named one, or not at all.
# guests: qemu
# lsm: apparmor
# timeout: 120

# What the case asks of the container, each on a line: a name, and whether it could be done.
make_rootfs /srv/web
put /srv/web/bin/try 755 <<'EOF'
#!/bin/sh
report() { name=$1; shift; if "$@" 2>/dev/null; then echo "$name: done"; else echo "$name: refused"; fi; }
echo "profile: $(cat /proc/self/attr/current)"
write() { echo "$2" >"$1"; }
report mount mount -t tmpfs tmpfs /mnt
report sysrq write /proc/sysrq-trigger h
report vm write /proc/sys/vm/swappiness 60
report shmmax write /proc/sys/kernel/shmmax 1000000
report file write /root/file x
report own-proc write /proc/self/oom_score_adj 1000
report sys-kernel write /sys/kernel/mm/ksm/run 0
report secret cat /etc/secret
trap 'exit 0' TERM
sleep infinity &
wait
EOF
mkdir /srv/web/mnt
echo secret >/srv/web/etc/secret

# Everything that could stop it but AppArmor is out of the way.
describe() { # NAME LINE...
    put "/etc/berth/$1.container" <<EOF
[Container]
Rootfs=/srv/web:O
Exec=/bin/try
AddCapability=SYS_ADMIN
Unmask=ALL
SeccompProfile=unconfined
Mount=type=bind,source=/sys,destination=/sys
$(printf '%s\n' "${@:2}")
EOF
}

apparmor_parser --remove /etc/apparmor.d/berth-default || :
check "the default profile is not loaded" not grep -q '^berth-default' /sys/kernel/security/apparmor/profiles

describe default
describe open AppArmor=unconfined
describe privileged Privileged=yes
describe named AppArmor=berth-test-named
describe unknown AppArmor=berth-test-name
put /etc/apparmor.d/berth-test-named <<'EOF'
profile berth-test-named flags=(attach_disconnected, mediate_deleted) {
  capability,
  file,
  mount,
  network,
  signal,
  deny /etc/secret r,
}
EOF
at_end 'apparmor_parser --remove /etc/apparmor.d/berth-test-named; rm /etc/apparmor.d/berth-test-named'
# What has been opened outside, and what comes from there.
add_programs /srv/web /usr/bin/systemd-notify /usr/bin/perl
answer="perl -e 'open S, q(+<&=3); accept C, S; print C scalar <C>'"
for name in notify stream tcp; do
    put "/etc/berth/$name.container" <<EOF
[Container]
Rootfs=/srv/web:O
Network=none
$(case $name in
    notify) printf 'Notify=yes\nExec=/bin/sh -c "systemd-notify --ready --status=confined; echo by its name >/dev/stdout; exec sleep 1000"\n' ;;
    stream) printf 'Exec=/usr/bin/%s\n[Socket]\nListenStream=/run/stream.sock\n' "$answer" ;;
    tcp) printf 'Exec=/usr/bin/%s\n[Socket]\nListenStream=127.0.0.1:8091\n' "$answer" ;;
    esac)
EOF
done
require "a profile of a test is loaded" apparmor_parser --replace /etc/apparmor.d/berth-test-named
systemctl daemon-reload

require "a container without AppArmor= starts" systemctl start container@default
check "it has the default profile" says container@default '^profile: berth-default \(enforce\)'
check "which is loaded now" grep -qx 'berth-default (enforce)' /sys/kernel/security/apparmor/profiles
check "it does the last thing it tries" says container@default '^secret: done'
said=$(journal_of container@default)
for thing in mount sysrq vm sys-kernel; do
    check "the default profile refuses: $thing" contains "$said" "^$thing: refused"
done
for thing in shmmax file own-proc; do
    check "the default profile allows: $thing" contains "$said" "^$thing: done"
done
check "it stops by signals" systemctl stop container@default
check "and not by SIGKILL" unit_is container@default Result success

check "it may say that it is up" systemctl start container@notify
check "and how it is" unit_is container@notify StatusText confined
check "and open its output by name" says container@notify '^by its name$'
check "sockets are there" systemctl start container@{stream,tcp}.socket
for address in UNIX-CONNECT:/run/stream.sock TCP:127.0.0.1:8091; do
    check "it answers at $address" same "$address" "$(echo "$address" | timeout $((60 * PATIENCE)) socat -t $((60 * PATIENCE)) - "$address")"
done
systemctl stop container@{stream,tcp}.socket container@notify

require "AppArmor=unconfined starts" systemctl start container@open
check "it is unconfined" says container@open '^profile: unconfined'
check "and refused nothing" says container@open '^secret: done'
check "of all that it tried" not contains "$(journal_of container@open)" ': refused'

require "Privileged= starts" systemctl start container@privileged
check "it is unconfined, too" says container@privileged '^profile: unconfined'

require "AppArmor=NAME starts" systemctl start container@named
check "it has that profile" says container@named '^profile: berth-test-named \(enforce\)'
check "which refuses what it says" says container@named '^secret: refused'
check "and nothing else" says container@named '^mount: done'

check "a profile that is not loaded is an error" not systemctl start container@unknown
check "with its place, and what may have been meant" says container@unknown \
    '/etc/berth/unknown.container:8:1: error: AppArmor has no profile "berth-test-name" loaded; did you mean "berth-test-named"\?'

check "SELinux is not asked for anything" not ls /run/berth/levels

# A user's pasta, under Debian 12's profile, which lets it open namespaces where podman has them, and nowhere else: its other rules are the package's own.
of_users() {
    make_user petra 1017
    chmod 666 /dev/net/tun
    ip link add outside type dummy
    ip address add 192.0.2.1/24 dev outside
    ip link set outside up
    ip route add default via 192.0.2.2 dev outside
    at_end "ip link del outside"
    put /etc/apparmor.d/berth-test-passt <<'EOF'
abi <abi/3.0>,
include <tunables/global>
profile passt /usr/bin/passt{,.avx2} flags=(attach_disconnected) {
  include <abstractions/passt>
  owner /tmp/** w,
  owner @{HOME}/** w,
  include <abstractions/pasta>
}
EOF
    at_end 'apparmor_parser --remove /etc/apparmor.d/berth-test-passt; rm /etc/apparmor.d/berth-test-passt'
    require "it is loaded" apparmor_parser --replace /etc/apparmor.d/berth-test-passt
    make_rootfs /home/petra/root
    for name in alone bridged; do
        put /home/petra/.config/berth/$name.container <<EOF
[Container]
Rootfs=/home/petra/root
Network=$([ $name = alone ] && echo pasta || echo bridge)
Exec=/bin/sh -c 'trap "exit 0" TERM; while :; do sleep 1; done'
EOF
    done
    sed -e s/pasta/none/ -e '$aAppArmor=berth-test-named' /home/petra/.config/berth/alone.container >/home/petra/.config/berth/profiled.container
    chown -R petra: /home/petra/.config /home/petra/root
    as_user petra systemctl --user daemon-reload
    for name in alone bridged; do
        check "a user's container with pasta starts: $name" as_user petra systemctl --user start container@$name
    done
    confined_pastas() {
        local pid
        for pid in $(pgrep -u petra -f '^pasta '); do cat "/proc/$pid/attr/current"; done | sort | uniq -c | sed 's/^ *//'
    }
    check "both under the profile" becomes 10 '2 passt (enforce)' confined_pastas
    check "the containers have no profile" same 'unconfined' \
        "$(cat "/proc/$(as_user petra systemctl --user show --value -p MainPID container@alone)/attr/current")"
    as_user petra systemctl --user stop container@alone container@bridged
    check "and can have none" not as_user petra systemctl --user start container@profiled
    check "with the reason" wait_for 20 user_says profiled \
        '^/home/petra/.config/berth/profiled.container:5:1: error: "AppArmor" needs root; a user.s container can only have "unconfined"$'
}
[ "$SUITE" = trixie ] || of_users

# Debian 13's profile of pasta, as far as it is about files: its other rules are those of the package's own abstraction.
[ "$SUITE" = trixie ] || exit 0
put /etc/apparmor.d/berth-test-pasta <<'EOF'
abi <abi/4.0>,
include <tunables/global>
profile pasta /usr/bin/pasta{,.avx2} flags=(attach_disconnected) {
  include <abstractions/pasta>
  /tmp/** rw,
}
EOF
at_end 'apparmor_parser --remove /etc/apparmor.d/berth-test-pasta; rm /etc/apparmor.d/berth-test-pasta /etc/berth/outward.pod'
require "the profile of pasta is loaded" apparmor_parser --replace /etc/apparmor.d/berth-test-pasta
printf '[Pod]\nNetwork=pasta\n' | put /etc/berth/outward.pod
put /etc/berth/outward.container <<'EOF'
[Container]
Rootfs=/srv/outward
Network=pasta
Exec=/bin/sh -c 'trap "exit 0" TERM; while :; do sleep 1; done'
EOF
make_rootfs /srv/outward
systemctl daemon-reload
check "root's pasta starts" systemctl start container@outward
check "under its profile" contains "$(cat "/proc/$(pgrep -nx 'pasta(.avx2)?')/attr/current")" '^pasta \(enforce\)'
check "nothing is seen of it in /tmp" not test -e /tmp/ns-net
check "a pod's starts, too" systemctl start container-pod@outward
systemctl stop container@outward container-pod@outward
