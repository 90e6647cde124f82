# What networks are for: internal and isolated ones, small ones, and such as have a name that is not their file's.
# guests: nspawn
# timeout: 240

make_rootfs /srv/net
add_programs /srv/net /usr/bin/socat
make_outside

network() { # NAME KEYS
    printf '[Network]\n%s\n' "$2" >"/etc/berth/$1.network"
}
mkdir -p /etc/berth
network open Subnet=10.123.1.0/24
network inner $'Internal=yes\nSubnet=10.123.2.0/24'
network lone $'Options=isolate=true\nSubnet=10.123.3.0/24'
network outward $'Options=outbound_addr4=192.0.2.9 outbound_addr6=2001:db8::9\nSubnet=10.123.7.0/24\nSubnet=fd00:7::/64'
network small Subnet=10.123.4.0/29
network home $'NetworkName=house\nSubnet=10.123.5.0/24'
serving open Network=open.network
serving inner Network=inner.network
serving inner2 Network=inner.network
serving lone $'Network=lone.network\nPublishPort=8083:80'
serving lone2 Network=lone.network
serving named Network=house
serving named2 Network=home.network
serving podman Network=podman
serving outward Network=outward.network
serving lost Network=nowhere
for i in 1 2 3 4 5 6; do
    serving "small$i" Network=small.network
done
systemctl daemon-reload
require "containers on all kinds of networks" \
    systemctl start container@open container@inner container@inner2 container@lone container@lone2 container@named container@named2 container@podman
address() { address_of "$1" | head -1; }
for name in open inner lone named podman; do
    check "$name is reached by the machine" wait_for 10 answers "$name" ask "$(address "$name")" 80
done
outside timeout 200 socat TCP-LISTEN:7000,fork,reuseaddr SYSTEM:'echo world' &
listener=$!
at_end "kill $listener"
check "the outside world answers" wait_for 10 answers world ask 192.0.2.2 7000

# Within, and nowhere else.
check "one on an open network reaches what is outside" answers world inside open bash -c 'ask 192.0.2.2 7000'
check "one on an internal network does not" not inside inner bash -c 'ask 192.0.2.2 7000'
check "it has no way out" same "" "$(inside inner ip route show default)"
check "nor with a route that its root has made" not inside inner bash -c 'ip route add default via 10.123.2.1 && ask 192.0.2.2 7000'
check "its neighbour it does" answers inner2 inside inner bash -c "ask $(address inner2) 80"
check "by name" contains "$(wait_for 10 inside inner timeout 5 busybox nslookup inner2 10.123.2.1)" "$(address inner2)"
check "nobody else reaches it" not inside open bash -c "ask $(address inner) 80"

# Isolated from other networks of ours, not from the world.
check "one on an isolated network reaches what is outside" answers world inside lone bash -c 'ask 192.0.2.2 7000'
check "and its neighbour" answers lone2 inside lone bash -c "ask $(address lone2) 80"
check "others it does not" not inside lone bash -c "ask $(address open) 80"
check "nor they it" not inside open bash -c "ask $(address lone) 80"
check "its ports are for the world" answers lone outside bash -c 'ask 192.0.2.1 8083'
check "between networks without that there is a way" answers named inside open bash -c "ask $(address named) 80"

# Whose address the world sees.
ip addr add 192.0.2.9/24 dev wire
ip -6 addr add 2001:db8::9/64 dev wire nodad
outside timeout 200 socat TCP6-LISTEN:7002,ipv6only=0,fork,reuseaddr SYSTEM:'echo $SOCAT_PEERADDR' &
at_end "kill $!"
require "one whose network has an address for what goes out" systemctl start container@outward
check "is seen as coming from there" becomes_like 10 'c000:0209' inside outward bash -c 'ask 192.0.2.2 7002'
check "in both families" contains "$(wait_for 10 inside outward bash -c 'ask "[2001:db8::2]" 7002')" '2001:0?db8:.*:0*9\]'
check "others are not" contains "$(wait_for 10 inside open bash -c 'ask 192.0.2.2 7002')" 'c000:0201'

# Names.
check "a network by its NetworkName= is that of the file" same "$(sed -n 's/^network \([^ ]*\).*/\1/p' /run/berth/bundles/named/network)" home
check "its unit is wanted" contains "$(unit_property container@named Wants)" 'container-network@home.service'
check "another by the file's finds the one" contains "$(wait_for 10 inside named2 timeout 5 busybox nslookup named 10.123.5.1)" "$(address named)"
check "podman's name of the default network" same "$(sed -n 's/^network \([^ ]*\).*/\1/p' /run/berth/bundles/podman/network)" default
check "a name that is none's" not systemctl start container@lost
check "is an error that says which there are" says container@lost 'lost.container:6:9: error: there is no network "nowhere"; there are: default, home, inner, lone, open, outward, small'

# What is said of all that.
members() { # NETWORK
    berth network --json inspect "$1" | tr -d ' \n'
}
check "a network's subnet, gateway and interface" contains "$(members inner)" '"up":true,"subnets":\["10.123.2.0/24"\],"gateways":\["10.123.2.1"\],"interface":"berth-inner","internal":true,"file":".*inner.network"'
check "who is on it" contains "$(members inner)" '"containers":\[\{"name":"inner",.*\{"name":"inner2",'
check "at which address" contains "$(members inner)" "\"addresses\":\\[\"$(address inner)/24\"\\]"
check "with which ports" contains "$(members lone)" '"ports":\["8083:80/tcp"\]'
check "a network by its name and by its file's" same "$(berth network inspect house)" "$(berth network inspect home)"
check "for people" contains "$(berth network inspect lone)" "^lone +eth0 +$(address lone)/24 .* 8083:80/tcp"
check "the list has all, also what is not up" same 'default house inner lone open outward small' "$(berth network --noheadings | sed 's/ .*//' | sort | xargs)"
check "one is not up" contains "$(berth network)" '^small +bridge +down +10.123.4.0/29'
check "ports" contains "$(berth port lone)" '^lone +80/tcp +0\.0\.0\.0:8083$'
check "of all" same 1 "$(berth port --noheadings | wc -l)"
check "the list of containers has addresses and ports" contains "$(berth list lone)" " $(address lone) +0*8083:80/tcp\$"
keep_json list berth list lone --json
check "so has its JSON" contains "$(berth list lone --json | tr -d ' \n')" "\"addresses\":\[\"$(address lone)\"\],\"ports\":\[\"8083:80/tcp\"\]"
check "those of one that does not run" contains "$(berth port small1 2>&1)" 'The container "small1" does not run'
check "which is for root to see" contains "$(setpriv --reuid nobody --clear-groups berth --system network 2>&1)" 'Permission denied; berth network needs root'

# A container from an image, by two lines, as the README has it.
mkdir -p "$TMP/www/srv"
echo hello >"$TMP/www/srv/index.html"
make_image /srv/web-layout:1 /srv/net "$TMP/www" -- --config.cmd=/bin/httpd --config.cmd=-f --config.cmd=-h --config.cmd=/srv
put /etc/berth/readme.container <<'END'
[Container]
Image=oci:/srv/web-layout:1
PublishPort=8080:80
END
systemctl daemon-reload
check "the README's container starts" systemctl start container@readme
check "and answers where it says" same hello "$(wait_for 10 busybox wget -qO- http://127.0.0.1:8080/)"
systemctl stop container@readme
rm /etc/berth/readme.container

# Of two files that want the same addresses the first has them.
network zone Subnet=10.123.5.128/25
check "a subnet that overlaps another file's is no network" not systemctl start container-network@zone
check "and names both places" says container-network@zone 'zone.network:2:8: error: the subnet 10.123.5.128/25 overlaps 10.123.5.0/24 of /etc/berth/home.network:3'
check "also when it is checked" contains "$(berth check zone.network)" 'zone.network:2:8: error: the subnet 10.123.5.128/25 overlaps 10.123.5.0/24 of /etc/berth/home.network:3'
rm /etc/berth/zone.network

# A subnet of eight addresses: its own, the gateway's, five, and that for broadcasts.
for i in 1 2 3 4 5; do
    check "container $i of 5 gets an address" systemctl start "container@small$i"
done
check "the sixth does not" not systemctl start container@small6
check "and is told why" says container@small6 'small6.container:6:9: error: the network "small" has no free address left'
check "what it has tried is undone" same 5 "$(find /run/berth/networks/small/leases -type f | wc -l)"
check "one stops" systemctl stop container@small3
check "and there is room" systemctl start container@small6
check "which it answers at" wait_for 10 answers small6 ask "$(address small6)" 80
systemctl stop 'container@*'
systemctl stop 'container-network@*'
