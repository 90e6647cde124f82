# The store of images: what is unpacked is what others unpack, whatever happens meanwhile nothing is half-done, and what nobody needs can be removed.
# guests: nspawn
# timeout: 300

S=/var/lib/berth
rm -rf "$S"/{blobs,layers,trees,images,downloads,staging,locks} # of other cases
check "fsck before the first pull" same "there is nothing to check: no image has been pulled yet" "$(berth fsck 2>&1)"
check "is no failure" berth fsck
check "there are no images" same "0" "$(berth images --noheadings | wc -l)"
check "nothing to prune" berth prune
check "and nothing to remove" not berth rmi docker.io/library/none

# --- a real system in several layers, unpacked as umoci does it

# Everything that a listing can tell of a tree.
list_tree() { # DIRECTORY
    (
        cd "$1"
        find . \( -type f -o -type l \) -printf '%p %y %m %U %G %s %n %Ts %l\n' -o -printf '%p %y %m %U %G %Ts\n' | LC_ALL=C sort
        find . -type f -print0 | LC_ALL=C sort -z | xargs -0 cat | sha256sum
        getfattr -R -h -d -m '^(security\.capability|user\.)' . 2>/dev/null
    )
}

mkdir -p /srv/system /srv/change
tar -C / --one-file-system -cf - etc usr/bin usr/sbin usr/lib/systemd var/lib/dpkg bin sbin lib | tar -C /srv/system -xf -
(
    cd /srv/change
    mkdir -p usr/bin var/lib/dpkg etc/skel new/deep
    touch usr/bin/.wh.find var/lib/dpkg/.wh..wh..opq etc/.wh.services
    echo ours >var/lib/dpkg/status
    printf 'holes' >new/sparse
    truncate -s 3M new/sparse
    ln new/sparse new/deep/link
    ln -s /etc/../etc/passwd "new/a link with spaces"
    mkfifo new/pipe
    cp /bin/busybox new/capable
    setcap cap_net_raw+ep new/capable 2>/dev/null || :
    chmod 4711 new/capable
    chown 1234:4321 new/deep
    chmod 1777 new/deep
    echo umlauts >"new/$(printf '\303\244\303\266')"
    mkdir -p "new/$(printf 'n%.0s' {1..120})/$(printf 'm%.0s' {1..120})"
    echo long >"new/$(printf 'n%.0s' {1..120})/$(printf 'm%.0s' {1..120})/file"
    touch -h -d @1000000000 new/* new/deep/link new
)
make_image /srv/layout:system /srv/system /srv/change
require "a real system is pulled" berth pull oci:/srv/layout:system
umoci unpack --image /srv/layout:system /srv/umoci >/dev/null 2>&1
manifest=$(head -n 1 "$S/images/$(systemd-escape oci:/srv/layout:system)")
config=$(sed 's/.*"config":{[^}]*"digest":"\([^"]*\)".*/\1/' "$S/blobs/sha256/${manifest#sha256:}")
lower=
for layer in $(grep -o '"diff_ids":\[[^]]*' "$S/blobs/sha256/${config#sha256:}" | grep -o '[0-9a-f]\{64\}'); do
    lower=$S/layers/sha256/$layer${lower:+:$lower}
done
mkdir -p "$TMP/merged"
mount -t overlay -o "lowerdir=$lower" overlay "$TMP/merged"
at_end 'umount "$TMP/merged" 2>/dev/null'
list_tree "$TMP/merged" >"$TMP/ours"
list_tree /srv/umoci/rootfs >"$TMP/theirs"
check "thousands of files" test "$(wc -l <"$TMP/ours")" -gt 1000
check "are as umoci unpacks them" diff "$TMP/theirs" "$TMP/ours"
umount "$TMP/merged"
check "all of it is sound" berth fsck
blobs_of_layers() { find $S/blobs/sha256 -type f -size +40k | wc -l; }
check "the compressed layers are not kept" same 0 "$(blobs_of_layers)"
berth rmi oci:/srv/layout:system >/dev/null
BERTH_KEEP_BLOBS=yes berth pull oci:/srv/layout:system >/dev/null
check "but where that is asked for" same 2 "$(blobs_of_layers)"
check "which is sound, too" berth fsck
size=$(berth images --json | tr -d ' \n' | sed 's/.*"size":\([0-9]*\).*/\1/')
whole=$((($(find $S/blobs -type f -printf '%s + ') 0) + 1024 * $(du -sk $S/layers/sha256 | cut -f1)))
check "berth images counts both ($size of $whole bytes)" test "$size" -gt $((whole - 65536)) -a "$size" -lt $((whole + 65536))

# --- killed, full, and many at once

is_clean() {
    same "" "$(find "$S/staging" "$S/downloads" -mindepth 1 2>/dev/null)"
}

berth rmi oci:/srv/layout:system >/dev/null
check "nothing is left of an image that was removed" same "" "$(find $S/blobs $S/layers $S/trees $S/images $S/locks -type f; is_clean)"
began=$(date +%s%N)
berth pull oci:/srv/layout:system >/dev/null 2>&1
took=$((($(date +%s%N) - began) / 1000))
kills=$(rounds 8 80)
for ((i = 1; i <= kills; i++)); do
    berth rmi oci:/srv/layout:system >/dev/null 2>&1 || :
    setsid berth pull oci:/srv/layout:system >/dev/null 2>&1 &
    sleep "$(awk -v t="$took" -v s=$RANDOM 'BEGIN { printf "%.3f", t * (s / 32768) / 1000000 }')"
    kill -KILL -- -$! 2>/dev/null || :
    wait $! 2>/dev/null || :
    berth fsck >"$TMP/fsck" 2>&1 || { cat "$TMP/fsck"; check "kill $i left something broken" false; break; }
done
check "killed $kills times, nothing is broken" contains "$(cat "$TMP/fsck")" ' 0 problems$'
check "the pull after that" berth pull oci:/srv/layout:system
check "leaves nothing half-done" is_clean

berth rmi oci:/srv/layout:system >/dev/null
for ((i = 1; i <= 8; i++)); do
    berth pull oci:/srv/layout:system >"$TMP/many.$i" 2>&1 &
done
failed=0
for job in $(jobs -p); do
    wait "$job" || failed=$((failed + 1))
done
check "eight pulls at once" same 0 "$failed"
check "unpack each layer once" same 2 "$(find $S/layers/sha256 -mindepth 1 -maxdepth 1 | wc -l)"
check "and leave nothing half-done" is_clean
berth rmi oci:/srv/layout:system >/dev/null

mkdir -p "$TMP/store"
mount -t tmpfs -o size=24m,mode=755 full "$TMP/store"
mount --bind "$TMP/store" "$S"
# What is below it may be a mount of the guest's.
at_end '! grep -q " $S .* - tmpfs full " /proc/self/mountinfo || umount "$S"; umount "$TMP/store" 2>/dev/null'
check "a full disk is said" contains "$(berth pull oci:/srv/layout:system 2>&1)" 'No space left on device|no space left on device'
check "and shows nothing half-made" same "" "$(find $S/images $S/layers -mindepth 2)"
mount -o remount,size=2g "$TMP/store"
check "with more room it goes on" berth pull oci:/srv/layout:system
check "and is sound" berth fsck
umount "$S" "$TMP/store"

# --- looking after it

make_rootfs /srv/base
mkdir -p /srv/one /srv/two
echo one >/srv/one/one
echo two >/srv/two/two
make_image /srv/layout:one /srv/base /srv/one
make_image /srv/layout:two /srv/base /srv/two
berth pull oci:/srv/layout:one oci:/srv/layout:two >/dev/null
put /etc/berth/one.container <<'EOF'
[Container]
Image=oci:/srv/layout:one
Exec=/bin/sleep infinity
RunInit=yes
EOF
put /etc/berth/many@.container <<'EOF'
[Container]
Image=oci:/srv/layout:%i
Exec=/bin/sleep infinity
EOF
images=$(berth images)
check "images are listed" contains "$images" '^oci:/srv/layout:one  [0-9a-f]{12}  +[0-9.]+M  +[0-9.]+M  +2  many@.container, one.container$'
check "as JSON, too" contains "$(berth images --json | tr -d ' \n')" '"name":"oci:/srv/layout:two","digest":"sha256:[0-9a-f]{64}","size":[0-9]+,"sharedSize":[0-9]+,"layers":2,"usedBy":\["many@.container"\],"problem":null'
check "what files ask for is kept" contains "$(berth prune --dry-run)" '^would remove 0 layers and 0 blobs, 0B$'
rm /etc/berth/many@.container
check "a dry run says what would go" contains "$(berth prune --dry-run)" '^would remove oci:/srv/layout:two$'
check "and removes nothing" contains "$(berth images)" '^oci:/srv/layout:two '
systemctl daemon-reload
require "a container of an image" systemctl start container@one
check "is among its users" contains "$(berth images)" '  one.container, one \(running\)$'
left=/var/lib/berth/downloads/127.0.0.1+5009-a-left+1
mkdir -p $left/blobs/sha256 $left/layout
head -c 10240 /dev/zero >$left/blobs/sha256/part
mkdir -p /run/berth/pull
exec 5>/run/berth/pull/127.0.0.1+5009-a-left+1.lock
flock 5
check "a download that a pull goes on with is left alone" not contains "$(berth prune --dry-run)" 'interrupted'
exec 5>&-
check "a dry run tells of what an interrupted pull has left" contains "$(berth prune --dry-run)" \
    '^would remove what an interrupted pull of 127.0.0.1:5009/a/left:1 has fetched, 10K$'
check "and leaves it" test -e $left/blobs/sha256/part
free=$(berth prune --dry-run | sed -n 's/^would remove .* blobs, //p')
check "df: what prune would free of images" contains "$(berth df)" "^images +2 +[0-9.]+[KM] +$free +/var/lib/berth\$"
check "of downloads" contains "$(berth df)" '^downloads +1 +[0-9.]+K +10K +/var/lib/berth/downloads$'
check "of volumes nothing" contains "$(berth df)" '^volumes +[0-9]+ +[0-9.]+[BKM] +0B +/var/lib/berth/volumes$'
check "as JSON" contains "$(berth df --json | tr -d ' \n')" '^\[\{"what":"images","count":2,"size":[0-9]+,"reclaimable":[0-9]+,"path":"/var/lib/berth"\},'
head -c 1100000 /dev/zero | tr '\0' '#' >/etc/berth/huge.container
out=$(berth prune 2>&1) || status=$?
check "a file that cannot be read may ask for anything" contains "$out" '^berth: /etc/berth/huge.container: error: larger than 1 MiB$'
check "df: then prune frees nothing" contains "$(berth df)" '^images +2 +[0-9.]+[KM] +0B '
check "so nothing is pruned" same "1 2" "${status:-0} $(berth images | grep -c '^oci:')"
rm /etc/berth/huge.container
status=
out=$(berth rmi oci:/srv/layout:one 2>&1) || :
check "an image in use is not removed" contains "$out" '^berth: The image oci:/srv/layout:one is in use by the container one$'
rm /etc/berth/one.container
check "while a file cannot be read, it is left, too" test -e $left
out=$(berth prune)
check "nor pruned, file or not" contains "$out" '^removed oci:/srv/layout:two$'
check "what an interrupted pull has left goes" contains "$out" '^removed what an interrupted pull of 127.0.0.1:5009/a/left:1 has fetched, 10K$'
check "all of it" not test -e $left
check "nor is any layer of it" same 2 "$(find $S/layers/sha256 -mindepth 1 -maxdepth 1 | wc -l)"
check "the container goes on" unit_is container@one ActiveState active

file=$(find "$S/layers/sha256" -name one -type f)
echo changed >"$file"
out=$(berth fsck 2>&1) || status=$?
check "a changed layer is found" contains "$out" '^layer sha256:[0-9a-f]{64} is not what it was: its files have another digest$'
check "and left to the container that has it" contains "$out" 'stays while the container one uses it; stop that, and check again$'
check "the status says so" same 1 "${status:-0}"
systemctl stop container@one
out=$(berth fsck 2>&1) || :
check "then it is dropped, and the image with it" contains "$out" '^image oci:/srv/layout:one: its unpacked layer sha256:[0-9a-f]{64} is missing; to pull it again: berth pull oci:/srv/layout:one$'
check "and pulled again" env BERTH_KEEP_BLOBS=yes berth pull oci:/srv/layout:one
check "it is as it was" same one "$(cat "$(find "$S/layers/sha256" -name one -type f)")"
echo changed >"$(find "$S/layers/sha256" -name one -type f)"
out=$(berth fsck 2>&1) || :
check "with the blob it is known which file has changed" contains "$out" '^layer sha256:[0-9a-f]{64} is not what it was: /one differs$'
check "which is pulled again out of it" env BERTH_KEEP_BLOBS=yes berth pull oci:/srv/layout:one
blob=$(find "$S/blobs/sha256" -type f -size +100k | head -n 1)
[ -n "$blob" ] || blob=$(ls -S "$S"/blobs/sha256/* | head -n 1)
printf "something else" | dd of="$blob" bs=1 seek=1000 conv=notrunc status=none
out=$(berth fsck 2>&1) || :
check "a damaged blob is found" contains "$out" "^blob sha256:${blob##*/} is not what it was\$"
check "and pulled again, too" berth pull oci:/srv/layout:one
check "all is sound" contains "$(berth fsck)" ' 0 problems$'
check "the last one goes" berth rmi oci:/srv/layout:one
check "and nothing is left" same "" "$(find $S/blobs $S/layers $S/trees $S/images $S/locks -type f; is_clean)"
out=$(berth rmi oci:/srv/layout:one 2>&1) || :
check "one that is not there" contains "$out" '^berth: There is no image oci:/srv/layout:one$'
out=$(berth rmi alpine 2>&1) || :
check "a short name" contains "$out" '^berth: .*short name'
