# What a whole machine is needed for, all at once: IDs mapped on a real disk, its kernel's parameters and device rules, namespaces, credentials, filters.
# guests: qemu
# timeout: 60

make_rootfs /srv/machine
mkdir -p /srv/machine-data /etc/berth/secrets /srv/machine/data /srv/machine/kept
echo "of the root" >/srv/machine/kept/file
setfattr -n user.comment -v there /srv/machine/kept/file
chown 5:6 /srv/machine/kept/file
truncate -s 16M /srv/machine.ext4
mkfs.ext4 -q /srv/machine.ext4
printf '[Volume]\nDevice=/srv/machine.ext4\nType=ext4\nOptions=loop,noatime\n' >/etc/berth/disk.volume
echo "of user 33" >/srv/machine-data/file
chown 33:33 /srv/machine-data /srv/machine-data/file
chmod 700 /srv/machine-data
printf 'plain text' >/etc/berth/secrets/plain
printf 'once encrypted' | systemd-creds encrypt --with-key=host --name=sealed - /etc/berth/secrets/sealed.cred
chmod 700 /etc/berth/secrets
cat >/etc/berth/filter.json <<'END'
{
  "defaultAction": "SCMP_ACT_ALLOW",
  "syscalls": [{ "names": ["personality"], "action": "SCMP_ACT_KILL_PROCESS", "args": [{ "index": 0, "value": 8, "op": "SCMP_CMP_EQ" }] }]
}
END

# It has an own user namespace, and shows what it is given there.
put /srv/machine/look <<'END'
trap 'exit 0' TERM
echo "id: $(id -u) of $(wc -l </proc/self/uid_map)"
echo "root: $(stat -c %u:%g /bin/busybox) data: $(stat -c %u:%g /data/file)"
touch /made && echo "made: $(stat -c %u /made)"
cat /run/secrets/plain; echo
cat /run/secrets/sealed; echo
echo "ttl: $(cat /proc/sys/net/ipv4/ip_default_ttl) msgmax: $(cat /proc/sys/kernel/msgmax)"
echo x >/dev/null && echo "null works"
head -c 3 /dev/myfull | od -An -tx1
echo x 2>/dev/null >/dev/myfull || echo "myfull is for reading"
mknod /tmp/sda b 8 0 2>/dev/null || echo "no new devices"
mkdir /sys/fs/cgroup/mine && echo "a group"
echo "kept: $(stat -c %u:%g /kept/file) $(cat /kept/file)"
grep ' /disk ' /proc/mounts
echo x >/disk/x && echo "disk: $(stat -c %u:%g /disk/x)"
echo shared >/dev/shm/file
echo done
while :; do sleep 1000 & wait; done
END
put /etc/berth/machine.container <<'END'
[Container]
Rootfs=/srv/machine:idmap
Exec=/bin/sh /look
UserNS=auto
Volume=/srv/machine-data:/data:idmap
Volume=kept:/kept
Volume=disk.volume:/disk:idmap
Secret=plain sealed
Sysctl=net.ipv4.ip_default_ttl=77 kernel.msgmax=4321
AddDevice=/dev/full:/dev/myfull:r
AddCapability=MKNOD
Unmask=/sys/fs/cgroup
ReadOnly=no
StopTimeout=5
END
put /etc/berth/neighbour.container <<'END'
[Container]
Rootfs=/srv/machine:O
Exec=/bin/sh -c "cat /dev/shm/file; grep -l look /proc/[0-9]*/cmdline | grep -c .; cat /proc/sys/net/ipv4/ip_default_ttl; echo done; exec sleep 1000"
UserNS=container:machine
PidNS=machine.container
IpcNS=machine.container
Network=machine.container
StopTimeout=1
END
put /etc/berth/killed.container <<'END'
[Container]
Rootfs=/srv/machine:O
SeccompProfile=/etc/berth/filter.json
Exec=/bin/sh -c "echo alive; exec linux32 uname"

[Service]
Type=oneshot
END
systemctl daemon-reload

require "a container with all of it starts" systemctl start container@machine
check "it gets to its end" wait_for 60 says container@machine '^done$'
out=$(journal_of container@machine)
check "it is root among 65536 IDs" contains "$out" '^id: 0 of 1$'
pid=$(main_pid container@machine)
first=$(awk '$1 == 0 {print $2}' "/proc/$pid/uid_map")
check "whom the machine does not know" test "$first" -ge 524288
check "the root file system is its own, on a real disk; so is a volume" contains "$out" '^root: 0:0 data: 33:33$'
check "what it makes, too" contains "$out" '^made: 0$'
check "on the disk, all is as it was" same "0:0 0:0 33:33" \
    "$(stat -c %u:%g /srv/machine/bin/busybox /srv/machine/made /srv/machine-data/file | xargs)"
check "a volume that is filled is its own" contains "$out" '^kept: 5:6 of the root$'
check "with attributes" same there "$(getfattr --only-values -n user.comment /var/lib/berth/volumes/kept/_data/file)"
check "a disk image is mounted" contains "$out" '^/dev/loop[0-9]+ /disk ext4 rw,[a-z,]*noatime'
check "and is its own" contains "$out" '^disk: 0:0$'
check "a secret" contains "$out" '^plain text$'
check "an encrypted one" contains "$out" '^once encrypted$'
check "kernel parameters are its own" contains "$out" '^ttl: 77 msgmax: 4321$'
check "and not the machine's" not same 77 "$(cat /proc/sys/net/ipv4/ip_default_ttl)"
check "devices work" contains "$out" '^null works$'
check "one is added" contains "$out" '^ 00 00 00$'
check "with the access that is said" contains "$out" '^myfull is for reading$'
check "others cannot be made" contains "$out" '^no new devices$'
check "its control group is its own" contains "$out" '^a group$'

require "a container joins its namespaces" systemctl start container@neighbour
check "and gets to its end" wait_for 60 says container@neighbour '^done$'
out=$(journal_of container@neighbour)
for type in user pid ipc net; do
    check "the $type namespace is the same" same "$(readlink "/proc/$pid/ns/$type")" "$(readlink "/proc/$(main_pid container@neighbour)/ns/$type")"
done
check "with the other's shared memory" contains "$out" '^shared$'
check "its processes" contains "$out" '^[1-9]$'
check "its network" contains "$out" '^77$'

# A disk image, whose owners are those that the container knows.
truncate -s 24M /srv/machine-root.ext4
mkfs.ext4 -q -d /srv/machine /srv/machine-root.ext4
put /etc/berth/disk.container <<'END'
[Container]
Rootfs=/srv/machine-root.ext4:idmap
UserNS=auto
Exec=/bin/sh -c "stat -c %%u:%%g /bin/busybox; touch /new && stat -c %%u /new"

[Service]
Type=oneshot
END
systemctl daemon-reload
check "a disk image with mapped IDs" systemctl start container@disk
check "its files are the container's own" says container@disk '^0:0$'
check "and what it makes" says container@disk '^0$'

check "a forbidden system call" not systemctl start container@killed
check "kills" same "2 31" "$(systemctl show -P ExecMainCode container@killed) $(unit_property container@killed ExecMainStatus)"
check "where it was made" says container@killed '^alive$'

check "a stop ends both" systemctl stop container@machine
check "and the volumes" systemctl stop container-volume@disk container-volume@kept
no_loop_device() { same "" "$(losetup -a | grep machine.ext4)"; }
check "the loop device is gone" wait_for 60 no_loop_device
rm -rf /var/lib/berth/volumes/kept /var/lib/berth/volumes/disk
check "and nothing is left" becomes 60 "" container_files
