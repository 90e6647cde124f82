# systemctl reload, by a command in the container or by a signal to it.
# guests: nspawn
# timeout: 120

make_rootfs /srv/reload
for runtime in crun runc; do
    put "/etc/berth/$runtime-command.container" <<EOF
[Container]
Rootfs=/srv/reload
Runtime=$runtime
User=nobody
Environment=COLOUR=red
WorkingDir=/var/tmp
Exec=/bin/sh -c "trap 'exit 0' TERM; while :; do sleep 1000 & wait; done"
ReloadCmd=/bin/sh -c "echo reloading as \$(id -u) in \$(pwd) with \$COLOUR and \$1; cat /proc/self/cgroup" sh "two words"
EOF
done
put /etc/berth/signal.container <<'EOF'
[Container]
Rootfs=/srv/reload
Exec=/bin/sh -c "trap 'echo again' HUP; trap 'exit 0' TERM; while :; do sleep 1000 & wait; done"
ReloadSignal=HUP
EOF
put /etc/berth/none.container <<'EOF'
[Container]
Rootfs=/srv/reload
Exec=/bin/sh -c "trap 'exit 0' TERM; while :; do sleep 1000 & wait; done"
EOF
systemctl daemon-reload
systemctl start container@crun-command container@runc-command container@signal container@none

for runtime in crun runc; do
    unit=container@$runtime-command
    pid=$(main_pid "$unit")
    check "$runtime: reload" systemctl reload "$unit"
    check "$runtime: the command has run in the container, as its first process would" says "$unit" \
        '^reloading as 65534 in /var/tmp with red and two words$'
    check "$runtime: in its control group" says "$unit" '^0::/$'
    check "$runtime: the container goes on" same "$pid active" "$(main_pid "$unit") $(unit_property "$unit" ActiveState)"
    check "$runtime: nothing of ours stays" wait_for 20 no_process 'berth-helper|crun |runc '
    sed -i 's/^ReloadCmd=.*/ReloadCmd=\/bin\/false/' "/etc/berth/$runtime-command.container"
    check "$runtime: a change is read without a daemon-reload, and a failure is one" not systemctl reload "$unit"
    check "$runtime: which the container outlives" same "$pid active" "$(main_pid "$unit") $(unit_property "$unit" ActiveState)"
done
# A reload that takes its time.
sed -i "s|^ReloadCmd=.*|ReloadCmd=/bin/sh -c 'while [ ! -e /tmp/go ]; do sleep 0.1; done'|" /etc/berth/crun-command.container /etc/berth/runc-command.container
for runtime in crun runc; do
    unit=container@$runtime-command
    rm -f /srv/reload/tmp/go
    systemctl reload --no-block "$unit"
    check "$runtime: it is reloading while that takes" wait_for 20 unit_is "$unit" ActiveState reloading
    : >/srv/reload/tmp/go
    check "$runtime: and then no more" wait_for 20 unit_is "$unit" ActiveState active
done
sed -i '/^ReloadCmd=/d' /etc/berth/crun-command.container
check "a command that is there no more" not systemctl reload container@crun-command
check "is told" says container@crun-command '^/etc/berth/crun-command.container: error: there is no ReloadCmd= any more; a daemon-reload is due$'

# A signal that comes before the payload has its handler would end nothing, and be lost.
ready() { contains "$(cat "/proc/$(main_pid container@signal)/status")" '^SigCgt:.*[13579bdf]$'; }
wait_for 20 ready >/dev/null
check "reload by a signal" systemctl reload container@signal
check "the signal arrives" says container@signal '^again$'
check "without a key there is nothing to reload" not systemctl reload container@none
systemctl stop container@crun-command container@runc-command container@signal container@none
check "nothing is left" same "" "$(container_files)"
