# Checkpoints as archives: what a container is, written to a file, and going on elsewhere with the same image.
# guests: nspawn
# suites: trixie
# layer: criu
# timeout: 240

mount -o remount,bind,rw /proc/sys
criu check || skip "CRIU and this kernel do not go together"
image=oci:/var/lib/berth/test-move/image:1
at_end "systemctl stop 'container@move-*'; rm -rf /etc/berth/move-* /etc/berth/move.volume /var/lib/berth/test-move /var/lib/berth/checkpoints /var/lib/berth/volumes/move*
    systemctl daemon-reload; berth rmi $image"
mkdir -p /var/lib/berth/test-move
make_rootfs /var/lib/berth/test-move/root
mkdir -p /var/lib/berth/test-move/root/etc/there/below /var/lib/berth/test-move/root/etc/anew
touch /var/lib/berth/test-move/root/etc/{gone,there/below/file,anew/hidden}
make_image "${image#oci:}" /var/lib/berth/test-move/root
A=/var/lib/berth/test-move/archive

# It counts, and has changed whatever can be changed in a root.
counting() { # NAME RUNTIME [KEYS]
    put "/etc/berth/$1.container" <<END
[Container]
Image=$image
Runtime=$2
Volume=move-data:/data
${3:-}
Exec=/bin/sh -c 'rm /etc/gone; rm -r /etc/anew; mkdir /etc/anew; echo new >/etc/anew/new; echo one >/changed; chown 7:8 /changed; chmod 6751 /changed; ln /changed /same; ln -s /etc/shadow /link; mkfifo /pipe; touch -d @1000000000 /etc/there/below; echo volume >/data/file; trap "exit 0" TERM; n=0; while :; do n=\$\$((n + 1)); echo tick \$\$n; sleep 0.1; done'
END
}
listing() { # NAME: what is in its root and was changed
    berth exec "$1" /bin/sh -c 'cd / && stat -c "%n %A %u:%g %h %s" changed same link pipe etc etc/anew etc/anew/* etc/there/below; stat -c %Y etc/there/below; ls etc/gone etc/anew/hidden 2>&1; cat changed data/file'
}
restore_says() { berth restore "$@" 2>&1 || :; }
for runtime in crun runc; do
    counting "move-$runtime" "$runtime"
done
systemctl daemon-reload

for runtime in crun runc; do
    name=move-$runtime unit=container@move-$runtime
    ending=$([ "$runtime" = crun ] && echo zst || echo gz)
    require "$runtime: it starts" systemctl start "$unit"
    wait_for 20 ticks_from "$name" 3 >/dev/null
    before=$(listing "$name") address=$(address_of "$name")
    check "$runtime: it has changed its root" contains "$before" '^changed -rws'
    require "$runtime: it is exported" berth checkpoint --export "$A-$runtime.tar.$ending" --volumes "$name"
    check "$runtime: to a file that is for nobody else" same "600 0" "$(stat -c '%a %u' "$A-$runtime.tar.$ending")"
    check "$runtime: packed as its name says" contains "$(head -c 4 "$A-$runtime.tar.$ending" | od -An -tx1)" "$([ "$runtime" = crun ] && echo '28 b5 2f fd' || echo '1f 8b')"
    check "$runtime: and nothing else is left" same "$A-$runtime.tar.$ending" "$(ls "$A-$runtime"*)"
    check "$runtime: nor does it sleep here" same "inactive no" "$(listed_state "$name") $([ -e "/var/lib/berth/checkpoints/$name" ] && echo yes || echo no)"
    # Elsewhere.
    berth rmi "$image" >/dev/null
    rm -rf /var/lib/berth/volumes/move-data
    require "$runtime: it goes on from the file" berth restore --import "$A-$runtime.tar.$ending" "$name"
    check "$runtime: its image was pulled for that" contains "$(berth images)" "^$image "
    check "$runtime: its first process is the unit's main process" main_process_is "$unit" sh
    check "$runtime: its output goes to the journal" goes_on "$name"
    check "$runtime: it counts on" counts_on "$name"
    check "$runtime: what it has changed is there" same "$before" "$(listing "$name")"
    check "$runtime: it has the address that it had" same "$address" "$(address_of "$name")"
    systemctl stop "$unit"
done

# What does not fit is said before anything changes.
name=move-crun unit=container@move-crun
unpacked=/var/lib/berth/test-move/unpacked
mkdir "$unpacked"
tar --zstd -xf "$A-crun.tar.zst" -C "$unpacked"
packed() { # ENTRY... : more of them, by way of a directory
    (cd "$unpacked" && tar --zstd --xattrs --numeric-owner -Pcf "$A-other.tar.zst" about.json "$@")
}
all=(config.json image network images upper)
other() { # SED-SCRIPT
    cp "$unpacked/about.json" "$TMP/about"
    sed -i "$1" "$unpacked/about.json"
    packed "${all[@]}"
    cp "$TMP/about" "$unpacked/about.json"
    restore_says --import "$A-other.tar.zst" "$name"
}
check "another architecture" contains "$(other 's/"architecture": "[^"]*"/"architecture": "m68k"/')" "the checkpoint was taken on m68k, and is of no use on this machine's $(uname -m)\$"
check "a newer kernel" contains "$(other 's/"kernel": "[^"]*"/"kernel": "99.1.2"/')" 'the checkpoint was taken with Linux 99\.1\.2, and this is an older one'
check "a newer CRIU" contains "$(other 's/"criu": "[^"]*"/"criu": "99.1"/')" 'written by CRIU 99\.1, and an older one, '
check "another runtime" contains "$(other 's/"runtime": "[^"]*"/"runtime": "runc"/')" 'taken with runc, and the container has crun here'
check "a CPU that has more" contains "$(other 's/"cpu": \[/&"one\\u001bmore",/')" 'its processes may use what the CPU of this machine does not have: '
check "another image" contains "$(other 's/"manifest": "sha256:.../"manifest": "sha256:xyz/')" "of another image than $image is here: its $image has the digest sha256:xyz"
check "another form" contains "$(other 's/berth-checkpoint-1/berth-checkpoint-9/')" 'this is no checkpoint that this version of berth knows'
check "less than all" contains "$(other '/"criu"/d')" 'what it says of the checkpoint is not complete'
check "a volume that is there" contains "$(restore_says --import "$A-crun.tar.zst" "$name")" 'the volume "move-data" is there and not empty; --ignore-volumes leaves it as it is'
check "none of that leaves anything" same inactive "$(listed_state "$name"; ls -A "/var/lib/berth/checkpoints/$name" 2>/dev/null)"

# What has no place in an archive.
refused() { # TITLE TEXT ENTRY...
    packed "${@:3}"
    check "$1" contains "$(restore_says --ignore-volumes --import "$A-other.tar.zst" "$name")" "$2"
    check "$1: leaves nothing" same "" "$(ls -A "/var/lib/berth/checkpoints/$name" 2>/dev/null)"
}
ln -s /etc "$unpacked/images/out"
echo evil >"$unpacked/criu.conf"
echo evil >"$unpacked/evil"
refused "a symlink among the images" '"images/out" has no place in a checkpoint' config.json images
rm "$unpacked/images/out"
mkdir "$unpacked/images/below"
refused "a directory among the images" '"images/below/?" has no place' config.json images
rmdir "$unpacked/images/below"
refused "settings for CRIU" '"criu\.conf" has no place' "${all[@]}" criu.conf
refused "a way out" '"images/\.\./\.\./\.\./evil" has no place' config.json images --transform='s,^evil$,images/../../../evil,' evil
refused "a way out by a root" '"upper/\.\./\.\./\.\./evil" has no place' config.json images --transform='s,^evil$,upper/../../../evil,' evil
refused "an absolute path" '"/evil" has no place' config.json images --transform='s,^evil$,/evil,' evil
refused "half of it" 'the checkpoint in it is not whole' config.json upper
check "nothing was written elsewhere" not test -e /evil -o -e /var/lib/berth/evil -o -e /var/lib/berth/checkpoints/evil
head -c 3000 "$A-crun.tar.zst" >"$A-other.tar.zst"
check "a damaged one" contains "$(restore_says --ignore-volumes --import "$A-other.tar.zst" "$name")" "the archive is damaged|this is no archive of a checkpoint"
tar -C "$unpacked" -cf "$A-podman.tar" --transform='s,^images,checkpoint,' images
check "half of podman's" contains "$(restore_says --import "$A-podman.tar" "$name")" 'the checkpoint in it is not whole'
check "something else" contains "$(restore_says --import /etc/passwd "$name")" '/etc/passwd: this is no archive of a checkpoint'
check "words that go together" contains "$(restore_says --ignore-volumes "$name")" 'ignore-volumes goes with --import'

# Devices in a root are left out, through a pipe it goes as well, and a volume can stay as it is.
mknod "$unpacked/upper/device" c 1 3
mkdir "$unpacked/upper/anew"
touch "$unpacked/upper/anew/file"
packed "${all[@]}"
echo mine >/var/lib/berth/volumes/move-data/_data/file
check "from a pipe" berth restore --import - --ignore-volumes "$name" <"$A-other.tar.zst"
check "it counts on" goes_on "$name"
check "a device is not made" not berth exec "$name" test -e /device
check "the rest is" berth exec "$name" test -e /anew/file
check "the volume is as it was" same mine "$(berth exec "$name" cat /data/file)"
check "one that runs is not restored" contains "$(restore_says --import "$A-crun.tar.zst" "$name")" "The container \"$name\" runs"

# What sleeps can be exported, too; and stays with --keep.
berth checkpoint "$name"
keep_json inspect berth inspect --json "$name"
check "inspect knows what sleeps, and from where" same "true $(uname -m) crun" \
    "$(berth inspect --format checkpoint.sleeps "$name") $(berth inspect --format checkpoint.about.architecture "$name") $(berth inspect --format checkpoint.about.runtime "$name")"
check "one that sleeps is not replaced" contains "$(restore_says --import "$A-crun.tar.zst" "$name")" "sleeps with a checkpoint of its own; berth start --fresh $name forgets that"
check "one that sleeps is exported to a pipe" eval "berth checkpoint --keep --export - '$name' | cat >'$A-slept.tar.zst'"
check "and sleeps on" same sleeping "$(listed_state "$name")"
check "not where there is no room" contains "$(berth checkpoint --export /dev/full "$name" 2>&1)" 'Failed to write /dev/full: Invalid argument'
check "and goes on here" berth restore "$name"
check "from there" goes_on "$name"
systemctl stop "$unit"
check "and once more from the archive" berth restore --import "$A-slept.tar.zst" "$name"
check "which is a life of its own" goes_on "$name"
systemctl stop "$unit"
