# A container that sleeps while the machine boots, also after a loss of power: it goes on, or there was no checkpoint yet.
# guests: qemu@trixie
# lsm: apparmor
# timeout: 80

data=/srv/sleeper-data
counted() { # as the container has it
    cat "$data/count" 2>/dev/null | grep . || echo 0
}
has_counted() { # NUMBER
    [ "$(counted)" -gt "$1" ]
}
lives() { # how many it has had
    wc -l <"$data/begun"
}
sleeper() { # what there is of its checkpoints
    ls "/var/lib/berth/checkpoints/sleeper" 2>/dev/null || :
}
criu_without_breakpoints

case $PHASE in
1)
    make_rootfs /srv/sleeper
    mkdir -p "$data"
    put /srv/sleeper/count <<'END'
echo begins >>/data/begun
n=0
while :; do n=$((n + 1)); echo $n >/data/count; sleep 0.2; done
END
    put /etc/berth/sleeper.container <<END
[Container]
Rootfs=/srv/sleeper:O
Exec=/bin/sh /count
Volume=$data:/data
Network=none
CheckpointOnStop=yes

[Service]
TimeoutStopSec=${PATIENCE}0

[Install]
WantedBy=multi-user.target
END
    systemctl daemon-reload
    require "it starts" systemctl start container@sleeper
    check "and counts" wait_for 60 has_counted 3
    counted >"$STATE/seen"
    reboot_guest
    ;;
2)
    check "after a reboot of the machine, that is up" systemctl is-system-running --wait
    check "the container runs" unit_is container@sleeper ActiveState active
    check "it goes on counting" wait_for 60 has_counted "$(cat "$STATE/seen")"
    check "in the life that it had" same begins "$(cat "$data/begun")"
    check "of which no checkpoint is left" same "" "$(sleeper)"
    before_cut
    berth checkpoint sleeper &
    cut_power "$(between 100 2500)"
    ;;
3)
    check "after a loss of power while a checkpoint is written, the machine is up" systemctl is-system-running --wait
    check "the container runs" unit_is container@sleeper ActiveState active
    check "nothing is left of what was written" same "" "$(sleeper)"
    seen=$(counted)
    check "it counts" wait_for 60 has_counted "$seen"
    check "and is put to sleep" berth checkpoint sleeper
    counted >"$STATE/seen"
    lives >"$STATE/lives"
    before_cut
    cut_power 0
    ;;
4)
    check "after a loss of power as it sleeps, the machine is up" systemctl is-system-running --wait
    check "the container runs" unit_is container@sleeper ActiveState active
    check "it goes on where it was" wait_for 60 has_counted "$(cat "$STATE/seen")"
    check "in that life, and no other" same "$(cat "$STATE/lives")" "$(lives)"
    check "its checkpoint is used up" same "" "$(sleeper)"
    systemctl kill --signal=KILL container@sleeper
    ;;
esac
