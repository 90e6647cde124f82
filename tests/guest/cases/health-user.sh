# Health checks, berth exec, ReloadCmd= and Notify= of a user's containers: what runs in them as the user, in the user's own namespaces.
# guests: nspawn
# timeout: 300

make_user henry 1010
home=/home/henry
user() {
    as_user henry "$@"
}
state_is() { # UNIT PROPERTY VALUE
    same "$3" "$(user systemctl --user show --value -p "$2" "$1")"
}
health() { # NAME
    cat "/run/user/1010/berth/bundles/$1/health.json"
}
status_is() { # NAME STATUS
    contains "$(health "$1")" "\"Status\": \"$2\""
}
health_says() { # NAME WORDS
    contains "$(health "$1")" "$2"
}
no_companions() {
    same "" "$(user systemctl --user list-units --plain --no-legend 'container-health*' 'container-notify*')"
}
in_circle() {
    journalctl --sync
    journalctl -q -b --no-pager -o cat | grep 'ordering cycle.*container'
}
exec_in() { # ARGUMENT...
    user berth --user exec "$@"
}
make_rootfs $home/root
add_programs $home/root /usr/bin/systemd-notify
mkdir $home/root/state
chmod 1777 $home/root/state
chown -R henry: $home/root
file() { # NAME KEYS SCRIPT [SERVICE]
    put "$home/.config/berth/$1.container" <<END
[Container]
Rootfs=$home/root
Network=none
Tmpfs=/state
Exec=/bin/sh -c "trap 'exit 0' TERM; $3 while :; do sleep 1000 & wait; done"
$2

[Service]
${4:-}
END
    chown -R henry: $home/.config
}
until_told='until test -e /state/go; do sleep 0.1; done;'
file sound "User=33:44
HealthCmd=echo as \$(id -u); cat /proc/self/cgroup; test ! -e /state/down
HealthInterval=1s
HealthRetries=2" ""
file kept "UserNS=keep-id
HealthCmd=echo as \$(id -u)
HealthInterval=1s" ""
file killed "HealthCmd=test ! -e /state/down
HealthInterval=1s
HealthRetries=1
HealthOnFailure=kill" ""
file healthy "Notify=healthy
HealthCmd=test -e /state/up
HealthInterval=1s
HealthRetries=1000" "sleep 2; touch /state/up;"
file told "Notify=yes
ReloadCmd=/bin/sh -c ': >/state/reloaded'" "$until_told systemd-notify --ready --status=said;"
file attack "Notify=yes" "systemd-notify MAINPID=1 STATUS=one; systemd-notify FDSTOREREMOVE=1 FDNAME=berth-mounts; systemd-notify --ready --status=two;"
make_image $home/layout:checked $home/root
add_healthcheck $home/layout:checked '{"Test":["CMD-SHELL","echo by image"],"Interval":300000000}'
chown -R henry: $home/layout
put "$home/.config/berth/image.container" <<END
[Container]
Image=oci:$home/layout:checked
Network=none
END
chown -R henry: $home/.config
user systemctl --user daemon-reload

require "a container with a health check starts" user systemctl --user start container@sound
check "it is healthy when the check has succeeded" wait_for 60 status_is sound healthy
check "the check is run as the first process is" contains "$(health sound)" 'as 33'
check "in a control group below the container's" contains "$(health sound)" '0::/berth-health'
require "a command is run in it" exec_in sound true
check "as that, too" same 33 "$(exec_in sound id -u)"
check "as root, who is the user" same 0 "$(exec_in --user 0 sound id -u)"
check "its exit status is the command's" same 7 "$(exec_in sound sh -c 'exit 7'; echo $?)"
check "limits that the user's session does not allow are lower" same 600 "$(user bash -c 'ulimit -n 600; exec berth --user exec sound sh -c "ulimit -Hn"')"
check "it is in a control group below the container's" contains "$(exec_in sound cat /proc/self/cgroup)" '0::/berth-exec-'
require "what the check finds is made wrong" exec_in --user 0 sound touch /state/down
check "then it is unhealthy" wait_for 60 status_is sound unhealthy
# By these journalctl --user -u finds it.
unit_has_said() {
    journalctl --sync
    contains "$(journalctl -q -b --no-pager -o cat USER_UNIT=container@sound.service _UID=1010)" "$1"
}
check "which its own unit's journal says" wait_for 20 unit_has_said '^Container sound is unhealthy: checks in a row that have failed: 2, '
require "with UserNS=keep-id" user systemctl --user start container@kept
check "the check is the user's, too" wait_for 60 health_says kept 'as 1010'
check "and so is a command" same 1010 "$(exec_in kept id -u)"
require "what acts on a failure starts" user systemctl --user start container@killed
check "and is healthy" wait_for 60 status_is killed healthy
require "until it is not" exec_in killed touch /state/down
check "then it is killed" wait_for 60 state_is container@killed ActiveState failed
check "by the user's manager" state_is container@killed Result signal

require "a container whose image has a health check starts" user systemctl --user start container@image
check "which is run, too" wait_for 60 health_says image 'by image'

require "Notify=healthy" user systemctl --user start container@healthy
check "is up when the check has succeeded" status_is healthy healthy
require "Notify=yes" user systemctl --user start --no-block container@told
check "is not up by itself" wait_for 60 state_is container@told SubState start
check "a command runs in it meanwhile" wait_for 60 exec_in told touch /state/go
check "it is up when it has said so" wait_for 60 state_is container@told ActiveState active
check "and what it has said is known" state_is container@told StatusText said
check "it reloads" user systemctl --user reload container@told
check "by ReloadCmd=" exec_in told test -e /state/reloaded
require "one that says what it may not starts" user systemctl --user start container@attack
check "and has said what it may" wait_for 60 state_is container@attack StatusText two
check "its main process is its own" exec_in attack true
check "a container that does not run has no commands" not exec_in nowhere true

check "no unit is in a circle" not in_circle
user systemctl --user stop 'container@*.service'
check "the checks have ended" wait_for 60 no_companions
check "no process is left" wait_for 60 not pgrep -u henry -f 'crun|berth-helper'
check "nothing is left" same "" "$(find /run/user/1010/berth/bundles /run/user/1010/berth/runtime /run/user/1010/berth/notify -mindepth 1 -not -path '*/.cache*' -not -type d)"
