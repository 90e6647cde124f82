# Mounts that a file asks for: Mount= in its types, and the options of Volume= and Tmpfs=.
# guests: nspawn qemu
# timeout: 180

make_rootfs /srv/mounts

# The generator sees this; what [Container] says later on is read at each start.
put /etc/berth/look.container <<'EOF'
[Container]
Rootfs=/srv/mounts
Exec=/bin/true

[Service]
Type=oneshot
EOF
systemctl daemon-reload

# Runs a script in a container with the given keys and shows what it printed.
inside() { # KEYS SCRIPT
    put /etc/berth/look.container <<EOF
[Container]
Rootfs=/srv/mounts
Exec=/bin/sh -c '$2'
$1

[Service]
Type=oneshot
EOF
    local cursor
    cursor=$(journalctl -q -n 0 --show-cursor | sed -n 's/^-- cursor: //p')
    systemctl start container@look || :
    journalctl --sync
    journalctl -q -o cat --after-cursor="$cursor" -u container@look
}

mkdir -p /srv/data/below /srv/globs
echo seen >/srv/data/file
for name in a.conf b.conf c.other; do
    echo "$name" >"/srv/globs/$name"
done

out=$(inside 'User=1000:55
Mount=type=bind,source=/srv/data,destination=/data,ro,noexec
Mount=type=tmpfs,destination=/scratch,tmpfs-size=1m,tmpfs-mode=0750,U
Mount=type=ramfs,destination=/ram,tmpfs-mode=0711
Mount=type=devpts,destination=/dev/pts,mode=0600,gid=7
Mount=type=glob,source=/srv/globs/*.conf,destination=/conf,ro
Mount=type=glob,source=/srv/globs/c*
Tmpfs=/mine:U,mode=0700' \
    'cat /data/file; grep -E " (/data|/scratch|/ram|/dev/pts) " /proc/mounts; stat -c "%%n %%u:%%g %%a" /scratch /ram /mine; cat /conf/*; ls /srv/globs; echo x >/scratch/x && echo written')
check "a bind mount" contains "$out" '^seen$'
check "with its options" contains "$out" ' /data [^ ]+ ro,.*noexec'
check "a tmpfs of the user's, with its mode" contains "$out" '^/scratch 1000:55 750$'
check "it is as large as asked for" contains "$out" ' /scratch tmpfs .*size=1024k'
check "the user can write to it" contains "$out" '^written$'
check "a ramfs" contains "$out" ' /ram ramfs '
check "with its mode" contains "$out" '^/ram 0:0 711$'
check "a devpts in place of the default" contains "$out" ' /dev/pts devpts .*gid=7,mode=600'
check "Tmpfs= with U" contains "$out" '^/mine 1000:55 700$'
check "what a pattern matches" contains "$out" '^b\.conf$'
check "below its destination, or at the same path" contains "$out" '^c\.other$'
check "and nothing else" same "a.conf b.conf" "$(ls /srv/mounts/conf | xargs)"
check "a pattern without a match is refused" contains "$(inside 'Mount=type=glob,source=/srv/globs/*.none,destination=/conf' 'echo up')" \
    'look.container:4:7: error: nothing matches "/srv/globs/\*\.none"'
check "a missing source is refused" contains "$(inside 'Mount=type=bind,source=/srv/none,destination=/data' 'echo up')" \
    'look.container:4:7: error: "/srv/none": No such file or directory'
check "nothing is left" same "" "$(container_files)"
