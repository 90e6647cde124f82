# Root file systems that would lead what berth and the runtime do in them out of them: each ends in a clear error or a harmless result.
# guests: nspawn
# timeout: 240

make_rootfs /srv/plain
mkdir -p /srv/plain/data /srv/volume /srv/outside/data /etc/containers /etc/berth/secrets
echo seen >/srv/volume/file
put /etc/berth/look.container <<'EOF'
[Container]
Rootfs=/srv/hostile
Exec=/bin/true

[Unit]
StartLimitIntervalSec=0

[Service]
Type=oneshot
EOF
mkdir -p /srv/hostile
systemctl daemon-reload

# A fresh root file system, changed by the commands, and a start with the keys; prints what the container did.
hostile() { # KEYS SCRIPT COMMANDS
    rm -rf /srv/hostile
    cp -a /srv/plain /srv/hostile
    (cd /srv/hostile && eval "$3")
    look_in /srv/hostile "$1" "$2"
}

# What of the machine a container could have reached.
machine() {
    stat -c '%n %a %u:%g %s %Y' /etc/passwd /etc/shadow /etc/hosts /srv/outside /srv/outside/data
    # systemd makes and removes what PrivateTmp= of other units needs.
    ls -A /srv/outside /srv/outside/data /etc /tmp /proc/sys/kernel | grep -v '^systemd-private-'
}
before=$(machine)

# Destinations of volumes
out=$(hostile 'Volume=/srv/volume:/data' 'cat /data/file' 'rmdir data; ln -s /../../../../srv/outside/data data')
check "a volume through a link that goes up is mounted inside" contains "$out" '^seen$'
out=$(hostile 'Volume=/srv/volume:/data/file/sub' 'echo up' 'ln -s /../../../etc/passwd data/file')
check "a destination below a file is an error" not contains "$out" '^up$'
check "with a word" contains "$out" 'Not a directory'
out=$(hostile 'Volume=/srv/volume:/data' 'echo up' 'rmdir data; ln -s loop data; ln -s data loop')
check "a loop is an error with its place" contains "$out" 'look.container:4:8: error: mount destination "/data": Too many levels of symbolic links'
out=$(hostile 'Volume=/srv/volume:/data' 'echo up' 'rmdir data; echo x >data')
check "a directory over a file is an error" not contains "$out" '^up$'
check "with a word, and the file is as it was" same x "$(contains "$out" '[Nn]ot a directory' >/dev/null && cat /srv/hostile/data)"
out=$(hostile 'Volume=/srv/volume/file:/data' 'echo up' ':')
check "a file over a directory is an error" not contains "$out" '^up$'
out=$(hostile 'Volume=/srv/volume:/data' 'ls -d /srv/volume; cat /data/file' 'rmdir data; ln -s ../../../../../../../../srv/volume data')
check "a link to the source itself is resolved inside" contains "$out" '^seen$'
out=$(hostile 'Volume=/srv/volume:/data/new/place' 'cat /data/new/place/file' 'rmdir data; ln -s /tmp/../../../srv data')
check "what is missing is made inside" contains "$out" '^seen$'
check "and not outside" not test -e /srv/new

# Directories that everything is mounted on
out=$(hostile '' 'cat /etc/hostname' 'rm -rf tmp; ln -s /etc tmp')
check "/tmp as a link to /etc" contains "$out" '^look$'
out=$(hostile 'Tmpfs=/tmp' 'echo x >/tmp/x; ls /etc' 'rm -rf tmp; mkdir empty; ln -s /empty tmp')
check "a tmpfs through a link" contains "$out" '^hosts$'
for directory in proc sys dev; do
    for target in /etc /../../../../etc /srv ../../../../../srv/outside; do
        out=$(hostile '' 'echo up' "rm -rf $directory; ln -s $target $directory")
        check "/$directory as a link to $target does no harm" same "$before" "$(machine)"
        check "and is an error" contains "$out" "look.container:2:1: error: /$directory is no directory in the root file system"
    done
    for kind in "echo x >$directory" "mkfifo $directory"; do
        check "/$directory made by $kind is an error" contains "$(hostile '' 'echo up' "rm -rf $directory; $kind")" \
            "look.container:2:1: error: /$directory is no directory in the root file system"
    done
    check "a missing /$directory is made" contains "$(hostile '' 'echo up' "rm -rf $directory")" '^up$'
done
for target in /etc /../../../run run /proc; do
    out=$(hostile 'ReadOnly=yes' 'echo up' "rm -rf run; ln -s $target run")
    check "/run as a link to $target does no harm" same "$before" "$(machine)"
    check "nor does it stay silent" contains "$out" '^up$|[Ee]rror|[Tt]oo many|[Nn]ot a directory'
done
out=$(hostile '' 'echo up' 'rm -rf etc; ln -s /proc/1/root/etc etc')
check "/etc as a link through /proc gets no file" same "$before" "$(machine)"

# Files that are read
for kind in 'mkfifo etc/group' 'mknod etc/group c 1 5' 'mkdir etc/group' 'truncate -s 100M etc/group' 'ln -s group etc/group'; do
    out=$(hostile $'User=1000:nogroup' 'echo up' "rm etc/group; $kind")
    check "group by $kind is an error" contains "$out" "error: cannot read the container's /etc/passwd and /etc/group: "
done
out=$(hostile 'User=root' 'id' 'rm etc/passwd; ln -s ../../../../../../etc/passwd etc/passwd')
check "a link out of passwd finds nothing of the machine's" contains "$out" 'error: (no user or group "root"|cannot read)'

# Secrets and the files of mounts.conf
printf 'a secret' >/etc/berth/secrets/one
systemctl daemon-reload
put /etc/berth/look.container <<'EOF'
[Container]
Rootfs=/srv/hostile
Exec=/bin/true
Secret=one

[Unit]
StartLimitIntervalSec=0

[Service]
Type=oneshot
EOF
systemctl daemon-reload
out=$(hostile 'Secret=one' 'cat /run/secrets/one' 'rm -rf run; mkdir -p run place; ln -s /../../../place run/secrets')
check "a secret through a link is mounted inside" contains "$out" '^a secret$'
check "and leaves nothing in the root" same 0 "$(stat -c %s /srv/hostile/place/one)"
for kind in 'mkdir run/secrets/one' 'mkfifo run/secrets/one' 'ln -s one run/secrets/one' 'ln -s /proc/sys/kernel/core_pattern run/secrets/one' \
    'mknod run/secrets/one c 1 5'; do
    out=$(hostile 'Secret=one' 'echo up' "mkdir run/secrets; $kind")
    check "a secret over what $kind makes is refused" contains "$out" 'look.container:4:8: error: the root file system has no place for the secret "one"'
done
mkdir -p /srv/shared
at_end 'rm -f /etc/containers/mounts.conf'
echo shared >/srv/shared/file
echo '/srv/shared:/data' >/etc/containers/mounts.conf
out=$(hostile 'DefaultMounts=yes' 'cat /data/file' 'rmdir data; ln -s /../../srv/outside/data data')
check "mounts.conf through a link" contains "$out" '^shared$'
for kind in 'ln -s data data' 'ln -s /proc data' 'mkfifo data'; do
    out=$(hostile '' 'echo up' "rmdir data; $kind")
    check "mounts.conf on what $kind makes is left out with a warning" contains "$out" 'mounts.conf:1: warning: '
    check "and the container runs" contains "$out" '^up$'
done
check "the machine is as it was" same "$before" "$(machine)"
check "nothing is left" same "" "$(container_files)"
