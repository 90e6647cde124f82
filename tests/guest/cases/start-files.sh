# Files that a container gets without its image having them, and root file systems that would make mischief of it.
# guests: nspawn
# timeout: 180

make_rootfs /srv/plain
cp -a /srv/plain /srv/files
printf '10.9.8.7 machine-entry\n' >>/etc/hosts
at_end 'sed -i /machine-entry/d /etc/hosts'

# The generator sees this; what [Container] says later on is read at each start.
put /etc/berth/look.container <<'EOF'
[Container]
Rootfs=/srv/files
Exec=/bin/true

[Service]
Type=oneshot
EOF
systemctl daemon-reload

# Runs a script in a container with the given keys and shows what it printed.
inside() { # KEYS SCRIPT
    look_in /srv/files "$1" "$2"
}

# Whether a start with the given keys does no more than run, whatever the root file system is.
starts() { # KEYS
    contains "$(inside "$1" 'echo up')" '^up$'
}

out=$(inside "" 'cat /etc/hosts; echo "name: $(cat /etc/hostname)"; ls -l /run/.containerenv; ls /etc/resolv.conf || echo no resolver; ls -l /etc/hosts')
check "/etc/hosts is the machine's" contains "$out" '^10\.9\.8\.7	machine-entry$'
check "and knows the container's name" contains "$out" '^10\.[0-9.]+	look$'
check "/etc/hostname" contains "$out" '^name: look$'
check "/run/.containerenv" contains "$out" '^-rw-r--r-- .* 0 .*/run/\.containerenv$'
check "which says more to a privileged one" contains "$(inside $'Privileged=yes\nContainerName=first' 'cat /run/.containerenv' | tr '\n' '|')" \
    'engine="berth-[^"]+"\|name="first"\|id="look"\|image=""\|rootless=0\|'
out_alone=$(inside "Network=none" 'test -s /etc/resolv.conf || echo no resolver; cat /etc/hosts')
check "no resolv.conf on a loopback alone" contains "$out_alone" '^no resolver$'
check "where the container's name is there" contains "$out_alone" '^127\.0\.0\.1	look$'
check "all may read" contains "$out" '^-rw-r--r-- .*root +root .*/etc/hosts$'
check "nothing was written to the root but mount points" same "0" "$(stat -c %s /srv/files/etc/hosts)"

out=$(inside $'AddHost=db:10.1.0.9 a;machine-entry:fd00::9\nDNS=10.1.0.1\nDNSSearch=example.org\nDNSOption=ndots:3\nContainerName=other' \
    'cat /etc/hosts /etc/resolv.conf')
check "AddHost=" contains "$out" '^10\.1\.0\.9	db$'
check "AddHost= with several names" contains "$out" '^fd00::9	a machine-entry$'
check "takes a name from the machine" not contains "$out" '^10\.9\.8\.7'
check "ContainerName= is known" contains "$out" '^10\.[0-9.]+	other$'
check "DNS=" contains "$out" '^nameserver 10\.1\.0\.1$'
check "DNSSearch=" contains "$out" '^search example\.org$'
check "DNSOption=" contains "$out" '^options ndots:3$'

# The resolver of the machine, behind a symlink as systemd-resolved has it.
if [ -e /etc/resolv.conf ]; then
    cp -P /etc/resolv.conf "$TMP/resolv.conf"
    at_end 'rm -f /etc/resolv.conf; cp -P "$TMP/resolv.conf" /etc/'
fi
rm -f /etc/resolv.conf
put /run/test-resolver/stub <<EOF
# the stub
nameserver 127.0.0.53
search lan
EOF
ln -s ../run/test-resolver/stub /etc/resolv.conf
out=$(inside $'Network=host\nAddHost=gateway:host-gateway' 'cat /etc/resolv.conf /etc/hosts; cat /etc/hostname')
check "the machine's stub resolver on its network" contains "$out" '^nameserver 127\.0\.0\.53$'
check "host-gateway" contains "$out" '^127\.0\.0\.1	gateway$'
check "the machine's name" contains "$out" "^$(hostname)\$"
out=$(inside $'Network=private\nDNSOption=ndots:3' 'cat /etc/resolv.conf')
check "a loopback server is left out elsewhere" not contains "$out" '127\.0\.0\.53'
check "and public ones stand in" contains "$out" '^nameserver 2001:4860:4860::8888$'
check "the machine's search domain stays" contains "$out" '^search lan$'

echo "the image's own" >/srv/files/etc/hosts
echo "its own resolver" >/srv/files/etc/resolv.conf
out=$(inside $'Network=host\nImageHosts=yes\nDNS=none' 'cat /etc/hosts /etc/resolv.conf')
check "ImageHosts=" contains "$out" "^the image's own\$"
check "DNS=none" contains "$out" '^its own resolver$'
check "ImageResolvConf=" contains "$(inside $'Network=host\nImageResolvConf=yes' 'cat /etc/resolv.conf')" '^its own resolver$'
echo "the user's" >/srv/hosts
out=$(inside "Volume=/srv/hosts:/etc/hosts" 'cat /etc/hosts')
check "a mount of the user's wins" contains "$out" "^the user's\$"
check "with a warning" contains "$out" 'look.container:4:8: warning: this mount replaces the generated /etc/hosts$'
mkdir -p /srv/etc
echo "in a volume" >/srv/etc/hosts
out=$(inside "Volume=/srv/etc:/etc" 'grep -c look /etc/hosts; ls /etc')
check "a file in a volume is a place" contains "$out" '^1$'
check "none is made in it" same "hosts" "$(ls /srv/etc)"

out=$(inside $'User=1000:55\nWorkingDir=/tmp' 'id; grep 1000 /etc/passwd; tail -n 1 /etc/group; grep -c . /etc/passwd')
check "a numeric user gets an entry" contains "$out" '^1000:\*:1000:55:container user:/tmp:/bin/sh$'
check "and its group" contains "$out" '^55:\*:55:$'
check "behind those of the image" contains "$out" '^3$'
check "the image's file is as it was" same "0" "$(grep -c 1000 /srv/files/etc/passwd || :)"
out=$(inside $'User=65534' 'grep -c . /etc/passwd; grep /etc/passwd /proc/mounts || echo untouched')
check "a numeric user with an entry does not" contains "$out" '^untouched$'

# A time zone of our own, as small guests have none.
mkdir -p /usr/share/zoneinfo/Test
printf 'TZif2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\4\0\0\0\0\0\0UTC\0TZif2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\4\0\0\0\0\0\0UTC\0\nTEST-5\n' \
    >/usr/share/zoneinfo/Test/Zone
at_end 'rm -rf /usr/share/zoneinfo/Test'
check "Timezone=" contains "$(inside "Timezone=Test/Zone" 'tail -n 1 /etc/localtime')" '^TEST-5$'
for zone in Test Test/None Test/Zone/x; do
    check "Timezone=$zone is refused" contains "$(inside "Timezone=$zone" 'echo up')" \
        "look.container:4:1: error: this machine has no time zone \"$zone\" in /usr/share/zoneinfo"
done
cp /usr/share/zoneinfo/Test/Zone "$TMP/localtime"
if [ -e /etc/localtime ]; then
    check "Timezone=local" starts "Timezone=local"
fi

out=$(inside "ReadOnly=yes" 'grep -E " (/etc/hosts|/run/.containerenv) " /proc/mounts; echo x >/etc/hosts || echo read-only')
check "in a read-only container they are ro,nosuid,noexec,nodev" contains "$out" ' /etc/hosts [^ ]+ ro,nosuid,nodev,noexec'
check "all of them" contains "$out" ' /run/\.containerenv [^ ]+ ro,nosuid,nodev,noexec'
check "truly" contains "$out" '^read-only$'

# A read-only file system without the mount points.
cp -a /srv/plain /srv/bare
mkdir -p /srv/mounted
mount --bind -o ro /srv/bare /srv/mounted
mount -o remount,bind,ro /srv/mounted
at_end 'umount /srv/mounted'
check "a read-only root without mount points" starts "Rootfs=/srv/mounted"
check "a key that needs one is refused" contains "$(inside $'Rootfs=/srv/mounted\nAddHost=a:10.0.0.1' 'echo up')" \
    'look.container:5:1: error: "AddHost" needs a /etc/hosts, for which the root file system has no place'

# Hostile root file systems: a clear error or no harm, and never a byte of the machine's.
hostile() { # a fresh one
    rm -rf /srv/files
    cp -a /srv/plain /srv/files
}
shadow=$(cat /etc/shadow)
hostile
ln -s /etc/shadow /srv/files/etc/hosts
out=$(inside "" 'cat /etc/hosts; cat /etc/shadow')
check "hosts as a link to /etc/shadow stays inside" contains "$out" '^10\.[0-9.]+	look$'
hostile
ln -s ../../../../../../etc/shadow /srv/files/etc/hosts
check "an upward one as well" starts ""
hostile
rm -rf /srv/files/etc
ln -s /../../../../etc /srv/files/etc
check "/etc as a link to itself is an error" contains "$(inside "" 'echo up')" \
    "error: cannot read the container's /etc/passwd and /etc/group: Too many levels of symbolic links"
hostile
mv /srv/files/etc /srv/files/real
ln -s /real /srv/files/etc
check "/etc as a link" contains "$(inside "" 'cat /real/hosts')" '^10\.[0-9.]+	look$'
hostile
rm -rf /srv/files/etc
: >/srv/files/etc
check "/etc as a file is harmless" starts ""
hostile
mkfifo /srv/files/etc/hosts
mknod /srv/files/etc/hostname c 1 5
mkdir /srv/files/etc/resolv.conf
check "a FIFO, a device and a directory are harmless" starts "Network=host"
check "where a key needs the file it is refused" contains "$(inside "AddHost=a:10.0.0.1" 'echo up')" \
    'error: "AddHost" needs a /etc/hosts, for which the root file system has no place'
hostile
ln -s /proc/sys/kernel/core_pattern /srv/files/etc/hosts
ln -s /dev/null /srv/files/etc/hostname
out=$(inside "" 'cat /dev/null; cat /proc/sys/kernel/core_pattern; echo up')
check "links into /proc and /dev are not followed" contains "$out" '^up$'
check "no file of ours appears there" not contains "$out" '^(look|127\.0\.0\.1.*)$'
hostile
rm /srv/files/etc/passwd
mkfifo /srv/files/etc/passwd
check "a FIFO as passwd" contains "$(inside "User=1000" 'echo up')" "error: cannot read the container's /etc/passwd and /etc/group: Invalid argument"
rm /srv/files/etc/passwd
mknod /srv/files/etc/passwd c 1 5
check "a device as passwd" contains "$(inside "User=1000" 'echo up')" "error: cannot read the container's /etc/passwd and /etc/group: Invalid argument"
rm /srv/files/etc/passwd
truncate -s 100M /srv/files/etc/passwd
check "100 MB of passwd" contains "$(inside "User=1000" 'echo up')" "error: cannot read the container's /etc/passwd and /etc/group: File too large"
check "the machine's shadow file is as it was" same "$shadow" "$(cat /etc/shadow)"
check "nothing is left" same "" "$(container_files)"
