# What Rootfs= can be: a directory, a throw-away overlay over it, a disk image.
# guests: nspawn qemu@bookworm
# timeout: 120

make_rootfs /srv/root
chmod 0711 /srv/root
put /etc/berth/layer.container <<'EOF'
[Container]
Rootfs=/srv/root:O
Exec=/bin/sh -c "stat -c %%a / ; echo written > /mark; cat /mark; trap 'exit 0' TERM; while :; do sleep 1000 & wait; done"
EOF
systemctl daemon-reload
require "start on an overlay" systemctl start container@layer
check "it can write" says container@layer '^written$'
check "the root directory keeps its mode" says container@layer '^711$'
check "the directory itself stays as it was" not test -e /srv/root/mark
check "the machine sees no mount" same "" "$(grep -e /run/berth -e /var/lib/berth/containers /proc/self/mountinfo)"
check "stop" systemctl stop container@layer
check "what was written is gone" same "" "$(find /var/lib/berth/containers -mindepth 1)"

odd='/srv/odd, name\with=all'
mkdir -p "$odd"
cp -a /srv/root/. "$odd"
put /etc/berth/odd.container <<EOF
[Container]
Rootfs=$odd:O
Exec=/bin/sh -c "echo odd but fine"

[Service]
Type=oneshot
EOF
systemctl daemon-reload
check "a path of odd characters" systemctl start container@odd
check "is the one" says container@odd '^odd but fine$'

put /etc/berth/gone.container <<'EOF'
[Container]
Rootfs=/srv/no-such-directory
Exec=/bin/true
EOF
systemctl daemon-reload
check "a missing root file system fails the start" not systemctl start container@gone
check "with file and line" says container@gone \
    '/etc/berth/gone.container:2:[0-9]+: error: the root file system "/srv/no-such-directory" does not exist'

[ -e /dev/loop-control ] || exit 0
mksquashfs /srv/root /var/lib/berth/root.squashfs -quiet >/dev/null
truncate -s 16M /var/lib/berth/root.ext4
mke2fs -q -t ext4 -d /srv/root /var/lib/berth/root.ext4
for image in squashfs ext4; do
    for overlay in "" :O; do
        name=$image${overlay:+-over}
        put "/etc/berth/$name.container" <<EOF
[Container]
Rootfs=/var/lib/berth/root.$image$overlay
User=nobody
Exec=/bin/sh -c "id -u; trap 'exit 0' TERM; while :; do sleep 1000 & wait; done"
EOF
        systemctl daemon-reload
        check "start from $image$overlay" systemctl start "container@$name"
        check "users of $image$overlay are known" says "container@$name" '^65534$'
        check "stop $image$overlay" systemctl stop "container@$name"
    done
done
no_loop_device() { same "" "$(losetup -a | grep berth/root)"; }
check "no loop device is left" wait_for 30 no_loop_device
check "no mount is left" same "" "$(grep -e /run/berth -e /var/lib/berth/containers /proc/self/mountinfo)"
