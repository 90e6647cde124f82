# SELinux keeps containers apart, enforcing on Debian 13. Debian 12's policy knows no containers: a warning, and no labels.
# guests: qemu
# timeout: 240

# Other cases of this boot have denials of their own.
cursor=$(journal_cursor)
make_rootfs /srv/web
add_try /srv/web
mkdir -p /srv/data/deep/er /srv/plain
echo data | tee /srv/data/file /srv/data/deep/er/file /srv/plain/file >/dev/null
ln -s /etc/hostname /srv/data/link

describe() { # NAME TRIES LINE...
    put "/etc/berth/$1.container" <<EOF
[Container]
Rootfs=/srv/web:O
Exec=/bin/try $2
$(printf '%s\n' "${@:3}")
EOF
}

if [ "$SUITE" = bookworm ]; then
    describe web "write /root/file" "Volume=/srv/data:/data:Z"
    systemctl daemon-reload
    require "a container starts with a policy that knows no containers" systemctl start container@web
    check "it does its work" says container@web '^write /root/file: done'
    check "with a warning" says container@web '^warning: SELinux is on, but its policy has no .*container_.*: the container runs without a label of its own$'
    check "said once" same 1 "$(journal_of container@web | grep -c 'SELinux is on')"
    check "no label is asked of the runtime" not grep -q 'selinuxLabel\|mountLabel' /run/berth/bundles/web/config.json
    check "no volume is relabelled" not contains "$(label /srv/data/file)" container_file_t
    exit 0
fi

label_berth
describe private "read /data/deep/er/file write /data/new write /root/file write /dev/shm/file write /tmp/file read /etc/hosts read /host-etc/shadow write /proc/sys/kernel/hostname" \
    "Volume=/srv/data:/data:Z" "Volume=/etc:/host-etc" "Tmpfs=/tmp"
describe other "read /data/file write /data/other write /root/file" "Volume=/srv/data:/data" NoNewPrivileges=yes
describe unlabelled "read /data/file" "Volume=/srv/plain:/data"
describe disabled "read /data/file" "Volume=/srv/plain:/data" SecurityLabelDisable=yes
describe level "read /data/file" "Volume=/srv/data:/data" "SecurityLabelLevel=s0:c1,c2" SecurityLabelNested=yes
describe joined "read /data/file" "Volume=/srv/data:/data" IpcNS=private.container
describe bad-type "" SecurityLabelType=no_such_type_t SecurityLabelFileType=no_such_file_t
describe system "" "Volume=/srv/etc:/data:z"
ln -s /etc /srv/etc
# Root's, in a directory where others can exchange it for another of root's.
describe chosen "" "Volume=/srv/everybodys/roots:/data:Z"
mkdir -p /srv/everybodys/roots
chmod 777 /srv/everybodys
at_end 'rm -rf /srv/everybodys'
make_image /srv/selinux-layout:x /srv/web
put /etc/berth/image.container <<'EOF'
[Container]
Image=oci:/srv/selinux-layout:x
Exec=/bin/try write /root/file write /data/file
Volume=named:/data
SecurityLabelFileType=container_file_t
EOF
# Standard output by its name, also for a user who has not made it.
describe named "write /dev/stdout write /proc/self/fd/1 write /dev/null" User=nobody
describe init "make /sys/fs/cgroup/group write /run/file" Systemd=always
describe shared "read /data/file" "Volume=/srv/data:/data:z"
add_programs /srv/web /usr/bin/systemd-notify
put /srv/web/bin/tell 755 <<'EOF'
#!/bin/sh
mkfifo /tmp/kept
systemd-notify WATCHDOG=1 --fd=3 --fdname=kept 3<>/tmp/kept
(systemd-notify --ready --status='up, enforcing')
trap 'exit 0' TERM
sleep infinity &
wait
EOF
for name in notify notify-mapped notify-runc; do
    put "/etc/berth/$name.container" <<EOF
[Container]
Rootfs=/srv/web:O
Exec=/bin/tell
Tmpfs=/tmp
Network=none
Notify=yes
$(case $name in *-mapped) printf 'UIDMap=0:100000:65536\nGIDMap=0:100000:65536\n' ;; *-runc) echo Runtime=runc ;; esac)

[Service]
TimeoutStartSec=${PATIENCE}0
EOF
done
describe dozing "" Network=none CheckpointOnStop=yes
# What comes to a socket, and the answer.
add_programs /srv/web /usr/bin/socat
wakes() { # NAME EXEC LINE...
    put "/etc/berth/$1.container" <<EOF
[Container]
Rootfs=/srv/web:O
Network=none
Exec=$2

[Socket]
$(printf '%s\n' "${@:3}")
EOF
}
wakes datagram '/bin/sh -c "head -n 1 <&3"' ListenDatagram=/run/datagram.sock
wakes fifo '/bin/sh -c "head -n 1 <&3"' ListenFIFO=/run/fifo.fifo
wakes stream '/usr/bin/socat ACCEPT-FD:3 EXEC:cat' ListenStream=/run/stream.sock
wakes tcp '/usr/bin/socat ACCEPT-FD:3 EXEC:cat' ListenStream=127.0.0.1:8091
wakes connection@ '/bin/sh -c "head -n 1 <&3 >&3"' ListenStream=/run/connection.sock Accept=yes
at_end 'rm -f /run/fifo.fifo'
systemctl daemon-reload

# The journal is read when nothing is enforced: that is about containers here, and not about this shell.
at_end 'setenforce 0; setsebool container_manage_cgroup off; rm -rf /var/lib/berth/volumes/named; berth rmi oci:/srv/selinux-layout:x'
setsebool container_manage_cgroup on
setenforce 1
for name in private other unlabelled disabled level joined bad-type system chosen image named init notify notify-mapped notify-runc; do
    systemctl start "container@$name" || :
done
for name in private notify-runc; do
    echo "from outside" | berth exec -i "$name" sh -c 'cat /proc/self/attr/current; echo; cat; echo said >&2' >"$TMP/exec-$name" 2>&1 3>&- || :
done
systemctl start container@{datagram,fifo,stream,tcp}.socket connection.socket
echo "by a datagram" | socat -u - UNIX-SENDTO:/run/datagram.sock || :
echo "by a fifo" >/run/fifo.fifo || :
for name in stream:UNIX-CONNECT:/run/stream.sock tcp:TCP:127.0.0.1:8091 connection:UNIX-CONNECT:/run/connection.sock; do
    echo "by a ${name%%:*}" | timeout "${PATIENCE}0" socat -t "${PATIENCE}0" - "${name#*:}" >"$TMP/by-${name%%:*}" || :
done
setenforce 0

for name in datagram fifo; do
    check "what comes to its socket is for the container: $name" says "container@$name" "^by a $name\$"
done
for name in stream tcp connection; do
    check "it can answer: $name" same "by a $name" "$(cat "$TMP/by-$name")"
done

for name in private other unlabelled disabled level joined image named init; do
    check "$name runs, enforcing" says "container@$name" '^tried'
done
own=$(journal_of container@private | sed -n 's/^label: //p')
check "a container has a label of its own" contains "$own" '^system_u:system_r:container_t:s0:c[0-9]+,c[0-9]+$'
level=${own#*container_t:}
for name in private notify-runc; do
    check "$name: what is run in it has its label" grep -qaE '^system_u:system_r:container_t:s0:c[0-9]+,c[0-9]+' "$TMP/exec-$name"
    check "$name: and can read and write" same 2 "$(grep -cxaE 'from outside|said' "$TMP/exec-$name")"
done
check "it holds that level" same private "$(readlink "/run/berth/levels/$level")"
file=system_u:object_r:container_file_t:$level
check "Z labels a volume" same "$file" "$(label /srv/data)"
check "and all that is in it" same "$file" "$(label /srv/data/deep/er/file)"
check "a symlink itself" same "$file" "$(label /srv/data/link)"
check "and not what it leads to" not contains "$(label /etc/hostname)" container
check "generated files are labelled" same "$file" "$(label /run/berth/bundles/private/hosts)"
said=$(journal_of container@private)
for try in 'read /data/deep/er/file' 'write /data/new' 'write /root/file' 'write /dev/shm/file' 'write /tmp/file' 'read /etc/hosts'; do
    check "the container may: $try" contains "$said" "^$try: done"
done
check "but not read the machine's files" contains "$said" '^read /host-etc/shadow: refused'

said=$(journal_of container@other)
check "a second container has another label" not contains "$said" "^label: $own\$"
check "of the same kind, with NoNewPrivileges=" contains "$said" '^label: system_u:system_r:container_t:s0:c[0-9]+,c[0-9]+$'
check "it cannot read the first one's volume" contains "$said" '^read /data/file: refused'
check "nor write to it" contains "$said" '^write /data/other: refused'
check "it can write to its own files" contains "$said" '^write /root/file: done'
check "a container that joins the first one has its label" contains "$(journal_of container@joined)" "^label: $own\$"
check "and its files" contains "$(journal_of container@joined)" '^read /data/file: done'
check "standard output can be opened by its name" says container@named '^write /dev/stdout: done'
check "and by its number" says container@named '^write /proc/self/fd/1: done'
check "a volume without a label is out of reach" says container@unlabelled '^read /data/file: refused'
check "SecurityLabelDisable= runs as spc_t" says container@disabled '^label: system_u:system_r:spc_t:s0$'
check "and reaches it" says container@disabled '^read /data/file: done'
check "SecurityLabelLevel= is the level" says container@level '^label: system_u:system_r:container_t:s0:c1,c2$'
check "SecurityLabelNested= shows it the file system of SELinux" grep -q '^selinuxfs /sys/fs/selinux ' "/proc/$(main_pid container@level)/mounts"
check "and nothing else does" not grep -q '^selinuxfs ' "/proc/$(main_pid container@other)/mounts"
check "an image is pulled, and can be written to" says container@image '^write /root/file: done'
check "what is in the store has the label that the policy says" same "" "$(restorecon -nvR /var/lib/berth)"
check "a named volume can be written to" says container@image '^write /data/file: done'
check "for it is every container's" same system_u:object_r:container_file_t:s0 "$(label /var/lib/berth/volumes/named/_data)"

check "an init system gets its control groups, when the policy lets it" says container@init '^make /sys/fs/cgroup/group: done'
check "and /run" says container@init '^write /run/file: done'
for name in notify notify-mapped notify-runc; do
    check "$name: a payload says that it is up" unit_is "container@$name" ActiveState active
    check "$name: and how it is" unit_is "container@$name" StatusText 'up, enforcing'
    check "$name: a descriptor is kept for it" contains "$(systemd-analyze fdstore "container@$name.service")" kept
done
check "nothing else was denied" same "" "$(journalctl -b -q -o cat --after-cursor="$cursor" | grep 'avc: .*denied.*permissive=0' | grep -v 'comm="cat"')"

check "an unknown type is an error, with its place" says container@bad-type \
    "/etc/berth/bad-type.container:4:1: error: SELinux's policy has no type \"no_such_type_t\" for this"
check "a file type as well" says container@bad-type "/etc/berth/bad-type.container:5:1: error: SELinux's policy has no type \"no_such_file_t\" for this"
check "a system's directory is not relabelled, even through a symlink" says container@system \
    '/etc/berth/system.container:4:8: error: "/etc" is the system.s, and is not relabelled for a container'
check "and a start with it fails" unit_is container@system ActiveState failed
check "nor is what others could have chosen" says container@chosen \
    '/etc/berth/chosen.container:4:8: error: mount option "Z" of "/srv/everybodys/roots": what root owns, in a directory that others can write to'
check "which has the label it had" not contains "$(label /srv/everybodys/roots)" container

# With the label that a program has by default, the socket gets the one that all services' sockets have.
has_main_process() { [ "$(main_pid container@notify)" -gt 0 ]; }
systemctl stop container@notify
chcon -t bin_t /usr/libexec/berth-notify
setenforce 1
systemctl start --no-block container@notify
check "a container that may not speak is started" wait_for 60 has_main_process
setenforce 0
check "with a warning" says container@notify \
    "^/etc/berth/notify.container:6:1: warning: SELinux's policy does not let the container tell systemd anything: "
systemctl stop container@notify
restorecon /usr/libexec/berth-notify

# The same level again at the next start, and another when somebody has that: then the volume is relabelled.
systemctl stop container@private
check "the level is given back" not test -e "/run/berth/levels/$level"
ln -s somebody "/run/berth/levels/$level"
systemctl start container@private
check "a level that is held is not shared" not contains "$(tr '\0' '\n' <"/proc/$(main_pid container@private)/attr/current")" "$level"
check "the volume has the new one" not same "$file" "$(label /srv/data/deep/er/file)"
systemctl stop container@private
check "what another holds stays held" same somebody "$(readlink "/run/berth/levels/$level")"
rm "/run/berth/levels/$level"
systemctl start container@shared
check "z labels a volume for all" same system_u:object_r:container_file_t:s0 "$(label /srv/data/deep/er/file)"
# CRIU gives back labels when it is built with libselinux, as Debian's is not.
criu_without_breakpoints
label_of() { # NAME
    tr -d '\0' <"/proc/$(main_pid "container@$1")/attr/current"
}
check "berth check says what CheckpointOnStop= needs" contains "$(berth check /etc/berth/dozing.container 2>&1)" \
    '/etc/berth/dozing.container:5:1: error: "CheckpointOnStop" needs CRIU that is built with libselinux: this one would restore it without its label$'
systemctl start container@dozing
check "a start warns of it" says container@dozing '/etc/berth/dozing.container:5:1: warning: "CheckpointOnStop" has no effect: it needs CRIU that is built'
check "a checkpoint without the label is refused" contains "$(berth checkpoint dozing 2>&1)" \
    'error: no checkpoint can be taken of "dozing": SELinux has a label for it, .*: this criu was built without libselinux$'
check "and the container goes on" unit_is container@dozing ActiveState active
check "a stop is a plain one" systemctl stop container@dozing
check "of which nothing sleeps" not test -e /var/lib/berth/checkpoints/dozing/whole
# One that seems to be, and is not: what is restored has the runtime's label where nothing is enforced.
cp -a /usr/sbin/criu /usr/sbin/criu.real
at_end 'mv /usr/sbin/criu.real /usr/sbin/criu'
printf '\0libselinux.so.1\0' >>/usr/sbin/criu
for runtime in crun runc; do
    describe "dozing-$runtime" "" Network=none CheckpointOnStop=yes "Runtime=$runtime"
    systemctl daemon-reload
    systemctl start "container@dozing-$runtime"
    check "$runtime: it has its label" contains "$(label_of "dozing-$runtime")" '^system_u:system_r:container_t:s0:c'
    check "$runtime: it is put to sleep by a stop" systemctl stop "container@dozing-$runtime"
    check "$runtime: and sleeps" same sleeping "$(listed_state "dozing-$runtime")"
    check "$runtime: a start that would give it another label begins anew" systemctl start "container@dozing-$runtime"
    check "$runtime: and says so" says "container@dozing-$runtime" \
        'error: "dozing-.*" cannot go on from its checkpoint: CRIU has let its processes run as ".*" instead of "system_u:system_r:container_t:s0:c.*"; they were killed$'
    check "$runtime: with its label" contains "$(label_of "dozing-$runtime")" '^system_u:system_r:container_t:s0:c'
    check "$runtime: it is put to sleep by hand" berth checkpoint "dozing-$runtime"
    check "$runtime: then such a start fails" not systemctl start "container@dozing-$runtime"
    check "$runtime: and nothing of it runs" same 0 "$(main_pid "container@dozing-$runtime")"
    check "$runtime: the next one begins anew" systemctl start "container@dozing-$runtime"
    check "$runtime: with its label again" contains "$(label_of "dozing-$runtime")" '^system_u:system_r:container_t:s0:c'
    systemctl kill --signal=KILL "container@dozing-$runtime"
done
# A dozen at once would take from each other the time that they have for it.
for unit in $(systemctl list-units --plain --no-legend 'container@*' | cut -d ' ' -f 1); do
    systemctl stop "$unit"
done
check "no level is left" becomes 60 "" ls /run/berth/levels
