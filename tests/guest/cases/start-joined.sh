# A container in the namespaces of another one, and in namespaces by path.
# guests: nspawn
# timeout: 120

make_rootfs /srv/joined
put /etc/berth/base.container <<'EOF'
[Container]
Rootfs=/srv/joined
HostName=basement
AddHost=cellar:192.0.2.7
DNS=192.0.2.53
ShmSize=3m
Exec=/bin/sh -c "echo from base >/dev/shm/file; echo ready; trap 'exit 0' TERM; while :; do sleep 1000 & wait; done"
EOF
# It shows what it sees, and stays.
put /srv/joined/look <<'EOF'
trap 'exit 0' TERM
cat /etc/hosts /etc/resolv.conf /dev/shm/file
echo "name: $(hostname) $HOSTNAME $(cat /etc/hostname)"
echo done
while :; do sleep 1000 & wait; done
EOF
looking() { # NAME KEYS
    put "/etc/berth/$1.container" <<EOF
[Container]
Rootfs=/srv/joined
Exec=/bin/sh /look
$2
EOF
}
all=$'PidNS=base.container\nIpcNS=container:base\nUtsNS=base.container\nCgroupNS=base.container\nNetwork=base.container'
looking joined "$all"
looking runc "$all"$'\nRuntime=runc'
systemctl daemon-reload

# The namespace of a unit's main process.
namespace() { # NAME TYPE
    readlink "/proc/$(main_pid "container@$1")/ns/$2"
}

for name in joined runc; do
    require "$name: starts" systemctl start "container@$name"
    check "$name: and base with it" unit_is container@base ActiveState active
    check "$name: has looked around" says "container@$name" '^done$'
    check "$name: berth spec says the same of /dev/shm" contains "$(berth spec "$name")" "\"source\": \"/run/berth/bundles/$name/shm\""
    for type in pid ipc uts cgroup net; do
        check "$name: $type is that of base" same "$(namespace base $type)" "$(namespace $name $type)"
    done
    check "$name: its mounts are its own" not same "$(namespace base mnt)" "$(namespace $name mnt)"
    out=$(journal_of "container@$name")
    check "$name: the hosts of base" contains "$out" '^192.0.2.7	cellar$'
    check "$name: the name servers of base" contains "$out" '^nameserver 192.0.2.53$'
    check "$name: the host name of base, everywhere" contains "$out" '^name: basement basement basement$'
    check "$name: the shared memory of base" contains "$out" '^from base$'
    check "$name: base stops" systemctl stop container@base
    check "$name: and it stops with base" wait_for 20 unit_is "container@$name" ActiveState inactive
    check "$name: nothing is left" same "" "$(container_files)"
done

# On another's network, what a container knows of hosts becomes the other's, too, once.
looking side $'Network=base.container\nHostName=side\nContainerName=aside\nAddHost=attic:192.0.2.8'
looking nowhere $'Network=base.container\nAddHost=gate:host-gateway'
systemctl daemon-reload
for _ in 1 2 3; do
    require "side: starts" systemctl start container@side
    require "side: stops" systemctl stop container@side
done
hosts=$(cat /run/berth/bundles/base/hosts)
check "side: its entry is in the hosts of base" same 1 "$(grep -cx '192.0.2.8	attic' <<<"$hosts")"
check "side: and its names" same 1 "$(grep -cx '127.0.0.1	side aside' <<<"$hosts")"
check "side: has seen them" contains "$(journal_of container@side)" '^192.0.2.8	attic$'
require "base: starts again" systemctl restart container@base
check "what base did not have before it has no more" not contains "$(cat /run/berth/bundles/base/hosts)" 'attic'
check "host-gateway is that of base" systemctl start container@nowhere
check "by its own entry" contains "$(cat /run/berth/bundles/base/hosts)" "^$(sed -n 's/	host.containers.internal.*//p' /run/berth/bundles/base/hosts)	gate\$"
systemctl stop 'container@*'

# What is not there to be joined. systemd itself starts nothing that is bound to a unit that is not active; this one is, and its payload has ended.
put /etc/berth/ended.container <<'EOF'
[Container]
Rootfs=/srv/joined
Exec=/bin/true

[Service]
Type=oneshot
RemainAfterExit=yes
EOF
looking late $'PidNS=ended.container\nNetwork=container:ended'
systemctl daemon-reload
failure() { # NAME
    systemctl start "container@$1" || :
    journal_of "container@$1"
}
out=$(failure late)
check "a container that does not run is named with its line" contains "$out" \
    'late.container:4:7: error: the container "ended" does not run; its unit is container@ended.service'
check "at each of its namespaces" contains "$out" 'late.container:5:9: error: the container "ended" does not run'
systemctl stop container@ended

# The kernel says EINVAL of that. No start ends without a word.
put /etc/berth/closed.container <<'EOF'
[Container]
Rootfs=/srv/joined
Tmpfs=/dev/shm:unbindable
Runtime=runc
Exec=/bin/sh -c "trap 'exit 0' TERM; while :; do sleep 1000 & wait; done"
EOF
looking outside "IpcNS=closed.container"
systemctl daemon-reload
require "a container whose /dev/shm nobody can mount starts" systemctl start container@closed
out=$(failure outside)
check "joining its IPC namespace fails with the reason" contains "$out" \
    'outside.container:4:7: error: the /dev/shm of "closed" cannot be shared: it is mounted as unbindable$'
systemctl stop container@closed

# By path.
mkdir -p /run/netns /etc/netns/cellar
echo "nameserver 192.0.2.99" >/etc/netns/cellar/resolv.conf
touch /run/netns/cellar
unshare --net=/run/netns/cellar true
at_end "umount /run/netns/cellar"
looking path "Network=ns:/run/netns/cellar"
looking wrong $'IpcNS=ns:/run/netns/cellar\nUtsNS=ns:/etc/passwd\nPidNS=ns:/run/none'
systemctl daemon-reload
require "a network namespace by path" systemctl start container@path
check "is what it is in" same "net:[$(stat -Lc %i /run/netns/cellar)]" "$(namespace path net)"
check "with its name servers" says container@path '^nameserver 192.0.2.99$'
check "stop" systemctl stop container@path
check "the namespace is still there" mountpoint -q /run/netns/cellar
out=$(failure wrong)
check "a namespace of another kind" contains "$out" 'wrong.container:4:7: error: "/run/netns/cellar" is no ipc namespace$'
check "a file that is none" contains "$out" 'wrong.container:5:7: error: "/etc/passwd" is no namespace$'
check "a path that does not exist" contains "$out" 'wrong.container:6:7: error: the namespace "/run/none": No such file or directory$'
check "nothing is left" same "" "$(container_files)"
