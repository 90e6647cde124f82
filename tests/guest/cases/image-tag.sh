# berth images tag: another name for an image of the store, by which a container finds it. berth images load and save: images of archives, and
# back to archives.
# guests: nspawn
# timeout: 240

says_of() { berth images "$@" 2>&1 || :; }
image_digest() { berth images --json | tr -d ' \n' | grep -o "\"name\":\"$1\",\"digest\":\"[^\"]*\"" | sed 's/.*"digest"://'; }
at_end 'systemctl stop container@tagged; rm -f /etc/berth/tagged.container; systemctl daemon-reload; berth rmi localhost/tagged:2 localhost/tagged:other "oci:$TMP/image:1" "oci:$TMP/image:2"'
make_rootfs "$TMP/tree"
make_image "$TMP/image:1" "$TMP/tree"
echo second >"$TMP/tree/etc/second"
make_image "$TMP/image:2" "$TMP/tree"
require "one is pulled" berth pull "oci:$TMP/image:1" "oci:$TMP/image:2"
check "each is known by its digest" contains "$(image_digest "oci:$TMP/image:1") $(image_digest "oci:$TMP/image:2")" '^"sha256:[0-9a-f]{64}" "sha256:[0-9a-f]{64}"$'
check "and they are two" not same "$(image_digest "oci:$TMP/image:1")" "$(image_digest "oci:$TMP/image:2")"
check "it gets a name" berth images tag "oci:$TMP/image:1" localhost/tagged
check "with the tag that is meant" same "$(image_digest "oci:$TMP/image:1")" "$(image_digest localhost/tagged:latest)"
check "another" berth images tag localhost/tagged:latest localhost/tagged:2
check "from what has it" berth images tag "oci:$TMP/image:2" localhost/tagged:other
check "to what did not" berth images tag localhost/tagged:other localhost/tagged:2
check "has it now" same "$(image_digest "oci:$TMP/image:2")" "$(image_digest localhost/tagged:2)"
check "one is taken away" berth rmi localhost/tagged:latest
check "the image stays by its others" contains "$(berth images)" "^oci:$TMP/image:1 "
put /etc/berth/tagged.container <<'END'
[Container]
Image=localhost/tagged:2
Network=none
StopTimeout=1
Exec=/bin/sh -c "trap 'exit 0' TERM; while :; do sleep 1000 & wait; done"
END
systemctl daemon-reload
check "a container finds it" systemctl start container@tagged
check "it is that" same second "$(berth exec tagged cat /etc/second)"
check "what is not there" same 'berth: There is no image localhost/not:1' "$(says_of tag localhost/not:1 localhost/tagged:3)"
check "has no name then" not contains "$(berth images)" 'localhost/tagged:3'
systemctl stop container@tagged

# Archives: as docker has them, with its short names, and as OCI has them.
at_end 'berth rmi docker.io/library/loaded:1 localhost/loaded/a:2 localhost/loaded/b:3 localhost/loaded/c:4 2>/dev/null'
skopeo copy -q "oci:$TMP/image:1" "docker-archive:$TMP/docker.tar:docker.io/library/loaded:1"
skopeo copy -q "oci:$TMP/image:2" "oci-archive:$TMP/oci.tar:localhost/loaded/a:2"
skopeo copy -q "oci:$TMP/image:2" "oci-archive:$TMP/unnamed.tar"
edited() { # ARCHIVE NEW SED-SCRIPT: with another manifest.json
    rm -rf "$TMP/unpacked"
    mkdir "$TMP/unpacked"
    tar -xf "$1" -C "$TMP/unpacked"
    sed -i "$3" "$TMP/unpacked/manifest.json"
    tar -C "$TMP/unpacked" -cf "$2" .
}
edited "$TMP/docker.tar" "$TMP/short.tar" 's,docker.io/library/loaded:1",loaded:1"\,"localhost/loaded/b:3"\,"../evil"\,"\\u001b[2J",'
check "load: an archive of docker's" same "docker.io/library/loaded:1 pulled" "$(berth images load "$TMP/docker.tar" 2>/dev/null)"
check "load: by its name" contains "$(image_digest docker.io/library/loaded:1)" sha256
check "load: one of OCI's" berth images load "$TMP/oci.tar"
check "load: it is the same image" same "$(image_digest "oci:$TMP/image:2")" "$(image_digest localhost/loaded/a:2)"
check "load: one without a name needs one" contains "$(says_of load "$TMP/unnamed.tar")" 'berth images load FILE NAME gives it one$'
check "load: which it gets" berth images load "$TMP/unnamed.tar" localhost/loaded/c:4
check "load: and has" same "$(image_digest "oci:$TMP/image:2")" "$(image_digest localhost/loaded/c:4)"
berth rmi docker.io/library/loaded:1
check "load: several names, and what is none" contains "$(says_of load "$TMP/short.tar")" 'warning: "\.\./evil" is no name of an image$'
check "load: a short one is docker's" contains "$(image_digest docker.io/library/loaded:1)" sha256
check "load: the other leads there, too" same "$(image_digest docker.io/library/loaded:1)" "$(image_digest localhost/loaded/b:3)"
edited "$TMP/docker.tar" "$TMP/bad.tar" 's/^\[/[[/'
check "load: a list that is none" contains "$(says_of load "$TMP/bad.tar")" "bad.tar:.* error: "
tar -C "$TMP/tree" -cf "$TMP/plain.tar" .
check "load: no archive of images" contains "$(says_of load "$TMP/plain.tar")" 'it is no archive of images$'
head -c 4000 "$TMP/docker.tar" >"$TMP/cut.tar"
check "load: one that is cut off" not berth images load "$TMP/cut.tar"
check "load: what is not there" contains "$(says_of load "$TMP/not.tar")" 'Failed to open .*not\.tar: No such file'
check "load: nothing has another name now" not contains "$(berth images)" "archive:$TMP/"

# A root file system.
at_end 'berth rmi localhost/loaded/tree:1 localhost/loaded/tree:2 2>/dev/null'
check "import: a tar archive" same "localhost/loaded/tree:1 pulled" "$(berth images import "$TMP/plain.tar" localhost/loaded/tree:1 2>/dev/null)"
check "import: nothing of its making is left" same "" "$(ls /var/lib/berth/staging)"
check "import: a compressed one from standard input" berth images import - localhost/loaded/tree:2 < <(gzip -c "$TMP/plain.tar")
put /etc/berth/tagged.container <<'END'
[Container]
Image=localhost/loaded/tree:2
Pull=never
Network=none
Exec=/bin/cat /etc/second
END
systemctl daemon-reload
systemctl start container@tagged
check "import: it is what was in it" says container@tagged '^second$'
head -c 4000 "$TMP/plain.tar" >"$TMP/cut.tar"
check "import: one that is cut off" contains "$(says_of import "$TMP/cut.tar" localhost/loaded/tree:3)" 'no whole tar archive'
head -c 40000 /dev/urandom >"$TMP/noise.tar"
check "import: what is no archive" contains "$(says_of import "$TMP/noise.tar" localhost/loaded/tree:3)" 'no whole tar archive'
mkdir -p "$TMP/hostile"
ln -sf /etc "$TMP/hostile/out"
tar -C "$TMP/hostile" -cf "$TMP/hostile.tar" out
rm "$TMP/hostile/out"
mkdir "$TMP/hostile/out"
echo evil >"$TMP/hostile/out/berth-evil"
tar -C "$TMP/hostile" -rf "$TMP/hostile.tar" out/berth-evil
berth images import "$TMP/hostile.tar" localhost/loaded/tree:3 || :
check "import: nothing leaves it" not test -e /etc/berth-evil
berth rmi localhost/loaded/tree:3 2>/dev/null || :

# Back to archives: of an image with all that a layer may have, on top of one that some of it is taken from.
at_end 'berth rmi "oci:$TMP/image:rich" localhost/saved/rich:1 localhost/saved/again:1 localhost/saved/docker:1 localhost/saved/whole:1 localhost/saved/dev:1 2>/dev/null'
upper=$TMP/upper
mkdir -p "$upper/etc" "$upper/opt" "$upper/root"
put "$upper/etc/plain" 0640 <<<"plain"
chown 1234:4321 "$upper/etc/plain"
ln "$upper/etc/plain" "$upper/opt/linked"
ln -s ../etc/plain "$upper/opt/symlink"
mkfifo "$upper/opt/fifo"
put "$upper/opt/$(printf 'long%.0s' {1..40})" <<<"long"
put "$upper/opt/setuid" 04755 <<<"setuid"
touch "$upper/etc/.wh.second" "$upper/root/.wh..wh..opq"
setfattr -n user.note -v kept "$upper/etc/plain" || :
setcap cap_net_raw=ep "$upper/opt/setuid"
touch -d '2001-02-03 04:05:06.789' "$upper/opt/setuid"
echo below >"$TMP/tree/root/below"
make_image "$TMP/image:rich" "$TMP/tree" "$upper" -- --config.cmd /bin/sh --config.env A=1
# A null is as good as nothing.
read_manifest "$TMP/image:rich" | sed 's/^{/{"annotations":null,/' >"$TMP/manifest"
put_manifest "$TMP/image:rich" "$TMP/manifest"
require "save: an image to save" berth pull "oci:$TMP/image:rich"
berth images tag "oci:$TMP/image:rich" localhost/saved/rich:1
layers_of() { # NAME
    berth inspect --json "$1" | tr -d ' \n' | grep -o '"diffId":"[^"]*"' | tr '\n' ' '
}
tree_of() { # NAME: what its layers have
    local layer
    for layer in $(layers_of "$1" | grep -o '[0-9a-f]\{64\}'); do
        (cd "/var/lib/berth/layers/sha256/$layer" && find . -printf '%p %y %m %U:%G %n %T@ %l\n' | sed '/ c /s/ [0-9.]* $//; s,^\(\. d .*\) [0-9.]* $,\1,' | sort &&
            getfattr -R -d -m 'user|security.capability|trusted' -- . 2>/dev/null | grep -v selinux && find . -type f -exec sha256sum {} + | sort -k 2)
    done
}
check "save: an archive of OCI's" berth images save -o "$TMP/saved.tar" localhost/saved/rich:1
check "save: which nobody else can read" same 600 "$(stat -c %a "$TMP/saved.tar")"
check "save: the same bytes each time" same "$(berth images save localhost/saved/rich:1 | sha256sum)" "$(sha256sum <"$TMP/saved.tar")"
check "save: skopeo reads it" contains "$(skopeo inspect --config "oci-archive:$TMP/saved.tar:localhost/saved/rich:1")" '"A=1"'
check "save: and all of it" skopeo copy -q "oci-archive:$TMP/saved.tar:localhost/saved/rich:1" "dir:$TMP/copied"
check "save: tar reads it" contains "$(tar -tf "$TMP/saved.tar")" '^blobs/sha256/[0-9a-f]{64}$'
before=$(tree_of localhost/saved/rich:1)
check "save: there is something in it" contains "$before" 'trusted.overlay.opaque'
berth rmi localhost/saved/rich:1 "oci:$TMP/image:rich"
check "save: it comes back" berth images load "$TMP/saved.tar"
check "save: by its name, with all that it had" same "$before" "$(tree_of localhost/saved/rich:1)"
check "save: and is the same archive again" same "$(sha256sum <"$TMP/saved.tar")" "$(berth images save localhost/saved/rich:1 | sha256sum)"
check "save: as docker has it" berth images save --format=docker-archive -o "$TMP/saved-docker.tar" localhost/saved/rich:1
check "save: skopeo reads that" contains "$(skopeo inspect --config "docker-archive:$TMP/saved-docker.tar:localhost/saved/rich:1")" '"A=1"'
check "save: that comes back as well" berth images load "$TMP/saved-docker.tar" localhost/saved/docker:1
check "save: with all that it had" same "$before" "$(tree_of localhost/saved/docker:1)"
check "save: what came from docker's goes back" berth images save -o "$TMP/saved-again.tar" localhost/saved/docker:1
check "save: and comes back" berth images load "$TMP/saved-again.tar" localhost/saved/again:1
check "save: with all that it had all the way" same "$before" "$(tree_of localhost/saved/again:1)"
check "save: several, each by its names" berth images save -o "$TMP/several.tar" localhost/saved/again:1 localhost/saved/docker:1 localhost/loaded/a:2
check "save: which are in it" contains "$(berth rmi localhost/loaded/a:2 && berth images load "$TMP/several.tar" 2>&1; berth images --noheadings)" '^localhost/loaded/a:2 '
BERTH_KEEP_BLOBS=yes berth images load "$TMP/oci.tar" localhost/saved/whole:1
check "save: from the blobs as they were fetched" berth images save -o "$TMP/whole.tar" localhost/saved/whole:1
check "save: it has the digests of the registry" contains "$(tar -xOf "$TMP/whole.tar" index.json)" "$(image_digest localhost/saved/whole:1 | tr -d '\"')"
mkdir -p "$TMP/devices/dev"
mknod "$TMP/devices/dev/zero" c 1 5 2>/dev/null && tar -C "$TMP/devices" -cf "$TMP/devices.tar" . && berth images import "$TMP/devices.tar" localhost/saved/dev:1 2>/dev/null
if [ -c "/var/lib/berth/layers/sha256/$(layers_of localhost/saved/dev:1 | grep -o '[0-9a-f]\{64\}')/dev/zero" ]; then
    check "save: no devices" contains "$(says_of save -o "$TMP/none.tar" localhost/saved/dev:1)" 'has a device, .* /dev/zero: only an image that was pulled with BERTH_KEEP_BLOBS=yes'
    check "save: and no file then" not test -e "$TMP/none.tar"
fi
check "save: what is not there" same 'berth: There is no image localhost/saved/none:1' "$(says_of save -o "$TMP/none.tar" localhost/saved/none:1)"
check "save: no format of that name" contains "$(says_of save --format=zip localhost/saved/again:1)" '"zip" is no format: --format=oci-archive or docker-archive'
check "save: whose options are no others'" contains "$(says_of tag --format=zip a b)" '"berth images tag" takes no --format'
check "import: nothing else is left" same "" "$(ls /var/lib/berth/staging)"
