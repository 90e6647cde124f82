# Where a container cannot be started the way that everything here relies on, the start fails with a word.
# guests: nspawn

make_rootfs /srv/refused
for name in delegated legacy hand; do
    put "/etc/berth/$name.container" <<'EOF'
[Container]
Rootfs=/srv/refused
Exec=/bin/sh -c "echo it ran"

[Unit]
StartLimitIntervalSec=0
EOF
done

# What others may do to the unit, in the places that are theirs.
at_end 'rm -rf /etc/systemd/system/container@*.service.d; systemctl daemon-reload'
put /etc/systemd/system/container@delegated.service.d/no.conf <<'EOF'
[Service]
Delegate=no
EOF
# With cgroup v1, and with both (hybrid), this is a tmpfs that the hierarchies are mounted in.
put /etc/systemd/system/container@legacy.service.d/tmpfs.conf <<'EOF'
[Service]
TemporaryFileSystem=/sys/fs/cgroup
EOF
systemctl daemon-reload

check "without a delegated control group the start fails" not systemctl start container@delegated
check "and says so" says container@delegated \
    '^The control group .*/container@delegated\.service is not delegated: container@delegated\.service needs Delegate=yes in \[Service\]$'
check "without cgroup v2 alone the start fails" not systemctl start container@legacy
check "and says so, and what helps" says container@legacy '^/sys/fs/cgroup is not cgroup v2; boot with systemd\.unified_cgroup_hierarchy=1$'

helper=/usr/libexec/berth-helper
check "by hand the helper refuses" contains "$("$helper" run hand 2>&1)" 'for systemd to run; use: systemctl start container@hand\.service$'
check "and without root knows nothing of the system's files" contains "$(setpriv --reuid 65534 --clear-groups env HOME=/nowhere "$helper" run hand 2>&1)" \
    'there is no hand\.container in /nowhere/\.config/berth, /etc/berth/users/65534, '
check "a wrong usage is one" contains "$("$helper" fly hand 2>&1; echo "status $?")" '^status 2$'

check "nothing ran" not contains "$(journalctl -q -b -o cat)" '^it ran$'
check "nothing is left" same "" "$(container_files)"

# A working directory that is missing
put /etc/berth/place.container <<'EOF'
[Container]
Rootfs=/srv/refused
Exec=/bin/pwd
WorkingDir=/no/such/dir

[Unit]
StartLimitIntervalSec=0

[Service]
Type=oneshot
EOF
systemctl daemon-reload
check "a working directory that is missing fails the start" not systemctl start container@place
check "with its line" says container@place 'place.container:4:1: error: the root file system has no directory "/no/such/dir"'
check "and is not made" not test -e /srv/refused/no
sed -i 's,^WorkingDir=.*,WorkingDir=/bin/sh,' /etc/berth/place.container
check "a file is none" not systemctl start container@place
mkdir -p /srv/refused-data/dir
sed -i 's,^WorkingDir=.*,WorkingDir=/data/dir\nVolume=/srv/refused-data:/data,' /etc/berth/place.container
check "one in a volume is found there" systemctl start container@place
check "and taken" says container@place '^/data/dir$'
