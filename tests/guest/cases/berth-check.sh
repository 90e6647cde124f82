# What berth check finds on this machine: volumes that podman has, and which directories are no place for files.
# guests: nspawn
# timeout: 60

put /etc/berth/volumes.container <<'EOF'
[Container]
Rootfs=/srv/base
Exec=/bin/true
Volume=theirs:/a
Volume=quadlets.volume:/b
Volume=empty:/c
Volume=moved:/d
EOF
echo '[Volume]' >/etc/berth/quadlets.volume
theirs=/var/lib/containers/storage/volumes
at_end 'rm -rf /var/lib/containers/storage/volumes'
mkdir -p $theirs/{theirs,systemd-quadlets,empty,moved}/_data
touch $theirs/{theirs,systemd-quadlets,moved}/_data/file
mkdir -p /var/lib/berth/volumes/moved/_data
out=$(berth check volumes)
found() { # LINE THEIRS OURS
    echo "/etc/berth/volumes.container:$1:8: warning: podman has a volume of this name with data in it, which the container will not see; to bring it over: mkdir -p /var/lib/berth/volumes/$3/_data && cp -a $theirs/$2/_data/. /var/lib/berth/volumes/$3/_data"
}
check "a volume of podman's with data is told of" contains "$out" "^$(found 4 theirs theirs)\$"
check "by the name that Quadlet gives it, too" contains "$out" "^$(found 5 systemd-quadlets quadlets)\$"
check "an empty one and one that is here are not" same 2 "$(wc -l <<<"$out")"
bash -c "$(sed -n 's/.*to bring it over: //p' <<<"$out" | head -n 1)"
check "when it has been brought over nothing is said" not contains "$(berth check volumes)" 'volumes.container:4:'
check "and it is there" test -e /var/lib/berth/volumes/theirs/_data/file
for directory in bundles ids levels limits log names networks pull runtime volumes; do
    # As berth makes it, for it stays.
    [ -e "/run/berth/$directory" ] || mkdir -p -m 700 "/run/berth/$directory"
    mkdir "/run/berth/$directory/of-ours"
    printf '[Container]\nNonsense=1\n' >"/run/berth/$directory/of-ours/nonsense.container"
done
at_end 'rm -rf /run/berth/*/of-ours'
check "berth's own directories below /run/berth are no places for files" not contains "$(berth check --list)" 'nonsense'
mkdir -p /run/berth/yours
printf '[Container]\nRootfs=/srv/base\nExec=/bin/true\n' >/run/berth/yours/fine.container
check "others are" contains "$(berth check --list)" '^/run/berth/yours/fine.container$'
rm -r /run/berth/yours
