# berth diff: what a container has changed in an image's layers, and in a directory below an overlay.
# guests: nspawn
# timeout: 120

make_rootfs "$TMP/tree"
echo old >"$TMP/tree/etc/old"
mkdir -p "$TMP/tree/srv/deep/er"
echo deep >"$TMP/tree/srv/deep/er/file"
mkdir -p "$TMP/above/etc"
echo above >"$TMP/above/etc/above"
make_image "$TMP/image:1" "$TMP/tree" "$TMP/above"
script='trap "exit 0" TERM
echo new >/etc/old
echo more >/etc/above
rm /etc/os-release
echo added >/etc/added
rm -r /srv/deep
mkdir /srv/deep
ln -s /etc /srv/link
printf x >"/srv/$(printf "bad\033[31mname")"
touch /tmp/done
while :; do sleep 1000 & wait; done'
put "$TMP/tree/script" <<<"$script"
put "$TMP/above/script" <<<"$script"
rm -rf "$TMP/image"
make_image "$TMP/image:1" "$TMP/tree" "$TMP/above"
container() { # NAME ROOT
    put "/etc/berth/$1.container" <<EOF
[Container]
$2
Network=none
StopTimeout=1
Exec=/bin/sh /script
EOF
}
container differs-image "Image=oci:$TMP/image:1"
container differs-rootfs "Rootfs=$TMP/tree:O"
make_rootfs "$TMP/plain"
cp "$TMP/tree/script" "$TMP/plain/"
mkdir -p "$TMP/plain/srv/deep"
container differs-plain "Rootfs=$TMP/plain"
at_end 'systemctl stop "container@differs-*"; rm -f /etc/berth/differs-*; systemctl daemon-reload'
systemctl daemon-reload

check "before a start there is nothing" same 'berth: The container "differs-image" does not run, and what it has written is gone' \
    "$(berth diff differs-image 2>&1 || :)"
check "what is no container" same 'berth: There is no container "differs-not"' "$(berth diff differs-not 2>&1 || :)"
require "they start" systemctl start container@differs-image container@differs-rootfs container@differs-plain
has_written() { berth exec "$1" test -e /tmp/done; }
# Without what the start makes for mounts, and what is in /tmp.
lines() { # NAME
    berth diff "$1" | grep -E '^. /(etc/(old|above|os-release|added)|srv/.*|etc|srv)$'
}
for name in differs-image differs-rootfs; do
    check "$name: it has written" wait_for 30 has_written "$name"
done
check "an image" same 'C /etc
C /etc/above
A /etc/added
C /etc/old
D /etc/os-release
C /srv
A /srv/bad'$'\033''[31mname
C /srv/deep
D /srv/deep/er
A /srv/link' "$(lines differs-image)"
check "a directory" same 'C /etc
A /etc/above
A /etc/added
C /etc/old
D /etc/os-release
C /srv
A /srv/bad'$'\033''[31mname
C /srv/deep
D /srv/deep/er
A /srv/link' "$(lines differs-rootfs)"
check "JSON is kept" keep_json diff berth diff --json container@differs-image.service
check "as JSON" contains "$(berth diff --json container@differs-image.service | tr -d ' \n')" \
    '"kind":"deleted","path":"/etc/os-release"'
check "what writes to the directory itself" contains "$(berth diff differs-plain 2>&1 || :)" 'writes to its root file system itself'
systemctl stop container@differs-image
check "it is gone in the end" contains "$(berth diff differs-image 2>&1 || :)" 'does not run'
