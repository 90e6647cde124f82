# UserNS= of a user's containers: whom they are, and whose what they write is, as with podman.
# guests: nspawn
# timeout: 180

make_user alice 1000
home=/home/alice
first=$(sed -n 's/^alice:\([0-9]*\):.*/\1/p' /etc/subuid)
user() {
    as_user alice "$@"
}
make_rootfs $home/root
mkdir -m 777 $home/data
chown -R alice: $home/root $home/data

# What a container says that writes a file of its own name, which it gives to 5:6 when it can.
run() { # NAME KEYS
    put "$home/.config/berth/$1.container" <<END
[Container]
Rootfs=$home/root
Network=none
Volume=$home/data:/data
Exec=/bin/sh -c "id; grep : /etc/passwd; touch /data/$1; touch /data/$1.5 && chown 5:6 /data/$1.5; ls -ln /data"
$2
[Service]
Type=oneshot
END
    chown -R alice: $home/.config
    user systemctl --user daemon-reload
    user systemctl --user start "container@$1"
}
owner() { # FILE
    stat -c %u:%g "$home/data/$1"
}

require "without UserNS=" run plain ""
check "root is the user" same 1000:1000 "$(owner plain)"
check "others are subordinate IDs" same "$((first + 4)):$((first + 5))" "$(owner plain.5)"
require "UserNS=host" run host "UserNS=host"
check "is the same" same "1000:1000 $((first + 4)):$((first + 5))" "$(owner host) $(owner host.5)"

require "UserNS=keep-id" run keep "UserNS=keep-id"
check "the user keeps its number" wait_for 20 user_says keep '^uid=1000\([^)]*\) gid=1000'
check "and is in the container's list of users" user_says keep '^[^:]*:[^:]*:1000:1000:'
check "and what it writes is its own" same 1000:1000 "$(owner keep)"
require "keep-id with runc, whose root may not read what the start waits at" run keep-runc "UserNS=keep-id"$'\n'"Runtime=runc"
check "is the same" wait_for 20 user_says keep-runc '^uid=1000\([^)]*\) gid=1000'
check "and the user's own" same 1000:1000 "$(owner keep-runc)"
require "keep-id, as root" run keep-root "UserNS=keep-id"$'\n'"User=0"
check "root is the first subordinate ID" same "$first:$first" "$(owner keep-root)"
check "and others the next ones" same "$((first + 5)):$((first + 6))" "$(owner keep-root.5)"
require "keep-id with other numbers" run keep-other "UserNS=keep-id:uid=33,gid=44"
check "has them" wait_for 20 user_says keep-other '^uid=33\([^)]*\) gid=44'
check "and what it writes is the user's" same 1000:1000 "$(owner keep-other)"
require "keep-id with fewer IDs" run keep-few "UserNS=keep-id:uid=3,gid=3,size=5"$'\n'"User=0"$'\n'"Exec=/bin/sh -c 'touch /data/keep-few; cat /proc/self/uid_map; chown 4:4 /data/keep-few && ! chown 5:5 /data/keep-few && echo that is all'"
check "has the user" wait_for 20 user_says keep-few '^ +3 +0 +1$'
check "and the first of the others" user_says keep-few '^ +0 +1 +3$'
check "as many as asked for" user_says keep-few '^that is all$'
check "which are the container's" same "$((first + 3)):$((first + 3))" "$(owner keep-few)"

require "UserNS=nomap" run nomap "UserNS=nomap"
check "root is the first subordinate ID, and nobody is the user" same "$first:$first $((first + 5)):$((first + 6))" "$(owner nomap) $(owner nomap.5)"
check "whose files are nobody's" wait_for 20 user_says nomap ' 65534 +65534 .* plain$'
require "SubUIDMap= of the user" run sub-ids "SubUIDMap=alice"
check "is the same" same "$first:$first $((first + 5)):$((first + 6))" "$(owner sub-ids) $(owner sub-ids.5)"
put /etc/subuid <<<"$(cat /etc/subuid)"$'\n'"bobs-ids:3000000:10"
at_end "sed -i /^bobs-ids:/d /etc/subuid"
check "SubUIDMap= of another is refused" not run sub-others "SubUIDMap=bobs-ids"$'\n'"SubGIDMap=alice"
check "with the reason" wait_for 20 user_says sub-others ':[0-9]+:1: error: the IDs of "bobs-ids" in /etc/subuid are not all yours; a user.s container can have'
require "UserNS=auto" run auto "UserNS=auto"
auto=$(owner auto)
check "has IDs among the subordinate ones" test "${auto%:*}" -ge "$first" -a "${auto%:*}" -le $((first + 65536 - 1024))
check "that follow each other" same "$((${auto%:*} + 5)):$((${auto%:*} + 6))" "$(owner auto.5)"
require "with a mapping that the file says" run auto-more "UserNS=auto:uidmapping=7:0:1"$'\n'"User=7"
check "the user may be one" same 1000 "$(stat -c %u $home/data/auto-more)"
put $home/.config/berth/large.container <<END
[Container]
Image=oci:$home/layout:x
UserNS=auto:size=40000
Volume=kept:/kept
Network=none
Notify=healthy
HealthCmd=test -e /kept/file
END
make_image $home/layout:x $home/root -- --config.cmd /bin/sh --config.cmd -c \
    --config.cmd "cat /proc/self/uid_map; ls -ln /bin/busybox; touch /kept/file /file; chown 7:8 /file && ls -ln /file; sleep 1000"
chown -R alice: $home/layout $home/.config
user systemctl --user daemon-reload
require "an image, with a volume" user systemctl --user start container@large
check "as many IDs as asked for" wait_for 20 user_says large '^ *0 +[1-9][0-9]* +40000$'
check "who owns the image's files is who did" wait_for 20 user_says large ' 1000 +1000 .* /bin/busybox$'
check "its own can be given away" wait_for 20 user_says large ' 7 +8 .* /file$'
check "a command runs as its root" same 0 "$(user berth --user exec large id -u)"
check "the IDs of one are no other's" not run second "UserNS=auto:size=40000"
check "with the reason" wait_for 20 user_says second 'there is no free range of 40000 IDs for "auto" among those of this user in'
user systemctl --user stop container@large || :
require "until it ends" run second "UserNS=auto:size=40000"
put $home/.config/berth/apart.pod <<<"[Pod]"$'\n'"UserNS=auto"$'\n'"Network=none"
put $home/.config/berth/member.container <<<"[Container]"$'\n'"Image=oci:$home/layout:x"$'\n'"Pod=apart.pod"$'\n'"Volume=kept:/kept"
chown -R alice: $home/.config
user systemctl --user daemon-reload
require "a pod's containers" user systemctl --user start container@member
check "have the pod's" wait_for 20 user_says member '^ *0 +[1-9][0-9]* +1024$'
user systemctl --user stop container-pod@apart
put $home/.config/berth/looked-at.container <<END
[Container]
Rootfs=$home/root
UserNS=auto
Runtime=runc
Network=none
HealthCmd=true
HealthInterval=1s
Exec=sleep 1000
StopTimeout=1
END
chown -R alice: $home/.config
user systemctl --user daemon-reload
require "with runc, in a root that the user is not in" user systemctl --user start container@looked-at
check "commands are run" same 0 "$(user berth exec looked-at id -u 2>&1)"
check "and health checks" wait_for 20 grep -q '"Status": "healthy"' /run/user/1000/berth/bundles/looked-at/health.json
user systemctl --user stop container@looked-at

require "mappings" run mapped "UIDMap=0:11:10"$'\n'"UIDMap=100:0:1"$'\n'"GIDMap=0:0:10"
check "count from the user as 0" same "$((first + 10)):1000" "$(owner mapped)"
check "and go over the end of a range" same "$((first + 15)):$((first + 5))" "$(owner mapped.5)"
check "an ID that the user does not have is refused" not run foreign "UIDMap=0:0:100000"
check "with the reason" wait_for 20 user_says foreign ':[0-9]+:1: error: the user ID 99999 is to be mapped'
require "mappings may leave out the user" run without "UIDMap=0:1:10"
check "then root is another" same "$first:$first $((first + 5)):$((first + 6))" "$(owner without) $(owner without.5)"
require "IDs of the machine" run machine "UIDMap=0:@$((first + 20)):10"$'\n'"UIDMap=100:@1000:1"$'\n'"GIDMap=0:0:10"
check "are those" same "$((first + 20)):1000" "$(owner machine)"
check "and what follows them" same "$((first + 25)):$((first + 5))" "$(owner machine.5)"
require "another mapping that takes from all" run extended "UIDMap=+5:@$((first + 30)):1"$'\n'"GIDMap=+g6:@$((first + 40)):1"
check "leaves the rest as it is" same 1000:1000 "$(owner extended)"
check "and has those IDs" same "$((first + 30)):$((first + 40))" "$(owner extended.5)"
check "an ID of another is refused" not run others "UIDMap=0:@0:1"$'\n'"UIDMap=1:0:1"
check "with the reason" wait_for 20 user_says others 'neither yours nor one of your subordinate IDs'

# The manager has the user's groups from when it was started.
mkdir -m 2770 $home/shared
groupadd --gid 4321 sharing
at_end "groupdel sharing"
usermod --append --groups sharing alice
chgrp 4321 $home/shared
chmod 755 $home
systemctl restart user@1000.service
wait_for 60 test -S /run/user/1000/systemd/private
require "GroupAdd=keep-groups" run groups "GroupAdd=keep-groups"$'\n'"Volume=$home/shared:/shared"$'\n'"User=1"$'\n'"Exec=/bin/touch /shared/mine"
check "has the user's groups" same 4321 "$(stat -c %g $home/shared/mine)"
check "nothing is left" same "" "$(find /run/user/1000/berth/bundles /run/user/1000/berth/runtime -mindepth 1 -not -path '*/.cache*')"
