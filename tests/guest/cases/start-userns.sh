# Containers in user namespaces: which IDs they get, and whose the files are that they see.
# guests: nspawn
# timeout: 180

# On a file system that can be idmapped, as the root of this guest cannot.
base=/var/lib/berth/userns
tree=$base/tree
make_rootfs $tree
printf 'web:x:33:33:web:/:/bin/sh\n' >>$tree/etc/passwd
printf 'www-data:x:33:\n' >>$tree/etc/group
chmod 755 /var/lib/berth $base
mkdir -p $base/data
echo "from the host" >$base/data/file
chown 33:33 $base/data/file

# It runs a script, and stays.
put $tree/main <<'EOF'
trap 'exit 0' TERM
. /look
echo done
while :; do sleep 1000 & wait; done
EOF
container() { # NAME KEY|KEY...
    put "/etc/berth/$1.container" <<EOF
[Container]
Exec=/bin/sh /main
${2//|/$'\n'}
EOF
}
# Starts it anew, and shows what it printed this time.
look() { # NAME KEY|KEY... SCRIPT
    local cursor end
    container "$1" "$2"
    printf '%s\n' "$3" >$tree/look
    systemctl daemon-reload
    cursor=$(journal_cursor)
    systemctl start "container@$1" || :
    end=$(deadline 20)
    while [ "$SECONDS" -lt "$end" ] && unit_is "container@$1" ActiveState active >/dev/null; do
        sync_journal
        journalctl -q -o cat --after-cursor="$cursor" -u "container@$1" | grep -qx done && break
        sleep 0.1
    done
    sync_journal
    journalctl -q -o cat --after-cursor="$cursor" -u "container@$1"
}
first_id() { # NAME [uid|gid]
    awk '$1 == 0 { print $2 }' "/proc/$(main_pid "container@$1")/${2:-uid}_map"
}
ranges() {
    find /run/berth/ids -type f 2>/dev/null
}

# --- UserNS=auto with an idmapped root

for runtime in crun runc; do
    for option in idmap O:idmap; do
        rm -f $tree/made
        null=$(stat -c %u:%g:%a /dev/null)
        out=$(look auto "Rootfs=$tree:$option|UserNS=auto|Runtime=$runtime|AddDevice=/dev/full:/dev/myfull|Unmask=/sys/fs/cgroup" \
            'id -u; stat -c "%u:%g %n" /bin/busybox /etc/hosts /dev/shm /sys/fs/cgroup/cgroup.procs; touch /made && chown 33 /made && echo made; mkdir /sys/fs/cgroup/x && echo a group
             echo x >/dev/null && echo null works; ls -ln /dev/myfull; : </dev/myfull && echo opened; grep -c . /proc/self/uid_map; cat <&0 && echo no input')
        title="$runtime, $option"
        check "$title: it starts" unit_is container@auto ActiveState active
        check "$title: it is root" contains "$out" '^0$'
        for file in /bin/busybox /etc/hosts /dev/shm /sys/fs/cgroup/cgroup.procs; do
            check "$title: $file is root's" contains "$out" "^0:0 $file\$"
        done
        check "$title: its control group is its own" contains "$out" '^a group$'
        check "$title: it makes files, and gives them away" contains "$out" '^made$'
        check "$title: devices work" contains "$out" '^null works$'
        check "$title: an added device" contains "$out" '^crw.* 1, +7 .*/dev/myfull$'
        check "$title: which is its root's, who can open it" contains "$out" '^crw.* 0 +0 .*/dev/myfull$'
        check "$title: as it does" contains "$out" '^opened$'
        check "$title: its input is empty" contains "$out" '^no input$'
        check "$title: /dev/null of the machine stays as it is" same "$null" "$(stat -c %u:%g:%a /dev/null)"
        base_id=$(first_id auto)
        check "$title: the range is one for containers" test "$base_id" -ge 524288 -a "$base_id" -le 1879048191 -a $((base_id % 65536)) -eq 0
        check "$title: the process has the first of them" same "$base_id" "$(stat -c %u "/proc/$(main_pid container@auto)")"
        check "$title: on disk all is as before" same "0:0" "$(stat -c %u:%g $tree/bin/busybox)"
        if [ $option = idmap ]; then
            check "$title: also what it made" same 33:0 "$(stat -c %u:%g $tree/made)"
        else
            check "$title: an overlay leaves the tree alone" not test -e $tree/made
        fi
        check "$title: the range is taken" same "/run/berth/ids/$base_id-65536" "$(ranges)"
        check "$title: stop" systemctl stop container@auto
        check "$title: the range is given back" same "" "$(ranges)"
        systemctl start container@auto
        check "$title: it gets the same one again" same "$base_id" "$(first_id auto)"
        systemctl stop container@auto
        check "$title: nothing is left" same "" "$(container_files)"
    done
done

# --- several at once, and a range that somebody else has

for i in 1 2 3 4; do
    container "many$i" "Rootfs=$tree:O:idmap|UserNS=auto:size=70000"
done
: >$tree/look
systemctl daemon-reload
systemctl start container@many1 container@many2 container@many3 container@many4
check "four ranges for four containers" same 4 "$(ranges | wc -l)"
starts=$(for i in 1 2 3 4; do first_id "many$i"; done | sort -n)
apart() {
    local last=0 start
    for start in $starts; do
        [ $((start - last)) -ge 131072 ] || return 1
        last=$start
    done
}
check "none overlaps another" apart
systemctl kill -s KILL container@many1
check "a killed one gives its range back" wait_for 20 unit_is container@many1 ActiveState failed
check "alone" same 3 "$(ranges | wc -l)"
systemctl stop 'container@many*'
check "the others, too" same "" "$(ranges)"
taken=$(echo "$starts" | head -n 1)
mkdir -p /run/systemd/nspawn-uid
systemctl reset-failed
owner=$(for i in 1 2 3 4; do systemctl start "container@many$i"; [ "$(first_id "many$i")" = "$taken" ] && echo "many$i"; systemctl stop "container@many$i"; done)
echo "stranger:x:$taken:$taken::/:/bin/false" >>/etc/passwd
at_end "sed -i '/^stranger:/d' /etc/passwd"
systemctl start "container@$owner"
check "a range with a user in it is left to that one" not same "$taken" "$(first_id "$owner")"
systemctl stop "container@$owner"
sed -i '/^stranger:/d' /etc/passwd

# --- the subordinate IDs of "containers"

cp -p /etc/subuid /etc/subgid "$TMP/"
at_end "cp -p $TMP/subuid $TMP/subgid /etc/"
printf 'containers:3000000:5000\nother:4000000:65536\nhigh:2147483648:1073741824\n' >/etc/subuid
printf 'containers:3000000:5000\nother:5000000:65536\nhigh:2147483648:1073741824\n' >/etc/subgid
out=$(look sub "Rootfs=$tree:idmap|UserNS=auto" 'cat /proc/self/uid_map')
check "a range of containers, as large as podman's" contains "$out" '^ +0 +300[0-9]{4} +1024$'
check "taken" contains "$(ranges)" '/300[0-9]{4}-1024$'
systemctl stop container@sub
out=$(look sub "Rootfs=$tree:idmap|UserNS=auto:size=6000" :)
check "one that is too large is refused with its line" contains "$out" \
    'sub.container:4:8: error: there is no free range of 6000 IDs for "auto" among those of "containers" in /etc/subuid and /etc/subgid$'
out=$(look sub "Rootfs=$tree:idmap|SubUIDMap=other" 'cat /proc/self/uid_map /proc/self/gid_map')
check "SubUIDMap=" contains "$out" '^ +0 +4000000 +65536$'
check "stands for the groups, too" contains "$out" '^ +0 +5000000 +65536$'
systemctl stop container@sub
# Twice the first of these IDs is more than 32 bits have.
out=$(look sub "Rootfs=$tree:idmap|SubUIDMap=high" 'cat /proc/self/uid_map; stat -c "%u:%g %n" /etc/hosts /etc/hostname /run/.containerenv')
check "IDs from 2147483648 on" contains "$out" '^ +0 +2147483648 +1073741824$'
for file in /etc/hosts /etc/hostname /run/.containerenv; do
    check "IDs from 2147483648 on: $file is root's" contains "$out" "^0:0 $file\$"
done
systemctl stop container@sub
out=$(look sub "Rootfs=$tree:idmap|SubUIDMap=nobody" :)
check "a name without IDs is refused with its line" contains "$out" 'sub.container:4:1: error: there are no IDs for "nobody" in /etc/subuid$'

# --- mappings by hand, volumes

mapped="Rootfs=$tree:idmap|UIDMap=0:700000:1000|UIDMap=1000:33:1|User=web"
out=$(look hand "$mapped|Volume=$base/data:/plain|Volume=$base/data:/shifted:idmap|Volume=$base/data/file:/file:idmap=uids=@33-0-1;gids=@33-0-1" \
    'id -u; cat /proc/self/uid_map /proc/self/gid_map; stat -c "%u:%g %n" /plain/file /shifted/file /file; cat /shifted/file')
check "UIDMap=" contains "$out" '^ +1000 +33 +1$'
check "is for groups without GIDMap=" same 2 "$(grep -Ec '^ +0 +700000 +1000$' <<<"$out")"
check "the user is one of the container's" contains "$out" '^33$'
check "a volume shows whose it is" contains "$out" '^1000:1000 /plain/file$'
check "with idmap, as if it were the container's" contains "$out" '^33:33 /shifted/file$'
check "with mappings of its own, whose it is to be" contains "$out" '^0:0 /file$'
check "and is readable" contains "$out" '^from the host$'
check "on disk nothing changes" same 33:33 "$(stat -c %u:%g $base/data/file)"
systemctl stop container@hand
out=$(look hand "Rootfs=$tree:idmap|UIDMap=0:700000:10|User=web" :)
check "a user that is not mapped is refused with its line" contains "$out" 'hand.container:5:1: error: the user 33:33 is not mapped'
out=$(look hand "Rootfs=$tree:idmap|UIDMap=1:700000:10" :)
check "a namespace without root, too" contains "$out" 'hand.container:4:1: error: the user namespace has no root'
mkdir -p /srv/unmappable
cp -a $tree /srv/unmappable/
out=$(look hand "Rootfs=/srv/unmappable/tree:idmap|UserNS=auto" :)
check "a file system that cannot be idmapped, too" contains "$out" \
    'hand.container:3:1: error: "/srv/unmappable/tree" cannot be idmapped: its file system cannot be idmapped$'
out=$(look keep "Rootfs=$tree|UserNS=keep-id" 'cat /proc/self/uid_map; readlink /proc/self/ns/user')
check "keep-id is a namespace with the machine's IDs" contains "$out" '^ +0 +0 +4294967295$'
check "and still another" not contains "$out" "^$(readlink /proc/1/ns/user | sed 's/[][]/\\&/g')\$"
systemctl stop container@keep

# --- joined, alone and with the rest

container first "Rootfs=$tree:O:idmap|UserNS=auto"
: >$tree/look
for runtime in crun runc; do
    out=$(look second "Rootfs=$tree:idmap|UserNS=first.container|Runtime=$runtime" 'stat -c "%u:%g %n" /bin/busybox /etc/hosts; cat /proc/self/uid_map')
    check "$runtime: the user namespace of another" same "$(readlink "/proc/$(main_pid container@first)/ns/user")" \
        "$(readlink "/proc/$(main_pid container@second)/ns/user")"
    check "$runtime: its root is root" contains "$out" '^0:0 /bin/busybox$'
    check "$runtime: also of generated files" contains "$out" '^0:0 /etc/hosts$'
    out=$(systemctl stop container@second; look third "Rootfs=$tree:O:idmap|UserNS=first.container|PidNS=first.container|IpcNS=first.container|Network=first.container|UtsNS=first.container|Runtime=$runtime" \
        'ls /sys/class/net | tr "\n" " "; stat -f -c %T /proc /sys /dev/mqueue; id -u')
    check "$runtime: with all else of it" same "$(readlink "/proc/$(main_pid container@first)/ns/net")" "$(readlink "/proc/$(main_pid container@third)/ns/net")"
    check "$runtime: and sees its network" contains "$out" '^eth0 lo *(proc|$)'
    systemctl stop container@third
done
systemctl stop container@first
for runtime in crun runc; do
    out=$(look host "Rootfs=$tree:idmap|UserNS=auto|Network=host|IpcNS=host|PidNS=host|Runtime=$runtime" 'readlink /proc/self/ns/net; mount | grep -E "on (/sys|/proc|/dev/mqueue) "')
    check "$runtime: on the machine's network" contains "$out" "^$(readlink /proc/1/ns/net | sed 's/[][]/\\&/g')\$"
    check "$runtime: /sys is the machine's, and read-only" contains "$out" 'on /sys type (sysfs|tmpfs) \(ro'
    systemctl stop container@host
done

# --- an image, whose layers are always seen through the mappings

mkdir -p $base/upper/etc
echo "of the upper layer" >$base/upper/etc/upper
chown 33:33 $base/upper/etc/upper
make_image $base/layout:one $tree $base/upper -- --config.cmd=/bin/sh --config.cmd=/main --config.workingdir=/made/for/it
for runtime in crun runc; do
    put /etc/berth/image.container <<EOF
[Container]
Image=oci:$base/layout:one
UserNS=auto
Runtime=$runtime
EOF
    systemctl daemon-reload
    require "$runtime: an image in a user namespace" systemctl start container@image
    # Until it has become its own program, what it is belongs to the machine's root.
    is_not_roots() { not same 0 "$(stat -c %u "/proc/$(main_pid container@image)")"; }
    check "$runtime: its root is not the machine's" wait_for 20 is_not_roots
    out=$($runtime --root /run/berth/runtime exec image stat -c "%u:%g %n" /bin/busybox /etc/upper /made/for/it 2>&1)
    check "$runtime: the lower layer is root's" contains "$out" '^0:0 /bin/busybox$'
    check "$runtime: the upper layer, whose it is" contains "$out" '^33:33 /etc/upper$'
    check "$runtime: the working directory is made for it" contains "$out" '^0:0 /made/for/it$'
    systemctl stop container@image
done
# --- a root whose owner is not mapped has mount points all the same
plain=$base/plain
mkdir -p $plain/bin $plain/etc
cp /bin/busybox $plain/bin/sh
for option in "" :O; do
    out=$(look unmapped "Exec=/bin/sh /main" true)
    put /etc/berth/unmapped.container <<EOF
[Container]
Rootfs=$plain$option
UserNS=auto
Network=none
Volume=$base/data:/deep/er/data
Volume=$base/data/file:/a-file
Exec=/bin/sh -c "cat /deep/er/data/file /a-file; test -e /etc/hosts && echo hosts"
[Service]
Type=oneshot
EOF
    rm -rf $plain/deep $plain/a-file $plain/etc/hosts $plain/proc $plain/sys $plain/dev
    systemctl daemon-reload
    check "root '$option', not mapped: it starts" systemctl start container@unmapped
    check "root '$option', not mapped: its mounts are there" says container@unmapped '^hosts$'
done

check "no idmapped mount is to be seen on the machine" same "" "$(grep idmapped /proc/self/mountinfo)"
check "the store is as it was" same "" "$(find /var/lib/berth/layers -uid +65535 2>/dev/null | head)"
check "nothing is left" same "" "$(container_files)$(ranges)"
