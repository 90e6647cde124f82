# CheckpointOnStop=yes: a stop is a sleep and a start goes on, over a reboot, too; and whatever becomes of a checkpoint, the unit starts.
# guests: nspawn
# suites: trixie
# layer: criu
# timeout: 600

# nspawn has it read-only; CRIU sets the host name of a namespace there, and asks for PIDs.
mount -o remount,bind,rw /proc/sys
# What is mapped from an overlay on an overlay cannot be found again.
root=/var/lib/berth/test-doze
[ -e "$root" ] || make_rootfs "$root"

# A counter that says where it begins, with a file that has no name any more.
dozing() { # NAME [KEYS] [SERVICE]
    put "/etc/berth/$1.container" <<END
[Unit]
StartLimitIntervalSec=0
[Container]
Rootfs=$root:O
CheckpointOnStop=yes
${2:-}
Exec=/bin/sh -c 'echo begins; echo begins >/life; echo kept >/gone; exec 5</gone; rm /gone; trap "cat <&5; exit 3" TERM; n=0; while :; do n=\$\$((n + 1)); echo tick \$\$n; sleep 0.1; done'

[Service]
${3:-Restart=always}
END
}
# What there is of it in the journal of all boots.
lines_of() {
    sync_journal
    journalctl -q --no-pager -o cat -u "container@$1"
}
ticks() { lines_of "$1" | sed -n 's/^tick //p'; }
lives_of() { lines_of "$1" | grep -cx begins; }
counted() { berth df --noheadings | awk '$1 == "checkpoints" { print $2 }'; }
has_one() { [ -e "/var/lib/berth/checkpoints/$1/whole/sleeps" ]; }
many=$(seq -f 'doze-many%g' 20)

case $PHASE in
1)
    for runtime in crun runc; do
        dozing "doze-$runtime" "Runtime=$runtime"
    done
    systemctl daemon-reload
    # A kernel may be too new for this CRIU, or have too little.
    if ! criu check; then
        systemctl start container@doze-crun
        wait_for 20 ticks_from doze-crun 3 >/dev/null
        check "what cannot be written is a stop like any other" systemctl stop container@doze-crun
        check "which the container hears" says container@doze-crun '^kept$'
        check "and is warned of" says container@doze-crun '"doze-crun" is stopped without a checkpoint, and its next start begins anew'
        exit 0
    fi

    for runtime in crun runc; do
        name=doze-$runtime unit=container@doze-$runtime
        require "$runtime: it starts" systemctl start "$unit"
        wait_for 20 ticks_from "$name" 3 >/dev/null
        check "$runtime: a stop" systemctl stop "$unit"
        check "$runtime: is no failure" unit_is "$unit" ActiveState inactive
        check "$runtime: is a success" unit_is "$unit" Result success
        check "$runtime: is a sleep" same sleeping "$(listed_state "$name")"
        check "$runtime: nothing of it is left" same "" "$(container_files | grep "$name" || :)"
        check "$runtime: a start" systemctl start "$unit"
        check "$runtime: goes on" goes_on "$name"
        check "$runtime: from there" counts_on "$name"
        check "$runtime: with its main process" main_process_is "$unit" sh
        check "$runtime: the checkpoint is used up" not has_one "$name"
        check "$runtime: its directory is none" same "$(find /var/lib/berth/checkpoints -mindepth 2 -maxdepth 2 -name whole | wc -l)" "$(counted)"
        check "$runtime: a restart" systemctl restart "$unit"
        check "$runtime: begins anew" becomes 20 2 lives_of "$name"
        check "$runtime: and says goodbye before" says "$unit" '^kept$'
        goes_on "$name" >/dev/null
        kill -KILL "$(main_pid "$unit")"
        check "$runtime: a crash is no sleep" becomes 20 3 lives_of "$name"
        check "$runtime: without a checkpoint" not has_one "$name"
        systemctl stop "$unit"
    done

    # Who may have it forgotten.
    check "a fresh start" berth start --fresh doze-crun
    check "begins anew" becomes 20 4 lives_of doze-crun
    goes_on doze-crun >/dev/null
    systemctl stop container@doze-crun
    require "it sleeps again" has_one doze-crun
    check "systemctl clean" systemctl clean --what=state container@doze-crun
    check "forgets it" not test -e /var/lib/berth/checkpoints/doze-crun
    systemctl start container@doze-crun
    check "so that it begins anew" becomes 20 5 lives_of doze-crun
    goes_on doze-crun >/dev/null
    check "berth checkpoint is another way to sleep" berth checkpoint doze-crun
    check "with the same end" unit_is container@doze-crun Result success
    systemctl start container@doze-crun
    check "and goes on" goes_on doze-crun
    check "in the same life" same 5 "$(lives_of doze-crun)"

    # What cannot be used is no reason not to start.
    systemctl stop container@doze-crun
    dozing doze-crun Environment=CHANGED=yes
    check "with another description it starts" systemctl start container@doze-crun
    check "and says why it does not go on" says container@doze-crun 'the checkpoint of "doze-crun" is of another description'
    check "anew" becomes 20 6 lives_of doze-crun
    check "the old life is past" not has_one doze-crun
    goes_on doze-crun >/dev/null
    systemctl stop container@doze-crun
    rm /var/lib/berth/checkpoints/doze-crun/whole/images/pstree.img
    check "when it cannot be read it starts" systemctl start container@doze-crun
    check "with a warning" says container@doze-crun '"doze-crun" cannot go on from its checkpoint, and begins anew'
    check "anew" becomes 20 7 lives_of doze-crun
    check "that checkpoint is gone" not has_one doze-crun
    goes_on doze-crun >/dev/null
    systemctl stop container@doze-crun
    rm -r /var/lib/berth/checkpoints/doze-crun/whole/images /var/lib/berth/checkpoints/doze-crun/whole/config.json
    check "when there is nothing in it it starts" systemctl start container@doze-crun
    check "anew" becomes 20 8 lives_of doze-crun
    goes_on doze-crun >/dev/null
    systemctl stop container@doze-crun
    address=$(sed -n 's/^address \([^/]*\).*/\1/p' /var/lib/berth/checkpoints/doze-crun/whole/network)
    dozing doze-other "Network=default:ip=$address"
    systemctl daemon-reload
    systemctl start container@doze-other
    check "when its address is another's it starts" systemctl start container@doze-crun
    check "and says so" says container@doze-crun "error: the address $address is that of the container \"doze-other\""
    check "anew" becomes 20 9 lives_of doze-crun
    systemctl stop container@doze-other container@doze-crun
    berth start --fresh doze-crun
    goes_on doze-crun >/dev/null

    # What cannot be written is a stop like any other.
    put "$TMP/criu" 755 <<'END'
#!/bin/sh
[ "$1" != --version ] || exec echo "Version: $(cat /run/criu-version)"
exit 1
END
    echo 3.17.1 >/run/criu-version
    mount --bind "$TMP/criu" /usr/sbin/criu
    at_end "umount -q /usr/sbin/criu"
    check "check knows of an old CRIU" contains "$(berth check doze-crun 2>&1)" '"CheckpointOnStop" needs CRIU of version 4 or newer'
    echo 4.1.1 >/run/criu-version
    lives=$(lives_of doze-crun)
    check "without CRIU it is stopped" systemctl stop container@doze-crun
    check "as any other" says container@doze-crun '^kept$'
    check "with a warning" says container@doze-crun '"doze-crun" is stopped without a checkpoint, and its next start begins anew'
    check "and nothing half-written" same "" "$(ls /var/lib/berth/checkpoints/doze-crun)"
    umount /usr/sbin/criu
    systemctl reset-failed container@doze-crun
    systemctl start container@doze-crun
    check "and begins anew" becomes 20 $((lives + 1)) lives_of doze-crun

    # Whoever writes it, or restores it, is killed. It may begin anew, but it starts, and lives once.
    only_one() { same 1 "$(pgrep -cf '/bin/sh -c echo begins')" || { systemctl status --no-pager container@doze-crun | grep -v tick; false; }; }
    dozing doze-crun
    dozing doze-runc Runtime=runc
    systemctl daemon-reload
    berth start --fresh doze-crun doze-runc
    systemctl stop container@doze-runc
    for ((i = 0; i < $(rounds 4 20); i++)); do
        systemctl stop --no-block container@doze-crun
        wait_for 5 pgrep -f 'berth-helper sleep' >/dev/null || :
        sleep "0.$((RANDOM % 8))$((RANDOM % 10))"
        pkill -KILL -f '^/usr/libexec/berth-helper sleep doze-crun' || :
        wait_for 60 systemctl start container@doze-crun >/dev/null || :
        check "a stop is killed, $i: it starts" goes_on doze-crun
        check "a stop is killed, $i: once" wait_for 20 only_one
    done
    for ((i = 0; i < $(rounds 3 20); i++)); do
        systemctl stop container@doze-crun
        systemctl start --no-block container@doze-crun
        wait_for 5 pgrep -f 'berth-helper run doze-crun' >/dev/null || :
        sleep "0.0$((RANDOM % 10))"
        pkill -KILL -f '^/usr/libexec/berth-helper run doze-crun' || :
        wait_for 60 systemctl start container@doze-crun >/dev/null || :
        check "a start is killed, $i: it starts" goes_on doze-crun
        check "a start is killed, $i: once" wait_for 20 only_one
    done
    systemctl stop container@doze-crun
    sleeps_well() { has_one doze-crun || { lines_of doze-crun | grep -v ^tick | tail -n 20; false; }; }
    require "the last of them sleeps" sleeps_well

    # Many of them over a reboot, after which it is read-only again.
    put /etc/systemd/system/doze-proc-sys.service <<'END'
[Unit]
DefaultDependencies=no
Before=sysinit.target
[Service]
Type=oneshot
ExecStart=mount -o remount,bind,rw /proc/sys
[Install]
WantedBy=sysinit.target
END
    systemctl enable --quiet doze-proc-sys.service
    for name in $many; do
        dozing "$name" "" "TimeoutStartSec=300"$'\n'"[Install]"$'\n'"WantedBy=multi-user.target"
    done
    dozing doze-crun "" "[Install]"$'\n'"WantedBy=multi-user.target"
    systemctl daemon-reload
    units=$(sed 's/^/container@/' <<<"$many")
    # shellcheck disable=SC2086
    require "twenty of them run" systemctl start $units
    for name in $many; do
        wait_for 60 ticks_from "$name" 3 >/dev/null
    done
    # As if the power had gone when a start of one prepares, which has its files already, and a stop of another writes.
    lives_of doze-crun >"$STATE/lives"
    cd /var/lib/berth/checkpoints
    mkdir -p ../containers/doze-crun
    mv doze-crun/whole doze-crun/waking
    touch doze-crun/waking/taken
    mv doze-crun/waking/upper ../containers/doze-crun/upper
    mkdir -p doze-many1/new/images doze-many1/new/upper
    cd "$OLDPWD"
    reboot_guest
    ;;
2)
    at_end "systemctl disable --quiet doze-proc-sys.service; rm -rf '$root' /var/lib/berth/checkpoints"
    wait_for 120 systemctl is-system-running --wait >/dev/null || :
    for name in $many; do
        check "$name: it is there after a reboot" wait_for 120 unit_is "container@$name" ActiveState active
        check "$name: it goes on" goes_on "$name"
        check "$name: from there" counts_on "$name"
    done
    check "doze-crun: without its files it begins anew" becomes 120 $(($(cat "$STATE/lives") + 1)) lives_of doze-crun
    check "doze-crun: and has them" same begins "$(berth exec doze-crun cat /life)"
    # shellcheck disable=SC2046
    systemctl stop container@doze-crun $(sed 's/^/container@/' <<<"$many")
    ;;
esac
