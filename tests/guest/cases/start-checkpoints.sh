# Checkpoints: a container that sleeps, and goes on where it was. Debian 12's CRIU is too old.
# guests: nspawn
# suites: trixie
# layer: criu
# timeout: 240

# nspawn has it read-only; CRIU sets the host name of a namespace there, and asks for PIDs.
mount -o remount,bind,rw /proc/sys
# What is mapped from an overlay on an overlay cannot be found again.
root=/var/lib/berth/test-nap
make_rootfs "$root"
at_end "rm -rf '$root' /var/lib/berth/checkpoints"

# A counter, with a file in its root that was changed and one that is open and has no name any more.
counting() { # NAME RUNTIME [KEYS]
    put "/etc/berth/$1.container" <<END
[Container]
Rootfs=$root:O
Runtime=$2
${3:-}
Exec=/bin/sh -c 'echo changed >/changed; echo kept >/gone; exec 5</gone; rm /gone; trap "cat <&5; exit 3" TERM; n=0; while :; do n=\$\$((n + 1)); echo tick \$\$n; sleep 0.1; done'

[Service]
Restart=always
END
}
files_of() { (cd "/var/lib/berth/checkpoints/$1" && find . -mindepth 1 -maxdepth 2 | sort); }

for runtime in crun runc; do
    counting "nap-$runtime" "$runtime"
done
put /etc/berth/nap-plain.container <<END
[Container]
Rootfs=$root
Network=none
# As a container sees its unit's limits, where there are any.
Volume=/sys/fs/cgroup/cgroup.stat:/sys/fs/cgroup/cgroup.stat
Exec=/bin/sh -c 'n=0; while :; do n=\$\$((n + 1)); echo tick \$\$n; sleep 0.1; done'
StopSignal=KILL
END
counting nap-other crun
systemctl daemon-reload

# A kernel may be too new for this CRIU, or have too little.
if ! criu check; then
    systemctl start container@nap-plain
    check "what CRIU cannot do is said" contains "$(berth checkpoint nap-plain 2>&1)" 'no checkpoint can be taken of "nap-plain"'
    check "and the container runs on" goes_on nap-plain
    exit 0
fi

for runtime in crun runc; do
    name=nap-$runtime unit=container@nap-$runtime
    require "$runtime: it starts" systemctl start "$unit"
    wait_for 20 ticks_from "$name" 3 >/dev/null
    address=$(address_of "$name")
    check "$runtime: one that runs is not restored" contains "$(berth restore "$name" 2>&1)" "The container \"$name\" runs; berth stop $name stops it"
    require "$runtime: it goes to sleep" berth checkpoint "$name"
    check "$runtime: the unit is inactive" unit_is "$unit" ActiveState inactive
    check "$runtime: and has ended well" unit_is "$unit" Result success
    check "$runtime: nothing of it is left" same "" "$(container_files | grep "$name" || :)"
    check "$runtime: berth list says that it sleeps" same sleeping "$(listed_state "$name")"
    check "$runtime: the checkpoint is whole, and nothing is beside it" same \
        "./whole ./whole/about.json ./whole/config.json ./whole/criu.conf ./whole/images ./whole/network ./whole/sleeps ./whole/upper" "$(files_of "$name" | paste -sd ' ')"
    check "$runtime: and root's alone" same "700 root" "$(stat -c '%a %U' "/var/lib/berth/checkpoints/$name")"
    check "$runtime: it wakes up" berth restore "$name"
    check "$runtime: and is active" unit_is "$unit" ActiveState active
    check "$runtime: its first process is the unit's main process" main_process_is "$unit" sh
    check "$runtime: in the unit's group" contains "$(cat "/proc/$(main_pid "$unit")/cgroup")" "/$unit.service/container\$"
    check "$runtime: its output goes to the journal" goes_on "$name"
    check "$runtime: it counts on" counts_on "$name"
    check "$runtime: what it has changed is there" same changed "$(berth exec "$name" cat /changed)"
    check "$runtime: it has the address that it had" same "$address" "$(address_of "$name")"
    check "$runtime: the checkpoint is used up" same "" "$(files_of "$name")"
    systemctl stop "$unit"
    check "$runtime: a stop is heard" says "$unit" '^kept$'
    check "$runtime: its exit status is the unit's" unit_is "$unit" ExecMainStatus 3
    systemctl reset-failed "$unit"
done

# Which is a start like any other.
systemctl start container@nap-crun
berth checkpoint nap-crun
check "df knows it" contains "$(berth df --noheadings)" '^checkpoints +[1-9]'
keep_json df berth df --json
systemctl start container@nap-crun
check "any start wakes it up" goes_on nap-crun
berth checkpoint nap-crun
address=$(berth network inspect default >/dev/null 2>&1; sed -n 's/^address \([^/]*\).*/\1/p' /var/lib/berth/checkpoints/nap-crun/whole/network)

# Somebody else has its address meanwhile.
counting nap-other crun "Network=default:ip=$address"
systemctl start container@nap-other
check "an address that is taken meanwhile is an error" not berth restore nap-crun
check "which says whose it is" says container@nap-crun "error: the address $address is that of the container \"nap-other\""
systemctl stop container@nap-crun
check "the checkpoint is still there" same sleeping "$(systemctl reset-failed container@nap-crun; listed_state nap-crun)"

# What changes in memory is for the kernel to say.
if criu -v0 check --feature mem_dirty_track >/dev/null; then
    check "its memory is written down before" berth checkpoint --pre nap-other
else
    check "memory cannot be written down before where the kernel lacks what it takes" contains "$(berth checkpoint --pre nap-other 2>&1)" \
        'error: no memory of "nap-other" can be written down before its checkpoint: this kernel does not say which of it changes \(CONFIG_MEM_SOFT_DIRTY\); leave out --pre'
    check "and nothing is" same "" "$(ls -A /var/lib/berth/checkpoints/nap-other 2>/dev/null)"
fi
check "that container goes on" goes_on nap-other
systemctl stop container@nap-other
mkdir -p /var/lib/berth/checkpoints/nap-other/pre/1
check "prune knows what a container that does not run has left of that" contains "$(berth prune --dry-run)" \
    '^would remove what was written down before a checkpoint of nap-other, which does not run$'
check "and removes it" contains "$(berth prune)" '^removed what was written down before a checkpoint of nap-other'
check "which is gone" not test -e /var/lib/berth/checkpoints/nap-other/pre

# A runtime binds the devices of a user namespace.
put /etc/berth/nap-mapped.container <<END
[Container]
Rootfs=$root
UIDMap=0:200000:65536
GIDMap=0:200000:65536
Exec=/bin/sleep 1000
END
systemctl daemon-reload
systemctl start container@nap-mapped
check "one with a user namespace is refused" contains "$(berth checkpoint nap-mapped 2>&1)" \
    'error: no checkpoint can be taken of "nap-mapped": it has a user namespace, whose devices CRIU cannot write down$'
check "and goes on" unit_is container@nap-mapped ActiveState active
systemctl stop container@nap-mapped

# What it would be restored as has changed.
counting nap-crun crun Environment=CHANGED=yes
check "another description is an error" not berth restore nap-crun
check "which says what helps" says container@nap-crun \
    'error: the checkpoint of "nap-crun" is of another description; berth start --fresh nap-crun forgets it'
systemctl stop container@nap-crun
counting nap-crun crun
inventory=/var/lib/berth/checkpoints/nap-crun/whole/images/inventory.img
mv "$inventory" "$TMP/inventory"
check "one that is not whole is an error" not berth restore nap-crun
check "which says what is missing" says container@nap-crun \
    'error: the checkpoint of "nap-crun" is not whole: images/inventory.img is missing or empty; berth start --fresh nap-crun forgets it'
systemctl stop container@nap-crun
mv "$TMP/inventory" "$inventory"
check "with the description that it had it goes on" berth restore nap-crun
check "from there" goes_on nap-crun
berth checkpoint nap-crun
begun=$(ticks nap-crun | grep -cx 1)
check "a fresh start" berth start --fresh nap-crun
begins() { ticks nap-crun | grep -cx 1; }
check "begins again" becomes 20 $((begun + 1)) begins
check "and the checkpoint is forgotten" not test -e /var/lib/berth/checkpoints/nap-crun
systemctl stop container@nap-crun

# One that runs on.
systemctl start container@nap-plain
wait_for 20 ticks_from nap-plain 3 >/dev/null
pid=$(main_pid container@nap-plain)
check "a checkpoint of one that runs on" berth checkpoint --leave-running nap-plain
check "it is the unit's main process as before" same "$pid" "$(main_pid container@nap-plain)"
check "and goes on" goes_on nap-plain
sees() { contains "$(cat "/proc/$(main_pid container@nap-plain)/mountinfo")" ' /sys/fs/cgroup/cgroup\.stat '; }
check "and sees what it has seen of its unit's group" sees
systemctl stop container@nap-plain
check "a stop is no sleep" same inactive "$(systemctl reset-failed container@nap-plain; listed_state nap-plain)"
check "its checkpoint can be restored" berth restore --keep nap-plain
check "and counts" goes_on nap-plain
check "and sees its unit's group" sees
systemctl stop container@nap-plain
check "again, when it was kept" berth restore nap-plain
systemctl stop container@nap-plain
check "and not when it was not" contains "$(berth restore nap-plain 2>&1)" \
    'There is no checkpoint of "nap-plain"; berth checkpoint nap-plain takes one while it runs'
systemctl start container@nap-crun
check "what goes away with it cannot stay behind" contains "$(berth checkpoint --leave-running nap-crun 2>&1)" \
    'no checkpoint can be taken of "nap-crun": what it changes in its root is thrown away at its end'

# What CRIU cannot have.
wait_for 20 ticks_from nap-crun 1 >/dev/null
pid=$(main_pid container@nap-crun)
put "$TMP/criu" 755 <<'END'
#!/bin/sh
[ "$1" != --version ] || exec echo "Version: $(cat /run/criu-version)"
exit 1
END
echo 3.17.1 >/run/criu-version
mount --bind "$TMP/criu" /usr/sbin/criu
at_end "umount -q /usr/sbin/criu"
check "an old CRIU is refused" contains "$(berth checkpoint nap-crun 2>&1)" 'error: checkpoints need CRIU of version 4 or newer'
echo 4.1.1 >/run/criu-version
check "a failure is said" contains "$(berth checkpoint nap-crun 2>&1)" 'no checkpoint can be taken of "nap-crun": CRIU did not begin'
umount /usr/sbin/criu
check "it is the unit's main process again" same "$pid" "$(main_pid container@nap-crun)"
check "and runs on" goes_on nap-crun
check "with nothing left behind" same "" "$(files_of nap-crun)"
check "nor anybody standing in" wait_for 20 no_process '^berth checkpoint'

# Whoever takes it is killed: it runs on, or sleeps, or has ended, and a start brings it back in any case.
only_one() { same 1 "$(pgrep -cf '/bin/sh -c echo changed')"; }
for ((i = 0; i < $(rounds 4 20); i++)); do
    berth checkpoint nap-crun >/dev/null 2>&1 &
    sleep "0.$((RANDOM % 6))$((RANDOM % 10))"
    kill -KILL $! 2>/dev/null || :
    wait $! || :
    wait_for 30 no_process '^criu swrk|crun .*checkpoint|^berth checkpoint' >/dev/null || :
    wait_for 30 systemctl start container@nap-crun >/dev/null || :
    check "killed, $i: it runs" goes_on nap-crun
    check "killed, $i: once" wait_for 20 only_one
done
check "nobody stands in any more" wait_for 20 no_process '^berth checkpoint'

# Its file goes.
berth checkpoint nap-crun
rm /etc/berth/nap-crun.container
systemctl daemon-reload
check "prune would remove the checkpoint of what is no container any more" contains "$(berth prune --dry-run)" \
    'would remove the checkpoint of nap-crun, which no file describes'
check "and does" contains "$(berth prune)" 'removed the checkpoint of nap-crun, which no file describes'
check "all of it" not test -e /var/lib/berth/checkpoints/nap-crun
