# Networks that podman keeps, and a container of podman's beside ours on the same bridge: a namespace on a port of it stands for that.
# guests: nspawn
# timeout: 240

make_rootfs /srv/net
add_programs /srv/net /usr/bin/socat
make_outside

put /etc/containers/networks/lan.json <<'END'
{
     "name": "lan",
     "id": "2f259bab93aaaaa2542ba43ef33eb990d0999ee1b9924b557b7be53c0b7a1bb9",
     "driver": "bridge",
     "network_interface": "podman1",
     "created": "2026-01-02T03:04:05.678901234Z",
     "subnets": [
          { "subnet": "10.123.7.0/24", "gateway": "10.123.7.1", "lease_range": { "start_ip": "10.123.7.16", "end_ip": "10.123.7.31" } },
          { "subnet": "fd00:7::/64", "gateway": "fd00:7::1" }
     ],
     "routes": [ { "destination": "10.5.0.0/16", "gateway": "10.123.7.9", "metric": 5 } ],
     "ipv6_enabled": true,
     "internal": false,
     "dns_enabled": true,
     "options": { "mtu": "1400" },
     "ipam_options": { "driver": "host-local" }
}
END
put /etc/containers/networks/odd.json <<'END'
{ "name": "odd", "driver": "bridge", "options": { "mtu": "12" } }
END
at_end "rm -rf /etc/containers/networks"
serving one $'Network=lan\nPublishPort=8080:80'
serving two Network=lan
serving odd Network=odd
serving lost Network=wan
systemctl daemon-reload
require "a container on a network of podman's" systemctl start container@one
check "whose unit is as that of any other" contains "$(unit_property container@one Wants)" 'container-network@lan.service'
check "the bridge has podman's name for it" contains "$(ip addr show podman1)" 'inet 10.123.7.1/24'
check "of both families" contains "$(ip addr show podman1)" 'inet6 fd00:7::1/64'
check "addresses are given from the last one down" same "10.123.7.31 fd00:7::ffff:ffff:ffff:ffff" "$(address_of one | xargs)"
check "with the options" contains "$(inside one ip link show eth0)" 'mtu 1400'
check "and the routes" contains "$(inside one ip route)" '^10.5.0.0/16 via 10.123.7.9 dev eth0 .*metric 5'
check "the published port leads there" wait_for 10 answers one outside bash -c 'ask 192.0.2.1 8080'
check "without podman names are ours to serve" contains "$(wait_for 10 inside one timeout 5 busybox nslookup one 10.123.7.1)" '10.123.7.31'
check "it is in the list" contains "$(berth network --noheadings)" '^lan +bridge +up +10.123.7.0/24'

# Another name, another mistake.
check "a network that nobody has" not systemctl start container@lost
check "is an error with all there are" says container@lost 'lost.container:6:9: error: there is no network "wan"; there are: default; podman has: lan, odd'
check "one that cannot be" not systemctl start container@odd
check "says why" says container@odd 'networks/odd.json: error: "mtu" must be a number of bytes from 68 to 65535, not "12"'

# Podman comes to the same bridge, with its own addresses, which its name server is told.
ip netns add podmans
at_end "ip netns del podmans"
ip link add podmans type veth peer name eth0 netns podmans
ip link set podmans master podman1 up
ip -n podmans addr add 10.123.7.16/24 dev eth0
ip -n podmans link set eth0 up
put /run/containers/networks/aardvark-dns/lan <<'END'
10.123.7.1,fd00:7::1
1b0d 10.123.7.16,10.123.7.30 fd00:7::2 theirs
END
at_end "rm -rf /run/containers"
check "one more of ours" systemctl start container@two
check "takes no address of podman's" same 10.123.7.29 "$(address_of two | head -1)"
check "and reaches its container" inside two busybox ping -c 1 -w 5 10.123.7.16
check "all of ours stop" systemctl stop 'container@*'
check "and the network" systemctl stop container-network@lan
check "the bridge stays for podman's" ip netns exec podmans busybox ping -c 1 -w 5 10.123.7.1
ip link del podmans
check "one of ours starts again" systemctl start container@one
check "and stops" systemctl stop container@one container-network@lan
check "with nobody on it the bridge goes" not ip link show podman1
check "no element is left" not contains "$(nft list table inet berth)" 'podman1|10\.123\.7'

# Where podman is, names are its own to serve.
put /usr/local/bin/podman 755 </dev/null
at_end "rm -f /usr/local/bin/podman"
check "a start beside an installed podman" systemctl start container@one
check "its name server is not ours" not contains "$(cat /run/berth/bundles/one/resolv.conf)" '10.123.7.1$'
check "nor is there a file for ours" not test -e /run/berth/names/lan

# A file of berth's of the same name goes before it.
printf '[Network]\nSubnet=10.123.8.0/24\n' >/etc/berth/lan.network
systemctl stop container@one container-network@lan
systemctl daemon-reload
check "a file of ours comes first" systemctl start container@one
check "with its subnet" contains "$(address_of one)" '^10\.123\.8\.'
