# What the files say: drop-ins, templates, instances, and enabling across a reboot.
# guests: nspawn
# reboot: yes
# timeout: 120

sleeper="trap 'exit 0' TERM; while :; do sleep 1000 & wait; done"
if [ "$PHASE" = 1 ]; then
    make_rootfs /srv/config
    put /etc/berth/web.container <<EOF
[Container]
Rootfs=/srv/config
Environment=COLOUR=red SIZE=small
Exec=/bin/sh -c "echo \$COLOUR \$SIZE; $sleeper"
EOF
    systemctl daemon-reload
    systemctl start container@web
    check "the environment is the file's" says container@web '^red small$'
    put /etc/berth/web.container.d/10-colour.conf <<'EOF'
[Container]
Environment=COLOUR=blue
EOF
    systemctl restart container@web
    check "a drop-in changes it without a reload" says container@web '^blue small$'
    put /etc/berth/container.d/10-colour.conf <<'EOF'
[Container]
Environment=COLOUR=green
EOF
    rm /etc/berth/web.container.d/10-colour.conf
    systemctl restart container@web
    check "container.d/ is for all containers" says container@web '^green small$'
    rm -r /etc/berth/container.d

    put /etc/berth/made.container <<EOF
[Container]
Rootfs=/srv/config
Volume=/srv/made:/data
Exec=/bin/sh -c "echo here >/data/seen; $sleeper"

[Service]
ExecStartPre=/bin/mkdir -p /srv/made
EOF
    systemctl daemon-reload
    check "a container starts with a volume that ExecStartPre= makes" systemctl start container@made
    check "and has it" wait_for 30 grep -qx here /srv/made/seen

    put "/etc/berth/my app.container" <<EOF
[Container]
Rootfs=/srv/config
Exec=/bin/sh -c "echo odd name; $sleeper"
EOF
    systemctl daemon-reload
    check "a name that needs escapes" systemctl start 'container@my\x20app'
    check "is the file's" says 'container@my\x20app' '^odd name$'
    check "and stops" systemctl stop 'container@my\x20app'
    check "leaving nothing" same "" "$(find /run/berth/bundles /run/berth/runtime -name 'my*')"

    put /etc/berth/shop@.container <<EOF
[Container]
Rootfs=/srv/config
Exec=/bin/sh -c "echo I am %i of %p; $sleeper"
HostName=%i.example
EOF
    ln -s shop@.container /etc/berth/shop@a.container
    ln -s shop@.container /etc/berth/shop@b.container
    systemctl daemon-reload
    check "two instances of a template start" systemctl start container@shop@a container@shop@b
    check "the first knows its name" says container@shop@a '^I am a of shop$'
    check "the second, too" says container@shop@b '^I am b of shop$'
    check "they have their own host names" same b.example \
        "$(nsenter -t "$(main_pid container@shop@b)" -u hostname)"
    check "one stops alone" systemctl stop container@shop@a
    check "the other goes on" unit_is container@shop@b ActiveState active

    check "enable" systemctl enable container@web
    check "it is enabled" same enabled "$(systemctl is-enabled container@web)"
    put /etc/berth/booted.container <<EOF
[Container]
Rootfs=/srv/config
Exec=/bin/sh -c "$sleeper"

[Install]
WantedBy=multi-user.target
EOF
    reboot_guest
fi
check "an enabled container is up after a reboot" unit_is container@web ActiveState active
check "one with [Install] as well" unit_is container@booted ActiveState active
check "one that is not enabled is not" unit_is container@shop@b ActiveState inactive
check "disable" systemctl disable container@web
check "it is disabled" same disabled "$(systemctl is-enabled container@web)"
