# Image= in its forms: how it is pulled, what of the image's configuration counts, and what is said when it is not there.
# guests: nspawn
# timeout: 300

R=127.0.0.1:5000
serve_registry 5000
put /etc/containers/registries.conf.d/berth-test.conf <<EOF
[[registry]]
location = "$R"
insecure = true
EOF
at_end 'rm -f /etc/containers/registries.conf.d/berth-test.conf'
copy() { skopeo copy -q --dest-tls-verify=false "$@"; }                     # FROM TO
unit_of() { printf 'container-image@%s.service' "$(systemd-escape "$1")"; } # REFERENCE

# Two layers, and a configuration that says a bit of everything.
make_rootfs /srv/base
mkdir -p /srv/upper/etc /srv/upper/srv/data
echo upper >/srv/upper/etc/layer
echo kept >/srv/upper/srv/data/file
chown -R 65534:65534 /srv/upper/srv/data
put /srv/upper/bin/show 0755 <<'EOF'
#!/bin/sh
echo "args $*; user $(id -u):$(id -g); in $(pwd); A=$A B=$B; $(cat /etc/layer)"
touch /srv/data/new && echo "volume written"
touch /etc/new 2>/dev/null && echo "root written"
trap 'echo quit; exit 0' QUIT
trap 'echo terminated; exit 0' TERM
while :; do sleep 1000 & wait; done
EOF
make_image /srv/layout:web /srv/base /srv/upper -- --config.entrypoint /bin/show --config.cmd one --config.cmd "two words" \
    --config.user nobody --config.workingdir /made/here --config.env A=1 --config.env B=2 --config.stopsignal SIGQUIT --config.volume /srv/data
copy oci:/srv/layout:web docker://$R/web:1

# --- from a registry

put /etc/berth/web.container <<EOF
[Container]
Image=$R/web:1
Environment=B=mine
EOF
systemctl daemon-reload
require "a container whose image must be pulled" systemctl start container@web
check "runs what the image says" says container@web '^args one two words; user 65534:65534; in /made/here; A=1 B=mine; upper$'
check "and may write where the image has its volume" says container@web '^volume written$'
check "not where only root may" not contains "$(journal_of container@web)" '^root written$'
check "its unit has pulled the image" contains "$(journal_of "$(unit_of $R/web:1)")" "^Pulled $R/web:1\$"
check "the machine sees no mount" same "" "$(grep -e /run/berth -e /var/lib/berth/ /proc/self/mountinfo)"
check "what is in use is on record" contains "$(cat /run/berth/bundles/web/image)" '^manifest sha256:[0-9a-f]{64}$'
check "both layers" same 2 "$(grep -c '^layer sha256:[0-9a-f]\{64\}$' /run/berth/bundles/web/image)"
check "stop" systemctl stop container@web
check "by the image's own signal" says container@web '^quit$'
check "the stop was no failure" unit_is container@web Result success
check "what was written is gone" same "" "$(container_files)"
check "nothing is left of the download" same "" "$(find /var/lib/berth/downloads -mindepth 1)"
requests=$(journal_of test-registry-5000 | wc -l)
check "a second start" systemctl start container@web
check "asks no registry" same "$requests" "$(journal_of test-registry-5000 | wc -l)"
check "nor runs a process" same no "$(unit_property "$(unit_of $R/web:1)" ConditionResult)"
systemctl stop container@web

put /etc/berth/override.container <<EOF
[Container]
Image=$R/web:1
Entrypoint=/bin/sh
Exec=-c "id -u; pwd; trap 'echo told; exit' TERM; while :; do sleep 1000 & wait; done"
User=root
WorkingDir=/etc
StopSignal=SIGTERM
EOF
put /etc/berth/deaf.container <<EOF
[Container]
Image=$R/web:1
Entrypoint=/bin/sh
Exec=-c "trap '' QUIT; echo deaf; while :; do sleep 1000; done"
StopTimeout=2
EOF
put /etc/berth/readonly.container <<EOF
[Container]
Image=$R/web:1
User=root
ReadOnly=yes
EOF
systemctl daemon-reload
check "the file's keys win" systemctl start container@override container@deaf container@readonly
check "its command and user" says container@override '^0$'
check "its directory" says container@override '^/etc$'
check "its signal" systemctl stop container@override
check "is what it gets" says container@override '^told$'
check "with a read-only root the image's volume is writable" says container@readonly '^volume written$'
check "and nothing else" not contains "$(journal_of container@readonly)" '^root written$'
systemctl stop container@readonly
check "who ignores the image's signal" says container@deaf '^deaf$'
systemctl stop container@deaf
check "is killed in time" says container@deaf 'did not stop in time when asked with signal 3 of its image'

# --- many at once

make_rootfs /srv/many
head -c 3000000 /dev/urandom >/srv/many/ballast
make_image /srv/layout:many /srv/many -- --config.cmd /bin/sleep --config.cmd 1000
copy oci:/srv/layout:many docker://$R/many:latest
units=()
for n in $(seq 20); do
    put "/etc/berth/many$n.container" <<EOF
[Container]
Image=$R/many
StopTimeout=1
EOF
    units+=("container@many$n")
done
systemctl daemon-reload
check "20 containers of one image, started together" systemctl start "${units[@]}"
check "have it pulled once" same 1 "$(journal_of "$(unit_of $R/many:latest)" | grep -c '^Pulled')"
check "and each blob fetched once" same 2 "$(fetched 5000 /v2/many/)"
check "they run" same 20 "$(systemctl is-active "${units[@]}" | grep -c '^active$')"
systemctl stop "${units[@]}"

# --- policies

put /etc/berth/never.container <<EOF
[Container]
Image=$R/web:none
Pull=never
EOF
put /etc/berth/missing.container <<EOF
[Container]
Image=$R/web:none
Retry=1
RetryDelay=100ms
EOF
systemctl daemon-reload
check "Pull=never with a missing image fails" not systemctl start container@never
check "and says what to type" says container@never \
    "never.container:2:1: error: the image \"$R/web:none\" is not there, and never to be pulled by itself; to pull it: berth pull $R/web:none\$"
check "an image that the registry has not fails the start" not systemctl start container@missing
check "and says where to look" says container@missing \
    "missing.container:2:1: error: the image \"$R/web:none\" is not there; to see why it was not pulled: journalctl -u 'container-image@"
check "where the reason is" contains "$(journal_of "$(unit_of $R/web:none)")" 'manifest unknown'
check "which no other try would change, whatever the file asks for" not contains "$(journal_of "$(unit_of $R/web:none)")" '^Trying to pull'

mkdir -p /srv/version
version() { # TEXT
    echo "echo version $1; trap 'exit 0' TERM; while :; do sleep 1000 & wait; done" >/srv/version/run
    make_image "/srv/layout:v$1" /srv/base /srv/version -- --config.entrypoint /bin/sh --config.cmd /run
    copy "oci:/srv/layout:v$1" docker://$R/moving:tag
}
# Only one at a time: the most demanding counts for all.
with_policy() { # POLICY
    rm -f /etc/berth/{always,newer}.container
    put "/etc/berth/$1.container" <<EOF
[Container]
Image=$R/moving:tag
Pull=$1
Retry=0
EOF
    systemctl daemon-reload
}
version 1
with_policy newer
check "Pull=newer pulls" systemctl start container@newer
check "the first one" says container@newer '^version 1$'
version 2
requests=$(fetched 5000 /v2/moving/)
check "again when the tag has moved" systemctl restart container@newer
check "to the other" says container@newer '^version 2$'
check "and fetches the one layer and the configuration that are new" same $((requests + 2)) "$(fetched 5000 /v2/moving/)"
systemctl stop container@newer
with_policy always
check "Pull=always" systemctl start container@always
check "has that one, too" says container@always '^version 2$'
systemctl stop test-registry-5000
systemctl stop container@always
check "without the registry it fails" not systemctl start container@always
check "and says so" says container@always 'always.container:2:1: error: the image ".*" is to be pulled always, and that has failed'
with_policy newer
check "Pull=newer does with the one that is there" systemctl start container@newer
check "which it says" contains "$(journal_of "$(unit_of $R/moving:tag)")" 'could not be looked for; the one that is there will do'
systemctl stop container@newer

# --- from files

skopeo copy -q oci:/srv/layout:v1 oci-archive:/srv/v1.tar:first
skopeo copy -q oci:/srv/layout:v2 docker-archive:/srv/v2.tar:q.io/second:2
runs() { # NAME IMAGE EXPECTED
    put "/etc/berth/$1.container" <<EOF
[Container]
Image=$2
EOF
    systemctl daemon-reload
    check "$2" systemctl start "container@$1"
    check "runs" says "container@$1" "$3"
    systemctl stop "container@$1"
}
runs layout oci:/srv/layout:v1 '^version 1$'
runs archive oci-archive:/srv/v1.tar:first '^version 1$'
runs docker docker-archive:/srv/v2.tar:q.io/second:2 '^version 2$'

# --- the web server of README.md, word for word; here is where its image is

put /etc/containers/registries.conf.d/berth-test-readme.conf <<EOF
[[registry]]
prefix = "docker.io/library"
location = "$R/library"
insecure = true
EOF
at_end 'berth stop web; rm -f /etc/containers/registries.conf.d/berth-test-readme.conf /etc/berth/web.container; systemctl daemon-reload'
systemd-run -q --unit=test-registry-5000 docker-registry serve "$TMP/registry-5000.yml"
wait_for 20 bash -c "exec 3<>/dev/tcp/127.0.0.1/5000" >/dev/null
mkdir -p /srv/www/www
echo "It works" >/srv/www/www/index.html
make_image /srv/layout:www /srv/base /srv/www -- --config.cmd /bin/httpd --config.cmd -f --config.cmd -h --config.cmd /www
copy oci:/srv/layout:www docker://$R/library/nginx:1.27
put /etc/berth/web.container <<'EOF'
[Container]
Image=docker.io/library/nginx:1.27
PublishPort=8080:80

[Install]
WantedBy=multi-user.target
EOF
check "README: it is right" berth check web
systemctl daemon-reload
check "README: it starts, and its image is fetched" berth start web
check "README: it answers" becomes 20 "It works" busybox wget -qO- http://127.0.0.1:8080/
check "README: it is started at boot" contains "$(systemctl list-dependencies --plain multi-user.target)" 'container@web\.service'
