# What an ordinary user of the machine can open, hold or fill of what is berth's: nothing that a start waits for.
# guests: nspawn
# timeout: 120

base=/var/lib/berth/others
mkdir -p /var/lib/berth
make_rootfs $base
chmod 755 /var/lib/berth $base
at_end "systemctl stop 'container@*' 'container-volume@*' 2>/dev/null; rm -rf $base /var/lib/berth/volumes/*"
make_image /srv/layout:v $base
put /etc/berth/one.container <<END
[Container]
Rootfs=$base:idmap
UserNS=auto
Volume=data:/data
Volume=/anonymous
Exec=/bin/sh -c 'trap "exit 0" TERM; while :; do sleep 1; done'
END
put /etc/berth/two.container <<'END'
[Container]
Image=oci:/srv/layout:v
Volume=memory.volume:/memory
Exec=/bin/sh -c 'trap "exit 0" TERM; while :; do sleep 1; done'
END
printf '[Volume]\nDevice=tmpfs\nType=tmpfs\n' | put /etc/berth/memory.volume
# As an earlier version has left it.
mkdir -p -m 755 /run/berth/ids
systemctl daemon-reload
require "containers run" systemctl start container@one container@two
berth auto-update --dry-run >/dev/null 2>&1 || :
as_nobody() { # COMMAND ARGUMENT...
    setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
}
# Whatever can be opened can be locked; what is for everybody to read is no lock of ours.
reachable() {
    as_nobody find /run/berth /var/lib/berth \( -path "$base" -prune \) -o \( -readable -o -writable \) -print 2>/dev/null
}
allowed='^(/run/berth|/var/lib/berth(/(images|auto-update|stop-signals)(/.*)?)?)$'
check "an ordinary user opens no file or directory of a start" same "" "$(reachable | grep -vE "$allowed" || :)"
check "and can write to nothing" same "" "$(as_nobody find /run/berth /var/lib/berth -path "$base" -prune -o -writable -print 2>/dev/null)"
check "not even to sockets and FIFOs" same "" "$(as_nobody find /run/berth /var/lib/berth \( -type s -o -type p \) -print 2>/dev/null)"
# Whoever holds all that can be held makes nobody wait.
reachable | while read -r path; do
    as_nobody flock --no-fork "$path" sleep 100 &
    echo $! >>"$TMP/holders"
done
at_end "xargs -r kill <$TMP/holders 2>/dev/null"
sleep 0.5
check "a start does not wait for an ordinary user" timeout 20 systemctl restart container@one
check "nor one of an image" timeout 20 systemctl restart container@two
check "nor a volume" timeout 20 systemctl restart container-volume@memory
check "nor does a pull" timeout 20 systemctl restart "$(systemctl list-units --plain --no-legend 'container-image@*' --all | awk 'NR == 1 { print $1 }')"
check "the ranges of IDs are for nobody to see" same 700 "$(stat -c %a /run/berth/ids)"
check "a look does without" contains "$(as_nobody berth spec /etc/berth/one.container 2>&1)" '"uidMappings"|not permitted|denied'
