# Volumes that lie where a user of the machine can change what leads there.
# guests: nspawn
# timeout: 400

make_rootfs /srv/root
useradd -u 1000 -m alice
useradd -u 1001 -m bob
at_end 'userdel -rf alice; userdel -rf bob; rm -rf /srv/loot /srv/open'
mkdir -p /srv/loot/deep /srv/root/data /srv/plain /srv/open-to-all/roots
at_end 'rm -rf /srv/plain /srv/open-to-all'
echo loot >/srv/loot/deep/file
as() { # USER SCRIPT
    setpriv --reuid="$1" --regid="$1" --clear-groups sh -ec "$2"
}
# A start with the keys as User=1000, and what it says.
inside() { # KEYS SCRIPT
    look_in /srv/root "User=1000"$'\n'"$1" "$2"
}
loot() {
    stat -c '%n %u:%g %a' /srv/loot /srv/loot/deep /srv/loot/deep/file /etc/sudoers.d /etc
}
mkdir -p /etc/sudoers.d
# In no file that is written anew.
for unit in container@look container-volume@bind; do
    put /etc/systemd/system/$unit.service.d/limit.conf <<<$'[Unit]\nStartLimitIntervalSec=0'
done
put /etc/berth/look.container <<'END'
[Container]
Rootfs=/srv/root
[Service]
Type=oneshot
END
systemctl daemon-reload
before=$(loot)
refused='look.container:5:8: error: "/home/alice/vol.*": the symbolic link "/home/alice/vol" is a user.s, and leads to what that user does not own'

# --- a user's symlink

as 1000 'ln -s /srv/loot ~alice/vol'
for options in U rw z Z O ro; do
    check "a user's symlink to what is root's is refused with \"$options\"" contains "$(inside "Volume=/home/alice/vol:/data:$options" 'echo up')" "$refused"
done
check "so is a way through it" contains "$(inside 'Volume=/home/alice/vol/deep:/data:U' 'echo up')" "$refused"
check "and a relative one" contains "$(as 1000 'ln -sfn ../../srv/loot ~alice/vol'; inside 'Volume=/home/alice/vol:/data:U' 'echo up')" "$refused"
check "a chain of them" contains "$(as 1000 'ln -sfn two ~alice/vol; ln -s /srv/loot ~alice/two'; inside 'Volume=/home/alice/vol:/data:U' 'echo up')" "$refused"
check "one of a user and one of another" contains "$(as 1000 'ln -sfn /tmp/bobs ~alice/vol'; as 1001 'ln -s /home/bob /tmp/bobs'
    chmod 755 /home/bob; inside 'Volume=/home/alice/vol:/data' 'echo up')" "$refused"
check "nothing has another owner" same "$before" "$(loot)"
check "one in /tmp, too" contains "$(as 1000 'ln -s /srv/loot /tmp/vol'; inside 'Volume=/tmp/vol:/data:U' 'echo up')" 'error: "/tmp/vol": the symbolic link "/tmp/vol" is a user'
as 1000 'mkdir -p ~alice/mine; echo mine >~alice/mine/file; ln -sfn /home/alice/mine ~alice/vol'
check "a user's symlink to the user's own is followed" contains "$(inside 'Volume=/home/alice/vol:/data' 'cat /data/file')" '^mine$'
ln -sfn /home/alice/vol /srv/open
check "one of root's as well" contains "$(inside 'Volume=/srv/open:/data' 'cat /data/file')" '^mine$'
ln -sfn /srv/loot /srv/open
check "to anywhere" contains "$(inside 'Volume=/srv/open:/data' 'cat /data/deep/file')" '^loot$'
as 1000 'rm ~alice/vol'

# --- what lies in a user's directory is mounted from the bundle

check "a user's directory" contains "$(inside 'Volume=/home/alice/mine:/data' 'cat /data/file; grep " /data " /proc/self/mountinfo')" '^mine$'
check "a user's file" contains "$(inside 'Volume=/home/alice/mine/file:/file' 'cat /file')" '^mine$'
check "with runc" contains "$(inside $'Runtime=runc\nVolume=/home/alice/mine:/data' 'cat /data/file')" '^mine$'
# On a file system that can be idmapped, as the root of this guest cannot.
mkdir -p /var/lib/berth
make_rootfs /var/lib/berth/paths
at_end 'rm -rf /var/lib/berth/paths'
chmod 755 /var/lib/berth
chmod 700 /home/alice
for runtime in crun runc; do
    check "with a user namespace, which cannot get there by itself, and $runtime" contains "$(
        look_in /var/lib/berth/paths:idmap $'UserNS=auto\nVolume=/home/alice/mine:/data\nRuntime='$runtime 'cat /data/file')" '^mine$'
done
mkdir /home/alice/roots
check "idmap of what is root's in a user's directory is refused" contains "$(
    look_in /var/lib/berth/paths:idmap $'UserNS=auto\nVolume=/home/alice/roots:/data:idmap' 'echo up')" 'error: mount option "idmap" of "/home/alice/roots": what root owns'
mkdir -p /home/alice/mine/below
mount -t tmpfs tmpfs /home/alice/mine/below
at_end 'umount /home/alice/mine/below 2>/dev/null'
check "what is mounted below is there" contains "$(inside 'Volume=/home/alice/mine:/data' 'stat -f -c %%T /data/below')" '^tmpfs$'
check "but not with bind" not contains "$(inside 'Volume=/home/alice/mine:/data:bind' 'stat -f -c %%T /data/below')" '^tmpfs$'
umount /home/alice/mine/below
check "an overlay over it" contains "$(inside 'Volume=/home/alice/mine:/data:O' 'cat /data/file')" '^mine$'
check "mounts of it come through, where that is asked for" contains "$(
    mount --bind /home/alice/mine /home/alice/mine; mount --make-shared /home/alice/mine
    look_in /srv/root $'Volume=/home/alice/mine:/data:rslave' 'mkdir -p /data/late; for i in 1 2 3 4 5 6 7 8 9; do sleep 0.3; stat -f -c %%T /data/late; done' &
    sleep 1; mount -t tmpfs tmpfs /home/alice/mine/late; wait; umount -R /home/alice/mine)" '^tmpfs$'
check "no mount is left" same "" "$(grep -e /run/berth/bundles -e alice /proc/self/mountinfo)"
as 1000 'rm -rf ~alice/mine; mkdir ~alice/mine; echo mine >~alice/mine/file'

# --- U

check "U of a user's directory" contains "$(look_in /srv/root $'User=33:33\nVolume=/home/alice/mine:/data:U' 'stat -c %%u:%%g /data /data/file')" '^33:33$'
check "and again, as it has another owner now" contains "$(look_in /srv/root $'User=34:34\nVolume=/home/alice/mine:/data:U' 'stat -c %%u:%%g /data')" '^34:34$'
check "to root, and again" contains "$(look_in /srv/root 'Volume=/home/alice/mine:/data:U' 'stat -c %%u:%%g /data')" '^0:0$'
check "once more" contains "$(look_in /srv/root 'Volume=/home/alice/mine:/data:U' 'stat -c %%u:%%g /data')" '^0:0$'
check "what is root's in a user's directory is given to nobody else" contains "$(inside 'Volume=/home/alice/mine:/data:U' 'echo up')" \
    'error: mount option "U" of "/home/alice/mine": what root owns, in a directory that others can write to, could be another of their choice; use: chown USER /home/alice/mine'
check "nor to a group" contains "$(look_in /srv/root $'User=0:33\nVolume=/home/alice/mine:/data:U' 'echo up')" 'error: mount option "U" of "/home/alice/mine": what root owns'
check "nor by a symlink of root's there" contains "$(ln -s /srv/plain /home/alice/of-root; inside 'Volume=/home/alice/of-root:/data:U' 'echo up')" \
    'error: mount option "U" of "/srv/plain": what root owns'
rm /home/alice/of-root
for mode in 2775 0777; do
    chown root:alice /srv/open-to-all
    chmod $mode /srv/open-to-all
    check "nor is root's in a directory of root's with mode $mode" contains "$(inside 'Volume=/srv/open-to-all/roots:/data:U' 'echo up')" \
        'error: mount option "U" of "/srv/open-to-all/roots": what root owns, in a directory that others can write to'
    check "which has its owner" same 0:0 "$(stat -c %u:%g /srv/open-to-all/roots)"
done
chmod 1777 /srv/open-to-all
check "where nobody can exchange it, it is" contains "$(inside 'Volume=/srv/open-to-all/roots:/data:U' 'stat -c %%u /data')" '^1000$'
check "mounted it can be" contains "$(inside 'Volume=/home/alice/mine:/data' 'cat /data/file')" '^mine$'
chown -R alice: /home/alice/mine
as 1000 'cp /bin/true ~alice/mine/program; chmod 6755 ~alice/mine/program'
check "what becomes root's is set-user-ID no more" contains "$(look_in /srv/root 'Volume=/home/alice/mine:/data:U' 'stat -c %%u:%%a /data/program')" '^0:755$'
chown -R alice: /home/alice/mine
for path in / /etc /etc/ssl /etc/sudoers.d /usr /usr/share/doc /var /var/lib /boot /root /home /run /run/systemd/system /dev/shm /proc/self /sys/class /opt /srv /var/lib/berth; do
    [ -e "$path" ] || continue
    owner=$(stat -c %u:%g "$path")
    check "U of $path is refused" contains "$(inside "Volume=$path:/data:U" 'echo up')" "error: the owner of \".*\" is the system's to decide: it takes no \"U\""
    check "and does nothing" same "$owner" "$(stat -c %u:%g "$path")"
done

# --- what a .volume file mounts

put /etc/berth/bind.volume <<'END'
[Volume]
Device=/home/alice/vol
Type=bind
END
as 1000 'ln -sfn /srv/loot ~alice/vol'
check "Device= through a user's symlink is refused" contains "$(look_in /srv/root 'Volume=bind.volume:/data' 'echo up'; systemctl daemon-reload
    systemctl restart container-volume@bind 2>&1; journal_of container-volume@bind)" 'bind.volume:2:1: error: "/home/alice/vol": the symbolic link "/home/alice/vol" is a user.s'
as 1000 'rm ~alice/vol; mkdir ~alice/vol; echo vol >~alice/vol/file'
check "a user's directory is mounted" systemctl restart container-volume@bind
check "and nothing else" contains "$(look_in /srv/root 'Volume=bind.volume:/data' 'cat /data/file')" '^vol$'
systemctl stop container-volume@bind
rm -r /home/alice/vol

# What is done to such a volume is done to the directory.
mkdir -p /home/alice/roots/part /etc/berth-users-paths/part
at_end 'systemctl stop container-volume@bind; rm -rf /etc/berth-users-paths'
bound() { # DEVICE [LINE]
    printf '[Volume]\nDevice=%s\nType=none\nOptions=bind\n%s\n' "$1" "${2:-}" >/etc/berth/bind.volume
    systemctl daemon-reload
    systemctl restart container-volume@bind
}
owners() {
    stat -c %u:%g /home/alice/roots /home/alice/roots/part /etc/berth-users-paths /etc/berth-users-paths/part | xargs
}
for user in 'User=1000' 'User=0:33'; do
    require "the system's as a volume is mounted" bound /etc/berth-users-paths
    check "but not given away ($user)" contains "$(look_in /srv/root "$user"$'\nVolume=bind.volume:/data:U' 'echo up')" \
        'look.container:5:8: error: the owner of "/etc/berth-users-paths" is the system.s to decide: it takes no "U"'
    check "nor is a part of it" contains "$(look_in /srv/root "$user"$'\nMount=type=volume,source=bind.volume,target=/data,subpath=part,U' 'echo up')" \
        'error: the owner of "/etc/berth-users-paths/part" is the system.s to decide'
    require "root's in a user's directory as a volume is mounted" bound /home/alice/roots
    check "but not given away ($user)" contains "$(look_in /srv/root "$user"$'\nVolume=bind.volume:/data:U' 'echo up')" \
        'look.container:5:8: error: mount option "U" of "/home/alice/roots": what root owns, in a directory that others can write to'
done
rmdir /home/alice/roots/part
check "not even when it is empty, and used for the first time" contains "$(inside 'Volume=bind.volume:/data' 'stat -c %%u:%%g /data')" '^0:0$'
mkdir /home/alice/roots/part
check "nor to User= of the file" not bound /home/alice/roots User=1000
check "which says so" says container-volume@bind 'bind.volume:2:1: error: "User" of "/home/alice/roots": what root owns, in a directory that others can write to'
check "nor is the system's" not bound /etc/berth-users-paths Group=33
check "which says so, too" says container-volume@bind 'bind.volume:2:1: error: the owner of "/etc/berth-users-paths" is the system.s to decide: it takes no "User" or "Group"'
check "nothing has another owner" same "0:0 0:0 0:0 0:0" "$(owners)"
rm -r /etc/berth/bind.volume /home/alice/roots
systemctl stop container-volume@bind
systemctl daemon-reload

# --- devices

as 1000 'ln -sfn /dev/full ~alice/vol'
check "AddDevice= through a user's symlink is refused" contains "$(inside 'AddDevice=/home/alice/vol:/dev/of-alice' 'echo up')" \
    'look.container:5:11: error: device "/home/alice/vol": the symbolic link "/home/alice/vol" is a user.s, and leads to what that user does not own'
ln -sfn /dev/full /srv/open
check "through root's it is there" contains "$(inside 'AddDevice=/srv/open:/dev/of-root' 'ls -l /dev/of-root')" '^c.* 1, +7 '
as 1000 'rm ~alice/vol'

# --- root file systems

cat >/etc/berth/root.container <<'END'
[Container]
Rootfs=/home/alice/root
Exec=/bin/cat /etc/os-release
[Unit]
StartLimitIntervalSec=0
[Service]
Type=oneshot
END
root() { # OPTIONS
    local cursor
    sed -i "s,^Rootfs=.*,Rootfs=/home/alice/root$1," /etc/berth/root.container
    systemctl daemon-reload
    cursor=$(journal_cursor)
    systemctl start container@root 2>/dev/null || :
    sync_journal
    journalctl -q -o cat --after-cursor="$cursor" -u container@root
}
as 1000 'ln -s /srv/root ~alice/root'
for option in '' :O; do
    check "Rootfs= behind a user's symlink is refused (\"$option\")" contains "$(root "$option")" \
        'root.container:2:1: error: "/home/alice/root": the symbolic link "/home/alice/root" is a user.s, and leads to what that user does not own'
done
rm /home/alice/root
cp -a /srv/root /home/alice/root
chown alice /home/alice/root
for option in '' :O; do
    check "a user's directory can be a root (\"$option\")" contains "$(root "$option")" '^ID=berth-test$'
done
sed -i 's/^Exec.*/&\nRuntime=runc/' /etc/berth/root.container
check "with runc" contains "$(root '')" '^ID=berth-test$'
sed -i '/^Runtime/d' /etc/berth/root.container
rm -r /home/alice/root
mke2fs -q -t ext4 -d /srv/root /home/alice/root 64M 2>/dev/null || mksquashfs /srv/root /home/alice/root -quiet -no-progress >/dev/null
if [ -e /dev/loop-control ]; then
    check "so can a user's disk image" contains "$(root :O)" '^ID=berth-test$'
fi
rm /home/alice/root /etc/berth/root.container

# --- a payload may dig as deep as it likes, and its next start takes all of that

mkdir -p /srv/deep
perl -e 'chdir "/srv/deep"; for (1 .. 5000) { mkdir "d"; chdir "d" or die } open F, ">last"; print F "the last\n"'
put /etc/berth/look.container <<'END'
[Container]
Rootfs=/srv/root
User=1000
Volume=/srv/deep:/data:U
Exec=/bin/sh -c 'echo started'
[Service]
Type=oneshot
END
systemctl daemon-reload
check "a volume of 5,000 directories in each other starts" systemctl start container@look
check "and is the user's to its end" same "1000 1000 the last" \
    "$(perl -e 'chdir "/srv/deep"; for (1 .. 5000) { chdir "d" or die } print((stat ".")[4], " ", (stat "last")[4], " "); open F, "last"; print <F>')"
rm -r /srv/deep

# --- 1,000 tries against a user who exchanges what is mounted, 50 starts of 20 volumes each: with symlinks to root's, and with what root has in the same directory

as 1000 'mkdir -p ~alice/race; cd ~alice/race; for i in $(seq 0 19); do mkdir v$i; echo mine >v$i/file; done'
put "$TMP/exchange" 0755 <<'END'
#!/usr/bin/perl
# Each of them is a directory, a symlink to root's, and a directory again, as fast as can be.
chdir '/home/alice/race';
$| = 1;
for (my $i = 0;; $i = ($i + 1) % 20) {
    symlink '/srv/loot/deep', "l$i";
    rename "v$i", "o$i";
    rename "l$i", "v$i";
    unlink "v$i";
    rename "o$i", "v$i";
}
END
chmod 755 /run/berth-tests "$TMP" 2>/dev/null || :
cp "$TMP/exchange" /usr/local/bin/exchange
at_end 'rm -f /usr/local/bin/exchange'
setpriv --reuid=1000 --regid=1000 --clear-groups /usr/local/bin/exchange &
exchanger=$!
at_end "kill $exchanger 2>/dev/null"
keys="User=1000"
for i in $(seq 0 19); do
    keys+=$'\n'"Volume=/home/alice/race/v$i:/data/v$i:U"
done
put /etc/berth/look.container <<END
[Container]
Rootfs=/srv/root
Exec=/bin/sh -c 'cat /data/*/file'
$keys
[Unit]
StartLimitIntervalSec=0
[Service]
Type=oneshot
END
systemctl daemon-reload
cursor=$(journal_cursor)
for i in $(seq 50); do
    systemctl start container@look 2>/dev/null || :
done
kill "$exchanger"
wait "$exchanger" 2>/dev/null || :
sync_journal
out=$(journalctl -q -o cat --after-cursor="$cursor" -u container@look)
check "the user was caught" contains "$out" "the symbolic link \"/home/alice/race/v[0-9]+\" is a user's"
check "nothing of root's was shown" not contains "$out" '^loot$'
check "nothing of root's has another owner" same "$before" "$(loot)"
check "nothing is left" same "" "$(container_files)"

for i in $(seq 0 19); do
    rm -rf "/home/alice/race/v$i" "/home/alice/race/o$i" "/home/alice/race/l$i"
    mkdir "/home/alice/race/v$i" "/home/alice/race/r$i"
    chown 1000:1000 "/home/alice/race/v$i"
    echo mine >"/home/alice/race/v$i/file"
    echo of root >"/home/alice/race/r$i/file"
    chmod 600 "/home/alice/race/r$i/file"
done
put /usr/local/bin/exchange 0755 <<'END'
#!/usr/bin/perl
# Each is the user's, root's, and the user's again.
chdir '/home/alice/race';
for (my $i = 0;; $i = ($i + 1) % 20) {
    rename "v$i", "o$i";
    rename "r$i", "v$i";
    rename "v$i", "r$i";
    rename "o$i", "v$i";
}
END
setpriv --reuid=1000 --regid=1000 --clear-groups /usr/local/bin/exchange &
exchanger=$!
cursor=$(journal_cursor)
for i in $(seq 50); do
    systemctl start container@look 2>/dev/null || :
done
kill "$exchanger"
wait "$exchanger" 2>/dev/null || :
sync_journal
out=$(journalctl -q -o cat --after-cursor="$cursor" -u container@look)
check "the user was caught here, too" contains "$out" 'mount option "U" of "/home/alice/race/[vr][0-9]+": what root owns, in a directory'
check "nothing of root's was shown" not contains "$out" '^of root$'
check "nothing of root's has another owner" same 20 "$(find /home/alice/race -name file -user root -perm 600 | wc -l)"
check "nor its directory" same 20 "$(find /home/alice/race -mindepth 1 -type d -user root | wc -l)"
check "nothing is left" same "" "$(container_files)"
