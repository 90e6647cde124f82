# Containers on bridges: the default network and that of a file, addresses, published ports from everywhere, and what is left.
# guests: nspawn
# timeout: 240

make_rootfs /srv/net
add_programs /srv/net /usr/bin/socat

# Who is root of a user namespace alone cannot make the places of what is mounted.
mkdir -p /srv/net/{usr,var}
touch /srv/net/etc/{hosts,hostname,resolv.conf} /srv/net/run/.containerenv

# What answers at ports 80 and 81 says who it is, and at port 82 whom it sees; port 53 is an echo.
cat >/srv/net/serve <<'END'
trap 'exit 0' TERM
socat TCP6-LISTEN:80,ipv6only=0,fork,reuseaddr SYSTEM:hostname &
socat TCP6-LISTEN:81,ipv6only=0,fork,reuseaddr SYSTEM:hostname &
socat TCP6-LISTEN:82,ipv6only=0,fork,reuseaddr SYSTEM:'echo $SOCAT_PEERADDR' &
socat UDP6-RECVFROM:53,ipv6only=0,fork EXEC:cat &
echo ready
while :; do sleep 1000 & wait $!; done
END

serving() { # NAME KEYS
    put "/etc/berth/$1.container" <<END
[Container]
Rootfs=/srv/net:O
Exec=/bin/sh /serve
HostName=$1
$2

[Unit]
StartLimitIntervalSec=0
END
}

make_outside

put /etc/berth/lan.network <<'END'
[Network]
Subnet=10.123.4.0/24
Subnet=fd00:123::/64
IPRange=10.123.4.16/28
IPRange=fd00:123::100-fd00:123::200
END
serving web $'PublishPort=8080:80\nPublishPort=5353:53/udp\nPublishPort=127.0.0.1:8081:80\nPublishPort=9000-9002:9000-9002\nPublishPort=9100-9101:80-81\nPublishPort=8085:82'
serving both $'Network=lan.network\nPublishPort=8082:80\nPublishPort=[2001:db8::1]:8083:80\nPublishPort=80\nNetworkAlias=further'
serving static $'Network=lan.network\nIP=10.123.4.5\nIP6=fd00:123::5'
serving two $'Network=lan.network:ip=10.123.4.6,mac=02:00:00:00:00:99,interface_name=lan0\nNetwork=bridge'
serving alone $'Network=none'
serving spaced $'UserNS=auto\nPublishPort=8084:80'
systemctl daemon-reload

require "a container without Network= starts" systemctl start container@web
check "by its network's unit" unit_is container-network@default ActiveState active
check "its payload is ready" says container@web '^ready$'
require "one on the network of a file" systemctl start container@both
check "its payload is ready" says container@both '^ready$'
check "the bridge is there" ip link show berth0
check "that of the file has its gateways" contains "$(ip addr show berth-lan)" 'inet 10.123.4.1/24'
check "of both families" contains "$(ip addr show berth-lan)" 'inet6 fd00:123::1/64'
check "an address of the range" contains "$(address_of both)" '^10\.123\.4\.1[6-9]$'
check "an IPv6 address of the range" contains "$(address_of both)" '^fd00:123::1..$'

web=$(address_of web) both=$(address_of both | head -1) both6=$(address_of both | tail -1)
check "it is in /etc/hosts" contains "$(cat /run/berth/bundles/web/hosts)" "^$web	web$"
check "and so is the machine" contains "$(cat /run/berth/bundles/web/hosts)" '	host.containers.internal host.docker.internal$'
check "reached from the machine, at its own address" answers web wait_for 5 ask "$web" 80
check "at its own IPv6 address" answers both wait_for 5 ask "[$both6]" 80
check "by 127.0.0.1" answers web ask 127.0.0.1 8080
check "by an address of the machine" answers web ask 192.0.2.1 8080
check "from outside" answers web outside bash -c 'ask 192.0.2.1 8080'
check "from outside, by IPv6" answers both outside bash -c 'ask "[2001:db8::1]" 8082'
check "at one IPv6 address only" answers both outside bash -c 'ask "[2001:db8::1]" 8083'
check "whose address it sees" contains "$(outside bash -c 'ask 192.0.2.1 8085')" 'c000:0202'
check "UDP from outside" answers pong outside bash -c 'ask_udp 192.0.2.1 5353'
check "UDP from the machine" answers pong ask_udp 127.0.0.1 5353
check "a port of 127.0.0.1 from the machine" answers web ask 127.0.0.1 8081
check "and not from outside" not outside bash -c 'ask 192.0.2.1 8081'
check "the first of a range with other numbers" answers web ask 127.0.0.1 9100
check "from a neighbour on another network, by the machine's address" answers web inside both bash -c 'ask 192.0.2.1 8080'
check "by the machine's IPv6 address" answers both inside both bash -c 'ask "[2001:db8::1]" 8082'
check "from the container itself, by the machine's address" answers web inside web bash -c 'ask 192.0.2.1 8080'
check "from the container itself, by the gateway" answers web inside web bash -c 'ask 10.89.0.1 8080'
check "a container reaches what is outside" contains "$(outside timeout 60 socat -u TCP-LISTEN:7000,reuseaddr - & inside web bash -c 'echo hello | socat -u - TCP:192.0.2.2:7000,retry=200,interval=0.1'; wait)" hello
port=$(sed -n 's/^tcp 0.0.0.0 \([0-9]*\) .* 80 1$/\1/p' /run/berth/bundles/both/ports | grep -v 8082)
check "a port that was chosen" answers both ask 127.0.0.1 "$port"
check "the elements name the unit" contains "$(nft list map inet berth ports4)" 'container@web.service'

# Names.
check "one name server for all" unit_is container-dns ActiveState active
check "it is the container's" contains "$(cat /run/berth/bundles/both/resolv.conf)" '^nameserver 10.123.4.1$'
check "a neighbour by name" contains "$(wait_for 10 inside both bash -c 'timeout 5 busybox nslookup both 10.123.4.1')" "$both"
check "by alias, in IPv6" contains "$(wait_for 10 inside both bash -c 'timeout 5 busybox nslookup further 10.123.4.1')" 'fd00:123::1'
check "names are those of the network" not contains "$(inside both bash -c 'timeout 5 busybox nslookup web 10.123.4.1' || :)" "$web"

# Addresses that are given.
require "a static address" systemctl start container@static
check "is the container's" same "10.123.4.5 fd00:123::5" "$(address_of static | xargs)"
require "two networks" systemctl start container@two
check "each with an interface, by name" contains "$(inside two ip -o addr)" 'lan0 +inet 10.123.4.6/24'
check "and another" contains "$(inside two ip -o addr)" 'eth1 +inet 10.89.0.'
check "with its address" contains "$(inside two ip -o link show lan0)" '02:00:00:00:00:99'
check "one way out" same 1 "$(inside two ip route show default | wc -l)"
require "none" systemctl start container@alone
check "is no network" same 1 "$(inside alone ip -o link | wc -l)"
require "with a user namespace" systemctl start container@spaced
check "the payload is ready" says container@spaced '^ready$'
check "the port leads there, too" answers spaced wait_for 5 ask 127.0.0.1 8084

# What cannot be.
serving taken $'PublishPort=8080:80'
serving same $'Network=lan.network\nIP=10.123.4.5'
serving foreign $'Network=lan.network\nIP=10.9.9.9'
serving missing $'Network=wan.network'
socat TCP-LISTEN:7777,fork SYSTEM:true &
busy=$!
at_end "kill $busy"
serving busy $'PublishPort=7777:80'
put /etc/berth/clash.network <<'END'
[Network]
Subnet=192.0.2.0/25
END
systemctl daemon-reload
failure() { # NAME
    systemctl start "container@$1" 2>/dev/null || :
    journal_of "container@$1"
}
check "a port of another container" contains "$(failure taken)" 'taken.container:5:1: error: port 8080/tcp is taken by the container "web"'
check "a port of another program" contains "$(failure busy)" 'busy.container:5:1: error: port 7777/tcp is taken by socat \(process [0-9]+\)'
check "an address of another container" contains "$(failure same)" 'same.container:6:1: error: the address 10.123.4.5 is that of the container "static"'
check "an address of no subnet" contains "$(failure foreign)" 'foreign.container:6:1: error: 10.9.9.9 is in no subnet of the network "lan"'
check "a network that is not there" contains "$(failure missing)" 'missing.container:5:9: error: the network "wan" is not there'
systemctl start container-network@clash 2>/dev/null || :
check "a subnet of the machine's" contains "$(journal_of container-network@clash)" 'clash.network:2:1: error: the subnet 192.0.2.0/25 is in use already: the machine has a route to it by wire|overlaps'

# Restarts leave one of everything.
for _ in 1 2 3 4 5; do
    systemctl restart container@web
done
check "after restarts it answers" says container@web '^ready$'
check "at its port" answers web wait_for 10 ask 127.0.0.1 8080
check "there is one lease" same 1 "$(find /run/berth/networks/default/leases -type f -exec grep -l '^web$' {} + | wc -l)"
check "and one element" same 1 "$(nft list map inet berth ports4 | grep -o '8080 comment' | wc -l)"

# Somebody empties the packet filter.
nft flush ruleset
check "nothing is led anywhere then" not ask 127.0.0.1 8080
check "the networks are restarted" systemctl restart container-network@default container-network@lan
check "and all is as before" answers web ask 127.0.0.1 8080
check "from outside" answers web outside bash -c 'ask 192.0.2.1 8080'

# The end.
check "stop" systemctl stop 'container@*'
check "no lease is left" same "" "$(find /run/berth/networks -path '*/leases/*')"
check "no bundle" same "" "$(container_files)"
check "no element" not contains "$(nft list table inet berth)" 'container@'
check "the interfaces of containers go" becomes 20 0 eval 'ip -o link show type veth | grep -c master'
check "the networks stop" systemctl stop 'container-network@*'
check "names end with them" wait_for 10 unit_is container-dns ActiveState inactive
systemctl start container-dns # as a network asked for that is gone by then
check "and do not begin without one" same "success inactive 0" \
    "$(systemctl show --value -p ActiveState -p Result -p NRestarts container-dns | sort -r | xargs)"
check "no bridge is left" same "" "$(ip -o link show type bridge)"
check "the default subnet is kept" contains "$(cat /var/lib/berth/networks/default)" '^10\.'

# Nobody's default.
ln -s /dev/null /etc/berth/default.network
serving plain ''
systemctl daemon-reload
check "the default network masked" systemctl start container@plain
check "is no network" same 1 "$(inside plain ip -o link | wc -l)"
