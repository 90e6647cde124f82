# Many containers on one bridge: started together, all reachable, and the rules still to be read by people.
# guests: nspawn
# timeout: 400

count=$(rounds 100 300)
make_rootfs /srv/net
add_programs /srv/net /usr/bin/socat
make_outside

mkdir -p /etc/berth
printf '[Network]\nSubnet=10.123.0.0/20\nSubnet=fd00:123::/64\n' >/etc/berth/lan.network
units=()
for ((i = 1; i <= count; i++)); do
    put "/etc/berth/many$i.container" <<END
[Container]
Rootfs=/srv/net
ReadOnly=yes
Exec=/usr/bin/socat TCP6-LISTEN:80,ipv6only=0,fork,reuseaddr SYSTEM:hostname
HostName=many$i
Network=lan.network
PublishPort=$((20000 + i)):80
StopTimeout=1
END
    units+=("container@many$i.service")
done
systemctl daemon-reload
check "$count start together" systemctl start "${units[@]}"
all_answer() { # by their addresses and by their ports
    local i
    for ((i = 1; i <= count; i++)); do
        answers "many$i" ask "$(address_of "many$i" | head -1)" 80 || return 1
        answers "many$i" ask 127.0.0.1 $((20000 + i)) || return 1
    done
}
check "each is reachable" wait_for 120 all_answer
check "the last from outside" answers "many$count" outside bash -c "ask 192.0.2.1 $((20000 + count))"
check "each has addresses of its own" same $((2 * count)) "$(cat /run/berth/bundles/*/network | sed -n 's/^address //p' | sort -u | wc -l)"
check "the first finds the last by name" contains "$(wait_for 10 inside many1 timeout 5 busybox nslookup "many$count" 10.123.0.1)" "$(address_of "many$count" | head -1)"
check "each is on the network's list" same "$count" "$(berth network --json inspect lan | grep -c '"name": "many')"
check "and its port on that of ports" same $((2 * count)) "$(berth port --noheadings | wc -l)"
check "no process of ours stays" same 0 "$(pgrep -fc '^[^ ]*berth-helper' || :)"
check "one for all names" same 1 "$(pgrep -fc aardvark-dns)"

# One set of rules, and an element with a name for each.
rules=$(nft list table inet berth)
check "the rules are as many as ever" contains "$(grep -cE '(accept|drop|masquerade|jump publish|dnat .*)$' <<<"$rules")" '^[0-9]{2}$'
check "an element a port and family" same $((2 * count)) "$(grep -oE 'comment "container@many[0-9]+\.service"' <<<"$rules" | wc -l)"
check "each says whose it is and where it leads" contains "$rules" '(tcp|6) \. 20001 comment "container@many1\.service" : 10\.123\.[0-9.]+ \. 80'

check "all stop together" systemctl stop "${units[@]}"
check "no lease is left" same 0 "$(find /run/berth/networks/lan/leases -type f | wc -l)"
check "no element" same 0 "$(nft list table inet berth | grep -c 'container@' || :)"
no_ports() { same 0 "$(find /sys/class/net/berth-lan/brif -mindepth 1 | wc -l)"; }
check "no interface" wait_for 60 no_ports
check "no bundle" same "" "$(container_files)"
check "the network stops" systemctl stop container-network@lan
