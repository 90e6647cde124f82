# A user's containers, in the user's own service manager and without root anywhere: start, stop, exit, kills, restart, and that nothing stays.
# guests: nspawn qemu@trixie
# timeout: 240

make_user alice 1000
home=/home/alice
user() {
    as_user alice "$@"
}
state() { # UNIT PROPERTY
    user systemctl --user show --value -p "$2" "$1"
}
state_is() { # UNIT PROPERTY VALUE
    same "$3" "$(state "$1" "$2")"
}
nothing_is_left() {
    same "" "$(find /run/user/1000/berth/bundles /run/user/1000/berth/runtime $home/.local/share/berth/containers -mindepth 1 \
        -not -path '*/runtime/.cache*' 2>/dev/null || :)"
}
file() { # NAME KEYS SCRIPT [SERVICE]
    put "$home/.config/berth/$1.container" <<END
[Container]
Rootfs=$home/root
Exec=/bin/sh -c "$3"
$2

[Service]
${4:-}
END
    chown -R alice: $home/.config
}
stay="trap 'exit 0' TERM; echo up; while :; do sleep 1000 & wait; done"

make_rootfs $home/root
chown -R alice: $home/root
file web "Network=none" "id; cat /proc/self/uid_map; ls /sys/class/net; $stay" "[Install]
WantedBy=default.target"
file other "Network=host
User=33:44" "id; $stay"
file deaf "Network=none
User=33" "trap '' TERM; echo up; while :; do sleep 1; done" "TimeoutStopSec=$((2 * PATIENCE))"
file seven "Network=none" "exit 7"
file over "Network=none
Rootfs=$home/root:O" "chown 12:13 /etc/passwd; mkdir /deep; touch /deep/file; chown -R 5:6 /deep; chmod 700 /deep; $stay"
user systemctl --user daemon-reload

require "it starts" user systemctl --user start container@web
check "as the container's own first process" same sh "$(cat "/proc/$(state container@web MainPID)/comm")"
check "which is the user's" same 1000 "$(stat -c %u "/proc/$(state container@web MainPID)")"
check "in the unit's control group" grep -q '/user@1000.service/.*/container@web.service/container$' "/proc/$(state container@web MainPID)/cgroup"
check "it is root inside" wait_for 20 user_says web '^uid=0\(root\) gid=0'
check "0 is the user, and 1 the first subordinate ID" wait_for 20 user_says web '^ *1 +[1-9][0-9]{4,} +65536$'
check "it has an interface of its own" wait_for 20 user_says web '^lo$'
check "no process but the container's is there, and the one that all containers' output goes by" same berth-log "$(pgrep -u alice -l -f 'berth|crun|pasta' | cut -d' ' -f2)"
check "it stops" user systemctl --user stop container@web
check "with success" state_is container@web Result success
check "nothing is left" nothing_is_left

check "its start is one line" state_is container@web ExecStartPre ""
put "$home/.config/systemd/user/container@web.service.d/colour.conf" <<<"[Service]
ExecStartPre=/bin/sed -i 's/\"PATH=/\"COLOUR=red\", &/' %t/berth/bundles/%i/config.json"
chown -R alice: $home/.config
user systemctl --user daemon-reload
require "with a line of a drop-in's behind berth's it starts" user systemctl --user start container@web
check "the line has changed the configuration" wait_for 20 grep -qz '^COLOUR=red' "/proc/$(state container@web MainPID)/environ"
rm "$home/.config/systemd/user/container@web.service.d/colour.conf"
user systemctl --user daemon-reload
check "without that line it is one line again" state_is container@web ExecStartPre ""
user systemctl --user stop container@web

require "another user of the container's starts, in the machine's network" user systemctl --user start container@other
check "by its number" wait_for 20 user_says other '^uid=33\([^)]*\) gid=44'
check "which is a subordinate ID" test "$(stat -c %u "/proc/$(state container@other MainPID)")" -gt 99999
check "and can be stopped by the user's manager" user systemctl --user stop container@other
check "with success again" state_is container@other Result success
user systemctl --user start container@deaf
check "one that does not listen" wait_for 20 user_says deaf '^up$'
user systemctl --user stop container@deaf || :
check "is killed" state_is container@deaf Result timeout
file away "Network=none
StopSignal=SIGUSR1" "trap 'exit 0' USR1; echo up; while :; do sleep 1000 & wait; done"
user systemctl --user daemon-reload
user systemctl --user start container@away
check "one whose file is removed while it runs" wait_for 20 user_says away '^up$'
rm $home/.config/berth/away.container
user systemctl --user daemon-reload
check "keeps its stop signal" state_is container@away KillSignal 10
user systemctl --user stop container@away
check "by which it stops" state_is container@away Result success

user systemctl --user start container@seven || :
check "the exit status is the unit's" wait_for 20 state_is container@seven ExecMainStatus 7
check "as its result" wait_for 20 state_is container@seven Result exit-code
check "nothing is left of it" wait_for 20 nothing_is_left

require "with an overlay" user systemctl --user start container@over
check "it comes up" wait_for 20 user_says over '^up$'
kill -KILL "$(state container@over MainPID)"
check "a kill is the unit's result" wait_for 20 state_is container@over Result signal
check "what it wrote as other IDs is removed" wait_for 20 nothing_is_left

check "[Install] is for the manager's start" test -L /run/user/1000/systemd/generator/default.target.wants/container@web.service
check "another can be enabled" user systemctl --user enable container@other
check "for the same" test -L $home/.config/systemd/user/default.target.wants/container@other.service
for _ in 1 2 3; do user systemctl --user restart container@web; done
check "restarts leave nothing in the descriptor store" state_is container@web NFileDescriptorStore 0
systemctl restart user@1000.service
check "it is up again with the manager" wait_for 60 state_is container@web ActiveState active
check "and the enabled one" wait_for 60 state_is container@other ActiveState active
systemctl stop user@1000.service
check "and they end with it" not pgrep -u alice
systemctl start user@1000.service
user systemctl --user stop container@web container@other

# --- without subordinate IDs

cp -p /etc/subuid /etc/subgid "$TMP/"
at_end "cp -p $TMP/subuid $TMP/subgid /etc/"
sed -i /^alice:/d /etc/subuid /etc/subgid
file alone "Network=none" "id; cat /proc/self/uid_map; $stay"
user systemctl --user daemon-reload
require "a user without subordinate IDs has a container, too" user systemctl --user start container@alone
check "with one ID" wait_for 20 user_says alone '^ *0 +1000 +1$'
check "and is told so" user_says alone 'have no IDs for this user'
user systemctl --user stop container@alone
check "and nothing is left" nothing_is_left
file apart "Network=none
UserNS=nomap" "true"
file chosen "Network=none
UserNS=auto" "true"
user systemctl --user daemon-reload
check "but none without the user's own ID" not user systemctl --user start container@apart
check "with the reason" wait_for 20 user_says apart 'have no IDs for this user; use keep-id'
check "nor one of a range" not user systemctl --user start container@chosen
check "for which there is none" wait_for 20 user_says chosen 'there is no free range of 1024 IDs for "auto" among those of this user'
cp -p "$TMP/subuid" "$TMP/subgid" /etc/

# --- a file system that cannot have an overlay's upper directory

mkdir -p "$TMP"/below/{lower,upper,work} $home/.local/share/berth/containers
mount -t overlay -o "lowerdir=$TMP/below/lower,upperdir=$TMP/below/upper,workdir=$TMP/below/work" overlay $home/.local/share/berth/containers
chown -R alice: $home/.local
file thrown "Network=none" "true"
sed -i 's,^Rootfs=.*,&:O,' $home/.config/berth/thrown.container
mkdir $home/below
file thrown-volume "Network=none
Volume=$home/below:/below:O" "true"
user systemctl --user daemon-reload
check "an overlay is no place for another one's files" not user systemctl --user start container@thrown
check "and which are is said" wait_for 20 user_says thrown 'Invalid argument; an overlay.s upper directory, below .*/berth/containers, cannot be on NFS, .*: mount ext4, XFS, Btrfs or a tmpfs there'
check "it is none of a volume's, either" not user systemctl --user start container@thrown-volume
check "and that is said of the volume" wait_for 20 user_says thrown-volume \
    "thrown-volume.container:5:8: error: mount option \"O\" of \"$home/below\": Invalid argument; an overlay.s upper directory, below .*/berth/containers, cannot be on NFS, .*: mount ext4, XFS, Btrfs or a tmpfs there\$"
wait_for 20 umount $home/.local/share/berth/containers
require "elsewhere it starts" user systemctl --user start container@thrown
require "with the volume as well" user systemctl --user start container@thrown-volume

# --- secrets, and files that the administrator has for users

put $home/.config/berth/secrets/word 600 <<<"of the user"
at_end "rm -f /etc/berth/secrets/word; rm -rf /etc/berth/users"
put /etc/berth/secrets/word 600 <<<"of the system"
# Encrypted, which systemd decrypts for users from version 256 on.
printf 'of the user, encrypted' >"$TMP/clear"
user systemd-creds --user --name=sealed encrypt - - <"$TMP/clear" >"$TMP/sealed.cred" 2>/dev/null || echo bad >"$TMP/sealed.cred"
put $home/.config/berth/secrets/sealed.cred 600 <"$TMP/sealed.cred"
put $home/.config/berth/secrets/other.cred 600 <"$TMP/sealed.cred"
file sealed "Network=none
Secret=sealed,type=env,target=WORD
Secret=sealed" "echo \$\$WORD in the environment; cat /run/secrets/sealed; $stay"
file mistaken "Network=none
Secret=other" "$stay"
file secret "Network=none
Secret=word
Secret=word,type=env,target=WORD" "cat /run/secrets/word; echo in the environment: \$\$WORD; $stay"
for name in 1000/given 1001/others everyones; do
    put "/etc/berth/users/$name.container" <<END
[Container]
Rootfs=$home/root
Network=none
Exec=/bin/sh -c 'echo up; sleep 1000'
END
done
user systemctl --user daemon-reload
require "a container with a secret starts" user systemctl --user start container@secret
check "which is the user's" wait_for 20 user_says secret '^of the user$'
check "also in the environment" wait_for 20 user_says secret '^in the environment: of the user$'
user systemctl --user stop container@secret
if [ "$SUITE" = bookworm ]; then
    check "an encrypted one fails the start" not user systemctl --user start container@sealed
    check "with what to do" wait_for 20 user_says sealed 'sealed\.container:5:8: error: the secret "sealed" is encrypted, .*; put it into .*/secrets/sealed as it is, with mode 0600'
else
    require "a container with an encrypted secret starts" user systemctl --user start container@sealed
    check "which systemd has decrypted" wait_for 20 user_says sealed '^of the user, encrypted in the environment$'
    check "also as a file" wait_for 20 user_says sealed '^of the user, encrypted'
    user systemctl --user stop container@sealed
    check "what was encrypted for another name fails the start" not user systemctl --user start container@mistaken
    check "with the reason" wait_for 20 user_says mistaken 'mistaken\.container:5:8: error: the secret "other" cannot be decrypted \(io\.systemd\.Credentials\.NameMismatch\); encrypt it anew'
fi
check "and nothing of it is left" nothing_is_left
check "a file for this user starts" user systemctl --user start container@given
check "one for all users, too" user systemctl --user start container@everyones
check "but none that is for another" not user systemctl --user start container@others
user systemctl --user stop container@given container@everyones

# --- limits that systemd passes over without a word

file limited "Network=none" "exit 0" "Type=oneshot
AllowedCPUs=0
CPUQuota="
line=$(grep -n '^AllowedCPUs' $home/.config/berth/limited.container | cut -d: -f1)
lacks="^(warning: )?$home/.config/berth/limited.container:$line:1: (warning: )?\"AllowedCPUs\" in \[Service\] has no effect: "
# A virtual machine has it, and systemd hands it to no user.
if grep -qw cpuset /sys/fs/cgroup/cgroup.controllers; then
    lacks+='the controller "cpuset" is not delegated to the user.s service manager; .*Delegate=yes'
else
    lacks+='this machine has no controller "cpuset"'
fi
user systemctl --user daemon-reload
check "a limit without its controller is told of" contains "$(user berth --user check limited)" "$lacks"
check "once, for nothing else is wrong" same 1 "$(user berth --user check limited | wc -l)"
check "it keeps nothing from starting" user systemctl --user start container@limited
check "which tells of it, too" wait_for 20 user_says limited "$lacks"

# --- what limits a pod limits all of it together, where the controllers are there

put $home/.config/berth/group.pod <<'END'
[Pod]
Network=none

[Service]
MemoryMax=96M
TasksMax=40
END
file member "Pod=group.pod" "$stay"
file hungry "Pod=group.pod
StartWithPod=no" "exec tail /dev/zero" "MemorySwapMax=0"
user systemctl --user daemon-reload
require "a pod with limits starts" user systemctl --user start container-pod@group
group=/sys/fs/cgroup$(state berth-group.slice ControlGroup)
check "its containers are below its slice" same "$(state berth-group.slice ControlGroup)/container@member.service" \
    "$(state container@member ControlGroup)"
if [ "$KIND" = qemu ]; then
    check "which has its limits" same "100663296 40" "$(cat "$group/memory.max" "$group/pids.max" | xargs)"
    user systemctl --user start container@hungry || :
    check "one that takes too much" wait_for 60 state_is container@hungry Result oom-kill
    check "leaves the others" state_is container@member ActiveState active
    user systemctl --user set-property --runtime berth-group.slice TasksMax=33
    check "set-property acts at once" same 33 "$(cat "$group/pids.max")"
    user systemctl --user revert berth-group.slice
fi
check "the pod stops" user systemctl --user stop container-pod@group
check "with all" state_is container@member ActiveState inactive
rm $home/.config/berth/group.pod $home/.config/berth/{member,hungry}.container

# --- what cannot be is refused

mkdir -m 777 /srv/others
at_end "rm -rf /srv/others"
echo A=1 >/srv/others/environment
chown nobody /srv/others/environment
file trusting "Network=none
EnvironmentFile=/srv/others/environment" "true"
ln -s $home/root /srv/others/root
chown -h nobody /srv/others/root
file misled "Network=none
Rootfs=/srv/others/root" "true"
user systemctl --user daemon-reload
check "what another user has written is refused" not user systemctl --user start container@trusting
check "with the reason" wait_for 20 user_says trusting 'error: refused, as others than root and you can change'
check "another user's symlink to what is this one's is refused" not user systemctl --user start container@misled
check "with the reason, too" wait_for 20 user_says misled 'and leads to what that user does not own'
check "by hand it is refused" not user /usr/libexec/berth-helper prepare web
refuses() { # VERB REASON
    same "berth-helper: \"$1\" is for the system's service manager: $2" "$(user /usr/libexec/berth-helper "$1" web 2>&1)"
}
check "what takes CRIU is the system's" refuses sleep "CRIU needs CAP_CHECKPOINT_RESTORE over the machine; without CheckpointOnStop= a stop ends the container"
for verb in hand-over hand-over-end; do
    check "and connections: $verb" refuses $verb "a user's lets no connection end with another service's process; without Accept=yes the container gets the socket, and accepts by itself"
done
check "and the machine's packet filter" refuses network-reload \
    "the machine's packet filter has nothing of a user's networks, whose rules are in a network namespace of their own"
check "the system's files are not the user's" not user systemctl --user start container@nowhere
