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
wait_for 20 grep -q ' 4D00007F:0035 ' /proc/net/udp >/dev/null # 127.0.0.77, port 53
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

# --- a short name that several registries may have: the first that has it

T=127.0.0.1:5013
serve_registry 5013
searched=/etc/containers/registries.conf.d/berth-searched.conf
put $searched <<EOF
unqualified-search-registries = ["$R", "$T"]
[[registry]]
location = "$T"
insecure = true
EOF
at_end "rm -f $searched"
make_rootfs /srv/searched
make_image /srv/failures:second /srv/searched
echo first >/srv/searched/which
make_image /srv/failures:first /srv/searched
skopeo copy -q --dest-tls-verify=false oci:/srv/failures:second docker://$T/twice:1
for registry in $R $T; do skopeo copy -q --dest-tls-verify=false oci:/srv/failures:first docker://$registry/both:1; done
for name in twice both nowhere; do
    printf '[Container]\nImage=%s:1\nNetwork=none\nRetry=5\nRetryDelay=1s\nExec=/bin/true\n[Service]\nType=oneshot\n' $name >/etc/berth/$name.container
done
printf '[Container]\nImage=many.image\nNetwork=none\nExec=/bin/true\n[Service]\nType=oneshot\n' >/etc/berth/many.container
printf '[Image]\nImage=twice:1\n' >/etc/berth/many.image
systemctl daemon-reload
check "a short name of two registries is one unit" contains "$(systemctl show -p Wants --value container@twice)" 'container-image@twice:1\.service'
check "of which the second has the image" systemctl start container@twice
check "that is said, in one line" says container-image@twice:1 "^\"twice:1\" is taken from $T/twice:1\$"
check "and why it is not the first" says container-image@twice:1 "^$R/twice:1: $R has no such image; "
check "it is no failure" not contains "$(journal_of container-image@twice:1)" '^(Failed|Trying)'
check "the store knows where it is from" contains "$(berth images --noheadings)" "^$T/twice:1 "
since=$(fetched 5013 .)
check "another start" systemctl start container@twice
check "pulls nothing" unit_is container-image@twice:1 ConditionResult no
check "nor does a .image file" systemctl start container@many
check "whose unit has nothing to do" unit_is container-image@many ConditionResult no
check "berth pull asks again" contains "$(berth pull twice:1 2>&1)" "^berth: \"twice:1\" is taken from $T/twice:1\$"
check "and has all of it" same "$since" "$(fetched 5013 .)"
check "where both have it" systemctl start container@both
check "the first is taken" says container-image@both:1 "^\"both:1\" is taken from $R/both:1\$"
check "where none has it" not systemctl start container@nowhere
check "the first says so" says container-image@nowhere:1 "^$R/nowhere:1: $R has no such image; look whether name and tag are right\$"
check "and the second" says container-image@nowhere:1 "^$T/nowhere:1: $T has no such image; look whether name and tag are right\$"
check "which is in the unit's status" contains "$(systemctl status container-image@nowhere:1)" "Status: \"$T/nowhere:1: $T has no such image; "
check "that is for good" unit_is container-image@nowhere:1 ExecMainStatus 78
check "and tried once" not contains "$(journal_of container-image@nowhere:1)" '^Trying to pull'
check "the container says where to look" says container@nowhere "the image \"nowhere:1\" is not there; .* journalctl -u 'container-image@nowhere:1\.service'"
check "a short name is removed" contains "$(berth rmi twice:1 2>/dev/null)" 'twice:1'
check "that one" not contains "$(berth images --noheadings)" 'twice'
echo 'short-name-mode = "enforcing"' | cat - $searched >"$TMP/searched"
cp "$TMP/searched" $searched
check "with short-name-mode=enforcing" not systemctl start container@twice
check "it is an error" says container@twice 'twice\.container:2:7: error: "twice:1" is a short name, which .* may have: short-name-mode in .* wants one to be chosen'
rm -f $searched
berth rmi $R/both:1 >/dev/null || :
