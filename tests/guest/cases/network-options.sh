# What a network's file says of it, seen in the kernel: mtu, metric, ways out, gateways, bridges that others keep, and which subnets are kept.
# guests: nspawn
# timeout: 240

make_rootfs /srv/net
add_programs /srv/net /usr/bin/socat
make_outside

network() { # NAME KEYS
    printf '[Network]\n%s\n' "$2" >"/etc/berth/$1.network"
}
mkdir -p /etc/berth
network optsmall $'Subnet=10.124.1.0/24\nSubnet=fd00:124:1::/64\nOptions=mtu=1400 metric=50'
network optblind $'Subnet=10.124.2.0/24\nOptions=no_default_route=true'
network optgate $'Subnet=10.124.3.0/24\nGateway=10.124.3.254'
network optothers $'Subnet=10.124.4.0/24\nGateway=10.124.4.1\nInterfaceName=optbr0\nOptions=mode=unmanaged'
network optkept IPv6=yes
network optlost NetworkDeleteOnStop=yes
network optnew $'Subnet=10.124.5.0/24\nOptions=isolate=true'
serving optsmall $'Network=optsmall.network\nPublishPort=8460:80\nPublishPort=8461:81/sctp'
serving optblind Network=optblind.network
serving optgate Network=optgate.network
serving optothers Network=optothers.network
serving optkept Network=optkept.network
serving optnew Network=optnew.network
systemctl daemon-reload
address() { address_of "$1" | head -1; }

require "a network with another mtu and metric" systemctl start container@optsmall
check "the container has the mtu" contains "$(inside optsmall ip -o link show eth0)" ' mtu 1400 '
check "its way out has the metric" contains "$(inside optsmall ip route show default)" '^default via 10\.124\.1\.1 dev eth0 .*metric 50'
check "in both families" contains "$(inside optsmall ip -6 route show default)" '^default via fd00:124:1::1 dev eth0 .*metric 50'
check "a port of SCTP is led to it" contains "$(nft list map inet berth ports4)" '(sctp|132) \. 8461 comment "container@optsmall\.service" : 10\.124\.1\.[0-9]+ \. 81'
check "and is on the list" contains "$(berth port optsmall)" '81/sctp +0\.0\.0\.0:8461$'
check "beside one of TCP, which answers" wait_for 10 answers optsmall outside bash -c 'ask 192.0.2.1 8460'

require "a network without a way out" systemctl start container@optblind
check "there is none" same "" "$(inside optblind ip route show default)"
check "neighbours and the machine reach it" wait_for 10 answers optblind ask "$(address optblind)" 80

require "a network whose gateway has another address" systemctl start container@optgate
check "which the bridge has" contains "$(ip -o addr show berth-optgate)" 'inet 10\.124\.3\.254/24'
check "and the way out leads to" contains "$(inside optgate ip route show default)" '^default via 10\.124\.3\.254 '

# A bridge of somebody else's.
check "without the bridge there is no network" not systemctl start container-network@optothers
check "it is named" says container-network@optothers 'the machine has no interface "optbr0" for mode=unmanaged'
ip link add optbr0 type bridge
at_end "ip link del optbr0"
ip addr add 10.124.4.1/24 dev optbr0
ip link set optbr0 up
check "with it there is" systemctl start container@optothers
check "the machine reaches it there" wait_for 10 answers optothers ask "$(address optothers)" 80
check "the packet filter has nothing of it" not contains "$(nft list table inet berth)" 'optbr0|10\.124\.4\.'
check "they stop" systemctl stop container@optothers container-network@optothers
check "the bridge stays as it was" contains "$(ip -o addr show optbr0)" 'inet 10\.124\.4\.1/24'

# What is chosen.
require "a network with subnets that are chosen" systemctl start container@optkept
kept=$(address_of optkept | sed 's/[.:][^.:]*$//' | xargs)
check "of both families" contains "$kept" '^10\.[0-9]+\.[0-9]+ fd'
check "it stops" systemctl stop container@optkept container-network@optkept
check "another one is made and goes" systemctl start container-network@optlost
check "its subnet is on record" test -s /var/lib/berth/networks/optlost
check "it stops, too" systemctl stop container-network@optlost
check "and leaves nothing, as its file says" not test -e /var/lib/berth/networks/optlost
check "the first comes back" systemctl start container@optkept
check "with the subnets that it had" same "$kept" "$(address_of optkept | sed 's/[.:][^.:]*$//' | xargs)"

# A changed file.
require "a network whose file will be changed" systemctl start container@optnew
network optnew Subnet=10.124.7.0/24
check "its restart" systemctl restart container-network@optnew
check "gives the bridge the new address" contains "$(ip -o addr show berth-optnew)" 'inet 10\.124\.7\.1/24'
check "and takes the old one" not contains "$(ip -o addr show berth-optnew)" '10\.124\.5\.1'
check "the packet filter knows nothing of it any more" not contains "$(nft list table inet berth)" '10\.124\.5\.0'
check "nor that it was isolated" not contains "$(nft list set inet berth isolated)" berth-optnew
check "it is said to those who are on it" says container-network@optnew 'optnew is not what it was for the containers on it; restart them'
check "their restart" systemctl restart container@optnew
check "has them there" wait_for 10 answers optnew ask "$(address optnew)" 80
check "at a new address" contains "$(address optnew)" '^10\.124\.7\.'
systemctl stop 'container@opt*'
systemctl stop 'container-network@opt*'
