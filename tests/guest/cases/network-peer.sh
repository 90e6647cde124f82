# podman with netavark on the same machine at the same time, with networks of its own and with one for both.
# guests: nspawn
# suites: trixie
# layer: peer
# timeout: 300

make_rootfs /srv/net
add_programs /srv/net /usr/bin/socat
make_outside
podman_settings
serve='socat TCP4-LISTEN:80,fork,reuseaddr SYSTEM:hostname'
podman_runs() { # NAME OPTION...
    podman run -d --rm --name "$1" --hostname "$1" --cgroups=disabled "${@:2}" --rootfs /srv/net:O /bin/sh -c "$serve" >/dev/null
}
at_end "podman rm -fa -t 0 >/dev/null 2>&1; podman network prune -f >/dev/null 2>&1"

podman network create --subnet 10.123.7.0/24 both >/dev/null
put /etc/berth/one.container <<END
[Container]
Rootfs=/srv/net:O
Exec=/bin/sh -c "$serve"
HostName=one
Network=both
PublishPort=8080:80
StopTimeout=1
END
sed 's/=one/=two/; s/^Network=.*//; s/8080/8081/' /etc/berth/one.container >/etc/berth/two.container
systemctl daemon-reload
podman_address() { podman inspect -f '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' "$1"; }
require "podman has a container on the network" podman_runs theirs --network both -p 8090:80
require "and ours come" systemctl start container@one container@two
check "the port of podman's" wait_for 20 answers theirs outside bash -c 'ask 192.0.2.1 8090'
check "and ours, on its network" wait_for 20 answers one outside bash -c 'ask 192.0.2.1 8080'
check "and on our own" wait_for 20 answers two outside bash -c 'ask 192.0.2.1 8081'
check "they reach one another there" answers theirs inside one bash -c "ask $(podman_address theirs) 80"
check "and back" answers one nsenter -t "$(podman inspect -f '{{.State.Pid}}' theirs)" -n bash -c "ask $(address_of one) 80"
require "one more of podman's" podman_runs more --network both
check "takes no address of ours" not same "$(address_of one)" "$(podman_address more)"
require "and one on its default network" podman_runs plain -p 8091:80
check "whose port answers" wait_for 20 answers plain outside bash -c 'ask 192.0.2.1 8091'
check "subnets are not the same" not same "$(podman network inspect podman -f '{{range .Subnets}}{{.Subnet}}{{end}}')" "$(sed -n 1p /var/lib/berth/networks/default)"
podman rm -f -t 0 theirs more plain >/dev/null
check "podman's are gone, ours stay" answers one outside bash -c 'ask 192.0.2.1 8080'
check "ours stop" systemctl stop container@one container@two container-network@both container-network@default
check "and leave podman what it needs" podman_runs theirs --network both -p 8090:80
check "its port answers" wait_for 20 answers theirs outside bash -c 'ask 192.0.2.1 8090'
