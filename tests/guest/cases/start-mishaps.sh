# Names, files and ends that are not what one is used to.
# guests: nspawn

make_rootfs /srv/mishaps
put /etc/berth/init-stop.container <<'EOF_UNIT'
[Container]
Rootfs=/srv/mishaps
Exec=/bin/sleep 1000
RunInit=yes
EOF_UNIT
put /etc/berth/-dash.container <<'EOF_UNIT'
[Container]
Rootfs=/srv/mishaps
Exec=/bin/echo the dash runs

[Service]
Type=oneshot
EOF_UNIT
put /etc/berth/some@.container <<'EOF_UNIT'
[Container]
Rootfs=/srv/mishaps
Exec=/bin/true
EOF_UNIT
put /etc/berth/.hidden.container <<'EOF_UNIT'
[Container]
Rootfs=/srv/mishaps
Exec=/bin/true
EOF_UNIT
put /etc/berth/no-image.container <<'EOF_UNIT'
[Container]
Rootfs=/etc/passwd
Exec=/bin/true
EOF_UNIT
echo 'FOO*' >/run/star
put /etc/berth/star.container <<'EOF_UNIT'
[Container]
Rootfs=/srv/mishaps
EnvironmentFile=/run/star
Exec=/bin/sh -c "env; echo done"

[Service]
Type=oneshot
Environment=FOO1=a FOO2=b BAR=c
EOF_UNIT
mkdir -p /run/berth/volumes
put /run/berth/volumes/own.container <<'EOF_UNIT'
[Container]
EOF_UNIT
at_end 'rm -f /run/berth/volumes/own.container /etc/berth/.hidden.container /etc/berth/-dash.container'
systemctl daemon-reload

if command -v catatonit >/dev/null; then
    check "a container with an init starts" systemctl start container@init-stop
    systemctl stop container@init-stop
    check "its stop is a success" unit_is container@init-stop.service Result success
fi
check "a name may begin with a dash" systemctl start -- container@-dash
check "and its command runs" says container@-dash 'the dash runs'
check "a template is no container" not systemctl start container@some@
check "which is said, with what to do" says container@some@ 'some@\.container is a template; start an instance, container@some@NAME\.service'
check "a hidden file is none, either" not systemctl start container@.hidden
check "which is said, too" says container@.hidden 'hidden file'
check "a file that is no disk image" not systemctl start container@no-image
check "has no unknown error" not contains "$(journal_of container@no-image)" "Unknown error"
check "and one reason" contains "$(journal_of container@no-image)" \
    '^Failed to open the root file system /etc/passwd: .+'
check "which is no failure of input" not contains "$(journal_of container@no-image)" "Input/output error"
check "a star in a file of variables" systemctl start container@star
check "is all that begin so" says container@star '^FOO2=b$'
says container@star '^done$' >/dev/null
check "and no other" not contains "$(journal_of container@star)" '^BAR=c$'
check "berth's own folders hold no files of containers" not contains "$(berth check --list)" '/run/berth/volumes/'

# --- one that is masked while it runs has no ExecStopPost= any more

put /etc/berth/gone+.container <<'EOF_UNIT'
[Container]
Rootfs=/srv/mishaps:O
Exec=/bin/sh -c "trap 'exit 0' TERM; echo up; while :; do sleep 1000 & wait; done"
EOF_UNIT
sed 's/gone+/stays/' /etc/berth/gone+.container >/etc/berth/stays.container
systemctl daemon-reload
systemctl start container@gone+ container@stays
systemctl mask -q container@gone+
check "one that is masked while it runs, runs on" says container@gone+ '^up$'
check "and is nothing to clean up after" not contains "$(berth prune --dry-run)" 'gone'
systemctl stop container@gone+
check "when it has ended, its files are there" contains "$(container_files)" '^/run/berth/bundles/gone'
check "a dry run says so" contains "$(berth prune --dry-run)" '^would clean up after the container gone\+, which has ended without$'
check "prune cleans up after it" contains "$(berth prune)" '^cleaned up after the container gone\+, which has ended without$'
check "nothing of it is left" not contains "$(container_files)" 'gone'
check "what ends a unit is not done by hand while that is up" not /usr/libexec/berth-helper cleanup stays
check "nor for its network" not /usr/libexec/berth-helper network-down default
check "which is said, with what to do" contains "$(/usr/libexec/berth-helper cleanup stays 2>&1)" \
    'container@stays\.service, which is active, and for systemd to run; use: systemctl stop container@stays\.service$'
check "another one runs on" unit_is container@stays ActiveState active
check "with its network" wait_for 10 berth exec stays ip address show eth0
check "and has its files" contains "$(container_files)" '^/run/berth/bundles/stays'
systemctl unmask -q container@gone+
check "it starts when it may" systemctl start container@gone+
systemctl stop container@gone+ container@stays
check "nothing is left of either" same "" "$(container_files)"

# --- files that go away while their containers run: a stop is as they said, by signal, time and commands

put /etc/berth/deleted.container <<'EOF_UNIT'
[Container]
Rootfs=/srv/mishaps:O
StopTimeout=40
StopSignal=SIGUSR1
PidsLimit=77
Exec=/bin/sh -c "trap 'echo usr1; exit 0' USR1; trap 'echo term' TERM; echo up; while :; do sleep 1000 & wait; done"
[Service]
ExecStopPost=/bin/touch /run/stopped.deleted
Restart=always
EOF_UNIT
sed 's/^StopTimeout=40/StopTimeout=50/; s/stopped.deleted/stopped.nulled/' /etc/berth/deleted.container >/etc/berth/nulled.container
sed 's/stopped.deleted/stopped.shape@round/' /etc/berth/deleted.container >/etc/berth/shape@.container
systemctl daemon-reload
systemctl enable -q container@shape@round
systemctl start container@deleted container@nulled container@shape@round
check "the three run" says container@deleted '^up$'
says container@nulled '^up$' >/dev/null
says container@shape@round '^up$' >/dev/null
rm /etc/berth/deleted.container
ln -sf /dev/null /etc/berth/nulled.container
systemctl disable -q container@shape@round
systemctl daemon-reload
check "a file that is gone: the stop signal stays" unit_is container@deleted KillSignal 10
check "and so does the time for the stop" unit_is container@deleted TimeoutStopUSec 40s
check "and a limit" unit_is container@deleted TasksMax 77
check "it is not started again" unit_is container@deleted Restart no
check "a file that is masked: the stop signal stays" unit_is container@nulled KillSignal 10
check "and so does the time for the stop of that" unit_is container@nulled TimeoutStopUSec 50s
check "an instance that is no longer enabled has its drop-in as before" unit_is container@shape@round Restart always
check "and its stop signal" unit_is container@shape@round KillSignal 10
check "systemd need not be told anything" unit_is container@deleted NeedDaemonReload no
systemctl stop container@deleted container@nulled container@shape@round
for unit in deleted nulled shape@round; do
    check "the stop of $unit is a success" unit_is "container@$unit" Result success
    check "it was by the signal that its file had" says "container@$unit" '^usr1$'
    check "and by no other" not contains "$(journal_of "container@$unit")" '^term$'
    check "its own command ran after it" test -e "/run/stopped.$unit"
done
check "nothing is left of them" not contains "$(container_files)" 'deleted|nulled|shape'
check "the masked one is not started" not systemctl start container@nulled
systemctl daemon-reload
check "and masked from the next reload on" unit_is container@nulled LoadState masked
check "of the file that is gone systemd knows no more" unit_is container@deleted TimeoutStopUSec 10s
rm -f /run/stopped.*

# --- another image in the file of a container that runs

make_image /srv/mishaps-layout:one /srv/mishaps --
make_image /srv/mishaps-layout:two /srv/mishaps --
put /etc/berth/edited.container <<'EOF_UNIT'
[Container]
Image=oci:/srv/mishaps-layout:one
Exec=/bin/sh -c "trap 'exit 0' TERM; echo up; while :; do sleep 1000 & wait; done"
EOF_UNIT
systemctl daemon-reload
systemctl start container@edited
says container@edited '^up$' >/dev/null
sed -i s/:one/:two/ /etc/berth/edited.container
check "another image, without a reload, has not been pulled" not systemctl restart container@edited
check "which is said, with what to do" says container@edited \
    "edited.container:2:1: error: the image \"oci:/srv/mishaps-layout:two\" is not there; .*; if nothing is there, as the file was changed: systemctl daemon-reload, or berth pull oci:/srv/mishaps-layout:two\$"
systemctl daemon-reload
check "after a reload it starts" systemctl start container@edited
systemctl stop container@edited
rm /etc/berth/edited.container
systemctl daemon-reload
berth rmi oci:/srv/mishaps-layout:one oci:/srv/mishaps-layout:two >/dev/null
