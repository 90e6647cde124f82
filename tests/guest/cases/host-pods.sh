# What limits a pod limits all of it together; and with SELinux, on Debian 13, its containers have one level and use one another's files.
# guests: qemu
# timeout: 180

make_rootfs /srv/limited
mkdir -p /srv/limited-data
at_end 'systemctl stop container-pod@limited; systemctl revert berth-limited.slice; rm -rf /srv/limited /srv/limited-data'
put /etc/berth/limited.pod <<'END'
[Pod]
Network=none
Volume=/srv/limited-data:/data:Z

[Service]
MemoryMax=96M
MemorySwapMax=0
TasksMax=40
END
member() { # NAME COMMAND [KEYS]
    put "/etc/berth/limited-$1.container" <<END
[Container]
Rootfs=/srv/limited:O
Exec=$2
Pod=limited.pod
${3:-}
END
}
stay='cat /proc/self/attr/current; echo ready; trap \"exit 0\" TERM; sleep infinity & wait'
member one "/bin/sh -c \"echo of one >/data/one; echo of one >/dev/shm/one; $stay\""
member two "/bin/sh -c \"cat /data/one /dev/shm/one && echo both; $stay\"" $'\n[Unit]\nAfter=limited-one.container'
# By less than one limit of the machine's, since each of its reads is a page of memory.
member hungry '/bin/sh -c "exec tail /dev/zero"' 'StartWithPod=no'
[ "$SUITE" = bookworm ] || label_berth
systemctl daemon-reload
put /etc/containers/containers.conf.d/90-limited.conf <<'END'
[containers]
default_sysctls = ["kernel.shm_rmid_forced=1", "fs.mqueue.msg_max=23", "kernel.domainname=example"]
END
at_end 'rm -f /etc/containers/containers.conf.d/90-limited.conf'
parameters() { # COMMAND...
    "$@" cat /proc/sys/kernel/shm_rmid_forced /proc/sys/fs/mqueue/msg_max /proc/sys/kernel/domainname | xargs
}
parameters_before=$(parameters env)

require "a pod starts" systemctl start container-pod@limited
check "one is ready" says container@limited-one '^ready$'
# One is up when its process runs, which may be before it has written what the other reads.
systemctl restart container@limited-two
check "two is ready" says container@limited-two '^ready$'
check "each uses the other's files" says container@limited-two '^both$'
if [ "$SUITE" != bookworm ]; then
    level() { journal_of "container@limited-$1" | tr -d '\0' | sed -n 's/^.*:container_t:\(s0:c[0-9,c]*\).*/\1/p' | tail -1; }
    check "they have a level" contains "$(level one)" '^s0:c'
    check "which is one for both" same "$(level one)" "$(level two)"
    check "and the volume's" contains "$(stat -c %C /srv/limited-data)" "$(level one)"
fi
check "default_sysctls of containers.conf are the pod's" same "1 23 example" "$(parameters nsenter -t "$(main_pid container@limited-two)" -i -u)"
check "and not the machine's" same "$parameters_before" "$(parameters env)"
group=/sys/fs/cgroup$(unit_property berth-limited.slice ControlGroup)
check "the limits are the slice's" same "100663296 40" "$(cat "$group/memory.max" "$group/pids.max" | xargs)"
check "below which all are" same "$(unit_property container@limited-one ControlGroup)" \
    "$(unit_property berth-limited.slice ControlGroup)/container@limited-one.service"
systemctl start container@limited-hungry || :
check "one that takes too much" wait_for 60 unit_is container@limited-hungry Result oom-kill
check "leaves the others" unit_is container@limited-one ActiveState active
systemctl set-property --runtime berth-limited.slice TasksMax=33
check "set-property acts at once" same 33 "$(cat "$group/pids.max")"
check "the pod stops" systemctl stop container-pod@limited
check "with all" unit_is container@limited-two ActiveState inactive
check "and leaves nothing" same "" "$(find /run/berth/bundles /run/berth/pods /run/berth/levels -mindepth 1 -name '*limited*' 2>/dev/null)"
