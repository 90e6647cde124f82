# Instances of a template that are started by their name, of which the generator knows nothing.
# guests: nspawn
# timeout: 120

make_rootfs /srv/instances
put /etc/berth/limited@.container <<'END'
[Container]
Rootfs=/srv/instances
Network=none
Exec=/bin/sh -c "trap 'exit 0' TERM; while :; do sleep 1000 & wait; done"
Memory=64m
PidsLimit=17

[Service]
CPUQuota=50%
MemoryHigh=48M
LimitCORE=0
END
systemctl daemon-reload
require "an instance starts by its name" systemctl start container@limited@one
check "Memory= is its limit" unit_is container@limited@one MemoryMax 67108864
check "and that of swap" unit_is container@limited@one MemorySwapMax 67108864
check "PidsLimit= as well" unit_is container@limited@one TasksMax 17
check "and what [Service] has of limits" unit_is container@limited@one MemoryHigh 50331648
check "CPUQuota=" unit_is container@limited@one CPUQuotaPerSecUSec 500ms
check "it is said what is not so" says container@limited@one 'warning: container@limited@one.service was started by its name, .* not been told of LimitCORE= in'
systemctl stop container@limited@one

mkdir -p /etc/systemd/system/multi-user.target.wants
systemctl enable -q container@limited@two
systemctl daemon-reload
require "one that is enabled" systemctl start container@limited@two
check "has its drop-in" unit_is container@limited@two TasksMax 17
check "and all of it" unit_is container@limited@two LimitCORE 0
check "and nothing is said" not says container@limited@two 'was started by its name'
systemctl stop container@limited@two
systemctl disable -q container@limited@two
