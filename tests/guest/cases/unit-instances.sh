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

# What is said no more of what systemd was told at an earlier start.
limited() { # SERVICE-LINE...
    { sed '/^Memory=/d; /^PidsLimit=/d; /^\[Service\]/,$d' /etc/berth/limited@.container; printf '[Service]\n'; printf '%s\n' "$@"; } >"$TMP/limited"
    cp "$TMP/limited" /etc/berth/limited@.container
}
cp /etc/berth/limited@.container "$TMP/limited.first"
systemctl set-property --runtime container@limited@one CPUWeight=77
limited CPUQuota=30%
check "it starts with other limits" systemctl start container@limited@one
check "one that has changed" unit_is container@limited@one CPUQuotaPerSecUSec 300ms
for pair in MemoryMax:infinity MemorySwapMax:infinity MemoryHigh:infinity TasksMax:2048; do
    check "a limit that the file says no more is gone: ${pair%:*}" unit_is container@limited@one "${pair%:*}" "${pair#*:}"
done
check "what somebody has set stays" unit_is container@limited@one CPUWeight 77
systemctl stop container@limited@one
limited AllowedCPUs=0 AllowedMemoryNodes=0 CPUQuota=30% CPUQuotaPeriodSec=50ms IODeviceWeight='/dev/null 70' IOWeight=70 \
    IOReadBandwidthMax='/dev/null 1M' IOReadIOPSMax='/dev/null 9' IOWriteBandwidthMax='/dev/null 1M' IOWriteIOPSMax='/dev/null 9' \
    IPAddressAllow=localhost IPAddressDeny=any ManagedOOMSwap=kill MemoryLow=1M MemoryMin=1M \
    SocketBindAllow=ipv4:tcp:80 SocketBindDeny=any
check "every limit that can be set" systemctl start container@limited@one
check "is set" unit_is container@limited@one MemoryLow 1048576
systemctl stop container@limited@one
limited
check "and taken back" systemctl start container@limited@one
for pair in AllowedCPUs: AllowedMemoryNodes: CPUQuotaPerSecUSec:infinity CPUQuotaPeriodUSec:infinity IOWeight:'[not set]' IPAddressAllow: IPAddressDeny: \
    ManagedOOMSwap:auto MemoryLow:0 MemoryMin:0; do
    check "as if it had never been said: ${pair%%:*}" unit_is container@limited@one "${pair%%:*}" "${pair#*:}"
done
check "what somebody has set stays for good" unit_is container@limited@one CPUWeight 77
check "no note is kept of nothing" not test -e /run/berth/limits/limited@one
systemctl stop container@limited@one
cp "$TMP/limited.first" /etc/berth/limited@.container

mkdir -p /etc/systemd/system/multi-user.target.wants
systemctl enable -q container@limited@two
systemctl daemon-reload
require "one that is enabled" systemctl start container@limited@two
check "has its drop-in" unit_is container@limited@two TasksMax 17
check "and all of it" unit_is container@limited@two LimitCORE 0
check "and nothing is said" not contains "$(journal_of container@limited@two)" 'was started by its name'
systemctl stop container@limited@two
systemctl disable -q container@limited@two
