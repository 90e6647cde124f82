# What needs more of a kernel than each has: containers that share an interface of the machine's, macvlan and ipvlan, bridges with VRF or VLAN, and SCTP.
# guests: qemu
# timeout: 200

ip link add probe0 type veth peer name probe1
at_end "ip link del probe0 2>/dev/null"
for kind in macvlan ipvlan; do
    ip link add link probe0 name "probe-$kind" type "$kind" || skip "the kernel has no $kind"
    ip link del "probe-$kind"
done

make_rootfs /srv/net
add_programs /srv/net /usr/bin/socat
make_outside

serving() { # NAME KEYS
    put "/etc/berth/$1.container" <<EOF
[Container]
Rootfs=/srv/net:O
Exec=/usr/bin/socat TCP4-LISTEN:80,fork,reuseaddr SYSTEM:hostname
HostName=$1
StopTimeout=1
$2
EOF
}
for kind in macvlan ipvlan; do
    put "/etc/berth/$kind.network" <<EOF
[Network]
Driver=$kind
Options=parent=wire$([ "$kind" = ipvlan ] || echo " bclim=0")
Subnet=192.0.2.0/24
Gateway=192.0.2.2
IPRange=192.0.2.$([ "$kind" = macvlan ] && echo 32 || echo 48)/28
EOF
done
serving one Network=macvlan.network
serving two Network=macvlan.network:ip=192.0.2.40,mac=02:00:00:00:00:99
serving three Network=ipvlan.network
systemctl daemon-reload
# The kernel has an interface be the parent of one kind at a time.
check "two of macvlan" systemctl start container@one container@two
one=$(address_of one)
check "an address of the range" contains "$one" '^192\.0\.2\.(3[2-9]|4[0-7])$'
# Debian 12's kernel has no such limit.
[ "$SUITE" = bookworm ] || check "the limit of broadcasts" contains "$(inside one ip -d -o link show eth0)" ' bclim 0( |$)'
check "outside reaches it" wait_for 10 answers one outside bash -c "ask $one 80"
check "and one with an address of its own" wait_for 10 answers two outside bash -c 'ask 192.0.2.40 80'
check "whose link has the address that was given" contains "$(inside two ip -o link show eth0)" 02:00:00:00:00:99
check "they reach one another" answers two inside one bash -c 'ask 192.0.2.40 80'
check "they stop" systemctl stop container@one container@two
gone() { same "" "$(ip -o link show type macvlan)"; }
check "no interface is left" wait_for 20 gone
check "one of ipvlan" systemctl start container@three
check "outside reaches it" wait_for 10 answers three outside bash -c "ask $(address_of three) 80"
check "it has the parent's link address" same "$(cat /sys/class/net/wire/address)" "$(inside three ip -o link show eth0 | sed 's/.*ether \([^ ]*\).*/\1/')"
check "it stops" systemctl stop container@three
check "no lease is left" same "" "$(find /run/berth/networks -path '*/leases/*')"

# A bridge in a routing table of its own.
printf '[Network]\nSubnet=10.123.9.0/24\nOptions=vrf=red\n' >/etc/berth/red.network
serving red Network=red.network
systemctl daemon-reload
check "without the device there is no network" not systemctl start container-network@red
check "it is named" says container-network@red 'the machine has no interface "red" for vrf='
if ip link add red type vrf table 100; then
    at_end "ip link del red"
    ip link set red up
    check "with it there is" systemctl start container@red
    check "the bridge is a part of it" contains "$(ip -o link show berth-red)" 'master red'
    check "its routes are in that table" contains "$(ip route show table 100)" '10\.123\.9\.0/24 dev berth-red'
    check "it answers there" wait_for 10 answers red ip vrf exec red bash -c "ask $(address_of red) 80"
    systemctl stop container@red
fi

# A bridge whose ports are in a VLAN.
printf '[Network]\nSubnet=10.123.10.0/24\nOptions=vlan=7\n' >/etc/berth/seven.network
serving seven Network=seven.network
serving seventoo Network=seven.network
systemctl daemon-reload
check "two in a VLAN" systemctl start container@seven container@seventoo
check "the bridge looks at it" contains "$(ip -d -o link show berth-seven)" 'vlan_filtering 1'
check "the ports are in it" same 2 "$(bridge vlan show | grep -c ' 7 PVID Egress Untagged')"
check "they reach one another" wait_for 10 answers seventoo inside seven bash -c "ask $(address_of seventoo) 80"
systemctl stop container@seven container@seventoo

# A published port of SCTP, which the machine's own kernel may lack. Once is enough: what differs between the suites is seen with TCP.
if [ "$SUITE" = bookworm ]; then
    require "the kernel has SCTP" modprobe sctp
    printf '[Network]\nSubnet=10.123.11.0/24\n' >/etc/berth/streams.network
    serving streams $'Network=streams.network\nPublishPort=8471:81/sctp\nExec=/usr/bin/socat SCTP4-LISTEN:81,fork,reuseaddr SYSTEM:hostname'
    systemctl daemon-reload
    # Half of such a connection cannot be closed: who asks only reads.
    ask_sctp() { timeout 8 socat -u "SCTP4:$1:$2" -; }
    export -f ask_sctp
    check "a port of SCTP" systemctl start container@streams
    check "outside reaches it" wait_for 20 answers streams outside bash -c 'ask_sctp 192.0.2.1 8471'
    check "the machine does, by its own address" wait_for 20 answers streams ask_sctp 192.0.2.1 8471
    check "and who is on the network" wait_for 20 answers streams ask_sctp "$(address_of streams)" 81
    check "the port is reserved" contains "$(timeout 5 socat SCTP4-LISTEN:8471 /dev/null 2>&1)" "Address already in use"
    systemctl stop container@streams
    check "with its container it goes" not outside bash -c 'ask_sctp 192.0.2.1 8471'
fi
systemctl stop 'container-network@*'
