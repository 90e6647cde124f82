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
    reboot_guest
    ;;
2)
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

    # In a user's manager basic.target is ordered after timers.target, and what is no part of a boot shows nothing.
    make_user greta 1023
    make_rootfs /home/greta/root
    put /home/greta/.config/berth/boots.container <<'END'
[Container]
Rootfs=/home/greta/root
Network=none
Exec=/bin/sh -c "trap 'exit 0' TERM; while :; do sleep 1000 & wait; done"
HealthCmd=true
HealthInterval=1s

[Install]
WantedBy=default.target
END
    chown -R greta: /home/greta
    users_unit_is() { # UNIT VALUE
        same "$2" "$(as_user greta systemctl --user show --value -p ActiveState "$1")"
    }
    users_is_checked() {
        contains "$(cat /run/user/1023/berth/bundles/boots/health.json)" '"Status": "healthy"'
    }
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
