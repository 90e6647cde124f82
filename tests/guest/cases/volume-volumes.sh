# Named and anonymous volumes: made on first use, filled once, mounted by their services, and kept.
# guests: nspawn
# timeout: 300

store=/var/lib/berth/volumes
at_end 'systemctl stop "container@*" "container-volume@*" 2>/dev/null; rm -rf /var/lib/berth/volumes/*'

# A root file system with something to fill volumes from.
make_rootfs /srv/root
mkdir -p /srv/root/data/deep /srv/root/empty
chown 1234:55 /srv/root/data
chmod 2751 /srv/root/data
echo content >/srv/root/data/file
chown 7:8 /srv/root/data/file
chmod 4640 /srv/root/data/file
ln /srv/root/data/file /srv/root/data/deep/same
ln -s ../../../etc/shadow /srv/root/data/deep/link
mknod /srv/root/data/null c 1 3
mkfifo /srv/root/data/pipe
truncate -s 1M /srv/root/data/holes
touch -d 2001-02-03 /srv/root/data/deep
chown 4:5 /srv/root/empty
chmod 1770 /srv/root/empty
attributes=yes
setfattr -n user.comment -v there /srv/root/data/file && setfattr -n user.comment -v hello /srv/root/data || attributes=

# A oneshot with the given keys; shows what its script printed, and what is said about it and its volumes.
inside() { # KEYS SCRIPT
    local cursor
    put /etc/berth/look.container <<END
[Container]
Rootfs=/srv/root
Exec=/bin/sh -c '${2//%/%%}'
$1

[Service]
Type=oneshot
END
    systemctl daemon-reload
    cursor=$(journal_cursor)
    systemctl start container@look || :
    sync_journal
    # Not by journalctl's own matches: with these, that of systemd 252 leaves out the first line after a cursor.
    journalctl -q -o short --after-cursor="$cursor" | sed -n -E 's/^[^[]* (look|berth-helper)\[[0-9]+\]: //p'
}

# What a volume is like: type, mode, owner, links, size, target and name of everything in it.
listing() { # DIRECTORY
    (cd "$1" && find . -type d -printf '%y %m %U:%G %p\n' -o -printf '%y %m %U:%G %n %s %l %p\n' | sort)
}

nothing_left() {
    same "" "$(container_files)"
}

# --- plain names

out=$(inside 'Volume=plain:/data' 'echo kept >/data/new; ls /data')
check "a plain name needs no file" contains "$out" '^new$'
check "it has a service of its own" unit_is container-volume@plain ActiveState active
rm -f $store/plain/_data/new
check "the volume is filled from the root: owners, modes, links" same "$(listing /srv/root/data | grep -v '^c ')" "$(listing $store/plain/_data)"
check "without device nodes" not test -e $store/plain/_data/null
rm /srv/root/data/null
if [ "$attributes" ]; then
    check "with attributes" same "there" "$(getfattr --only-values -n user.comment $store/plain/_data/file 2>/dev/null)"
    check "also of the directory itself" same "hello" "$(getfattr --only-values -n user.comment $store/plain/_data 2>/dev/null)"
fi
check "holes stay holes" test "$(stat -c %b $store/plain/_data/holes)" -lt 100
check "times are kept" same "2001-02-03" "$(date -d "@$(stat -c %Y $store/plain/_data/deep)" +%F)"
check "nobody else gets there" same "700" "$(stat -c %a $store/plain)"
rm -r $store/plain/_data/*
check "it is filled only once" contains "$(inside 'Volume=plain:/data' 'ls -A /data | wc -l')" '^0$'
echo kept >$store/plain/_data/kept
systemctl stop container-volume@plain
check "a stop of the service deletes nothing" test -e $store/plain/_data/kept
out=$(inside 'Volume=plain:/data:ro' 'cat /data/kept; echo x >/data/kept || echo read-only')
check "the next start has it" contains "$out" '^kept$'
check "ro" contains "$out" '^read-only$'

out=$(inside 'Volume=owned:/empty' 'stat -c "%a %u:%g" /empty')
check "an empty directory gives its owner and mode" contains "$out" '^1770 4:5$'
out=$(inside $'Volume=nothing:/none\nUser=65534:55' 'stat -c "%a %u:%g" /none')
check "over nothing, it is the process's" contains "$out" '^755 65534:55$'
check "nocopy" contains "$(inside 'Volume=bare:/data:nocopy' 'ls -A /data | wc -l')" '^0$'
mkdir -p $store/full/_data
echo mine >$store/full/_data/mine
check "one with something in it is left alone" contains "$(inside 'Volume=full:/data' 'ls /data')" '^mine$'
check "entirely" same "mine" "$(ls $store/full/_data)"
out=$(inside 'Volume=absent:/data:nocreate' 'echo up')
check "nocreate" contains "$out" 'look.container:4:8: error: there is no volume "absent"$'
check "nothing is made then" not test -e $store/absent
check "nocreate of one that is there" contains "$(inside 'Volume=full:/data:nocreate' 'echo up')" '^up$'

# A change needs no daemon-reload.
sed -i 's/^Volume=.*/Volume=unloaded:\/data/' /etc/berth/look.container
check "a new name without a reload" systemctl start container@look
check "makes the volume" test -e $store/unloaded/_data/file

# A part of one.
mkdir -p $store/full/_data/part/deep
echo part >$store/full/_data/part/deep/x
ln -s /../../../../../../etc $store/full/_data/out
out=$(inside 'Mount=type=volume,source=full,destination=/data,subpath=part/deep,ro' 'ls /data; echo x >/data/x || echo read-only')
check "subpath=" contains "$out" '^x$'
check "with options" contains "$out" '^read-only$'
check "also a file" contains "$(inside 'Mount=type=volume,source=full,destination=/file,subpath=/mine' 'cat /file')" '^mine$'
out=$(inside 'Mount=type=volume,source=full,destination=/data,subpath=out' 'echo up')
check "a link in the volume stays in the volume" contains "$out" 'look.container:4:7: error: "out" in the volume "full": No such file or directory$'
out=$(inside 'Mount=type=volume,source=full,destination=/data,subpath=../../../etc' 'echo up')
check "so does a way up" contains "$out" 'look.container:4:7: error: "../../../etc" in the volume "full": No such file or directory$'
check "no mount is left" same "" "$(grep -e /run/berth/bundles /proc/self/mountinfo)"

# --- files

put /etc/berth/data.volume <<'EOF'
[Unit]
Description=The data

[Volume]
VolumeName=renamed
User=nobody
GID=77
Copy=no
Label=a=b
ServiceName=the-data

[Install]
WantedBy=multi-user.target
EOF
out=$(inside 'Volume=data.volume:/data' 'stat -c "%a %u:%g" /data; ls -A /data | wc -l')
check "a file gives the owner" contains "$out" '^755 65534:77$'
check "and that nothing is copied" contains "$out" '^0$'
check "its [Unit] is the service's" unit_is container-volume@data Description "The data"
check "its [Install]" test -L /run/systemd/generator/multi-user.target.wants/container-volume@data.service
check "its ServiceName=" systemctl restart the-data
check "its name is the directory's" test -d $store/renamed/_data
check "a plain name is that of the file" contains "$(inside 'Volume=data:/data' 'stat -c %u /data')" '^65534$'
out=$(inside 'Volume=renamed:/data' 'echo up')
check "VolumeName= as a plain name is refused" contains "$out" 'error: the volume "renamed" is that of /etc/berth/data.volume: use Volume=data.volume:'
out=$(inside 'Volume=gone.volume:/data' 'echo up')
check "a file that is missing" contains "$out" 'look.container:4:8: error: there is no "gone.volume"$'
rm /etc/berth/data.volume

printf '[Volume]\nUser=nosuchuser\n' >/etc/berth/odd.volume
out=$(inside 'Volume=odd.volume:/data' 'echo up')
check "an owner that is missing" contains "$out" 'odd.volume:2:1: error: this machine has no user "nosuchuser"$'
check "the container does not start then" not contains "$out" '^up$'
printf '[Volume]\nUesr=root\n' >/etc/berth/odd.volume
check "a mistake in the file" contains "$(inside 'Volume=odd.volume:/data' 'echo up')" 'odd.volume:2:1: error: unknown key "Uesr"'
rm /etc/berth/odd.volume

printf '[Volume]\nVolumeName=part-%%i\n' >/etc/berth/part@.volume
check "a template" contains "$(inside 'Volume=part@one.volume:/data' 'echo up')" '^up$'
check "names its instance's volume" test -d $store/part-one/_data
rm /etc/berth/part@.volume

# --- mounts

mkdir -p /srv/outside
put /etc/berth/mem.volume <<'EOF'
[Volume]
Device=tmpfs
Type=tmpfs
Options=size=4m,mode=700,nr_inodes=1000
EOF
put /etc/berth/dir.volume <<'EOF'
[Volume]
Device=/srv/outside
Type=bind
Options=nosuid
UID=12
EOF
out=$(inside $'Volume=mem.volume:/data\nVolume=dir.volume:/dir' 'grep " /data " /proc/mounts; stat -c "%u %n" /dir; ls /data; echo x >/dir/x')
check "a tmpfs, with its options" contains "$out" '^tmpfs /data tmpfs .*size=4096k,nr_inodes=1000'
check "is filled, too" contains "$out" '^file$'
check "a bind mount" contains "$(grep " $store/dir/_data " /proc/mounts)" ' rw,[a-z,]*nosuid'
check "has its owner" contains "$out" '^12 /dir$'
check "reaches the machine" test -e /srv/outside/x
check "it is the machine's mount" mountpoint -q $store/mem/_data
out=$(inside 'Volume=mem.volume:/data' 'cat /data/file; stat -f -c %T /data')
check "later containers see it" contains "$out" '^tmpfs$'
systemctl stop container-volume@mem container-volume@dir
check "a stop unmounts" not mountpoint -q $store/mem/_data
check "all" not mountpoint -q $store/dir/_data
check "nothing is on record" same "" "$(ls /run/berth/volumes)"
check "what was mounted stays" test -e /srv/outside/x
check "a tmpfs starts anew" contains "$(inside 'Volume=mem.volume:/data' 'cat /data/file')" '^content$'
sed -i 's/^Device=.*/Device=\/srv\/gone/' /etc/berth/dir.volume
out=$(inside 'Volume=dir.volume:/dir' 'echo up')
check "a device that is missing" contains "$out" 'dir.volume:2:1: error: "/srv/gone": No such file or directory$'
check "nothing starts" not contains "$out" '^up$'
sed -i 's/^Device=.*/Device=\/srv\/outside/; s/^Type=.*/Type=nosuchfs/' /etc/berth/dir.volume
out=$(inside 'Volume=dir.volume:/dir' 'echo up')
check "a type that is missing" contains "$out" 'dir.volume:2:1: error: cannot mount "/srv/outside": .*nosuchfs'
# Without the service, nothing may be written below the mount point.
sed -i 's/^Type=.*/Type=bind/' /etc/berth/dir.volume
inside '' 'echo' >/dev/null
sed -i '0,/^$/s//Volume=dir.volume:\/dir/' /etc/berth/look.container
systemctl start container@look || :
check "one that is not mounted is refused" says container@look 'the volume "dir" is not mounted; use: systemctl restart container-volume@dir.service$'
check "what that says helps" systemctl restart container-volume@dir.service
check "without a reload" systemctl start container@look
systemctl stop container-volume@dir
mkdir -p $store/dir/_data
mount -t tmpfs tmpfs $store/dir/_data
out=$(inside 'Volume=dir.volume:/dir' 'echo up')
check "something else is mounted there" contains "$out" "dir.volume:2:1: error: something else is mounted on $store/dir/_data already\$"
check "and stays" mountpoint -q $store/dir/_data
umount $store/dir/_data

# A file system of the network, mounted by a program of its own, as they are.
put /sbin/mount.davfs 0755 <<'END'
#!/bin/sh
systemctl is-active network-online.target >/run/davfs.network
echo "$*" >/run/davfs.arguments
exec mount --bind /srv/outside "$2"
END
at_end 'rm -f /sbin/mount.davfs'
printf '[Volume]\nDevice=http://server/share\nType=davfs\nOptions=noexec,uid=5\n' >/etc/berth/net.volume
out=$(inside 'Volume=net.volume:/net' 'ls /net')
check "a file system of the network" contains "$out" '^x$'
check "is mounted when the network is up" same active "$(cat /run/davfs.network)"
check "by the program for its type, with its options" contains "$(cat /run/davfs.arguments)" '^http://server/share .* -o .*noexec.*uid=5'
check "and unmounted before it goes" contains "$(unit_property container-volume@net After)" network-online.target
systemctl stop container-volume@net
check "stop" not mountpoint -q $store/net/_data
printf '[Volume]\n\n[Service]\nExecStart=/bin/true\n' >/etc/berth/odd.volume
check "what [Service] cannot have" contains "$(inside 'Volume=odd.volume:/data' 'echo up')" 'odd.volume:4:1: error: "ExecStart" in \[Service\] is set by berth$'
rm /etc/berth/odd.volume

if [ -e /dev/loop-control ]; then
    truncate -s 16M /srv/disk
    mkfs.ext4 -q /srv/disk
    printf '[Volume]\nDevice=/srv/disk\nType=ext4\nOptions=loop,noatime\n' >/etc/berth/disk.volume
    out=$(inside 'Volume=disk.volume:/data' 'grep " /data " /proc/mounts; cat /data/file')
    check "an ext4 in a file" contains "$out" ' /data ext4 rw,[a-z,]*noatime'
    check "its lost+found counts for nothing" contains "$out" '^content$'
    systemctl stop container-volume@disk
    no_loop_device() { same "" "$(losetup -a | grep /srv/disk)"; }
    check "the loop device is gone" wait_for 30 no_loop_device
fi

# A stop of the service stops who uses it.
put /etc/berth/user.container <<'EOF'
[Container]
Rootfs=/srv/root
Exec=/bin/sleep 1000
StopTimeout=1
Volume=mem.volume:/data
EOF
systemctl daemon-reload
systemctl start container@user
systemctl stop container-volume@mem
check "a stop of the volume stops its containers" not unit_is container@user ActiveState active
check "and unmounts" not mountpoint -q $store/mem/_data
rm -f /etc/berth/*.volume /etc/berth/user.container

# --- the command

rm -rf "${store:?}"/* /etc/berth/look.container
put /etc/berth/user.container <<'EOF'
[Container]
Rootfs=/srv/root
Exec=/bin/sleep 1000
StopTimeout=1
Volume=data.volume:/none
Volume=plain:/data
EOF
printf '[Volume]\nVolumeName=real\nLabel=a=b\n' >/etc/berth/data.volume
printf '[Volume]\nDevice=tmpfs\nType=tmpfs\n' >/etc/berth/mem.volume
systemctl daemon-reload
systemctl start container@user container-volume@mem
mkdir -p $store/.removed123/_data
out=$(berth volumes --size)
check "berth volumes: one of a file, in use" contains "$out" "^real +local +made +[0-9.]+[BK] +$store/real/_data +user \(running\)\$"
check "a plain one" contains "$out" "^plain +local +made +[0-9.]+[KM] +$store/plain/_data +user \(running\)\$"
check "one that is mounted" contains "$out" "^mem +local +mounted +0B +$store/mem/_data +-\$"
check "and no other" same "4" "$(wc -l <<<"$out")"
out=$(berth volumes --json | tr -d ' \n')
check "as JSON" contains "$out" '"name":"real","driver":"local","path":"[^"]*","made":true,"mounted":false,"file":"/etc/berth/data.volume","unit":"container-volume@data.service","device":null,"labels":\["a=b"\],"containers":\["user"\],"running":\["user"\]'
out=$(berth volumes rm real mem absent ../etc 2>&1) && out="$out (success)"
check "rm: not one that a container has" contains "$out" 'The volume "real" is not removed: the container user has it$'
check "rm: not one that is mounted" contains "$out" 'The volume "mem" is not removed: something is mounted on it; stop its service first$'
check "rm: not one that there is none of" contains "$out" 'There is no volume "absent"$'
check "rm: nothing outside" contains "$out" 'There is no volume "\.\./etc"$'
check "rm: that is a failure" not contains "$out" success
systemctl stop container@user
check "rm: else it does" berth volumes rm real plain
check "all that is in them" same "mem" "$(ls -A $store)"
check "the next start makes them again" systemctl start container@user
check "and fills them" test -e $store/plain/_data/file
systemctl stop container@user container-volume@mem
rm /etc/berth/user.container /etc/berth/data.volume /etc/berth/mem.volume

# --- anonymous ones

out=$(inside $'Volume=/data\nVolume=/empty' 'cat /data/file; stat -c %a /empty; grep -c " /data " /proc/mounts; echo x >/data/file')
check "an anonymous volume is filled" contains "$out" '^content$'
check "each is one" contains "$out" '^1770$'
check "it is mounted" contains "$out" '^1$'
check "it goes with the container" wait_for 60 nothing_left
check "the root is as it was" same "content" "$(cat /srv/root/data/file)"

# --- user namespaces

# On a file system that can be idmapped, as the root of an nspawn guest cannot.
tree=/var/lib/berth/volumes-test
make_rootfs $tree
mkdir -p $tree/data
echo content >$tree/data/file
chown 5:6 $tree/data/file
chmod 755 /var/lib/berth
at_end "rm -rf $tree"
put /etc/berth/look.container <<'EOF'
[Container]
Rootfs=/var/lib/berth/volumes-test:O:idmap
UIDMap=0:600000:65536
GIDMap=0:600000:65536
User=33:44
Exec=/bin/sh -c "stat -c \"%%u:%%g %%n\" /data /data/file /none /own; echo x >/none/x && echo written"
Volume=outside:/data
Volume=mine:/none
Volume=/own
Volume=inside:/data2:idmap

[Service]
Type=oneshot
EOF
cp -a $tree/data $tree/data2
systemctl daemon-reload
check "volumes of a container with a user namespace" systemctl start container@look
check "what fills them is the container's" says container@look '^5:6 /data/file$'
check "so is an empty one" says container@look '^33:44 /none$'
check "an anonymous one as well" says container@look '^33:44 /own$'
check "it may write there" says container@look '^written$'
check "to the machine, the IDs are those outside" same "600005:600006" "$(stat -c %u:%g $store/outside/_data/file)"
check "for an idmapped one they are those inside" same "5:6" "$(stat -c %u:%g $store/inside/_data/file)"
rm -rf $tree

# --- hostile roots and hard times

mkdir -p /srv/root/etc/here
ln -s /../../../../../../etc /srv/root/out
check "a link in the way stays in the root" contains "$(inside 'Volume=inner:/out/here' 'echo up')" '^up$'
ln -sfn /../../../../../../etc /srv/root/out
check "also at its end" contains "$(inside 'Volume=outer:/out' 'ls -d /etc/here')" '^/etc/here$'
check "nothing of the machine's is copied" not test -e $store/outer/_data/shadow
rm /srv/root/out

deep=/srv/root/deep
mkdir -p "$deep/$(printf 'd/%.0s' {1..200})"
out=$(inside 'Volume=deeper:/deep' 'echo up')
check "a tree that is too deep is an error" contains "$out" 'look.container:4:8: error: the volume "deeper" cannot be used: Too many levels of symbolic links$'
check "nothing of it is left" same "" "$(ls -A $store/deeper/_data)"
rm -rf "$deep"

printf '[Volume]\nDevice=tmpfs\nType=tmpfs\nOptions=size=64k\n' >/etc/berth/small.volume
dd if=/dev/urandom of=/srv/root/data/big bs=1k count=200 2>/dev/null
out=$(inside 'Volume=small.volume:/data' 'echo up')
check "a full disk is an error" contains "$out" 'error: the volume "small" cannot be used: No space left on device$'
check "the volume is as empty as it was" same "" "$(ls -A $store/small/_data)"
mount -o remount,size=4m $store/small/_data
check "the next start fills it" contains "$(inside 'Volume=small.volume:/data' 'wc -c </data/big')" '^204800$'
systemctl stop container-volume@small
rm /etc/berth/small.volume

# Filling is hit at any point: the volume is never half-full for a container.
for ((i = 0; i < 300; i++)); do
    echo "$i" >"/srv/root/data/deep/$i"
done
whole=$(listing /srv/root/data)
put /etc/berth/look.container <<'EOF'
[Unit]
StartLimitIntervalSec=0

[Container]
Rootfs=/srv/root
Exec=/bin/true
Volume=struck:/data
Volume=/data/deep

[Service]
Type=oneshot
EOF
systemctl daemon-reload
rounds=$(rounds 10 100)
for ((round = 0; round < rounds; round++)); do
    rm -rf $store/struck
    systemctl start --no-block container@look
    sleep "0.0$((RANDOM % 60 + 10))"
    systemctl kill -s KILL container@look container-volume@struck 2>/dev/null || :
    systemctl stop container@look container-volume@struck 2>/dev/null || :
    systemctl reset-failed container@look container-volume@struck 2>/dev/null || :
    systemctl start container@look
    [ "$whole" = "$(listing $store/struck/_data)" ] || break
done
check "$rounds kills while it is filled" same "$rounds: $whole" "$round: $(listing $store/struck/_data)"
check "nothing is left beside it" same "_data copied owned" "$(cd $store/struck && echo *)"

# Many at once make one volume, filled once.
put /etc/berth/crowd@.container <<'EOF'
[Container]
Rootfs=/srv/root
Exec=/bin/sh -c "ls -R /data | wc -l"
Volume=shared:/data

[Service]
Type=oneshot
EOF
systemctl daemon-reload
mapfile -t crowd < <(printf 'container@crowd@%d\n' {1..20})
check "20 at once" systemctl start "${crowd[@]}"
check "share one" same "$whole" "$(listing $store/shared/_data)"
# What the journal has been handed may reach its files a moment after "sync_journal", when many wrote at once.
each_saw_all() {
    same "20" "$(journal_of 'container@crowd@*' | grep -c -x "$(ls -R /srv/root/data | wc -l)")"
}
check "and each saw all of it" wait_for 60 each_saw_all
check "nothing is left" wait_for 120 nothing_left
