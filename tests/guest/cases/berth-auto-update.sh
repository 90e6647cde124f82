# berth auto-update: a newer image is pulled and the container restarted with it, or taken back when it does not come up.
# guests: nspawn
# timeout: 200

R=127.0.0.1:5003
serve_registry 5003
put /etc/containers/registries.conf.d/berth-update.conf <<EOF
[[registry]]
location = "$R"
insecure = true
EOF
at_end 'rm -f /etc/containers/registries.conf.d/berth-update.conf'
make_rootfs /srv/base
publish() { # NUMBER COMMAND
    mkdir -p "/srv/update$1"
    echo "$2" >"/srv/update$1/start"
    make_image "/srv/update-layout:$1" /srv/base "/srv/update$1" -- --config.entrypoint /bin/sh --config.cmd /start
    skopeo copy -q --dest-tls-verify=false "oci:/srv/update-layout:$1" docker://$R/update:stable
}
put /etc/berth/fresh.container <<EOF
[Container]
Image=$R/update:stable
AutoUpdate=registry
StopTimeout=1
EOF
put /etc/berth/local.container <<EOF
[Container]
Image=$R/update:stable
AutoUpdate=local
StopTimeout=1
EOF
put /etc/berth/label.container <<EOF
[Container]
Image=$R/update:stable
Label=io.containers.autoupdate=registry
StopTimeout=1
EOF
put /etc/berth/still.container <<EOF
[Container]
Image=$R/update:stable
StopTimeout=1
EOF
systemctl daemon-reload
image_of() { sed -n 's/^manifest //p' "/run/berth/bundles/$1/image"; } # CONTAINER

publish 1 'echo one; exec sleep 1000'
require "they start" systemctl start container@fresh container@local container@label container@still
first=$(image_of fresh) pid=$(main_pid container@still)
check "nothing is newer" same "" "$(berth auto-update)"
publish 2 'echo two; exec sleep 1000'
check "list: nothing is newer" same '"newerImage": null' "$(berth list --json fresh | grep -o '"newerImage": [^,]*')"
check "a look says what would be done" contains "$(berth auto-update --dry-run)" "^container@fresh.service $R/update:stable $first -> sha256:[0-9a-f]{64}\$"
check "and does nothing" same "$first" "$(image_of fresh)"
check "the service" systemctl start berth-auto-update.service
check "restarts the container" says container@fresh '^two$'
check "also who looks at the store only" says container@local '^two$'
check "and who asks by the label that podman has for it" says container@label '^two$'
check "which it says" says berth-auto-update 'container@fresh.service runs sha256:'
check "not who has not asked for it" same "$pid" "$(main_pid container@still)"
second=$(image_of fresh)
check "to another image" not same "$first" "$second"
newer() { berth list --json "$1" | grep -Eo '"(imageDigest|newerImage)": ("[^"]*"|null)' | cut -d' ' -f2 | tr -d '"' | tr '\n' ' '; } # CONTAINER
check "list: who has not is known to have an older one" same "$first $second " "$(newer still)"
check "people are told" contains "$(berth list still)" "$R/update:stable \(newer: $(echo "$second" | cut -c8-19)\)"
check "who has is up to date" same "$second null " "$(newer fresh)"
check "what runs is root's to see" same "null null " "$(setpriv --reuid=65534 --regid=65534 --clear-groups berth --system list --json fresh |
    grep -Eo '"(imageDigest|newerImage)": ("[^"]*"|null)' | cut -d' ' -f2 | tr '\n' ' ')"
systemctl stop container@local container@label
publish 3 'echo three; exit 1'
check "an image that does not come up fails the service" not systemctl start berth-auto-update.service
check "and is taken back" says berth-auto-update "container@fresh.service does not come up with sha256:[0-9a-f]{64}, going back to $second"
check "the container runs the one before" same "$second" "$(image_of fresh)"
check "and is up" unit_is container@fresh ActiveState active
pid=$(main_pid container@fresh)
check "it is not tried again" systemctl start berth-auto-update.service
check "but left as it is" same "$pid" "$(main_pid container@fresh)"
check "prune keeps what is known of it" not contains "$(berth prune)" 'an update'
check "while a file asks for the image" test -e /var/lib/berth/auto-update/127.0.0.1:*-update:stable
publish 4 'echo four; exec sleep 1000'
check "one after that is" systemctl start berth-auto-update.service
check "taken" says container@fresh '^four$'
check "there is a timer" systemctl enable --now berth-auto-update.timer
at_end 'systemctl disable -q --now berth-auto-update.timer'
rm -f /etc/berth/*.container
check "what is known of an image that no file asks for" contains "$(berth prune --dry-run)" "^would remove the note that an update of $R/update:stable has failed\$"
check "is removed" contains "$(berth prune)" "^removed the note that an update of $R/update:stable has failed\$"
check "for good" same "" "$(ls /var/lib/berth/auto-update)"
