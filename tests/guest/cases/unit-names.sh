# The names that Quadlet gives services: a companion does what its container does, waits for it, and fails as it does; an installed unit goes before it.
# guests: nspawn

make_rootfs /srv/names
mkdir -p /run/names
put /etc/berth/named.container <<'EOF_UNIT'
[Container]
Rootfs=/srv/names
Volume=/run/names:/names
Exec=/bin/sh -c "echo names itself; trap 'sleep 1; echo stopped > /names/state; exit 0' TERM; echo up > /names/state; while :; do sleep 0.1; done"
ReloadCmd=/bin/sh -c "sleep 0.5; echo reloaded > /names/state"
EOF_UNIT
put /etc/berth/named-job.container <<'EOF_UNIT'
[Container]
Rootfs=/srv/names
Volume=/run/names:/names
Exec=/bin/sh -c "sleep 0.3; echo run >> /names/runs"

[Service]
Type=oneshot
EOF_UNIT
put /etc/berth/named-failing.container <<'EOF_UNIT'
[Container]
Rootfs=/srv/names
Exec=/bin/sh -c "exit 7"

[Service]
Type=oneshot
EOF_UNIT
put /etc/berth/named-many@.container <<'EOF_UNIT'
[Container]
Rootfs=/srv/names
Exec=/bin/sh -c "trap 'exit 0' TERM; while :; do sleep 0.1; done"
EOF_UNIT
for name in followed unfollowed; do
    put /etc/berth/$name.container <<EOF_UNIT
[Container]
Rootfs=/srv/names
Volume=/run/names:/names
Exec=/bin/sh -c "trap 'sleep 1; echo stopped > /names/$name; exit 0' TERM; echo up > /names/$name; while :; do sleep 0.1; done"
EOF_UNIT
done
echo ServiceName=followed >>/etc/berth/followed.container
echo '[Volume]' >/etc/berth/named-data.volume
put /etc/berth/installed.container <<'EOF_UNIT'
[Container]
Rootfs=/srv/names
Exec=/bin/sh -c "trap 'exit 0' TERM; while :; do sleep 0.1; done"
EOF_UNIT
put /etc/berth/taken.container <<'EOF_UNIT'
[Container]
Rootfs=/srv/names
Exec=/bin/true
ServiceName=systemd-journald
EOF_UNIT
put /etc/systemd/system/installed.service <<'EOF_UNIT'
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=true
EOF_UNIT
put /etc/systemd/system/named-job.timer <<'EOF_UNIT'
[Timer]
OnActiveSec=100ms
AccuracySec=10ms
EOF_UNIT
put /etc/systemd/system/needs-named.service <<'EOF_UNIT'
[Unit]
Requires=named.service
After=named.service

[Service]
Type=oneshot
ExecStart=/bin/sh -c "systemctl is-active container@named"
EOF_UNIT
at_end 'rm -f /etc/systemd/system/installed.service /etc/systemd/system/named-job.timer /etc/systemd/system/needs-named.service'
systemctl daemon-reload

check "a companion is in the directory of lowest precedence" unit_is named.service FragmentPath /run/systemd/generator.late/named.service
check "its description names the unit" unit_is named.service Description "container@named.service by another name"
check "a start by Quadlet's name" systemctl start named
check "starts the container" unit_is container@named.service ActiveState active
wait_for 10 grep -q up /run/names/state
check "a reload by that name" systemctl reload named
check "waits until it is done" same reloaded "$(cat /run/names/state)"
before=$(unit_property container@named.service InvocationID)
check "a restart by that name" systemctl restart named
check "waits for a new container" not unit_is container@named.service InvocationID "$before"
check "which is up" unit_is container@named.service ActiveState active
check "and so is the companion" unit_is named.service ActiveState active
wait_for 10 grep -q up /run/names/state
check "a stop by that name" systemctl stop named
check "waits until the container has stopped" same stopped "$(cat /run/names/state)"
check "and is down" unit_is container@named.service ActiveState inactive
check "what requires the name" systemctl start needs-named
systemctl stop container@named
check "a stop by the real name stops both" wait_for 30 unit_is named.service ActiveState inactive

# Started by the real name, a companion follows where ServiceName= asks for it.
systemctl start container@followed container@unfollowed
check "with ServiceName= the companion comes up with the container" wait_for 10 unit_is followed.service ActiveState active
wait_for 10 grep -q up /run/names/followed
check "its stop" systemctl stop followed
check "waits for the container" same stopped "$(cat /run/names/followed)"
check "which is down" unit_is container@followed.service ActiveState inactive
systemctl start container@followed
wait_for 10 unit_is followed.service ActiveState active
systemctl stop container@followed
check "and it goes down with it" wait_for 10 unit_is followed.service ActiveState inactive
check "else it does not come up" unit_is unfollowed.service ActiveState inactive
wait_for 10 grep -q up /run/names/unfollowed
systemctl stop unfollowed
check "but its stop reaches the container" wait_for 20 unit_is container@unfollowed.service ActiveState inactive
check "which ends as it wants to" same stopped "$(cat /run/names/unfollowed)"
systemctl start named
systemctl kill --signal=KILL container@named
check "a container that dies takes its companion along" wait_for 10 unit_is named.service ActiveState failed
check "which says why" says named "^container@named.service has failed \\(signal\\)\$"
systemctl reset-failed container@named named
check "the journal by Quadlet's name has what the container says" says named '^names itself$'

check "a job by Quadlet's name" systemctl start named-job
check "is done when the command is" same run "$(cat /run/names/runs)"
check "and can be started again" systemctl start named-job
check "as often as one likes" same "run run" "$(xargs </run/names/runs)"
systemctl start named-job.timer
check "by a timer, too" wait_for 20 sh -c '[ "$(wc -l </run/names/runs)" -eq 3 ]'
check "a failure is one by that name" not systemctl start named-failing
check "an instance by Quadlet's name" systemctl start named-many@one
check "is the container's" unit_is container@named-many@one.service ActiveState active
check "and stops by it" systemctl stop named-many@one
check "whole" unit_is container@named-many@one.service ActiveState inactive
check "a volume by Quadlet's name" systemctl start named-data-volume
check "is made" test -d /var/lib/berth/volumes/named-data/_data
systemctl stop named-data-volume

systemctl start installed container@installed
check "an installed unit goes first" unit_is installed.service FragmentPath /etc/systemd/system/installed.service
systemctl stop installed
check "and is not the container's" unit_is container@installed.service ActiveState active
systemctl stop container@installed
check "no name overrides an installed unit" contains "$(berth check taken)" 'taken.container:4:1: error: "systemd-journald.service" cannot be another name of container@taken.service: there is a unit of that name in /'
check "and the generator leaves it alone" contains "$(unit_property systemd-journald.service FragmentPath)" '^(/usr)?/lib/systemd/system/'
