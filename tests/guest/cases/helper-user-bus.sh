# How a user's container asks its manager: over the user's bus where there is one, which costs the manager little, else at the manager's own socket.
# guests: nspawn

make_user alice 1000
home=/home/alice runtime=/run/user/1000
user() {
    as_user alice "$@"
}
# What systemctl uses is the manager's own socket.
call() { # METHOD ARGUMENT...
    user busctl --user call org.freedesktop.systemd1 /org/freedesktop/systemd1 org.freedesktop.systemd1.Manager "$@"
}
property() { # INTERFACE NAME
    user busctl --user get-property org.freedesktop.systemd1 /org/freedesktop/systemd1/unit/container_40asks_2eservice "org.freedesktop.systemd1.$1" "$2"
}
is_active() {
    same 's "active"' "$(property Unit ActiveState)"
}

make_rootfs $home/root
put $home/.config/berth/asks.container <<END
[Container]
Rootfs=$home/root
Network=none
Exec=/bin/sh -c "trap 'exit 0' TERM; echo up; while :; do sleep 1000 & wait; done"

[Service]
SyslogIdentifier=asked
END
put $home/.config/systemd/user/dbus.socket <<'END'
[Socket]
ListenStream=%t/bus
END
put $home/.config/systemd/user/dbus.service <<'END'
[Unit]
Requires=dbus.socket

[Service]
Type=notify
NotifyAccess=main
ExecStart=/usr/bin/dbus-daemon --session --address=systemd: --nofork --nopidfile --systemd-activation --syslog-only
END
chown -R alice: $home
user systemctl --user daemon-reload
user systemctl --user start dbus.socket

check "beside a bus that is not up yet it starts" user systemctl --user start container@asks
check "and does not bring that up" same inactive "$(user systemctl --user show -P ActiveState dbus.service)"
user systemctl --user stop container@asks

require "the bus comes up" user systemctl --user start dbus.service
manager_is_on_bus() {
    call LoadUnit s container@asks.service
}
require "and the manager is on it" wait_for 20 manager_is_on_bus
at_end "mv $runtime/systemd/away $runtime/systemd/private 2>/dev/null || :"
mv $runtime/systemd/private $runtime/systemd/away
require "without the manager's socket it can be told to start" call StartUnit ss container@asks.service replace
check "and starts" wait_for 20 is_active
asked() {
    journalctl -q -o cat -b _UID=1000 SYSLOG_IDENTIFIER=asked | grep -qx up
}
check "as what the unit says, which it has asked for" wait_for 20 asked
check "it can be told to stop" call StopUnit ss container@asks.service replace
stopped() {
    same 's "inactive"' "$(property Unit ActiveState)"
}
check "and stops" wait_for 20 stopped
check "with success" same 's "success"' "$(property Service Result)"
mv $runtime/systemd/away $runtime/systemd/private

user systemctl --user kill -s STOP dbus.service
check "a bus that does not answer is not waited for for long" timeout 20 setpriv --reuid alice --regid alice --init-groups --reset-env \
    env XDG_RUNTIME_DIR=$runtime systemctl --user start container@asks
bus=$(user systemctl --user show -P MainPID dbus.service)
user systemctl --user kill -s KILL dbus.service
# A manager that is asked for more before it knows may connect to its own socket, and wait for a minute and a half.
manager_knows() {
    [ "$(user systemctl --user show -P MainPID dbus.service)" != "$bus" ]
}
require "the manager knows that its bus has gone" wait_for 20 manager_knows
check "nor is one that is gone" user systemctl --user restart container@asks
