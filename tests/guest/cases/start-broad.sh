# One container with nearly all that a file can say, under each runtime: what each key does is seen from inside, and that none is in another's way.
# guests: nspawn
# timeout: 90

make_rootfs /srv/broad
printf 'web:x:33:33:web:/var/www:/bin/sh\n' >>/srv/broad/etc/passwd
printf 'www-data:x:33:\nadm:x:4:web\nextra:x:55:\n' >>/srv/broad/etc/group
mkdir -p /srv/broad/usr/share/zoneinfo /srv/broad-data/sub /srv/broad-more /etc/berth/secrets
chmod 700 /etc/berth/secrets
echo data >/srv/broad-data/file
echo "FROM_FILE=file" >/etc/berth/broad.env
printf token >/etc/berth/secrets/token
printf 'key text' >/etc/berth/secrets/key
put /srv/broad/show <<'END'
trap 'echo "stopped by TERM"; exit 5' TERM
trap 'echo "reloaded"' HUP
id -u; id -g; echo "groups: $(id -G)"
echo "args: $*"
echo "pwd: $(pwd) umask: $(umask) host: $(hostname) home: $HOME tz: ${TZ:-none}"
echo "env: $container $HOSTNAME $ONE $FROM_FILE $TOKEN${UNIT_VARIABLE:+ $UNIT_VARIABLE}"
echo "limits: $(ulimit -n) $(ulimit -c)"
grep -E '^(CapBnd|CapAmb|NoNewPrivs|Seccomp):' /proc/self/status
echo "oom: $(cat /proc/self/oom_score_adj)"
cat /etc/hosts /etc/resolv.conf /etc/hostname
cat /run/secrets/key; echo
cat /data/file /data-ro/file
touch /data/new && echo "data: writable"
touch /data-ro/new 2>/dev/null || echo "data-ro: read-only"
touch /new 2>/dev/null || echo "root: read-only"
touch /tmp/new && echo "tmp: writable"
cat /over/file; echo changed >/over/file && cat /over/file
grep -E ' (/dev/shm|/scratch|/mem|/named) ' /proc/mounts
echo "named: $(ls -d /named) $(stat -c %u /named)"
ls -l /dev/myfull /dev/null | cut -c1
cat /proc/kcore 2>&1 | head -c 0; cat /proc/latency_stats 2>/dev/null | head -c 1; echo "masked: $(ls /hidden | wc -l)"
echo "ipc: $(readlink /proc/self/ns/ipc) uts: $(readlink /proc/self/ns/uts)"
echo "pids: $(ls -d /proc/[0-9]* | wc -l)"
test -e /run/.containerenv && grep -E '^(name|rootless|engine)' /run/.containerenv
test -r /etc/localtime && echo "localtime"
echo "interfaces: $(ls /sys/class/net | xargs)"
cat /srv/globbed/*
echo done
while :; do sleep 1000 & wait; done
END
mkdir -p /srv/broad/hidden /srv/broad-glob
touch /srv/broad/hidden/{a,b}
echo one >/srv/broad-glob/1.txt
echo two >/srv/broad-glob/2.txt
cat >/etc/berth/seccomp.json <<'END'
{ "defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{ "names": ["chroot"], "action": "SCMP_ACT_ERRNO" }] }
END

describe() { # RUNTIME
    put /etc/berth/broad.container <<END
[Unit]
Description=Nearly everything

[Container]
ContainerName=broad-name
Rootfs=/srv/broad:O
Runtime=$1
Exec=first "second word" %N
Entrypoint=["/bin/sh", "/show"]
User=web
GroupAdd=extra
WorkingDir=/tmp
HostName=broadhost
Environment=ONE=1 "TWO=two words"
EnvironmentFile=/etc/berth/broad.env
EnvironmentHost=no

HttpProxy=no
Label=com.example.one=1
Annotation=com.example.two=2
LogOpt=tag=broadly
AddCapability=NET_BIND_SERVICE
DropCapability=CHOWN
NoNewPrivileges=yes
SeccompProfile=/etc/berth/seccomp.json
Mask=/hidden
ReadOnly=yes
ReadOnlyTmpfs=yes
Ulimit=nofile=321:654
Ulimit=core=0
ShmSize=3m
AddDevice=/dev/full:/dev/myfull:r
AddDevice=-/dev/no-such-device
OomScoreAdjust=300
Umask=0027
PidsLimit=200
Memory=256m
Network=private
AddHost=other:192.0.2.7
DNS=192.0.2.53
DNSSearch=example.net
DNSOption=ndots:3
Timezone=local
Tmpfs=/scratch:size=2m,mode=1777
Volume=/srv/broad-data:/data
Volume=/srv/broad-data:/data-ro:ro
Volume=/srv/broad-data:/over:O
Volume=broad-named:/named:U
Mount=type=tmpfs,destination=/mem,tmpfs-size=1m
Mount=type=glob,source=/srv/broad-glob/*.txt,destination=/srv/globbed/,ro
Secret=key,mode=0444
Secret=token,type=env,target=TOKEN
StopSignal=SIGTERM
StopTimeout=10
ReloadSignal=SIGHUP
PodmanArgs=--annotation=com.example.three=3

[Service]
Environment=UNIT_VARIABLE=not-for-the-container
Restart=no
END
    systemctl daemon-reload
}
# The same text but for white space and the time of the start.
normalised() {
    tr -d ' \n' | sed -E 's/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(Z|[+-][0-9:]+)/TIME/g; s/"TOKEN=[^"]*"/"TOKEN"/'
}
state_of_machine() {
    ls -lRi /run/berth /var/lib/berth /srv/broad-data 2>/dev/null
    cat /proc/self/mountinfo
}
chmod 777 /srv/broad-data
chmod 666 /srv/broad-data/file

for runtime in crun runc; do
    describe $runtime
    check "$runtime: nothing is wrong in it" not contains "$(berth check broad 2>&1)" error
    systemctl start container-volume@broad-named
    berth spec broad >/dev/null
    before=$(state_of_machine)
    printed=$(berth spec broad | normalised)
    berth spec --dump-facts broad >/tmp/facts.json
    check "$runtime: its facts make the same elsewhere" same "$printed" "$(berth spec --facts=/tmp/facts.json broad | normalised)"
    check "$runtime: berth spec changes nothing" same "$before" "$(state_of_machine)"
    require "$runtime: it starts" systemctl start container@broad
    check "$runtime: it gets to its end" says container@broad '^done$'
    check "$runtime: berth spec has printed what was started" same "$printed" "$(normalised </run/berth/bundles/broad/config.json)"
    out=$(journal_of container@broad)
    while IFS= read -r line; do
        check "$runtime: $line" contains "$out" "^$line\$"
    done <<'END'
33
groups: 33 4 55
args: first second word broad
pwd: /tmp umask: 0027 host: broadhost home: /var/www tz: none
env: berth broadhost 1 file token
limits: 321 0
CapBnd:	0000000000800[0-9a-f]*|CapBnd:	[0-9a-f]{16}
CapAmb:	0000000000000400
NoNewPrivs:	1
Seccomp:	2
oom: 300
192.0.2.7	other
nameserver 192.0.2.53
search example.net
options ndots:3
broadhost
key text
data
data: writable
data-ro: read-only
root: read-only
tmp: writable
changed
.* /dev/shm tmpfs rw,.*size=3072k.*
.* /scratch tmpfs rw,.*size=2048k.*
.* /mem tmpfs rw,.*size=1024k.*
named: /named 33
masked: 0
interfaces: lo
one
two
END
    check "$runtime: its annotations" contains "$(cat /run/berth/bundles/broad/config.json)" '"com.example.two": ?"2".*"com.example.three": ?"3"|"com.example.three": ?"3".*"com.example.two": ?"2"'
    check "$runtime: the tag of its output" contains "$(journalctl -q -b -o short -u container@broad -n 3)" ' broadly\['
    check "$runtime: the service has its limits" same "268435456 200 10s" \
        "$(unit_property container@broad MemoryMax) $(unit_property container@broad TasksMax) $(unit_property container@broad TimeoutStopUSec)"
    check "$runtime: reload" systemctl reload container@broad
    check "$runtime: is the signal" says container@broad '^reloaded$'
    check "$runtime: stop" systemctl stop container@broad
    check "$runtime: by its signal" says container@broad '^stopped by TERM$'
    check "$runtime: its exit code" same 5 "$(unit_property container@broad ExecMainStatus)"
    check "$runtime: nothing is left" same "" "$(container_files)"
    check "$runtime: an overlay keeps nothing" same data "$(cat /srv/broad-data/file)"
    systemctl reset-failed
done

# What is printed of one from an image with IDs of its own.
make_image /srv/broad-layout:x /srv/broad -- --config.entrypoint /bin/sh --config.cmd /show --config.env FROM_IMAGE=yes --config.user web --config.volume /hidden
mkdir -p /var/lib/berth/broad-data
put /etc/berth/apart.container <<'END'
[Container]
Image=oci:/srv/broad-layout:x
UserNS=auto
Volume=/var/lib/berth/broad-data:/data:idmap
Volume=broad-named:/named
Network=none
CgroupsMode=enabled
StopTimeout=1
END
systemctl daemon-reload
systemctl start "container-image@$(systemd-escape oci:/srv/broad-layout:x)" container-volume@broad-named
printed=$(berth spec apart | normalised)
berth spec --dump-facts apart >/tmp/facts.json
check "the facts of an image make the same elsewhere" same "$printed" "$(berth spec --facts=/tmp/facts.json apart | normalised)"
check "a container from an image, with IDs of its own" systemctl start container@apart
check "berth spec has printed what was started" same "$printed" "$(normalised </run/berth/bundles/apart/config.json)"
systemctl stop container@apart container-volume@broad-named
check "nothing is left" same "" "$(container_files)"
berth rmi oci:/srv/broad-layout:x >/dev/null || :
rm -rf /var/lib/berth/broad-data /var/lib/berth/volumes/broad-named
