# What the container's first process gets: the environment of the service, kernel parameters, limits, devices, the log's tag.
# guests: nspawn

make_rootfs /srv/process
systemctl set-environment http_proxy=http://proxy:3128 SECRET_OF_HOST=1
at_end 'systemctl unset-environment http_proxy SECRET_OF_HOST'
put /srv/process/show 755 <<'EOF_SHOW'
#!/bin/sh
env
echo "score $(cat /proc/self/oom_score_adj) umask $(umask) files $(ulimit -n):$(ulimit -Hn) core $(ulimit -c)"
echo "ttl $(cat /proc/sys/net/ipv4/ip_default_ttl) shm $(df -k /dev/shm | awk 'END { print $2 }')"
echo "device $(ls -l /dev/our/zero | cut -c1) missing $(ls /dev/missing 2>&1)"
head -c 3 /dev/our/zero | wc -c
exec sleep infinity
EOF_SHOW
put /etc/berth/plain.container <<'EOF_UNIT'
[Container]
Rootfs=/srv/process
Exec=/show
Sysctl=net/ipv4/ip_default_ttl=77
ShmSize=1m
AddDevice=/dev/zero:/dev/our/zero:r -/dev/berth-missing:/dev/missing
OomScoreAdjust=123
Umask=0027
Ulimit=nofile=512:1024 core=0
LogOpt=tag=the-tag
StopTimeout=0
EOF_UNIT
put /etc/berth/host-environment.container <<'EOF_UNIT'
[Container]
Rootfs=/srv/process
Exec=/bin/sh -c "env; echo end of it; exec sleep infinity"
EnvironmentHost=yes
StopTimeout=0

[Service]
Environment=FROM_SERVICE=1
EOF_UNIT
put /etc/berth/no-proxy.container <<'EOF_UNIT'
[Container]
Rootfs=/srv/process
Exec=/bin/sh -c "env; echo end of it; exec sleep infinity"
HttpProxy=no
StopTimeout=0
EOF_UNIT
systemctl daemon-reload
require "they start" systemctl start container@plain container@host-environment container@no-proxy

require "all of it is said" says container@plain '^3$'
said=$(journal_of container@plain)
check "the proxy is passed on" contains "$said" '^http_proxy=http://proxy:3128$'
check "the rest of the manager's environment is not" not contains "$said" SECRET_OF_HOST
check "container= and HOSTNAME= are set" contains "$said" '^HOSTNAME=plain$'
check "OOM score, umask and limits" contains "$said" '^score 123 umask 0?027 files 512:1024 core 0$'
check "a kernel parameter, and /dev/shm's size" contains "$said" '^ttl 77 shm 1024$'
check "a device, and none that is missing" contains "$said" '^device c missing ls: '
check "LogOpt=tag= is the identifier" contains "$(journalctl -q -b -o cat -t the-tag)" '^HOSTNAME=plain$'
check "the machine's parameters are as they were" not same 77 "$(cat /proc/sys/net/ipv4/ip_default_ttl)"

require "the service's environment is said" says container@host-environment '^end of it$'
said=$(journal_of container@host-environment)
spec=$(TO_THE_SHELL=1 berth spec host-environment)
check "berth spec has the manager's environment" contains "$spec" '"SECRET_OF_HOST=1"'
check "and the service's" contains "$spec" '"FROM_SERVICE=1"'
check "and not the shell's" not contains "$spec" TO_THE_SHELL
check "EnvironmentHost= passes the manager's on" contains "$said" '^SECRET_OF_HOST=1$'
check "and [Service]'s" contains "$said" '^FROM_SERVICE=1$'
check "but no notification socket" not contains "$said" 'NOTIFY_SOCKET|JOURNAL_STREAM|SYSTEMD_EXEC_PID'
require "HttpProxy=no says its" says container@no-proxy '^end of it$'
check "HttpProxy=no keeps the proxy out" not contains "$(journal_of container@no-proxy)" proxy:3128
systemctl stop container@plain container@host-environment container@no-proxy
check "nothing is left" same "" "$(container_files)"

# Groups of the service, and no control group of the container's own.
put /etc/berth/kept.container <<'EOF_UNIT'
[Container]
Rootfs=/srv/process
Exec=/bin/sh -c "echo groups $(id -G); exec sleep infinity"
GroupAdd=keep-groups
CgroupsMode=disabled
StopTimeout=0

[Service]
SupplementaryGroups=4 29
EOF_UNIT
systemctl daemon-reload
require "it starts" systemctl start container@kept
check "keep-groups keeps the service's" says container@kept '^groups .*4 .*29'
group=$(unit_property container@kept ControlGroup)
check "without a control group of its own it is in the unit's" contains "$(cat "/proc/$(main_pid container@kept)/cgroup")" "^0::$group\$"
check "which has none below" same "" "$(find "/sys/fs/cgroup$group" -mindepth 1 -type d)"
require "it stops" systemctl stop container@kept
check "and nothing is left of it" same "" "$(container_files)"
