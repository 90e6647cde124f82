# A SIGKILL of a pull at any point: nothing half-done is ever to be seen, and the next pull goes on.
# guests: nspawn
# timeout: 200

R=127.0.0.1:5002
serve_registry 5002
put /etc/containers/registries.conf.d/berth-kills.conf <<EOF
[[registry]]
location = "$R"
insecure = true
EOF
at_end 'rm -f /etc/containers/registries.conf.d/berth-kills.conf'
make_rootfs /srv/kills
mkdir -p /srv/kills-top/top
cp -r /usr/share/doc /srv/kills/doc # many files, to unpack for a while
head -c 8000000 /dev/urandom >/srv/kills-top/top/ballast
make_image /srv/kills-layout:x /srv/kills /srv/kills-top -- --config.cmd /bin/sleep --config.cmd 1000
skopeo copy -q --dest-tls-verify=false oci:/srv/kills-layout:x docker://$R/kills:x
unit="container-image@$(systemd-escape $R/kills:x).service"

# Whatever has its name in the store is whole: a blob is what its name says, and a reference leads to blobs that are there.
sound() {
    local file reference
    for file in /var/lib/berth/blobs/sha256/*; do
        [ -e "$file" ] || continue
        [ "$(sha256sum <"$file" | cut -c1-64)" = "${file##*/}" ] || { echo "damaged: $file"; return 1; }
    done
    for reference in /var/lib/berth/images/*kills*; do
        [ -e "$reference" ] || continue
        file=/var/lib/berth/blobs/sha256/$(grep -o '[0-9a-f]\{64\}' "$reference")
        [ -e "$file" ] || { echo "no manifest: $reference"; return 1; }
        [ "$(find /var/lib/berth/layers/sha256 -mindepth 1 -maxdepth 1 | wc -l)" -ge 2 ] || { echo "layers are missing"; return 1; }
    done
}
forget() {
    rm -rf /var/lib/berth/images/*kills* /var/lib/berth/layers/sha256/* /var/lib/berth/blobs/sha256/*
}
begin=$(date +%s%N)
check "a pull" systemctl start "$unit"
took=$((($(date +%s%N) - begin) / 1000000))
forget

hit=0
for round in $(seq "$(rounds 10 100)"); do
    systemctl start --no-block "$unit"
    sleep "$(printf '0.%03d' $((RANDOM % (took > 900 ? 900 : took))))"
    systemctl kill --signal=SIGKILL "$unit" 2>/dev/null || :
    systemctl stop "$unit" 2>/dev/null || :
    systemctl reset-failed "$unit" 2>/dev/null || :
    sound || { check "the store is sound after $round kills" sound; break; }
    if [ -n "$(find /var/lib/berth/images -name '*kills*')" ]; then
        forget
    else
        hit=$((hit + 1))
    fi
done
check "pulls were hit" test "$hit" -ge 1
check "the store is sound" sound
put /etc/berth/kills.container <<EOF
[Container]
Image=$R/kills:x
StopTimeout=1
EOF
systemctl daemon-reload
check "the next pull goes on, and the container starts" systemctl start container@kills
check "the store is sound then" sound
check "what was begun is gone" same "" "$(find /var/lib/berth/downloads -name '*kills*'; find /var/lib/berth/staging -mindepth 1)"
check "so are secrets and the like" same "" "$(find /run/berth/pull -type f -not -name '*.lock')"

# --- a full disk

systemctl stop container@kills
forget
size=$(($(df -k --output=used /var/lib/berth | tail -n 1) + 4096))
if mount -o "remount,size=${size}k" /var/lib/berth 2>/dev/null; then
    check "a full disk fails the pull" not systemctl start "$unit"
    check "and the journal says so" says "$unit" 'No space left|no space left'
    check "the store is sound all the same" sound
    mount -o remount,size=90% /var/lib/berth
    check "with space again it is pulled" systemctl start "$unit"
    check "and sound" sound
fi
