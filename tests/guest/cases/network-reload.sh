# The packet filter is not ours alone: somebody empties it, restarts its service, drops what is forwarded, as docker does.
# guests: nspawn
# timeout: 240

make_rootfs /srv/net
add_programs /srv/net /usr/bin/socat
make_outside

mkdir -p /etc/berth
printf '[Network]\nSubnet=10.123.4.0/24\nSubnet=fd00:123::/64\n' >/etc/berth/lan.network
printf '[Network]\nSubnet=10.123.5.0/24\nOptions=isolate=true\n' >/etc/berth/lone.network
printf '[Network]\nSubnet=10.123.6.0/24\nInternal=yes\n' >/etc/berth/inner.network
serving web $'Network=lan.network\nPublishPort=8080:80\nPublishPort=9000-9009:9000-9009/udp\nPublishPort=192.0.2.1:8088:80' $'[Unit]\nStartLimitIntervalSec=0'
serving lone $'Network=lone.network\nPublishPort=8081:80' $'[Unit]\nStartLimitIntervalSec=0'
serving inner Network=inner.network $'[Unit]\nStartLimitIntervalSec=0'
serving late $'Network=lan.network\nPublishPort=8082:80' $'[Unit]\nStartLimitIntervalSec=0'
systemctl daemon-reload
require "containers on three networks" systemctl start container@web container@lone container@inner
check "one answers outside" wait_for 10 answers web outside bash -c 'ask 192.0.2.1 8080'
# In any order: elements have none, nor the lines that they are listed on.
rules() { nft list table inet berth | sed 's/counter packets.*//; s/elements = {//' | tr ',}' '\n\n' | sed 's/^[[:space:]]*//; s/[[:space:]]*$//; /^$/d' | LC_ALL=C sort; }
before=$(rules)
check "rules name the units" contains "$before" 'container@web.service'
outside timeout 200 socat TCP-LISTEN:7000,fork,reuseaddr SYSTEM:'echo world' &
at_end "kill $!"
all_as_before() {
    same "$before" "$(rules)" && answers web outside bash -c 'ask 192.0.2.1 8080' && answers web outside bash -c 'ask "[2001:db8::1]" 8080' &&
        answers lone ask 127.0.0.1 8081 && answers web ask 192.0.2.1 8088 && answers world inside web bash -c 'ask 192.0.2.2 7000'
}
check "as it is" wait_for 10 all_as_before
# Both are asked at once, as each says nothing for three seconds.
not_reached() { # TITLE-SUFFIX
    local isolated waited=0
    inside lone bash -c "ask $(address_of web | head -1) 80" >/dev/null 2>&1 &
    isolated=$!
    check "internal$1" not inside web bash -c "ask $(address_of inner | head -1) 80"
    wait "$isolated" || waited=$?
    check "isolated$1" not same 0 "$waited"
}
not_reached ""

nft flush ruleset
check "nothing is led anywhere without rules" not ask 127.0.0.1 8080
check "the documented unit is started" systemctl start berth-network-reload
check "and all is as before, to the comments" wait_for 10 all_as_before
not_reached " again"
check "once more changes nothing" systemctl start berth-network-reload
check "and all is as before (again)" wait_for 10 all_as_before

# The distribution's own service, whose configuration begins by emptying all.
put /etc/nftables.conf 755 <<'END'
#!/usr/sbin/nft -f
flush ruleset
table inet filter {
        chain forward { type filter hook forward priority filter; policy accept; }
}
END
systemctl start nftables
check "after its start" wait_for 10 all_as_before
systemctl reload nftables
check "after a reload" wait_for 10 all_as_before
systemctl restart nftables
check "after a restart" wait_for 10 all_as_before
systemctl stop nftables
check "a stop empties all" not ask 127.0.0.1 8080
systemctl start nftables
check "the next start does not leave it so" wait_for 10 all_as_before
systemctl stop nftables

# Without the table a start makes it.
nft flush ruleset
check "a start meets no table" systemctl start container@late
check "and its port leads to it" wait_for 10 answers late outside bash -c 'ask 192.0.2.1 8082'
check "so do the others'" answers web outside bash -c 'ask 192.0.2.1 8080'
check "it stops" systemctl stop container@late
check "all is as before it" wait_for 10 all_as_before

# A stop while rules are put back leaves none of its own.
for i in 1 2 3 4 5 6 7 8; do
    systemctl start container@late
    systemctl start --no-block berth-network-reload
    sleep "0.0$i"
    systemctl stop container@late
done
wait_for 10 unit_is berth-network-reload ActiveState inactive >/dev/null
check "stops and reloads side by side" wait_for 10 all_as_before

# Docker drops what is forwarded, and has a chain for those who want something to pass.
docker_rules() {
    nft -f - <<'END'
table ip filter {
        chain DOCKER-USER { counter return; }
        chain FORWARD { type filter hook forward priority filter; policy drop; jump DOCKER-USER; }
}
END
}
docker_rules
check "dropped, as docker has it" not outside bash -c 'ask 192.0.2.1 8080'
put /run/systemd/system/docker.service <<'END'
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/true
END
at_end "rm /run/systemd/system/docker.service; systemctl daemon-reload"
systemctl daemon-reload
check "its start is followed by ours" systemctl start docker
check "which lets our bridges pass" wait_for 10 all_as_before
check "by a rule that says whose it is" contains "$(nft list chain ip filter DOCKER-USER)" 'iifname "berth-lan" .*accept comment "container-network@lan.service"'
systemctl start berth-network-reload
check "once" same 2 "$(nft list chain ip filter DOCKER-USER | grep -c 'container-network@lan.service')"
check "the network goes" systemctl stop container@web container-network@lan
check "and with it its rules there" same 0 "$(nft list chain ip filter DOCKER-USER | grep -c 'container-network@lan.service')"
check "others stay" same 2 "$(nft list chain ip filter DOCKER-USER | grep -c 'container-network@lone.service')"
check "it comes back" systemctl start container@web

# A network whose unit stops with a container on it stays for that, and no longer.
check "a network whose file is gone" mv /etc/berth/lone.network "$TMP/lone.network"
systemctl daemon-reload
check "is stopped" systemctl stop container-network@lone
check "and is there for the container on it" wait_for 10 answers lone ask 127.0.0.1 8081
check "which goes" systemctl stop container@lone
check "and with it the bridge" not ip link show berth-lone
check "what was written down" not test -e /run/berth/networks/lone
check "and what the packet filter had of it" not contains "$(nft list table inet berth)" '10\.123\.5\.|berth-lone'
mv "$TMP/lone.network" /etc/berth/lone.network
systemctl daemon-reload
check "with its file it comes back" systemctl start container@lone
check "and answers" wait_for 10 answers lone ask 127.0.0.1 8081
systemctl restart container-network@lone
check "one that is restarted with a container on it stays" systemctl stop container@lone
check "when that has ended" ip link show berth-lone
systemctl start container@lone
check "and answers" wait_for 10 answers web outside bash -c 'ask 192.0.2.1 8080'

# Another default of dropping nobody can help with, but it is said.
nft delete table ip filter
nft 'add table inet strict; add chain inet strict gate { type filter hook forward priority 10; policy drop; }'
systemctl restart container-network@lan
check "somebody's own drops are named" says container-network@lan \
    'warning: the chain "gate" of the table "inet strict" drops what is forwarded by default: containers on the network lan .* "berth-lan"'
nft delete table inet strict
systemctl stop 'container@*'
systemctl stop 'container-network@*'
