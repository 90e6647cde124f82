# A checkpoint that podman has taken goes on as one of ours: with what the container has changed, its volume, /dev/shm, its address, and our profile.
# guests: qemu@trixie
# lsm: apparmor
# timeout: 200

criu_without_breakpoints
P=/var/lib/berth/test-podman
image=oci:$P/image:1
at_end "systemctl stop container@moved; podman rm -f -t 0 -a -i >/dev/null; podman network rm -f moved >/dev/null
    rm -rf /etc/berth/moved.* /var/lib/berth/checkpoints/moved /var/lib/berth/volumes/moved /etc/criu /etc/containers/storage.conf /etc/containers/containers.conf $P
    systemctl daemon-reload; berth rmi $image"
# By default it would run iptables, which is not here.
mkdir -p /etc/criu /etc/containers
echo 'network-lock nftables' >/etc/criu/default.conf
printf '[storage]\ndriver="overlay"\nrunroot="/run/containers/storage"\ngraphroot="%s/podman"\n' "$P" >/etc/containers/storage.conf
printf '[engine]\nevents_logger="none"\n' >/etc/containers/containers.conf
make_rootfs "$P/root"
mkdir -p "$P/root/etc/there/below" "$P/root/opt/own"
chown 7:8 "$P/root/opt/own"
chmod 0711 "$P/root/opt/own"
touch "$P"/root/etc/{gone,there/below/file}
make_image "$P/image:1" "$P/root"
put "$P/count" <<'END'
rm -r /etc/gone /etc/there/below
echo one >/changed
chmod 6751 /changed
ln -s /etc/shadow /link
echo x >/opt/own/new
mkdir /etc/there/dir
echo volume >/data/file
echo shm >/dev/shm/file
exec 5<>/dev/shm/open
trap 'cat /dev/shm/file; exit 3' TERM
n=0
while :; do n=$((n + 1)); echo "tick $n"; echo $n >/dev/shm/n; sleep 0.2; done
END
listing() { # COMMAND...: in the container
    "$@" /bin/sh -c 'cd / && stat -c "%n %A %u:%g" changed link opt/own opt/own/new etc/there etc/there/dir data/file dev/shm/file dev/shm/open; ls etc/gone etc/there/below 2>&1; cat changed data/file dev/shm/file'
}
describe() { # [KEYS]
    put /etc/berth/moved.container <<END
[Container]
Image=$image
Runtime=$runtime
Network=moved.network
Volume=moved:/data
Volume=$P/count:/count
${1:-}
Exec=/bin/sh /count

[Service]
SuccessExitStatus=3
END
    systemctl daemon-reload
}
put /etc/berth/moved.network <<'END'
[Network]
Subnet=10.97.31.0/24
END
restore_says() { berth restore "$@" 2>&1 || :; }

for runtime in $(rounds crun "crun runc"); do
    # What Quadlet would have podman do.
    podman network create --subnet 10.97.31.0/24 moved >/dev/null
    podman pull -q "$image" >/dev/null
    require "$runtime: podman runs it" podman run -q -d --name moved --runtime "$runtime" --network moved --ip 10.97.31.7 --log-driver none \
        -v moved:/data -v "$P/count:/count" "$image" /bin/sh /count
    wait_for 60 podman exec moved test -e /dev/shm/n >/dev/null
    before=$(listing podman exec moved)
    check "$runtime: podman takes a checkpoint" podman container checkpoint --export "$P/$runtime.tar.zst" moved
    podman rm -f -t 0 -i moved >/dev/null
    podman volume rm -f moved >/dev/null || :
    podman network rm -f moved >/dev/null

    # What does not fit.
    describe Tmpfs=/more
    check "$runtime: more mounts" contains "$(restore_says --import "$P/$runtime.tar.zst" moved; journal_of container@moved)" \
        'the checkpoint is of a container without a mount on "/more", where "moved" has one'
    check "$runtime: it is forgotten" berth start --fresh moved
    systemctl stop container@moved
    rm -r /var/lib/berth/volumes/moved

    describe
    check "$runtime: it goes on as one of ours" berth restore --import "$P/$runtime.tar.zst" moved
    counted=$(berth exec moved cat /dev/shm/n)
    check "$runtime: its output goes to the journal" wait_for 60 ticks_from moved $((counted + 1))
    check "$runtime: it is the unit's main process" main_process_is container@moved sh
    check "$runtime: what it has changed is there" same "$before" "$(listing berth exec moved)"
    check "$runtime: nothing else is" same "changed count data etc link opt run sys " "$(find "/var/lib/berth/containers/moved/upper" -mindepth 1 -maxdepth 1 -printf '%f\n' | sort | tr '\n' ' ')"
    check "$runtime: it has its address" same 10.97.31.7 "$(address_of moved)"
    check "$runtime: and our profile" grep -qx 'berth-default (enforce)' "/proc/$(main_pid container@moved)/attr/current"
    check "$runtime: all of it is in the unit's group" same "" "$(pgrep -f '^/bin/sh /count$' | xargs -I{} grep -L '/container@moved.service/container$' /proc/{}/cgroup)"

    # From then on it sleeps and goes on as any other.
    check "$runtime: it is put to sleep" berth checkpoint moved
    check "$runtime: with its /dev/shm" contains "$(tar -tf /var/lib/berth/checkpoints/moved/whole/shm.tar)" '^(\./)?open$'
    seen=$(ticks moved | tail -n 1)
    check "$runtime: it wakes up" systemctl start container@moved
    check "$runtime: and counts on" wait_for 60 ticks_from moved $((seen + 1))
    check "$runtime: with all of that" same "$before" "$(listing berth exec moved)"
    check "$runtime: a stop" systemctl stop container@moved
    check "$runtime: is heard" says container@moved '^shm$'
    check "$runtime: and nothing is left" same "" "$(ls -A /var/lib/berth/checkpoints/moved 2>/dev/null; container_files | grep moved || :)"
    systemctl stop container-network@moved
    rm -r /var/lib/berth/volumes/moved
done
