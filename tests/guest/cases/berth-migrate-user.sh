# berth migrate --user: what a user's Quadlet runs comes over with images, volumes, secrets and networks of the user's own podman, and goes back; and single files.
# guests: nspawn
# suites: trixie
# layer: peer
# timeout: 300

podman_settings
make_networked_user mona 1077
quadlets=$home/.config/containers/systemd ours=$home/.config/berth store=$home/.local/share/berth
# Quadlet's units of a user wait for it.
systemctl start network-online.target
# Without a bus for the user podman says so each time.
podman() { user podman --log-level=error "$@"; }
at_end "podman rm -fa -t 0; podman volume rm -fa; podman secret rm upassword; podman system migrate; rm -rf /run/user/1077/containers /run/user/1077/libpod"
at_end "user berth migrate --back; control stop 'u*.service'"

make_rootfs "$TMP/tree"
add_programs "$TMP/tree" /usr/bin/socat
make_image "$TMP/image:1" "$TMP/tree"
chmod -R a+rX "$TMP"
user skopeo copy -q "oci:$TMP/image:1" containers-storage:localhost/umig:1
printf 'open sesame' | podman secret create upassword - >/dev/null

put "$quadlets/ulan.network" <<<'[Network]'
put "$quadlets/udata.volume" <<<'[Volume]'
put "$quadlets/team/udb.container" <<'END'
[Container]
Image=localhost/umig:1
Volume=udata.volume:/data
Network=ulan.network
Exec=/bin/sh -c 'exec socat TCP4-LISTEN:5432,fork,reuseaddr OPEN:/data/rows,rdonly'
StopTimeout=1

[Service]
SuccessExitStatus=143
END
put "$quadlets/team/udb.container.d/user.conf" <<<'[Container]'$'\n''User=33'
put "$quadlets/uweb.container" <<'END'
[Unit]
Requires=udb.service
After=udb.service

[Container]
Image=localhost/umig:1
Network=ulan.network
Secret=upassword
PublishPort=8077:80
Exec=socat TCP4-LISTEN:80,fork,reuseaddr SYSTEM:'nc systemd-udb 5432; cat /run/secrets/upassword'
HealthCmd=/bin/true
HealthInterval=2s
HealthTimeout=5s
StopTimeout=1

[Service]
SuccessExitStatus=143

[Install]
WantedBy=default.target
END
# By its digest, which it no longer has where podman has unpacked it.
put "$quadlets/ubox.container" <<END
[Container]
Image=localhost/umig@$(podman image inspect -f '{{.Digest}}' localhost/umig:1)
Network=none
Exec=sleep 1000
StopTimeout=1

[Service]
SuccessExitStatus=143
END
chown -R mona: "$home/.config"
control daemon-reload
require "Quadlet's volume" control start udata-volume.service
data=$(podman volume inspect -f '{{.Mountpoint}}' systemd-udata)
# Of IDs that are the user's alone in a namespace.
podman unshare sh -c "echo 'rows of podman' >'$data/rows'; chown 33:44 '$data/rows'; chmod 0400 '$data/rows'; mkdir -m 0700 '$data/own'; chown 33 '$data/own'; truncate -s 64M '$data/sparse'; setfattr -n user.kind -v table '$data/rows'"
require "Quadlet's services start" control start uweb.service ubox.service
answer() { outside bash -c 'ask 192.0.2.1 8077'; }
before=$'rows of podman\nopen sesame'
require "the web server answers with what the database has" wait_for 60 answers "$before" answer
listed() { find "$@" 2>/dev/null | sort; }
quadlet_files() { listed "$quadlets" -type f; }
our_files() { listed "$ours" -mindepth 1 -not -path '*/secrets*'; }
files=$(quadlet_files)
states() { control is-active udb.service uweb.service container@udb container@uweb || :; }
podman_has_it() { same $'active\nactive\ninactive\ninactive' "$(states)"; }
berth_has_it() { same $'active\nactive' "$(control is-active container@udb container@uweb)" && same "" "$(podman ps -q)"; }

out=$(user berth migrate --user --dry-run 2>&1)
check "what is brought over" contains "$out" '^image localhost/umig:1: from podman.s store$'
check "the volume, with its size on disk" contains "$out" '^volume udata: from podman.s systemd-udata, [0-9.]+K$'
check "the secret" contains "$out" "^secret upassword: to $ours/secrets\$"
check "the subnet" contains "$out" "^file $ours/ulan.network.d/50-migrated.conf: made"
check "which services" contains "$out" '^service uweb\.service: stopped for container@uweb\.service$'
check "nothing has been done" same "$files" "$(quadlet_files)"
check "podman's containers run" podman_has_it

# One file, which needs others.
check "a file alone" contains "$(user berth migrate "$quadlets/team/udb.container" 2>&1)" 'udb\.container:3:8: error: .*udata\.volume'
check "no file at all" contains "$(user berth migrate "$quadlets/team/none.container" 2>&1)" 'Failed to look into .*none\.container: No such file'

require "a file that needs no other" user berth migrate "$quadlets/ubox.container"
box_is_ours() { same active "$(control is-active container@ubox)" && same "$quadlets/ubox.container.migrated" "$(listed "$quadlets" -name 'ubox*')"; }
check "is brought over" box_is_ours
check "and nothing else" podman_has_it
rest=$(quadlet_files)

# Killed at any point, it can be run again.
for delay in 0.3 1.2 2.1 3.0; do
    timeout -s KILL "$delay" setpriv --reuid mona --regid mona --init-groups --reset-env env XDG_RUNTIME_DIR=/run/user/1077 berth migrate >"$TMP/killed" 2>&1 || :
done
require "it all comes over" user berth migrate
check "podman runs nothing, berth all of it" berth_has_it
check "what had come before stays" box_is_ours
check "the data are there, by name, and the secret" wait_for 60 answers "$before" answer
check "Quadlet's files have another name" same "$(sed 's/\(container\|volume\|network\)$/&.migrated/' <<<"$rest" | sort)" "$(quadlet_files)"
here=$store/volumes/udata/_data
seen() { (cd "$1" && stat -c '%n %F %a %u:%g %s' rows sparse own && getfattr -d -m - rows); }
check "owners, modes and attributes" same "$(seen "$data")" "$(seen "$here")"
check "holes are holes" test "$(stat -c %b "$here/sparse")" -lt 64
# systemd decrypts for users from 256 on.
check "the secret is encrypted where that can be" same "$ours/secrets/upassword$([ "$SUITE" = bookworm ] || echo .cred)" "$(echo "$ours"/secrets/upassword*)"
check "the secret is the user's alone" same "600 700" "$(stat -c %a "$ours"/secrets/upassword* "$ours/secrets" | xargs)"
subnet=$(podman network inspect systemd-ulan -f '{{range .Subnets}}{{.Subnet}}{{end}}')
check "the subnet is the same" contains "$(user berth network --noheadings)" "^ulan +.*${subnet//./\\.}"
check "nothing is left to do" contains "$(user berth migrate 2>&1)" 'There is nothing to bring over'

# One of them goes back; then all.
require "one file goes back" user berth migrate --back "$quadlets/ubox.container"
check "it is podman's again" control is-active ubox.service
check "and not ours" not control is-active container@ubox
check "and has its name" same "$quadlets/ubox.container" "$(listed "$quadlets" -name '*.container')"
check "the rest is ours" same $'active\nactive' "$(control is-active container@udb container@uweb)"
require "all goes back" user berth migrate --back
check "podman has it again" podman_has_it
check "with its data" wait_for 60 answers "$before" answer
check "its files have their names" same "$files" "$(quadlet_files)"
check "none is here, nor a directory" same "" "$(our_files)"
