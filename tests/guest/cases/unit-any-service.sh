# What systemd does with any service it does with a container: the table in container@.service(8), row by row.
# guests: nspawn
# timeout: 300

make_rootfs /srv/any
wait_on="trap 'exit 0' TERM; trap 'echo one' USR1; while :; do sleep 1000 & wait; done"
container() { # NAME EXEC [SERVICE-KEYS]
    put "/etc/berth/$1.container" <<EOT
[Container]
Rootfs=/srv/any
Network=none
Exec=/bin/sh -c "$2"

[Service]
${3:-}
EOT
}
container ticks "trap 'exit 0' TERM; while :; do echo tick; sleep 0.1; done"
container kill "$wait_on"
container short "$wait_on" "RuntimeMaxSec=1"
container again "test -e /once && { : >/twice; exit 0; }; : >/once; exit 3" "Restart=on-failure
RestartSec=100ms
RestartSteps=2
RestartMaxDelaySec=200ms"
container fails "exit 3"
mkdir -p /etc/berth/fails.container.d
printf '[Unit]\nOnFailure=noticed.service\n' >/etc/berth/fails.container.d/on-failure.conf
printf '[Service]\nType=oneshot\nExecStart=/bin/touch /run/noticed\n' >/etc/systemd/system/noticed.service
container unwanted "$wait_on" "ExecCondition=/bin/false"
container job ": >/done" "Type=oneshot"
mkdir -p /etc/berth/job.container.d
printf '[Unit]\nOnSuccess=pleased.service\n' >/etc/berth/job.container.d/on-success.conf
printf '[Service]\nType=oneshot\nExecStart=/bin/touch /run/pleased\n' >/etc/systemd/system/pleased.service
container found ": >/was-found; rm /look/here" "Type=oneshot"
mkdir -p /srv/look
sed -i 's|^Network=none$|&\nVolume=/srv/look:/look|' /etc/berth/found.container
printf '[Path]\nPathExists=/srv/look/here\n' >/etc/systemd/system/container@found.path
printf '[Timer]\nOnActiveSec=1ms\nAccuracySec=1ms\n' >/etc/systemd/system/container@job.timer
container keeps "$wait_on" "StateDirectory=keeps"
systemctl daemon-reload

systemctl start container@ticks container@kill
group=/sys/fs/cgroup$(unit_property container@ticks ControlGroup)
is_frozen() { grep -q "^frozen $1" "$group/container/cgroup.events"; }
check "freeze" systemctl freeze container@ticks
check "all of its processes stop" wait_for 20 is_frozen 1
check "it is said" unit_is container@ticks FreezerState frozen
check "thaw" systemctl thaw container@ticks
check "they go on" wait_for 20 is_frozen 0

handles() { grep -q '^SigCgt:.*[2367abef]..$' "/proc/$(main_pid container@kill)/status"; }
wait_for 20 handles >/dev/null
check "kill: a signal to the main process" systemctl kill --kill-who=main -s USR1 container@kill
check "arrives" says container@kill '^one$'
check "kill: all of it" systemctl kill -s KILL container@kill
check "which is its result" wait_for 20 unit_is container@kill Result signal
systemctl start container@short
check "RuntimeMaxSec= ends it" wait_for 30 unit_is container@short Result timeout
systemctl start container@again
check "Restart= starts it anew" wait_for 30 test -e /srv/any/twice
[ "$SUITE" = bookworm ] || check "in steps" unit_is container@again RestartSteps 2
check "until it ends well" wait_for 30 unit_is container@again ActiveState inactive
systemctl start container@fails
check "OnFailure= starts another unit" wait_for 30 test -e /run/noticed
check "ExecCondition= skips it" systemctl start container@unwanted
check "without a failure" unit_is container@unwanted ActiveState inactive
check "and without a container" not test -e /run/berth/bundles/unwanted
systemctl start container@job.timer
check "a timer starts a job" wait_for 30 test -e /srv/any/done
check "which is over then" wait_for 30 unit_is container@job ActiveState inactive
check "OnSuccess= starts another unit" wait_for 30 test -e /run/pleased
systemctl start container@found.path
check "a path that is not there does nothing" not test -e /srv/any/was-found
: >/srv/look/here
check "and starts a job when it is" wait_for 30 test -e /srv/any/was-found
check "which is over, too" wait_for 30 unit_is container@found ActiveState inactive
systemctl stop container@found.path
systemctl start container@keeps
check "a state directory is made" test -d /var/lib/keeps
systemctl stop container@keeps
check "clean" systemctl clean --what=state container@keeps
check "removes it" not test -e /var/lib/keeps
systemctl stop 'container@*'
systemctl reset-failed
check "nothing is left" same "" "$(container_files)"
