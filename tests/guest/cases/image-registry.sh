# .image files, and registries as they are outside: TLS and a password, several architectures, Docker's format, digests, many layers.
# guests: nspawn
# timeout: 300

R=127.0.0.1:5001
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=test-ca -keyout "$TMP/ca.key" -out "$TMP/ca.crt" 2>/dev/null
openssl req -newkey rsa:2048 -nodes -subj /CN=127.0.0.1 -keyout "$TMP/registry.key" -out "$TMP/registry.csr" 2>/dev/null
openssl x509 -req -days 2 -in "$TMP/registry.csr" -CA "$TMP/ca.crt" -CAkey "$TMP/ca.key" -CAcreateserial \
    -extfile <(echo subjectAltName=IP:127.0.0.1) -out "$TMP/registry.crt" 2>/dev/null
htpasswd -Bbc "$TMP/htpasswd" someone 'pass:word' 2>/dev/null
serve_registry 5001 "$TMP/registry.crt" "$TMP/registry.key" "$TMP/htpasswd"
mkdir -p /etc/berth/certs
cp "$TMP/ca.crt" /etc/berth/certs/
copy() { skopeo copy -q --dest-cert-dir=/etc/berth/certs --dest-creds=someone:pass:word "$@"; } # FROM TO

make_rootfs /srv/base
echo "echo in \$(cat /name); exec sleep 1000" >/srv/base/start
image() { # NAME
    mkdir -p "/srv/$1"
    echo "$1" >"/srv/$1/name"
    make_image "/srv/layout:$1" /srv/base "/srv/$1" -- --config.entrypoint /bin/sh --config.cmd /start
}
image plain
copy oci:/srv/layout:plain docker://$R/a/plain:1
copy oci:/srv/layout:plain docker://$R/a/plain:2
copy --format v2s2 oci:/srv/layout:plain docker://$R/a/docker:1
container() { # NAME IMAGE-LINE...
    { printf '[Container]\nStopTimeout=1\n'; printf '%s\n' "${@:2}"; } >"/etc/berth/$1.container"
}
image_file() { # NAME LINE...
    { printf '[Image]\nCertDir=/etc/berth/certs\nRetry=0\n'; printf '%s\n' "${@:2}"; } >"/etc/berth/$1.image"
}

# --- TLS, and a password

image_file good Image=$R/a/plain:1 Creds=someone:pass:word ImageTag=localhost/renamed
container good Image=good.image
container renamed Image=localhost/renamed Pull=never
image_file stranger Image=$R/a/plain:2 Creds=someone:else
container stranger Image=stranger.image
printf '[Image]\nImage=%s/a/plain:2\nRetry=0\nCreds=someone:pass:word\n' $R >/etc/berth/distrust.image
container distrust Image=distrust.image
systemctl daemon-reload
check "a registry with its own CA and a password" systemctl start container@good
check "runs the image" says container@good '^in plain$'
check "which has a second name" systemctl start container@renamed
check "for the same" says container@renamed '^in plain$'
check "a wrong password" not systemctl start container@stranger
check "is refused" says container-image@stranger 'unauthorized|authentication required'
check "which the container's message leads to" says container@stranger "stranger.container:3:1: error: .* journalctl -u 'container-image@stranger.service'"
check "an unknown CA" not systemctl start container@distrust
check "is refused, too" says container-image@distrust 'certificate signed by unknown authority'
check "no secret is left" same "" "$(find /run/berth/pull /var/lib/berth -name '*auth*')"
put "$TMP/auth.json" 0600 <<EOF
{"auths": {"$R": {"auth": "$(printf 'someone:pass:word' | base64 -w0)"}}}
EOF
echo TLSVerify=no >>/etc/berth/distrust.image
systemctl daemon-reload
check "with TLSVerify=no it will do" systemctl start container@distrust
check "and runs" says container@distrust '^in plain$'
printf '[Image]\nImage=%s/a/plain:none\nPolicy=never\n' $R >/etc/berth/never.image
container never Image=never.image
systemctl daemon-reload
check "Policy=never" not systemctl start container@never
check "asks nobody" contains "$(journal_of container-image@never)" "plain:none is not there, and its policy is never to pull it; to pull it by hand: berth pull $R/a/plain:none\$"
check "and the container says what to type" says container@never 'never to be pulled by itself; to pull it: berth pull never.image$'
systemctl stop container@distrust
image_file all Image=$R/a/plain AllTags=yes "AuthFile=$TMP/auth.json"
systemctl daemon-reload
check "all tags" systemctl start container-image@all
check "are there" same 2 "$(find /var/lib/berth/images -name '127.0.0.1:5001-a-plain:[12]' | wc -l)"

# --- by hand

check "berth pull of a file" berth pull good.image
check "does nothing when there is nothing new" contains "$(berth pull good.image)" "^$R/a/plain:1 is up to date\$"
check "berth pull of a reference" berth pull --cert-dir=/etc/berth/certs "--authfile=$TMP/auth.json" $R/a/docker:1
container docker "Image=$R/a/docker:1" Pull=never
digest=$(skopeo inspect --raw --cert-dir=/etc/berth/certs --creds=someone:pass:word docker://$R/a/docker:1 | sha256sum | cut -c1-64)
check "an image in Docker's format keeps its digest" test -e "/var/lib/berth/blobs/sha256/$digest"
check "and is one by that digest" berth pull --cert-dir=/etc/berth/certs "--authfile=$TMP/auth.json" "$R/a/docker@sha256:$digest"
container digest "Image=$R/a/docker@sha256:$digest" Pull=never
systemctl daemon-reload
check "both run" systemctl start container@docker container@digest
check "the same" says container@digest '^in plain$'
check "another digest is none of the registry's" not berth pull --cert-dir=/etc/berth/certs "--authfile=$TMP/auth.json" "$R/a/docker@sha256:$(printf %064d 0)"
check "berth spec looks into the image" contains "$(berth spec docker)" '"args": \["/bin/sh", "/start"\]'
check "and leaves nothing mounted" same "" "$(grep -e /var/lib/berth/ /proc/self/mountinfo)"

# --- several architectures

native=$(skopeo inspect oci:/srv/layout:plain | sed -n 's/.*"Architecture": "\(.*\)".*/\1/p')
image here
image there
umoci config --image /srv/layout:there --architecture other
manifest_of() { sed 's/},{/\n/g' /srv/layout/index.json | grep "\"$1\"" | grep -o 'sha256:[0-9a-f]\{64\}' | tail -n 1; } # TAG
entry() { # TAG ARCHITECTURE
    local digest
    digest=$(manifest_of "$1")
    printf '{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"%s","size":%d,"platform":{"os":"linux","architecture":"%s"}}' \
        "$digest" "$(stat -c %s "/srv/layout/blobs/sha256/${digest#sha256:}")" "$2"
}
printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[%s,%s]}' "$(entry there other)" "$(entry here "$native")" >"$TMP/index"
digest=$(sha256sum <"$TMP/index" | cut -c1-64)
cp "$TMP/index" "/srv/layout/blobs/sha256/$digest"
printf '{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.index.v1+json","digest":"sha256:%s","size":%d,"annotations":{"org.opencontainers.image.ref.name":"both"}}]}' \
    "$digest" "$(stat -c %s "$TMP/index")" >/srv/layout/index.json
copy --all oci:/srv/layout:both docker://$R/a/both:1
image_file native Image=$R/a/both:1 "AuthFile=$TMP/auth.json"
image_file other Image=$R/a/both:1 "AuthFile=$TMP/auth.json" Arch=other Policy=always
container native Image=native.image
container other Image=other.image
systemctl daemon-reload
check "an index of several architectures" systemctl start container@native
check "gives this machine's" says container@native '^in here$'
systemctl stop container@native
check "or the one that is asked for" systemctl start container@other
check "which is another" says container@other '^in there$'

# The same as Docker's own list, from the registry.
systemctl stop container@other
copy --all --format v2s2 oci:/srv/layout:both docker://$R/a/list:1
check "Docker has lists, too" contains "$(skopeo inspect --raw --cert-dir=/etc/berth/certs --creds=someone:pass:word docker://$R/a/list:1)" 'docker.distribution.manifest.list.v2'
image_file listed Image=$R/a/list:1 "AuthFile=$TMP/auth.json"
container listed Image=listed.image
systemctl daemon-reload
check "a list" systemctl start container@listed
check "gives this machine's" says container@listed '^in here$'
image_file absent Image=$R/a/both:1 "AuthFile=$TMP/auth.json" Arch=nosuch ImageTag=localhost/absent Policy=always
systemctl daemon-reload
check "an architecture that is not there" not systemctl start container-image@absent
check "is said" says container-image@absent 'nosuch'

# --- many layers

layers=(/srv/base)
for n in $(seq 69); do
    mkdir -p "/srv/many/$n"
    echo "$n" >"/srv/many/$n/layer$n"
    layers+=("/srv/many/$n")
done
make_image /srv/layout70:70 "${layers[@]}" -- --config.entrypoint /bin/sh --config.cmd -c --config.cmd 'cat /layer1 /layer69; exec sleep 1000'
container seventy Image=oci:/srv/layout70:70
systemctl daemon-reload
check "seventy layers" systemctl start container@seventy
check "are one root" says container@seventy '^69$'
