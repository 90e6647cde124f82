# firewalld beside ours: bridges are in its trusted zone, and stay there over its reloads and restarts.
# guests: nspawn
# layer: firewalld
# timeout: 240

wait_for 60 firewall-cmd --state >/dev/null || skip "firewalld does not run here: $(journalctl -q -b -o cat -u firewalld | tail -n 2)"
make_rootfs /srv/net
add_programs /srv/net /usr/bin/socat
make_outside
outside timeout 200 socat TCP-LISTEN:7000,fork,reuseaddr SYSTEM:'echo world' &
at_end "kill $!"

put /etc/berth/lan.network <<'END'
[Network]
Subnet=10.123.4.0/24
END
put /etc/berth/web.container <<'END'
[Container]
Rootfs=/srv/net:O
Exec=/usr/bin/socat TCP4-LISTEN:80,fork,reuseaddr SYSTEM:hostname
HostName=web
Network=lan.network
PublishPort=8080:80
StopTimeout=1
END
systemctl daemon-reload
require "a container on a bridge" systemctl start container@web
zone() { firewall-cmd --get-zone-of-interface="${1:-berth-lan}"; }
works() {
    same trusted "$(zone)" && answers web outside bash -c 'ask 192.0.2.1 8080' && answers world inside web bash -c 'ask 192.0.2.2 7000'
}
check "the bridge is trusted, and all of it works" wait_for 20 works
check "a reload of firewalld" systemctl reload firewalld
check "leaves it so" wait_for 20 works
check "firewall-cmd --reload, of which systemd does not know" firewall-cmd --reload
check "the documented unit" systemctl start berth-network-reload
check "puts right" wait_for 20 works
check "a restart of firewalld" systemctl restart firewalld
check "is followed by ours" wait_for 30 works

# Somebody's own choice of a zone.
firewall-cmd -q --zone=trusted --remove-interface=berth-lan
firewall-cmd -q --zone=work --add-interface=berth-lan
check "somebody puts the bridge elsewhere" same work "$(zone)"
systemctl start berth-network-reload
check "and it stays there" same work "$(zone)"
firewall-cmd -q --zone=work --remove-interface=berth-lan

# Not started for us.
systemctl stop firewalld
systemctl restart container-network@lan
check "firewalld that was stopped is not started" unit_is firewalld ActiveState inactive
check "and nothing is missing" answers web outside bash -c 'ask 192.0.2.1 8080'
systemctl start firewalld
check "until it is" wait_for 30 works
systemctl stop container@web container-network@lan
