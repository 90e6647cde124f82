# The container as its own processes see it.
# guests: nspawn
# timeout: 120

make_rootfs /srv/inside
cat >>/srv/inside/etc/passwd <<'EOF'
web:x:33:33:web:/var/www:/bin/sh
EOF
cat >>/srv/inside/etc/group <<'EOF'
www-data:x:33:
adm:x:4:web
extra:x:55:
EOF
ln -s run /srv/inside/var/run 2>/dev/null || ln -s ../run /srv/inside/var/run
mkdir -p /srv/data /srv/inside/srv
echo "from the host" >/srv/data/file

# Runs a script in a container with the given keys and shows what it printed.
inside() { # KEYS SCRIPT
    put /etc/berth/look.container <<EOF
[Container]
Rootfs=/srv/inside
Exec=/bin/sh /look.sh
$1

[Service]
Type=oneshot
EOF
    printf '%s\n' "$2" >/srv/inside/look.sh
    systemctl daemon-reload
    local cursor
    cursor=$(journal_cursor)
    systemctl start container@look || :
    sync_journal
    journalctl -q -o cat --after-cursor="$cursor" -u container@look
}

out=$(inside "" 'id; hostname; pwd; echo "env: $container $HOME $PATH"; cat /proc/1/comm; umask; ulimit -n')
check "root by default" contains "$out" '^uid=0\(root\) gid=0\(root\)( groups=0\(root\))?$'
check "its host name is its name" contains "$out" '^look$'
check "the working directory is /" contains "$out" '^/$'
check "container=, HOME and PATH are set" contains "$out" '^env: berth /(root)? /usr/local/sbin'
check "it is PID 1" contains "$out" '^sh$'
check "the umask is 0022" contains "$out" '^0022$'

out=$(inside $'User=web\nGroupAdd=extra' 'id; echo "home: $HOME"; grep CapEff /proc/self/status')
check "a user with groups" contains "$out" '^uid=33\(web\) gid=33\(www-data\) groups=.*4\(adm\).*55\(extra\)'
check "HOME is the user's" contains "$out" '^home: /var/www$'
check "no capabilities for a user" contains "$out" '^CapEff:	0000000000000000$'

out=$(inside $'User=web\nAddCapability=NET_BIND_SERVICE\nDropCapability=CHOWN' 'grep -E "Cap(Eff|Amb|Bnd)" /proc/self/status')
check "an added capability reaches a user" contains "$out" '^CapAmb:	0000000000000400$'
out=$(inside "DropCapability=all" 'grep CapBnd /proc/self/status')
check "all capabilities dropped" contains "$out" '^CapBnd:	0000000000000000$'
out=$(inside "NoNewPrivileges=yes" 'grep NoNewPrivs /proc/self/status')
check "NoNewPrivileges=" contains "$out" '^NoNewPrivs:	1$'

out=$(inside $'Volume=/srv/data:/data:ro\nVolume=/srv/data:/data/sub\nTmpfs=/scratch:size=1m' \
    'cat /data/file; touch /data/x || echo read-only; touch /data/sub/x && echo writable; grep /scratch /proc/mounts')
check "a volume" contains "$out" '^from the host$'
check "is read-only" contains "$out" '^read-only$'
check "one below it is writable" contains "$out" '^writable$'
check "a tmpfs" contains "$out" '^tmpfs /scratch tmpfs .*size=1024k'
check "the write reached the host" test -e /srv/data/x

out=$(inside "Volume=/srv/none:/data" true)
check "a missing source is named with its line" contains "$out" 'look.container:4:8: error: "/srv/none": No such file or directory'

out=$(inside "ReadOnly=yes" 'touch /x || echo root is read-only; touch /tmp/x /run/x /var/tmp/x && echo but not tmp')
check "ReadOnly=" contains "$out" '^root is read-only$'
check "leaves tmpfs writable" contains "$out" '^but not tmp$'

out=$(inside "" 'ls -A /proc/acpi /sys/firmware 2>/dev/null | grep -v :; echo x >/proc/sys/kernel/panic || echo sys is read-only; cat /proc/kcore | head -c 1 | wc -c')
check "kernel interfaces are read-only" contains "$out" '^sys is read-only$'
check "kcore is masked" contains "$out" '^0$'

out=$(inside "ShmSize=2m" 'grep /dev/shm /proc/mounts')
check "ShmSize=" contains "$out" 'size=2048k'
out=$(inside "" 'ls /dev | tr "\n" " "; echo; echo x >/dev/null; head -c 1 /dev/zero | wc -c; head -c 1 /dev/mem 2>&1')
check "standard devices only" contains "$out" '^(console )?(core )?fd full mqueue null ptmx pts random shm stderr stdin stdout tty urandom zero *$'
check "they work" contains "$out" '^1$'

out=$(inside "AddDevice=/dev/full:/dev/myfull:r" 'ls -l /dev/myfull')
check "AddDevice=" contains "$out" '^c.* 1, +7 '

out=$(inside $'Ulimit=nofile=100:200\nUmask=0077\nOomScoreAdjust=321\nWorkingDir=/srv' 'ulimit -n; umask; cat /proc/self/oom_score_adj; pwd')
check "Ulimit=" contains "$out" '^100$'
check "Umask=" contains "$out" '^0077$'
check "OomScoreAdjust=" contains "$out" '^321$'
check "WorkingDir=" contains "$out" '^/srv$'

out=$(inside "Network=none" 'ip -o link | wc -l')
check "Network=none is a loopback alone" contains "$out" '^1$'
out=$(inside "Network=host" 'readlink /proc/self/ns/net')
check "Network=host is the machine's" contains "$out" "^$(readlink /proc/1/ns/net | sed 's/[][]/\\&/g')$"
out=$(inside $'PidNS=host\nUtsNS=host' 'for ns in pid uts; do readlink /proc/self/ns/$ns; done')
check "PidNS=host" contains "$out" "^$(readlink /proc/1/ns/pid | sed 's/[][]/\\&/g')$"
check "UtsNS=host" contains "$out" "^$(readlink /proc/1/ns/uts | sed 's/[][]/\\&/g')$"
if [ -w /proc/sys/kernel/shmmax ]; then
    out=$(inside "Sysctl=kernel.shmmax=4096" 'cat /proc/sys/kernel/shmmax')
    check "Sysctl=" contains "$out" '^4096$'
fi

printf 'FROM_FILE=yes\nBOTH=file\n' >/srv/env
out=$(inside $'EnvironmentFile=/srv/env\nEnvironment=BOTH=key "QUOTED=two words"' 'echo "$FROM_FILE/$BOTH/$QUOTED"')
check "EnvironmentFile= and Environment=" contains "$out" '^yes/key/two words$'

out=$(inside "User=stranger" true)
check "an unknown user is named with its line" contains "$out" 'look.container:4:[0-9]+: error: no user or group "stranger" in'

out=$(inside $'Rootfs=/srv/inside:O\nRunInit=yes' 'cat /proc/1/comm; echo $$')
check "RunInit= puts an init in front" contains "$out" '^(catatonit|\.?berth-init)$'

# --- what every container has
out=$(inside $'Rootfs=/srv/inside:O\nNetwork=none' 'cat /proc/sys/net/ipv4/ping_group_range; readlink /etc/mtab')
check "root may ping without a capability" contains "$out" '^0	0$'
check "/etc/mtab is a link" contains "$out" '^/proc/mounts$'
rm -f /srv/inside/etc/mtab
echo mine >/srv/inside/etc/mtab
out=$(inside $'Rootfs=/srv/inside:O\nNetwork=none' 'cat /etc/mtab')
check "a file of this name stays" contains "$out" '^mine$'
rm /srv/inside/etc/mtab
put /etc/containers/containers.conf.d/90-test.conf <<'EOF'
[containers]
default_sysctls = ["net.ipv4.ping_group_range=0 55", "net.ipv4.ip_default_ttl=77"]
EOF
at_end 'rm -f /etc/containers/containers.conf.d/90-test.conf'
out=$(inside Network=none 'cat /proc/sys/net/ipv4/ping_group_range /proc/sys/net/ipv4/ip_default_ttl')
check "default_sysctls of containers.conf" contains "$out" '^0	55$'
check "all of them" contains "$out" '^77$'
out=$(inside Network=host 'cat /proc/sys/net/ipv4/ip_default_ttl')
check "not on the machine's network" not contains "$out" '^77$'
printf '[containers]\ndefault_sysctls = "none"\n' >/etc/containers/containers.conf.d/90-test.conf
out=$(inside Network=none true)
check "what is wrong there is named with its line" contains "$out" 'containers.conf.d/90-test.conf:2: error: default_sysctls is no array of strings'
rm /etc/containers/containers.conf.d/90-test.conf
out=$(inside IpcNS=none 'ls -d /dev/shm; grep -c shm /proc/self/mountinfo')
check "IpcNS=none has no /dev/shm" contains "$out" '^0$'
out=$(inside PodmanArgs=--ipc=shareable 'grep -c " /dev/shm " /proc/self/mountinfo')
check "IpcNS=shareable has one" contains "$out" '^1$'
mkdir -p /srv/upper/sbin
cp /bin/busybox /srv/upper/sbin/init
make_image /srv/inside.layout:env /srv/inside /srv/upper -- --config.env FOO=image --config.env BAR=image
look_at_image() {
    put /etc/berth/look.container <<END
[Container]
Image=oci:/srv/inside.layout:env
Network=none
EnvironmentHost=yes
Exec=/bin/env
[Service]
Type=oneshot
Environment=FOO=service
END
    systemctl daemon-reload
    local cursor
    cursor=$(journal_cursor)
    systemctl start container@look || :
    sync_journal
    journalctl -q -o cat --after-cursor="$cursor" -u container@look
}
out=$(look_at_image)
check "EnvironmentHost= comes after the image's" contains "$out" '^FOO=service$'
check "which stays otherwise" contains "$out" '^BAR=image$'
check "berth spec of two layers has the generated files" contains "$(berth spec look)" '"destination": "/etc/hosts"'

# A hostile root file system.
cp -a /srv/inside /srv/hostile
rm -rf /srv/hostile/etc/passwd /srv/hostile/tmp
ln -s /etc/shadow /srv/hostile/etc/passwd
ln -s /../../../../../etc /srv/hostile/tmp
out=$(inside $'Rootfs=/srv/hostile\nTmpfs=/tmp\nUser=root' 'grep -c . /etc/passwd; grep tmpfs /proc/mounts')
check "a link out of the root does not reach the host's users" contains "$out" 'error: no user or group "root"'
printf 'grep tmpfs /proc/mounts\n' >/srv/hostile/look.sh
out=$(inside $'Rootfs=/srv/hostile\nTmpfs=/tmp' true)
check "a tmpfs on a link out stays inside" contains "$out" '^tmpfs /etc tmpfs'
rm /srv/hostile/etc/passwd
mkfifo /srv/hostile/etc/passwd
out=$(inside $'Rootfs=/srv/hostile\nUser=root' true)
check "a FIFO as passwd is refused at once" contains "$out" "error: cannot read the container's /etc/passwd"
check "nothing is left" same "" "$(container_files)"
