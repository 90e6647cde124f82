# Mount=type=image: images that containers mount, beside or instead of their own, and what prune, rmi and fsck make of that; volumes with Driver=image.
# guests: nspawn
# timeout: 240

at_end 'systemctl stop "container@*" 2>/dev/null; rm -rf /etc/berth/*.container /etc/berth/*.image; berth prune >/dev/null 2>&1'
make_rootfs /srv/root
make_rootfs /srv/tree
mkdir -p /srv/low/data/deep /srv/low/etc /srv/high/data
echo low >/srv/low/data/low
echo part >/srv/low/data/deep/part
chown 33:44 /srv/low/data/deep/part
ln -s /../../../../etc /srv/low/out
mknod /srv/low/null c 1 3
echo secret >/srv/low/etc/inside
echo high >/srv/high/data/high
make_image /srv/mountable:two /srv/low /srv/high
make_image /srv/mountable:one /srv/low
make_image /srv/mountable:root /srv/tree

# Runs a script in a container with the given keys, and shows what it printed and what was said.
inside() { # KEYS SCRIPT
    local cursor
    put /etc/berth/look.container <<END
[Container]
Exec=/bin/sh -c '${2//%/%%}'
$1

[Unit]
StartLimitIntervalSec=0

[Service]
Type=oneshot
END
    systemctl daemon-reload
    cursor=$(journal_cursor)
    systemctl start container@look || :
    sync_journal
    journalctl -q -o short --after-cursor="$cursor" | sed -n -E 's/^[^[]* (look|berth-helper)\[[0-9]+\]: //p' | grep -v '^warning: this system does not'
}
two=type=image,source=oci:/srv/mountable:two
one=type=image,source=oci:/srv/mountable:one

# --- what is mounted

check "nothing is there before" same "" "$(berth images | grep /srv/mountable)"
out=$(inside "Rootfs=/srv/root
Mount=$two,destination=/two
Mount=$one,destination=/one
Mount=$two,destination=/mine,rw=true" \
    'cat /two/data/*w /two/data/high; ls /one/data; grep -E " /(one|two|mine) " /proc/mounts; echo x >/two/x; echo x >/one/x; echo x >/mine/new && cat /mine/new; cat /mine/data/low; cat /one/null; stat -c "%u:%g" /two/data/deep/part')
check "an image of two layers is pulled and mounted" same "low high" "$(grep -xE 'low|high' <<<"$out" | head -n 2 | xargs)"
check "read-only" contains "$out" "can't create /two/x: Read-only file system"
check "so is one of a single layer" contains "$out" "can't create /one/x: Read-only file system"
check "each is a mount" same 3 "$(grep -c ' overlay ' <<<"$out")"
check "its device nodes are none" contains "$out" "can't open '/one/null': Permission denied"
check "its owners are those of the image" contains "$out" '^33:44$'
check "with rw it can be written to" contains "$out" '^x$'
out=$(inside "Rootfs=/srv/root
Mount=$two,destination=/mine,rw" 'ls -A /mine; echo x >/mine/data/low && echo changed')
check "what was written is thrown away" not contains "$out" '^new$'
check "once more" contains "$out" '^changed$'
check "the layers are as they were" contains "$(inside "Rootfs=/srv/root
Mount=$two,destination=/two" 'cat /two/data/low')" '^low$'
check "nothing is left" same "" "$(container_files)"
check "nothing is mounted" same "" "$(grep -e /run/berth -e /var/lib/berth/ /proc/self/mountinfo)"

# --- parts

out=$(inside "Rootfs=/srv/root
Mount=$two,destination=/part,subpath=data/deep
Mount=$one,destination=/file,subpath=/data/deep/part
Mount=$two,destination=/written,rw,subpath=data" 'cat /part/part /file; ls /written; echo x >/file || echo file read-only; echo x >/written/x && ls /written/x')
check "subpath=" same "part part" "$(grep -x part <<<"$out" | xargs)"
check "of a file" contains "$out" '^file read-only$'
check "and one that is written to" contains "$out" '^/written/x$'
out=$(inside "Rootfs=/srv/root
Mount=$two,destination=/part,subpath=out" 'cat /part/inside; ls /part')
check "a link stays in the image" same "inside secret" "$(sort <<<"$out" | xargs)"
out=$(inside "Rootfs=/srv/root
Mount=$two,destination=/part,subpath=no/where" 'echo up')
check "one that is not there" contains "$out" \
    'look.container:4:7: error: "no/where" in the image "oci:/srv/mountable:two": No such file or directory$'
check "keeps it from starting" not contains "$out" '^up$'

# --- beside an image, in a user namespace

out=$(inside "Image=oci:/srv/mountable:root
Mount=$two,destination=/two" 'cat /two/data/high')
check "beside the container's own image" contains "$out" '^high$'
printf '[Image]\nImage=oci:/srv/mountable:one\nImageTag=localhost/one:1\n' >/etc/berth/one.image
put /etc/berth/mapped.container <<'END'
[Container]
Image=oci:/srv/mountable:root
Exec=/bin/sh -c "stat -c '%%u:%%g' /one/data/deep/part /two/data/deep/part /two/data; echo x >/two/data/deep/new && stat -c '%%u:%%g new' /two/data/deep/new; exec sleep 1000"
UIDMap=0:600000:65536
GIDMap=0:600000:65536
Mount=type=image,source=one.image,destination=/one
Mount=type=image,source=oci:/srv/mountable:two,destination=/two,rw
StopTimeout=1
END
rm /etc/berth/look.container
systemctl daemon-reload
check "in a user namespace" systemctl start container@mapped
check "owners are those of the image, too" says container@mapped '^33:44$'
check "both times" same 2 "$(journal_of container@mapped | grep -cx 33:44)"
check "the container's root may write" says container@mapped '^0:0 new$'
check "the image of a file was pulled by its unit" contains "$(journal_of container-image@one)" '^Pulled oci:/srv/mountable:one$'

# --- what is in use stays

check "what is in use is on record" same "manifest mounted mounted" "$(cut -d' ' -f1 /run/berth/bundles/mapped/image | grep -v layer | xargs)"
out=$(berth images)
check "berth images: which file asks for it, and who runs with it" contains "$out" '^oci:/srv/mountable:two .* mapped.container, mapped \(running\)$'
rm /etc/berth/mapped.container /etc/berth/one.image
out=$(berth rmi oci:/srv/mountable:two 2>&1) && out="$out (success)"
check "rmi does not remove it" contains "$out" 'The image oci:/srv/mountable:two is in use by the container mapped$'
out=$(berth prune --dry-run)
check "prune would not either" not contains "$out" 'mountable:(one|two)'
check "prune" berth prune
check "leaves it" contains "$(berth images)" '^oci:/srv/mountable:two '
main=$(main_pid container@mapped)
check "it is still there for the container" same "part" "$(cat "/proc/$main/root/one/data/deep/part")"
check "fsck is content" berth fsck
systemctl stop container@mapped
check "when nobody needs it, prune removes it" contains "$(berth prune)" '^removed oci:/srv/mountable:two$'
put /etc/berth/asking.container <<END
[Container]
Rootfs=/srv/root
Exec=sleep 1000
StopTimeout=1
Mount=$two,destination=/two
END
systemctl daemon-reload
systemctl start container@asking
systemctl stop container@asking
check "not what a file asks for" same "" "$(berth prune | grep -E 'mountable:two')"
berth rmi oci:/srv/mountable:two >/dev/null
check "the next start pulls it again" systemctl start container@asking
systemctl stop container@asking
check "berth spec shows the mount" contains "$(berth spec asking)" '"source": "/run/berth/bundles/asking/image-0"'

# --- volumes that are filled from an image

store=/var/lib/berth/volumes
at_end 'systemctl stop "container-volume@*" 2>/dev/null; rm -rf /var/lib/berth/volumes/seed /var/lib/berth/volumes/based /etc/berth/*.volume'
rm -f /etc/berth/*
printf '[Image]\nImage=oci:/srv/mountable:one\n' >/etc/berth/base.image
printf '[Volume]\nDriver=image\nImage=oci:/srv/mountable:two\n' >/etc/berth/seed.volume
printf '[Volume]\nDriver=image\nImage=base.image\n' >/etc/berth/based.volume
for image in one two; do berth rmi "oci:/srv/mountable:$image" >/dev/null 2>&1 || :; done
out=$(inside 'Rootfs=/srv/root
Volume=seed.volume:/etc
Volume=based.volume:/data:ro' 'cat /etc/data/low /etc/data/high; stat -c "%u:%g" /etc/data/deep/part; echo x >/etc/written; ls /data; ls -d /etc/passwd; echo x >/data/x || echo refused')
check "Driver=image: the image is pulled, and what it has is in the volume" same "low high" "$(grep -xE 'low|high' <<<"$out" | xargs)"
check "with its owners" contains "$out" '^33:44$'
check "an image of a .image file" contains "$out" '^data$'
check "read-only, where the container wants it so" contains "$out" '^refused$'
check "nothing else fills it" contains "$out" "^ls: /etc/passwd: No such file or directory$"
check "nothing is mounted for it" same "" "$(grep -e /var/lib/berth/ /proc/self/mountinfo)"
systemctl stop container-volume@seed
check "what is written stays" contains "$(inside 'Rootfs=/srv/root
Volume=seed.volume:/etc' 'cat /etc/written')" '^x$'
check "not in the image" contains "$(inside "Rootfs=/srv/root
Mount=$two,destination=/two" 'ls /two')" '^out$'
systemctl stop container-volume@seed
check "prune leaves what a volume's file asks for" not contains "$(berth prune)" 'mountable:(one|two)'
check "the volume needs the image no longer" berth rmi oci:/srv/mountable:two
mv /srv/mountable /srv/mountable.away
check "when it is full, it starts also if the image cannot be pulled" contains "$(inside 'Rootfs=/srv/root
Volume=seed.volume:/etc' 'cat /etc/written')" '^x$'
systemctl stop container@look container-volume@seed
check "it is a volume like any other" berth volumes rm seed
out=$(inside 'Rootfs=/srv/root
Volume=seed.volume:/etc' 'echo up')
check "without the image an empty one does not start" contains "$out" \
    "seed.volume:3:1: error: the image \"oci:/srv/mountable:two\" is not there; to see why it was not pulled: journalctl -u 'container-image@oci:-srv-mountable:two.service'; if nothing is there, as the file was changed: systemctl daemon-reload, or berth pull oci:/srv/mountable:two\$"
check "nor does its container" not contains "$out" '^up$'
mv /srv/mountable.away /srv/mountable
rm /etc/berth/look.container
put /etc/berth/unloaded.container <<'END'
[Container]
Rootfs=/srv/root
Exec=sleep 1000
StopTimeout=1
END
systemctl daemon-reload
sed -i 's/^Exec=.*/&\nVolume=seed.volume:\/etc/' /etc/berth/unloaded.container
check "nor one that was not reloaded" not systemctl start container@unloaded
check "which says what to type" says container@unloaded 'unloaded.container:4:8: error: the volume "seed" is not filled; use: systemctl restart container-volume@seed.service$'
check "that helps" systemctl restart container-volume@seed.service
check "it starts" systemctl start container@unloaded
check "with what is in the image" test -e $store/seed/_data/data/high
systemctl stop container@unloaded

# It is hit while it is filled: never half-full for a container.
mkdir -p /srv/big/files
for ((i = 0; i < 400; i++)); do
    echo "$i" >"/srv/big/files/$i"
done
make_image /srv/mountable:big /srv/big
sed -i 's/:two/:big/' /etc/berth/seed.volume
systemctl daemon-reload
systemctl start container-image@oci:-srv-mountable:big
rounds=$(rounds 8 80)
for ((round = 0; round < rounds; round++)); do
    systemctl stop container-volume@seed
    rm -rf $store/seed
    systemctl start --no-block container-volume@seed
    sleep "0.0$((RANDOM % 60 + 10))"
    systemctl kill -s KILL container-volume@seed 2>/dev/null || :
    systemctl stop container-volume@seed 2>/dev/null || :
    systemctl reset-failed container-volume@seed 2>/dev/null || :
    systemctl start container-volume@seed
    [ "$(find $store/seed/_data -type f | wc -l)" = 400 ] || break
done
check "$rounds kills while it is filled" same "$rounds: 400" "$round: $(find $store/seed/_data -type f | wc -l)"
rm -f /etc/berth/*
systemctl daemon-reload

# --- when it is not there

put /etc/berth/never.container <<'END'
[Container]
Rootfs=/srv/root
Exec=sleep 1000
Pull=never
Mount=type=image,source=localhost/absent:1,destination=/x
END
put /etc/berth/gone.container <<'END'
[Container]
Rootfs=/srv/root
Exec=sleep 1000
Mount=type=image,source=oci:/srv/absent:1,destination=/x
END
systemctl daemon-reload
check "Pull=never" not systemctl start container@never
check "says what to type" says container@never \
    'never.container:5:7: error: the image "localhost/absent:1" is not there, and never to be pulled by itself; to pull it: berth pull localhost/absent:1$'
check "one that cannot be pulled" not systemctl start container@gone
check "says where to look" says container@gone \
    "gone.container:4:7: error: the image \"oci:/srv/absent:1\" is not there; to see why it was not pulled: journalctl -u 'container-image@oci:-srv-absent:1.service'; if nothing is there, as the file was changed: systemctl daemon-reload, or berth pull oci:/srv/absent:1\$"
check "nothing is left at the end" same "" "$(container_files)"
