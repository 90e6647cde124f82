# Names without aardvark-dns: those of the neighbours that run at a start are in /etc/hosts.
# guests: nspawn
# timeout: 120

make_rootfs /srv/net
add_programs /srv/net /usr/bin/socat
for path in /usr/lib/podman/aardvark-dns /usr/libexec/podman/aardvark-dns; do
    [ -e "$path" ] || continue
    mv "$path" "$path.away"
    at_end "mv $path.away $path"
done

mkdir -p /etc/berth
printf '[Network]\nSubnet=10.123.4.0/24\nSubnet=fd00:123::/64\n' >/etc/berth/lan.network
printf '[Network]\nSubnet=10.123.5.0/24\nDisableDNS=yes\n' >/etc/berth/mute.network
serving db $'Network=lan.network:alias=store\nContainerName=database'
serving other ''
serving web $'Network=lan.network\nNetwork=mute.network'
serving silent Network=mute.network
serving late Network=lan.network
systemctl daemon-reload
require "a start without the program for names" systemctl start container@db container@other container@silent
check "the network says what that means" says container-network@lan 'Containers on the network lan find by name only those that run when they start'
check "one that does not want names says nothing" not contains "$(journal_of container-network@mute)" 'by name'
check "there is no name server then" unit_is container-dns ActiveState inactive
require "a start beside others" systemctl start container@web
hosts=$(cat /run/berth/bundles/web/hosts)
mapfile -t db < <(address_of db)
check "it knows its neighbour, by all names" contains "$hosts" "^${db[0]}	database db store\$"
check "in both families" contains "$hosts" "^${db[1]}	database db store\$"
check "not those on other networks" not contains "$hosts" '	other'
check "nor on one without names" not contains "$hosts" '	silent'
check "a name leads there" answers db wait_for 10 nsenter -t "$(main_pid container@web)" -a /bin/sh -c 'socat -T 3 - TCP:store:80,connect-timeout=3 </dev/null'
require "another later" systemctl start container@late
check "knows both" contains "$(grep -c -E '	(web|database db store)$' /run/berth/bundles/late/hosts)" '^4$'
check "its name servers are the machine's" not contains "$(cat /run/berth/bundles/web/resolv.conf 2>/dev/null)" '10\.123\.4\.1'
check "check says so of networks that want names" contains "$(berth check)" '^/etc/berth/lan.network: warning: containers on it find by name only those that run when they start, as aardvark-dns is not installed'
check "and of no other" not contains "$(berth check mute.network)" 'aardvark'
check "it is a warning only" berth check
systemctl stop 'container@*'
systemctl stop 'container-network@*'
