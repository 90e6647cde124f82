# Mounts that a file asks for: Mount= in its types, and the options of Volume= and Tmpfs=.
# guests: nspawn
# timeout: 180

make_rootfs /srv/mounts

# The generator sees this; what [Container] says later on is read at each start.
put /etc/berth/look.container <<'EOF'
[Container]
Rootfs=/srv/mounts
Exec=/bin/true

[Unit]
StartLimitIntervalSec=0

[Service]
Type=oneshot
EOF
systemctl daemon-reload

# Runs a script in a container with the given keys and shows what it printed.
inside() { # KEYS SCRIPT
    look_in /srv/mounts "$1" "$2"
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
mkdir /srv/globs/many
(cd /srv/globs/many && seq 1001 | xargs touch)
check "so is one with too many" contains "$(inside 'Mount=type=glob,source=/srv/globs/many/*,destination=/conf' 'echo up')" \
    'look.container:4:7: error: "/srv/globs/many/\*" matches 1001 files; a mount of type glob is of at most 1000: mount their directory'
rm -r /srv/globs/many
check "a missing source is refused" contains "$(inside 'Mount=type=bind,source=/srv/none,destination=/data' 'echo up')" \
    'look.container:4:7: error: "/srv/none": No such file or directory'

# U: the source goes to the container's user, and nothing else does.
mkdir -p /srv/owned/a/b /srv/owned/other-disk /srv/outside
echo x >/srv/owned/a/b/file
echo x >/srv/outside/file
ln -s /srv/outside/file /srv/owned/link
ln -s /srv/outside /srv/owned/directory
mount -t tmpfs tmpfs /srv/owned/other-disk
at_end 'umount /srv/owned/other-disk'
echo x >/srv/owned/other-disk/file
mkfifo /srv/owned/a/fifo
chown 1000:55 /srv/owned/a
before=$(stat -c %Z /srv/owned/a)
out=$(inside 'User=1000:55
Volume=/srv/owned:/owned:U' 'stat -c "%%n %%u:%%g" /owned /owned/a/b/file /owned/other-disk/file; echo y >/owned/a/b/file && echo written')
check "U gives a volume to the container's user" contains "$out" '^/owned/a/b/file 1000:55$'
check "itself as well" contains "$out" '^/owned 1000:55$'
check "who can write then" contains "$out" '^written$'
check "another file system in it stays as it is" contains "$out" '^/owned/other-disk/file 0:0$'
check "a symlink is changed itself" same "1000:55 1000:55" "$(stat -c %u:%g /srv/owned/link /srv/owned/directory | xargs)"
check "but not what it leads to" same "0:0 0:0" "$(stat -c %u:%g /srv/outside /srv/outside/file | xargs)"
check "what is the user's already is not touched" same "$before" "$(stat -c %Z /srv/owned/a)"
check "U of a named volume" contains "$(inside 'User=1000:55
Mount=type=volume,source=berth-u,destination=/owned,U' 'stat -c "%%n %%u:%%g" /owned')" '^/owned 1000:55$'
ln -s /etc /srv/to-etc
for path in / /etc /usr /proc/sys /srv/to-etc; do
    check "U of $path is refused" contains "$(inside "Volume=$path:/data:U" 'echo up')" \
        "look.container:4:8: error: the owner of \".*\" is the system's to decide: it takes no \"U\""
done
check "/etc is root's still" same "0:0" "$(stat -c %u:%g /etc)"
deep=/srv/deep
for _ in $(seq 200); do deep=$deep/d; done
mkdir -p "$deep"
check "a deep tree is the user's as well" contains "$(inside 'User=1000
Volume=/srv/deep:/data:U' 'echo up')" '^up$'
check "to its end" same 1000 "$(stat -c %u "$deep")"

# O: what the container writes is gone with it, or goes where the file says.
mkdir -p /srv/lower /srv/keep
mount -t tmpfs tmpfs /srv/keep
at_end 'umount /srv/keep'
mkdir /srv/keep/up /srv/keep/work
echo below >/srv/lower/file
chmod 0751 /srv/lower
out=$(inside 'Volume=/srv/lower:/data:O' 'cat /data/file; echo changed >/data/file; echo new >/data/new; cat /data/file; stat -c "%%a" /data')
check "an overlay shows the source" contains "$out" '^below$'
check "and can be written to" contains "$out" '^changed$'
check "it has the source's mode" contains "$out" '^751$'
check "the source stays as it was" same "below file" "$(cat /srv/lower/file) $(ls /srv/lower)"
check "the next start begins anew" contains "$(inside 'Volume=/srv/lower:/data:O' 'ls /data/new || cat /data/file')" '^below$'
for round in 1 2; do
    out=$(inside 'Volume=/srv/lower:/data:O,upperdir=/srv/keep/up,workdir=/srv/keep/work' 'cat /data/kept || echo first; echo kept >/data/kept')
    check "round $round of an overlay that is kept" contains "$out" "^$([ "$round" = 1 ] && echo first || echo kept)\$"
done
check "its upper directory has what was written" same kept "$(cat /srv/keep/up/kept)"
check "an overlay over a file is refused" contains "$(inside 'Volume=/srv/lower/file:/data:O' 'echo up')" \
    'look.container:4:8: error: mount option "O" of "/srv/lower/file": Not a directory'
mkdir -p /srv/keep/{nest-lower,nest-up,nest-work,nest}
mount -t overlay -o lowerdir=/srv/keep/nest-lower,upperdir=/srv/keep/nest-up,workdir=/srv/keep/nest-work overlay /srv/keep/nest
at_end 'umount /srv/keep/nest'
mkdir /srv/keep/nest/{up,work}
check "so is one that is kept where it cannot be" contains "$(inside 'Volume=/srv/lower:/data:O,upperdir=/srv/keep/nest/up,workdir=/srv/keep/nest/work' 'echo up')" \
    'look.container:4:8: error: mount option "O" of "/srv/lower": Invalid argument; an overlay.s upper directory, upperdir=/srv/keep/nest/up, cannot be on NFS, on another overlay, .*: mount ext4, XFS, Btrfs or a tmpfs there, with workdir= as another directory of the same mount beside it$'

# mounts.conf: copies, of which nothing comes back.
mkdir -p /srv/shared/below /etc/containers
at_end 'rm -f /etc/containers/mounts.conf'
echo shared >/srv/shared/below/file
echo single >/srv/single
put /etc/containers/mounts.conf <<'EOF'
# a comment

/srv/shared:/run/shared
/srv/single:/etc/single
/srv/not-there:/run/none
relative:/run/none
/srv/single
/srv/shared:/proc/sys
EOF
out=$(inside '' 'cat /run/shared/below/file /etc/single; echo mine >/run/shared/below/file; stat -c "%%u:%%g" /run/shared; ls -d /run/none || echo none')
check "a directory of mounts.conf" contains "$out" '^shared$'
check "a file" contains "$out" '^single$'
check "what does not exist is passed over" contains "$out" '^none$'
check "a copy: the machine's stays as it is" same shared "$(cat /srv/shared/below/file)"
check "a bad line is a warning with its place" contains "$out" 'mounts.conf:6: warning: "relative" is no absolute path'
check "another one" contains "$out" 'mounts.conf:7: warning: "/srv/single" is not SOURCE:DESTINATION, and left alone'
check "the kernel's places stay the kernel's" contains "$out" 'mounts.conf:8: warning: "/proc/sys" is the kernel.s in the container'
check "in a read-only container they are read-only" contains "$(inside 'ReadOnly=yes' 'echo x >/run/shared/below/file || echo unwritable')" '^unwritable$'
check "DefaultMounts=no" contains "$(inside 'DefaultMounts=no' 'ls /run/shared/below || echo no')" '^no$'
check "a volume of the user's wins" contains "$(inside 'Volume=/srv/lower:/run/shared' 'ls /run/shared')" 'warning: this mount replaces the generated /run/shared$'
check "nothing is left" same "" "$(container_files)"
