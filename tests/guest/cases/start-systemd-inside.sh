# A second systemd as the container's init.
# guests: nspawn qemu@trixie
# timeout: 600

# The guest's own system, with an empty configuration of its own, is the container's.
mkdir -p /var/lib/berth/inner
tar -C / --one-file-system --exclude=./var/lib/berth --exclude=./opt --exclude=./proc --exclude=./sys --exclude=./dev --exclude=./run \
    --exclude=./srv --exclude=./usr/share/doc --exclude=./usr/share/locale --exclude=./tmp -cf - . | tar -C /var/lib/berth/inner -xf -
inner=/var/lib/berth/inner
mkdir -p $inner/{proc,sys,dev,run,tmp}
(cd $inner && rm -rf etc/berth etc/systemd/system/multi-user.target.wants/* var/log/journal)
tr -d - </proc/sys/kernel/random/uuid >$inner/etc/machine-id
put /etc/berth/inner.container <<'EOF'
[Container]
Rootfs=/var/lib/berth/inner
Exec=/sbin/init
HostName=inner
EOF
systemctl daemon-reload
check "the stop signal is systemd's" unit_is container@inner KillSignal 37
check "start" systemctl start container@inner
check "the main process is a systemd" wait_for 60 main_process_is container@inner systemd
inner() { crun --root /run/berth/runtime exec inner "$@"; }
state() { contains "$(inner systemctl is-system-running)" '^running$'; }
check "it reaches running" wait_for 120 state
check "no checkpoint is taken of a systemd" contains "$(berth checkpoint inner 2>&1)" \
    'error: no checkpoint can be taken of "inner": it runs systemd, which CRIU cannot write down$'
check "no inner unit failed" same "" "$(inner systemctl --failed --no-legend)"
check "/run is a tmpfs" contains "$(inner cat /proc/mounts)" '^tmpfs /run tmpfs'
check "/run/lock, too" contains "$(inner cat /proc/mounts)" '^tmpfs /run/lock tmpfs'
check "/tmp, too" contains "$(inner cat /proc/mounts)" '^tmpfs /tmp tmpfs'
check "the cgroup tree is writable" contains "$(inner cat /proc/mounts)" '^cgroup2? /sys/fs/cgroup cgroup2 rw'
check "container_uuid is set" contains "$(inner cat /proc/1/environ | tr '\0' '\n')" '^container_uuid=[0-9a-f]{32}$'
check "its services are in the unit's cgroup" test -d \
    "/sys/fs/cgroup$(unit_property container@inner ControlGroup)/container/system.slice"

# berth exec beside what the inner systemd makes of the control groups, also when the outer one has read and set everything anew.
systemctl daemon-reload
systemctl set-property --runtime container@inner CPUWeight=50
exec_works() { # TITLE-PREFIX
    check "$1berth exec works in it" same running "$(berth exec inner systemctl is-system-running)"
    check "$1in a group of its own" contains "$(berth exec inner cat /proc/self/cgroup)" '^0::/berth-exec-'
    check "$1with devices" same 4 "$(berth exec inner sh -c 'head -c 4 /dev/urandom | wc -c')"
}
exec_works ""

# A reboot inside is a start anew of the container; a poweroff ends it.
started_again() { # HOW-OFTEN
    unit_is container@inner NRestarts "$1" && unit_is container@inner ActiveState active && state
}
inner systemctl reboot || :
check "systemctl reboot inside starts it anew" wait_for 120 started_again 1
check "its start is a whole one" contains "$(container_files)" '^/run/berth/bundles/inner/config.json$'
check "stop" systemctl stop container@inner
check "it shut down by itself, in time" unit_is container@inner Result success
check "nothing is left" same "" "$(container_files)"

# With another runtime, which is not told of by the same process.
sed -i 's/^HostName=.*/&\nRuntime=runc/' /etc/berth/inner.container
systemctl daemon-reload
inner() { runc --root /run/berth/runtime exec inner "$@"; }
check "runc: start" systemctl start container@inner
check "runc: it reaches running" wait_for 120 state
inner systemctl reboot || :
check "runc: systemctl reboot inside starts it anew" wait_for 120 started_again 1
check "runc: stop" systemctl stop container@inner
check "runc: nothing is left" same "" "$(container_files)"

# The same in a user namespace, where it is root of its own control group, and of nothing else.
no_more_as_user # whose own container this is in any case, and who may map no mount
inner() { crun --root /run/berth/runtime exec inner "$@"; }
chmod 755 /var/lib/berth
put /etc/berth/inner.container <<'EOF'
[Container]
Rootfs=/var/lib/berth/inner:idmap
Exec=/sbin/init
HostName=inner
UserNS=auto
EOF
systemctl daemon-reload
check "in a user namespace: start" systemctl start container@inner
# Until it has become its own program, what it is belongs to the machine's root.
is_not_roots() { not same 0 "$(stat -c %u "/proc/$(main_pid container@inner)")"; }
check "in a user namespace: the root is not the machine's" wait_for 20 is_not_roots
check "in a user namespace: it reaches running" wait_for 120 state
check "in a user namespace: no inner unit failed" same "" "$(inner systemctl --failed --no-legend)"
exec_works "in a user namespace: "
check "in a user namespace: the groups of its services are its own" same "$(stat -c %u "/proc/$(main_pid container@inner)")" \
    "$(stat -c %u "/sys/fs/cgroup$(unit_property container@inner ControlGroup)/container/system.slice")"
check "in a user namespace: files on disk stay root's" same 0 "$(stat -c %u $inner/etc/machine-id)"
inner systemctl reboot || :
check "in a user namespace: systemctl reboot inside starts it anew" wait_for 120 started_again 1
inner systemctl poweroff || :
check "in a user namespace: systemctl poweroff ends it" wait_for 120 unit_is container@inner ActiveState inactive
systemctl start container@inner
check "in a user namespace: and it starts after that" wait_for 120 state
check "in a user namespace: stop" systemctl stop container@inner
check "in a user namespace: it shut down by itself" unit_is container@inner Result success
check "in a user namespace: nothing is left" same "" "$(container_files)"
