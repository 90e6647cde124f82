# A SIGKILL of whatever is at work, at any point of a start, leaves nothing behind.
# guests: nspawn
# long: qemu@bookworm
# timeout: 400

make_rootfs /srv/kills
root=/srv/kills
if [ -e /dev/loop-control ]; then
    root=/var/lib/berth/kills.squashfs
    mksquashfs /srv/kills "$root" -quiet >/dev/null
fi
put /etc/berth/victim.container <<EOF
[Unit]
StartLimitIntervalSec=0

[Container]
Rootfs=$root:O
Exec=/bin/sleep 1000
StopTimeout=1

[Service]
Restart=no
EOF
# Another with all that takes steps: layers of an image, IDs of its own, volumes, overlays, a secret.
make_image /srv/kills-layout:x /srv/kills
mkdir -p /etc/berth/secrets /var/lib/berth/kills-data
chmod 700 /etc/berth/secrets
echo secret >/etc/berth/secrets/word
put /etc/berth/richer.container <<'EOF'
[Unit]
StartLimitIntervalSec=0

[Container]
Image=oci:/srv/kills-layout:x
Exec=/bin/sleep 1000
UserNS=auto
Secret=word
Volume=kills:/named
Volume=/var/lib/berth/kills-data:/over:O
Volume=/var/lib/berth/kills-data:/mapped:idmap
StopTimeout=1

[Service]
Restart=no
EOF
# Between being the unit's main process and being let go on, which a runtime of its own makes long here.
put /srv/crun-that-waits 755 <<'EOF'
#!/bin/sh
case " $* " in
*" start "*) exec sleep 1000 ;;
esac
exec crun "$@"
EOF
put /srv/kills-hooks.d/poststart.json <<'EOF'
{
  "version": "1.0.0", "hook": { "path": "/bin/true" }, "when": { "always": true }, "stages": ["poststart"]
}
EOF
put /etc/berth/waiter.container <<'EOF'
[Container]
Rootfs=/srv/kills
Exec=/bin/sleep 1000
Runtime=/srv/crun-that-waits
OCIHooksDir=/srv/kills-hooks.d

[Service]
Restart=no
EOF
# The same without hooks, where only a start without a FIFO takes the runtime. It is lost for good here while the rest is looked at.
put /srv/crun-that-forgets 755 <<'EOF'
#!/bin/sh
case " $* " in
*" start "*) exec sleep 1001 ;;
*" create "*) crun "$@" && exec rm /run/berth/runtime/lost/exec.fifo ;;
*) exec crun "$@" ;;
esac
EOF
put /etc/berth/lost.container <<'EOF'
[Container]
Rootfs=/srv/kills
Exec=/bin/sleep 1000
Runtime=/srv/crun-that-forgets
StopTimeout=1

[Service]
Restart=no
EOF
systemctl daemon-reload
lost() { pgrep -xf 'sleep 1001' >/dev/null && unit_is container@lost ActiveState active; }
systemctl start --no-block container@lost
require "a first process waits for its start" wait_for 60 lost
# All at once: stopped, none of them can do anything about the end of another.
mapfile -t all < <(pgrep -xf 'sleep 1001'; pgrep -f 'berth-helper run lost')
check "one guards it, beside what starts it" [ ${#all[@]} -ge 3 ]
kill -STOP "${all[@]}"
check "all of them are killed" kill -KILL "${all[@]}"
for name in victim richer; do
    require "$name starts" systemctl start "container@$name"
    systemctl stop "container@$name" || :
done

rounds=$(rounds 60 600)
[ "$KIND" != qemu ] || rounds=$(rounds 10 40)

# One kill: a start, and after a random part of its time a SIGKILL to one of the processes that are at it.
strike() { # NAME
    local group pids delay
    delay=$((RANDOM % 60))
    [ "$KIND" != qemu ] || delay=$((delay * 10))
    systemctl start --no-block "container@$1"
    sleep "$(printf '0.%03d' "$delay")"
    group=/sys/fs/cgroup/system.slice/system-container.slice/container@$1.service
    mapfile -t pids < <(find "$group" -name cgroup.procs -exec cat {} + 2>/dev/null)
    if [ ${#pids[@]} -gt 0 ]; then
        kill -KILL "${pids[RANDOM % ${#pids[@]}]}" 2>/dev/null || :
    fi
    # Now and then cleanup is what is hit, or it runs twice.
    systemctl stop --no-block "container@$1"
    if ((RANDOM % 4 == 0)); then
        pkill -KILL -f 'berth-helper cleanup (victim|richer)' || :
    fi
    systemctl stop "container@$1" 2>/dev/null || :
    systemctl reset-failed "container@$1" 2>/dev/null || :
}
for ((round = 0; round < rounds; round++)); do
    if ((round % 2)); then strike victim; else strike richer; fi
done
for name in victim richer; do
    check "$name starts after $rounds kills" systemctl start "container@$name"
    check "$name runs" unit_is "container@$name" ActiveState active
    systemctl stop "container@$name" || :
    /usr/libexec/berth-helper cleanup "$name"
    /usr/libexec/berth-helper cleanup "$name"
done
systemctl stop container-volume@kills

starting() { pgrep -xf 'sleep 1000' >/dev/null && unit_is container@waiter ActiveState active; }
systemctl start --no-block container@waiter
require "a container's first process waits, and the unit is up" wait_for 60 starting
check "what was about to let it go on is killed" kill -KILL "$(pgrep -of 'berth-helper run waiter')"
check "and the unit fails" wait_for 60 unit_is container@waiter ActiveState failed
check "with its first process" unit_is container@waiter Result signal
systemctl reset-failed container@waiter

check "a start that nobody is left to see to fails, too" wait_for 150 unit_is container@lost ActiveState failed
check "as systemd has waited for it" unit_is container@lost Result watchdog
systemctl stop container@lost || :
systemctl reset-failed container@lost

check "no mount is left" same "" "$(grep -e /run/berth -e /var/lib/berth/containers /proc/self/mountinfo)"
no_loop_device() { same "" "$(losetup -a 2>/dev/null | grep kills)"; }
check "no loop device is left" wait_for 30 no_loop_device
check "no runtime state, bundle or upper directory is left" same "" "$(container_files)"
check "no cgroup is left" same "" "$(find /sys/fs/cgroup -path '*container@victim*' -o -path '*container@richer*' 2>/dev/null)"
check "no level of SELinux is held" same "" "$(ls /run/berth/levels 2>/dev/null)"
check "no secret is left" same "" "$(find /run/credentials -path '*container@*' 2>/dev/null)"
check "no process is left" wait_for 20 no_process 'berth-helper|sleep 1000'
rm -rf /var/lib/berth/volumes/kills /var/lib/berth/kills-data
berth rmi oci:/srv/kills-layout:x >/dev/null || :
