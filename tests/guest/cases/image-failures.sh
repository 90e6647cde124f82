# Failures of a pull that will not go away: one line says the cause and what to do, the unit's status too, and nobody tries again.
# guests: nspawn
# timeout: 200

R=127.0.0.1:5011
S=127.0.0.1:5012
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=test-ca -keyout "$TMP/ca.key" -out "$TMP/ca.crt" 2>/dev/null
openssl req -newkey rsa:2048 -nodes -subj /CN=127.0.0.1 -keyout "$TMP/registry.key" -out "$TMP/registry.csr" 2>/dev/null
openssl x509 -req -days 2 -in "$TMP/registry.csr" -CA "$TMP/ca.crt" -CAkey "$TMP/ca.key" -CAcreateserial \
    -extfile <(echo subjectAltName=IP:127.0.0.1) -out "$TMP/registry.crt" 2>/dev/null
htpasswd -Bbc "$TMP/htpasswd" someone 'pass:word' 2>/dev/null
serve_registry 5011
serve_registry 5012 "$TMP/registry.crt" "$TMP/registry.key" "$TMP/htpasswd"
put /etc/containers/registries.conf.d/berth-failures.conf <<EOF
[[registry]]
location = "$R"
insecure = true
[aliases]
"ballast" = "$R/ballast"
EOF
at_end 'rm -f /etc/containers/registries.conf.d/berth-failures.conf'
make_rootfs /srv/failing
head -c 12000000 /dev/urandom >/srv/failing/ballast
make_image /srv/failures:x /srv/failing
skopeo copy -q --dest-tls-verify=false oci:/srv/failures:x docker://$R/ballast:1

image_file() { # NAME LINE...
    { printf '[Image]\nRetry=5\nRetryDelay=1s\n'; printf '%s\n' "${@:2}"; printf '[Service]\nRestart=on-failure\nRestartSec=100ms\n'; } >"/etc/berth/$1.image"
}
# Whether the pull of the file NAME ends at once, once and for all, with that line.
fails() { # TITLE NAME EXTENDED-REGULAR-EXPRESSION
    local unit=container-image@$2.service
    check "$1" not systemctl start "$unit"
    check "$1: the reason" says "$unit" "^$3\$"
    check "$1: in the status" contains "$(systemctl status "$unit")" "Status: \"$3\"\$"
    check "$1: no other try" not contains "$(journal_of "$unit")" '^Trying to pull'
    check "$1: its exit status" unit_is "$unit" ExecMainStatus 78
    check "$1: no restart" unit_is "$unit" NRestarts 0
    check "$1: it has failed" unit_is "$unit" ActiveState failed
}

image_file absent Image=$R/absent:1
image_file tag Image=$R/ballast:none
image_file stranger Image=$S/a:1 CertDir=$TMP/certs Creds=someone:else
image_file distrusted Image=$S/a:1
image_file nobody Image=no-such-host.invalid/a:1
image_file bare Image=localhost/a:1
image_file refused Image=$R/refused:1
image_file unsigned Image=$R/unsigned:1
mkdir -p "$TMP/certs"
cp "$TMP/ca.crt" "$TMP/certs/"
systemctl daemon-reload
fails "no such image" absent "$R/absent:1: $R has no such image; look whether name and tag are right"
fails "no such tag" tag "$R/ballast:none: $R has no such image; look whether name and tag are right"
fails "a wrong password" stranger "$S/a:1: $S refuses it: either there is no such image, .* see Creds= and AuthFile= in berth.image\(5\)"
fails "an unknown certificate" distrusted "$S/a:1: the certificate of $S is not trusted; .* see CertDir= and TLSVerify= in berth.image\(5\)"

# --- what this machine's policy refuses, and a policy that cannot be read

for name in refused unsigned; do skopeo copy -q --dest-tls-verify=false oci:/srv/failures:x docker://$R/$name:1; done
policy=/etc/containers/policy.json
mkdir -p /etc/containers
[ ! -e $policy ] || cp $policy "$TMP/policy.json"
at_end "[ -e $TMP/policy.json ] && cp $TMP/policy.json $policy || rm -f $policy"
put $policy <<END2
{ "default": [ { "type": "insecureAcceptAnything" } ],
  "transports": { "docker": { "$R/refused": [ { "type": "reject" } ],
                              "$R/unsigned": [ { "type": "signedBy", "keyType": "GPGKeys", "keyPath": "/etc/hostname" } ] } } }
END2
refusal="this machine's policy refuses it; it, or who has to sign the image, is in /etc/containers/policy.json, see containers-policy.json\(5\)"
fails "an image that the policy refuses" refused "$R/refused:1: $refusal"
fails "an image that is not signed" unsigned "$R/unsigned:1: $refusal"
echo '{' >$policy
systemctl reset-failed container-image@refused
fails "a policy that is none" refused "$R/refused:1: /etc/containers/policy.json, which says whose images are trusted, is missing or no such file; see containers-policy.json\(5\)"
[ -e "$TMP/policy.json" ] && cp "$TMP/policy.json" $policy || rm -f $policy

# Its name server, which answers at once that there is none of that name, is this machine's.
fails "no registry here" bare "localhost/a:1: this machine has no registry; what podman has built here must be copied \(skopeo copy containers-storage:localhost/a:1 oci:DIRECTORY:TAG\), for Image=oci:DIRECTORY:TAG"
put "$TMP/resolver" 0755 <<'END2'
#!/usr/bin/perl
# Answers that there is no such name.
use strict;
use IO::Socket;
my $socket = IO::Socket::INET->new(LocalAddr => '127.0.0.77', LocalPort => 53, Proto => 'udp') or die $!;
while (defined $socket->recv(my $query, 512)) {
    substr($query, 2, 2) = "\x81\x83";
    substr($query, 6, 6) = "\0" x 6;
    my $length = index($query, "\0", 12) + 5 - 12;
    $socket->send(substr($query, 0, 12 + $length));
}
END2
systemd-run -q --unit=test-resolver "$TMP/resolver"
at_end 'systemctl stop test-resolver; [ ! -e /etc/resolv.conf.berth ] || mv /etc/resolv.conf.berth /etc/resolv.conf'
cp -P /etc/resolv.conf /etc/resolv.conf.berth 2>/dev/null || :
rm -f /etc/resolv.conf
echo 'nameserver 127.0.0.77' >/etc/resolv.conf
fails "no such host" nobody "no-such-host.invalid/a:1: there is no host of the name no-such-host.invalid; look whether it is right"

# --- a full disk

mkdir -p "$TMP/store"
mount -t tmpfs -o size=4m,mode=755 full "$TMP/store"
mount --bind "$TMP/store" /var/lib/berth
at_end '! grep -q " /var/lib/berth .* - tmpfs full " /proc/self/mountinfo || umount /var/lib/berth; umount "$TMP/store" 2>/dev/null'
image_file large Image=$R/ballast:1
systemctl daemon-reload
fails "a full disk" large "$R/ballast:1: no space left on device for /var/lib/berth; berth df shows what takes how much, and berth prune removes what nobody needs"
mount -o remount,size=64m "$TMP/store"
check "with more room it is pulled" systemctl start container-image@large
check "and no compressed layer is left" same "" "$(find /var/lib/berth/blobs /var/lib/berth/downloads -type f -size +1000k)"

# --- what is unpacked is not fetched again

make_rootfs /srv/failing-more
mkdir -p /srv/failing-top
echo top >/srv/failing-top/top
make_image /srv/failures:more /srv/failing /srv/failing-top
skopeo copy -q --dest-tls-verify=false oci:/srv/failures:more docker://$R/more:1
layer=$(skopeo inspect --raw --tls-verify=false docker://$R/ballast:1 | tr -d ' \n' | sed 's/.*"layers":\[{[^}]*"digest":"sha256:\([0-9a-f]*\)".*/\1/')
before=$(fetched 5011 "$layer")
check "the layer was fetched once" test "$before" -ge 1
check "another image with the same layer" berth pull $R/more:1
check "does not fetch it again" same "$before" "$(fetched 5011 "$layer")"
check "and is whole" berth fsck
check "both are there" same 2 "$(berth images --noheadings | wc -l)"
check "one goes" berth rmi $R/ballast:1
check "the other is still whole" contains "$(berth fsck)" '^1 images, 2 layers, .* 0 problems$'
check "a short name by its alias" contains "$(berth pull ballast:1 2>&1)" "^berth: warning: \"ballast:1\" is a short name, taken as \"$R/ballast:1\": that is its alias in /etc/containers/registries.conf.d/berth-failures.conf:5\$"
check "still without fetching the layer" same "$before" "$(fetched 5011 "$layer")"
berth rmi $R/ballast:1 $R/more:1 >/dev/null
check "when nobody has the layer any more" berth pull $R/ballast:1
check "it is fetched" same $((before + 1)) "$(fetched 5011 "$layer")"
umount /var/lib/berth "$TMP/store"

# --- without skopeo

mkdir -p "$TMP/bin"
for program in /usr/bin/*; do
    case ${program##*/} in skopeo) ;; *) ln -s "$program" "$TMP/bin/" ;; esac
done
out=$(PATH=$TMP/bin /usr/bin/berth pull $R/ballast:1 2>&1) && out="$out (success)"
check "without skopeo it is said what to install" same "berth: $R/ballast:1: there is no skopeo(1), which fetches images; install the package skopeo" "$out"
