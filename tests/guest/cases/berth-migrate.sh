# berth migrate: what a real Quadlet runs, a database with its data, a web server in front of it by name, a secret and a bridge, comes over, and goes back.
# guests: nspawn
# suites: trixie
# layer: peer
# timeout: 300

make_outside
podman_settings
at_end 'rm -rf /etc/containers/systemd/*; rm -f /etc/containers/networks/systemd-mlan.json
    berth rmi localhost/migrate:1; berth volumes rm mdata; rm -rf /var/lib/berth/migration; systemctl daemon-reload'
at_end "podman rm -fa -t 0; podman volume rm -a -f; podman secret rm mpassword; podman network prune -f; podman rmi -fa"
at_end "berth migrate --back; systemctl stop 'm*.service'"

make_rootfs "$TMP/tree"
add_programs "$TMP/tree" /usr/bin/socat
make_image "$TMP/image:1" "$TMP/tree" -- --config.env=WORD=image
skopeo copy -q "oci:$TMP/image:1" containers-storage:localhost/migrate:1
printf 'open sesame' | podman secret create mpassword - >/dev/null

# Quadlet's files; the network's subnet and the volume's name are podman's to choose.
put /etc/containers/systemd/mlan.network <<'END'
[Network]
END
put /etc/containers/systemd/mdata.volume <<'END'
[Volume]
END
put /etc/containers/systemd/mdb.container <<'END'
[Container]
Image=localhost/migrate:1
Volume=mdata.volume:/data
Network=mlan.network
Exec=/bin/sh -c 'echo "$WORD" >>/data/starts; exec socat TCP4-LISTEN:5432,fork,reuseaddr OPEN:/data/rows,rdonly'
StopTimeout=1
EnvironmentFile=mdb.env

[Service]
SuccessExitStatus=143
END
put /etc/containers/systemd/mdb.env <<<'WORD=file'
put /etc/containers/systemd/mweb.container <<'END'
[Unit]
Requires=mdb.service
After=mdb.service

[Container]
Image=localhost/migrate:1
Network=mlan.network
Secret=mpassword
PublishPort=8077:80
Exec=socat TCP4-LISTEN:80,fork,reuseaddr SYSTEM:'nc systemd-mdb 5432; cat /run/secrets/mpassword'
HealthCmd=/bin/true
HealthInterval=2s
HealthTimeout=5s
StopTimeout=1
PodmanArgs=--umask=022

[Service]
SuccessExitStatus=143

[Install]
WantedBy=multi-user.target
END
systemctl daemon-reload
answer() { outside bash -c 'ask 192.0.2.1 8077'; }
require "Quadlet's services start" systemctl start mweb.service
data=$(podman volume inspect -f '{{.Mountpoint}}' systemd-mdata)
echo 'rows of podman' >"$data/rows"
chown 70:71 "$data/rows"
setfattr -n user.kind -v table "$data/rows"
# user::rw- user:33:r-- group::r-- mask::r-- other::---
setfattr -n system.posix_acl_access -v 0x0200000001000600ffffffff020004002100000004000400ffffffff10000400ffffffff20000000ffffffff "$data/rows"
ln "$data/rows" "$data/again"
truncate -s 64M "$data/sparse"
mkdir -m 0750 "$data/empty"
touch -d '2020-02-02 02:02:02 UTC' "$data/empty"
subnet=$(podman network inspect systemd-mlan -f '{{range .Subnets}}{{.Subnet}}{{end}}')
before=$'rows of podman\nopen sesame'
require "the web server answers with what the database has" wait_for 60 answers "$before" answer
ours() { find /etc/berth -mindepth 1 -not -path '*/secrets*' | sort; }
mkdir -p /etc/berth
quadlets() { find /etc/containers/systemd -type f | sort; }
files=$(quadlets)
states() { systemctl is-active mdb.service mweb.service container@mdb container@mweb || :; }
podman_has_it() { same $'active\nactive\ninactive\ninactive' "$(states)"; }
berth_has_it() { [ "$(systemctl is-active container@mdb container@mweb)" = $'active\nactive' ] && [ -z "$(podman ps -q)" ]; }

# Only said.
out=$(berth migrate --dry-run 2>&1)
check "what is brought over" contains "$out" '^image localhost/migrate:1: from podman.s store$'
check "the volume, with its size on disk" contains "$out" '^volume mdata: from podman.s systemd-mdata, [0-9.]+K$'
check "which services" contains "$out" '^service mweb\.service: stopped for container@mweb\.service$'
check "what differs, with its place" contains "$out" '^/etc/containers/systemd/mweb\.container:8:1: note: Secret=: is a credential'
check "and what is read otherwise" contains "$out" 'mweb\.container:15:20: warning: "--umask" in "PodmanArgs" is taken as Umask=022'
check "nothing has been done" same "$files" "$(quadlets)"
check "nor here" same "" "$(ours)"
check "podman's containers run" podman_has_it

# What is in the way.
put /etc/containers/systemd/mpod.kube <<<'[Kube]'
put /etc/berth/mdb.container <<<'[Container]'
out=$(berth migrate 2>&1) || true
check "a file of another content" contains "$out" '/etc/berth/mdb\.container: error: is there already, and says something else than /etc/containers/systemd/mdb\.container'
check "a kind that is not taken" contains "$out" 'mpod\.kube: warning: stays with Quadlet: \.kube files are not supported yet'
check "it is not begun" contains "$out" 'Nothing is brought over as long as there are errors'
rm /etc/berth/mdb.container /etc/containers/systemd/mpod.kube
put /etc/containers/systemd/mshort.container <<<'[Container]'$'\n''Image=migrate:1'
check "an image built here, without its registry" contains "$(berth migrate --dry-run 2>&1)" 'mshort\.container:2:1: error: podman has this as "localhost/migrate:1": write that'
check "named alone it is the only one" not contains "$(berth migrate --dry-run /etc/containers/systemd/mshort.container 2>&1)" 'mdb|mweb'
put /etc/containers/systemd/mbuilt.build <<<'[Build]'$'\n''ImageTag=localhost/mbuilt'$'\n''File=/dev/null'
put /etc/containers/systemd/mshort.container <<<'[Container]'$'\n''Image=mbuilt.build'
check "one that Quadlet builds" contains "$(berth migrate --dry-run 2>&1)" 'mshort\.container:2:1: error: mbuilt\.build stays with Quadlet: write the image that it builds: localhost/mbuilt'
rm /etc/containers/systemd/m{short.container,built.build}
berth volumes create mdata
touch /var/lib/berth/volumes/mdata/_data/kept
check "a volume with something in it" contains "$(berth migrate 2>&1)" 'berth has a volume "mdata" with something in it already; .*: berth volumes rm mdata'
berth volumes rm mdata
sed -i 's/^Secret=mpassword/&2/' /etc/containers/systemd/mweb.container
check "a secret that nobody has" contains "$(berth migrate 2>&1)" 'mweb\.container:8:8: error: neither podman nor berth has a secret "mpassword2"'
sed -i 's/^Secret=mpassword2/Secret=mpassword/' /etc/containers/systemd/mweb.container
sed -i 's,^Exec=,Volume=./data:/more\n&,' /etc/containers/systemd/mdb.container
check "a directory beside the file" contains "$(berth migrate 2>&1)" 'mdb\.container:5:8: error: is relative to the file, .*: write /etc/containers/systemd/data'
sed -i '/more$/d' /etc/containers/systemd/mdb.container
put /etc/containers/systemd/mtmpl@.container <<'END'
[Container]
Image=localhost/migrate:1
Exec=sleep 1000
END
systemctl daemon-reload
systemctl start mtmpl@x.service
check "an instance without a file" contains "$(berth migrate 2>&1)" 'mtmpl@\.container: error: the instance "mtmpl@x" runs without a file of its own: .*: ln -s mtmpl@\.container /etc/containers/systemd/mtmpl@x\.container'
systemctl kill -s KILL mtmpl@x.service
systemctl stop mtmpl@x.service
rm /etc/containers/systemd/mtmpl@.container
systemctl daemon-reload
check "podman's containers still run" podman_has_it

# What does not become healthy goes back by itself.
cp /etc/containers/systemd/mweb.container "$TMP/mweb"
sed -i 's,^HealthCmd=.*,HealthCmd=test "$container" = podman\nHealthRetries=1,' /etc/containers/systemd/mweb.container
systemctl daemon-reload
check "one that is not healthy here" not berth migrate
check "is podman's again" podman_has_it
check "and answers" wait_for 60 answers "$before" answer
check "the files are where they were" same "$files" "$(quadlets)"
check "and none is here" same "" "$(ours)"
cp "$TMP/mweb" /etc/containers/systemd/mweb.container
systemctl daemon-reload

# Killed at any point, it can be run again, or go back.
each_has_one_name() {
    local file count
    for file in $files; do
        count=$(find "$file" "$file.migrated" 2>/dev/null | wc -l)
        [ "$count" -eq 1 ] || { echo "$file: $count"; return 1; }
    done
}
sound=
kills=$(rounds 20 60)
for ((i = 1; i <= kills; i++)); do
    timeout -s KILL "$(printf '%d.%02d' $((i * 7 % 20 / 6)) $((i * 7 % 20 % 6 * 16 + 4)))" berth migrate >"$TMP/killed" 2>&1 || true
    each_has_one_name || sound="$sound after kill $i"
    [ $((i % 7)) -ne 0 ] || check "it goes back after kill $i" berth migrate --back
    [ $((i % 7)) -ne 0 ] || check "to podman's" podman_has_it
done
check "each file had one name all the time" same "" "$sound"
require "it all comes over" berth migrate
check "podman runs nothing, berth all of it" berth_has_it
check "the data are there, by name, and the secret" wait_for 60 answers "$before" answer
check "Quadlet's files have another name" same "$(sed 's/\(container\|volume\|network\)$/&.migrated/' <<<"$files")" "$(quadlets)"
here=/var/lib/berth/volumes/mdata/_data
seen() { (cd "$1" && stat -c '%n %F %a %u:%g %h %s %Y' rows again sparse empty && getfattr -d -m - rows); }
check "owners, modes, times, attributes, ACLs and hard links" same "$(seen "$data")" "$(seen "$here")"
check "holes are holes" test "$(stat -c %b "$here/sparse")" -lt 64
check "the environment file came along" contains "$(cat "$here/starts")" '^file$'
check "the subnet is the same" contains "$(berth network --noheadings)" "^mlan +.*${subnet//./\\.}"
check "the name of Quadlet's is a name of the service" systemctl restart mweb.service
check "which it is" wait_for 30 answers "$before" answer
check "nothing is left to do" contains "$(berth migrate 2>&1)" 'There is nothing to bring over'

# What berth has, podman reads.
for format in oci docker; do
    check "an image is saved as $format's archive" berth images save --format=$format-archive -o "$TMP/$format.tar" localhost/migrate:1
    podman rmi -f localhost/migrate:1 >/dev/null
    check "podman loads it" podman load -q -i "$TMP/$format.tar"
    check "and runs it" same image "$(podman run --rm --network=none localhost/migrate:1 /bin/sh -c 'echo "$WORD"')"
done

# And back.
echo 'rows of berth' >"$here/rows"
check "what is written now" wait_for 30 answers $'rows of berth\nopen sesame' answer
require "it goes back" berth migrate --back
check "podman has it again" podman_has_it
check "with its data" wait_for 60 answers "$before" answer
check "its files have their names" same "$files" "$(quadlets)"
check "none is here" same "" "$(ours)"
check "what was written since is here" same 'rows of berth' "$(cat "$here/rows")"
check "and is not overwritten" contains "$(berth migrate 2>&1)" 'berth has a volume "mdata" with something in it already'
