# Images and volumes of a user's containers: pulled into the user's own store, unpacked with the user's IDs, mounted by the kernel, and gone with the container
# what it wrote.
# guests: nspawn qemu@bookworm
# timeout: 240

make_user alice 1000
home=/home/alice
store=$home/.local/share/berth
first=$(sed -n 's/^alice:\([0-9]*\):.*/\1/p' /etc/subuid)
user() {
    as_user alice "$@"
}
nothing_is_left() {
    same "" "$(find /run/user/1000/berth/bundles /run/user/1000/berth/runtime $store/containers $store/staging -mindepth 1 \
        -not -path '*/runtime/.cache*' 2>/dev/null || :)"
}

# A layer with other users' files, a device and a capability, and one that takes away and hides.
make_rootfs "$TMP/base"
mkdir -p "$TMP"/base/{old,gone,srv/data} "$TMP"/upper/{old,etc}
touch "$TMP"/base/{old/hidden,gone/file,srv/data/kept} "$TMP"/upper/old/{.wh..wh..opq,new} "$TMP/upper/.wh.gone"
chown 33:44 "$TMP/base/srv/data/kept" "$TMP/base/srv/data"
mknod "$TMP/base/srv/null" c 1 3
echo 'user:x:33:44::/srv:/bin/sh' >>"$TMP/base/etc/passwd"
make_image "$home/layout:web" "$TMP/base" "$TMP/upper" -- --config.user user --config.workingdir /srv/data --config.volume /srv/data
chown -R alice: "$home/layout"

run() { # NAME KEYS SCRIPT
    put "$home/.config/berth/$1.container" <<END
[Container]
Image=oci:$home/layout:web
Network=none
Exec=/bin/sh -c "$3"
$2
[Service]
Type=oneshot
END
    chown -R alice: $home/.config
    user systemctl --user daemon-reload
    user systemctl --user start "container@$1"
}

# What pulls, and what it runs, once the user's IDs are mapped.
put $home/bin/skopeo 755 <<'END'
#!/bin/sh
grep -hE '^(NoNewPrivs|CapEff|CapBnd):' /proc/$PPID/status /proc/$$/status >~alice/powers
exec /usr/bin/skopeo "$@"
END
put $home/.config/systemd/user/container-image@.service.d/note.conf <<END
[Service]
Environment=PATH=$home/bin:/usr/bin:/bin:/usr/sbin:/sbin
END
chown -R alice: $home/bin $home/.config
require "the image is pulled for the container" run web "" "id; ls -n /srv/data; ls / /old; test -c /srv/null || echo no device; ls /gone; touch /srv/data/mine"
check "into the user's store" test -n "$(ls "$store/images")"
check "by what can gain no privileges, nor use those that it does not need" same \
    "CapBnd:000000008820001b CapEff:000000008820001b NoNewPrivs:1" "$(tr -d '\t' <$home/powers | sort -u | xargs)"
unit=container-image@$(systemd-escape "oci:$home/layout:web").service
check "and within limits" same "private 0 1073741824 256" "$(for property in KeyringMode LimitCORE MemoryMax TasksMax; do
    user systemctl --user show -P $property "$unit"; done | xargs)"
check "systemd-analyze calls that less than all" contains "$(user systemd-analyze --user security --no-pager "$unit" 2>&1)" 'verall exposure level for'
check "the image's user is who runs" wait_for 20 user_says web '^uid=33\(user\) gid=44'
check "files belong to whom the image says" user_says web ' 33 +44 .* kept$'
check "what a layer hides is hidden" not user_says web '^hidden$'
check "and what it has is there" user_says web '^new$'
check "what it takes away is gone" user_says web '/gone: No such file'
check "a device is none" user_says web '^no device$'
check "on disk they are subordinate IDs" test -n "$(find "$store/layers" -uid $((first + 32)) -gid $((first + 43)) -name kept)"
check "nothing is left" wait_for 20 nothing_is_left
check "the image is not pulled again" same "" "$(user systemctl --user start container@web 2>&1)"

put "$home/.config/berth/absent.image" <<END
[Image]
Image=localhost/absent:1
[Service]
Restart=on-failure
RestartSec=100ms
END
chown -R alice: $home/.config
user systemctl --user daemon-reload
check "one that is not there cannot be pulled" not user systemctl --user start container-image@absent
check "which is not tried again" same "78 0 failed" "$(for property in ExecMainStatus NRestarts ActiveState; do user systemctl --user show --value -p $property container-image@absent; done | xargs)"

require "root of the image is the user" run root "User=0
Volume=files:/files
Volume=files2:/srv/data" "touch /files/mine; chown 5:6 /files; ls -n /srv/data; ls -ln /"
check "a volume is made" test "$(stat -c %u:%g "$store/volumes/files/_data/mine")" = 1000:1000
check "what is given away is a subordinate ID's" same "$((first + 4)):$((first + 5))" "$(stat -c %u:%g "$store/volumes/files/_data")"
check "a new volume is filled from the image" same "$((first + 32))" "$(stat -c %u "$store/volumes/files2/_data/kept")"

mkdir -p $home/plain
chown alice: $home/plain
require "with an image" run keep "UserNS=keep-id
Volume=$home/plain:/plain" "id; ls -ln /srv /srv/data; ls -ldn /old; touch /plain/file"
check "the process is the user's, not the image's" wait_for 20 user_says keep '^uid=1000'
check "files still belong to whom the image says" user_says keep ' 33 +44 .* kept$'
check "root's to root" user_says keep ' 0 +0 .* /old$'
check "what it writes outside is the user's" same 1000:1000 "$(stat -c %u:%g $home/plain/file)"
copies=$(ls "$store/layers/sha256" | wc -l)
require "another container of the image" run keep2 "UserNS=keep-id" "ls -ldn /old"
check "uses the same copy of it" same "$copies" "$(ls "$store/layers/sha256" | wc -l)"
check "nothing is left of them" wait_for 20 nothing_is_left
check "the store can be looked at" contains "$(user berth --user images)" 'layout:web'
check "which is what who is not root sees" contains "$(user berth images)" 'layout:web'
check "while that of the machine has something else" not contains "$(user berth --system images 2>&1)" 'layout:web'
check "it is saved without root" user berth images save -o "$home/saved.tar" "oci:$home/layout:web"
mkdir -p "$TMP/saved"
tar -xf "$home/saved.tar" -C "$TMP/saved"
check "with whom its files belong to, as the image says" contains "$(for blob in "$TMP"/saved/blobs/sha256/*; do tar --numeric-owner -tvf "$blob" 2>/dev/null; done)" ' 33/44 .*kept$'
rm -r "$home/saved.tar" "$TMP/saved"
check "a container is started without another word" user berth start web
check "and listed" contains "$(user berth list)" 'web'
mkdir -p "$TMP/newer/etc"
echo newer >"$TMP/newer/etc/which"
put "$home/.config/berth/live.container" <<END
[Container]
Image=oci:$home/layout:web
AutoUpdate=local
Network=none
StopTimeout=1
Exec=/bin/sh -c "cat /etc/which; exec sleep 1000"
END
chown alice: $home/.config/berth/live.container
user systemctl --user daemon-reload
require "a container that is to be updated starts" user systemctl --user start container@live
check "nothing is to be brought to a newer image" same "" "$(user berth auto-update 2>&1)"
make_image "$home/layout2:web" "$TMP/base" "$TMP/newer"
skopeo copy -q "oci:$home/layout2:web" "oci:$home/layout:web"
chown -R alice: "$home/layout"
check "a newer one is pulled" user berth --user pull --quiet --policy=always "oci:$home/layout:web"
check "and the service brings the container to it" user systemctl --user start berth-auto-update
check "which it runs then" wait_for 20 user_says live '^newer$'
user systemctl --user stop container@live
check "and pulled into" user berth --user pull --quiet "oci:$home/layout:web"
check "what no container uses is pruned" user berth --user prune
check "which is the copy for other IDs" test "$(ls "$store/layers/sha256" | wc -l)" -lt "$copies"
check "and the image is still whole" user systemctl --user restart container@web

# --- an image of the system's

rm "$TMP/base/srv/null"
make_image "$TMP/of-system:x" "$TMP/base"
require "the system has an image" berth pull --quiet "oci:$TMP/of-system:x"
berth images tag "oci:$TMP/of-system:x" localhost/of-system:1
at_end "berth rmi localhost/of-system:1 oci:$TMP/of-system:x"
hint='the system has localhost/of-system:1, whose files are of no use to a user.s containers; root can hand it over: berth images save localhost/of-system:1 >FILE, and then, as the user: berth images load FILE$'
check "a user who wants to pull it is told how to get it" contains "$(user berth --user pull --quiet localhost/of-system:1 2>&1)" "$hint"
put $home/.config/berth/from-system.container <<<"[Container]"$'\n'"Image=localhost/of-system:1"$'\n'"Network=none"$'\n'"Exec=/bin/sh -c 'echo up; exec sleep 1000'"
chown -R alice: $home/.config
user systemctl --user daemon-reload
check "so is one whose container wants it" not user systemctl --user start container@from-system
unit="container-image@$(systemd-escape localhost/of-system:1).service"
pull_says() { journalctl --sync; contains "$(journalctl -q -b -o cat USER_UNIT="$unit" + SYSLOG_IDENTIFIER="${unit%.service}")" "$hint"; }
check "by the service that pulls" wait_for 20 pull_says
berth images save localhost/of-system:1 >$home/handed-over.tar
check "what root saves, the user loads" user berth --user images load $home/handed-over.tar
check "and it starts" user systemctl --user start container@from-system
check "and runs" wait_for 20 user_says from-system '^up$'
user systemctl --user stop container@from-system
