# What is seen of a pull while it goes on, and what may get in its way: a registry that is slow or down, a signature policy, encrypted layers, other compressions.
# guests: nspawn
# timeout: 240

R=127.0.0.1:5003
S=127.0.0.1:5004 # the same one, slowly
serve_registry 5003
put /etc/containers/registries.conf.d/berth-pulling.conf <<EOF
[[registry]]
location = "$R"
insecure = true
[[registry]]
location = "$S"
insecure = true
EOF
at_end 'rm -f /etc/containers/registries.conf.d/berth-pulling.conf'
copy() { skopeo copy -q --dest-tls-verify=false "$@"; }                     # FROM TO
unit_of() { printf 'container-image@%s.service' "$(systemd-escape "$1")"; } # REFERENCE

make_rootfs /srv/pulling-base
head -c 3000000 /dev/urandom >/srv/pulling-base/ballast
echo 'echo running; exec sleep 1000' >/srv/pulling-base/start
make_image /srv/pulling:x /srv/pulling-base -- --config.entrypoint /bin/sh --config.cmd /start
for name in slow fast late refused plain; do
    copy oci:/srv/pulling:x docker://$R/$name:1
done

# --- on the way

# Hands on what is said between a client and the registry, but after each 1,000,000 bytes of an answer only goes on when $TMP/go is there.
put "$TMP/slowly" 0755 <<'END'
#!/usr/bin/perl
use strict;
use IO::Socket;
use IO::Select;
my $go = shift;
my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 5004, Listen => 20, ReuseAddr => 1) or die $!;
$SIG{CHLD} = 'IGNORE';
while (my $client = $listener->accept) {
    next if fork;
    my $server = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => 5003) or die $!;
    my ($passed, $select) = (0, IO::Select->new($client, $server));
    while (my @ready = $select->can_read) {
        for my $from (@ready) {
            my $to = $from == $client ? $server : $client;
            exit if !sysread $from, my $bytes, 65536;
            $passed += length $bytes if $to == $client;
            while ($passed > 1000000 && !-e $go) { select undef, undef, undef, 0.05 }
            while (length $bytes) { substr $bytes, 0, syswrite($to, $bytes) // exit, '' }
        }
    }
    exit;
}
END
systemd-run -q --unit=test-slowly "$TMP/slowly" "$TMP/go"
at_end 'systemctl stop test-slowly'
wait_for 20 bash -c "exec 3<>/dev/tcp/127.0.0.1/5004" >/dev/null
unit=$(unit_of $S/slow:1)
systemctl start --no-block "$unit"
progress() { contains "$(systemctl status "$unit")" 'Status: "Fetching: [0-9.]+ of [0-9.]+ MiB, [1-9][0-9]?%"'; }
check "systemctl status shows how far a pull is" wait_for 60 progress
check "the unit is being started" unit_is "$unit" ActiveState activating
check "without a time limit" unit_is "$unit" TimeoutStartUSec infinity
check "berth images does not know it yet" not contains "$(berth images)" "^$S/slow:1 "
check "prune leaves it alone" not contains "$(berth prune)" "interrupted pull of $S/"
systemctl start --no-block "$unit"
check "who asks again waits for the same one" same 1 "$(systemctl list-jobs --no-legend | grep -c container-image@)"
script -qefc "berth pull $S/fast:1" "$TMP/typescript" >/dev/null 2>&1 </dev/null &
typescript=$!
drawn() { tr '\r' '\n' <"$TMP/typescript" | contains "$(cat)" 'Fetching +\[#+ *\] [0-9.]+ of [0-9.]+ MiB'; }
check "berth pull draws a bar on a terminal" wait_for 60 drawn
touch "$TMP/go"
status=0
wait "$typescript" || status=$?
check "and it ends" same 0 "$status"
check "with what was done" contains "$(tr '\r' '\n' <"$TMP/typescript")" "$S/fast:1 pulled"
check "the bar is gone then" contains "$(tr '\r' '\n' <"$TMP/typescript" | grep -B1 pulled | od -c | tr -d '\n')" '033 +\[ +K'
check "it had told of the unpacking" contains "$(tr '\r' '\n' <"$TMP/typescript")" 'Unpacking layer 1 of 1'
is_over() { unit_is "$unit" ActiveState inactive; }
check "the unit ends" wait_for 60 is_over
check "having pulled" contains "$(journal_of "$unit")" "^Pulled $S/slow:1\$"
check "without a terminal there is no bar" same "$S/fast:1 is up to date" "$(berth pull $S/fast:1 2>&1)"
out=$(script -qec "berth pull --quiet $R/fast:1" /dev/null </dev/null)
check "nor with --quiet" same "$R/fast:1 pulled" "$(tr -d '\r' <<<"$out")"

# --- a registry that is down for a while

systemctl stop test-registry-5003
put /etc/berth/late.container <<EOF
[Container]
Image=$R/late:1
Retry=200
RetryDelay=300ms
StopTimeout=1
EOF
systemctl daemon-reload
systemctl start --no-block container@late
check "a registry that is down is tried again" says "$(unit_of $R/late:1)" "^Trying to pull $R/late:1 again in 0.3 s\$"
check "the reason is said" says "$(unit_of $R/late:1)" 'connection refused'
systemd-run -q --unit=test-registry-5003 docker-registry serve "$TMP/registry-5003.yml"
running() { contains "$(journal_of container@late)" '^running$'; }
check "when it is up the container starts" wait_for 60 running
systemctl stop container@late

# --- a signature policy

at_end 'if [ -e /etc/containers/policy.json.berth ]; then mv /etc/containers/policy.json.berth /etc/containers/policy.json; else rm -f /etc/containers/policy.json; fi'
[ ! -e /etc/containers/policy.json ] || cp /etc/containers/policy.json /etc/containers/policy.json.berth
# A key's form does not matter where there is no signature.
echo key >"$TMP/key.gpg"
put /etc/containers/policy.json <<EOF
{
    "default": [{"type": "insecureAcceptAnything"}],
    "transports": {
        "docker": {
            "$R/refused": [{"type": "reject"}],
            "$R/plain": [{"type": "signedBy", "keyType": "GPGKeys", "keyPath": "$TMP/key.gpg"}]
        },
        "oci": {"/srv/pulling": [{"type": "reject"}]}
    }
}
EOF
put /etc/berth/refused.image <<EOF
[Image]
Image=$R/refused:1
Retry=0
EOF
put /etc/berth/refused.container <<EOF
[Container]
Image=refused.image
EOF
systemctl daemon-reload
check "what the policy rejects is not pulled" not systemctl start container@refused
check "its unit says why" contains "$(journal_of container-image@refused)" "rejected by policy"
check "and what" says container-image@refused "^$R/refused:1: this machine's policy refuses it; "
check "the container says where to look" says container@refused "refused.container:2:1: error: the image \"$R/refused:1\" is not there; .* journalctl -u 'container-image@refused.service'"
out=$(berth pull $R/plain:1 2>&1) && out="$out (success)"
check "an image without the signature that it needs" contains "$out" 'signature'
check "is not pulled" not contains "$out" success
out=$(berth pull oci:/srv/pulling:x 2>&1) && out="$out (success)"
check "the policy is also for files" contains "$out" 'rejected by policy'
check "which are not pulled" not contains "$out" success
check "nothing of them is in the store" not contains "$(berth images)" "$R/(refused|plain):|oci:/srv/pulling"
sed -i 's/"reject"/"insecureAcceptAnything"/' /etc/containers/policy.json
check "another policy" systemctl start container-image@refused
check "lets it in" contains "$(berth images)" "^$R/refused:1 "

# --- encrypted layers

openssl genrsa -out "$TMP/open.pem" 2048 2>/dev/null
openssl rsa -in "$TMP/open.pem" -pubout -out "$TMP/public.pem" 2>/dev/null
openssl rsa -in "$TMP/open.pem" -traditional -aes128 -passout pass:secret -out "$TMP/locked.pem" 2>/dev/null ||
    openssl rsa -in "$TMP/open.pem" -aes128 -passout pass:secret -out "$TMP/locked.pem" 2>/dev/null
make_image /srv/secret:x /srv/pulling-base -- --config.entrypoint /bin/sh --config.cmd /start
copy --encryption-key "jwe:$TMP/public.pem" oci:/srv/secret:x docker://$R/secret:1
check "the image is encrypted" contains "$(skopeo inspect --raw --tls-verify=false docker://$R/secret:1)" '\+encrypted"'
put /etc/berth/secret.image <<EOF
[Image]
Image=$R/secret:1
DecryptionKey=$TMP/open.pem
Retry=0
EOF
put /etc/berth/secret.container <<EOF
[Container]
Image=secret.image
StopTimeout=1
EOF
out=$(berth pull $R/secret:1 2>&1) && out="$out (success)"
check "without its key an image cannot be pulled" not contains "$out" success
check "which is said" contains "$out" 'encrypted|decrypt'
systemctl daemon-reload
check "with DecryptionKey= it can" systemctl start container@secret
check "and runs" says container@secret '^running$'
systemctl stop container@secret
check "what is in the store is sound" berth fsck
berth rmi $R/secret:1 >/dev/null
sed -i "s|^DecryptionKey=.*|DecryptionKey=$TMP/locked.pem:wrong|" /etc/berth/secret.image
check "a key with a wrong passphrase" not systemctl start container-image@secret
systemctl reset-failed container-image@secret
sed -i "s|:wrong|:secret|" /etc/berth/secret.image
if [ "$SUITE" = bookworm ]; then
    # Its skopeo, 1.9, takes no passphrases.
    check "skopeo 1.9 takes no passphrase" not systemctl start container-image@secret
    check "which it says" says container-image@secret 'Invalid decryption keys'
else
    check "and with the right one" systemctl start container-image@secret
    check "pulls it" contains "$(berth images)" "^$R/secret:1 "
fi
check "no passphrase is left" same "" "$(grep -rl secret /run/berth/pull 2>/dev/null)"

# --- compressions

layout() { # TAG COMPRESSOR MEDIA-TYPE-ENDING
    local layer diff config manifest blobs=/srv/packed/blobs/sha256
    mkdir -p $blobs
    tar -C /srv/pulling-base --sort=name --numeric-owner -cf "$TMP/plain.tar" .
    diff=$(sha256sum <"$TMP/plain.tar" | cut -c1-64)
    $2 <"$TMP/plain.tar" >"$TMP/packed"
    blob() { local digest; digest=$(sha256sum <"$1" | cut -c1-64); cp "$1" "$blobs/$digest"; printf '"digest":"sha256:%s","size":%d' "$digest" "$(stat -c %s "$1")"; }
    layer=$(blob "$TMP/packed")
    printf '{"architecture":"%s","os":"linux","config":{"Entrypoint":["/bin/sh","/start"]},"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' \
        "$(skopeo inspect oci:/srv/secret:x | sed -n 's/.*"Architecture": "\(.*\)".*/\1/p')" "$diff" >"$TMP/config"
    config=$(blob "$TMP/config")
    printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json",%s},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar%s",%s}]}' \
        "$config" "$3" "$layer" >"$TMP/manifest"
    manifest=$(blob "$TMP/manifest")
    echo '{"imageLayoutVersion":"1.0.0"}' >/srv/packed/oci-layout
    printf '{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json",%s,"annotations":{"org.opencontainers.image.ref.name":"%s"}}]}' "$manifest" "$1" >/srv/packed/index.json
}
digests=
for kind in plain gzip zstd; do
    case $kind in
    plain) layout plain cat "" ;;
    gzip) layout gzip "gzip -9c" +gzip ;;
    zstd) layout zstd "zstd -qc" +zstd ;;
    esac
    check "a layer that is $kind" berth pull "oci:/srv/packed:$kind"
    digests+=" $(berth images --json | tr -d ' \n' | grep -o "\"oci:/srv/packed:$kind\",\"digest\":\"[^\"]*\"" | cut -d'"' -f6)"
    printf '[Container]\nImage=oci:/srv/packed:%s\nStopTimeout=1\n' "$kind" >"/etc/berth/$kind.container"
    systemctl daemon-reload
    check "runs" systemctl start "container@$kind"
    check "it ran" says "container@$kind" '^running$'
    systemctl stop "container@$kind"
done
check "they are three images" same 3 "$(tr ' ' '\n' <<<"$digests" | grep -c sha256)"
check "of one unpacked layer" contains "$(berth images)" '^oci:/srv/packed:zstd +[0-9a-f]{12} +([0-9.]+M) +\1 +1 '
copy oci:/srv/packed:zstd docker://$R/zstd:1
check "zstd from a registry" berth pull $R/zstd:1
