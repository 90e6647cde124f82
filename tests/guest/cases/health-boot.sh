# A boot and a stop of all with a container that has health checks: their timer is ordered after the container, and no unit is in a circle because of it, which
# would cost one of them its start.
# guests: nspawn
# timeout: 240

# Of this boot: all that is in it belongs to this case.
in_circle() {
    journalctl --sync
    journalctl -q -b --no-pager -o cat | grep -i 'ordering cycle'
}
is_checked() {
    contains "$(cat /run/berth/bundles/boots/health.json)" '"Status": "healthy"'
}

users_unit_is() { # UNIT VALUE
    same "$2" "$(as_user greta systemctl --user show --value -p ActiveState "$1")"
}
users_is_checked() {
    contains "$(cat /run/user/1023/berth/bundles/boots/health.json)" '"Status": "healthy"'
}

case $PHASE in
1)
    make_rootfs /srv/health-boot
    put /etc/berth/boots.container <<'END'
[Container]
Rootfs=/srv/health-boot
Exec=/bin/sh -c "trap 'exit 0' TERM; while :; do sleep 1000 & wait; done"
HealthCmd=true
HealthInterval=1s

[Install]
WantedBy=multi-user.target
END
    systemctl daemon-reload
    require "it starts" systemctl start container@boots
    check "and is checked" wait_for 30 is_checked

    make_user greta 1023
    # The manager of a user who lingers starts with the machine, when the home is there.
    cp /etc/fstab /etc/fstab.before
    at_end "mv /etc/fstab.before /etc/fstab; systemctl daemon-reload"
    echo '/var/lib/berth/.homes/greta /home/greta none bind 0 0' >>/etc/fstab
    make_rootfs /home/greta/root
    put /home/greta/.config/berth/boots.container <<'END'
[Container]
Rootfs=/home/greta/root
Network=none
Volume=kept:/kept
Exec=/bin/sh -c "echo a life >>/kept/lives; trap 'exit 0' TERM; while :; do sleep 1000 & wait; done"
HealthCmd=true
HealthInterval=1s

[Install]
WantedBy=default.target
END
    sed '/^\[Install\]/d; /^WantedBy/d' /home/greta/.config/berth/boots.container >/home/greta/.config/berth/enabled.container
    sed -i '/^Health/d; /^Volume/d; s/echo a life[^;]*; //' /home/greta/.config/berth/enabled.container
    cp /home/greta/.config/berth/enabled.container /home/greta/.config/berth/idle.container
    chown -R greta: /home/greta
    as_user greta systemctl --user daemon-reload
    require "a user's container starts" as_user greta systemctl --user start container@boots
    require "and another is enabled" as_user greta systemctl --user enable --now container@enabled
    require "and a third runs" as_user greta systemctl --user start container@idle
    check "what they write is there" wait_for 20 grep -q 'a life' /home/greta/.local/share/berth/volumes/kept/_data/lives
    reboot_guest
    ;;
2)
    at_end "remove_user greta 1023; mv /etc/fstab.before /etc/fstab; systemctl daemon-reload"
    check "after a boot it is up" wait_for 60 unit_is container@boots ActiveState active
    check "and is checked" wait_for 60 is_checked
    check "so are all that were to start" wait_for 60 unit_is timers.target ActiveState active
    check "the boot has found no circle" not in_circle
    systemctl stop container@boots
    check "its end ends the checks" wait_for 30 unit_is container-health@boots.timer ActiveState inactive
    systemctl daemon-reload
    require "it starts with all that is wanted" systemctl start multi-user.target
    check "and is up" wait_for 30 unit_is container@boots ActiveState active
    check "which is no circle, either" not in_circle
    systemctl stop container@boots

    # Nobody has logged in.
    check "a user's container comes up with the machine" wait_for 60 users_unit_is container@boots.service active
    check "and the one that was enabled" wait_for 60 users_unit_is container@enabled.service active
    check "not the one that only ran" users_unit_is container@idle.service inactive
    check "its checks are made" wait_for 60 users_is_checked
    two_lives() { same 2 "$(grep -c 'a life' /home/greta/.local/share/berth/volumes/kept/_data/lives)"; }
    check "its volume has what it had" wait_for 20 two_lives
    # In a user's manager basic.target is ordered after timers.target, and what is no part of a boot shows nothing.
    for _ in 1 2; do
        require "a user's manager starts anew" systemctl restart user@1023.service
        check "with its container" wait_for 60 users_unit_is container@boots.service active
        check "and the timer of its checks" wait_for 30 users_unit_is container-health@boots.timer active
        check "which are made" wait_for 60 users_is_checked
        check "and all that it was to start" wait_for 60 users_unit_is default.target active
    done
    check "no start and no end of it has found a circle" not in_circle
    ;;
esac
